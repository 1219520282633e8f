"""Short buffers for long passes: they come, they go, and change no number."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.ops import passes
from minigrad.ops.activation import relu
from minigrad.ops.norm import batch_norm
from minigrad.ops.passes import LARGE, SHORT, long_passes
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
        relu(np.ones(LARGE))
        assert np.getbufsize() == 4096
    finally:
        np.setbufsize(before)


def test_small_arrays_are_not_worth_it():
    before = np.getbufsize()
    with long_passes(np.empty(LARGE - 1)):
        assert np.getbufsize() == before


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("op", [relu, batch_norm, group_norm, layer_norm], ids=lambda f: f.__name__)
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
