"""What all schedules have in common: counting, and writing `lr` into the optimizer's groups."""

from __future__ import annotations

import copy
import warnings
from typing import Any

from minigrad.optim.checks import require_whole
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.saving import as_numbers, require_dict


class LRScheduler:
    """Sets the learning rate of every group of an optimizer anew at each `step()`.

    A schedule is a subclass with `get_lr`. Chainable ones multiply the present learning rates, so
    that several may act on one optimizer; what they give alone is the formula in their docstring,
    where t counts the steps from 0 and lr₀ is the group's lr at the start.

    optimizer: its groups get an entry "initial_lr", and their lr for t = 0 at once.
    last_epoch: the t to go on from, −1 to start; for a schedule whose optimizer was loaded.

    Call `step()` after the optimizer's, once per epoch or per batch, as the numbers are meant.

    >>> import minigrad as mg
    >>> from minigrad.optim import SGD
    >>> class Halving(LRScheduler):
    ...     def get_lr(self):
    ...         return [lr / 2**self.last_epoch for lr in self.base_lrs]
    >>> optimizer = SGD([mg.Tensor([1.0], requires_grad=True)], lr=0.4)
    >>> scheduler = Halving(optimizer)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.1]

    Raises TypeError if optimizer is none; ValueError if last_epoch is 0 or more and the groups
    have no "initial_lr".
    """

    interval = "epoch"  # how often it is meant to be stepped: each "epoch" or each "batch"
    not_saved: tuple[str, ...] = ("optimizer", "_steps_before", "_starting")

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = require_optimizer(type(self).__name__, optimizer)
        self.last_epoch = require_whole(type(self).__name__, "last_epoch", last_epoch, least=-1)
        unmarked = [group for group in optimizer.param_groups if "initial_lr" not in group]
        self.base_lrs = [initial_lr(self, group) for group in optimizer.param_groups]
        self._step_count = 0
        self._steps_before = optimizer.steps_taken
        self._starting = True  # the first values are those of the groups, not multiplied yet
        try:
            self.step()
        except Exception:
            for group in unmarked:
                del group["initial_lr"]
            raise
        self._starting = False

    def get_lr(self) -> list[float]:
        """The learning rate of each group at t = last_epoch, given those at t − 1 in the groups."""
        raise NotImplementedError(f"{type(self).__name__} has no formula: define get_lr()")

    def get_last_lr(self) -> list[float]:
        """The learning rates that were set last, one for each group."""
        return list(self._last_lr)

    def __repr__(self) -> str:
        rates = ", ".join(f"{rate:.4g}" for rate in self.get_last_lr())
        return f"{type(self).__name__}(t={self.last_epoch}, lr={rates})"

    def step(self) -> None:
        """Go to the next t. Warns if the optimizer has not made a step before."""
        if self._step_count == 1:
            self._warn_of_order()
        self._step_count += 1
        self.last_epoch += 1
        self._write(self.get_lr())

    def restart(self) -> None:
        """Go to t = 0, whatever the learning rates are now."""
        self._write(self.base_lrs)
        self.last_epoch = 0
        self._starting = True
        self._write(self.get_lr())
        self._starting = False

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer, copied. Save the optimizer's state too."""
        own = {name: x for name, x in self.__dict__.items() if name not in self.not_saved}
        return copy.deepcopy(own)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that `state_dict` gave; load the optimizer's too.

        Raises ValueError, before anything is changed, if an entry is missing or unknown.
        """
        self.__dict__.update(as_numbers(copy.deepcopy(self._checked(state_dict))))

    def _checked(self, state_dict: dict[str, Any]) -> dict[str, Any]:
        """The state, if it has the entries of this kind of schedule."""
        require_dict(f"{type(self).__name__}.load_state_dict", state_dict)
        wanted = set(self.__dict__) - set(self.not_saved)
        if wrong := wanted ^ set(state_dict):
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: {', '.join(sorted(wrong))} missing or "
                f"unknown; wanted {', '.join(sorted(wanted))}"
            )
        return state_dict

    def _lrs(self) -> list[float]:
        """The present learning rates of the groups."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def _write(self, lrs: list[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, lrs):
            group["lr"] = lr
        self._last_lr = self._lrs()

    def _warn_of_order(self) -> None:
        optimizer = self.optimizer
        counted = type(optimizer).step is Optimizer.step
        if counted and optimizer.steps_taken == self._steps_before:
            warnings.warn(
                f"{type(self).__name__}.step() was called before the optimizer's step(): so the "
                "first learning rate of the schedule is never used; call optimizer.step() first",
                UserWarning,
                stacklevel=3,
            )


def require_optimizer(function: str, optimizer: Any) -> Optimizer:
    """The optimizer, if it is one."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{function}: optimizer is a {type(optimizer).__name__}, wanted an Optimizer"
        )
    return optimizer


def initial_lr(scheduler: LRScheduler, group: dict[str, Any]) -> float:
    """The group's lr before any schedule, noted in the group."""
    if scheduler.last_epoch == -1:
        return group.setdefault("initial_lr", group["lr"])
    if "initial_lr" not in group:
        raise ValueError(
            f"{type(scheduler).__name__}: last_epoch is {scheduler.last_epoch}, but a group has no "
            "'initial_lr': load the optimizer's state first, or leave last_epoch at -1"
        )
    return group["initial_lr"]


def for_each_group(function: str, argument: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """A list with one value for each group; a single value holds for all."""
    count = len(require_optimizer(function, optimizer).param_groups)
    values = list(value) if isinstance(value, (list, tuple)) else [value] * count
    if len(values) != count:
        raise ValueError(
            f"{function}: {argument} has {len(values)} values, the optimizer {count} groups; "
            "give one value for each group or one for all"
        )
    return values
