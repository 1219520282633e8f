"""What came out: tables to read, and all samples as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .harness import Figure, Outcome
from .workload import Comparison

LIBRARIES = ("minigrad", "numpy", "torch", "micrograd", "autograd")
COMPARISON = (
    *("workload", "ours", "peer", "result", "20–80 % of rounds", "of 20th percentiles"),
    *("target", "", "times faster"),
)
TIMES = ("workload", "contestant", "median", "20th percentile")


def text(outcomes: Sequence[Outcome]) -> str:
    """The whole report, in Markdown that can be read as it stands."""
    versions = ", ".join(f"{k} {v}" for k, v in libraries().items())
    parts = [
        "# Benchmarks",
        f"{versions}. {machine()}. One thread per contestant, Python's collector on; contestants "
        "in processes of their own take samples by turns, and what is compared are two samples "
        "of one round. A ratio is ours / peer: below 1 we are faster. What happens on the machine "
        "meanwhile slows some more than others; the 20th percentiles have least of it.",
        table(COMPARISON, [row for outcome in outcomes for row in comparison_rows(outcome)]),
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


def libraries() -> dict[str, str]:
    """The versions of the libraries that are there."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "from its source" if name == "minigrad" else "missing"
    return found


def machine() -> str:
    """Python, system and processor."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        name = models[0].partition(": ")[2] if models else name
    return (
        f"Python {platform.python_version()}, {platform.system()}, {name}, {os.cpu_count()} cores"
    )


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "machine": machine(),
        "versions": libraries(),
        "workloads": {o.workload.name: outcome_json(o) for o in outcomes},
    }


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """One workload: the comparisons, and the samples that they came from."""
    return {
        "unit": outcome.workload.unit,
        "missing": outcome.missing,
        "comparisons": [
            {**pair._asdict(), **found._asdict(), "undisturbed": outcome.undisturbed(pair)}
            for pair, found in outcome.comparisons().items()
        ],
        "samples": outcome.samples,
    }


def write(outcomes: Sequence[Outcome], folder: Path) -> None:
    """benchmarks.md and benchmarks.json in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.md").write_text(text(outcomes), encoding="utf-8")
    content = json.dumps(as_json(outcomes), indent=1)
    (folder / "benchmarks.json").write_text(content, encoding="utf-8")
