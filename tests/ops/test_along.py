"""The largest, the sum and the product along an axis: what NumPy finds, in every layout."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.ops.along import inner, largest, total

CASES = [
    (shape, axis)
    for shape in [(7,), (1, 1), (5, 33), (6, 4, 9), (2, 3, 4, 130), (3, 1), (90, 4, 25)]
    for axis in range(-len(shape), len(shape))
]
DTYPES = [np.float16, np.float32, np.float64]


def layouts(x: np.ndarray) -> list[np.ndarray]:
    """The same numbers, lying in memory in different ways."""
    gaps = np.repeat(x, 2, axis=-1)[..., ::2]
    return [x, np.asfortranarray(x), gaps, x[..., ::-1].copy()[..., ::-1]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "axis"), CASES)
def test_they_are_what_numpy_finds(shape, axis, dtype):
    x, y = np.random.default_rng(0).normal(size=(2, *shape)).astype(dtype)
    along, eps = {"axis": axis, "keepdims": True}, float(np.finfo(dtype).eps)
    exact, products = x.astype(float), x.astype(float) * y
    for values, others in zip(layouts(x), layouts(y)):
        high = largest(values, axis)
        assert high.dtype == dtype
        np.testing.assert_array_equal(high, np.max(exact, **along))
        for found, terms in ((total(values, axis), exact), (inner(values, others, axis), products)):
            wanted, size = np.sum(terms, **along), np.sum(np.abs(terms), **along)
            assert (found.dtype, found.shape) == (dtype, wanted.shape)
            assert np.all(np.abs(found - wanted) <= 2 * eps * size)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_not_finite_stays_in_its_row(dtype):
    x = np.ones((5, 6), dtype)
    x[1, 2], x[2, 3], x[3, 4], x[4, :] = np.nan, np.inf, -np.inf, -np.inf
    np.testing.assert_array_equal(largest(x, -1)[:, 0], [1, np.nan, np.inf, 1, -np.inf])
    np.testing.assert_array_equal(total(x, -1)[:, 0], [6, np.nan, np.inf, -np.inf, -np.inf])
    np.testing.assert_array_equal(inner(x, x, -1)[:, 0], [6, np.nan, np.inf, np.inf, np.inf])


def test_the_first_axis_of_one_is_no_row():
    x = np.array([3.0, 1.0])
    assert largest(x, 0).tolist() == [3] and total(x, -1).tolist() == [4]
    assert largest(np.array([[1, 5, 2]]), 1).tolist() == [[5]]


def test_of_nodes_they_are_nodes():
    x = mg.Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    y = inner(x, x, -1) + total(x, -1)
    y.backward(np.array([[1.0], [2.0]]))
    np.testing.assert_array_equal(x.grad.data, [[1, 3, 5], [14, 18, 22]])


def test_nothing_is_changed_or_shared():
    x = np.random.default_rng(0).normal(size=(4, 5))
    before = x.copy()
    found = largest(x, -1), total(x, -1), inner(x, x, -1)
    np.testing.assert_array_equal(x, before)
    assert not any(np.shares_memory(x, y) for y in found)
