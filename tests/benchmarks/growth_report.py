"""How times grow with the size of a task: the exponents, as a table and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .harness import Outcome
from .workloads.sizes import number

HEADER = ("growth", "sizes", "exponent", "theory")
COLUMNS = 3


def sizes_and_times(outcome: Outcome) -> tuple[np.ndarray, np.ndarray]:
    """The sizes that were measured, and the 20th percentile of the times of each."""
    names = sorted(outcome.samples, key=number)
    times = [outcome.figure(name).low for name in names]
    return np.array([number(name) for name in names], float), np.array(times)


def exponent(outcome: Outcome) -> float:
    """p of time ∝ sizeᵖ: the slope of a line through the logarithms."""
    return float(np.polyfit(*map(np.log, sizes_and_times(outcome)), 1)[0])


def growing(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those of which the contestants are sizes."""
    return [o for o in outcomes if o.workload.theory is not None and len(o.samples) > 1]


def rows(outcomes: Sequence[Outcome]) -> list[Sequence[str]]:
    """A row of the table for each of them."""
    found: list[Sequence[str]] = []
    for o in growing(outcomes):
        sizes = sizes_and_times(o)[0]
        span = f"{sizes[0]:,.0f} – {sizes[-1]:,.0f}"
        found.append((o.workload.name, span, f"{exponent(o):.2f}", f"{o.workload.theory:g}"))
    return found


def draw(outcomes: Sequence[Outcome], path: Path) -> bool:
    """A panel for each, both axes logarithmic; False if there is nothing to draw or draw with."""
    found = growing(outcomes)
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    if not found:
        return False
    lines = -(-len(found) // COLUMNS)
    figure = Figure(figsize=(4 * COLUMNS, 3 * lines), layout="constrained")
    panels = figure.subplots(lines, COLUMNS, squeeze=False).ravel()
    for panel, outcome in zip(panels, found):
        panel_of(panel, outcome)
    for panel in panels[len(found) :]:
        panel.set_axis_off()
    figure.savefig(path, dpi=120)
    return True


def panel_of(panel: Any, outcome: Outcome) -> None:
    """Times as points, and the line that theory draws through the largest."""
    sizes, times = sizes_and_times(outcome)
    theory = times[-1] * (sizes / sizes[-1]) ** outcome.workload.theory
    panel.loglog(sizes, theory * 1e3, color="#999999", label=f"theory: {outcome.workload.theory:g}")
    panel.loglog(
        sizes, times * 1e3, "o", color="#0072B2", label=f"measured: {exponent(outcome):.2f}"
    )
    unit = next(iter(outcome.samples)).split()[1]
    panel.minorticks_off()
    panel.set_xticks(sizes[::2], [f"{n:,.0f}" for n in sizes[::2]])
    panel.yaxis.set_major_formatter("{x:g}")
    panel.set(title=outcome.workload.name, xlabel=unit, ylabel="ms")
    panel.legend(title="exponent")
