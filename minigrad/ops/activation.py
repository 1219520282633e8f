"""The bends between the layers of a network, and the softmax at its end."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.elementwise import exp_down
from minigrad.ops.primitive import elementwise, primitive
from minigrad.ops.reduce import sum as sum_


@elementwise("ReLU", x=lambda g, y, x: g * (y != 0))
def relu(x: Any) -> Any:
    """y = max(x, 0); a kink at 0, where the derivative is taken as 0."""
    return np.maximum(0, x)


@elementwise("σ", x=lambda g, y, x: g * (y * (1 - y)))
def sigmoid(x: Any) -> Any:
    """y = 1 / (1 + e⁻ˣ), computed from e⁻|ˣ| so that nothing overflows."""
    small = exp_down(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


@elementwise("softplus")
def softplus(x: Any, /, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """y = ln(1 + eᵝˣ) / β, a smooth ReLU; y = x where βx > threshold, as in PyTorch."""
    steep = beta * x
    smooth = (np.maximum(steep, 0) + np.log1p(exp_down(-np.abs(steep)))) / beta
    return np.where(steep > threshold, x, smooth)


@softplus.wrt("x")
def softplus_dx(g: Any, y: Any, x: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """∂y/∂x = σ(βx), and 1 above the threshold."""
    return np.where(beta * x > threshold, g, g * sigmoid(beta * x))


@elementwise("log σ", x=lambda g, y, x: g * sigmoid(-x))
def logsigmoid(x: Any) -> Any:
    """y = ln σ(x) = −ln(1 + e⁻ˣ), without overflow."""
    return np.minimum(x, 0) - np.log1p(exp_down(-np.abs(x)))


@elementwise("leaky ReLU")
def leaky_relu(x: Any, /, negative_slope: float = 0.01) -> Any:
    """y = x for x > 0, negative_slope · x otherwise."""
    return np.where(x > 0, x, negative_slope * x)


@leaky_relu.wrt("x")
def leaky_relu_dx(g: Any, y: Any, x: Any, negative_slope: float = 0.01) -> Any:
    """The slope of the side that x is on; at 0 that of the negative one."""
    return np.where(x > 0, g, negative_slope * g)


@elementwise("ELU")
def elu(x: Any, /, alpha: float = 1.0) -> Any:
    """y = x for x > 0, α (eˣ − 1) otherwise."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


@elu.wrt("x")
def elu_dx(g: Any, y: Any, x: Any, alpha: float = 1.0) -> Any:
    """1 for x > 0, α eˣ = y + α otherwise."""
    return np.where(x > 0, g, g * (y + alpha))


@elementwise("SiLU")
def silu(x: Any) -> Any:
    """y = x σ(x)"""
    return x * sigmoid(x)


@silu.wrt("x")
def silu_dx(g: Any, y: Any, x: Any) -> Any:
    """y' = σ (1 + x (1 − σ))"""
    s = sigmoid(x)
    return g * (s + x * (s * (1 - s)))


@elementwise("hardtanh")
def hardtanh(x: Any, /, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """y = x held between min_val and max_val; derivative 0 at and beyond them, as in PyTorch."""
    return np.clip(x, min_val, max_val)


@hardtanh.wrt("x")
def hardtanh_dx(g: Any, y: Any, x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """1 strictly between the bounds."""
    return g * np.logical_and(x > min_val, x < max_val)


@primitive(symbol="softmax")
def softmax(x: Any, /, axis: int = -1) -> Any:
    """yᵢ = exp xᵢ / Σⱼ exp xⱼ along axis, shifted by the largest so that nothing overflows."""
    y = exp_down(x - np.max(x, axis=axis, keepdims=True))
    return y / np.sum(y, axis=axis, keepdims=True)


@softmax.wrt("x")
def softmax_dx(g: Any, y: Any, x: Any, axis: int = -1) -> Any:
    """∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ), so ∂L/∂x = y (g − Σ g y)."""
    return y * (g - sum_(g * y, axis=axis, keepdims=True))


@primitive(symbol="log softmax")
def log_softmax(x: Any, /, axis: int = -1) -> Any:
    """yᵢ = xᵢ − ln Σⱼ exp xⱼ along axis"""
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(exp_down(shifted), axis=axis, keepdims=True))


@log_softmax.wrt("x")
def log_softmax_dx(g: Any, y: Any, x: Any, axis: int = -1) -> Any:
    """∂yᵢ/∂xⱼ = δᵢⱼ − exp yⱼ, so ∂L/∂x = g − exp(y) Σ g."""
    return g - exp_down(y) * sum_(g, axis=axis, keepdims=True)
