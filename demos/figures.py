"""What the demos draw with: a figure in slide style, a legend outside the data, contour lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from style import SLIDE

Box = Sequence[tuple[float, float]]


@contextmanager
def slide(path: Path, *size: float, style: Any = SLIDE) -> Iterator[Figure]:
    """A figure so many inches wide and high, for axes to be put in; saved when it is done."""
    with rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        yield figure
        figure.savefig(path)


def legend_below(figure: Figure, ax: Any) -> None:
    """What the lines of one of the axes mean, below all of them."""
    lines, names = ax.get_legend_handles_labels()
    figure.legend(lines, names, loc="outside lower center", ncols=len(names), frameon=False)


def legend_under(ax: Any, **options: Any) -> None:
    """The same for one of the axes alone, under its own label."""
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False, **options)


def on_grid(f: Callable[[Any, Any], Any], box: Box, n: int = 201) -> tuple[Any, Any, Any]:
    """x, y and f(x, y) on n × n points of a box."""
    x, y = np.meshgrid(*(np.linspace(low, high, n) for low, high in box))
    return x, y, f(x, y)


def contours(
    ax: Any, f: Callable[[Any, Any], Any], box: Box, lowest: float = 0.0, **options: Any
) -> None:
    """Thin grey lines at heights that grow as squares: evenly spaced in a round bowl."""
    x, y, z = on_grid(f, box)
    levels = lowest + (z.max() - lowest) * np.linspace(0.07, 1, 14) ** 2
    ax.contour(x, y, z, **{"levels": levels, "colors": "#9A9A9A", "linewidths": 0.8} | options)
    ax.grid(False)
