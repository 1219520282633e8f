"""What the settings of layers and functions may be. Messages name the setting and its value."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

from numpy.exceptions import AxisError

from minigrad.words import shown

NUMBER = "a number"
FROM_ZERO = "a number of 0 or more"
ABOVE_ZERO = "a number above 0"
NOT_ZERO = "a number other than 0"
PROBABILITY = "a probability between 0 and 1"
SHARE = "a number between 0 and 1"

HOLDS: dict[str, Callable[[Any], bool]] = {
    NUMBER: lambda x: not math.isnan(x),
    FROM_ZERO: lambda x: x >= 0,
    ABOVE_ZERO: lambda x: x > 0,
    NOT_ZERO: lambda x: abs(x) > 0,
    PROBABILITY: lambda x: 0 <= x <= 1,
    SHARE: lambda x: 0 <= x <= 1,
}


def require(function: str, setting: str, value: Any, wanted: str) -> None:
    """TypeError if value is no number, ValueError if it is not what is wanted."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{function}: {setting} is {shown(value)}, wanted {wanted}")
    if not HOLDS[wanted](value):
        raise ValueError(f"{function}: {setting} is {value}, wanted {wanted}")


def require_one_of(function: str, setting: str, value: Any, choices: Sequence[str]) -> None:
    """ValueError if value is none of the choices."""
    if value not in choices:
        listed = ", ".join(map(repr, choices))
        raise ValueError(f"{function}: {setting} is {shown(value)}, wanted one of {listed}")


def require_int(function: str, setting: str, value: Any) -> int:
    """value as an int; TypeError if it is none."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{function}: {setting} is {shown(value)}, wanted an int") from None


def check_inplace(function: str, inplace: Any) -> None:
    """TypeError for what is no truth value, such as an input given to the class."""
    if not isinstance(inplace, (bool, int)):
        raise TypeError(
            f"{function}: inplace is {shown(inplace)}, wanted True or False; a layer is made first "
            f"and called then: {function}()(x)"
        )


def require_axis(function: str, setting: str, value: Any, shape: Sequence[int]) -> int:
    """value as the number of an axis, counted from the end too; an AxisError if x has none such.

    (An AxisError is a ValueError and an IndexError.)
    """
    axis, ndim = require_int(function, setting, value), max(len(shape), 1)
    if not -ndim <= axis < ndim:
        raise AxisError(
            f"{function}: {setting} is {axis}, wanted an axis of x of shape {tuple(shape)}, "
            f"{-ndim} to {ndim - 1}"
        )
    return axis


def lengths(function: str, setting: str, value: Any, least: int) -> tuple[int, ...]:
    """value as a tuple of at least one int; a single int stands for itself."""
    many = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    found = tuple(require_int(function, setting, length) for length in many)
    if not found or min(found) < least:
        raise ValueError(
            f"{function}: {setting} is {shown(value)}, wanted one or more lengths of at least "
            f"{least}"
        )
    return found
