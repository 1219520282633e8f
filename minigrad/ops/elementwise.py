"""Functions that work entry by entry, each beside its derivative.

This file reads like the back page of a calculus book. In a rule, g is ∂L/∂y and y the output;
names with an underscore in front are not used. NumPy's functions work there on arrays and on
tensors, where they are recorded.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.ops.primitive import elementwise

LN2, LN10 = math.log(2), math.log(10)

# --- Arithmetic -----------------------------------------------------------------------------


@elementwise("+", a=lambda g, _y, _a, _b: g, b=lambda g, _y, _a, _b: g)
def add(a: Any, b: Any) -> Any:
    """y = a + b"""
    return a + b


@elementwise("−", a=lambda g, _y, _a, _b: g, b=lambda g, _y, _a, _b: -g)
def subtract(a: Any, b: Any) -> Any:
    """y = a − b"""
    return a - b


@elementwise("×", a=lambda g, y, a, b: g * b, b=lambda g, y, a, b: g * a)
def multiply(a: Any, b: Any) -> Any:
    """y = a · b"""
    return a * b


@elementwise("÷", a=lambda g, y, a, b: g / b, b=lambda g, y, a, b: -g * y / b)
def divide(a: Any, b: Any) -> Any:
    """y = a / b"""
    return a / b


@elementwise("−", x=lambda g, _y, _x: -g)
def negative(x: Any) -> Any:
    """y = −x"""
    return -x


@elementwise("+", x=lambda g, _y, _x: g)
def positive(x: Any) -> Any:
    """y = x"""
    return +x


@elementwise("xʸ")
def power(a: Any, b: Any) -> Any:
    """y = aᵇ; nan where a < 0 and b is not a whole number."""
    if np.ndim(b) == 0 and np.result_type(b).kind == "f":
        if b == 3 and np.result_type(a).kind == "f":
            return a * a * a
        return a ** float(b)  # NumPy squares and takes roots fast for a Python number
    return a**b


@power.wrt("a")
def power_da(g: Any, y: Any, a: Any, b: Any) -> Any:
    """∂(aᵇ)/∂a = b aᵇ⁻¹, and 0 for b = 0, also at a = 0."""
    return g * (b * power(a, b - (b != 0)))


@power.wrt("b")
def power_db(g: Any, y: Any, a: Any, b: Any) -> Any:
    """∂(aᵇ)/∂b = aᵇ ln a, and its limit 0 at a = 0 for b ≥ 0."""
    return g * y * np.log(np.where((a == 0) & (b >= 0), 1, a))


@elementwise("( )²", x=lambda g, y, x: g * (x + x))
def square(x: Any) -> Any:
    """y = x²"""
    return x * x


@elementwise("1/x", x=lambda g, y, x: -g * y * y)
def reciprocal(x: Any) -> Any:
    """y = 1 / x"""
    return 1.0 / x


@elementwise("mod", a=lambda g, _y, _a, _b: g, b=lambda g, y, a, b: -g * np.floor_divide(a, b))
def remainder(a: Any, b: Any) -> Any:
    """y = a − b ⌊a/b⌋, with the sign of b (Python's %)."""
    return np.remainder(a, b)


@elementwise("fmod", a=lambda g, _y, _a, _b: g, b=lambda g, y, a, b: -g * np.trunc(a / b))
def fmod(a: Any, b: Any) -> Any:
    """y = a − b trunc(a/b), with the sign of a (C's fmod)."""
    return np.fmod(a, b)


# --- Powers of e, logarithms, roots ---------------------------------------------------------


@elementwise("exp", x=lambda g, y, x: g * y)
def exp(x: Any) -> Any:
    """y = eˣ"""
    return np.exp(x)


@elementwise("2ˣ", x=lambda g, y, x: g * y * LN2)
def exp2(x: Any) -> Any:
    """y = 2ˣ"""
    return np.exp2(x)


@elementwise("expm1", x=lambda g, y, x: g * (y + 1))
def expm1(x: Any) -> Any:
    """y = eˣ − 1, accurate for small x."""
    return np.expm1(x)


@elementwise("log", x=lambda g, y, x: g / x)
def log(x: Any) -> Any:
    """y = ln x; −inf at 0, nan below."""
    return np.log(x)


@elementwise("log1p", x=lambda g, y, x: g / (1 + x))
def log1p(x: Any) -> Any:
    """y = ln(1 + x), accurate for small x."""
    return np.log1p(x)


@elementwise("log₂", x=lambda g, y, x: g / (x * LN2))
def log2(x: Any) -> Any:
    """y = log₂ x"""
    return np.log2(x)


@elementwise("log₁₀", x=lambda g, y, x: g / (x * LN10))
def log10(x: Any) -> Any:
    """y = log₁₀ x"""
    return np.log10(x)


@elementwise("√", x=lambda g, y, x: g / (y + y))
def sqrt(x: Any) -> Any:
    """y = √x; the derivative 1 / (2√x) is inf at 0."""
    return np.sqrt(x)


@elementwise("∛", x=lambda g, y, x: g / (3 * y * y))
def cbrt(x: Any) -> Any:
    """y = ∛x, also of negative numbers."""
    return np.cbrt(x)


@elementwise("logaddexp")
def logaddexp(a: Any, b: Any) -> Any:
    """y = ln(eᵃ + eᵇ), without overflow."""
    with np.errstate(under="ignore"):
        return np.logaddexp(a, b)


@logaddexp.wrt("a")
def logaddexp_da(g: Any, y: Any, a: Any, b: Any) -> Any:
    """eᵃ / (eᵃ + eᵇ) = 1 / (1 + eᵇ⁻ᵃ), the share of a; also where a or b is infinite."""
    return g * exp_down(-logaddexp(0, b - a))


@logaddexp.wrt("b")
def logaddexp_db(g: Any, y: Any, a: Any, b: Any) -> Any:
    """1 / (1 + eᵃ⁻ᵇ), the share of b."""
    return g * exp_down(-logaddexp(0, a - b))


def exp_down(x: Any) -> Any:
    """eˣ for x ≤ 0, where a result that is too small for a float is rightly 0."""
    with np.errstate(under="ignore"):
        return np.exp(x)


# --- Angles and hyperbolas ------------------------------------------------------------------


@elementwise("sin", x=lambda g, y, x: g * np.cos(x))
def sin(x: Any) -> Any:
    """y = sin x, x in radians."""
    return np.sin(x)


@elementwise("cos", x=lambda g, y, x: -g * np.sin(x))
def cos(x: Any) -> Any:
    """y = cos x, x in radians."""
    return np.cos(x)


@elementwise("tan", x=lambda g, y, x: g * (1 + y * y))
def tan(x: Any) -> Any:
    """y = tan x, x in radians."""
    return np.tan(x)


@elementwise("arcsin", x=lambda g, y, x: g / np.sqrt(1 - x * x))
def arcsin(x: Any) -> Any:
    """y = arcsin x for −1 ≤ x ≤ 1; the derivative is inf at both ends."""
    return np.arcsin(x)


@elementwise("arccos", x=lambda g, y, x: -g / np.sqrt(1 - x * x))
def arccos(x: Any) -> Any:
    """y = arccos x for −1 ≤ x ≤ 1; the derivative is −inf at both ends."""
    return np.arccos(x)


@elementwise("arctan")
def arctan(x: Any) -> Any:
    """y = arctan x"""
    return np.arctan(x)


@arctan.wrt("x")
def arctan_dx(g: Any, y: Any, x: Any) -> Any:
    """1 / (1 + x²)"""
    with np.errstate(over="ignore"):  # where x² is inf, the derivative is rightly 0
        return g / (1 + x * x)


@elementwise("arctan2")
def arctan2(a: Any, b: Any) -> Any:
    """y = the angle of the point (b, a), −π to π; at (0, 0) the derivatives are taken as 0."""
    return np.arctan2(a, b)


@arctan2.wrt("a")
def arctan2_da(g: Any, y: Any, a: Any, b: Any) -> Any:
    """∂y/∂a = b / r² for r² = a² + b²"""
    return g * by_radius(b, a, b)


@arctan2.wrt("b")
def arctan2_db(g: Any, y: Any, a: Any, b: Any) -> Any:
    """∂y/∂b = −a / r² for r² = a² + b²"""
    return -g * by_radius(a, a, b)


def by_radius(side: Any, a: Any, b: Any) -> Any:
    """side / r², also where r² is inf or 0 for a float; r counts as 1 at the origin."""
    r = np.hypot(np.where((a == 0) & (b == 0), 1, a), b)
    with np.errstate(under="ignore"):
        return side / r / r


@elementwise("hypot", a=lambda g, y, a, b: g * a / y, b=lambda g, y, a, b: g * b / y)
def hypot(a: Any, b: Any) -> Any:
    """y = √(a² + b²), without overflow; the derivative at (0, 0) is nan."""
    return np.hypot(a, b)


@elementwise("sinh", x=lambda g, y, x: g * np.cosh(x))
def sinh(x: Any) -> Any:
    """y = (eˣ − e⁻ˣ) / 2"""
    return np.sinh(x)


@elementwise("cosh", x=lambda g, y, x: g * np.sinh(x))
def cosh(x: Any) -> Any:
    """y = (eˣ + e⁻ˣ) / 2"""
    return np.cosh(x)


@elementwise("tanh", x=lambda g, y, x: g * (1 - y * y))
def tanh(x: Any) -> Any:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ); y' = 1 − y²"""
    return np.tanh(x)


@elementwise("arcsinh", x=lambda g, y, x: g / np.hypot(x, 1))
def arcsinh(x: Any) -> Any:
    """y = ln(x + √(x² + 1))"""
    return np.arcsinh(x)


@elementwise("arccosh", x=lambda g, y, x: g / np.sqrt(x * x - 1))
def arccosh(x: Any) -> Any:
    """y = ln(x + √(x² − 1)) for x ≥ 1"""
    return np.arccosh(x)


@elementwise("arctanh", x=lambda g, y, x: g / (1 - x * x))
def arctanh(x: Any) -> Any:
    """y = ½ ln((1 + x) / (1 − x)) for −1 < x < 1"""
    return np.arctanh(x)
