"""The pictures of `batch_norm`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from figures import legend_below, legend_under, slide
from style import BLACK, BLUE, GREEN, ORANGE, PINK, SKY

if TYPE_CHECKING:
    from batch_norm import Drift, Training
    from batch_norm_surface import Cliff, Slice

LOOKS = {
    "default start": {"color": PINK, "linestyle": ":", "marker": "v"},
    "Kaiming's start": {"color": ORANGE, "linestyle": "--", "marker": "s"},
    "BatchNorm": {"color": BLUE, "linestyle": "-", "marker": "o"},
    "BatchNorm, σ + ε": {"color": GREEN, "linestyle": "-.", "marker": "D"},
}
HIGHEST = 6  # nats; what is higher is cut off
SHOWN = ("default start", "Kaiming's start", "BatchNorm")


def draw_drift(drifts: dict[str, Drift], path: Path) -> Path:
    """How far activations are from their units' means, layer by layer, before and after."""
    with slide(path, 14, 7.6) as figure:
        rows = figure.subplots(2, 3, sharex=True, sharey=True)
        for name, (above, below) in zip(SHOWN, rows.T):
            spread_by_layer(above, drifts[name].before, LOOKS[name]["color"])
            spread_by_layer(below, drifts[name].after, LOOKS[name]["color"])
            above.set_title(name)
            below.set_xlabel("layer")
        rows[0, 0].set(ylabel="activation − mean, at the start", ylim=(-3.3, 3.3))
        rows[1, 0].set_ylabel("after 5 epochs")
        legend_below(figure, rows[0, 2])
    return path


def spread_by_layer(ax: Any, layers: list[np.ndarray], colour: Any) -> None:
    """Bars that reach over 90 and over 50 of 100 samples."""
    ax.set_axisbelow(True)
    for share, alpha in ((90, 0.3), (50, 0.9)):
        ends = (100 - share) / 2, (100 + share) / 2
        low, high = np.transpose([np.percentile(a - a.mean(axis=0), ends) for a in layers])
        place = np.arange(1, len(layers) + 1)
        look = {"color": colour, "alpha": alpha, "label": f"{share} % of all"}
        ax.bar(place, high - low, bottom=low, width=0.6, **look)


def draw_learning(
    trainings: dict[str, dict[float, Training]],
    regularised: dict[int, dict[str, list[float]]],
    path: Path,
) -> Path:
    """Losses with the best rate, accuracies by rate, accuracies after few samples."""
    with slide(path, 16, 5.4) as figure:
        speed, rates, few = figure.subplots(1, 3)
        for name, by_rate in trainings.items():
            look = LOOKS[name]
            best = max(by_rate.values(), key=lambda one: one.accuracy)
            smooth = np.convolve(best.losses, np.full(10, 0.1), "valid")
            speed.plot(np.arange(10, 10 + len(smooth)), smooth, **look | {"marker": ""})
            shares = [100 * one.accuracy for one in by_rate.values()]
            rates.semilogx(list(by_rate), shares, label=name, **look)
        speed.set(xlabel="iterations", ylabel="cross-entropy (nats)", title="With its best rate")
        rates.set(xlabel="learning rate", ylabel="test digits (%)", title="After five epochs")
        for (samples, some), colour, shift in zip(regularised.items(), (SKY, BLUE), (-0.12, 0.12)):
            for i, shares in enumerate(some.values()):
                few.plot(np.full(len(shares), i + shift), 100 * np.array(shares), "o", color=colour)
            few.plot([], [], "o", color=colour, label=f"{samples} samples")
        few.set_xticks(range(len(some)), [name.replace(" ", "\n") for name in some])
        few.set(ylabel="test digits (%)", title="After few samples, by seed")
        legend_under(few, ncols=2)
        legend_below(figure, rates)
    return path


def draw_surface(
    cliffs: dict[str, list[Cliff]], slices: dict[str, dict[str, Slice]], path: Path
) -> Path:  # fmt: skip
    """Slices through the loss before training; below, steps along the gradient during it."""
    with slide(path, 15, 9.4) as figure:
        solid = {"projection": "3d"}
        axes: Any = figure.subplot_mosaic(
            "abc\ndef",
            per_subplot_kw=dict.fromkeys("abc", solid),
            height_ratios=(1.5, 1),
        )
        for name, above, below in zip(SHOWN, "abc", "def"):
            landscape(axes[above], slices[name]["before"])
            axes[above].set_title(name)
            draw_steps(axes[below], cliffs[name], LOOKS[name]["color"])
        axes["a"].set_zlabel("loss (nats)")
        axes["d"].set_ylabel("loss (nats)")
        legend_below(figure, axes["f"])
    return path


def landscape(ax: Any, one: Slice) -> None:
    """The loss where the weights move by up to their own length, in two random directions."""
    loss = np.minimum(one.loss, HIGHEST)
    grid = np.meshgrid(one.side, one.side)
    ax.plot_surface(*grid, loss, cmap="viridis", vmin=0, vmax=HIGHEST, rcount=41, ccount=41)
    ax.set(zlim=(0, HIGHEST), xlabel="one direction", ylabel="another")
    ax.locator_params(nbins=4)
    ax.set_box_aspect((1, 1, 0.75), zoom=1.05)


def draw_steps(ax: Any, cliffs: list[Cliff], colour: Any) -> None:
    """The loss at the start of every epoch, and after one step of 0.1 gradients from there."""
    epochs = np.arange(len(cliffs))
    here = np.array([one.loss for one in cliffs])
    there = np.minimum([one.losses[1] for one in cliffs], HIGHEST)
    ax.vlines(epochs, here, there, color="#9A9A9A")
    ax.plot(epochs, here, "o", color=colour, markersize=10, label="loss at an epoch's start")
    ax.plot(
        epochs, there, "_", color=BLACK, markersize=16, mew=3, label="after a step of 0.1 gradients"
    )
    ax.set(xlabel="epoch", xlim=(-0.5, len(cliffs) - 0.5), ylim=(0, 1.05 * HIGHEST))
