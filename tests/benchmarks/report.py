"""What came out: tables to read, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from . import growth_report, record
from .harness import Figure, Outcome
from .workload import Comparison, Group

COMPARISON = (
    *("workload", "ours", "peer", "result", "20–80 % of rounds", "of 20th percentiles"),
    *("target", "", "times faster"),
)
TIMES = ("workload", "contestant", "median", "20th percentile")
MEAN = ("geometric mean", "ours", "peer", "of medians", "of 20th percentiles", "target", "")


def text(outcomes: Sequence[Outcome]) -> str:
    """The whole report, in Markdown that can be read as it stands."""
    versions = ", ".join(f"{k} {v}" for k, v in record.libraries().items())
    parts = [
        "# Benchmarks",
        f"{versions}. {record.machine()}. One thread per contestant, but for threads/…; Python's "
        "collector on. Contestants in processes of their own take samples by turns, and what is "
        "compared are two samples of one round. A ratio is ours / peer: below 1 we are faster. "
        "What happens on the machine meanwhile slows some more than others; the 20th percentiles "
        "have least of it.",
        table(COMPARISON, [row for outcome in outcomes for row in comparison_rows(outcome)]),
        table(MEAN, mean_rows(outcomes)),
        table(growth_report.HEADER, growth_report.rows(outcomes)),
        table(TIMES, [row for outcome in outcomes for row in time_rows(outcome)]),
        "\n".join(f"- **{o.workload.name}**: {o.workload.about}" for o in outcomes),
    ]
    return "\n\n".join(parts) + "\n"


def comparison_rows(outcome: Outcome) -> list[Sequence[str]]:
    """A row for each comparison; one of which a library is missing says so."""
    rows: list[Sequence[str]] = []
    found = outcome.comparisons()
    for pair in outcome.workload.comparisons:
        first = (outcome.workload.name, pair.ours, pair.peer)
        if pair in found:
            rows.append((*first, *result_cells(outcome, pair, found[pair])))
        else:
            library = outcome.missing.get(pair.peer) or outcome.missing[pair.ours]
            rows.append((*first, f"{library} is missing", "", "", "", "", ""))
    return rows


def result_cells(outcome: Outcome, pair: Comparison, found: Figure) -> Sequence[str]:
    """What came out, how far it scatters, what it should be, and if it is."""

    def shown(x: float) -> str:
        return quantity(x, outcome.workload.unit) if pair.difference else f"{x:.3g}"

    met = "" if pair.target is None else "met" if found.median <= pair.target else "missed"
    return (
        shown(found.median),
        f"{shown(found.low)} – {shown(found.high)}",
        shown(outcome.undisturbed(pair)),
        "" if pair.target is None else f"≤ {shown(pair.target)}",
        met,
        "" if pair.difference or found.median > 1 else f"{1 / found.median:.3g}",
    )


def groups(outcomes: Sequence[Outcome]) -> dict[tuple[Group, Comparison], list[Outcome]]:
    """The outcomes that a mean is taken of, for each pair of contestants."""
    found: dict[tuple[Group, Comparison], list[Outcome]] = {}
    for o in outcomes:
        for pair in o.comparisons() if o.workload.group else ():
            found.setdefault((o.workload.group, pair), []).append(o)
    return found


def mean_rows(outcomes: Sequence[Outcome]) -> list[Sequence[str]]:
    """A row for each group of workloads and each peer."""
    rows: list[Sequence[str]] = []
    for (group, pair), members in groups(outcomes).items():
        medians = geometric_mean([o.compared(pair).median for o in members])
        lowest = geometric_mean([o.undisturbed(pair) for o in members])
        target = None if pair.target is None else group.target
        name = f"{group.name} ({len(members)})"
        found = f"{medians:.3g}", f"{lowest:.3g}", *against(medians, target)
        rows.append((name, pair.ours, pair.peer, *found))
    return rows


def against(found: float, target: float | None) -> tuple[str, str]:
    """The target, and whether it was met."""
    return (
        ("", "") if target is None else (f"≤ {target:.3g}", "met" if found <= target else "missed")
    )


def geometric_mean(ratios: Sequence[float]) -> float:
    """The mean of ratios: half and double make 1."""
    return float(np.exp(np.mean(np.log(ratios))))


def time_rows(outcome: Outcome) -> list[Sequence[str]]:
    """A row for each contestant that was there."""
    unit = outcome.workload.unit
    figures = {x: outcome.figure(x) for x in outcome.samples}
    return [
        (outcome.workload.name, x, quantity(f.median, unit), quantity(f.low, unit))
        for x, f in figures.items()
    ]


def quantity(x: float, unit: str) -> str:
    """A number of seconds, in a unit that suits it; or of megabytes."""
    if unit != "s":
        return f"{x:.3g} {unit}"
    factor, name = next((p for p in ((1, "s"), (1e3, "ms")) if abs(x) * p[0] >= 1), (1e6, "µs"))
    return f"{x * factor:.3g} {name}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with columns in line."""
    widths = [max(map(len, column)) for column in zip(header, *rows)]
    lines = [header, ["-" * max(3, n) for n in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(n) for cell, n in zip(line, widths)) + " |" for line in lines
    )


def write(outcomes: Sequence[Outcome], folder: Path) -> None:
    """benchmarks.md, benchmarks.json and, if there is matplotlib, growth.png in the folder."""
    record.write(outcomes, folder / "benchmarks.json")
    (folder / "benchmarks.md").write_text(text(outcomes), encoding="utf-8")
    growth_report.draw(outcomes, folder / "growth.png")
