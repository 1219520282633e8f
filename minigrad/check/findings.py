"""What a check may find: wrong entries, other failures, kinks, and how every input did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

WRONG = "wrong gradient"


@dataclass(frozen=True)
class Place:
    """Where something was found: an entry of an input, and in a graph the node at which."""

    owner: str  # the function or op
    input: int | None = None
    label: str = ""  # "input 0", "parameter conv.weight"
    index: tuple[int, ...] | None = None  # None: a random direction through all entries
    node: Any = None

    @property
    def entry(self) -> str:
        """The entry of the input."""
        entry = "a random direction" if self.index is None else f"element {self.index}"
        return f"{self.label}, {entry}"

    def __str__(self) -> str:
        if not self.label:
            return self.owner
        return self.entry if self.node is None else f"{self.owner}, {self.entry}"


@dataclass(frozen=True)
class Failure:
    """Something wrong. kind is "wrong gradient" or the name of what prevents a judgement.

    A wrong gradient has numbers, everything else a message.
    analytic and numeric are slopes of the outputs summed with random weights; error is their
    difference relative to the largest slope of that input. pattern and diagnosis: what kind of
    mistake the input's gradient shows, and a line of advice.
    """

    kind: str
    place: Place
    message: str = ""
    analytic: float = np.nan
    numeric: float = np.nan
    error: float = np.nan
    pattern: str = ""
    diagnosis: str = ""

    @property
    def input(self) -> int | None:
        """The number of the input."""
        return self.place.input

    @property
    def name(self) -> str:
        """What the input is called."""
        return self.place.label

    @property
    def index(self) -> tuple[int, ...] | None:
        """The entry of the input."""
        return self.place.index

    @property
    def ratio(self) -> float:
        """analytic / numeric: 2 is counted twice, −1 a lost sign, 0 a forgotten path."""
        return self.analytic / self.numeric if self.numeric else np.nan

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Its line in a table: index, analytic, numeric, ratio."""
        index = "any" if self.index is None else str(self.index)
        ratio = f"{self.ratio:.5g}" if self.numeric else "—"
        return index, f"{self.analytic:.6g}", f"{self.numeric:.6g}", ratio

    def __str__(self) -> str:
        return self.message or (
            f"{self.place.owner}: {self.kind} at {self.place.entry}: analytic {self.analytic:.6g}, "
            f"numeric {self.numeric:.6g}, ratio {self.ratio:.6g}"
        )


@dataclass(frozen=True)
class Diagnosis:
    """What kind of mistake an input's gradient shows, and a line of advice."""

    pattern: str  # one of diagnosis.PATTERNS, "wrong at kinks only" or "unknown"
    advice: str

    def __str__(self) -> str:
        return self.advice


@dataclass(frozen=True)
class Kink:
    """A point without a derivative: slopes from the left and the right, and what the rule says."""

    place: Place
    left: float
    right: float
    picked: float

    @property
    def input(self) -> int | None:
        """The number of the input."""
        return self.place.input

    @property
    def index(self) -> tuple[int, ...] | None:
        """The entry of the input."""
        return self.place.index

    def __str__(self) -> str:
        return (
            f"{self.place.owner} is not differentiable at {self.place.entry}: the rule picked "
            f"{self.picked:.6g}, the slopes are {slope(self.left)} and {slope(self.right)}"
        )


@dataclass(frozen=True)
class Row:
    """One line of the table: an input of a function, or an op of a graph."""

    label: str
    detail: str  # the shape of an input, the number of ops
    elements: int
    compared: int  # slopes: one per element, or per random direction
    worst: float  # the largest error of the entries, relative to the largest slope
    verdict: str
    at: Place | None = None  # the place of the worst


def slope(x: float) -> str:
    """A one-sided slope; where the function ends there is none."""
    return "none" if np.isnan(x) else f"{x:.6g}"
