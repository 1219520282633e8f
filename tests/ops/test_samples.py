"""Every op on every row of the table: derivatives of first, second and third order, dtype, layouts,
memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recorded_case import numbers
from recordings import recordings
from sample import (
    assert_first_derivative,
    assert_float32,
    assert_layouts,
    assert_memory,
    assert_second_derivative,
    assert_stride_0,
    cotangent,
    each,
)
from samples import SAMPLES

import minigrad as mg
from minigrad.check import gradgradcheck
from minigrad.ops import activation, embedding, erf, norm, sample_norm

by_id = each(SAMPLES)
of_float32 = each([sample for sample in SAMPLES if sample.keeps_dtype])
SQUARE = {"inv", "det", "solve", "slogdet", "logabsdet", "cholesky"}


# For every sample the value and the gradients, in PyTorch's numbers; see record_samples.py.
RECORDED = recordings(Path(__file__).with_name("recorded_samples.npz"))


def test_the_recording_is_of_these_samples():
    assert sorted(RECORDED) == sorted(sample.key for sample in SAMPLES)


@by_id
def test_as_recorded_from_pytorch(sample):
    xs = sample.tensors()
    y = sample(*xs)
    y.backward(numbers(*y.shape, seed=9))
    value, *grads = RECORDED[sample.key]
    found = [y.data, *(0 if xs[i].grad is None else xs[i].grad.data for i in sample.free)]
    for got, wanted in zip(found, (value, *grads), strict=True):
        rounding = 1e-14 * np.max(np.abs(wanted), initial=1)
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=rounding)


@by_id
def test_first_derivative(sample):
    assert_first_derivative(sample)


@each(SAMPLES, of=3)
def test_second_derivative(sample):
    assert_second_derivative(sample)


@by_id
def test_the_gradient_as_a_graph_has_the_same_numbers(sample):
    xs = sample.tensors()
    y = sample(*xs)
    u = cotangent(y)
    free = [x for x in xs if x.requires_grad]
    plain = mg.grad(y, free, u, allow_unused=True)
    recorded = mg.grad(y, free, u, create_graph=True, allow_unused=True)
    for a, b in zip(plain, recorded):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(b.data, a.data, rtol=1e-10, atol=1e-12)


@of_float32
def test_float32_stays_float32(sample):
    assert_float32(sample)


@by_id
def test_layout_of_the_inputs_does_not_matter(sample):
    assert_layouts(sample)


# A square matrix of one row seen many times is singular.
@each([s for s in SAMPLES if s.name not in SQUARE], of=4)
def test_one_row_seen_many_times_is_as_a_copy(sample):
    assert_stride_0(sample)


@by_id
def test_gradients_own_their_memory_and_rules_change_nothing(sample):
    assert_memory(sample)


@each(SAMPLES, of=2)
def test_linear_in_the_upstream_gradient(sample):
    xs = sample.tensors()
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


@each(SAMPLES, of=2)
def test_on_plain_arrays_it_is_plain_numpy(sample):
    if sample.name.startswith("getitem") or "matmul" in sample.id or sample.name in OPERATORS:
        return  # written with operators, which on arrays are NumPy itself, or with methods
    y = sample.f(*sample.inputs, **sample.params)
    assert not isinstance(y, mg.Tensor)
    np.testing.assert_array_equal(y, sample(*sample.tensors()).data)


OPERATORS = {"where", "cholesky", "power", "subtract", "divide", "pow", "clone", "view", "permute",
             "unsqueeze"}  # fmt: skip

SMOOTH = "exp log sin tanh sqrt power multiply divide sigmoid softmax mean var prod matmul".split()


@pytest.mark.parametrize(
    "sample",
    [s for s in SAMPLES if s.name in SMOOTH and sum(x.size for x in s.inputs) in range(1, 10)],
    ids=lambda s: s.id,
)
def test_third_derivative(sample):
    """The gradient of a projection of the gradient passes the second-order check."""
    f, inputs = sample.function()
    rng = np.random.default_rng(11)
    y = sample(*sample.tensors())
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
    assert ops - covered == set()
