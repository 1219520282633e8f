"""Slopes from differences: what calculus says without knowing any rule.

    f'(x) ≈ (f(x − 2h) − 8 f(x − h) + 8 f(x + h) − f(x + 2h)) / 12h

The error of this fourth-order formula falls with h⁴, that of rounding grows with 1/h; in between,
around h = 1e-4 of the size of x, it is good to eleven digits. The same points also give the slope
from the left and from the right, and these differ at a kink.
Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 25.3.6 (1964).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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

    step: float
    slope: Array  # fourth order
    left: Array  # second order
    right: Array
    bend: Array  # how far these are apart, and those from short and long steps: 0 for a line
    noise: Array  # how much rounding may have changed slope


@dataclass(frozen=True)
class Line:
    """A way through the space of the inputs, passing the point of interest at t = 0."""

    along: Callable[[float], Outputs]
    step: float  # to start with
    widest: float
    size: float  # of what changes along the line


def joined(outputs: Sequence[Array]) -> Outputs:
    """Several outputs in one long vector."""
    flat = [np.abs(y).ravel() for y in outputs]
    values = [np.asarray(y, np.float64).ravel() for y in outputs]
    ulps = [np.spacing(y).astype(np.float64) for y in flat]
    return Outputs(np.concatenate([*values, []]), np.concatenate([*ulps, []]))


def read(line: Line, center: Outputs, step: float) -> Reading:
    """Look along a line from five points; nan where the function is not defined."""
    with np.errstate(all="ignore"):
        points = [seen(line, center, t * step) for t in (-2, -1, 1, 2)]
        f_2, f_1, f1, f2 = (point.values for point in points)
        f0 = center.values
        narrow, wide = (f1 - f_1) / (2 * step), (f2 - f_2) / (4 * step)
        slope = (4 * narrow - wide) / 3
        ulp = np.maximum.reduce([center.ulp, *(point.ulp for point in points)])
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


def seen(line: Line, center: Outputs, t: float) -> Outputs:
    """The outputs at a point of the line, or nan if the function refuses it."""
    try:
        there = line.along(t)
    except OUTSIDE:
        return Outputs(np.full_like(center.values, np.nan), center.ulp)
    if there.values.size != center.values.size:
        raise ValueError(
            f"gradcheck: the function has {center.values.size} outputs at the point of interest "
            f"and {there.values.size} beside it: where the number of outputs depends on values, "
            "there is no derivative; check the part before the selection"
        )
    return there


def blur(line: Line, step: float) -> float:
    """The relative error of the step itself: x + h is rounded too."""
    return float(np.spacing(line.size)) / step


def typical(x: Array) -> float:
    """The size of an array's entries: the median of those that are not 0; 1 if there are none."""
    sizes = np.abs(x[x != 0])
    return float(np.quantile(sizes, 0.5, method="lower")) if sizes.size else 1.0


def power_of_two(x: float) -> float:
    """The power of two at or below x."""
    return math.ldexp(0.5, math.frexp(x)[1])
