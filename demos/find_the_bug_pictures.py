"""The picture of `find_the_bug` that is no graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from figures import legend_below, slide
from style import BLACK, BLUE, GREEN, ORANGE, PINK

if TYPE_CHECKING:
    from find_the_bug import Found

COLOURS, DASHES = (BLACK, ORANGE, BLUE, PINK, GREEN), ("-", "--", "-.", ":", "--")


def draw_learning(found: dict[str, Found], path: Path) -> Path:
    """The mean of ten losses, for every version of the backward pass."""
    with slide(path, 10, 5.2) as figure:
        ax = figure.subplots()
        for (name, one), colour, dash in zip(found.items(), COLOURS, DASHES):
            losses = np.convolve(one.losses, np.full(10, 0.1), "valid")
            label = f"{name} ({one.accuracy:.0%})"
            ax.semilogy(np.arange(10, 10 + len(losses)), losses, dash, color=colour, label=label)
        ax.set(
            xlabel="iterations",
            ylabel="cross-entropy (nats)",
            title="Five backward passes, one of them right (test accuracy)",
        )
        legend_below(figure, ax, ncols=3)
    return path
