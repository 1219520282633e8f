"""What a check found: a verdict, a table, and for everything wrong the place and the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LISTED = 5  # how many wrong entries, kinks, ... are written out


class GradcheckError(AssertionError):
    """A gradient is not what finite differences say; the message is the report."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


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
    difference relative to the largest slope of that input.
    """

    kind: str
    place: Place
    message: str = ""
    analytic: float = np.nan
    numeric: float = np.nan
    error: float = np.nan

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

    def __str__(self) -> str:
        return self.message or (
            f"{self.place.owner}: {self.kind} at {self.place.entry}: analytic {self.analytic:.6g}, "
            f"numeric {self.numeric:.6g}, ratio {self.ratio:.6g}"
        )


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


@dataclass
class Report:
    """The result of a check: true when all is well, a readable table as text.

    ok: nothing is wrong. failures and kinks: every one that was found. worst: the largest error,
    relative to the scale of the gradient, and where it was. warnings: what to know besides.
    """

    title: str
    rows: list[Row] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    kinks: list[Kink] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.failures

    def __bool__(self) -> bool:
        return self.ok

    @property
    def worst(self) -> float:
        """The largest error, relative to the largest slope of its input; 0 if nothing was seen."""
        return max((row.worst for row in self.rows), default=0.0)

    @property
    def where(self) -> Place | None:
        """The place of the largest error."""
        return max(self.rows, key=lambda row: row.worst).at if self.rows else None

    def __str__(self) -> str:
        parts = [self.headline(), self.table(), *self.wrong_entries(), *self.other_failures()]
        parts += [shortened("not differentiable:", self.kinks), shortened("note:", self.warnings)]
        return "\n".join(part for part in parts if part)

    def headline(self) -> str:
        """The verdict in one line."""
        if not self.ok:
            kinds = dict.fromkeys(failure.kind for failure in self.failures)
            return f"{self.title}: FAILED ({', '.join(kinds)})"
        at = f" at {self.where}" if self.where is not None and self.worst else ""
        return f"{self.title}: ok, worst error {self.worst:.1e}{at}"

    def table(self) -> str:
        """A line for each row."""
        if not self.rows:
            return ""
        cells = [("", "shape", "elements", "worst error", "verdict")]
        cells += [
            (row.label, row.detail, str(row.elements), f"{row.worst:.1e}", row.verdict)
            for row in self.rows
        ]
        return aligned(cells, "<<>><")

    def wrong_entries(self) -> Iterable[str]:
        """For each input with wrong entries the worst of them."""
        grouped: dict[tuple[str, int | None], list[Failure]] = {}
        for failure in self.failures:
            if not failure.message:
                grouped.setdefault((failure.place.owner, failure.input), []).append(failure)
        return (self.worst_entries(group) for group in grouped.values())

    def worst_entries(self, group: Sequence[Failure]) -> str:
        """A table of the worst entries of one input."""
        place, largest = group[0].place, max(failure.error for failure in group)
        of = {row.label: row.compared for row in self.rows}.get(place.label)
        count = f"{len(group)} of {of}" if of else str(len(group))
        singular, plural = THINGS[place.index is None]
        things = f"{plural} are" if len(group) > 1 or of else f"{singular} is"
        worst = sorted(group, key=lambda failure: -failure.error)[:LISTED]
        cells = [("index", "analytic", "numeric", "ratio"), *map(entry, worst)]
        return (
            f"{place.owner}, {place.label}: {count} {things} wrong, by up to {largest:.1e} "
            f"of the largest slope\n{aligned(cells, '>>>>')}"
        )

    def other_failures(self) -> list[str]:
        others = [failure for failure in self.failures if failure.message]
        return [shortened("", others)] if others else []


WRONG = "wrong gradient"
THINGS = ("entry", "entries"), ("random direction", "random directions")


def entry(failure: Failure) -> tuple[str, str, str, str]:
    """The cells of one wrong entry."""
    index = "any" if failure.index is None else str(failure.index)
    return index, f"{failure.analytic:.6g}", f"{failure.numeric:.6g}", f"{failure.ratio:.5g}"


def aligned(rows: Sequence[Sequence[str]], sides: str) -> str:
    """Cells in columns, each as wide as its widest; sides says where their text begins."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join(
        "    " + "  ".join(f"{c:{s}{w}}" for c, s, w in zip(row, sides, widths)).rstrip()
        for row in rows
    )


def shortened(heading: str, things: Sequence[Any]) -> str:
    """Some of the things, one per line, and how many are left out."""
    if not things:
        return ""
    lines = [f"    {thing}" if heading else str(thing) for thing in things[:LISTED]]
    if len(things) > LISTED:
        lines.append(f"    and {len(things) - LISTED} more")
    return "\n".join([heading, *lines] if heading else lines)


def slope(x: float) -> str:
    """A one-sided slope; where the function ends there is none."""
    return "none" if np.isnan(x) else f"{x:.6g}"
