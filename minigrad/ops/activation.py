"""The bends between the layers of a network, and the softmax at its end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.ops.along import inner, largest, total
from minigrad.ops.elementwise import exp_down
from minigrad.ops.erf import normal_bell
from minigrad.ops.passes import at_least, at_most, chosen, kept
from minigrad.ops.primitive import Elementwise, elementwise, primitive


@elementwise("ReLU", x=lambda g, y, x: kept(g, y != 0))
def relu(x: Any) -> Any:
    """y = max(x, 0); a kink at 0, where the derivative is taken as 0."""
    return at_least(x, 0)


@elementwise("σ", x=lambda g, y, x: g * (y * (1 - y)))
def sigmoid(x: Any) -> Any:
    """y = 1 / (1 + e⁻ˣ), computed from e⁻|ˣ| so that nothing overflows.

    Above the line stands 1 for x ≥ 0 and eˣ for the others: the larger of e⁻|ˣ| and x ≥ 0.
    """
    small = exp_down(-np.abs(x))
    return np.maximum(small, x >= 0) / (1 + small)


@elementwise("softplus")
def softplus(x: Any, /, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """y = ln(1 + eᵝˣ) / β, a smooth ReLU; y = x where βx > threshold, as in PyTorch."""
    steep = beta * x
    smooth = (at_least(steep, 0) + np.log1p(exp_down(-np.abs(steep)))) / beta
    return chosen(steep > threshold, x, smooth)


@softplus.wrt("x")
def softplus_dx(g: Any, y: Any, x: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """∂y/∂x = σ(βx), and 1 above the threshold."""
    return chosen(beta * x > threshold, g, g * sigmoid(beta * x))


@elementwise("log σ", x=lambda g, y, x: g * sigmoid(-x))
def logsigmoid(x: Any) -> Any:
    """y = ln σ(x) = −ln(1 + e⁻ˣ), without overflow."""
    return at_most(x, 0) - np.log1p(exp_down(-np.abs(x)))


@elementwise("leaky ReLU")
def leaky_relu(x: Any, /, negative_slope: float = 0.01) -> Any:
    """y = x for x > 0, negative_slope · x otherwise."""
    if 0 < negative_slope <= 1:
        return np.maximum(x, negative_slope * x)  # on the right x is above the line
    return chosen(x > 0, x, negative_slope * x)


@leaky_relu.wrt("x")
def leaky_relu_dx(g: Any, y: Any, x: Any, negative_slope: float = 0.01) -> Any:
    """The slope of the side that x is on; at 0 that of the negative one."""
    return chosen(x > 0, g, negative_slope * g)


@elementwise("ELU")
def elu(x: Any, /, alpha: float = 1.0) -> Any:
    """y = x for x > 0, α (eˣ − 1) otherwise."""
    return at_least(x, 0) + alpha * np.expm1(at_most(x, 0))  # on either side one of them is 0


@elu.wrt("x")
def elu_dx(g: Any, y: Any, x: Any, alpha: float = 1.0) -> Any:
    """1 for x > 0, α eˣ = y + α otherwise."""
    return chosen(x > 0, g, g * (y + alpha))


@primitive(symbol="SiLU", kind=Elementwise, saves=True)
def silu(x: Any) -> Any:
    """y = x σ(x)"""
    s = sigmoid(x)
    return x * s, s


@silu.wrt("x")
def silu_dx(g: Any, y: Any, x: Any) -> Any:
    """y' = σ + y (1 − σ)"""
    s = sigmoid(x)
    return g * (s + y * (1 - s))


@silu.fast
def silu_backward(g: Any, y: Any, x: Any, *, saved: Any, wanted: Sequence[bool]) -> list[Any]:
    """The same, with σ(x) kept from the forward pass."""
    return [g * (saved + y * (1 - saved))]


def tanh_bell(x: Any) -> tuple[Any, Any]:
    """Φ(x) ≈ ½ (1 + tanh u) = σ(2u), u = √(2/π) (x + 0.044715 x³), and its derivative"""
    x = np.clip(x, -30, 30)  # beyond, σ is 0 or 1 and x³ may overflow
    steep = (8 / math.pi) ** 0.5
    s = sigmoid(x * (x * x * 0.044715 + 1) * steep)
    return s, s * (1 - s) * ((x * x * 0.134145 + 1) * steep)


BELL: dict[str, Callable[[Any], tuple[Any, Any]]] = {"none": normal_bell, "tanh": tanh_bell}


@primitive(symbol="GELU", kind=Elementwise, saves=True)
def gelu(x: Any, /, approximate: str = "none") -> Any:
    """y = x Φ(x); Φ(x) is how often a normal number is less than x.

    approximate="tanh" takes ½ (1 + tanh(√(2/π) (x + 0.044715 x³))) for Φ(x): faster, and y is
    off by 0.0005 at most. Source: Hendrycks and Gimpel (2016).
    """
    if approximate not in BELL:
        raise ValueError(f"gelu: approximate is {approximate!r}, wanted 'none' or 'tanh'")
    share, density = BELL[approximate](x)
    return x * share, (share, density)


@gelu.wrt("x")
def gelu_dx(g: Any, y: Any, x: Any, approximate: str = "none") -> Any:
    """y' = Φ + x Φ'"""
    share, density = BELL[approximate](x)
    return g * (share + x * density)


@gelu.fast
def gelu_backward(
    g: Any, y: Any, x: Any, *, saved: Any, wanted: Sequence[bool], approximate: str = "none"
) -> list[Any]:
    """The same, with Φ(x) and Φ'(x) kept from the forward pass."""
    share, density = saved
    return [g * (share + x * density)]


@elementwise("mish")
def mish(x: Any) -> Any:
    """y = x tanh(ln(1 + eˣ)); Misra (2019)."""
    return x * np.tanh(softplus(x))


@mish.wrt("x")
def mish_dx(g: Any, y: Any, x: Any) -> Any:
    """y' = t + x (1 − t²) σ(x) for t = tanh(ln(1 + eˣ))"""
    t = np.tanh(softplus(x))
    return g * (t + x * ((1 - t * t) * sigmoid(x)))


@elementwise("hardswish")
def hardswish(x: Any) -> Any:
    """y = x · clip(x + 3, 0, 6) / 6; SiLU in straight lines, Howard et al. (2019)."""
    return x * (np.clip(x + 3, 0, 6) / 6)


@hardswish.wrt("x")
def hardswish_dx(g: Any, y: Any, x: Any) -> Any:
    """0 up to −3, 1 from 3 on, x/3 + ½ in between."""
    return g * chosen(np.abs(x) < 3, x / 3 + 0.5, np.logical_not(x <= -3).astype(x.dtype))


@elementwise("softsign")
def softsign(x: Any) -> Any:
    """y = x / (1 + |x|); between −1 and 1."""
    return x / (np.abs(x) + 1)


@softsign.wrt("x")
def softsign_dx(g: Any, y: Any, x: Any) -> Any:
    """y' = 1 / (1 + |x|)²"""
    with np.errstate(over="ignore"):  # where the square is inf, y' is rightly 0
        return g / np.square(np.abs(x) + 1)


@elementwise("PReLU")
def prelu(x: Any, slope: Any) -> Any:
    """y = x for x > 0, slope · x otherwise; the slope is learned, He et al. (2015)."""
    return chosen(x > 0, x, slope * x)


@prelu.wrt("x")
def prelu_dx(g: Any, y: Any, x: Any, slope: Any) -> Any:
    """The slope of the side that x is on; at 0 that of the negative one."""
    return chosen(x > 0, g, g * slope)


@prelu.wrt("slope")
def prelu_dslope(g: Any, y: Any, x: Any, slope: Any) -> Any:
    """x where the slope was used."""
    return g * at_most(x, 0)


@elementwise("hardtanh")
def hardtanh(x: Any, /, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """y = x held between min_val and max_val; derivative 0 at and beyond them, as in PyTorch."""
    return np.clip(x, min_val, max_val)


@hardtanh.wrt("x")
def hardtanh_dx(g: Any, y: Any, x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """1 strictly between the bounds."""
    return kept(g, np.logical_and(x > min_val, x < max_val))


@primitive(symbol="softmax")
def softmax(x: Any, /, axis: int = -1) -> Any:
    """yᵢ = exp xᵢ / Σⱼ exp xⱼ along axis, shifted by the largest so that nothing overflows."""
    if not x.size:
        return np.array(x)
    y = exp_down(x - largest(x, axis))
    y /= total(y, axis)
    return y


@softmax.wrt("x")
def softmax_dx(g: Any, y: Any, x: Any, axis: int = -1) -> Any:
    """∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ), so ∂L/∂x = y (g − Σ g y)."""
    return y * (g - inner(g, y, axis))


@primitive(symbol="log softmax")
def log_softmax(x: Any, /, axis: int = -1) -> Any:
    """yᵢ = xᵢ − ln Σⱼ exp xⱼ along axis"""
    if not x.size:
        return np.array(x)
    shifted = x - largest(x, axis)
    return shifted - np.log(total(exp_down(shifted), axis))


@log_softmax.wrt("x")
def log_softmax_dx(g: Any, y: Any, x: Any, axis: int = -1) -> Any:
    """∂yᵢ/∂xⱼ = δᵢⱼ − exp yⱼ, so ∂L/∂x = g − exp(y) Σ g."""
    return g - exp_down(y) * total(g, axis)
