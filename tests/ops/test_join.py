"""What is joined comes apart in one go, as the rules say that take one part at a time."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.graph import leaf
from minigrad.ops.join import joined, stacked


def agree(op, arrays, axis):
    """All shares at once, and each by its own rule."""
    y = op(*arrays, axis=axis)
    g = np.random.default_rng(0).normal(size=y.shape)
    wanted = [True] * len(arrays)
    at_once = op.op.backward(g, y, *arrays, saved=None, wanted=wanted, axis=axis)
    assert len(at_once) == len(arrays)
    for i, share in enumerate(at_once):
        np.testing.assert_array_equal(share, op.op.rules[0](i, g, y, *arrays, axis=axis))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_parts_of_any_length(axis):
    rng = np.random.default_rng(1)
    shapes = [[2, 3, 4] for _ in range(4)]
    for shape, length in zip(shapes, (2, 0, 1, 5)):
        shape[axis] = length
    agree(joined, [rng.normal(size=shape) for shape in shapes], axis)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_layers(axis):
    rng = np.random.default_rng(1)
    agree(stacked, [rng.normal(size=(2, 3)) for _ in range(4)], axis)


@pytest.mark.parametrize("op", [joined, stacked])
def test_one_array(op):
    agree(op, [np.ones((2, 3))], 0)


@pytest.mark.parametrize("op", [joined, stacked])
def test_only_what_is_wanted_gets_a_gradient(op):
    wanted, other = leaf(np.ones(2), True), leaf(np.ones(2))
    y = op(other, wanted, other, wanted, axis=0)
    g = np.arange(y._data.size, dtype=float).reshape(y._data.shape)
    y.backward(g)
    np.testing.assert_array_equal(wanted.grad.data, g.reshape(4, 2)[1] + g.reshape(4, 2)[3])
    assert other.grad is None
