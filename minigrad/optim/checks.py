"""What hyper-parameters may be. Every message names the argument and the value given."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np

from minigrad.words import shown

FROM_ZERO = "a finite number ≥ 0"
SHARE = "a number from 0 to 1"
BELOW_ONE = "a number from 0 to 1, without 1"
ABOVE_ZERO = "a finite number above 0"
POSITIVE_SHARE = "a number above 0, up to 1"

WANTED: dict[str, str] = {
    "lr": FROM_ZERO,
    "momentum": FROM_ZERO,
    "weight_decay": FROM_ZERO,
    "lr_decay": FROM_ZERO,
    "initial_accumulator_value": FROM_ZERO,
    "eps": FROM_ZERO,
    "momentum_decay": FROM_ZERO,
    "dampening": "a finite number",
    "alpha": SHARE,
    "rho": SHARE,
}
FLAGS = (
    "accumulate_updates",
    "amsgrad",
    "bias_correction",
    "centered",
    "decoupled_weight_decay",
    "eps_inside_sqrt",
    "lr_in_velocity",
    "maximize",
    "nesterov",
)
HOLDS: dict[str, Callable[[float], bool]] = {
    FROM_ZERO: lambda x: 0 <= x < math.inf,
    SHARE: lambda x: 0 <= x <= 1,
    BELOW_ONE: lambda x: 0 <= x < 1,
    ABOVE_ZERO: lambda x: 0 < x < math.inf,
    POSITIVE_SHARE: lambda x: 0 < x <= 1,
    "a finite number": math.isfinite,
}


class Unsaid(float):
    """A default that can be told from the same number given by the caller."""


def check_group(function: str, group: dict[str, Any]) -> None:
    """Check the entries of a parameter group that are hyper-parameters."""
    for name, value in group.items():
        if name == "betas":
            check_betas(function, value)
        elif name in WANTED:
            require(function, name, value, WANTED[name])
        elif name in FLAGS:
            require_flag(function, name, value)


def check_betas(function: str, betas: Any) -> None:
    """Two decay rates, each from 0 to 1 without 1."""
    if not isinstance(betas, (tuple, list)) or len(betas) != 2:
        raise ValueError(f"{function}: betas is {betas!r}, wanted two numbers (beta1, beta2)")
    for i, beta in enumerate(betas):
        require(function, f"betas[{i}]", beta, BELOW_ONE)


def require(function: str, argument: str, value: Any, wanted: str) -> None:
    """TypeError if value is not a number, ValueError if it is not what is wanted."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(
            f"{function}: {argument} is {value!r} of type {type(value).__name__}, wanted {wanted}"
        )
    if not HOLDS[wanted](float(value)):
        raise ValueError(f"{function}: {argument} is {value}, wanted {wanted}")


def require_whole(function: str, argument: str, value: Any, least: int) -> int:
    """The value as an int of at least `least`; ValueError or TypeError otherwise."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(
            f"{function}: {argument} is {value!r} of type {type(value).__name__}, "
            "wanted a whole number"
        )
    if not isinstance(value, Integral) or value < least:
        raise ValueError(
            f"{function}: {argument} is {value}, wanted a whole number of at least {least}"
        )
    return int(value)


def require_flag(function: str, argument: str, value: Any) -> None:
    """TypeError unless the value is True or False."""
    if not isinstance(value, bool | np.bool):
        raise TypeError(
            f"{function}: {argument} is {value!r} of type {type(value).__name__}, "
            "wanted True or False"
        )


def require_wholes(function: str, argument: str, values: Any, least: int) -> list[int]:
    """The values as a list of ints of at least `least`; ValueError or TypeError otherwise."""
    if not isinstance(values, Iterable):
        raise TypeError(
            f"{function}: {argument} is {shown(values)}, wanted a list of whole numbers"
        )
    return [require_whole(function, argument, value, least) for value in values]


def require_one_of(function: str, argument: str, value: Any, choices: tuple[str, ...]) -> None:
    """ValueError if value is none of the choices."""
    if value not in choices:
        listed = " or ".join(map(repr, choices))
        raise ValueError(f"{function}: {argument} is {value!r}, wanted {listed}")
