"""The lines along which an input is examined: through every entry, or in random directions.

Nearly every entry is clear at first sight. So entries are looked at in blocks: evaluated one by
one, but judged together. Those in doubt are looked at again, each by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from minigrad.check.judge import FACTOR, Trial
from minigrad.check.looks import Judgement
from minigrad.check.point import Point
from minigrad.check.shortcut import Shortcut
from minigrad.check.slices import Slices
from minigrad.check.slopes import (
    OUTSIDE,
    STEPS,
    Line,
    Outputs,
    Reading,
    comparable,
    power_of_two,
    seen,
    typical,
)
from minigrad.graph import Array

DIRECTIONS = 6  # through each input in fast mode
WIDEST = 0.02  # step, in sizes of the input
PROOF = 8  # wrong entries from which on others need no second look
FEW, MANY = 16, 256  # lines in the first block, and in the largest
NUMBERS = 1 << 13  # outputs along the lines of a block, at most

Index = tuple[int, ...]
Along = Callable[[Any], Outputs]  # what is seen at t
See = Callable[[Sequence[Index], Any], list[Outputs]]  # on the lines of entries, each at its t
Values = Callable[[Array], Sequence[Array]]  # the outputs with an array in the input's place


@dataclass(frozen=True)
class Judged:
    """What came out along one line: index is the entry that varied, None if all of them did."""

    index: Index | None
    analytic: Array  # slopes, one per cotangent
    judgement: Judgement
    direction: Array | None = None  # in which all entries varied


class Lines:
    """The lines through one input at the point of examination, and what is seen along them."""

    def __init__(
        self, point: Point, arrays: Sequence[Array], k: int, shortcut: Shortcut | None
    ) -> None:
        self.point, self.arrays, self.k = point, arrays, k
        self.shortcut: Any = shortcut
        self.x = arrays[k]
        self.usual = typical(self.x)
        self.gradients = np.array([gs[k].ravel() for gs in point.gradients])  # (cotangents, size)
        self.moved = np.zeros(point.size, bool)  # the outputs that were seen to
        self.wrong = 0  # lines that were found wrong by calls of the function

    # --- Entry by entry ---------------------------------------------------------------------------

    def entries(self) -> Iterator[Judged]:
        """A line for each entry; its steps are as wide as those before it needed."""
        wider = 1.0
        for some in blocks(self.x.size, NUMBERS // max(1, self.point.size)):
            block, judgements = self.first_looks(some, wider)
            for j, judgement in enumerate(judgements):
                analytic = self.gradients[:, some.start + j]
                if judgement is None:
                    line = self.entry_line(block.line(j), some.start + j, wider)
                    trial = self.trial(line, analytic, self.scale)
                    judgement = self.judged(trial)
                    wider *= float(trial.start / line.step)
                yield Judged(block.indices[j], analytic, judgement)

    def entry(self, i: int) -> Judged:
        """One entry by itself, by calls of the function."""
        block = Block(self.indices[i : i + 1], self.called)
        trial = self.trial(self.entry_line(block.line(0), i, 1.0), self.gradients[:, i], self.scale)
        return Judged(self.indices[i], trial.analytic, self.judged(trial))

    def first_looks(self, some: slice, wider: float) -> tuple[Block, list[Judgement | None]]:
        """Some entries, and what is clear of them; in doubt it is for the function to decide."""
        block = Block(self.indices[some], self.called)
        if self.shortcut is None or not self.shortcut.trusted(wider):
            return block, self.at_first_sight(block, some, wider)
        quick = Block(block.indices, self.run_again)
        return block, self.at_first_sight(quick, some, wider)

    def at_first_sight(self, block: Block, some: slice, wider: float) -> list[Judgement | None]:
        """What is clear after one look along each line; None where it is not."""
        line = self.entry_line(block.along, some, wider)
        trial = self.trial(line, self.gradients[:, some], self.scale[:, None])
        judgements = trial.at_first_sight(suspected=self.wrong >= PROOF)
        for judgement in judgements:
            if judgement is not None:
                self.note_moves(judgement.look.reading)
        return judgements

    def called(self, indices: Sequence[Index], steps: Any) -> list[Outputs]:
        """What is seen when a step is added to an entry: by one call of the function for each."""
        return [self.seen(self.values, index, step) for index, step in zip(indices, steps)]

    def run_again(self, indices: Sequence[Index], steps: Any) -> list[Outputs]:
        """The same by the shortcut, for many entries at once where that goes."""
        if self.slices is not None:
            with suppress(*OUTSIDE):  # which of them is outside, is seen one by one
                found = self.slices.outputs(indices, steps)
                return [comparable(outputs, self.point.center) for outputs in found]
        return [self.seen(self.shortened, index, step) for index, step in zip(indices, steps)]

    def seen(self, values: Values, index: Index, step: float) -> Outputs:
        """The outputs with a step added to one entry."""
        x = self.x.copy("K")
        x[index] += step
        return seen(lambda: values(x), self.point.center)

    def values(self, x: Array) -> list[Array]:
        """The outputs by a call of the function."""
        return self.point.subject.values([*self.arrays[: self.k], x, *self.arrays[self.k + 1 :]])

    def shortened(self, x: Array) -> list[Array]:
        """The same outputs by the shortcut."""
        return self.shortcut.values({self.k: x})

    @cached_property
    def slices(self) -> Slices | None:
        """A way to run ops again for many entries at once, if there are many."""
        if self.x.size < MANY or len(self.x) == 1:
            return None
        return Slices(self.shortcut, self.k)

    def entry_line(self, along: Along, some: int | slice, wider: float) -> Line:
        """The line on which t is added to one entry, or to each of some."""
        sizes, eps = self.sizes[some], self.point.settings.eps
        unit = power_of_two(sizes)
        if eps is not None:
            return Line(along, np.full_like(unit, eps), eps, unit)
        widest = WIDEST * np.maximum(sizes, 1.0) / FACTOR
        return Line(along, STEPS[4] * unit * wider, widest, unit)

    @cached_property
    def indices(self) -> list[Index]:
        """The places of all entries."""
        return list(np.ndindex(self.x.shape))

    @cached_property
    def sizes(self) -> Array:
        """The size of every entry, or that of a typical one if it is smaller."""
        return np.maximum(np.abs(self.x), self.usual).ravel()

    @cached_property
    def scale(self) -> Array:
        """The largest gradients, per cotangent."""
        return np.abs(self.gradients).max(axis=1, initial=0.0)

    # --- In random directions ---------------------------------------------------------------------

    def directions(self) -> Iterator[Judged]:
        """Lines in random directions, each through all entries at once."""
        x, eps, rng = self.x, self.point.settings.eps, self.point.settings.rng
        for _ in range(DIRECTIONS if x.size else 0):
            signs = rng.uniform(0.5, 1.5, x.shape) * rng.choice([-1.0, 1.0], x.shape)
            v = signs * (np.maximum(np.abs(x), self.usual) if eps is None else 1.0)
            slopes = self.gradients * v.ravel()
            scale = np.sqrt((slopes * slopes).sum(axis=1))
            trial = self.trial(self.direction_line(v), slopes.sum(axis=1), scale)
            yield Judged(None, trial.analytic, self.judged(trial), v.ravel())

    def direction_line(self, v: Array) -> Line:
        """The line on which t v is added."""

        def along(t: float) -> Outputs:
            return seen(lambda: self.values(self.x + t * v), self.point.center)

        eps = self.point.settings.eps
        if eps is not None:
            return Line(along, eps, eps, 1.0)
        return Line(along, STEPS[4], WIDEST * max(1.0, 1.0 / self.usual) / FACTOR, 1.0)

    # --- Judging ----------------------------------------------------------------------------------

    def trial(self, line: Line, analytic: Array, scale: Array) -> Trial:
        """The trial of a line; or of several, if what it is told has a column for each."""
        values, ulp = self.point.center
        if analytic.ndim > 1:
            values, ulp = values[:, None], ulp[:, None]
        center, cotangents = Outputs(values, ulp), self.point.cotangents
        return Trial(line, center, cotangents, analytic, scale, self.point.settings.rules)

    def judged(self, trial: Trial) -> Judgement:
        """What a trial comes to."""
        judgement = trial.judge()
        self.note_moves(judgement.look.reading)
        self.wrong += judgement.verdict == "wrong" and judgement.bend is None
        return judgement

    def note_moves(self, reading: Reading) -> None:
        """Remember which outputs moved along a line."""
        self.moved |= np.abs(reading.slope) > 4 * reading.noise


class Block:
    """Some entries, whose lines are looked at side by side."""

    def __init__(self, indices: Sequence[Index], see: See) -> None:
        self.indices, self.see = indices, see
        self.known: list[tuple[Array, Outputs]] = []

    def along(self, t: Array) -> Outputs:
        """What is seen when all have gone on: t has an entry for each, the outputs a column."""
        points = self.see(self.indices, t)
        there = Outputs(*[np.array(part).T for part in zip(*points)])
        self.known.append((t, there))
        return there

    def line(self, j: int) -> Along:
        """One line by itself; what was seen is not computed again."""
        known = {t[j]: Outputs(there.values[:, j], there.ulp[:, j]) for t, there in self.known}
        return lambda t: known[t] if t in known else self.see([self.indices[j]], [t])[0]


def blocks(size: int, most: int) -> Iterator[slice]:
    """0 … size in pieces: at first small ones, for the steps may turn out to be too short."""
    start, length = 0, FEW
    while start < size:
        stop = min(size, start + max(1, min(length, most)))
        yield slice(start, stop)
        start, length = stop, min(2 * length, MANY)
