"""Pooling as functions, with PyTorch's names for their arguments; see ops/pool.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad.ops import pool
from minigrad.ops.arguments import operand
from minigrad.ops.pool_axis import numbers_of_largest
from minigrad.ops.pool_shapes import pool_axes
from minigrad.tensor import Tensor

Ints = int | Sequence[int]


def max_pool1d(
    input: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest entry of each window of a sequence (N, C, L); stride None is kernel_size.

    return_indices: also where in the sequence each of them stands, as whole numbers.
    """
    window = (kernel_size, stride, padding, dilation, ceil_mode)
    y = pool.max_pool1d(input, **named(*window))
    return (y, indices_of_largest("max_pool1d", input, 1, *window)) if return_indices else y


def max_pool2d(
    input: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest entry of each window of an image (N, C, H, W); stride None is kernel_size.

    return_indices: also where in the image each of them stands, as row · W + column.
    """
    window = (kernel_size, stride, padding, dilation, ceil_mode)
    y = pool.max_pool2d(input, **named(*window))
    return (y, indices_of_largest("max_pool2d", input, 2, *window)) if return_indices else y


def named(
    kernel_size: Ints, stride: Ints | None, padding: Ints, dilation: Ints, ceil_mode: bool
) -> dict[str, Any]:
    """The settings of a window by their names, as pictures show them."""
    return {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "ceil_mode": ceil_mode,
    }


def indices_of_largest(op: str, x: Any, axes: int, *window: Any) -> Tensor:
    """The number, within its image, of the largest entry of each window."""
    x = operand(op, x)
    return Tensor(numbers_of_largest(x, pool_axes(op, x.shape, axes, *window)))


def avg_pool1d(
    input: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window of a sequence (N, C, L); stride None is kernel_size."""
    return pool.avg_pool1d(
        input,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )


def avg_pool2d(
    input: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window of an image (N, C, H, W); stride None is kernel_size."""
    return pool.avg_pool2d(
        input,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        divisor_override=divisor_override,
    )


def adaptive_avg_pool2d(input: Any, output_size: Ints | Sequence[int | None] | None) -> Any:
    """The means of output_size = (rows, columns) windows that cover an image (N, C, H, W) evenly.

    An int stands for both, None for as many as the image has.
    """
    return pool.adaptive_avg_pool2d(input, output_size)
