"""Every argument of every optimizer and schedule: an error names it, what was given and what was
wanted, and leaves the optimizer as it was."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

from minigrad import Tensor, optim
from minigrad.optim import lr_scheduler as schedules
from minigrad.optim.checks import FLAGS, WANTED

OPTIMIZERS = [
    optim.GD, optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adadelta,
    optim.Adam, optim.AdamW, optim.NAdam, optim.RAdam, optim.Adamax,
]  # fmt: skip
BAD = {
    "a finite number ≥ 0": [-0.5, float("nan"), float("inf")],
    "a number from 0 to 1": [-0.5, 1.5, float("nan")],
    "a finite number": [float("nan"), float("-inf")],
}


def optimizer(cls=optim.SGD, **keywords):
    return cls([Tensor([1.0], requires_grad=True)], **{"lr": 0.1, **keywords})


HYPERPARAMETERS = [
    (cls, name) for cls in OPTIMIZERS for name in list(inspect.signature(cls).parameters)[1:]
]


def test_every_hyperparameter_has_a_rule():
    assert {name for _, name in HYPERPARAMETERS} <= {*WANTED, *FLAGS, "betas"}


@pytest.mark.parametrize(("cls", "name"), HYPERPARAMETERS)
def test_every_hyperparameter_of_every_optimizer_is_checked(cls, name):
    if name == "betas":
        wrong = [((-0.1, 0.9), r"betas\[0\]"), ((0.9, 1.0), r"betas\[1\]"), ((0.9,), "betas"),
                 (("a", 0.9), r"betas\[0\]"), (0.9, "betas")]  # fmt: skip
    elif name in FLAGS:
        wrong = [("no", name), (2, name), (None, name)]
    else:
        wrong = [(value, name) for value in (*BAD[WANTED[name]], "0.1", None, 1j)]
    for value, argument in wrong:
        match = rf"^{cls.__name__}: {argument} is .*, wanted"
        with pytest.raises((ValueError, TypeError), match=match) as caught:
            optimizer(cls, **{name: value})
        shown = value[int(argument[-3])] if argument.endswith("]") else value
        assert str(shown) in str(caught.value)
        group = {"params": [Tensor([1.0], requires_grad=True)], name: value}
        other = optimizer(cls)
        with pytest.raises((ValueError, TypeError), match=match):
            other.add_param_group(group)
        assert len(other.param_groups) == 1


# The schedule, what it was given, and words of the message; a TypeError where the kind is wrong.
WRONG = [
    ("LambdaLR", {"lr_lambda": 3}, "lr_lambda is a int"),
    ("LambdaLR", {"lr_lambda": [abs, abs]}, "lr_lambda has 2 values, the optimizer 1 groups"),
    ("MultiplicativeLR", {"lr_lambda": "x"}, "lr_lambda is a str"),
    ("StepLR", {"step_size": 0}, "step_size is 0"),
    ("StepLR", {"step_size": 1.5}, "step_size is 1.5"),
    ("StepLR", {"step_size": "2"}, "step_size is '2' of type str"),
    ("StepLR", {"gamma": -1}, "gamma is -1"),
    ("MultiStepLR", {"milestones": [3, -1]}, "milestones is -1"),
    ("MultiStepLR", {"milestones": 3}, "milestones is 3"),
    ("MultiStepLR", {"gamma": float("inf")}, "gamma is inf"),
    ("ConstantLR", {"factor": 0}, "factor is 0"),
    ("ConstantLR", {"factor": 1.5}, "factor is 1.5"),
    ("ConstantLR", {"total_iters": -1}, "total_iters is -1"),
    ("LinearLR", {"start_factor": 0}, "start_factor is 0"),
    ("LinearLR", {"end_factor": 2}, "end_factor is 2"),
    ("LinearLR", {"total_iters": 0}, "total_iters is 0"),
    ("PolynomialLR", {"total_iters": 0}, "total_iters is 0"),
    ("PolynomialLR", {"power": -2}, "power is -2"),
    ("ExponentialLR", {"gamma": "0.9"}, "gamma is '0.9' of type str"),
    ("ExponentialLR", {"gamma": -0.9}, "gamma is -0.9"),
    ("CosineAnnealingLR", {"T_max": 0}, "T_max is 0"),
    ("CosineAnnealingLR", {"eta_min": -1}, "eta_min is -1"),
    ("CosineAnnealingWarmRestarts", {"T_0": 0}, "T_0 is 0"),
    ("CosineAnnealingWarmRestarts", {"T_mult": 1.5}, "T_mult is 1.5"),
    ("CosineAnnealingWarmRestarts", {"eta_min": float("nan")}, "eta_min is nan"),
    ("OneCycleLR", {"max_lr": -1}, "max_lr is -1"),
    ("OneCycleLR", {"max_lr": [1, 2]}, "max_lr has 2 values, the optimizer 1 groups"),
    ("OneCycleLR", {"total_steps": 0}, "total_steps is 0"),
    ("OneCycleLR", {"total_steps": None}, "the number of steps is missing"),
    ("OneCycleLR", {"total_steps": None, "epochs": 2}, "(got epochs 2, steps_per_epoch None)"),
    ("OneCycleLR", {"total_steps": None, "epochs": 0, "steps_per_epoch": 1}, "epochs is 0"),
    (
        "OneCycleLR",
        {"total_steps": None, "epochs": 1, "steps_per_epoch": 0},
        "steps_per_epoch is 0",
    ),
    ("OneCycleLR", {"pct_start": 2}, "pct_start is 2"),
    (
        "OneCycleLR",
        {"anneal_strategy": "log"},
        "anneal_strategy is 'log', wanted 'cos' or 'linear'",
    ),
    ("OneCycleLR", {"cycle_momentum": "no"}, "cycle_momentum is 'no' of type str"),
    ("OneCycleLR", {"base_momentum": 2}, "base_momentum is 2"),
    ("OneCycleLR", {"max_momentum": -1}, "max_momentum is -1"),
    ("OneCycleLR", {"div_factor": 0}, "div_factor is 0"),
    ("OneCycleLR", {"final_div_factor": -1}, "final_div_factor is -1"),
    ("OneCycleLR", {"three_phase": "no"}, "three_phase is 'no' of type str"),
    ("ReduceLROnPlateau", {"mode": "least"}, "mode is 'least', wanted 'min' or 'max'"),
    ("ReduceLROnPlateau", {"factor": 1.0}, "factor is 1.0"),
    ("ReduceLROnPlateau", {"patience": -1}, "patience is -1"),
    ("ReduceLROnPlateau", {"threshold": -1}, "threshold is -1"),
    ("ReduceLROnPlateau", {"threshold_mode": "x"}, "threshold_mode is 'x', wanted 'rel' or 'abs'"),
    ("ReduceLROnPlateau", {"cooldown": 1.5}, "cooldown is 1.5"),
    ("ReduceLROnPlateau", {"min_lr": -1}, "min_lr is -1"),
    ("ReduceLROnPlateau", {"min_lr": [0, 0]}, "min_lr has 2 values, the optimizer 1 groups"),
    ("ReduceLROnPlateau", {"eps": -1}, "eps is -1"),
]
DEFAULTS = {
    "LambdaLR": {"lr_lambda": abs},
    "MultiplicativeLR": {"lr_lambda": abs},
    "StepLR": {"step_size": 1},
    "MultiStepLR": {"milestones": [1]},
    "ExponentialLR": {"gamma": 0.9},
    "CosineAnnealingLR": {"T_max": 3},
    "CosineAnnealingWarmRestarts": {"T_0": 3},
    "OneCycleLR": {"max_lr": 1.0, "total_steps": 9},
}
SIMPLE = [name for name in schedules.__all__ if name not in ("LRScheduler", "SequentialLR",
          "ChainedScheduler")]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "given", "words"), WRONG, ids=[f"{name} {given}" for name, given, _ in WRONG]
)
def test_the_error_of_a_schedule_names_argument_and_value(name, given, words):
    o = optimizer(momentum=0.9)
    before = str(o)
    with pytest.raises((ValueError, TypeError), match=re.escape(words)) as caught:
        getattr(schedules, name)(o, **(DEFAULTS.get(name, {}) | given))
    assert str(caught.value).startswith(name)
    assert str(o) == before


def test_every_argument_of_every_schedule_is_in_the_list():
    tried = {(name, argument) for name, given, _ in WRONG for argument in given}
    for name in SIMPLE:
        arguments = list(inspect.signature(getattr(schedules, name)).parameters)[1:]
        assert {(name, a) for a in arguments if a != "last_epoch"} <= tried


@pytest.mark.parametrize("name", [name for name in SIMPLE if name != "ReduceLROnPlateau"])
@pytest.mark.parametrize("value", [1.5, -2, "1"])
def test_last_epoch(name, value):
    o = optimizer(momentum=0.9)
    with pytest.raises((ValueError, TypeError), match=rf"{name}: last_epoch is .*{value}.*wanted"):
        getattr(schedules, name)(o, last_epoch=value, **DEFAULTS.get(name, {}))


@pytest.mark.parametrize("name", SIMPLE)
@pytest.mark.parametrize("value", [None, 0.1, [optimizer()]])
def test_what_is_no_optimizer(name, value):
    with pytest.raises(TypeError, match=rf"{name}: optimizer is a {type(value).__name__}, wanted"):
        getattr(schedules, name)(value, **DEFAULTS.get(name, {}))


@pytest.mark.parametrize(("milestones", "words"), [
    (3, "milestones is 3"), ([0], "milestones is 0"), ([1.5], "milestones is 1.5"),
    ([2, 3], "milestones are [2, 3], wanted 1 rising steps for 2 schedulers"), ([], "are []"),
])  # fmt: skip
def test_milestones_of_a_sequence(milestones, words):
    o = optimizer()
    parts = [schedules.StepLR(o, 1), schedules.StepLR(o, 1)]
    with pytest.raises((ValueError, TypeError), match=re.escape(words)):
        schedules.SequentialLR(o, parts, milestones)


@pytest.mark.parametrize("metric", ["low", None, [1.0, 2.0]])
def test_a_plateau_needs_a_number(metric):
    scheduler = schedules.ReduceLROnPlateau(optimizer())
    with pytest.raises(TypeError, match=r"ReduceLROnPlateau.step: metrics is .* wanted a number"):
        scheduler.step(metric)
    assert scheduler.last_epoch == 0
    scheduler.step(Tensor(0.5))
    scheduler.step(np.float32(0.25))
    assert scheduler.best == 0.25
