"""Mistakes of order: the right numbers at the wrong places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations, islice, permutations
from typing import Literal

import numpy as np

from minigrad.check.evidence import EXACT, Evidence
from minigrad.graph import Array

MOST_AXES = 7  # that are permuted in all ways
WORK = 100_000_000  # entries that may be moved in search of an order
CROSSED: tuple[tuple[Literal["C", "F"], Literal["C", "F"]], ...] = (("C", "F"), ("F", "C"))

Order = tuple[int, ...]


# --- Turned round -----------------------------------------------------------------------------


def filter_not_turned(e: Evidence) -> str | None:
    """∂L/∂X of a convolution is a full convolution with the filter turned by 180°."""
    for other in e.others if e.mixes else []:
        # in a sum of products, which mixes too, nothing is smaller than what it is applied to
        if e.y.size > 1 or other.array.size < e.x.size:
            for axes in turns(other.array.ndim):
                if e.is_right_for(other, np.flip(other.array, axes)):
                    return turned(other.label)
    for axes in turns(e.y.ndim) if e.y.ndim == e.x.ndim else []:
        own = tuple(axis % e.x.ndim + e.own for axis in axes)
        theirs = tuple(axis % e.y.ndim for axis in axes)
        flipped = [np.flip(e.jacobian, some) for some in (theirs, theirs + own)]
        if all(sees_windows(e, axis) for axis in axes) and any(map(e.explains, flipped)):
            return turned("the filter")
    return None


def sees_windows(e: Evidence, axis: int) -> bool:
    """Whether an output meets several places along an axis of the input, but not all of them."""
    return e.full and 1 < e.reach(0, axis % e.x.ndim) < e.x.shape[axis]


def turned(name: str) -> str:
    return (
        f"filter not turned: the gradient would be right if {name} were turned by 180°; what "
        "forward does with the filter, backward does with w[..., ::-1, ::-1]"
    )


def turns(ndim: int) -> list[Order]:
    """The axes along which a filter may be turned: those of an image, or of a sequence."""
    sequence, image, volume = (-1,), (-2, -1), (-3, -2, -1)
    turned: list[list[Order]] = [[], [sequence], [image], [sequence, image], [image], [volume]]
    return turned[min(ndim, 5)]


def reversed_order(e: Evidence) -> str | None:
    """Front to back: flip, cumsum or roll done once more in place of back."""
    for axes in affordable(flips(e), e) if only_moved(e) else []:
        if e.explains(np.flip(e.jacobian, axes)):
            own = [axis - e.own for axis in axes if axis >= e.own]
            where = named(own, "the input") if own else named(list(axes), "the output")
            return (
                f"reversed: entries are in reversed order along {where}; was something flipped, "
                "accumulated or rolled forwards that must go back?"
            )
    return None


def flips(e: Evidence) -> Iterator[Order]:
    """Axes to turn round: first the input's, then also those of the output."""
    for axes in (e.own_axes, e.long_axes):
        for count in range(1, len(axes) + 1):
            yield from combinations(axes, count)


# --- Exchanged --------------------------------------------------------------------------------


def transposed(e: Evidence) -> str | None:
    """A matrix left on its side, axes permuted forward once more in place of back."""
    if not only_moved(e):
        return None
    for order in affordable(orders(e), e):
        if e.explains(np.transpose(e.jacobian, order)):
            return on_its_side(e, order)
    return reordered(e)


def orders(e: Evidence) -> Iterator[Order]:
    """Orders of the axes of the Jacobian that keep its shape; first those of the input alone."""
    shape = e.jacobian.shape
    usual = tuple(range(len(shape)))
    for axes in (e.own_axes, e.long_axes if len(e.long_axes) <= MOST_AXES else []):
        found = [placed(usual, axes, order) for order in permutations(axes)]
        for order in sorted(found, key=lambda order: moves(order, usual)):
            if order != usual and all(shape[a] == n for a, n in zip(order, shape)):
                yield order


def placed(usual: Order, axes: list[int], order: Order) -> Order:
    """The usual order, but with some axes permuted among themselves."""
    source = dict(zip(axes, order))
    return tuple(source.get(axis, axis) for axis in usual)


def moves(order: Order, usual: Order) -> int:
    """How many axes stand elsewhere."""
    return sum(a != b for a, b in zip(order, usual))


def on_its_side(e: Evidence, order: Order) -> str:
    """What is exchanged, in words."""
    if order[: e.own] == tuple(range(e.own)):
        own = tuple(axis - e.own for axis in order[e.own :])
        return f"transposed: with its axes in the order {own} the gradient is right"
    return (
        "transposed: in the rule g or an operand stands on its side; is a .T missing, are operands "
        "exchanged, or axes permuted once more in place of back?"
    )


def reordered(e: Evidence) -> str | None:
    """Entries that are all there, each in another place: reshaped where axes should be permuted."""
    if any(e.explains(rows) for rows in chain(read_with_other_axes(e), read_by_columns(e))):
        return (
            "transposed: entries are in another order; was the gradient reshaped, or flattened "
            "column by column (order='F'), where axes must be permuted back?"
        )
    return None


def read_with_other_axes(e: Evidence) -> Iterator[Array]:
    """The gradients as if their axes had been left permuted, and then been given x's lengths."""
    if len(e.own_axes) > MOST_AXES:
        return
    for order in permutations(range(e.x.ndim)):
        permuted = e.analytic.reshape(-1, *(e.x.shape[axis] for axis in order))
        yield np.transpose(permuted, (0, *(1 + np.argsort(order))))


def read_by_columns(e: Evidence) -> Iterator[Array]:
    """The gradients as if g, in its own shape, had been read or written column by column."""
    rows = e.analytic.reshape(-1, e.x.size)
    if e.y.size == e.x.size:
        for read, write in CROSSED:
            turned = [np.reshape(row, e.y.shape, order=read).ravel(order=write) for row in rows]
            yield np.array(turned)


# --- Is it worth while? -----------------------------------------------------------------------


def only_moved(e: Evidence) -> bool:
    """Whether the entries may be the right ones, each somewhere else: their sums are the same."""
    if not (e.full and e.smooth.all()):
        return True
    a, n, noise = np.abs(e.analytic), np.abs(e.numeric), float(e.noise.sum())
    largest = float(n.max(initial=0.0))
    linear = abs(float(a.sum() - n.sum())) <= 10 * EXACT * float(n.sum()) + noise
    squares = abs(float((a * a).sum() - (n * n).sum()))
    return linear and squares <= 10 * EXACT * float((n * n).sum()) + 2 * largest * noise


def affordable(ways: Iterator[Order], e: Evidence) -> Iterator[Order]:
    """As many of them as can be tried in a moment."""
    return islice(ways, max(1, WORK // max(1, e.analytic.size)))


def named(axes: Sequence[int], whose: str) -> str:
    """Axes in words."""
    listed = " and ".join(map(str, axes))
    return f"{'axis' if len(axes) == 1 else 'axes'} {listed} of {whose}"
