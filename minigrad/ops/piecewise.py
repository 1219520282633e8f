"""Functions with kinks and steps: what the derivative is there is a choice, and stated."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.passes import chosen, kept
from minigrad.ops.primitive import elementwise


@elementwise("| |", x=lambda g, y, x: g * np.sign(x))
def abs(x: Any) -> Any:
    """y = |x|; a kink at 0, where the derivative is taken as 0."""
    return np.abs(x)


@elementwise(
    "max",
    a=lambda g, y, a, b: unbeaten(g, b > a, b >= a),
    b=lambda g, y, a, b: unbeaten(g, a > b, a >= b),
)
def maximum(a: Any, b: Any) -> Any:
    """y = the larger of a and b; where they are equal, each gets half of the gradient."""
    return np.maximum(a, b)


@elementwise(
    "min",
    a=lambda g, y, a, b: unbeaten(g, b < a, b <= a),
    b=lambda g, y, a, b: unbeaten(g, a < b, a <= b),
)
def minimum(a: Any, b: Any) -> Any:
    """y = the smaller of a and b; where they are equal, each gets half of the gradient."""
    return np.minimum(a, b)


def unbeaten(g: Any, beaten: Any, reached: Any) -> Any:
    """g where the other is not ahead, half of it where both are equal; a nan beats nobody."""
    return g - (g * beaten + g * reached) * 0.5


@elementwise("clip")
def clip(
    x: Any, /, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
) -> Any:
    """y = x held between a_min and a_max (also: min, max); the derivative at the bounds is 1."""
    low, high = bounds(a_min, a_max, min, max)
    if low is None and high is None:
        return np.array(x)  # NumPy 2.0 wants one bound at least
    return np.clip(x, low, high)


@clip.wrt("x")
def clip_dx(
    g: Any,
    y: Any,
    x: Any,
    a_min: Any = None,
    a_max: Any = None,
    min: Any = None,
    max: Any = None,
) -> Any:
    """∂y/∂x = 1 between the bounds, 0 outside."""
    low, high = bounds(a_min, a_max, min, max)
    above = True if low is None else x >= low
    below = True if high is None else x <= high
    return kept(g, np.logical_and(above, below))


def bounds(a_min: Any, a_max: Any, min: Any, max: Any) -> tuple[Any, Any]:
    """The two bounds, by either of their names."""
    return (min if a_min is None else a_min), (max if a_max is None else a_max)


@elementwise(
    "where",
    condition=None,
    a=lambda g, y, condition, a, b: chosen(condition, g, 0),
    b=lambda g, y, condition, a, b: chosen(condition, 0, g),
)
def where(condition: Any, a: Any, b: Any) -> Any:
    """y = a where condition holds, b elsewhere.

    Both branches are computed, and 0 · inf is nan: a branch that overflows where it is not taken
    spoils the gradient. Make its argument harmless first: where(c, f(where(c, x, 0)), ...).
    """
    return chosen(condition, a, b)


def flat(g: Any, *_: Any, **__: Any) -> Any:
    """The derivative of a step function: 0 wherever it has one."""
    return np.zeros_like(g)


@elementwise("sign", x=flat)
def sign(x: Any) -> Any:
    """y = −1, 0 or 1; the derivative is 0 everywhere, also at the jump."""
    return np.sign(x)


@elementwise("⌊ ⌋", x=flat)
def floor(x: Any) -> Any:
    """y = the largest whole number ≤ x; derivative 0."""
    return np.floor(x)


@elementwise("⌈ ⌉", x=flat)
def ceil(x: Any) -> Any:
    """y = the smallest whole number ≥ x; derivative 0."""
    return np.ceil(x)


@elementwise("trunc", x=flat)
def trunc(x: Any) -> Any:
    """y = x without its decimals; derivative 0."""
    return np.trunc(x)


@elementwise("round", x=flat)
def round(x: Any, /, decimals: int = 0) -> Any:
    """y = x rounded, halves to the even neighbour; derivative 0."""
    return np.round(x, decimals)


@elementwise("//", a=flat, b=flat)
def floor_divide(a: Any, b: Any) -> Any:
    """y = ⌊a / b⌋; derivative 0."""
    return np.floor_divide(a, b)
