"""Pooling along one axis of an array, whose order in memory stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops.passes import masked
from minigrad.ops.pool_shapes import adaptive_windows
from minigrad.ops.primitive import plain
from minigrad.ops.window import Axis


def lying_like(x: Array, g: Array) -> Array:
    """g with its axes in the order that those of x have in memory; copied only if they differ."""
    copy = np.empty_like(x, g.dtype, shape=g.shape)
    if copy.strides == g.strides:
        return g
    copy[...] = g
    return copy


def summed(x: Array, axis: int, windows: Axis) -> Array:
    """The sum of each window along one axis."""
    return combined(np.add, entries(x, axis, windows), windows, 0).swapaxes(0, axis)


def largest(x: Array, axis: int, windows: Axis) -> tuple[Array, list[Array]]:
    """The largest entry of each window along one axis, and where it stands.

    That is, for each entry of the kernel, the windows in which it is as large as the largest: of
    those that see it, along the first axis. Nothing is said of the last entry of windows that lie
    side by side.
    """
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    seen = entries(x, axis, windows)
    best = combined(np.maximum, seen, windows, lowest)
    won = [part == best[which] for which, part in (seen[:-1] if windows.tiled else seen)]
    return best.swapaxes(0, axis), won


def entries(x: Array, axis: int, windows: Axis) -> list[tuple[slice, Array]]:
    """For each entry of the kernel: the windows in which it sees x, and what it sees there.

    The windows are along the first axis now.
    """
    x = x.swapaxes(0, axis)
    return [(which, x[places]) for which, places in windows.taps()]


def combined(
    ufunc: np.ufunc, seen: list[tuple[slice, Array]], windows: Axis, neutral: float
) -> Array:
    """All entries of each window combined by ufunc; outside of the image everything is neutral."""
    first = seen[0][1]
    if windows.covered and windows.kernel > 1:
        y = ufunc(first, seen[1][1])
        seen = seen[2:]
    else:
        y = np.full_like(first, neutral, shape=(windows.windows, *first.shape[1:]))
    for which, part in seen:
        ufunc(y[which], part, out=y[which])
    return y


def scattered(g: Array, axis: int, windows: Axis) -> Array:
    """g of each window added to all of its entries: the adjoint of combined sums."""
    g = g.swapaxes(0, axis)
    dx = np.zeros_like(g, shape=(windows.size, *g.shape[1:]))
    for which, seen in windows.taps():
        dx[seen] += g[which]
    return dx.swapaxes(0, axis)


def to_winners(g: Array, won: Sequence[Array], axis: int, windows: Axis) -> Array:
    """g of each window along one axis goes to the first entry that won, of those in won."""
    g, taps = g.swapaxes(0, axis), windows.taps()
    dx = np.empty_like(g, shape=(windows.size, *g.shape[1:]))
    if windows.tiled:
        share_out(g, won, dx, [seen for _, seen in taps])
        dx[windows.windows * windows.kernel :] = 0
    else:
        dx[:], rest = 0, np.copy(g)
        for wins, (which, seen) in zip(won, taps):
            share = rest[which] * wins
            dx[seen] += share
            rest[which] -= share  # what is given away does not go to a later one
    return dx.swapaxes(0, axis)


def share_out(g: Array, won: Sequence[Array], dx: Array, places: Sequence[slice]) -> None:
    """The same for windows side by side: no entry is in two of them, so nothing is added up.

    The last entry of a window gets what is left: that is its share, for if no earlier one was the
    largest it is.
    """
    left = g
    for wins, place in zip(won, places):
        share = masked(left, wins)
        dx[place] = share
        left = np.subtract(left, share, out=share)
    dx[places[-1]] = left


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
