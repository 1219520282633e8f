"""What fits together in a convolution: shapes and parameters, checked before it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.ops.window import Axis, by, check_images, reach, whole_numbers

Shape = Sequence[int]


def conv_axes(
    op: str,
    x: Shape,
    w: Shape,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
    axes: int = 2,
) -> list[Axis]:
    """The image axes of x (N, C, …) under the filters w, or an error that says what is wrong."""
    check_filters(op, x, w, groups, axes)
    strides = whole_numbers(op, "stride", stride, axes, least=1)
    dilations = whole_numbers(op, "dilation", dilation, axes, least=1)
    sizes, kernels = x[-axes:], w[-axes:]
    reaches = [reach(k, d) for k, d in zip(kernels, dilations)]
    pads = paddings(op, padding, strides, reaches)
    padded = [n + before + after for n, (before, after) in zip(sizes, pads)]
    if any(r > n for r, n in zip(reaches, padded)):
        raise ValueError(
            f"{op}: kernel {by(reaches)} larger than the padded input {by(padded)}; the input is "
            f"{by(sizes)}, the kernel {by(kernels)}, padding={padding!r}, dilation={dilation!r}"
        )
    return [
        Axis(n, k, s, d, before, (total - r) // s + 1)
        for n, k, s, d, (before, _), total, r in zip(
            sizes, kernels, strides, dilations, pads, padded, reaches
        )
    ]


def check_filters(op: str, x: Shape, w: Shape, groups: Any, axes: int) -> None:
    """The filters must suit the channels of the images, group by group."""
    check_images(op, x, axes)
    (parts,) = whole_numbers(op, "groups", groups, 1, least=1)
    if len(w) != axes + 2:
        raise ValueError(
            f"{op}: the filters w must have shape (O, C / groups, kernel sizes), "
            f"{axes + 2} axes; they have shape {tuple(w)}"
        )
    if min(w[2:]) < 1:
        raise ValueError(f"{op}: kernel {by(w[2:])} (w is {tuple(w)}) must be at least 1 long")
    channels, filters = x[-axes - 1], w[0]
    for name, count in (("channels of x", channels), ("filters", filters)):
        if count % parts:
            raise ValueError(f"{op}: groups={parts} does not divide the {count} {name}")
    if channels != w[1] * parts:
        raise ValueError(
            f"{op}: x has {channels} channels (x is {tuple(x)}), the filters take {w[1] * parts} "
            f"(w is {tuple(w)}, groups={parts}): w.shape[1] · groups must be the channels of x"
        )


def paddings(
    op: str, padding: Any, strides: Shape, reaches: Sequence[int]
) -> list[tuple[int, int]]:
    """The zeros before and after the image, along each axis."""
    if not isinstance(padding, str):
        numbers = whole_numbers(op, "padding", padding, len(strides), least=0)
        return [(n, n) for n in numbers]
    if padding == "valid":
        return [(0, 0)] * len(strides)
    if padding != "same":
        raise ValueError(f"{op}: padding must be ints, 'same' or 'valid', got {padding!r}")
    if max(strides) > 1:
        raise ValueError(
            f"{op}: padding='same' needs stride 1, got stride={tuple(strides)}: the output of a "
            "strided convolution is smaller; give the padding as ints"
        )
    return [((r - 1) // 2, r // 2) for r in reaches]


def check_bias(op: str, b: Any, filters: int) -> None:
    """One bias for each filter."""
    if b is not None and np.shape(b) != (filters,):
        raise ValueError(
            f"{op}: the bias has shape {np.shape(b)}, but there are {filters} filters: "
            f"it must have shape ({filters},)"
        )


def check_output(op: str, g: Shape, x: Shape, filters: int, axes: Sequence[Axis]) -> None:
    """A gradient ∂L/∂O has the shape of the output O."""
    wanted = (*x[:-3], filters, *(axis.windows for axis in axes))
    if tuple(g) != wanted:
        raise ValueError(
            f"{op}: the gradient of the output has shape {tuple(g)}, the output {wanted}"
        )


def transposed_shape(
    op: str,
    x: Shape,
    w: Shape,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: Any,
    dilation: Any,
) -> tuple[int, ...]:
    """The shape of images that `conv2d` with these parameters would turn into some like x."""
    check_images(op, x, 2)
    (parts,) = whole_numbers(op, "groups", groups, 1, least=1)
    if len(w) != 4 or x[-3] != w[0] or min(w[2:]) < 1:
        raise ValueError(
            f"{op}: x is {tuple(x)}, w is {tuple(w)}: w must be (C, O / groups, KH, KW), where C "
            f"are the {x[-3]} channels of x and the kernel is at least 1 long"
        )
    if x[-3] % parts:
        raise ValueError(f"{op}: groups={parts} does not divide the {x[-3]} channels of x")
    strides = whole_numbers(op, "stride", stride, 2, least=1)
    pads = whole_numbers(op, "padding", padding, 2, least=0)
    extras = whole_numbers(op, "output_padding", output_padding, 2, least=0)
    dilations = whole_numbers(op, "dilation", dilation, 2, least=1)
    if any(extra >= max(s, d) for extra, s, d in zip(extras, strides, dilations)):
        raise ValueError(
            f"{op}: output_padding must be smaller than the stride or the dilation, got "
            f"output_padding={output_padding!r} with stride={stride!r}, dilation={dilation!r}"
        )
    sizes = [
        (n - 1) * s - 2 * p + reach(k, d) + extra
        for n, s, p, k, d, extra in zip(x[-2:], strides, pads, w[2:], dilations, extras)
    ]
    if min(sizes) < 1:
        raise ValueError(
            f"{op}: the output would have size {by(sizes)}: the padding {by(pads)} is too large "
            f"for an input of {by(x[-2:])} and a kernel of {by(w[2:])}"
        )
    return (*x[:-3], w[1] * parts, *sizes)
