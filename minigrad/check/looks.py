"""What one looks at, and what one concludes: the words in which judge.py judges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigrad.graph import Array


@dataclass(frozen=True)
class Rules:
    """How strict a judgement is: without tolerances relative to the slope, else as in PyTorch."""

    atol: float | None = None
    rtol: float | None = None
    kinks: bool = True

    @property
    def strict(self) -> bool:
        return self.atol is None and self.rtol is None

    @property
    def absolute(self) -> float:
        return 1e-5 if self.atol is None else self.atol

    @property
    def relative(self) -> float:
        return 1e-3 if self.rtol is None else self.rtol


class Cotangents:
    """The weights with which outputs are summed, one row per sum; None: each output by itself."""

    def __init__(self, weights: Array | None) -> None:
        self.weights = weights

    def sum(self, slopes: Array) -> Array:
        return slopes if self.weights is None else self.weights @ slopes

    def size(self, slopes: Array) -> Array:
        """The size of the sums when signs are as good as random."""
        if self.weights is None:
            return np.abs(slopes)
        return np.sqrt((self.weights * self.weights) @ (slopes * slopes))

    def between(self, left: Array, right: Array) -> tuple[Array, Array]:
        """The least and the greatest sum of slopes that each lie between left and right."""
        if self.weights is None:
            return np.minimum(left, right), np.maximum(left, right)
        ends = self.weights * left, self.weights * right
        return np.minimum(*ends).sum(axis=1), np.maximum(*ends).sum(axis=1)


@dataclass(frozen=True)
class Look:
    """A reading, summed with each of the cotangents; of many lines, with a column for each."""

    reading: Any  # a Reading; None once it is summed up
    numeric: Array  # the slopes
    size: Array  # what they are small or large in comparison with
    noise: Array
    gap: Array  # between the slopes from left and right, or from short and long steps
    sides: Array  # the size of these

    @property
    def finite(self) -> Any:
        return np.isfinite(self.numeric).all(axis=0)

    def column(self, i: int) -> Look:
        """What was seen along one of many lines."""
        sums = self.numeric, self.size, self.noise, self.gap, self.sides
        return Look(self.reading.column(i), *[x[:, i] for x in sums])


@dataclass(frozen=True)
class Bend:
    """A kink or jump, where it is largest: the slopes on both sides, and the rule's choice."""

    left: float
    right: float
    picked: float


@dataclass(frozen=True)
class Judgement:
    """What came out: "right", "wrong", "undefined" or "unsettled"; with the kink, if any."""

    verdict: str
    look: Look
    bend: Bend | None = None
    hidden: Array | None = None  # what rounding may hide, if more than look.noise

    @property
    def noise(self) -> Array:
        return self.look.noise if self.hidden is None else self.hidden

    @property
    def summed(self) -> Judgement:
        """The same without the slopes of every single output, which may be very many."""
        return replace(self, look=replace(self.look, reading=None))

    def column(self, i: int) -> Judgement:
        """The judgement on one of many lines, if it is the same for all of them."""
        return Judgement(self.verdict, self.look.column(i), None, self.noise[:, i])


def tidy(x: float, unit: float) -> float:
    """x without what rounding left behind the sixth digit of unit."""
    if not np.isfinite(x) or not unit > 0:
        return x + 0.0
    return round(x, 5 - int(np.floor(np.log10(unit)))) + 0.0


def endless(slope: float, unit: float) -> float:
    """A slope at a jump: the side that steps over it has none."""
    return float(np.copysign(np.inf, slope)) if abs(slope) > 0.5 * unit else slope
