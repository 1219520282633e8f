"""Mistakes of addition: several gradients belong to one entry, and not all of them are added."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations

import numpy as np

from minigrad.check.evidence import EXACT, Evidence
from minigrad.check.patterns_axes import named
from minigrad.check.subject import Program
from minigrad.check.uses import Uses
from minigrad.graph import Array

LAST_WINS = "add up with +=, or np.add.at for repeated indices; with = the last one wins"


# --- Of several outputs -----------------------------------------------------------------------


def broadcast_sum_missing(e: Evidence) -> str | None:
    """An entry that was copied owes its gradient to all copies; here only one of them counts."""
    if not e.full:
        return one_slice(e)
    kept = outputs_kept(e)
    if kept is None:
        return None
    places = np.argwhere(kept.reshape(e.y.shape))
    axes = [axis for axis, n in enumerate(e.y.shape) if n > 1 and np.ptp(places[:, axis]) == 0]
    if not axes or not whole(e, kept, axes):
        return one_copy(e, kept)
    return only_part(axes, [int(places[0, axis]) for axis in axes])


def only_part(axes: Sequence[int], at: Sequence[int]) -> str:
    return (
        f"broadcast sum missing: only the part at {', '.join(map(str, at))} along "
        f"{named(axes, 'the output')} comes back; sum the gradient over it"
    )


def outputs_kept(e: Evidence) -> Array | None:
    """The outputs whose gradients are right, if those of all others are 0."""
    said = e.seen(e.analytic)
    right = (np.abs(said - e.numeric) <= e.tolerance).all(axis=1) & e.linked.any(axis=1)
    lost = (np.abs(said) <= EXACT * e.scale).all(axis=1)
    return right if right.any() and (right | lost).all() else None


def whole(e: Evidence, kept: Array, axes: list[int]) -> bool:
    """Whether all outputs are kept that stand at the same place along these axes."""
    places = np.argwhere(np.ones(e.y.shape, bool))
    first = places[np.flatnonzero(kept)[0]]
    alike = (places[:, axes] == first[axes]).all(axis=1)
    return not (alike & e.linked.any(axis=1) & ~kept).any()


def one_copy(e: Evidence, kept: Array) -> str | None:
    """The same for copies that are no slice of the output, as those of tile and repeat."""
    copies = e.linked.sum(axis=0)
    every = copies.size and copies.min() == copies.max() > 1
    if not every or (e.linked.sum(axis=1) > 1).any() or (e.linked[kept].sum(axis=0) != 1).any():
        return None
    return (
        f"broadcast sum missing: every entry has {copies[0]} copies in the output, and the "
        "gradient of only one of them comes back; sum over the copies"
    )


def one_slice(e: Evidence) -> str | None:
    """The same where there are too many outputs to look at each: the first or last part of them."""
    long = [axis for axis, n in enumerate(e.y.shape) if n > 1]
    for axes in chain(combinations(long, 1), combinations(long, 2)):
        for at in (0, -1):
            part = np.zeros(e.y.shape, bool)
            part[tuple(at if axis in axes else slice(None) for axis in range(e.y.ndim))] = True
            if part_alone(e, part.ravel()):
                return only_part(axes, [at % e.y.shape[axis] for axis in axes])
    return None


def part_alone(e: Evidence, part: Array) -> bool:
    """Whether a part of the outputs has the right gradient, and the rest none."""
    weights = e.witness.random(2, e.y.size) * [part, ~part]
    inside, outside = e.witness.gradients(e.witness.cotangents(e.output, weights))[e.k]
    if outside.any() or not inside.any():
        return False
    (right, rest), _ = e.weighted(e.slopes, weights)
    said = e.seen(inside[None])[0]
    return bool((np.abs(said - right) <= EXACT * np.abs(right).max()).all() and rest.any())


def overwritten(e: Evidence) -> str | None:
    """Several outputs owe something to one entry, and the last of them overwrites the others."""
    if not e.full:
        return None
    said = e.seen(e.analytic)
    right = e.linked & (np.abs(said - e.numeric) <= e.tolerance)
    lost = e.linked & (np.abs(said) <= EXACT * e.scale)
    if ((right | lost) != e.linked).any() or (np.abs(said) > e.tolerance)[~e.linked].any():
        return None
    hit = lost.any(axis=0)
    if not right.any(axis=0)[hit].all() or diagonal(e, right) or not one_event(e, right, lost):
        return None
    return (
        f"overwritten, not accumulated: {hit.sum()} of {e.x.size} entries feed several outputs, "
        f"and only one of these counts; {LAST_WINS}"
    )


def diagonal(e: Evidence, right: Array) -> bool:
    """Whether what is left is what every output owes to its own entry: no accident of order."""
    return e.x.shape == e.y.shape and bool(
        (right == np.eye(e.x.size, dtype=bool)[:, e.smooth]).all()
    )


def one_event(e: Evidence, right: Array, lost: Array) -> bool:
    """Whether what is kept of each entry was written at one moment.

    The outputs kept share their place along the axes along which there is a loss.
    """
    places = np.argwhere(np.ones(e.y.shape, bool))
    return all(
        bool(differs(places[lost[:, j]], places[right[:, j]]).any())
        for j in np.flatnonzero(lost.any(axis=0))
    )


def differs(lost: Array, kept: Array) -> Array:
    """The axes along which all that is kept stands at one place, and something lost elsewhere."""
    return (np.ptp(kept, axis=0) == 0) & (lost != kept[0]).any(axis=0)


# --- Of several uses --------------------------------------------------------------------------


def one_use_only(e: Evidence) -> str | None:
    """A tensor used in several places, as in x·x, of which the gradient of some is lost."""
    subject = e.witness.subject
    if not isinstance(subject, Program):
        return None
    uses = Uses(subject, e.witness.arrays, e.k)
    for some, name in uses.subsets():
        there = e.witness.differences(uses.values_by(some), e.x)
        if e.are_slopes(e.analytic, e.weights, there):
            return (
                f"overwritten, not accumulated: the input is used in {len(uses.places)} places, "
                f"and only the gradient of {name} comes back; add up those of all, with +="
            )
    return None
