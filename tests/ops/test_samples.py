"""Every op on every row of the table: derivatives of first, second and third order, dtype, layouts,
memory."""

from __future__ import annotations

import numpy as np
import pytest
from samples import SAMPLES, Sample

import minigrad as mg
from minigrad.check import gradcheck, gradgradcheck
from minigrad.ops import activation, embedding, erf, norm, sample_norm

by_id = pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.id)


def tensors(sample: Sample, arrays: tuple[np.ndarray, ...] | None = None) -> list[mg.Tensor]:
    arrays = sample.inputs if arrays is None else arrays
    return [mg.Tensor(x, i not in sample.constant) for i, x in enumerate(arrays)]


def of_free(sample: Sample):
    """The sample as a function of the inputs that get a gradient, and these inputs."""
    free = [i for i in range(len(sample.inputs)) if i not in sample.constant]

    def f(*xs):
        arguments = list(sample.inputs)
        for i, x in zip(free, xs):
            arguments[i] = x
        return sample(*arguments)

    return f, [sample.inputs[i].astype(float) for i in free]


def cotangent(y: mg.Tensor) -> np.ndarray:
    return np.random.default_rng(7).normal(size=y.shape).astype(y.dtype)


@by_id
def test_first_derivative(sample):
    f, inputs = of_free(sample)
    assert gradcheck(f, tuple(inputs), check_kinks=False, rng=1)


@by_id
def test_second_derivative(sample):
    f, inputs = of_free(sample)
    if max((x.size for x in inputs), default=0) <= 12:
        assert gradgradcheck(f, tuple(inputs), check_kinks=False, rng=1)


@by_id
def test_the_gradient_as_a_graph_has_the_same_numbers(sample):
    xs = tensors(sample)
    y = sample(*xs)
    u = cotangent(y)
    free = [x for x in xs if x.requires_grad]
    plain = mg.grad(y, free, u, allow_unused=True)
    recorded = mg.grad(y, free, u, create_graph=True, allow_unused=True)
    for a, b in zip(plain, recorded):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(b.data, a.data, rtol=1e-10, atol=1e-12)


@by_id
def test_float32_stays_float32(sample):
    if sample.params.get("dtype") is np.float64:
        return  # the op that is asked for another dtype
    arrays = tuple(x.astype(np.float32) if x.dtype == float else x for x in sample.inputs)
    xs = tensors(sample, arrays)
    y = sample(*xs)
    assert y.dtype == np.float32
    y.backward(cotangent(y))
    for x in xs:
        if x.requires_grad and x.grad is not None:
            assert x.grad.dtype == np.float32 and x.grad.shape == x.shape
    double = sample(*tensors(sample))
    np.testing.assert_allclose(y.data, double.data, rtol=2e-4, atol=2e-5)


def layouts(x: np.ndarray) -> list[np.ndarray]:
    """The same numbers in other orders in memory."""
    wide = np.repeat(x[..., None], 2, axis=-1)[..., 0] if x.ndim else x
    backwards = np.ascontiguousarray(x[::-1])[::-1] if x.ndim else x
    return [np.array(x, order="F"), wide, backwards]


@by_id
def test_layout_of_the_inputs_does_not_matter(sample):
    xs = tensors(sample)
    y = sample(*xs)
    u = cotangent(y)
    y.backward(u)
    for kind in range(3):
        others = [mg.from_numpy(layouts(x)[kind]) for x in sample.inputs]
        for i, other in enumerate(others):
            other.requires_grad = i not in sample.constant
        z = sample(*others)
        np.testing.assert_allclose(z.data, y.data, rtol=1e-12, atol=1e-14)
        z.backward(np.array(u, order="F"))
        for x, other in zip(xs, others):
            if x.requires_grad and x.grad is not None:
                np.testing.assert_allclose(other.grad.data, x.grad.data, rtol=1e-11, atol=1e-13)


@by_id
def test_gradients_own_their_memory_and_rules_change_nothing(sample):
    xs = tensors(sample)
    before = [x.data.copy() for x in xs]
    y = sample(*xs)
    value, u = y.data.copy(), cotangent(y)
    u.flags.writeable = False
    y.backward(u)
    grads = [x.grad.data for x in xs if x.requires_grad and x.grad is not None]
    for i, g in enumerate(grads):
        assert g.flags.writeable
        for other in [u, y.data, *(x.data for x in xs), *grads[:i]]:
            assert not np.shares_memory(g, other)
        g[...] = np.nan
    for x, old in zip(xs, before):
        np.testing.assert_array_equal(x.data, old)
    np.testing.assert_array_equal(y.data, value)


@by_id
def test_linear_in_the_upstream_gradient(sample):
    xs = tensors(sample)
    y = sample(*xs)
    free = [x for x in xs if x.requires_grad]
    rng = np.random.default_rng(3)
    u, v = rng.normal(size=y.shape), rng.normal(size=y.shape)
    first = mg.grad(y, free, u, allow_unused=True)
    second = mg.grad(y, free, v, allow_unused=True)
    both = mg.grad(y, free, 2 * u - 3 * v, allow_unused=True)
    for a, b, c in zip(first, second, both):
        if a is not None:
            np.testing.assert_allclose(c.data, 2 * a.data - 3 * b.data, rtol=1e-9, atol=1e-11)


@by_id
def test_on_plain_arrays_it_is_plain_numpy(sample):
    if sample.name.startswith("getitem") or "matmul" in sample.id or sample.name in OPERATORS:
        return  # written with operators: on arrays these are NumPy itself
    y = sample.f(*sample.inputs, **sample.params)
    assert not isinstance(y, mg.Tensor)
    np.testing.assert_array_equal(y, sample(*tensors(sample)).data)


OPERATORS = {"where", "cholesky", "power", "subtract", "divide"}

SMOOTH = "exp log sin tanh sqrt power multiply divide sigmoid softmax mean var prod matmul".split()


@pytest.mark.parametrize(
    "sample",
    [s for s in SAMPLES if s.name in SMOOTH and sum(x.size for x in s.inputs) in range(1, 10)],
    ids=lambda s: s.id,
)
def test_third_derivative(sample):
    """The gradient of a projection of the gradient passes the second-order check."""
    f, inputs = of_free(sample)
    rng = np.random.default_rng(11)
    y = sample(*tensors(sample))
    u = mg.Tensor(rng.normal(size=y.shape))
    directions = [rng.normal(size=x.shape) for x in inputs]

    def slope(*xs):
        y = f(*xs)
        if not y.requires_grad:
            return mg.Tensor(0.0) * sum(x.sum() for x in xs)
        gs = mg.grad(y, list(xs), u, create_graph=True, allow_unused=True)
        return sum(
            ((g * v).sum() for g, v in zip(gs, directions) if g is not None), 0 * xs[0].sum()
        )

    assert gradgradcheck(slope, tuple(inputs), check_kinks=False, rng=1)


def test_every_op_has_rows():
    """Functions with a derivative, public or of layers, that are missing from the table."""
    covered = {sample.name for sample in SAMPLES}
    homes = (mg, activation, embedding, erf, norm, sample_norm)
    ops = {
        f.op.name
        for home in homes
        for f in vars(home).values()
        if callable(f) and hasattr(f, "wrt")
    }
    assert ops - covered - ELSEWHERE == set()


# Held in test_conv.py and test_pool.py, with a grid of parameters.
ELSEWHERE = {"conv1d", "conv2d", "conv_transpose2d", "max_pool1d", "max_pool2d", "avg_pool1d",
             "avg_pool2d", "adaptive_avg_pool2d"}  # fmt: skip
