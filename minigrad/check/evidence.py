"""What can be known of a wrong gradient: what the rule says, what differences say, and more to ask.

A mistake is recognised by undoing it: if the gradient is right as soon as its axes are exchanged,
they had been exchanged. So patterns compare the Jacobian of the rule, changed, with the one that
differences show; or, where a Jacobian would be too large, gradients for a few random cotangents.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from minigrad.check.witness import SEVERAL, Other, Slopes, Witness
from minigrad.graph import Array

EXACT = 1e-6  # how well a diagnosis must reproduce the slopes, relative to the largest
PART = 0.02  # and how much of the error may remain
TINIEST = np.finfo(float).tiny


class Evidence:
    """The gradients of one output with respect to one input, and what they should be.

    analytic: what the rule says, a gradient for each cotangent. numeric: what differences say,
    for each cotangent (row) and line (column), as far as the lines are smooth.
    """

    def __init__(
        self, witness: Witness, k: int, output: int, slopes: Slopes, dense: bool = False
    ) -> None:
        self.witness, self.k, self.output = witness, k, output
        self.x, self.y = witness.arrays[k], witness.point.outputs[output]
        self.part = witness.part(output)
        cotangents, gradients = witness.rows(output, dense)
        self.weights, self.analytic = cotangents[:, self.part], gradients[k]
        self.slopes, self.lines, self.smooth = slopes, slopes.lines, slopes.smooth
        self.numeric, self.noise = self.weighted(slopes, self.weights)

    def weighted(self, slopes: Slopes, weights: Array) -> tuple[Array, Array]:
        """Slopes of the output, summed with weights, and their rounding errors."""
        values, noise = (
            part[self.part][:, slopes.smooth] for part in (slopes.values, slopes.noise)
        )
        return weights @ values, np.sqrt(weights**2 @ noise**2)

    # --- What there is ----------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """What the input is called."""
        return self.witness.subject.inputs[self.k].label

    @property
    def complete(self) -> bool:
        """Whether every entry of the output has a cotangent of its own."""
        return len(self.weights) == self.y.size

    @property
    def by_entry(self) -> bool:
        """Whether the slopes of the entries of the input are known one by one."""
        return self.lines is None

    @property
    def full(self) -> bool:
        """Whether both Jacobians are known in all their entries."""
        return self.complete and self.by_entry

    @property
    def jacobian(self) -> Array:
        """The analytic gradients, with the axes of the output in front, if these are known."""
        rows = self.y.shape if self.complete else (len(self.analytic),)
        return self.analytic.reshape(*rows, *self.x.shape)

    @property
    def own(self) -> int:
        """Which axis of the Jacobian is the input's first."""
        return self.jacobian.ndim - self.x.ndim

    @property
    def long_axes(self) -> list[int]:
        """The axes of the Jacobian along which there is an order."""
        first = 0 if self.complete else self.own
        return [axis for axis, n in enumerate(self.jacobian.shape) if n > 1 and axis >= first]

    @property
    def own_axes(self) -> list[int]:
        """Those of the input."""
        return [axis for axis in self.long_axes if axis >= self.own]

    @cached_property
    def linked(self) -> Array:
        """Which entries of the output depend on which of the input, as differences show it."""
        return np.abs(self.numeric) > EXACT * self.scale

    def reach(self, side: int, axis: int) -> int:
        """How many places along an axis of input (0) or output (1) the other side meets, at most.

        1 for what works entry by entry, all for a sum over this axis, some for a window.
        """
        shape, other = (self.x.shape, self.y.shape)[:: -1 if side else 1]
        if not (self.full and self.smooth.all()):
            return shape[axis] if shape != other else 1
        links = (self.linked.T if side else self.linked).reshape(-1, *shape)
        rest = tuple(a + 1 for a in range(len(shape)) if a != axis)
        return int(links.any(axis=rest).sum(axis=1).max(initial=0))

    @property
    def mixes(self) -> bool:
        """Whether some entry of the output depends on several of the input."""
        return not self.full or bool((self.linked.sum(axis=1) > 1).any())

    @property
    def others(self) -> list[Other]:
        """The other inputs, if they are few: a whole network has too many to try."""
        return self.witness.others(self.k)

    # --- What would explain it --------------------------------------------------------------------

    def seen(self, gradients: Array) -> Array:
        """Gradients along the lines along which differences were taken."""
        flat = gradients.reshape(-1, self.x.size)
        return (flat if self.lines is None else flat @ self.lines.T)[:, self.smooth]

    @cached_property
    def scale(self) -> Array:
        """The largest slope of each row."""
        rows = np.abs(self.numeric).max(axis=1, initial=0.0, keepdims=True)
        return np.maximum(rows, EXACT * rows.max(initial=0.0))

    @cached_property
    def error(self) -> Array:
        """What is to be explained."""
        return np.abs(self.seen(self.analytic) - self.numeric)

    @cached_property
    def tolerance(self) -> Array:
        """What may remain of it."""
        worst = float((self.error / np.maximum(self.scale, TINIEST)).max(initial=0.0))
        return min(EXACT, PART * worst) * self.scale + 4 * self.noise

    @property
    def wrong(self) -> bool:
        """Whether the error is no matter of rounding."""
        return bool((self.error > 10 * self.noise + 0.01 * EXACT * self.scale).any())

    def explains(self, gradients: Array) -> bool:
        """Whether the gradients, changed like this, are right."""
        left = np.abs(self.seen(gradients) - self.numeric)
        fits = bool((left <= self.tolerance).all())
        return fits and float(left.max(initial=0.0)) <= 0.1 * float(self.error.max(initial=0.0))

    def ratio(self, gradients: Array) -> float:
        """By what factor the gradients are too large, if it is the same everywhere; else nan."""
        scale = np.maximum(self.scale, TINIEST)
        seen, numeric = self.seen(gradients) / scale, self.numeric / scale
        square = float((numeric * numeric).sum())
        c = float((seen * numeric).sum()) / square if square else math.nan
        return c if c and math.isfinite(c) and self.explains(gradients / c) else math.nan

    def are_slopes(self, gradients: Array, weights: Array, there: Slopes | None) -> bool | None:
        """Whether gradients, one for each cotangent, are what was seen elsewhere."""
        if there is None or there.lines is None or not np.isfinite(gradients).all():
            return None
        numeric, noise = self.weighted(there, weights)
        said = gradients.reshape(len(gradients), -1) @ there.lines.T
        limit = 10 * EXACT * np.abs(numeric).max(initial=0.0) + 8 * noise
        return bool((np.abs(said - numeric) <= limit).all() and numeric.any())

    def is_right_for(self, other: Other, changed: Array) -> bool:
        """Whether the rule gives what would be right if another input were changed like this."""
        if np.array_equal(changed, other.array):
            return False
        there = self.witness.slopes_with(self.k, other.place, changed)
        return bool(self.are_slopes(self.analytic, self.weights, there))

    @cached_property
    def factor(self) -> float:
        """The factor by which the analytic gradients are too large; nan if there is none."""
        return self.ratio(self.analytic)

    @cached_property
    def factor_holds(self) -> bool | None:
        """Whether it is the same at another point; None if that cannot be said."""
        arrays = self.witness.nearby()
        if arrays is None:
            return None
        weights = self.witness.random(SEVERAL, self.y.size)
        rows = self.witness.gradients_at(arrays, self.output, weights)
        if rows is None:
            return None
        return self.are_slopes(
            rows[self.k] / self.factor, weights, self.witness.slopes(self.k, arrays)
        )

    @property
    def several(self) -> bool:
        """Whether there is more than one number to compare."""
        return int(np.count_nonzero(self.linked)) > 1
