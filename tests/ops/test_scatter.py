"""Entries put in places that may be named several times: as NumPy's add.at, only faster."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.ops.scatter import numbered, zeros_plus

SHAPE = (5, 3, 4)
INDICES = {
    "rows": np.array([0, 3, 3, 1]),
    "negative rows": np.array([-1, 4, -5, 0]),
    "a table of rows": np.array([[0, 3], [3, 3]]),
    "unsigned": np.array([2, 2], np.uint8),
    "a list": [1, 1, 0],
    "two axes": ([0, 0, 4], [2, 2, -1]),
    "all axes": ([0, 0], [2, 2], [-1, 3]),
    "a number and an array": (2, [1, 1]),
    "a grid": np.ix_([0, 4, 0], [1, 1]),
    "after a slice": (slice(None), [1, 1, 0]),
    "between slices": (slice(1, 3), [0, 0], slice(2)),
    "after dots": (..., [3, 3]),
    "a new axis": ([1, 1], None),
    "a mask": np.arange(5) % 2 == 0,
    "a mask and an array": (np.arange(5) < 2, [0, 0]),
    "one row": 2,
    "a slice": slice(1, 4, 2),
    "nothing": np.zeros(0, int),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_as_numpy_adds(index, dtype):
    g = np.random.default_rng(0).normal(size=np.zeros(SHAPE)[index].shape).astype(dtype)
    wanted = np.zeros(SHAPE, dtype)
    np.add.at(wanted, index, g)
    found = zeros_plus(g, index, SHAPE)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    np.testing.assert_array_equal(zeros_plus(np.asfortranarray(g), index, SHAPE), found)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0,)])
def test_empty(shape):
    index = np.zeros(0, int)
    assert zeros_plus(np.zeros((0, *shape[1:])), index, shape).shape == shape


def test_entries_are_numbered_in_reading_order():
    places = np.arange(60).reshape(SHAPE)
    for name in (
        "rows",
        "negative rows",
        "two axes",
        "all axes",
        "a grid",
        "a number and an array",
    ):
        index = INDICES[name]
        np.testing.assert_array_equal(numbered(index, SHAPE).reshape(-1), places[index].reshape(-1))
    for name in ("after a slice", "after dots", "a mask", "a new axis"):
        assert numbered(INDICES[name], SHAPE) is None


@pytest.mark.parametrize(("shape", "indices", "wanted"), [
    ((2, 2), [[0]], [[1, 0], [1, 0]]),
    ((1, 2), [[0], [1], [1]], [[1, 2]]),
])  # fmt: skip
def test_take_along_axis_where_one_has_length_1(shape, indices, wanted):
    x = mg.Tensor(np.ones(shape), requires_grad=True)
    mg.take_along_axis(x, np.array(indices), 1).sum().backward()
    assert x.grad.tolist() == wanted
