"""Several arrays as one, and one as several: what is joined is split on the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.graph import Node
from minigrad.ops.complaints import worded
from minigrad.ops.primitive import primitive
from minigrad.ops.shape import absolute, getitem, reshape


@primitive(symbol="join")
def joined(*arrays: Any, axis: int) -> Any:
    """y = the arrays one after the other along axis"""
    return np.concatenate(arrays, axis)


@joined.wrt("arrays")
def joined_dx(i: int, g: Any, y: Any, *arrays: Any, axis: int) -> Any:
    """Each array gets back its own part of g."""
    axis = absolute(axis, len(g.shape))[0]
    start = sum(x.shape[axis] for x in arrays[:i])
    return g[(slice(None),) * axis + (slice(start, start + arrays[i].shape[axis]),)]


@joined.fast
def joined_backward(g: Any, y: Any, *arrays: Any, saved: None, wanted: Any, axis: int) -> list[Any]:
    """All parts in one go: a rule that counts what lies before each part takes n²/2 additions."""
    axis = absolute(axis, g.ndim)[0]
    return np.split(g, np.cumsum([x.shape[axis] for x in arrays[:-1]]), axis)


@primitive(symbol="stack")
def stacked(*arrays: Any, axis: int) -> Any:
    """y = the arrays side by side along a new axis"""
    return np.stack(arrays, axis)


@stacked.wrt("arrays")
def stacked_dx(i: int, g: Any, y: Any, *arrays: Any, axis: int) -> Any:
    """Each array gets back its own layer of g."""
    return g[(slice(None),) * absolute(axis, len(g.shape))[0] + (i,)]


@stacked.fast
def stacked_backward(g: Any, y: Any, *arrays: Any, saved: None, wanted: Any, axis: int) -> Any:
    """All layers in one go: a rule is handed all n arrays, n times."""
    return np.moveaxis(g, axis, 0)


@worded
def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """The arrays one after the other along axis; all in one row for axis None.

    Errors: a ValueError if there are none, or if they differ along another axis.
    """
    arrays = listed("concatenate", arrays, axis)
    if axis is None:
        return joined(*(reshape(x, -1) for x in arrays), axis=0)
    shapes = [np.shape(x) for x in arrays]
    for i, shape in enumerate(shapes):
        if len(shape) != len(shapes[0]) or without(shape, axis) != without(shapes[0], axis):
            raise ValueError(
                f"concatenate along axis {axis}: array {i} has shape {shape}, array 0 has "
                f"{shapes[0]}; all other axes must agree"
            )
    return joined(*arrays, axis=axis)


@worded
def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """The arrays side by side along a new axis; all must have one shape.

    Errors: a ValueError if there are none, or if the shapes differ.
    """
    arrays = listed("stack", arrays, axis)
    shapes = [np.shape(x) for x in arrays]
    for i, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise ValueError(
                f"stack: array {i} has shape {shape}, array 0 has {shapes[0]}; all must agree"
            )
    return stacked(*arrays, axis=axis)


def listed(name: str, arrays: Sequence[Any], axis: Any = 0) -> list[Any]:
    """The arrays as a list; at least one."""
    if np.ndim(axis):
        raise TypeError(
            f"{name}: axis is an array of shape {np.shape(axis)}, wanted a whole number; give the "
            f"arrays in a list, {name}([a, b])"
        )
    if not isinstance(arrays, Node) and not isinstance(arrays, (list, tuple, np.ndarray)):
        raise TypeError(f"{name} takes a list or tuple of arrays, got {type(arrays).__name__}")
    if not len(arrays):
        raise ValueError(f"{name} needs a non-empty list of arrays")
    return list(arrays)


def without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """The lengths of all axes but one."""
    axis = absolute(axis, len(shape))[0]
    return shape[:axis] + shape[axis + 1 :]


@worded
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """x cut along axis: into equal parts, or before each of the indices given.

    Errors: a ValueError if equal parts are not possible; `array_split` makes nearly equal ones.
    """
    sections = indices_or_sections
    n = np.shape(x)[absolute(axis, np.ndim(x))[0]]
    if np.ndim(sections) == 0 and (sections <= 0 or n % sections):
        raise ValueError(
            f"split: {n} entries along axis {axis} do not make {sections} equal parts; "
            "array_split makes nearly equal ones"
        )
    return array_split(x, sections, axis)


@worded
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """x cut along axis: into parts whose lengths differ by at most 1, or at the indices given."""
    axis = absolute(axis, np.ndim(x))[0]
    if np.ndim(indices_or_sections) == 0 and indices_or_sections < 1:
        raise ValueError(f"array_split: {indices_or_sections} parts of x, wanted 1 or more")
    parts = np.array_split(np.arange(np.shape(x)[axis]), indices_or_sections)
    ends = np.cumsum([len(part) for part in parts]).tolist()
    before = (slice(None),) * axis
    return [getitem(x, (*before, slice(i, j))) for i, j in zip([0, *ends], ends)]
