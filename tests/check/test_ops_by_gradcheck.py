"""The ops of minigrad under gradcheck and gradgradcheck: right rules pass, at awkward shapes."""

from functools import partial

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.check import gradcheck, gradgradcheck
from minigrad.nn import functional as F

RNG = np.random.default_rng(1)


def normal(*shape):
    return RNG.normal(size=shape)


def positive(*shape):
    return RNG.uniform(0.3, 2, size=shape)


def unit(*shape):
    return RNG.uniform(-0.9, 0.9, size=shape)


def group(names, *inputs):
    return {name: (getattr(mg, name), inputs) for name in names.split()}


BINARY = "add subtract multiply divide hypot logaddexp maximum minimum arctan2 remainder fmod"
UNARY = """
    negative positive exp exp2 expm1 square reciprocal cbrt abs sign floor ceil round trunc
    sin cos tan arctan arcsinh sinh cosh tanh
    relu sigmoid softplus logsigmoid leaky_relu elu silu hardtanh softmax log_softmax
    sum mean var std prod max min logsumexp norm cumsum cumprod
"""
REDUCED = "sum mean var std prod max min logsumexp norm cumsum cumprod"
ROWS = np.array([0, 0, 2])
MASK = np.array([[True, False, True], [False, True, True]])

CASES = {
    **group(BINARY, normal(3, 1, 4), positive(2, 1)),
    **group(UNARY, normal(2, 3)),
    **group("log log1p log2 log10 sqrt", positive(4)),
    **group("arcsin arccos arctanh", unit(4)),
    "arccosh": (mg.arccosh, (1 + positive(3),)),
    "power": (mg.power, (positive(3, 1), normal(1, 4))),
    "clip": (lambda x: mg.clip(x, -0.5, 0.5), (normal(7),)),
    "where": (lambda a, b: mg.where(MASK, a, b), (normal(2, 3), normal(3))),
    "softplus, steep": (lambda x: mg.softplus(x, 2.0, 3.0), (3 * normal(9),)),
    **{
        f"{name}, axis": (partial(getattr(mg, name), axis=1), (normal(2, 3, 2),))
        for name in REDUCED.split()
    },
    "var, axes": (lambda x: mg.var(x, axis=(0, 2), ddof=1, keepdims=True), (normal(2, 3, 2),)),
    "std, ddof": (lambda x: mg.std(x, axis=-1, ddof=1), (normal(2, 3, 2),)),
    "norm 1": (lambda x: mg.norm(x, 1, axis=1), (normal(2, 3),)),
    "norm 3": (lambda x: mg.norm(x, 3, axis=1), (normal(2, 3),)),
    "norm inf": (lambda x: mg.norm(x, np.inf, axis=1), (normal(2, 3),)),
    "reshape": (lambda x: mg.reshape(x.T, (2, 3)), (normal(2, 3),)),
    "transpose": (lambda x: mg.transpose(x, (2, 0, 1)), (normal(2, 3, 4),)),
    "pad": (lambda x: mg.pad(x, ((1, 2), (0, 3))), (normal(2, 3),)),
    "take": (lambda x: mg.take(x, ROWS, axis=1), (normal(2, 3),)),
    "index": (lambda x: x[[0, 0, 1], 1:], (normal(2, 3),)),
    "mask": (lambda x: x[MASK], (normal(2, 3),)),
    "repeat": (lambda x: mg.repeat(x, [1, 2, 0], axis=1), (normal(2, 3),)),
    "tile": (lambda x: mg.tile(x, (2, 1, 2)), (normal(2, 3),)),
    "roll": (lambda x: mg.roll(x, 2, axis=1), (normal(2, 3),)),
    "tril": (lambda x: mg.tril(x, -1), (normal(3, 3),)),
    "diagonal": (lambda x: mg.diagonal(x, 1), (normal(3, 4),)),
    "concatenate": (lambda a, b: mg.concatenate([a, b], axis=1), (normal(2, 3), normal(2, 1))),
    "stack": (lambda a, b: mg.stack([a, b], axis=1), (normal(2, 3), normal(2, 3))),
    "split": (lambda a: tuple(mg.split(a, [1, 2], axis=1)), (normal(2, 4),)),
    "broadcast_to": (lambda a: mg.broadcast_to(a, (4, 2, 3)), (normal(2, 1),)),
    "matmul": (mg.matmul, (normal(2, 1, 3, 4), normal(5, 4, 2))),
    "matmul, vector": (mg.matmul, (normal(4), normal(5, 4, 2))),
    "linear": (mg.linear, (normal(2, 3), normal(4, 3), normal(4))),
    "tensordot": (
        lambda a, b: mg.tensordot(a, b, axes=([1, 0], [0, 2])),
        (normal(2, 3), normal(3, 4, 2)),
    ),
    "einsum": (lambda a, b: mg.einsum("ijk,jl->li", a, b), (normal(2, 3, 2), normal(3, 4))),
    "inv": (linalg.inv, (normal(2, 3, 3),)),
    "solve": (linalg.solve, (normal(3, 3), normal(3, 2))),
    "det": (linalg.det, (normal(3, 3),)),
    "slogdet": (linalg.slogdet, (normal(3, 3),)),
    "cholesky": (lambda a: linalg.cholesky(a @ a.T + np.eye(3)), (normal(3, 3),)),
    "batch_norm": (mg.batch_norm, (normal(4, 3, 2), normal(3), normal(3))),
    "batch_norm, std": (
        lambda x, g, b: mg.batch_norm(x, g, b, eps_mode="std"),
        (normal(4, 3, 2), normal(3), normal(3)),
    ),
    "layer_norm": (mg.layer_norm, (normal(4, 3), normal(3), normal(3))),
    "cross_entropy": (lambda x: mg.cross_entropy(x, np.array([0, 2, 1, 1])), (normal(4, 3),)),
    "cross_entropy, soft": (mg.cross_entropy, (normal(4, 3), positive(4, 3))),
    "conv2d": (
        lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1),
        (normal(2, 2, 5, 4), normal(3, 2, 3, 2), normal(3)),
    ),
    "max_pool2d": (lambda x: F.max_pool2d(x, 3, 2, 1), (normal(2, 2, 5, 4),)),
    "avg_pool2d": (lambda x: F.avg_pool2d(x, 2), (normal(2, 2, 5, 4),)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "options",
    [{}, {"fast_mode": True}, {"atol": 1e-6, "rtol": 1e-6}],
    ids=["full", "fast", "tolerances"],
)
def test_first_derivatives(name, options):
    func, inputs = CASES[name]
    report = gradcheck(func, inputs, **options)
    assert report.kinks == []
    assert report.worst < 1e-8


@pytest.mark.parametrize("name", CASES)
def test_second_derivatives(name):
    func, inputs = CASES[name]
    report = gradgradcheck(func, inputs)
    assert report.kinks == []
    assert report.worst < 1e-8
