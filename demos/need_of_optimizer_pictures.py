"""The pictures of `need_of_optimizer`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from figures import Box, contours, legend_below, legend_under, on_grid, slide
from style import BLACK, BLUE, GREEN, ORANGE, PINK, SKY, YELLOW

from minigrad.data import surfaces

if TYPE_CHECKING:
    from need_of_optimizer import Descent, Noise

COLOURS = (BLUE, ORANGE, GREEN, PINK, YELLOW, SKY)
RAVINE = ((-9.5, 2.0), (-1.5, 1.5))


def draw_flat_places(valley: Descent, saddles: dict[float, Descent], path: Path) -> Path:
    """Walks on both surfaces; below, how the gradient goes with the distance, and the delay."""
    with slide(path, 13, 10) as figure:
        solid = {"projection": "3d"}
        axes = figure.subplot_mosaic(
            "ab\ncd", per_subplot_kw={"a": solid, "b": solid}, height_ratios=(1.3, 1)
        )
        landscape(axes["a"], two_hollows, ((-2.2, 3), (-1.5, 1.5)), "Local minimum", (40, -75))
        walk_on(axes["a"], two_hollows, np.column_stack([valley.points, 0 * valley.points]))
        landscape(axes["b"], surfaces.saddle, ((-1.6, 1.6), (-1.6, 1.6)), "Saddle point", (35, -50))
        walk_on(axes["b"], surfaces.saddle, saddles[1e-4].points)
        draw_slopes(axes["c"], valley, saddles[1e-4])
        draw_delays(axes["d"], saddles)
    return path


def two_hollows(x: Any, y: Any) -> Any:
    """The curve with two valleys, as a surface."""
    return surfaces.two_valleys(x) + y**2


def landscape(ax: Any, f: Any, box: Box, title: str, view: tuple[float, float]) -> None:
    """A surface, seen from some elevation and azimuth."""
    ax.plot_surface(*on_grid(f, box, 60), cmap="Blues_r", alpha=0.75, linewidth=0, rcount=60)
    ax.set(xlabel="x", ylabel="y", zlabel="loss", title=title)
    ax.locator_params(nbins=4)
    ax.zaxis.labelpad = 8
    ax.view_init(*view)
    ax.set_box_aspect((1, 1, 0.7), zoom=1.05)


def walk_on(ax: Any, f: Any, points: np.ndarray) -> None:
    """The points of a walk, on the surface."""
    x, y = points.T
    ax.plot(x, y, f(x, y), "o-", color=ORANGE, markersize=5, zorder=10)
    ax.plot(x[-1:], y[-1:], f(x[-1:], y[-1:]), "*", color=BLACK, markersize=16, zorder=11)


def draw_slopes(ax: Any, valley: Descent, saddle: Descent) -> None:
    """The gradient's length against the distance from the flat place."""
    ax.loglog(valley.distances(-1.0), valley.slopes, "o-", color=BLUE, label="local minimum")
    ax.loglog(saddle.distances((0, 0)), saddle.slopes, "s--", color=ORANGE, label="saddle point")
    ax.set(xlabel="distance", ylabel="length of the gradient", title="The nearer, the flatter")
    legend_under(ax, ncols=2)


def draw_delays(ax: Any, saddles: dict[float, Descent]) -> None:
    """The loss over the steps, by how far beside the ridge the walk began."""
    for (side, walk), colour, dash in zip(saddles.items(), COLOURS, ("-", "--", "-.", ":", "-")):
        ax.plot(surfaces.saddle(*walk.points.T), dash, color=colour, label=f"{side:g}")
    ax.set(xlabel="steps", ylabel="loss x² − y²", title="A saddle delays", ylim=(-2, 2.4))
    legend_under(ax, ncols=5, title="beside the ridge by", columnspacing=1)


def draw_ravine(ravine: Descent, steps: dict[int, int], path: Path) -> Path:
    """The zig-zag on contours, and what steepness costs."""
    with slide(path, 13, 4.8) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
        contours(left, surfaces.ravine, RAVINE)
        left.plot(*ravine.points.T, "o-", color=ORANGE, markersize=5, linewidth=1.5)
        left.plot(0, 0, "*", color=BLACK, markersize=16)
        left.set(xlabel="x", ylabel="y", title="½ x² + 10 y²: across instead of along")
        right.loglog(list(steps), list(steps.values()), "o-", color=BLUE)
        right.set(
            xlabel="largest ÷ smallest curvature",
            ylabel="steps until 1 % is left",
            title="The steeper, the slower",
        )
    return path


def draw_noise(noise: dict[str, Noise], sizes: Sequence[int], path: Path) -> Path:
    """Single gradients along and across their mean, their angles, and what averaging does."""
    with slide(path, 15, 5) as figure:
        left, middle, right = figure.subplots(1, 3)
        start = noise["at the start"]
        left.plot(start.along, start.across, ".", color=BLUE, markersize=4)
        left.annotate("", (1, 0), (0, 0), arrowprops={"arrowstyle": "-|>", "color": BLACK, "lw": 3})
        left.set(
            xlabel="along the mean gradient (arrow, length 1)",
            ylabel="across it",
            ylim=(0, 9.5),
            title="1438 gradients at one point",
        )
        for (when, one), colour, marker in zip(noise.items(), (BLUE, ORANGE), "os"):
            middle.hist(one.angles, np.arange(40, 141, 4), color=colour, alpha=0.6)
            right.loglog(sizes, one.spreads, marker, color=colour, label=when)
            right.loglog(sizes, one.spread / np.sqrt(sizes), color=colour, label="∝ 1 / √B")
        middle.axvline(90, color=BLACK)
        middle.set(xlabel="angle to the mean (degrees)", ylabel="samples", title="Beyond 90: back")
        right.set(
            xlabel="batch size B (samples)",
            ylabel="spread ÷ length of mean",
            title="Averaging over a batch",
        )
        legend_below(figure, right)
    return path
