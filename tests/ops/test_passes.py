"""Short buffers for long passes: they come, they go, and change no number."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.ops import passes
from minigrad.ops.activation import relu
from minigrad.ops.norm import batch_norm
from minigrad.ops.passes import LARGE, MANY, SHORT, at_least, at_most, chosen, kept, long_passes
from minigrad.ops.sample_norm import group_norm, layer_norm


def test_buffers_are_short_within_and_as_before_afterwards():
    before = np.getbufsize()
    with long_passes(np.empty(LARGE)):
        assert np.getbufsize() == SHORT
        with long_passes(np.empty(LARGE)):
            assert np.getbufsize() == SHORT
        assert np.getbufsize() == SHORT
    assert np.getbufsize() == before


def test_they_are_as_before_after_an_error():
    before = np.getbufsize()
    with pytest.raises(ZeroDivisionError), long_passes(np.empty(LARGE)):
        raise ZeroDivisionError
    assert np.getbufsize() == before


def test_a_size_that_the_user_has_set_is_kept():
    before = np.setbufsize(4096)
    try:
        layer_norm(np.ones((2, LARGE)))
        assert np.getbufsize() == 4096
    finally:
        np.setbufsize(before)


def test_small_arrays_and_short_rows_are_not_worth_it():
    before = np.getbufsize()
    for shape in (LARGE - 1, (LARGE, SHORT), (LARGE, SHORT, 1), (0, LARGE)):
        with long_passes(np.empty(shape, np.int8)):
            assert np.getbufsize() == before
    with long_passes(np.empty((LARGE, SHORT + 1, 1), np.int8)):
        assert np.getbufsize() == SHORT


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("op", [batch_norm, group_norm, layer_norm], ids=lambda f: f.__name__)
def test_the_numbers_are_the_same_bits(op, dtype, monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 8, 40, 50)).astype(dtype)
    for image in (x, np.ascontiguousarray(x.transpose(2, 1, 3, 0)).transpose(3, 1, 0, 2)):
        assert image.size >= LARGE
        short = op(image)
        with monkeypatch.context() as patch:
            patch.setattr(passes, "LARGE", np.inf)
            np.testing.assert_array_equal(short, op(image))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_gradient_of_relu_is_the_same_for_large_and_small(dtype):
    rng = np.random.default_rng(1)
    x, g = rng.normal(size=(2, 70, 80)).astype(dtype)
    x[0, :3], g[1, 1] = (0, -0.0, np.nan), np.inf
    (rule,) = relu.op.rules
    y = relu(x)
    with np.errstate(invalid="ignore"):
        whole = rule(g, y, x)
        rows = np.array([rule(g[i], y[i], x[i]) for i in range(len(x))])
    assert whole.dtype == dtype
    np.testing.assert_array_equal(whole, rows)


# --- Without guesses --------------------------------------------------------------------------

SPECIAL = (0.0, -0.0, np.nan, np.inf, -np.inf, 1e-310)


def sides(dtype, shape=(60, 80)):
    """A mask, and two arrays with all kinds of numbers."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, *shape)).astype(dtype)
    with np.errstate(under="ignore"):
        a.flat[::7], b.flat[::11] = np.resize(SPECIAL, a.flat[::7].shape), np.inf
    return rng.random(shape) < 0.5, a, b


def same_bits(found, wanted):
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    assert found.tobytes() == wanted.tobytes()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_chosen_is_where(dtype):
    mask, a, b = sides(dtype)
    assert mask.size >= MANY
    same_bits(chosen(mask, a, b), np.where(mask, a, b))
    for number in (0, -0.0, 2.5, np.inf):
        same_bits(chosen(mask, a, number), np.where(mask, a, number))
        same_bits(chosen(mask, number, b), np.where(mask, number, b))
    same_bits(chosen(mask.T, a.T, b.T), np.where(mask.T, a.T, b.T))
    same_bits(chosen(mask, a, a[0, 0]), np.where(mask, a, a[0, 0]))
    wide, wider = np.repeat(a, 2, axis=1)[:, ::2], np.repeat(b, 3, axis=0)[::3]
    same_bits(chosen(mask, wide, wider), np.where(mask, a, b))


def test_chosen_leaves_to_where_what_does_not_fit():
    mask, a, b = sides(np.float32)
    for given in [
        (mask[:10, :10], a[:10, :10], b[:10, :10]),
        (mask.astype(int), a, b),
        (mask, a, b.astype(float)),
        (mask, np.arange(a.size).reshape(a.shape), mask.astype(int)),
        (mask, a, b[0]),
        (mask[:, :1] | mask, a[None], b),
        (mask, True, b),
        (mask, 1.0, 2),
        (mask, a.astype(np.longdouble), b.astype(np.longdouble)),
        (mask[0], a, b),
        (bool(mask[0, 0]), a, b),
    ]:
        with np.errstate(invalid="ignore"):
            found, wanted = chosen(*given), np.where(*given)
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)


def test_chosen_changes_nothing_and_shares_nothing():
    mask, a, b = sides(np.float32)
    before = mask.copy(), a.copy(), b.copy()
    y = chosen(mask, a, b)
    assert not any(np.shares_memory(y, x) for x in (mask, a, b))
    for x, x0 in zip((mask, a, b), before):
        np.testing.assert_array_equal(x, x0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, int])
def test_bounds_are_maximum_and_minimum(dtype):
    _, a, _ = sides(np.float32)
    x = np.nan_to_num(a, posinf=7, neginf=-7).astype(int) if dtype is int else a.astype(dtype)
    for bound in (0, -1, 2) if dtype is int else (0, 0.25, -1.5, np.inf, -np.inf):
        for values in (x, x.T, x[:, ::2], x[:3, :3], x[0, 5]):
            high, low = at_least(values, bound), at_most(values, bound)
            assert high.dtype == low.dtype == dtype
            np.testing.assert_array_equal(high, np.maximum(values, bound))
            np.testing.assert_array_equal(low, np.minimum(values, bound))


@pytest.mark.parametrize("slope", [0.01, 1.0, 0.0, 2.5, -0.3])
def test_leaky_relu_is_one_of_two_lines(slope):
    _, x, _ = sides(np.float64)
    with np.errstate(invalid="ignore"):
        found, line = F.leaky_relu(x, slope), slope * x
    np.testing.assert_array_equal(found, np.where(x > 0, x, line))


def test_kept_is_a_product():
    for n in (MANY - 1, MANY):
        x, mask = np.arange(float(n)), np.arange(n) % 3 == 0
        same_bits(kept(x, mask), x * mask)


PIECEWISE = {
    "where": lambda x, w: mg.where(x.data > 0.3, x, w),
    "clip": lambda x, _: mg.clip(x, -0.5, 0.7),
    "leaky_relu": lambda x, _: F.leaky_relu(x, 0.2),
    "elu": lambda x, _: F.elu(x, 1.5),
    "prelu": lambda x, w: F.prelu(x, w[:1]),
    "hardswish": lambda x, _: F.hardswish(3 * x),
    "hardtanh": lambda x, _: F.hardtanh(x),
    "softplus": lambda x, _: F.softplus(x, 2, 1.2),
    "huber": lambda x, w: F.huber_loss(x, w, reduction="none", delta=0.4),
    "bce": lambda x, w: F.binary_cross_entropy_with_logits(x, w, reduction="none"),
    "silu": lambda x, _: F.silu(x),
    "erf": lambda x, _: mg.erf(x),
    "gelu": lambda x, _: F.gelu(x),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", PIECEWISE)
def test_large_arrays_as_small_ones(name, dtype):
    rng = np.random.default_rng(3)
    x, w, g = rng.normal(size=(3, 2, MANY // 2)).astype(dtype)
    w[:, 0] = 0.3

    def found(x, w, g):
        x, w = mg.Tensor(x, requires_grad=True), mg.Tensor(w, requires_grad=True)
        y = PIECEWISE[name](x, w)
        y.backward(g)
        return y.data, x.grad.data

    large = found(x.ravel(), w.ravel(), g.ravel())
    small = [found(*row) for row in zip(x, w, g)]
    for whole, parts in zip(large, zip(*small)):
        assert whole.dtype == dtype
        np.testing.assert_array_equal(whole, np.concatenate(parts))
