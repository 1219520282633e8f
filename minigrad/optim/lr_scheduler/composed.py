"""Schedules made of schedules: one after the other, or several at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from minigrad.optim.checks import require_whole, require_wholes
from minigrad.optim.lr_scheduler.base import LRScheduler, require_optimizer
from minigrad.optim.lr_scheduler.plateau import ReduceLROnPlateau
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.saving import require_dict


class Composed(LRScheduler):
    """A schedule whose parts are saved and loaded with it."""

    not_saved = (*LRScheduler.not_saved, "_schedulers", "interval")
    _schedulers: list[LRScheduler]

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"_schedulers": [s.state_dict() for s in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        require_dict(f"{type(self).__name__}.load_state_dict", state_dict)
        state = dict(state_dict)
        parts = state.pop("_schedulers", [])
        if len(parts) != len(self._schedulers):
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: {len(parts)} schedulers in the state, "
                f"{len(self._schedulers)} here"
            )
        for scheduler, part in zip(self._schedulers, parts):
            scheduler._checked(part)
        super().load_state_dict(state)
        for scheduler, part in zip(self._schedulers, parts):
            scheduler.load_state_dict(part)


class SequentialLR(Composed):
    """The first schedule up to t = milestones[0], there the second from its start, and so on.

    A warm-up over 5 steps, then a cosine:

    >>> import minigrad as mg
    >>> optimizer = mg.optim.GD([mg.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> warm_up = mg.optim.lr_scheduler.LinearLR(optimizer, 0.2, total_iters=5)
    >>> cosine = mg.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
    >>> scheduler = SequentialLR(optimizer, [warm_up, cosine], milestones=[5])
    >>> scheduler.get_last_lr()
    [0.2]

    Raises ValueError if there is no schedule, one of another optimizer or a ReduceLROnPlateau, or
    if milestones are not one fewer than schedules, whole, and in order.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = require_optimizer("SequentialLR", optimizer)
        self._schedulers = checked("SequentialLR", schedulers, optimizer)
        self.interval = interval_of(self._schedulers)
        ends = require_wholes("SequentialLR", "milestones", milestones, least=1)
        if len(ends) != len(schedulers) - 1 or ends != sorted(set(ends)):
            raise ValueError(
                f"SequentialLR: milestones are {ends}, wanted {len(schedulers) - 1} rising steps "
                f"for {len(schedulers)} schedulers"
            )
        self._milestones = ends
        last_epoch = require_whole("SequentialLR", "last_epoch", last_epoch, least=-1)
        self.restart()
        self.last_epoch = last_epoch + 1

    def step(self) -> None:
        """Go to the next t."""
        self.last_epoch += 1
        if self.last_epoch in self._milestones:
            self._running().restart()
        else:
            self._running().step()
        self._last_lr = self._lrs()

    def restart(self) -> None:
        self.last_epoch = 0
        self._running().restart()
        self._last_lr = self._lrs()

    def _running(self) -> LRScheduler:
        """The schedule that holds at t = last_epoch."""
        return self._schedulers[bisect_right(self._milestones, self.last_epoch)]


class ChainedScheduler(Composed):
    """Several chainable schedules at once: their factors are multiplied.

    Raises ValueError if there is no schedule, one of another optimizer, or a ReduceLROnPlateau.
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        if optimizer is None and schedulers:
            optimizer = schedulers[0].optimizer
        self._schedulers = checked("ChainedScheduler", schedulers, optimizer)
        self.interval = interval_of(self._schedulers)
        self.optimizer = self._schedulers[0].optimizer
        self._last_lr = self._lrs()

    def step(self) -> None:
        """Go to the next t in all of them."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = self._lrs()


def interval_of(schedulers: list[LRScheduler]) -> str:
    """How often to step them together: each batch, if one of them is meant for that."""
    return "batch" if any(s.interval == "batch" for s in schedulers) else "epoch"


def checked(
    function: str, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None
) -> list[LRScheduler]:
    """The schedules as a list, if they can be composed."""
    if not schedulers:
        raise ValueError(f"{function}: schedulers is empty, wanted one at least")
    for i, scheduler in enumerate(schedulers):
        if not isinstance(scheduler, LRScheduler):
            raise TypeError(
                f"{function}: schedulers[{i}] is a {type(scheduler).__name__}, wanted a scheduler"
            )
        if isinstance(scheduler, ReduceLROnPlateau):
            raise ValueError(
                f"{function}: schedulers[{i}] is a ReduceLROnPlateau, whose step needs a metric; "
                "step it by itself"
            )
        if scheduler.optimizer is not optimizer:
            raise ValueError(
                f"{function}: schedulers[{i}], {type(scheduler).__name__}, belongs to another "
                "optimizer; all have to act on one"
            )
    return list(schedulers)
