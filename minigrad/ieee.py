"""Numbers for a Value: floats, with the arithmetic of IEEE 754: inf and nan where Python raises."""

from __future__ import annotations

import math
from math import inf, nan
from typing import Any

import numpy as np

from minigrad.words import shown

Number = float | int | np.floating | np.integer | np.bool_


def real(x: Any) -> float:
    """A real number, Python's or NumPy's, as a float; TypeError for anything else."""
    if isinstance(x, np.ndarray) and x.ndim == 0:
        x = x[()]
    if not isinstance(x, Number):
        raise TypeError(
            f"Value: data must be a real number, got {shown(x)} ({type(x).__name__}); "
            "give an int or a float (of a Value its .data; for arrays there is Tensor)"
        )
    try:
        return float(x)
    except OverflowError:  # an int beyond the largest float
        return inf if x > 0 else -inf


def divide(x: float, y: float) -> float:
    """x / y; ±inf by zero, 0 / 0 is nan."""
    try:
        return x / y
    except ZeroDivisionError:
        return x * math.copysign(inf, y)


def power(x: float, y: float) -> float:
    """xʸ; nan for x < 0 and y not a whole number."""
    try:
        return math.pow(x, y)
    except (OverflowError, ValueError):  # too large; no real root; or 0 to a negative power
        if x < 0 and y % 1:
            return nan
        return math.copysign(inf, x) if y % 2 == 1 else inf


def exp(x: float) -> float:
    """eˣ; inf where it is too large for a float, from x = 710 on."""
    try:
        return math.exp(x)
    except OverflowError:
        return inf


def log(x: float) -> float:
    """ln x; −inf at 0, nan below."""
    return math.log(x) if x > 0 else -inf if x == 0 else nan


def sqrt(x: float) -> float:
    """√x; nan for x < 0."""
    return math.sqrt(x) if x >= 0 else nan


def sin(x: float) -> float:
    """sin x; nan at ±inf."""
    return math.sin(x) if math.isfinite(x) else nan


def cos(x: float) -> float:
    """cos x; nan at ±inf."""
    return math.cos(x) if math.isfinite(x) else nan


def sigmoid(x: float) -> float:
    """1 / (1 + e⁻ˣ), in a form in which nothing overflows."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)
