"""What one looks at, and what one concludes: the words in which judge.py judges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigrad.check.slopes import Reading
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
    """A reading, summed with each of the cotangents."""

    reading: Reading
    numeric: Array  # the slopes
    size: Array  # what they are small or large in comparison with
    noise: Array
    gap: Array  # between the slopes from left and right, or from short and long steps
    sides: Array  # the size of these

    @property
    def finite(self) -> bool:
        return bool(np.isfinite(self.numeric).all())


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
