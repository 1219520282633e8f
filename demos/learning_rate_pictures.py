"""The pictures of `learning_rate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from figures import legend_below, slide
from style import BLACK, BLUE, GREEN, ORANGE, PINK, SKY

if TYPE_CHECKING:
    from learning_rate import RangeTest, Training

LOOKS = dict(zip((BLACK, ORANGE, GREEN, BLUE, PINK, SKY), ("-", "--", "-.", "-", ":", "--")))


def draw_parabolas(walks: dict[str, np.ndarray], rates: dict[str, float], path: Path) -> Path:
    """The first steps of each."""
    with slide(path, 15, 4.4) as figure:
        w = np.linspace(-1.6, 1.6, 200)
        for ax, (name, points) in zip(figure.subplots(1, 4, sharey=True), walks.items()):
            first = points[:9]
            ax.plot(w, w**2, color="#9A9A9A")
            ax.plot(first, first**2, "o-", color=BLUE, linewidth=1.4, markersize=8)
            ax.plot(first[:1], first[:1] ** 2, "o", color=ORANGE, markersize=12)
            ax.set(
                xlabel="w", title=f"{name}: ε = {rates[name]}", xlim=(-1.7, 1.7), ylim=(-0.1, 2.5)
            )
        figure.axes[0].set_ylabel("loss w²")
    return path


def draw_ranges(test: RangeTest, by_rate: dict[float, Training], path: Path) -> Path:
    """The range test, and what a training with each rate really gives."""
    with slide(path, 13, 5.2) as figure:
        left, right = figure.subplots(1, 2, sharex=True)
        left.semilogx(test.rates, test.losses, color=BLUE, label="loss, smoothed")
        left.set(ylabel="cross-entropy (nats)", ylim=(0, 4), title="One training, a growing rate")
        accuracies = [100 * one.accuracy for one in by_rate.values()]
        right.semilogx(list(by_rate), accuracies, "o-", color=BLUE)
        right.set(ylabel="test digits recognised (%)", title="Five epochs with each rate")
        for ax in (left, right):
            ax.axvline(test.suggested, color=GREEN, linestyle="--", label="suggested")
            ax.axvline(test.limit, color=ORANGE, linestyle=":", label="too much")
            ax.set_xlabel("learning rate")
        legend_below(figure, left)
    return path


def draw_schedules(
    trainings: dict[str, Training], smoothed: dict[str, Any], path: Path
) -> Path:  # fmt: skip
    """The rates, and the losses that they led to."""
    with slide(path, 14, 5.2) as figure:
        left, right = figure.subplots(1, 2)
        for (name, one), (colour, dash) in zip(trainings.items(), LOOKS.items()):
            left.plot(one.rates, dash, color=colour, label=name)
            right.semilogy(smoothed[name], dash, color=colour)
        left.set(xlabel="iterations", ylabel="learning rate", title="Schedules")
        right.set(xlabel="iterations", ylabel="cross-entropy (nats), smoothed", title="Losses")
        legend_below(figure, left)
    return path
