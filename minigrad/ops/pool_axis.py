"""What windows of images hold: sums, and the largest. Arrays keep their order in memory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops.along import total
from minigrad.ops.passes import kept
from minigrad.ops.pool_shapes import adaptive_windows
from minigrad.ops.primitive import plain
from minigrad.ops.window import Axis

FEW = 16  # entries of a window that are looked at in one go


def lying_like(x: Array, g: Array) -> Array:
    """g with its axes in the order that those of x have in memory; copied only if they differ."""
    copy = np.empty_like(x, g.dtype, shape=g.shape)
    if copy.strides == g.strides:
        return g
    copy[...] = g
    return copy


def one_axis(x: Array, axis: int, windows: Axis) -> list[Axis]:
    """The image axes of x with windows along one of them; along the other each entry is one."""
    axes = [Axis.identity(n) for n in x.shape[-2:]]
    axes[axis] = windows
    return axes


def summed(x: Array, axis: int, windows: Axis) -> Array:
    """The sum of each window along one axis."""
    if windows.paved and windows.windows == 1:
        return total(x, axis)
    axes = one_axis(x, axis, windows)
    return combined(np.add, entries(x, axes), axes, 0)


def scattered(g: Array, axis: int, windows: Axis) -> Array:
    """g of each window added to all of its entries: the adjoint of sums."""
    axes = one_axis(g, axis, windows)
    dx = np.zeros_like(g, shape=shape_of_images(g, axes))
    for which, seen in taps(axes):
        dx[seen] += g[which]
    return dx


def paving(g: Array, x: Array) -> Array:
    """Each entry of g in all places of its window, where equal windows pave x; lying as x does."""
    (height, width), (rows, columns) = x.shape[-2:], g.shape[-2:]
    dx = np.empty_like(x, g.dtype)
    windows = dx.reshape(*x.shape[:-2], rows, height // rows, columns, width // columns)
    windows[...] = g[..., :, None, :, None]
    return dx


def taps(axes: Sequence[Axis]) -> list[tuple[Any, Any]]:
    """For each entry of the kernel, in reading order: the windows in which it sees the image, and
    what it sees there, as indices."""
    along = product(*(axis.taps() for axis in axes))
    return [((..., *(a for a, _ in pairs)), (..., *(b for _, b in pairs))) for pairs in along]


def entries(x: Array, axes: Sequence[Axis]) -> list[tuple[Any, Array]]:
    """The same, with what is seen."""
    return [(which, x[seen]) for which, seen in taps(axes)]


def combined(
    ufunc: np.ufunc, seen: list[tuple[Any, Array]], axes: Sequence[Axis], neutral: float
) -> Array:
    """All entries of each window combined by ufunc; outside of the image everything is neutral."""
    first = seen[0][1]
    if len(seen) > 1 and all(axis.covered for axis in axes):
        y = ufunc(first, seen[1][1])
        seen = seen[2:]
    else:
        windows = [axis.windows for axis in axes]
        y = np.full_like(first, neutral, shape=(*first.shape[: -len(axes)], *windows))
    for which, part in seen:
        ufunc(y[which], part, out=y[which])
    return y


def shape_of_images(g: Array, axes: Sequence[Axis]) -> tuple[int, ...]:
    """The shape of the images whose windows g belongs to."""
    return *g.shape[: -len(axes)], *(axis.size for axis in axes)


# --- The largest entry ----------------------------------------------------------------------


def levels(axes: Sequence[Axis]) -> list[list[Axis]]:
    """The axes of rows and columns, in levels that are gone through one after the other.

    First along the columns, then along the rows: 2 k entries are looked at, not k². That is no
    matter where windows are small and lie side by side, and one level has fewer passes.
    """
    rows, columns = axes
    if side_by_side(axes) and rows.kernel * columns.kernel <= FEW:
        return [[rows, columns]]
    return [[Axis.identity(rows.size), columns], [rows, Axis.identity(columns.windows)]]


def side_by_side(axes: Sequence[Axis]) -> bool:
    """Whether no entry is in two windows, and no window looks outside."""
    return all(axis.tiled for axis in axes)


def largest(x: Array, axes: Sequence[Axis]) -> tuple[Array, list[Array]]:
    """The largest entry of each window, and for each entry of the kernel where it is the one: the
    windows in which it is as large as the largest, and no earlier one is."""
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    seen = entries(x, axes)
    best = combined(np.maximum, seen, axes, lowest)
    won, free = [], np.ones_like(best, bool)
    tiled = side_by_side(axes)
    for which, part in seen[:-1] if tiled else seen:
        wins, left = part == best[which], free[which]
        wins &= left
        left ^= wins
        won.append(wins)
    return best, [*won, free] if tiled else won  # the last entry is it if no other one is


def to_winners(g: Array, won: Sequence[Array], axes: Sequence[Axis]) -> Array:
    """g of each window goes to the entry that won."""
    whole = all(axis.paved for axis in axes)
    dx = (np.empty_like if whole else np.zeros_like)(g, shape=shape_of_images(g, axes))
    for wins, (which, seen) in zip(won, taps(axes)):
        share = kept(g[which], wins)
        if whole:
            dx[seen] = share
        else:
            dx[seen] += share
    return dx


@plain
def numbers_of_largest(x: Array, axes: Sequence[Axis]) -> Array:
    """The first largest entry of each window, or the first nan: its number within its image."""
    outer, sizes = x.shape[: -len(axes)], x.shape[-len(axes) :]
    shape = (*outer, *(axis.windows for axis in axes))
    numbered = np.arange(prod(sizes)).reshape(sizes)
    best, place = np.full(shape, -np.inf), np.full(shape, -1)
    for taps in product(*(axis.taps() for axis in axes)):
        at: Any = (..., *(which for which, _ in taps))
        seen: Any = (..., *(positions for _, positions in taps))
        new, old = x[seen], best[at]
        wins = (new > old) | (place[at] < 0) | (np.isnan(new) & ~np.isnan(old))
        best[at] = np.where(wins, new, old)
        place[at] = np.where(wins, numbered[seen], place[at])
    return place


@plain
def places_of_largest(x: Array, axes: Sequence[Axis]) -> tuple[Array, ...]:
    """Where the first largest entry of each window stands: an index into x."""
    place = numbers_of_largest(x, axes)
    images = np.indices(place.shape, sparse=True)[: x.ndim - len(axes)]
    return (*images, *np.unravel_index(place, x.shape[-len(axes) :]))


def averaged(x: Array, axis: int, count: int) -> Array:
    """The means of so many windows that cover one axis evenly."""
    if x.shape[axis] % count == 0 and x.dtype.char in "fd":
        windows = Axis.tiles(x.shape[axis], count)
        return summed(x, axis, windows) / windows.kernel
    x = x.swapaxes(0, axis)
    y = np.empty_like(x, np.result_type(x, np.float16), shape=(count, *x.shape[1:]))
    for i, window in enumerate(adaptive_windows(len(x), count)):
        np.mean(x[window], axis=0, out=y[i])
    return y.swapaxes(0, axis)


def given_back(g: Array, axis: int, size: int) -> Array:
    """g of each window along one axis in equal parts to its entries."""
    g = g.swapaxes(0, axis)
    dx = np.zeros_like(g, shape=(size, *g.shape[1:]))
    for part, window in zip(g, adaptive_windows(size, len(g))):
        dx[window] += part / (window.stop - window.start)
    return dx.swapaxes(0, axis)
