"""The pictures of `optimizers`, by night: one of the lecture's balls is white."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from figures import contours, legend_below, slide
from matplotlib.ticker import NullFormatter
from optimizer_forms import FORMS, LECTURE, NAMES, Form, form
from optimizer_race import Field, Runner, fastest
from style import SLIDE

from minigrad.data import surfaces

COLOURS = {
    "GD": "#22E0F2",  # the lecture's colours: cyan, magenta, white, green, blue
    "momentum": "#FF4FD8",
    "AdaGrad": "#FFFFFF",
    "RMSProp": "#3BD16F",
    "AdaDelta": "#F0C541",  # which its figure leaves out
    "Adam": "#4C8BFF",
}
MARKERS = dict(zip(NAMES, "osD^vP"))
INK, PAPER = "#E8EDF2", "#10161E"
NIGHT: Any = SLIDE | {
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": "#33404D",
}
VIEWS = {
    surfaces.bowl: ((-4.6, 3.0), (-2.6, 3.6)),
    surfaces.ravine: ((-9.8, 4.0), (-1.6, 1.6)),
    surfaces.saddle: ((-1.8, 0.8), (-0.4, 2.2)),
    surfaces.rosenbrock: ((-1.8, 1.8), (-1.0, 2.4)),
}


def draw_paths(races: dict[str, Field], path: Path) -> Path:
    """Every optimizer on every surface, with the learning rate that did best."""
    with slide(path, 15, 9.5, style=NIGHT) as figure:
        panels = dict(zip([*VIEWS, surfaces.two_valleys], figure.subplots(2, 3).flat))
        figure.axes[-1].remove()
        for surface, ax in panels.items():
            ground(ax, surface)
            for name in NAMES:
                points = shown(surface, races[surface.name][form(name)])
                look = {"color": COLOURS[name], "marker": MARKERS[name], "markersize": 4}
                ax.plot(*points, label=name, linewidth=1.4, **look)
                ax.plot(*points[:, -1:], **look | {"markersize": 11}, markeredgecolor=PAPER)
            ax.set_title(f"{surface.name.replace('_', ' ')}: {surface.formula.partition(',')[0]}")
        legend_below(figure, panels[surfaces.bowl])
    return path


def ground(ax: Any, surface: surfaces.Surface) -> None:
    """Contours with the minima, or the curve of a function of one variable."""
    if surface in VIEWS:
        box = VIEWS[surface]
        contours(ax, surface, box, max(surface.lowest, -5), colors="#5B6B7A")
        ax.set(xlabel="x", ylabel="y", xlim=box[0], ylim=box[1])
    else:
        x = np.linspace(*surface.box[0], 200)
        ax.plot(x, surface(x), color="#5B6B7A")
        ax.set(xlabel="x", ylabel="loss", ylim=(-3, 3))
    for point in surface.minima:
        ax.plot(*as_drawn(surface, np.array([point])), "*", color=INK, markersize=18, zorder=0)


def as_drawn(surface: surfaces.Surface, points: np.ndarray) -> np.ndarray:
    """The rows x and y of points; of points on a line, x and the loss there."""
    return points.T if surface in VIEWS else np.array([points[:, 0], surface(points[:, 0])])


def shown(surface: surfaces.Surface, row: dict[float, Runner]) -> np.ndarray:
    """The path of the rate that arrived first, or else of the one that ended lowest."""
    first = fastest(row)
    ends = {rate: surface(*each.path[-1]) for rate, each in row.items()}
    rate = min(ends, key=lambda rate: np.nan_to_num(ends[rate], nan=np.inf))
    return as_drawn(surface, np.array(row[rate if first is None else first[0]].path))


def draw_steps(steps: dict[Form, np.ndarray], path: Path) -> Path:
    """The lengths of the steps under a gradient that stays the same."""
    with slide(path, 13, 5.4, style=NIGHT) as figure:
        for ax, source in zip(figure.subplots(1, 2, sharey=True), ("literature", LECTURE)):
            for i, name in enumerate(NAMES):
                lengths = steps[form(name, source)]
                look = {"color": COLOURS[name], "marker": MARKERS[name]}
                # Lines that lie on each other: the lower are wider, and no markers meet.
                look |= {"linewidth": 6 - 0.8 * i, "markevery": (0.03 * i, 0.18)}
                ax.loglog(np.arange(1, len(lengths) + 1), lengths, label=name, **look)
            ax.set(xlabel="step", title=f"in the {source}'s form", ylim=(2e-3, 20))
        figure.axes[0].set_ylabel("length of the step (learning rates)")
        figure.suptitle("A slope that is the same everywhere")
        legend_below(figure, ax)
    return path


TITLES = {
    "noisy bowl": "noise: distance at the end",
    "rare features": "rare features: error",
    "digits": "digits: cross-entropy (nats)",
}


def draw_trials(scores: dict[str, dict[Form, Any]], path: Path) -> Path:
    """The scores of the best learning rates: the further left, the better."""
    labels = [f"{one.name} ({one.source})".removesuffix(" (both)") for one in FORMS]
    with slide(path, 15, 5.8, style=NIGHT) as figure:
        for ax, (trial, row) in zip(figure.subplots(1, 3, sharey=True), scores.items()):
            for one, label in zip(FORMS, labels):
                score = row[one].score
                ax.plot(score, label, MARKERS[one.name], color=COLOURS[one.name], markersize=11)
                ax.annotate(f"   {score:.2f}", (score, label), va="center")
            ax.set(title=TITLES[trial], xscale="log", xlabel="best learning rate; less is better")
            ax.xaxis.set_minor_formatter(NullFormatter())
            ax.margins(x=0.25)
        figure.axes[0].invert_yaxis()
    return path
