"""The error function and its kin: areas under the bell curve e^(−x²).

    erf x = 2/√π ∫₀ˣ e^(−t²) dt,    erfc x = 1 − erf x,    Φ(x) = ½ erfc(−x/√2)

NumPy has none of them. Three fractions of polynomials give nearly all digits of float64: one for
the middle of the curve, two for its tail, from which e^(−x²) is split off. So a tail of 1e−300
has all of its digits too, where 1 − erf x would be 0. In float32 a polynomial does for all of the
tail, in a third of the time.

Source: W. J. Cody, Rational Chebyshev approximations for the error function, Mathematics of
Computation 23 (1969) 631–637; the coefficients stand in his program CALERF (SPECFUN, 1990).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops.passes import chosen
from minigrad.ops.primitive import elementwise

NEAR, FAR = 0.46875, 4.0  # where one fraction ends and the next begins
ZERO = 40.0  # from here on e^(−x²/2) is 0 in float64
PIECE = 1 << 16  # entries: what a cache holds several times

# The coefficients of numerator and denominator, highest power first.
CENTRE = np.transpose([
    [1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
     3.20937758913846947e3],
    [1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
     2.84423683343917062e3],
])  # fmt: skip
MIDDLE = np.transpose([
    [2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3],
    [1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
     1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
     1.23033935480374942e3],
])  # fmt: skip
BEYOND = np.transpose([
    [1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4],
    [1.0, 2.56852019228982242e0, 1.87295284992346047e0, 5.27905102951428412e-1,
     6.05183413124413191e-2, 2.33520497626869185e-3],
])  # fmt: skip

# For float32: e^(x²) erfc x in powers of w = 1 / (1 + x/2), less than 9e−8 off, and 1 at 0. Found
# by least squares at Chebyshev points, weighed again and again until the errors were even.
SINGLE = np.array(
    [-0.0588356079, 0.283727078, -0.486026219, 0.277362215, -0.0265558069, 0.202821129,
     0.243032078, 0.282389765, 0.282085369], np.float32)  # fmt: skip


def fraction(coefficients: Array, x: Array) -> Array:
    """P(x) / Q(x) in the dtype of x: Horner's rule for both at once."""
    rows = coefficients.astype(x.dtype)[:, :, None]  # (powers, 2, 1)
    both = rows[0] * x + rows[1]
    for row in rows[2:]:
        both *= x
        both += row
    return both[0] / both[1]


def powers(coefficients: Array, w: Array) -> Array:
    """w P(w): Horner's rule."""
    y = coefficients[0] * w
    for c in coefficients[1:]:
        y += c
        y *= w
    return y


def central(x: Array) -> Array:
    """erf x for 0 ≤ x ≤ NEAR"""
    return x * fraction(CENTRE, x * x)


def scaled_tail(x: Array) -> Array:
    """e^(x²) erfc x for x ≥ NEAR; in float32 for all x ≥ 0."""
    if x.dtype == np.float32:
        return powers(SINGLE, 1 / (1 + x * np.float32(0.5)))
    y = fraction(MIDDLE, x)
    beyond = x > FAR
    if np.any(beyond):  # few are
        far = x[beyond]
        inverse = 1 / (far * far)
        y[beyond] = (math.pi**-0.5 - inverse * fraction(BEYOND, inverse)) / far
    return y


def curve(x: Array, rate: float) -> Array:
    """e^(−rate x²) for 0 ≤ x ≤ ZERO, to the last digits also where x² is large.

    x² has more digits than a float has: so x is split into h, of which h² is exact, and a rest,
    x² = h² + (x − h)(x + h).
    """
    h = np.trunc(x * 16) / 16
    return np.exp(-rate * (h * h)) * np.exp(-rate * ((x - h) * (x + h)))


def tail(x: Array, rate: float = 1.0) -> Array:
    """erfc(√rate x) for 0 ≤ x ≤ ZERO"""
    return tail_of(curve(x, rate), math.sqrt(rate) * x)


def tail_of(e: Array, x: Array) -> Array:
    """erfc x for x ≥ 0, from e = e^(−x²)"""
    y = e * scaled_tail(x)
    return y if y.dtype == np.float32 else chosen(x > NEAR, y, 1 - central(x))


def upper(x: Array) -> Array:
    """erf x for 0 ≤ x ≤ ZERO"""
    return chosen(x > NEAR, 1 - curve(x, 1.0) * scaled_tail(x), central(x))


def mirrored(left: Array, right: Array, total: float) -> Array:
    """The function that is right at |x|, and total together with what it is at −|x|.

    left: where x is on the left. |total − right| there, |0 − right| elsewhere: nothing is chosen.
    """
    return np.abs(left.astype(right.dtype) * total - right)


def computed(f: Callable[[Array, Array], Any], x: Any, results: int = 1) -> Any:
    """f(x, |x|) in the dtype and memory order of x, in pieces; |x| is at most ZERO.

    f may give several results, a tuple of so many arrays.
    float16 is computed in float32, whole numbers give what NumPy's functions give for them. What
    is too small for a float becomes 0 without a complaint.
    """
    x = np.asarray(x)  # a Python number is float64
    made = np.result_type(x, np.float16)
    flags: Any = [["readonly"], *[["writeonly", "allocate"]] * results]
    pieces = np.nditer(
        [x, *[None] * results],
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=flags,
        op_dtypes=[np.result_type(x, np.float32), *[made] * results],
        casting="same_kind",
        buffersize=PIECE,
    )
    with pieces, np.errstate(under="ignore"):
        for piece, *out in pieces:
            found = f(piece, np.abs(piece).clip(0, ZERO))
            for y, values in zip(out, found if results > 1 else [found]):
                y[...] = values
        return pieces.operands[1] if results == 1 else pieces.operands[1:]


@elementwise("e^−x²", x=lambda g, y, x, rate=1.0: g * (-2 * rate * x * y))
def bell(x: Any, /, rate: float = 1.0) -> Any:
    """y = e^(−rate x²); to the last digits also in the tails."""
    return computed(lambda _, size: curve(size, rate), x)


@elementwise("erf", x=lambda g, y, x: g * (2 * math.pi**-0.5 * bell(x)))
def erf(x: Any) -> Any:
    """y = erf x; 2/√π ∫₀ˣ e^(−t²) dt, from −1 to 1."""
    return computed(lambda x, size: np.copysign(upper(size), x), x)


@elementwise("erfc", x=lambda g, y, x: g * (-2 * math.pi**-0.5 * bell(x)))
def erfc(x: Any) -> Any:
    """y = erfc x = 1 − erf x; from 2 to 0."""
    return computed(lambda x, size: mirrored(x < 0, tail(size), 2), x)


def normal_density(x: Any) -> Any:
    """e^(−x²/2) / √(2π)"""
    return (2 * math.pi) ** -0.5 * bell(x, 0.5)


@elementwise("Φ", x=lambda g, y, x: g * normal_density(x))
def normal_cdf(x: Any) -> Any:
    """y = Φ(x); how often a normal number is less than x: 1/√(2π) ∫ e^(−t²/2) dt up to x."""
    return computed(lambda x, size: mirrored(x > 0, tail(size, 0.5) / 2, 1), x)


def normal_bell(x: Any) -> tuple[Any, Any]:
    """Φ(x) and Φ'(x); of an array in one go, for both have e^(−x²/2) in them.

    In float32 the last digits of e^(−x²/2) are left to chance, which takes a third of the time:
    far out a share of x² · 3e−8 of it is wrong.
    """
    if x.__class__ is not Array:
        return normal_cdf(x), normal_density(x)

    def both(x: Array, size: Array) -> tuple[Array, Array]:
        e = np.exp(size * size * -0.5) if size.dtype == np.float32 else curve(size, 0.5)
        return mirrored(x > 0, tail_of(e, math.sqrt(0.5) * size) / 2, 1), (2 * math.pi) ** -0.5 * e

    return computed(both, x, results=2)
