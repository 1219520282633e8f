"""Layers with weights as functions, with PyTorch's names for their arguments.

Images are (N, C, H, W), sequences (N, C, L); without N for a single one. Formulas, ranges and
errors stand in ops/products.py and ops/conv.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.ops import conv, conv_transpose, products
from minigrad.ops.arguments import operand

Ints = int | Sequence[int]


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """x Wᵀ + b: x (…, in), weight W (out, in), bias b (out,) → (…, out)"""
    return products.linear(input, weight, bias)


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """yₖ = Σ x1ᵢ Aₖᵢⱼ x2ⱼ + bₖ: x1 (…, in1), x2 (…, in2), weight A (out, in1, in2) → (…, out)

    It is a linear layer on the products of all pairs x1ᵢ x2ⱼ.
    Errors: a ValueError for shapes that do not fit.
    """
    input1, input2, weight = (operand("bilinear", x) for x in (input1, input2, weight))
    if bias is not None:
        bias = operand("bilinear", bias)
    lead, outputs, count = bilinear_sizes(*map(np.shape, (input1, input2, weight, bias)))
    pairs = np.expand_dims(input1, -1) * np.expand_dims(input2, -2)  # (…, in1, in2)
    return products.linear(
        np.reshape(pairs, (*lead, count)), np.reshape(weight, (outputs, count)), bias
    )


def bilinear_sizes(
    first: tuple[int, ...], second: tuple[int, ...], weight: tuple[int, ...], bias: tuple[int, ...]
) -> tuple[tuple[int, ...], int, int]:
    """The leading axes of the inputs, the number of outputs, and that of pairs; all checked."""
    if len(weight) != 3 or (first[-1:], second[-1:]) != (weight[1:2], weight[2:]):
        raise ValueError(
            f"bilinear: inputs of shape {first} and {second} do not fit the weight {weight}: it "
            "must be (out, in1, in2), for inputs of in1 and in2 features"
        )
    if first[:-1] != second[:-1]:
        raise ValueError(
            f"bilinear: inputs of shape {first} and {second} must be alike in all axes but the last"
        )
    if bias not in ((), weight[:1]):
        raise ValueError(f"bilinear: the bias must have shape {weight[:1]}, got {bias}")
    return first[:-1], weight[0], weight[1] * weight[2]


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
    return conv_transpose.conv_transpose2d(
        input,
        weight,
        bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        groups=groups,
        dilation=dilation,
    )
