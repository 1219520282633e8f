"""One cycle: up to a large learning rate and down again, the momentum the other way."""

from __future__ import annotations

from typing import Any, NamedTuple

from minigrad.optim.checks import (
    ABOVE_ZERO,
    FROM_ZERO,
    SHARE,
    require,
    require_flag,
    require_one_of,
    require_whole,
)
from minigrad.optim.lr_scheduler.base import LRScheduler, for_each_group
from minigrad.optim.lr_scheduler.cosine import cosine
from minigrad.optim.optimizer import Optimizer


class Phase(NamedTuple):
    """A part of the cycle: when it ends, and which entries of a group it goes between."""

    end: float
    lr: tuple[str, str]
    momentum: tuple[str, str]


class OneCycleLR(LRScheduler):
    """Up from max_lr / div_factor to max_lr, then down to less than it began with; once.

    max_lr: one number, or one for each group.
    total_steps: how many steps the cycle has, or epochs and steps_per_epoch, which are multiplied.
        Call `step()` after every batch.
    pct_start: the share of the steps that go up. anneal_strategy: "cos" or "linear".
    div_factor, final_div_factor: it starts from max_lr / div_factor, and ends with that divided by
        final_div_factor.
    three_phase: first down to the start in as many steps as up, then on to the end.
    cycle_momentum: momentum, or β₁ of Adam and its kind, goes the other way: from max_momentum
        down to base_momentum and back. These are numbers, or one for each group.

    Not chainable. Raises ValueError for numbers out of range, without a number of steps, if
    momentum is to be cycled and the optimizer has none, and on going beyond total_steps.
    Source: Smith and Topin, Super-Convergence (2018).
    """

    interval = "batch"

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.total_steps = number_of_steps(total_steps, epochs, steps_per_epoch)
        require("OneCycleLR", "pct_start", pct_start, SHARE)
        require_one_of("OneCycleLR", "anneal_strategy", anneal_strategy, ("cos", "linear"))
        require_flag("OneCycleLR", "cycle_momentum", cycle_momentum)
        require_flag("OneCycleLR", "three_phase", three_phase)
        self.pct_start = pct_start
        self.anneal_strategy = anneal_strategy
        self.three_phase = three_phase
        entries = learning_rates(optimizer, max_lr, div_factor, final_div_factor)
        self.cycled = cycled(optimizer) if cycle_momentum else ""
        if self.cycled:
            momenta = bounds(optimizer, base_momentum, max_momentum)
            entries = [lr | momentum for lr, momentum in zip(entries, momenta)]
        if last_epoch == -1:
            for group, entry in zip(optimizer.param_groups, entries):
                group.update(entry)
        super().__init__(optimizer, last_epoch)

    def step(self) -> None:
        """Go to the next t, at most to total_steps."""
        if self.last_epoch >= self.total_steps:
            raise ValueError(
                f"OneCycleLR: step {self.last_epoch + 1}, but the cycle has {self.total_steps} "
                "steps"
            )
        super().step()

    def get_lr(self) -> list[float]:
        """The learning rates at t = last_epoch; the momenta are set on the way."""
        groups = self.optimizer.param_groups
        phase, share = place(self.phases(), self.last_epoch)
        if self.cycled:
            for group in groups:
                set_momentum(group, self.cycled, self._between(group, phase.momentum, share))
        return [self._between(group, phase.lr, share) for group in groups]

    def phases(self) -> list[Phase]:
        """The parts of the cycle; the last step is total_steps − 1."""
        top, last = self.pct_start * self.total_steps - 1, self.total_steps - 1
        up = Phase(top, ("initial_lr", "max_lr"), ("max_momentum", "base_momentum"))
        if not self.three_phase:
            return [up, Phase(last, ("max_lr", "min_lr"), up.momentum[::-1])]
        down = Phase(2 * top, up.lr[::-1], up.momentum[::-1])
        return [up, down, Phase(last, ("initial_lr", "min_lr"), ("max_momentum", "max_momentum"))]

    def _between(self, group: dict[str, Any], names: tuple[str, str], share: float) -> float:
        start, end = (group[name] for name in names)
        if self.anneal_strategy == "cos":
            return cosine(start, end, share)
        return start + (end - start) * share


def place(phases: list[Phase], t: int) -> tuple[Phase, float]:
    """The phase that step t belongs to, and the share of it that is over."""
    start = 0.0
    for phase in phases:
        if t <= phase.end or phase is phases[-1]:
            break
        start = phase.end
    length = phase.end - start
    return phase, (t - start) / length if length else 1.0


def number_of_steps(total: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    """total, or epochs · steps_per_epoch."""
    if total is not None:
        return require_whole("OneCycleLR", "total_steps", total, least=1)
    if epochs is None or steps_per_epoch is None:
        raise ValueError(
            "OneCycleLR: the number of steps is missing: give total_steps, or epochs and "
            f"steps_per_epoch (got epochs {epochs}, steps_per_epoch {steps_per_epoch})"
        )
    epochs = require_whole("OneCycleLR", "epochs", epochs, least=1)
    return epochs * require_whole("OneCycleLR", "steps_per_epoch", steps_per_epoch, least=1)


def learning_rates(
    optimizer: Optimizer, max_lr: Any, div_factor: float, final_div_factor: float
) -> list[dict[str, float]]:
    """Start, top and end of the cycle for each group."""
    for name, factor in (("div_factor", div_factor), ("final_div_factor", final_div_factor)):
        require("OneCycleLR", name, factor, ABOVE_ZERO)
    tops = for_each_group("OneCycleLR", "max_lr", max_lr, optimizer)
    for top in tops:
        require("OneCycleLR", "max_lr", top, FROM_ZERO)
    lows = [top / div_factor for top in tops]
    return [
        {"initial_lr": low, "max_lr": top, "min_lr": low / final_div_factor}
        for low, top in zip(lows, tops)
    ]


def bounds(optimizer: Optimizer, base: Any, top: Any) -> list[dict[str, float]]:
    """The bounds of the momentum for each group."""
    bases = for_each_group("OneCycleLR", "base_momentum", base, optimizer)
    tops = for_each_group("OneCycleLR", "max_momentum", top, optimizer)
    for name, values in (("base_momentum", bases), ("max_momentum", tops)):
        for value in values:
            require("OneCycleLR", name, value, SHARE)
    return [{"base_momentum": low, "max_momentum": high} for low, high in zip(bases, tops)]


def cycled(optimizer: Optimizer) -> str:
    """The entry of the groups that is cycled as momentum."""
    for name in ("betas", "momentum"):
        if name in optimizer.defaults:
            return name
    raise ValueError(
        f"OneCycleLR: {type(optimizer).__name__} has no momentum to cycle; give "
        "cycle_momentum=False"
    )


def set_momentum(group: dict[str, Any], name: str, momentum: float) -> None:
    """Write the momentum, which is the first of betas."""
    group[name] = (momentum, *group["betas"][1:]) if name == "betas" else momentum
