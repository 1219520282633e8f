"""Who can be asked about a wrong gradient: the subject itself, again and at other points."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.check.point import Point, copies
from minigrad.check.replay import Again
from minigrad.check.scalars import ScalarAgain
from minigrad.check.slopes import STEPS, Line, Outputs, joined, read, typical
from minigrad.check.subject import Input, Subject
from minigrad.graph import Array

ROWS = 512  # outputs that have a cotangent of their own, at most
ENTRIES = 2_000_000  # of a Jacobian, at most
SEVERAL = 4  # random cotangents where there are too many outputs
DIRECTIONS = 3  # in which slopes are taken at other points
FEW = 8  # inputs of a function of which each is tried with other values
NEAR = 0.05  # how far the other points are, in sizes of an entry

Values = Callable[[Array], Sequence[Array]]  # the outputs for an array in the input's place
Rows = tuple[Array, list[Array]]  # cotangents, and for each input the gradients


class Slopes(NamedTuple):
    """Slopes of all outputs along some lines through one input."""

    values: Array  # (outputs, lines)
    noise: Array
    lines: Array | None  # (lines, entries of the input); None: one line for each entry
    smooth: Array  # along which lines there is a slope at all


class Other(NamedTuple):
    """Another input of the same function."""

    place: int
    label: str
    array: Array


class Witness:
    """A subject at the point where its gradient is wrong."""

    def __init__(self, point: Point) -> None:
        self.point, self.subject = point, point.subject
        self.arrays = copies(point.subject)
        self.rng = np.random.default_rng(0)
        self.ends = np.cumsum([0, *(y.size for y in point.outputs)])
        self.known: dict[tuple[int, bool], Rows] = {}
        self.wide = widened(point.subject)

    # --- Gradients --------------------------------------------------------------------------------

    def part(self, output: int) -> slice:
        """Where an output stands among the entries of all."""
        return slice(int(self.ends[output]), int(self.ends[output + 1]))

    def differentiable(self) -> list[int]:
        """The outputs to which gradients belong."""
        outputs = zip(self.point.outputs, self.point.live)
        return [i for i, (y, live) in enumerate(outputs) if live and y.size]

    def rows(self, output: int, dense: bool) -> Rows:
        """Cotangents of one output, one for each entry if possible, and their gradients.

        A rule that treats zeros in a special way shows its mistake only to cotangents without
        them: dense adds the same random one to all, and subtracts its gradient.
        """
        if (output, dense) not in self.known:
            size, entries = self.point.outputs[output].size, sum(x.size for x in self.arrays)
            complete = size <= min(ROWS, max(64, 4 * entries)) and size * entries <= ENTRIES
            us = self.cotangents(output, np.eye(size) if complete else self.random(SEVERAL, size))
            found = self.gradients(us)
            if dense:
                base = self.cotangents(output, self.random(1, size))
                pairs = zip(self.gradients(base + us), self.gradients(base))
                found = [rows - row for rows, row in pairs]
            self.known[output, dense] = us, found
        return self.known[output, dense]

    def cotangents(self, output: int, weights: Array) -> Array:
        """Weights of one output, and 0 for the others."""
        cotangents = np.zeros((len(weights), self.ends[-1]))
        cotangents[:, self.part(output)] = weights
        return cotangents

    def gradients(self, cotangents: Array, arrays: Sequence[Array] | None = None) -> list[Array]:
        """For each input its gradients for these cotangents."""
        at = duplicates(self.arrays if arrays is None else arrays)
        found = self.subject.gradients(at, [self.point.split(u) for u in cotangents])
        return [np.array(rows, np.float64) for rows in zip(*found)]

    def gradients_at(
        self, arrays: Sequence[Array], output: int, weights: Array
    ) -> list[Array] | None:
        """The same at another point; None where the function refuses."""
        try:
            return self.gradients(self.cotangents(output, weights), arrays)
        except Exception:  # at other values than the caller's a function may raise anything
            return None

    # --- Slopes at other points -------------------------------------------------------------------

    def nearby(self) -> list[Array] | None:
        """Another point, not far away; None if the rule is not asked but was recorded."""
        if isinstance(self.subject, ScalarAgain):
            return None
        return [x + NEAR * self.random(*x.shape) * sizes(x) for x in self.arrays]

    def slopes(self, k: int, arrays: Sequence[Array] | None = None) -> Slopes | None:
        """What differences say, here or at another point; None where the function refuses."""
        arrays = self.arrays if arrays is None else arrays
        return self.differences(at_place(self.subject, k, arrays), arrays[k])

    def slopes_with(self, k: int, place: int, changed: Array) -> Slopes | None:
        """What they say of input k where another one, constants included, is changed."""
        arrays, own = copies(self.wide), self.place_of(k)
        arrays[place] = changed
        return self.differences(at_place(self.wide, own, arrays), arrays[own])

    def others(self, k: int) -> list[Other]:
        """The other inputs, constants included, if they are few."""
        inputs, own = self.wide.inputs, self.place_of(k)
        if len(inputs) > FEW:
            return []
        return [
            Other(i, x.label, x.array)
            for i, x in enumerate(inputs)
            if i != own and x.array.dtype.kind == "f"
        ]

    def place_of(self, k: int) -> int:
        """Where an input stands if constants are counted too."""
        return self.subject.slots[k] if isinstance(self.subject, Again) else k

    def differences(self, values: Values, x: Array) -> Slopes | None:
        """Slopes of a function of one array in random directions."""
        lines = self.random(DIRECTIONS, x.size) * sizes(x).ravel()
        try:
            center = joined(values(x))
            found = [slopes_along(values, x, v.reshape(x.shape), center) for v in lines]
        except Exception:  # at other values than the caller's a function may raise anything
            return None
        slopes, noise = (np.array(part).T for part in zip(*found))
        if len(slopes) != self.ends[-1] or not np.isfinite(slopes).all():
            return None
        return Slopes(slopes, noise, lines, np.ones(len(lines), bool))

    def random(self, *shape: int) -> Array:
        """Numbers of either sign, none near 0."""
        return self.rng.uniform(0.5, 1.5, shape) * self.rng.choice([-1.0, 1.0], shape)


def slopes_along(values: Values, x: Array, v: Array, center: Outputs) -> tuple[Array, Array]:
    """Slopes and rounding errors of all outputs in the direction v."""
    line = Line(lambda t: joined(values(x + t * v)), STEPS[4], 1.0, max(1.0, 1.0 / typical(x)))
    reading = read(line, center, STEPS[4])
    return reading.slope, reading.noise


def at_place(subject: Subject, k: int, arrays: Sequence[Array]) -> Values:
    """The outputs of a subject as a function of one of its inputs."""
    return lambda x: subject.values([x if i == k else a.copy("K") for i, a in enumerate(arrays)])


def widened(subject: Subject) -> Subject:
    """An op of a graph as a function of all its inputs, also the constant ones."""
    if not isinstance(subject, Again):
        return subject
    wide: Any = copy.copy(subject)
    wide.slots = list(range(len(subject.fixed)))
    wide.inputs = [
        Input(f"input {subject.node.op.input_name(i)}", x, x.dtype)
        for i, x in enumerate(subject.fixed)
    ]
    return wide


def duplicates(arrays: Sequence[Array]) -> list[Array]:
    return [x.copy(order="K") for x in arrays]


def sizes(x: Array) -> Array:
    """The size of every entry, or that of a typical one if it is smaller."""
    return np.maximum(np.abs(x), typical(x))
