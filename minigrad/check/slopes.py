"""Slopes from differences: what calculus says without knowing any rule.

    f'(x) ≈ (f(x − 2h) − 8 f(x − h) + 8 f(x + h) − f(x + 2h)) / 12h

The error of this fourth-order formula falls with h⁴, that of rounding grows with 1/h; in between,
around h = 1e-4 of the size of x, it is good to eleven digits. The same points also give the slope
from the left and from the right, and these differ at a kink.
Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 25.3.6 (1964).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from minigrad.graph import Array

# The step of each order in sizes of x: a power of two, so that x + h is rounded little.
STEPS = {1: 2.0**-26, 2: 2.0**-17, 4: 2.0**-13}
SLIP = 16  # rounding errors of an output, in units of its last place
OUTSIDE = (np.linalg.LinAlgError, ArithmeticError)  # how functions say that x is not their domain


class Outputs(NamedTuple):
    """All outputs of a function in one long vector, and the unit in the last place of each."""

    values: Array
    ulp: Array


class Reading(NamedTuple):
    """The slopes of all outputs at one point along one line, from two sides and from each."""

    step: Any
    slope: Array  # fourth order
    left: Array  # second order
    right: Array
    bend: Array  # how far these are apart, and those from short and long steps: 0 for a line
    noise: Array  # how much rounding may have changed slope

    def column(self, i: int) -> Reading:
        """That of one of many lines."""
        return Reading(self.step[i], *[part[:, i] for part in self[1:]])


@dataclass(frozen=True)
class Line:
    """A way through the space of the inputs, passing the point of interest at t = 0.

    Or many of them, side by side: then t, step and size are arrays with an entry for each, and
    what is seen has a column for each.
    """

    along: Callable[[Any], Outputs]
    step: Any  # to start with
    widest: Any
    size: Any  # of what changes along the line


def joined(outputs: Sequence[Array]) -> Outputs:
    """Several outputs in one long vector."""
    values = [y.ravel() for y in outputs]
    ulps = [np.spacing(np.abs(y)) for y in values]
    return Outputs(vector(values), vector(ulps))


def vector(parts: Sequence[Array]) -> Array:
    """Several vectors as one in float64, a copy."""
    if len(parts) == 1:
        return parts[0].astype(np.float64)
    return np.concatenate([*parts, []])


def read(line: Line, center: Outputs, step: Any) -> Reading:
    """Look along a line from five points; nan where the function is not defined."""
    with np.errstate(all="ignore"):
        points = [line.along(t * step) for t in (-2, -1, 1, 2)]
        f_2, f_1, f1, f2 = (point.values for point in points)
        f0 = center.values
        narrow, wide = (f1 - f_1) / (2 * step), (f2 - f_2) / (4 * step)
        slope = (4 * narrow - wide) / 3
        ulp = reduce(np.maximum, [point.ulp for point in points], center.ulp)
        still = (f_2 == f0) & (f_1 == f0) & (f1 == f0) & (f2 == f0)
        left, right = (3 * f0 - 4 * f_1 + f_2) / (2 * step), (4 * f1 - f2 - 3 * f0) / (2 * step)
        return Reading(
            step,
            slope,
            left,
            right,
            bend=np.abs(right - left) + np.abs(narrow - wide),
            # an output that stands still may have moved by less than it can show
            noise=np.where(still, 0.25, SLIP) * ulp / step + np.abs(slope) * blur(line, step),
        )


def seen(values: Callable[[], Sequence[Array]], center: Outputs) -> Outputs:
    """The outputs beside the point of interest, or nan if the function refuses to go there."""
    try:
        return comparable(values(), center)
    except OUTSIDE:
        return Outputs(np.full_like(center.values, np.nan), center.ulp)


def comparable(outputs: Sequence[Array], center: Outputs) -> Outputs:
    """The outputs in one vector, which must be as long as that at the point of interest."""
    there = joined(outputs)
    if there.values.size != center.values.size:
        raise ValueError(
            f"gradcheck: the function has {center.values.size} outputs at the point of interest "
            f"and {there.values.size} beside it: where the number of outputs depends on values, "
            "there is no derivative; check the part before the selection"
        )
    return there


def blur(line: Line, step: Any) -> Any:
    """The relative error of the step itself: x + h is rounded too."""
    return np.spacing(line.size) / step


def typical(x: Array) -> float:
    """The size of an array's entries: the median of those that are not 0; 1 if there are none."""
    sizes = np.abs(x[x != 0])
    return float(np.quantile(sizes, 0.5, method="lower")) if sizes.size else 1.0


def power_of_two(x: Any) -> Any:
    """The power of two at or below x."""
    return np.ldexp(0.5, np.frexp(x)[1])
