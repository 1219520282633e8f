"""Activations as functions, with PyTorch's names for their arguments.

Formulas and derivatives stand in ops/activation.py. `inplace` is accepted, so that programs for
PyTorch run; the result is a new tensor all the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.nn.checks import NOT_ZERO, NUMBER, require, require_axis
from minigrad.ops import activation, elementwise
from minigrad.ops.arguments import operand


def relu(input: Any, inplace: bool = False) -> Any:
    """max(x, 0)"""
    return activation.relu(input)


def relu6(input: Any, inplace: bool = False) -> Any:
    """x held between 0 and 6"""
    return activation.hardtanh(input, min_val=0, max_val=6)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """x for x > 0, negative_slope · x otherwise"""
    require("leaky_relu", "negative_slope", negative_slope, NUMBER)
    return activation.leaky_relu(input, negative_slope=negative_slope)


def prelu(input: Any, weight: Any) -> Any:
    """x for x > 0, weight · x otherwise: weight holds one slope, or one for each channel (axis 1).

    Errors: a ValueError for another number of slopes.
    """
    input, weight = operand("prelu", input), operand("prelu", weight)
    shape, slopes = input.shape, weight.shape
    channels = shape[1] if len(shape) > 1 else 1
    if slopes not in ((), (1,), (channels,)):
        raise ValueError(
            f"prelu: weight has shape {slopes}, but the input of shape {shape} has {channels} "
            f"channels; wanted (1,) or ({channels},)"
        )
    per_channel = () if slopes in ((), (1,)) else (channels,) + (1,) * (len(shape) - 2)
    return activation.prelu(input, np.reshape(weight, per_channel))


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x for x > 0, α (eˣ − 1) otherwise"""
    require("elu", "alpha", alpha, NUMBER)
    return activation.elu(input, alpha=alpha)


def gelu(input: Any, approximate: str = "none") -> Any:
    """x Φ(x), Φ(x) = how often a normal number is less than x; approximate: "none" or "tanh" """
    return activation.gelu(input, approximate=approximate)


def silu(input: Any, inplace: bool = False) -> Any:
    """x σ(x)"""
    return activation.silu(input)


def mish(input: Any, inplace: bool = False) -> Any:
    """x tanh(ln(1 + eˣ))"""
    return activation.mish(input)


def hardswish(input: Any, inplace: bool = False) -> Any:
    """x · clip(x + 3, 0, 6) / 6"""
    return activation.hardswish(input)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """ln(1 + eᵝˣ) / β; x itself where βx > threshold"""
    require("softplus", "beta", beta, NOT_ZERO)
    require("softplus", "threshold", threshold, NUMBER)
    return activation.softplus(input, beta=beta, threshold=threshold)


def sigmoid(input: Any) -> Any:
    """1 / (1 + e⁻ˣ)"""
    return activation.sigmoid(input)


def logsigmoid(input: Any) -> Any:
    """ln σ(x)"""
    return activation.logsigmoid(input)


def tanh(input: Any) -> Any:
    """(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)"""
    return elementwise.tanh(input)


def softsign(input: Any) -> Any:
    """x / (1 + |x|)"""
    return activation.softsign(input)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """x held between min_val and max_val"""
    check_bounds("hardtanh", min_val, max_val)
    return activation.hardtanh(input, min_val=min_val, max_val=max_val)


def check_bounds(function: str, min_val: float, max_val: float) -> None:
    """Two numbers, the second one larger."""
    require(function, "min_val", min_val, NUMBER)
    require(function, "max_val", max_val, NUMBER)
    if not max_val > min_val:
        raise ValueError(
            f"{function}: max_val must be larger than min_val, got {max_val} and {min_val}"
        )


def softmax(input: Any, dim: int = -1, *, dtype: Any = None) -> Any:
    """exp xᵢ / Σⱼ exp xⱼ along dim; dtype: what to convert the input to first"""
    input = operand("softmax", input)
    dim = require_axis("softmax", "dim", dim, input.shape)
    return activation.softmax(input if dtype is None else input.astype(dtype), axis=dim)


def log_softmax(input: Any, dim: int = -1, *, dtype: Any = None) -> Any:
    """xᵢ − ln Σⱼ exp xⱼ along dim; dtype: what to convert the input to first"""
    input = operand("log_softmax", input)
    dim = require_axis("log_softmax", "dim", dim, input.shape)
    return activation.log_softmax(input if dtype is None else input.astype(dtype), axis=dim)
