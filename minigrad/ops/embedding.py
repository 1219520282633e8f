"""Embedding: one row of a table for each index. Its gradient goes to the rows that were taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops.primitive import primitive
from minigrad.ops.shape import put


@primitive(symbol="embedding")
def embedding(
    weight: Any, /, indices: Any, padding_idx: int | None = None, scale_grad_by_freq: bool = False
) -> Any:
    """y = W[i] for every index i: a row of the table

    weight W (V, D), indices (…) whole numbers in 0 … V − 1 → (…, D). No gradient goes to the row
    padding_idx; scale_grad_by_freq divides that of a row by how often it was taken.
    Errors: an IndexError for an index without a row, a TypeError for what is no whole number.

    >>> embedding(np.array([[0.0, 0.0], [1.0, 2.0]]), [1, 1, 0]).tolist()
    [[1.0, 2.0], [1.0, 2.0], [0.0, 0.0]]
    """
    check_table(weight)
    return np.take(weight, checked(indices, len(weight)), axis=0)


def check_table(weight: Any) -> None:
    """Raise ValueError for what has no rows."""
    if weight.ndim != 2:
        raise ValueError(
            f"embedding: the weight must be a table (rows, features), it has shape {weight.shape}"
        )


def checked(indices: Any, rows: int) -> Array:
    """Indices as an array, if each is the number of a row."""
    indices = np.asarray(indices)
    if indices.dtype.kind not in "iu" and indices.size:
        raise TypeError(f"embedding: indices must be integers, got {indices.dtype}")
    outside = indices[(indices < 0) | (indices >= rows)]
    if outside.size:
        raise IndexError(
            f"embedding: there is no row {outside[0]}: the table has {rows}, numbered from 0"
        )
    return indices.astype(np.intp, copy=False)


@embedding.wrt("weight")
def embedding_dw(
    g: Any,
    _y: Any,
    _weight: Any,  # of its shape, not of its numbers: max_norm may change them later
    *,
    indices: Any,
    padding_idx: int | None = None,
    scale_grad_by_freq: bool = False,
) -> Any:
    """∂L/∂W: each row gets the sum of g over the places where it stands in y."""
    rows = len(_weight)
    indices = checked(indices, rows)
    counts = np.ones(rows, g.dtype)
    if scale_grad_by_freq:
        counts /= np.maximum(np.bincount(indices.reshape(-1), minlength=rows), 1)
    if padding_idx is not None:
        counts[padding_idx] = 0
    if padding_idx is not None or scale_grad_by_freq:
        g = g * counts[indices][..., None]
    return put(g, indices, _weight.shape)
