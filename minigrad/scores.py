"""Scores: the mean loss and metric over the samples of an epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray
Metric = Callable[[Any, Any], float]


class Batch(NamedTuple):
    """What came out for one batch."""

    loss: float
    output: Any
    target: Array


class Score:
    """Averages over the samples of an epoch; source says in messages where these come from."""

    def __init__(self, metric: Metric | None, source: str) -> None:
        self.metric, self.source = metric, source
        self.sums: dict[str, float] = {}
        self.samples = 0

    def add(self, batch: Batch) -> None:
        """Count in one batch."""
        n = len(batch.target) if batch.target.ndim else 1
        values = {"loss": batch.loss}
        metric = self.metric or (accuracy if is_classification(batch) else None)
        if metric is not None:
            values[getattr(metric, "__name__", "metric")] = float(
                metric(batch.output, batch.target)
            )
        self.samples += n
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + n * value

    def results(self) -> dict[str, float]:
        """{"loss": …} and the metric."""
        if not self.samples:
            raise ValueError(
                f"{self.source} gave no batches; a generator can be gone through only once: pass a "
                "DataLoader or a list"
            )
        return {name: total / self.samples for name, total in self.sums.items()}


def accuracy(output: Array, target: Array) -> float:
    """The share of samples of which the largest output is the target's: (N, C, …) and (N, …)."""
    return float(np.mean(output.argmax(axis=1) == target))


def is_classification(batch: Batch) -> bool:
    """Whether the targets are class indices, and the outputs have an axis of classes."""
    output, target = batch.output, batch.target
    return (
        isinstance(output, np.ndarray)
        and target.dtype.kind in "iu"
        and output.ndim == target.ndim + 1
        and output.shape[:1] + output.shape[2:] == target.shape
    )
