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
        self.validation = ""

    def batch(self, epoch: int, results: dict[str, float]) -> None:
        self.bar.set_description_str(f"epoch {epoch + 1}/{self.epochs}", refresh=False)
        self.bar.set_postfix_str(described(results) + self.validation, refresh=False)
        self.bar.update()

    def epoch(self, epoch: int, results: dict[str, float]) -> None:
        last = {name: x for name, x in results.items() if name.startswith("validation")}
        self.validation = f"  {described(last)}" if last else ""
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
    with tqdm(total=batches, unit="batch", dynamic_ncols=True) as bar:
        yield Bar(bar, epochs)


def described(results: dict[str, float]) -> str:
    """Losses and metrics as one says them.

    >>> described({"loss": 0.12345, "accuracy": 0.97})
    'loss 0.1235  accuracy 0.9700'
    """
    return "  ".join(f"{name} {x:.4f}" for name, x in results.items())
