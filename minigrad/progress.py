"""How far the training is: a bar where tqdm is installed, else a line per epoch, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Silent:
    """Shows nothing."""

    def batch(self, epoch: int, results: dict[str, float]) -> None:
        """A batch is done; results are the averages of the epoch so far."""

    def epoch(self, epoch: int, results: dict[str, float]) -> None:
        """An epoch is done."""


class Lines(Silent):
    """A line for every epoch."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def epoch(self, epoch: int, results: dict[str, float]) -> None:
        print(f"epoch {epoch + 1}/{self.epochs}  {described(results)}", flush=True)


class Bar(Silent):
    """A tqdm bar over all batches of all epochs."""

    def __init__(self, bar: Any, epochs: int) -> None:
        self.bar, self.epochs = bar, epochs
        self.validation: dict[str, float] = {}

    def batch(self, epoch: int, results: dict[str, float]) -> None:
        self.bar.set_description_str(f"epoch {epoch + 1}/{self.epochs}", refresh=False)
        self.bar.set_postfix_str(described(results | self.validation), refresh=False)
        self.bar.update()

    def epoch(self, epoch: int, results: dict[str, float]) -> None:
        self.validation = {k: x for k, x in results.items() if k.startswith("validation")}
        self.bar.set_postfix_str(described(results))


@contextmanager
def progress_for(wanted: bool, loader: Any, epochs: int) -> Iterator[Silent]:
    """What shows the progress of so many epochs over loader."""
    if not wanted:
        yield Silent()
        return
    try:
        from tqdm import tqdm
    except ImportError:
        yield Lines(epochs)
        return
    batches = len(loader) * epochs if hasattr(loader, "__len__") else None
    layout = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"
    with tqdm(total=batches, bar_format=layout, dynamic_ncols=True, mininterval=0.3) as bar:
        yield Bar(bar, epochs)


def described(results: dict[str, float]) -> str:
    """Losses and metrics as one says them.

    >>> described({"loss": 0.12345, "accuracy": 0.97, "validation loss": 0.2, "validation mae": 1})
    'loss 0.123 accuracy 0.97, validation loss 0.2 mae 1'
    """
    words = " ".join(f"{name} {x:.3g}" for name, x in results.items())
    first, found, rest = words.partition(" validation ")
    return first + found.replace(" v", ", v") + rest.replace("validation ", "")
