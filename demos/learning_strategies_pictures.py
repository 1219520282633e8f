"""The pictures of `learning_strategies`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from figures import contours, legend_below, slide
from style import BLACK, BLUE, GREEN, ORANGE

if TYPE_CHECKING:
    from learning_strategies import Learning, Walk

LOOKS = {
    "sequential": {"color": ORANGE, "linestyle": ":", "marker": "o"},
    "mini-batch": {"color": GREEN, "linestyle": "--", "marker": "s"},
    "batch": {"color": BLUE, "linestyle": "-", "marker": "D"},
}
BOX = ((-2.0, 1.8), (-1.8, 1.2))  # of w and b


def draw_walks(walks: dict[str, Walk], dataset: Any, path: Path) -> Path:
    """The paths on the contours of the loss, and the distance from the minimum over the updates."""
    x, y = dataset.arrays
    with slide(path, 12, 5.4) as figure:
        left, right = figure.subplots(1, 2)
        contours(
            left, lambda w, b: np.mean([(w * p + b - q) ** 2 for p, q in zip(x, y)], axis=0), BOX
        )
        for name, one in walks.items():
            left.plot(*one.points[:150].T, label=name, markersize=5, **LOOKS[name])
            right.semilogy(one.distances, **LOOKS[name] | {"marker": ""})
        left.plot(*np.polyfit(x, y, 1), "*", color=BLACK, markersize=16, label="minimum")
        left.set(xlabel="w", ylabel="b", title="Loss of the line w x + b, from one start")
        right.set(
            xlabel="iterations (updates)",
            ylabel="distance from the minimum (start: 1)",
            ylim=(1e-4, 1.5),
            title="Who comes to rest",
        )
        legend_below(figure, left)
    return path


def draw_learning(learned: dict[str, Learning], path: Path) -> Path:
    """The same losses over iterations, epochs and seconds."""
    with slide(path, 15, 4.8) as figure:
        panels = figure.subplots(1, 3, sharey=True)
        for ax, unit in zip(panels, ("iterations", "epochs", "seconds")):
            for name, one in learned.items():
                look = LOOKS[name] | {"markersize": 5}
                ax.semilogx(getattr(one, unit)[1:], one.losses[1:], label=name, **look)
            ax.set(xlabel=unit, title=f"per {unit.removesuffix('s')}")
        panels[0].set_ylabel("cross-entropy (nats)")
        legend_below(figure, panels[0])
    return path


def draw_drift(right: dict[str, np.ndarray], window: int, path: Path) -> Path:
    """How many of the last samples were recognised, as the stream went on."""
    with slide(path, 10, 4.8) as figure:
        ax = figure.subplots()
        for name, dash in (("sequential", "-"), ("batch", "--")):
            share = np.convolve(right[name], np.full(window, 100 / window), "valid")
            samples = np.arange(window, window + len(share))
            ax.plot(samples, share, dash, color=LOOKS[name]["color"], label=name)
        ax.axvline(len(right["batch"]) / 2, color=BLACK, linewidth=1)
        ax.set(
            xlabel="samples that have come; after the line they are mirrored",
            ylabel=f"recognised of the last {window} (%)",
            ylim=(0, 101),
            title="When the pattern changes",
        )
        legend_below(figure, ax)
    return path
