"""Schedules along a cosine."""

from __future__ import annotations

import math

from minigrad.optim.checks import FROM_ZERO, require, require_whole
from minigrad.optim.lr_scheduler.base import LRScheduler
from minigrad.optim.optimizer import Optimizer


def cosine(start: float, end: float, share: float) -> float:
    """From start to end along half a cosine, as share goes from 0 to 1."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


class CosineAnnealingLR(LRScheduler):
    """lr = η + (lr₀ − η) · (1 + cos(π t / T)) / 2, with η = eta_min and T = T_max. Chainable.

    From lr₀ down to η in T steps, and up again in the next T.

    Raises ValueError if T_max is no whole number above 0 or eta_min is negative.
    Source: Loshchilov and Hutter, SGDR (2017), without restarts.
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = require_whole("CosineAnnealingLR", "T_max", T_max, least=1)
        require("CosineAnnealingLR", "eta_min", eta_min, FROM_ZERO)
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self._starting:
            return self._lrs()
        low = self.eta_min
        before = 1 + math.cos(math.pi * (self.last_epoch - 1) / self.T_max)
        if (self.last_epoch - 1) % (2 * self.T_max) == self.T_max:  # from the bottom: before = 0
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            return [lr + (top - low) * rise for lr, top in zip(self._lrs(), self.base_lrs)]
        now = 1 + math.cos(math.pi * self.last_epoch / self.T_max)
        return [low + (lr - low) * (now / before) for lr in self._lrs()]


class CosineAnnealingWarmRestarts(LRScheduler):
    """lr = η + (lr₀ − η) · (1 + cos(π T_cur / T_i)) / 2, with η = eta_min.

    T_cur counts the steps since the last restart. The first cycle has T_0 steps, each next one
    T_mult times as many; it starts from lr₀ again. Not chainable.

    Raises ValueError if T_0 or T_mult is no whole number above 0 or eta_min is negative.
    Source: Loshchilov and Hutter, SGDR (2017).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        name = "CosineAnnealingWarmRestarts"
        self.T_0 = require_whole(name, "T_0", T_0, least=1)
        self.T_mult = require_whole(name, "T_mult", T_mult, least=1)
        require(name, "eta_min", eta_min, FROM_ZERO)
        self.eta_min = eta_min
        last_epoch = require_whole(name, "last_epoch", last_epoch, least=-1)
        self.T_cur, self.T_i = self._place(last_epoch)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return [cosine(lr, self.eta_min, self.T_cur / self.T_i) for lr in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go to the next t, or to epoch, which may lie between two: epoch + batch / batches."""
        if epoch is not None:
            require("CosineAnnealingWarmRestarts.step", "epoch", epoch, FROM_ZERO)
            self.T_cur, self.T_i = self._place(epoch)
            self.last_epoch = math.floor(epoch) - 1
        else:
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur, self.T_i = self.T_cur - self.T_i, self.T_i * self.T_mult
        super().step()

    def restart(self) -> None:
        self.T_cur, self.T_i = 0, self.T_0
        super().restart()

    def _place(self, epoch: float) -> tuple[float, int]:
        """The steps since the last restart before epoch, and the length of that cycle."""
        start, length = 0, self.T_0
        while start + length <= epoch:
            start, length = start + length, length * self.T_mult
        return epoch - start, length
