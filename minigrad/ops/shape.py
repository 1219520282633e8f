"""Functions that move entries or pick some of them; nothing is computed.

They stand in pairs, each the derivative of the other: what an index picks (`getitem`) the
reverse puts back (`put`), what is copied (`broadcast_to`) is summed (`sum_to`). Reshaping,
transposing, flipping and rolling are undone by doing the opposite.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np

from minigrad.ops.arguments import array_of
from minigrad.ops.complaints import clash
from minigrad.ops.primitive import primitive
from minigrad.ops.scatter import zeros_plus
from minigrad.walk import sum_to
from minigrad.words import shown

Index = Any

PAD_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def absolute(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes as numbers from 0; None means all of them."""
    if axis is None:
        return tuple(range(ndim))
    if ndim == 0 and axis in (0, -1):
        return ()  # NumPy lets reductions of a number have an axis
    return np.lib.array_utils.normalize_axis_tuple(axis, ndim)


def back(g: Any, y: Any, x: Any, *_: Any, **__: Any) -> Any:
    """The derivative of whatever only regroups the entries: the old shape again."""
    return g.reshape(x.shape)


# --- The same entries in another shape ------------------------------------------------------


@primitive(x=back)
def reshape(x: Any, /, shape: Any) -> Any:
    """y = the entries of x, in order, in another shape; one length may be −1.

    Errors: a ValueError if the number of entries does not fit.
    """
    if shape is None:
        raise TypeError(f"reshape: no shape given for x of shape {x.shape}; ravel() makes one row")
    try:
        return np.reshape(x, shape)
    except ValueError:
        raise ValueError(
            f"reshape: {x.size} entries, of shape {x.shape}, do not make the shape {shape}: the "
            "lengths must multiply to the number of entries, and only one of them may be -1"
        ) from None


@primitive(x=back)
def ravel(x: Any, /) -> Any:
    """y = all entries in one row."""
    return np.ravel(x)


@primitive(x=back)
def flatten(x: Any, /, start_dim: int = 0, end_dim: int = -1) -> Any:
    """y = x, some axes merged into one: those from start_dim to end_dim."""
    lengths = x.shape or (1,)
    first, last = absolute(start_dim, len(lengths))[0], absolute(end_dim, len(lengths))[0]
    if first > last:
        raise ValueError(
            f"flatten: start_dim={start_dim} comes after end_dim={end_dim} in x of shape {x.shape}"
        )
    merged = math.prod(lengths[first : last + 1])
    return np.reshape(x, (*lengths[:first], merged, *lengths[last + 1 :]))


@primitive(x=back)
def squeeze(x: Any, /, axis: Any = None) -> Any:
    """y = x without axes of length 1: all of them, or those given."""
    return np.squeeze(x, axis)


@primitive(x=back)
def expand_dims(x: Any, /, axis: Any) -> Any:
    """y = x with new axes of length 1, which become number axis of the result."""
    return np.expand_dims(x, axis)


@primitive()
def transpose(x: Any, /, axes: Any = None) -> Any:
    """y = x with its axes in another order; reversed for None."""
    return np.transpose(x, axes)


@transpose.wrt("x")
def transpose_dx(g: Any, y: Any, x: Any, axes: Any = None) -> Any:
    """The opposite order: axis axes[i] of x became axis i of y."""
    return transpose(g, None if axes is None else np.argsort(absolute(axes, g.ndim)).tolist())


@primitive(x=lambda g, y, x, axis1, axis2: np.swapaxes(g, axis1, axis2))
def swapaxes(x: Any, /, axis1: int, axis2: int) -> Any:
    """y = x with two axes exchanged."""
    return np.swapaxes(x, axis1, axis2)


@primitive(x=lambda g, y, x, source, destination: np.moveaxis(g, destination, source))
def moveaxis(x: Any, /, source: Any, destination: Any) -> Any:
    """y = x with some axes moved to new places; the others keep their order."""
    return np.moveaxis(x, source, destination)


@primitive(x=lambda g, y, x, axis=None: np.flip(g, axis))
def flip(x: Any, /, axis: Any = None) -> Any:
    """y = x in reversed order along axis; along all for None."""
    return np.flip(x, axis)


@primitive()
def roll(x: Any, /, shift: Any, axis: Any = None) -> Any:
    """y = x moved on by shift along axis; what falls off the end comes in at the start."""
    if np.asarray(shift).dtype.kind not in "iubf":
        raise TypeError(
            f"roll: shift is {shown(shift)}, wanted a whole number, or one for each axis"
        )
    return np.roll(x, shift, axis)


@roll.wrt("x")
def roll_dx(g: Any, y: Any, x: Any, shift: Any, axis: Any = None) -> Any:
    """The same way back."""
    return roll(g, np.negative(shift).tolist(), axis)


@primitive(symbol="as", x=lambda g, y, x, dtype: g.astype(x.dtype))
def astype(x: Any, /, dtype: Any) -> Any:
    """y = x in another dtype; a result that is not floating point takes no part in the graph."""
    return x.astype(dtype)


# --- Copies ---------------------------------------------------------------------------------


@primitive(x=lambda g, y, x, shape: sum_to(g, x.shape))
def broadcast_to(x: Any, /, shape: Any) -> Any:
    """y = x copied along new axes and axes of length 1, as NumPy broadcasts.

    Errors: a ValueError that names the axis where x has another length than shape.
    """
    try:
        return np.broadcast_to(x, shape)
    except ValueError:
        wanted = tuple(np.atleast_1d(shape).tolist())
        reason = (
            clash([x.shape, wanted])
            if len(wanted) >= x.ndim
            else f"x has more axes; sum over some, or wanted {x.ndim} lengths at least"
        )
        raise ValueError(f"broadcast_to: {x.shape} to {wanted}: {reason}") from None


@primitive()
def tile(x: Any, /, reps: Any) -> Any:
    """y = x repeated as a whole, reps times along each axis."""
    return np.tile(x, reps)


@tile.wrt("x")
def tile_dx(g: Any, y: Any, x: Any, reps: Any) -> Any:
    """The copies are summed: give each copy an axis of its own, and reduce it."""
    reps = (reps,) if np.ndim(reps) == 0 else tuple(reps)
    ndim = max(len(reps), x.ndim)
    reps = (1,) * (ndim - len(reps)) + reps
    shape = (1,) * (ndim - x.ndim) + x.shape
    apart = [n for pair in zip(reps, shape) for n in pair]
    return g.reshape(apart).sum(axis=tuple(range(0, 2 * ndim, 2))).reshape(x.shape)


@primitive()
def repeat(x: Any, /, repeats: Any, axis: int | None = None) -> Any:
    """y = each entry repeated, one after the other, along axis; of the flattened x for None."""
    return np.repeat(x, repeats, axis)


@repeat.wrt("x")
def repeat_dx(g: Any, y: Any, x: Any, repeats: Any, axis: int | None = None) -> Any:
    """The copies are summed into the entry they came from."""
    n = x.size if axis is None else x.shape[axis]
    return take_dx(g, y, x, np.repeat(np.arange(n), repeats), axis)


# --- Picking entries, and putting them back -------------------------------------------------


@primitive(symbol="[ ]")
def getitem(x: Any, /, index: Index) -> Any:
    """y = x[index], with all that NumPy knows: ints, slices, ..., None, integer arrays, masks.

    An entry that is picked several times gets the sum of their gradients.
    Errors: an IndexError that names the index.
    """
    return x[index]


@getitem.wrt("x")
def getitem_dx(g: Any, y: Any, x: Any, index: Index) -> Any:
    """g goes back to the places it was taken from, zeros elsewhere."""
    return put(g, index, x.shape)


@primitive(symbol="put", g=lambda u, y, g, index, shape: u[index])
def put(g: Any, /, index: Index, shape: Any) -> Any:
    """y = zeros of this shape, to which g is added at index: the derivative of indexing."""
    return zeros_plus(g, index, shape)


def plain_index(index: Index) -> Index:
    """An index without tensors; anything that cannot be one is an IndexError."""
    parts = index if isinstance(index, tuple) else (index,)
    parts = tuple(map(array_of, parts))
    for part in parts:
        if isinstance(part, (str, float, complex, dict)):
            raise IndexError(
                f"a tensor is indexed by integers, slices, ..., None, integer arrays or masks; "
                f"got {part!r} ({type(part).__name__})"
            )
    return parts if isinstance(index, tuple) else parts[0]


@primitive()
def take(x: Any, /, indices: Any, axis: int | None = None) -> Any:
    """y = the entries of x at indices along axis; of the flattened x for None."""
    if np.asarray(indices).dtype.kind == "f":
        raise TypeError(f"take: indices are {shown(indices)}, wanted whole numbers")
    return np.take(x, indices, axis)


@take.wrt("x")
def take_dx(g: Any, y: Any, x: Any, indices: Any, axis: int | None = None) -> Any:
    """Like x[..., indices, ...]: g is added back at the indices."""
    indices = np.asarray(array_of(indices))
    if axis is None:
        return put(g, indices, (math.prod(x.shape),)).reshape(x.shape)
    before = absolute(axis, len(x.shape))[0]
    return put(g, (slice(None),) * before + (indices,), x.shape)


@primitive()
def take_along_axis(x: Any, /, indices: Any, axis: int | None = -1) -> Any:
    """y[i, j, …] = x[…, indices[i, j, …], …], the index standing at axis."""
    return np.take_along_axis(x, indices, axis)


@take_along_axis.wrt("x")
def take_along_axis_dx(g: Any, y: Any, x: Any, indices: Any, axis: int | None = -1) -> Any:
    """g is added back at the places picked."""
    if axis is None:
        return put(g, indices, (math.prod(x.shape),)).reshape(x.shape)
    grid = list(np.indices(x.shape, sparse=True))  # where one has length 1, they broadcast
    grid[axis] = indices
    return put(g, tuple(grid), x.shape)


@primitive(x=lambda g, y, x, k=0: np.tril(g, k))
def tril(x: Any, /, k: int = 0) -> Any:
    """y = x below and on diagonal k of its last two axes, 0 above."""
    return np.tril(x, k)


@primitive(x=lambda g, y, x, k=0: np.triu(g, k))
def triu(x: Any, /, k: int = 0) -> Any:
    """y = x above and on diagonal k of its last two axes, 0 below."""
    return np.triu(x, k)


@primitive()
def diagonal(x: Any, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """y = the entries on a diagonal of two axes, as a new last axis."""
    return np.diagonal(x, offset, axis1, axis2)


@diagonal.wrt("x")
def diagonal_dx(g: Any, y: Any, x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """g goes back onto the diagonal."""
    places = np.arange(math.prod(x.shape)).reshape(x.shape)
    return take_dx(g, y, x, np.diagonal(places, offset, axis1, axis2))


@primitive()
def pad(x: Any, /, pad_width: Any, mode: str = "constant", constant_values: float = 0) -> Any:
    """y = x with a border: zeros, a constant, or ("edge", "reflect", "symmetric", "wrap") of x.

    pad_width is (before, after) for every axis, one such pair or one number for all.
    """
    if np.any(np.less(pad_width, 0)):
        raise ValueError(f"pad: pad_width must not be negative, got {pad_width}; index to cut")
    if mode == "constant":
        return np.pad(x, pad_width, constant_values=constant_values)
    if mode not in PAD_MODES:
        raise ValueError(f"pad: mode must be one of {PAD_MODES}, got {mode!r}")
    return cast(Any, np.pad)(x, pad_width, mode)


@pad.wrt("x")
def pad_dx(
    g: Any, y: Any, x: Any, pad_width: Any, mode: str = "constant", constant_values: float = 0
) -> Any:
    """The border is cut off; where it repeats entries of x, its gradient is added to them."""
    if mode == "constant":
        pairs = np.broadcast_to(pad_width, (len(x.shape), 2)).tolist()
        return g[tuple(slice(left, left + n) for (left, _), n in zip(pairs, x.shape))]
    places = np.arange(math.prod(x.shape)).reshape(x.shape)
    return take_dx(g, y, x, cast(Any, np.pad)(places, pad_width, mode))
