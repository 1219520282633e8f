"""Schedules that multiply the learning rate by a factor."""

from __future__ import annotations

import types
from bisect import bisect_right
from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any

from minigrad.optim.checks import (
    FROM_ZERO,
    POSITIVE_SHARE,
    SHARE,
    require,
    require_whole,
    require_wholes,
)
from minigrad.optim.lr_scheduler.base import LRScheduler, for_each_group
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.saving import require_dict
from minigrad.words import shown

FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)


class LambdaLR(LRScheduler):
    """lr = lr₀ · λ(t)

    lr_lambda: λ, or a list of one for each group. Not chainable. Functions are not part of
    `state_dict()`; of other callable objects the attributes are.
    """

    not_saved = (*LRScheduler.not_saved, "lr_lambdas")

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self.lr_lambdas = functions(type(self).__name__, lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return [lr * factor for lr, factor in zip(self.base_lrs, self._factors())]

    def _factors(self) -> list[float]:
        """λ(t) for each group."""
        found = [function(self.last_epoch) for function in self.lr_lambdas]
        for factor in found:
            if not isinstance(factor, Real):
                raise TypeError(
                    f"{type(self).__name__}: lr_lambda({self.last_epoch}) is {shown(factor)}, "
                    "wanted a number"
                )
        return found

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"lr_lambdas": attributes(self.lr_lambdas)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        require_dict(f"{type(self).__name__}.load_state_dict", state_dict)
        state = {"lr_lambdas": attributes(self.lr_lambdas)} | state_dict
        saved = state.pop("lr_lambdas")
        super().load_state_dict(state)
        for function, held in zip(self.lr_lambdas, saved):
            if held is not None:
                function.__dict__.update(held)


class MultiplicativeLR(LambdaLR):
    """lr = lr₀ · λ(1) · λ(2) · … · λ(t); chainable. Arguments as for LambdaLR."""

    def get_lr(self) -> list[float]:
        if self._starting:
            return self._lrs()
        return [lr * factor for lr, factor in zip(self._lrs(), self._factors())]


class StepLR(LRScheduler):
    """lr = lr₀ · γ^⌊t / step_size⌋: a fall every step_size steps. Chainable.

    >>> import minigrad as mg
    >>> optimizer = mg.optim.GD([mg.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(5):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     print(scheduler.get_last_lr())
    [1.0]
    [0.5]
    [0.5]
    [0.25]
    [0.25]

    Raises ValueError if step_size is not a whole number above 0 or gamma is negative.
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = require_whole("StepLR", "step_size", step_size, least=1)
        require("StepLR", "gamma", gamma, FROM_ZERO)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        falls = self.last_epoch > 0 and self.last_epoch % self.step_size == 0
        return [lr * self.gamma if falls else lr for lr in self._lrs()]


class MultiStepLR(LRScheduler):
    """lr = lr₀ · γ^k, where k milestones are at most t. Chainable.

    milestones: steps; one that is there twice counts twice.

    Raises ValueError if a milestone is no whole number from 0 on, or gamma is negative.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        require("MultiStepLR", "gamma", gamma, FROM_ZERO)
        self.milestones = sorted(require_wholes("MultiStepLR", "milestones", milestones, least=0))
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        passed = bisect_right(self.milestones, self.last_epoch)
        new = passed - bisect_right(self.milestones, self.last_epoch - 1)
        return [lr * self.gamma**new if new else lr for lr in self._lrs()]


class ConstantLR(LRScheduler):
    """lr = factor · lr₀ for t < total_iters, then lr₀. Chainable.

    Raises ValueError if factor is not above 0 and at most 1, or total_iters no whole number.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        require("ConstantLR", "factor", factor, POSITIVE_SHARE)
        self.factor = factor
        self.total_iters = require_whole("ConstantLR", "total_iters", total_iters, least=0)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self.last_epoch == 0:
            return [lr * self.factor for lr in self._lrs()]
        if self.last_epoch == self.total_iters:
            return [lr * (1 / self.factor) for lr in self._lrs()]
        return self._lrs()


class LinearLR(LRScheduler):
    """lr = lr₀ · factor, which goes from start_factor to end_factor in total_iters equal steps.

    Chainable. With the defaults a warm-up over the first 5 steps.

    Raises ValueError if a factor is not from 0 to 1, start_factor is 0, or total_iters is no
    whole number above 0.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        require("LinearLR", "start_factor", start_factor, POSITIVE_SHARE)
        require("LinearLR", "end_factor", end_factor, SHARE)
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = require_whole("LinearLR", "total_iters", total_iters, least=1)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self.last_epoch == 0:
            return [lr * self.start_factor for lr in self._lrs()]
        if self._starting or self.last_epoch > self.total_iters:
            return self._lrs()
        rise = self.end_factor - self.start_factor  # over total_iters steps
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
        return [lr * (1 + rise / before) for lr in self._lrs()]


class PolynomialLR(LRScheduler):
    """lr = lr₀ · (1 − t / total_iters)^power up to t = total_iters, then 0. Chainable.

    Raises ValueError if total_iters is no whole number above 0 or power is negative.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        require("PolynomialLR", "power", power, FROM_ZERO)
        self.total_iters = require_whole("PolynomialLR", "total_iters", total_iters, least=1)
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self._starting or self.last_epoch > self.total_iters:
            return self._lrs()
        left = 1 - self.last_epoch / self.total_iters
        left_before = 1 - (self.last_epoch - 1) / self.total_iters
        return [lr * (left / left_before) ** self.power for lr in self._lrs()]


class ExponentialLR(LRScheduler):
    """lr = lr₀ · γᵗ. Chainable. Raises ValueError if gamma is negative."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        require("ExponentialLR", "gamma", gamma, FROM_ZERO)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return self._lrs() if self._starting else [lr * self.gamma for lr in self._lrs()]


def functions(function: str, given: Any, optimizer: Optimizer) -> list[Callable[[int], float]]:
    """One function for each group."""
    found = for_each_group(function, "lr_lambda", given, optimizer)
    for f in found:
        if not callable(f):
            raise TypeError(
                f"{function}: lr_lambda is a {type(f).__name__}, wanted a function of the step"
            )
    return found


def attributes(found: list[Any]) -> list[Any]:
    """What is to be saved of callable objects; None for plain functions."""
    return [None if isinstance(f, FUNCTIONS) else dict(f.__dict__) for f in found]
