"""Checks of the numbers that users pass: what was given, what was wanted."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np

from minigrad.words import shown


def whole(function: str, argument: str, value: Any, least: int = 1) -> int:
    """The value as an int of at least `least`.

    Raises TypeError if it is not a number, ValueError if it is fractional or too small.
    """
    require_number(function, argument, value)
    if not isinstance(value, Integral) or value < least:
        raise ValueError(
            f"{function}: {argument} is {value}, wanted a whole number of at least {least}"
        )
    return int(value)


def whole_numbers(function: str, argument: str, values: Any) -> np.ndarray:
    """The values as an array (n,) of integers; TypeError for anything else."""
    array = np.asarray(values)
    if array.shape == (0,):
        array = np.zeros(0, np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise TypeError(
            f"{function}: {argument} have shape {array.shape} and dtype {array.dtype}, wanted a "
            "sequence of integers; np.flatnonzero(mask) makes one of a mask"
        )
    return array


def spread(function: str, argument: str, value: Any) -> float:
    """The value as a standard deviation: a finite float of at least 0.

    Raises TypeError if it is not a number, ValueError if it is negative or not finite.
    """
    require_number(function, argument, value)
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{function}: {argument} is {value}, wanted a finite number ≥ 0")
    return float(value)


def require_number(function: str, argument: str, value: Any) -> None:
    """Raise TypeError for what is no real number; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(
            f"{function}: {argument} is {shown(value)} of type {type(value).__name__}, "
            "wanted a number"
        )


def flag(function: str, argument: str, value: Any) -> bool:
    """The value, if it is True or False; TypeError otherwise."""
    if not isinstance(value, bool | np.bool):
        raise TypeError(
            f"{function}: {argument} is {shown(value)} of type {type(value).__name__}, "
            "wanted True or False"
        )
    return bool(value)


def one_of(function: str, argument: str, value: Any, choices: tuple[str, ...]) -> str:
    """The value, if it is one of the choices; ValueError otherwise."""
    if value not in choices:
        raise ValueError(
            f"{function}: {argument} is {value!r}, wanted one of {', '.join(map(repr, choices))}"
        )
    return str(value)
