"""Which windows pooling looks at, and what it divides by: checked before anything is computed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops.window import Axis, by, check_images, reach, whole_numbers


def pool_axes(
    op: str,
    shape: Sequence[int],
    axes: int,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> list[Axis]:
    """The image axes of x under pooling windows, or an error that says what is wrong."""
    check_images(op, shape, axes)
    if shape[-axes - 1] == 0:
        raise ValueError(f"{op}: x has no channels, its shape is {tuple(shape)}")
    settings = window_settings(op, axes, kernel_size, stride, padding, dilation)
    kernels, strides, pads, dilations = settings
    sizes = shape[-axes:]
    reaches = [reach(k, d) for k, d in zip(kernels, dilations)]
    if any(p and d > n for p, d, n in zip(pads, dilations, sizes)):
        raise ValueError(f"{op}: dilation={dilation!r} steps over the whole input {by(sizes)}")
    counts = [
        window_count(n, r, s, p, ceil_mode) for n, r, s, p in zip(sizes, reaches, strides, pads)
    ]
    if min(counts) < 1:
        padded = [n + 2 * p for n, p in zip(sizes, pads)]
        raise ValueError(
            f"{op}: kernel {by(reaches)} larger than the padded input {by(padded)}. "
            f"Invalid computed output size: {' x '.join(map(str, counts))}"
        )
    return [Axis(*axis) for axis in zip(sizes, kernels, strides, dilations, pads, counts)]


def window_settings(
    op: str, axes: int, kernel_size: Any, stride: Any, padding: Any, dilation: Any = 1
) -> list[tuple[int, ...]]:
    """Kernels, strides, paddings and dilations of all axes, as far as they are right by themselves.

    An int stands for all axes, stride None for the kernel.
    """
    kernels = whole_numbers(op, "kernel_size", kernel_size, axes, least=1)
    stride = kernel_size if stride is None else stride
    strides = whole_numbers(op, "stride", stride, axes, least=1)
    pads = whole_numbers(op, "padding", padding, axes, least=0)
    dilations = whole_numbers(op, "dilation", dilation, axes, least=1)
    reaches = [reach(k, d) for k, d in zip(kernels, dilations)]
    if any(2 * p > r for p, r in zip(pads, reaches)):
        raise ValueError(
            f"{op}: padding must be at most half of the kernel, got padding={padding!r} for a "
            f"kernel of {by(reaches)}"
        )
    return [kernels, strides, pads, dilations]


def window_count(size: int, length: int, stride: int, padding: int, ceil_mode: bool) -> int:
    """How many windows fit; with ceil_mode one more for a rest, if it starts in the image."""
    room = size + 2 * padding - length
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1
    return count - 1 if (count - 1) * stride >= size + padding else count


def divisors(op: str, axes: Sequence[Axis], include_pad: bool, override: Any, dtype: Any) -> Array:
    """What the sum of each window is divided by, (OH, OW), or one number for all."""
    if override is not None:
        return np.asarray(divisor_given(op, override), dtype)
    counts = np.ones((), int)
    for axis in axes:
        start = np.arange(axis.windows) * axis.stride - axis.before
        padded = axis.before if include_pad else 0
        stop = np.minimum(start + axis.kernel, axis.size + padded)
        counts = counts[..., None] * (stop - np.maximum(start, -padded))
    return counts.astype(dtype)


def divisor_given(op: str, override: Any) -> int:
    """divisor_override, if one can divide by it."""
    (divisor,) = whole_numbers(op, "divisor_override", override, 1, least=-sys.maxsize)
    if divisor == 0:
        raise ValueError(f"{op}: divisor_override must not be zero")
    return divisor


def adaptive_windows(size: int, count: int) -> list[slice]:
    """So many windows that cover an axis evenly; they may overlap by one position."""
    return [slice(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def adaptive_counts(op: str, shape: Sequence[int], output_size: Any) -> tuple[int, int]:
    """The numbers of rows and columns wanted; None keeps those of x."""
    check_images(op, shape, 2)
    if min(shape[-3:]) == 0:
        raise ValueError(f"{op}: x has nothing to average, its shape is {tuple(shape)}")
    counts = zip(shape[-2:], output_pair(op, output_size))
    rows, columns = [n if wanted is None else wanted for n, wanted in counts]
    return rows, columns


def output_pair(op: str, output_size: Any) -> tuple[int | None, ...]:
    """output_size for rows and columns; an int or None stands for both."""
    pair = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * 2
    if len(pair) != 2:
        raise ValueError(f"{op}: output_size must be (rows, columns), got {output_size!r}")
    for wanted in pair:
        if wanted is not None:
            whole_numbers(op, "output_size", wanted, 1, least=1)
    return tuple(pair)
