"""What the demos draw with: slide style, legends outside the data, contours, palettes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image, ImageColor
from style import SLIDE

Box = Sequence[tuple[float, float]]


@contextmanager
def slide(path: Path, width: float, height: float, style: Any = SLIDE) -> Iterator[Figure]:
    """A figure so many inches wide and high, for axes to be put in; saved when it is done."""
    with rc_context(style):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        figure.savefig(path)


def legend_below(figure: Figure, ax: Any, ncols: int | None = None) -> None:
    """What the lines of one of the axes mean, below all of them."""
    lines, names = ax.get_legend_handles_labels()
    columns = ncols or len(names)
    figure.legend(lines, names, loc="outside lower center", ncols=columns, frameon=False)


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


def palette_of(picture: Image.Image, kept: Iterable[str], count: int = 120) -> Image.Image:
    """So many colours of a picture, and some that must not be mixed with others, as "#0072B2"."""
    colours = (picture.quantize(count).getpalette() or [])[: 3 * count]
    exact = [channel for colour in kept for channel in ImageColor.getrgb(colour)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours + exact)
    return palette
