"""How far the training is: a bar where tqdm is installed, else a line per epoch, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

BAR = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"
COUNT = "{desc} {n_fmt} batches, {elapsed}{postfix}"  # where it is not known how many there will be


class Silent:
    """Shows nothing."""

    def batch(self, epoch: int, results: dict[str, float]) -> None:
        """A batch is done; results are the averages of the epoch so far."""

    def epoch(self, epoch: int, results: dict[str, float]) -> None:
        """An epoch is done."""

    def note(self, text: str) -> None:
        """Something else that one wants to know."""


class Lines(Silent):
    """A line for every epoch."""

    def __init__(self, last: int) -> None:
        self.last = last

    def epoch(self, epoch: int, results: dict[str, float]) -> None:
        self.note(f"epoch {epoch + 1}/{self.last}  {described(results)}")

    def note(self, text: str) -> None:
        print(text, flush=True)


class Bar(Silent):
    """A tqdm bar over all batches of all epochs; in a log file a line of it for every epoch."""

    def __init__(self, bar: Any, last: int, redrawn: bool) -> None:
        self.bar, self.last, self.redrawn = bar, last, redrawn
        self.validation: dict[str, float] = {}

    def batch(self, epoch: int, results: dict[str, float]) -> None:
        self.bar.set_description_str(f"epoch {epoch + 1}/{self.last}", refresh=False)
        self.bar.set_postfix_str(described(results | self.validation), refresh=False)
        self.bar.update()

    def epoch(self, epoch: int, results: dict[str, float]) -> None:
        self.validation = {k: x for k, x in results.items() if k.startswith("validation")}
        self.bar.set_postfix_str(described(results))
        if not self.redrawn:
            self.note(str(self.bar))

    def note(self, text: str) -> None:
        self.bar.write(text, file=sys.stderr)  # above the bar, not into it


@contextmanager
def progress_for(wanted: bool, loader: Any, done: int, epochs: int) -> Iterator[Silent]:
    """What shows the progress of so many epochs over loader, after those that were done before."""
    if not wanted:
        yield Silent()
        return
    try:
        from tqdm import tqdm
    except ImportError:
        yield Lines(done + epochs)
        return
    redrawn = sys.stderr.isatty() or "ipykernel" in sys.modules  # a notebook can, too
    total = batches_in(loader, epochs)
    with tqdm(
        total=total,
        file=sys.stderr if redrawn else StringIO(),
        bar_format=BAR if total is not None else COUNT,
        dynamic_ncols=True,
        mininterval=0.3,
    ) as bar:
        yield Bar(bar, done + epochs, redrawn)


def batches_in(loader: Any, epochs: int) -> int | None:
    """How many batches there will be, if the loader knows."""
    try:
        return len(loader) * epochs
    except TypeError:  # without a length, or with one that it does not know
        return None


def described(results: dict[str, float]) -> str:
    """Losses and metrics as one says them.

    >>> described({"loss": 0.12345, "accuracy": 0.97, "validation loss": 0.2, "validation mae": 1})
    'loss 0.123 accuracy 0.97, validation loss 0.2 mae 1'
    """
    words = " ".join(f"{name} {x:.3g}" for name, x in results.items())
    first, found, rest = words.partition(" validation ")
    return first + found.replace(" v", ", v") + rest.replace("validation ", "")
