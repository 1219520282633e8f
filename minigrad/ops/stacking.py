"""NumPy's further ways to put arrays side by side, composed of those in shape.py and join.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.graph import Node
from minigrad.ops.complaints import clash, worded
from minigrad.ops.join import concatenate, listed
from minigrad.ops.shape import absolute, broadcast_to, expand_dims, getitem, reshape


def atleast_1d(*arrays: Any) -> Any:
    """x with at least one axis: a number becomes (1,). Several arrays give a tuple."""
    return with_axes(np.atleast_1d, arrays)


def atleast_2d(*arrays: Any) -> Any:
    """x with at least two axes: (n,) becomes (1, n). Several arrays give a tuple."""
    return with_axes(np.atleast_2d, arrays)


def atleast_3d(*arrays: Any) -> Any:
    """x with at least three axes: (n,) becomes (1, n, 1), (m, n) becomes (m, n, 1)."""
    return with_axes(np.atleast_3d, arrays)


def with_axes(function: Callable[..., Any], arrays: Sequence[Any]) -> Any:
    """The arrays in the shapes that NumPy's function gives to arrays of their shapes."""
    found = tuple(reshape(x, function(np.broadcast_to(0, np.shape(x))).shape) for x in arrays)
    return found[0] if len(found) == 1 else found


def broadcast_arrays(*arrays: Any) -> tuple[Any, ...]:
    """All arrays in the shape to which they broadcast.

    Errors: a ValueError if there is none.
    """
    shapes = [np.shape(x) for x in arrays]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(f"broadcast_arrays: {clash(shapes)}") from None
    return tuple(
        broadcast_to(x, shape) if isinstance(x, Node) else np.broadcast_to(x, shape) for x in arrays
    )


def vstack(tup: Sequence[Any]) -> Any:
    """The arrays one below the other; (n,) counts as a row (1, n)."""
    return concatenate([atleast_2d(x) for x in listed("vstack", tup)], axis=0)


def hstack(tup: Sequence[Any]) -> Any:
    """The arrays one beside the other: along axis 1, or along axis 0 where there is only that."""
    arrays = [atleast_1d(x) for x in listed("hstack", tup)]
    return concatenate(arrays, axis=0 if arrays[0].ndim == 1 else 1)


def dstack(tup: Sequence[Any]) -> Any:
    """The arrays one behind the other, along the third axis."""
    return concatenate([atleast_3d(x) for x in listed("dstack", tup)], axis=2)


def column_stack(tup: Sequence[Any]) -> Any:
    """The arrays one beside the other; (n,) counts as a column (n, 1)."""
    arrays = [atleast_1d(x) for x in listed("column_stack", tup)]
    return concatenate([expand_dims(x, 1) if x.ndim == 1 else x for x in arrays], axis=1)


@worded
def diff(x: Any, n: int = 1, axis: int = -1) -> Any:
    """yᵢ = xᵢ₊₁ − xᵢ along an axis, n times over; n entries fewer.

    Errors: a ValueError if n is negative or x has no axis.
    """
    if n < 0:
        raise ValueError(f"diff: n is {n}, wanted a whole number of at least 0")
    if not np.ndim(x):
        raise ValueError("diff: x is a single number, wanted at least one axis")
    before = (slice(None),) * absolute(axis, np.ndim(x))[0]
    for _ in range(n):
        x = getitem(x, (*before, slice(1, None))) - getitem(x, (*before, slice(None, -1)))
    return x
