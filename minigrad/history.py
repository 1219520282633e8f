"""History: what happened in a training, as numbers and as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, nan
from typing import Any

import numpy as np

# Okabe and Ito's colours, which colour-blind people can tell apart.
GREY, BLUE, ORANGE = "#999999", "#0072B2", "#D55E00"


@dataclass(repr=False)
class History:
    """What happened in `fit`: losses, metrics and times.

    iteration_loss: one entry for every batch. epoch_loss: the mean over the samples, for every
    epoch. metrics: such lists by name, "accuracy", "validation loss", "validation accuracy"; nan
    for epochs in which that was not measured. iterations: how many batches there had been at the
    end of each epoch. seconds: how long each epoch took to learn. interrupted: whether Ctrl-C
    ended the training.
    """

    iteration_loss: list[float] = field(default_factory=list)
    epoch_loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    iterations: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    interrupted: bool = False

    def add(self, results: dict[str, float], seconds: float) -> None:
        """Note the end of an epoch: its loss and metrics."""
        self.epoch_loss.append(results["loss"])
        self.iterations.append(len(self.iteration_loss))
        self.seconds.append(seconds)
        self._note({name: x for name, x in results.items() if name != "loss"})

    def add_validation(self, results: dict[str, float]) -> None:
        """Note what the validation after the epoch gave."""
        self._note({f"validation {name}": x for name, x in results.items()})

    def _note(self, results: dict[str, float]) -> None:
        """Write results of the last epoch into their lists."""
        for name, value in results.items():
            column = self.metrics.setdefault(name, [])
            column += [nan] * (len(self.epoch_loss) - 1 - len(column)) + [value]

    def latest(self) -> dict[str, float]:
        """Loss and metrics of the last epoch."""
        count = len(self.epoch_loss)
        measured = {name: x[-1] for name, x in self.metrics.items() if len(x) == count}
        return {"loss": self.epoch_loss[-1]} | measured

    def epochs_since_best(self) -> int:
        """How many epochs ago the validation loss was lowest."""
        losses = self.metrics["validation loss"]
        return len(losses) - 1 - int(np.argmin(np.nan_to_num(losses, nan=inf)))

    def state_dict(self) -> dict[str, Any]:
        """A copy as arrays and plain values, which `save` can write."""
        arrays = {name: np.array(x) for name, x in vars(self).items() if isinstance(x, list)}
        metrics = {name: np.array(x) for name, x in self.metrics.items()}
        return arrays | {"metrics": metrics, "interrupted": self.interrupted}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Become the history that gave state_dict; given to `fit`, it goes on.

        Errors: a ValueError if an entry is missing or unknown; nothing is changed then.
        """
        names = list(vars(self))
        if wrong := set(names) ^ set(state_dict):
            raise ValueError(
                f"History.load_state_dict: {', '.join(sorted(wrong))} missing or unknown; wanted "
                f"{', '.join(names)}"
            )
        state = {name: plain(x) for name, x in state_dict.items() if name != "metrics"}
        metrics = {name: plain(x) for name, x in state_dict["metrics"].items()}
        vars(self).update(state, metrics=metrics)

    def __repr__(self) -> str:
        heading = f"History of {len(self.epoch_loss)} epochs, {sum(self.seconds):.1f} s"
        results = self.latest() if self.epoch_loss else {}
        numbers = [f"{name} {value:.3g}" for name, value in results.items()]
        return f"<{', '.join([heading + ' (interrupted)' * self.interrupted, *numbers])}>"

    def plot(self) -> Any:
        """A matplotlib figure: the loss, and below it the other metrics, over the iterations.

        Errors: an ImportError without matplotlib.
        """
        pyplot = plotting()
        names = [name for name in self.metrics if not name.startswith("validation")]
        figure, axes = pyplot.subplots(
            1 + len(names), sharex=True, squeeze=False, figsize=(9, 3.2 * (1 + len(names)))
        )
        draw_loss(axes[0, 0], self)
        for ax, name in zip(axes[1:, 0], names):
            draw_metric(ax, self, name)
        for ax in axes[:, 0]:
            ax.grid(alpha=0.3)
            ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
        axes[-1, 0].set_xlabel("iteration (batches learned)")
        figure.tight_layout()
        return figure


def plotting() -> Any:
    """matplotlib.pyplot, or an ImportError that says how to get it."""
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("History.plot draws with matplotlib: pip install matplotlib") from error
    return pyplot


def plain(values: Any) -> Any:
    """An array as a list, a value as it is."""
    return np.asarray(values).tolist()


def draw_loss(ax: Any, history: History) -> None:
    """Every batch thin and grey, the epochs as dots."""
    count = len(history.iteration_loss)
    ax.plot(
        range(1, count + 1),
        history.iteration_loss,
        color=GREY,
        lw=0.8,
        label="training, each batch",
    )
    draw_metric(ax, history, "loss")
    losses = history.iteration_loss
    if losses and np.isfinite(losses).all() and min(losses) > 0:
        ax.set_yscale("log")


def draw_metric(ax: Any, history: History, name: str) -> None:
    """The epochs in training, and in validation if there was one."""
    ends, metrics = history.iterations, history.metrics
    training = history.epoch_loss if name == "loss" else metrics[name]
    label = "training, mean of epoch"
    ax.plot(ends[: len(training)], training, "o-", color=BLUE, ms=4, label=label)
    validation = metrics.get(f"validation {name}")
    if validation is not None:
        ax.plot(ends[: len(validation)], validation, "s--", color=ORANGE, ms=4, label="validation")
    ax.set_ylabel(name)
