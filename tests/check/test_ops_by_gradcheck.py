"""Every op of minigrad under gradcheck and gradgradcheck: right rules pass, at random points."""

from functools import partial

import numpy as np
import pytest
from library_ops import ops_of_the_library, ops_used

import minigrad as mg
from minigrad import linalg
from minigrad.check import gradcheck, gradgradcheck
from minigrad.nn import functional as F
from minigrad.ops import erf, pool, recurrent, shape

SEEDS = range(2, 10)


def normal(*shape):
    return lambda rng: rng.normal(size=shape)


def positive(*shape):
    return lambda rng: rng.uniform(0.3, 2, size=shape)


def unit(*shape):
    return lambda rng: rng.uniform(-0.9, 0.9, size=shape)


def probability(*shape):
    return lambda rng: rng.uniform(0.1, 0.9, size=shape)


def gradients_of_conv2d(x, w):
    """Both gradients, which are ops of their own."""
    y = F.conv2d(x, w)
    return mg.grad(y, [x, w], np.cos(np.arange(y.size)).reshape(y.shape), create_graph=True)


def group(names, *inputs):
    return {name: (getattr(mg, name), inputs) for name in names.split()}


BINARY = """
    add subtract multiply divide hypot logaddexp maximum minimum arctan2 remainder fmod floor_divide
"""
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
    "arccosh": (lambda x: mg.arccosh(1 + x), (positive(3),)),
    "power": (mg.power, (positive(3, 1), normal(1, 4))),
    "clip": (lambda x: mg.clip(x, -0.5, 0.5), (normal(7),)),
    "where": (lambda a, b: mg.where(MASK, a, b), (normal(2, 3), normal(3))),
    "softplus, steep": (lambda x: mg.softplus(3 * x, 2.0, 3.0), (normal(9),)),
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
    **group("ravel flatten squeeze flip triu", normal(1, 3, 2)),
    "clone": (mg.Tensor.clone, (normal(2, 3),)),
    "flatten, axes": (lambda x: mg.flatten(x, 1, 2), (normal(2, 1, 3, 2),)),
    "expand_dims": (lambda x: mg.expand_dims(x, (0, 2)), (normal(2, 3),)),
    "swapaxes": (lambda x: mg.swapaxes(x, 0, 2), (normal(2, 3, 4),)),
    "moveaxis": (lambda x: mg.moveaxis(x, 0, -1), (normal(2, 3, 4),)),
    "astype": (lambda x: mg.astype(x, np.float64), (normal(3),)),
    "transpose": (lambda x: mg.transpose(x, (2, 0, 1)), (normal(2, 3, 4),)),
    "pad": (lambda x: mg.pad(x, ((1, 2), (0, 3))), (normal(2, 3),)),
    "take": (lambda x: mg.take(x, ROWS, axis=1), (normal(2, 3),)),
    "take_along_axis": (lambda x: mg.take_along_axis(x, ROWS[:, None], 1), (normal(3, 3),)),
    "put": (lambda g: shape.put(g, ROWS, (4,)), (normal(3),)),
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
    "conv2d, groups": (
        lambda x, w: F.conv2d(x, w, dilation=(1, 2), groups=2),
        (normal(2, 4, 4, 5), normal(2, 2, 2, 2)),
    ),
    "conv2d, its gradients": (gradients_of_conv2d, (normal(1, 2, 3, 4), normal(2, 2, 2, 3))),
    "conv1d": (
        lambda x, w, b: F.conv1d(x, w, b, padding="same"),
        (normal(2, 2, 4), normal(3, 2, 2), normal(3)),
    ),
    "conv_transpose2d": (
        lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1),
        (normal(2, 2, 3, 2), normal(2, 3, 2, 3), normal(3)),
    ),
    "max_pool2d": (lambda x: F.max_pool2d(x, 3, 2, 1), (normal(2, 2, 5, 4),)),
    "avg_pool2d": (lambda x: F.avg_pool2d(x, 2), (normal(2, 2, 5, 4),)),
    "avg_pool2d, its gradient": (
        lambda g: pool.avg_pool2d_input_gradient(g, (1, 2, 5, 5), 3, 2),
        (normal(1, 2, 2, 2),),
    ),
    "max_pool1d": (lambda x: F.max_pool1d(x, 3, 1, 1), (normal(2, 2, 5),)),
    "avg_pool1d": (lambda x: pool.avg_pool1d(x, 2, padding=1), (normal(2, 2, 5),)),
    "adaptive_avg_pool2d": (lambda x: pool.adaptive_avg_pool2d(x, (3, 2)), (normal(2, 2, 5, 4),)),
    "adaptive_avg_pool2d, its gradient": (
        lambda g: pool.adaptive_avg_pool2d_input_gradient(g, (1, 2, 5, 3)),
        (normal(1, 2, 3, 2),),
    ),
    "dropout": (lambda x: F.dropout(x, 0.4, rng=0), (normal(3, 4),)),
    **group("erf erfc gelu", normal(2, 3)),
    "bell": (lambda x: erf.bell(x, 0.5), (normal(2, 3),)),
    "normal_cdf": (erf.normal_cdf, (normal(2, 3),)),
    "gelu, tanh": (lambda x: F.gelu(x, "tanh"), (normal(2, 3),)),
    "mish": (F.mish, (normal(2, 3),)),
    "hardswish": (lambda x: F.hardswish(2 * x), (normal(2, 3),)),
    "huber": (lambda x, t: F.huber_loss(x, t, delta=1.3), (normal(2, 3), normal(2, 3))),
    "bce of logits": (F.binary_cross_entropy_with_logits, (normal(2, 3), positive(2, 3))),
    "softsign": (F.softsign, (normal(2, 3),)),
    "prelu": (F.prelu, (normal(2, 3, 2), normal(3))),
    "group_norm": (
        lambda x, w, b: F.group_norm(x, 2, w, b),
        (normal(3, 4, 2), normal(4), normal(4)),
    ),
    "embedding": (lambda w: F.embedding([[0, 2], [2, 2]], w), (normal(4, 2),)),
    "binary_cross_entropy": (F.binary_cross_entropy, (probability(3, 2), probability(3, 2))),
    "rnn": (recurrent.rnn, (normal(3, 2, 4), normal(2, 4), unit(4, 4))),
    "lstm": (
        recurrent.lstm,
        (normal(2, 2, 12), normal(2, 2), normal(2, 3), unit(12, 2), unit(2, 3)),
    ),
    "gru": (recurrent.gru, (normal(3, 2, 9), normal(2, 3), unit(9, 3), normal(9))),
}


EACH = pytest.mark.parametrize("name", CASES)
OPTIONS = [{}, {"fast_mode": True}, {"atol": 1e-6, "rtol": 1e-6}]


def case(name, seed=1):
    """The function, and inputs for it."""
    func, draws = CASES[name]
    rng = np.random.default_rng(seed)
    return func, tuple(draw(rng) for draw in draws)


def no_alarm(report):
    assert report.kinks == []
    assert report.worst < 1e-8


def test_every_op_of_the_library_is_among_them():
    def work():
        for name in CASES:
            func, inputs = case(name)
            func(*(mg.Tensor(x, True) for x in inputs))

    assert {op.name for op in ops_of_the_library() - ops_used(work)} == set()


@EACH
@pytest.mark.parametrize("options", OPTIONS, ids=["full", "fast", "tolerances"])
def test_first_derivatives(name, options):
    no_alarm(gradcheck(*case(name), **options))


@EACH
def test_second_derivatives(name):
    no_alarm(gradgradcheck(*case(name)))


@pytest.mark.long
@EACH
@pytest.mark.parametrize("seed", SEEDS)
def test_at_other_points(name, seed):
    """Also near poles, where differences have fewer digits: nothing is raised, no kink seen."""
    for options in OPTIONS:
        assert gradcheck(*case(name, seed), **options).kinks == []
        assert gradgradcheck(*case(name, seed), **options).kinks == []
