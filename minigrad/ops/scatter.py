"""Entries put in places that may be named several times, where they add up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.graph import Array


def zeros_plus(g: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """Zeros of this shape, to which g is added at index.

    Where entries may be named twice they are numbered first: for single entries NumPy adds up
    several times as fast as for rows.
    """
    y = np.zeros(shape, np.result_type(g))
    if not repeats_possible(index):
        y[index] = g
    elif (places := numbered(index, y.shape)) is not None:
        np.add.at(y.reshape(-1), places.reshape(-1), np.reshape(g, -1))
    else:
        np.add.at(y, index, g)
    return y


def repeats_possible(index: Any) -> bool:
    """Whether an index may name one entry twice: only arrays of integers can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(np.ndim(i) > 0 and np.asarray(i).dtype.kind in "iu" for i in parts if i is not None)


def numbered(index: Any, shape: tuple[int, ...]) -> Array | None:
    """The numbers, in reading order, of the entries at an index of integers only; else None."""
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [np.asarray(part) for part in parts]
    if any(array.dtype.kind not in "iu" for array in arrays):
        return None
    axes, rest = shape[: len(arrays)], math.prod(shape[len(arrays) :])
    rows = np.ravel_multi_index(tuple(np.broadcast_arrays(*arrays)), axes, mode="wrap")
    return np.add.outer(rows * rest, np.arange(rest))
