"""The report of a check: a verdict, a table, and for everything wrong the place and the numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from minigrad.check.findings import Diagnosis, Failure, Kink, Place, Row
from minigrad.check.html import page
from minigrad.viz import Drawing

LISTED = 5  # how many wrong entries, kinks, ... are written out


class GradcheckError(AssertionError):
    """A gradient is not what finite differences say; the message is the report."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


@dataclass(repr=False)
class Report:
    """The result of a check: true when all is well, a readable table as text.

    ok: nothing is wrong. failures and kinks: every one that was found. worst: the largest error,
    relative to the scale of the gradient, and where it was. diagnoses: what kind of mistake every
    wrong input shows. blame: whose fault it is, in words. warnings: what to know besides.
    vacuous: there was nothing that could have been wrong.
    """

    title: str
    rows: list[Row] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    kinks: list[Kink] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    blame: list[str] = field(default_factory=list)
    vacuous: bool = False
    picture: Callable[..., Drawing] | None = field(default=None, repr=False, compare=False)

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

    @property
    def diagnoses(self) -> list[tuple[str, Diagnosis]]:
        """For each input whose gradient is wrong what it is called, and what the mistake is."""
        first = [group[0] for group in self.groups() if group[0].pattern]
        return [
            (f"{one.place.owner}, {one.name}", Diagnosis(one.pattern, one.diagnosis))
            for one in first
        ]

    def __str__(self) -> str:
        parts = [self.headline(), shortened("", self.blame), self.table()]
        parts += [*self.wrong_entries(), *self.other_failures()]
        parts += [shortened("not differentiable:", self.kinks), shortened("note:", self.warnings)]
        return "\n".join(part for part in parts if part)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return page(self)

    def draw(self, **options: Any) -> Drawing:
        """The graph at the point of the check, with what was found written into its boxes.

        Ops whose rule is wrong and inputs whose gradient is wrong have a thick dashed border, FAIL
        and the numbers; the others say ok and how large the error was. options: those of
        `minigrad.draw`; by default depth=None, values="stats", legend=True, title the verdict.
        Errors: a RuntimeError if what was checked has no graph; as for `draw`.
        """
        if self.picture is None:
            raise RuntimeError(
                f"{self.title}: there is no graph to draw: plain functions of arrays, checked with "
                "gradient=, record none"
            )
        return self.picture(self, **options)

    def headline(self) -> str:
        """What was checked, and the verdict, in one line."""
        return f"{self.title}: {self.verdict()}"

    def verdict(self) -> str:
        """ok or FAILED, and why."""
        if not self.ok:
            kinds = dict.fromkeys(failure.kind for failure in self.failures)
            return f"FAILED ({', '.join(kinds)})"
        if self.vacuous:
            return "ok, but the check is vacuous"
        at = f" at {self.where}" if self.where is not None and self.worst else ""
        return f"ok, worst error {self.worst:.1e}{at}"

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
        """For each input with wrong entries the advice, and a table of the worst of them."""
        groups = list(self.groups())
        for group in groups[:LISTED]:
            cells = [("index", "analytic", "numeric", "ratio")]
            cells += [failure.cells for failure in worst_first(group)[:LISTED]]
            yield f"{self.group_title(group)}{advice(group)}\n{aligned(cells, '>>>>')}"
        if len(groups) > LISTED:
            yield f"and {len(groups) - LISTED} more inputs with wrong entries, see .diagnoses"

    def groups(self) -> Iterable[list[Failure]]:
        """The wrong entries, those of one input together."""
        grouped: dict[tuple[str, int | None], list[Failure]] = {}
        for failure in self.failures:
            if not failure.message:
                grouped.setdefault((failure.place.owner, failure.input), []).append(failure)
        return grouped.values()

    def group_title(self, group: Sequence[Failure]) -> str:
        """How many entries of an input are wrong, and how much."""
        place, largest = group[0].place, max(failure.error for failure in group)
        alike = sum((failure.index is None) == (place.index is None) for failure in group)
        of = {row.label: row.compared for row in self.rows}.get(place.label)
        count = f"{alike} of {of}" if of else str(alike)
        singular, plural = THINGS[place.index is None]
        things = f"{plural} are" if alike > 1 or of else f"{singular} is"
        return (
            f"{place.owner}, {place.label}: {count} {things} wrong, by up to {largest:.1e} "
            "of the largest slope"
        )

    def other_failures(self) -> list[str]:
        others = [failure for failure in self.failures if failure.message]
        return [shortened("", others)] if others else []


THINGS = ("entry", "entries"), ("random direction", "random directions")


def advice(group: Sequence[Failure]) -> str:
    """The line that says what is wrong with an input, if that is known."""
    return f"\n    {group[0].diagnosis}" if group[0].diagnosis else ""


def worst_first(group: Sequence[Failure]) -> list[Failure]:
    """The worst entry first; directions only where no entry is known."""
    entries = [failure for failure in group if failure.index is not None]
    return sorted(entries or group, key=lambda failure: -failure.error)


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
