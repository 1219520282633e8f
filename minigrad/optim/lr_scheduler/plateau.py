"""A schedule that waits for the loss to stop improving."""

from __future__ import annotations

import math
from typing import Any, SupportsFloat

from minigrad.optim.checks import BELOW_ONE, FROM_ZERO, require, require_one_of, require_whole
from minigrad.optim.lr_scheduler.base import LRScheduler, for_each_group
from minigrad.optim.optimizer import Optimizer
from minigrad.words import shown


class ReduceLROnPlateau(LRScheduler):
    """lr ← factor · lr, when a metric has not improved in more than `patience` steps in a row.

    mode: "min" if smaller is better, "max" if larger is.
    threshold: what counts as better: by a share of the best value ("rel") or by an amount
        ("abs"), as threshold_mode says.
    cooldown: steps after a reduction in which nothing is counted.
    min_lr: a lower bound, one number or one for each group. eps: smaller changes are left out.

    >>> import minigrad as mg
    >>> optimizer = mg.optim.GD([mg.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ReduceLROnPlateau(optimizer, patience=1)
    >>> for loss in (0.9, 0.8, 0.8, 0.8):
    ...     scheduler.step(loss)
    >>> scheduler.get_last_lr()
    [0.1]

    Raises ValueError if factor is not below 1, another number is negative, or a mode unknown.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        name = "ReduceLROnPlateau"
        require_one_of(name, "mode", mode, ("min", "max"))
        require_one_of(name, "threshold_mode", threshold_mode, ("rel", "abs"))
        require(name, "factor", factor, BELOW_ONE)
        require(name, "threshold", threshold, FROM_ZERO)
        require(name, "eps", eps, FROM_ZERO)
        self.min_lrs = for_each_group(name, "min_lr", min_lr, optimizer)
        for lowest in self.min_lrs:
            require(name, "min_lr", lowest, FROM_ZERO)
        self.optimizer, self.mode, self.factor, self.eps = optimizer, mode, factor, eps
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.patience = require_whole(name, "patience", patience, least=0)
        self.cooldown = require_whole(name, "cooldown", cooldown, least=0)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = self._lrs()

    def step(self, metrics: SupportsFloat) -> None:  # type: ignore[override]  # needs the metric
        """Look at the metric of one more step, and reduce the learning rates if it is time."""
        value = as_number(metrics)
        self.last_epoch += 1
        if self.is_better(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._write([self._reduced(*pair) for pair in zip(self._lrs(), self.min_lrs)])
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = self._lrs()

    def is_better(self, value: float) -> bool:
        """Whether value beats the best one so far by more than the threshold."""
        sign = -1 if self.mode == "min" else 1
        margin = self.threshold
        if self.threshold_mode == "rel":
            return sign * value > sign * self.best * (1 + sign * margin)
        return sign * value > sign * self.best + margin

    def _reduced(self, lr: Any, lowest: float) -> float:
        reduced = max(lr * self.factor, lowest)
        return reduced if lr - reduced > self.eps else lr


def as_number(metrics: Any) -> float:
    """The metric as a float; a tensor of one number is one, too."""
    try:
        return float(metrics)
    except (TypeError, ValueError):
        raise TypeError(
            f"ReduceLROnPlateau.step: metrics is {shown(metrics)} of type "
            f"{type(metrics).__name__}, wanted a number, such as the validation loss"
        ) from None
