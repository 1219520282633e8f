"""Activations as functions, with PyTorch's names for their arguments.

Formulas and derivatives stand in ops/activation.py. `inplace` is accepted, so that programs for
PyTorch run; the result is a new tensor all the same.
"""

from __future__ import annotations

from typing import Any

from minigrad.ops import activation, elementwise


def relu(input: Any, inplace: bool = False) -> Any:
    """max(x, 0)"""
    return activation.relu(input)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """x for x > 0, negative_slope · x otherwise"""
    return activation.leaky_relu(input, negative_slope=negative_slope)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x for x > 0, α (eˣ − 1) otherwise"""
    return activation.elu(input, alpha=alpha)


def silu(input: Any, inplace: bool = False) -> Any:
    """x σ(x)"""
    return activation.silu(input)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """ln(1 + eᵝˣ) / β; x itself where βx > threshold"""
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


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """x held between min_val and max_val"""
    return activation.hardtanh(input, min_val=min_val, max_val=max_val)


def softmax(input: Any, dim: int = -1) -> Any:
    """exp xᵢ / Σⱼ exp xⱼ along dim"""
    return activation.softmax(input, axis=dim)


def log_softmax(input: Any, dim: int = -1) -> Any:
    """xᵢ − ln Σⱼ exp xⱼ along dim"""
    return activation.log_softmax(input, axis=dim)
