"""Transposed convolution: what `conv2d` does to gradients on the way back, done to images."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops.conv import (
    Ints,
    conv2d,
    conv2d_db,
    conv2d_filter_gradient,
    conv2d_input_gradient,
)
from minigrad.ops.conv_shapes import check_bias, transposed_shape
from minigrad.ops.primitive import primitive
from minigrad.ops.window import whole_numbers


@primitive
def conv_transpose2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    /,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Array:
    """Y = full convolution (F, X spread by the stride) + b

    What `conv2d` does to gradients on the way back, done to images: it makes them larger.
    x (N, C, H, W) or (C, H, W), w (C, O / groups, KH, KW), b (O,) → (N, O, OH, OW) with
    OH = (H − 1)·stride − 2·padding + dilation·(KH − 1) + 1 + output_padding.
    A strided convolution maps several sizes to one: output_padding, below the stride or the
    dilation, says which of them is meant. Other ranges and errors as in `conv2d`.
    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), 4.

    >>> conv_transpose2d(np.array([[[1.0, 2.0]]]), np.ones((1, 1, 1, 2)), stride=2)[0].tolist()
    [[1.0, 1.0, 2.0, 2.0]]
    """
    op = "conv_transpose2d"
    shape = transposed_shape(
        op, np.shape(x), np.shape(w), stride, padding, output_padding, groups, dilation
    )
    check_bias(op, b, shape[-3])
    x = lengthened(np.asarray(x), output_padding, stride)
    y = conv2d_input_gradient(
        x, w, shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    return y if b is None else y + np.asarray(b)[:, None, None]


@conv_transpose2d.wrt("x")
def conv_transpose2d_dx(
    g: Any, y: Any, x: Any, w: Any, b: Any = None, output_padding: Ints = 0, **sliding: Any
) -> Any:
    """The way back through a transposed convolution is convolution."""
    return conv2d(g, w, **sliding)[..., : x.shape[-2], : x.shape[-1]]


@conv_transpose2d.wrt("w")
def conv_transpose2d_dw(
    g: Any, y: Any, x: Any, w: Any, b: Any = None, output_padding: Ints = 0, **sliding: Any
) -> Any:
    """As for conv2d, with image and ∂L/∂O in each other's place."""
    x = lengthened(x, output_padding, sliding.get("stride", 1))
    return conv2d_filter_gradient(g, x, kernel=w.shape[2:], **sliding)


conv_transpose2d.wrt("b")(conv2d_db)


def lengthened(x: Any, output_padding: Ints, stride: Ints) -> Any:
    """X with a row and column of zeros at its end for each whole stride in the output_padding.

    They add nothing to the output but their length; what is left over is below the stride, as
    `conv2d_input_gradient` needs it. Only a dilation above the stride leaves room for them.
    """
    extras, strides = (
        whole_numbers("conv_transpose2d", name, value, 2, least=0)
        for name, value in (("output_padding", output_padding), ("stride", stride))
    )
    more = [(0, extra // s) for extra, s in zip(extras, strides)]
    if not np.any(more):
        return x
    return np.pad(x, [(0, 0)] * (len(x.shape) - 2) + more)
