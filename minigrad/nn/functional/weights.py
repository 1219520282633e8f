"""Layers with weights as functions, with PyTorch's names for their arguments.

Images are (N, C, H, W), sequences (N, C, L); without N for a single one. Formulas, ranges and
errors stand in ops/products.py and ops/conv.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad.ops import conv, products

Ints = int | Sequence[int]


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """x Wᵀ + b: x (…, in), weight W (out, in), bias b (out,) → (…, out)"""
    return products.linear(input, weight, bias)


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Any:
    """Cross-correlation along one axis: weight (O, C / groups, K), bias (O,)."""
    return conv.conv1d(
        input, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Any:
    """Cross-correlation of images: weight (O, C / groups, KH, KW), bias (O,).

    padding is a number of zeros on each side, a pair (rows, columns), "same" or "valid".
    """
    return conv.conv2d(
        input, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Any:
    """What conv2d does to gradients, done to images: weight (C, O / groups, KH, KW), bias (O,)."""
    return conv.conv_transpose2d(
        input,
        weight,
        bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        groups=groups,
        dilation=dilation,
    )
