"""Convolution, whose derivatives are convolutions.

O = X ∗ F is linear in X and in F. So are its gradients in what they are made of, and each of the
three maps has the other two as its derivatives:

    conv2d                  X, F      → O        cross-correlation: the filter is not turned
    conv2d_input_gradient   ∂L/∂O, F  → ∂L/∂X    full convolution with the filter turned by 180°
    conv2d_filter_gradient  X, ∂L/∂O  → ∂L/∂F    cross-correlation of X with ∂L/∂O

Sizes: N images, C channels, O filters, image H W, kernel KH KW, output OH OW. All run on row
windows (rows.py), large ones by pairs of columns (winograd.py); the lecture's own form of the
gradients stands in conv_lecture.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops import rows, winograd
from minigrad.ops.conv_shapes import check_bias, check_output, conv_axes
from minigrad.ops.primitive import primitive
from minigrad.ops.window import whole_numbers

Ints = int | Sequence[int]


@primitive
def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    /,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """O = X ∗ F + b

    O[n, o, h, w] = b[o] + Σ over c, i, j of F[o, c, i, j] · X[n, c, h', w'], where X is 0 outside,
    h' = h·stride + i·dilation − padding, w' likewise: a cross-correlation, no filter is turned.

    x (N, C, H, W) or (C, H, W), w (O, C / groups, KH, KW), b (O,) → (N, O, OH, OW) or (O, OH, OW)
    with OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1, and OW likewise.
    stride, padding, dilation: an int or a pair (rows, columns). padding "same" keeps the size, for
    stride 1 (an odd number of zeros has the last at the bottom and right); "valid" is 0. With
    groups, the filters of a group see the channels of their group only. dtypes promote as in NumPy.

    ValueError: channels, filters and groups that do not fit together; a kernel larger than the
    padded image; stride or dilation below 1; negative padding; "same" with a stride.

    Lecture: "Forward Pass", with this 3×3 image and 2×2 filter; for the derivatives "Loss gradient
    w.r.t filter" and "Summarising Back Propagation".

    >>> X = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    >>> F = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> conv2d(X, F)[0, 0].tolist()
    [[37.0, 47.0], [67.0, 77.0]]
    """
    down, across = conv_axes("conv2d", np.shape(x), np.shape(w), stride, padding, dilation, groups)
    check_bias("conv2d", b, len(w))
    dtype = np.result_type(x, w) if b is None else np.result_type(x, w, b)
    bias = None if b is None else np.asarray(b, dtype)
    images, filters = rows.in_groups(x, groups, dtype), rows.by_group(w, groups, dtype)
    way = winograd if winograd.pays(images, filters.shape[1], down, across) else rows
    return rows.from_groups(way.correlate(images, filters, bias, down, across), np.ndim(x) == 4)


@conv2d.wrt("x")
def conv2d_dx(g: Any, y: Any, x: Any, w: Any, b: Any = None, **sliding: Any) -> Any:
    """∂L/∂X = full convolution of ∂L/∂O with the filter turned by 180°."""
    return conv2d_input_gradient(g, w, shape=x.shape, **sliding)


@conv2d.wrt("w")
def conv2d_dw(g: Any, y: Any, x: Any, w: Any, b: Any = None, **sliding: Any) -> Any:
    """∂L/∂F = convolution of X with ∂L/∂O."""
    return conv2d_filter_gradient(x, g, kernel=w.shape[2:], **sliding)


@conv2d.wrt("b")
def conv2d_db(g: Any, y: Any, x: Any, w: Any, b: Any = None, **sliding: Any) -> Any:
    """∂L/∂b = Σ of ∂L/∂O over images, rows and columns: b was added to all of them."""
    return g.sum(axis=(0, 2, 3) if g.ndim == 4 else (1, 2))


@conv2d.fast
def conv2d_backward(
    g: Array, y: Array, *inputs: Array, saved: Any, wanted: Sequence[bool], **sliding: Any
) -> Sequence[Array | None]:
    """The same on arrays; ∂L/∂O is brought into memory order once, and summed by BLAS."""
    g = rows.in_order(g)
    return [
        conv2d_dx(g, y, *inputs, **sliding) if wanted[0] else None,
        conv2d_dw(g, y, *inputs, **sliding) if wanted[1] else None,
        *(rows.channel_sums(g) if want else None for want in wanted[2:]),
    ]


@primitive
def conv2d_input_gradient(
    g: Array,
    w: Array,
    /,
    shape: Sequence[int],
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """∂L/∂X = full convolution (F turned by 180°, ∂L/∂O)

    The gradient of `conv2d` in its input, which has the given shape; rows and columns at the end
    that no window reaches, because of the stride, get zeros.
    g = ∂L/∂O (N, O, OH, OW), w (O, C / groups, KH, KW) → shape = (N, C, H, W).
    Lecture: "Summarising Back Propagation"; the sum behind it is in conv_lecture.py.
    """
    op = "conv2d_input_gradient"
    down, across = conv_axes(op, shape, np.shape(w), stride, padding, dilation, groups)
    check_output(op, np.shape(g), shape, len(w), (down, across))
    dtype = np.result_type(g, w)
    upstream, filters = rows.in_groups(g, groups, dtype), rows.by_group(w, groups, dtype)
    way = winograd if winograd.pays(upstream, filters.shape[2], down, across) else rows
    return rows.from_groups(way.input_gradient(upstream, filters, down, across), np.ndim(g) == 4)


@conv2d_input_gradient.wrt("g")
def conv2d_input_gradient_dg(
    upstream: Any, y: Any, g: Any, w: Any, shape: Sequence[int], **sliding: Any
) -> Any:
    """The way back from ∂L/∂X to ∂L/∂O is convolution itself."""
    return conv2d(upstream, w, **sliding)


@conv2d_input_gradient.wrt("w")
def conv2d_input_gradient_dw(
    upstream: Any, y: Any, g: Any, w: Any, shape: Sequence[int], **sliding: Any
) -> Any:
    """As for conv2d, with what comes from above in place of the image."""
    return conv2d_filter_gradient(upstream, g, kernel=w.shape[2:], **sliding)


@primitive
def conv2d_filter_gradient(
    x: Array,
    g: Array,
    /,
    kernel: Sequence[int],
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """∂L/∂F = convolution (X, ∂L/∂O)

    The gradient of `conv2d` in its filters, whose KH and KW are the kernel.
    x (N, C, H, W), g = ∂L/∂O (N, O, OH, OW) → (O, C / groups, KH, KW).
    Lecture: "Loss gradient w.r.t filter"; the sum behind it is in conv_lecture.py.
    """
    op, shape = "conv2d_filter_gradient", np.shape(x)
    w_shape = (np.shape(g)[-3], shape[-3] // groups, *kernel)
    down, across = conv_axes(op, shape, w_shape, stride, padding, dilation, groups)
    check_output(op, np.shape(g), shape, w_shape[0], (down, across))
    dtype = np.result_type(x, g)
    images, upstream = rows.in_groups(x, groups, dtype), rows.in_groups(g, groups, dtype)
    way = winograd if winograd.pays(images, w_shape[0] // groups, down, across) else rows
    return way.filter_gradient(images, upstream, down, across).reshape(w_shape)


@conv2d_filter_gradient.wrt("x")
def conv2d_filter_gradient_dx(
    upstream: Any, y: Any, x: Any, g: Any, kernel: Sequence[int], **sliding: Any
) -> Any:
    """As for conv2d, with what comes from above in place of the filter."""
    return conv2d_input_gradient(g, upstream, shape=x.shape, **sliding)


@conv2d_filter_gradient.wrt("g")
def conv2d_filter_gradient_dg(
    upstream: Any, y: Any, x: Any, g: Any, kernel: Sequence[int], **sliding: Any
) -> Any:
    """The way back from ∂L/∂F to ∂L/∂O: X convolved with what comes from above."""
    return conv2d(x, upstream, **sliding)


@primitive
def conv1d(
    x: Array,
    w: Array,
    b: Array | None = None,
    /,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """O = X ∗ F + b

    `conv2d` of images that have a single row: x (N, C, L) or (C, L), w (O, C / groups, K), b (O,)
    → (N, O, OL) or (O, OL). Parameters and errors as there, with one number where it takes two.

    >>> conv1d(np.array([[1.0, 2.0, 3.0]]), np.array([[[1.0, 10.0]]]), padding="same").tolist()
    [[21.0, 32.0, 3.0]]
    """
    conv_axes("conv1d", np.shape(x), np.shape(w), stride, padding, dilation, groups, axes=1)
    check_bias("conv1d", b, len(w))
    x, w = np.asarray(x), np.asarray(w)
    return conv2d(as_row(x), as_row(w), b, **in_2d(stride, padding, dilation, groups))[..., 0, :]


@conv1d.wrt("x")
def conv1d_dx(g: Any, y: Any, x: Any, w: Any, b: Any = None, **sliding: Any) -> Any:
    """As for conv2d: full convolution with the filter turned round."""
    shape = (*x.shape[:-1], 1, x.shape[-1])
    dx = conv2d_input_gradient(as_row(g), as_row(w), shape=shape, **in_2d(**sliding))
    return dx[..., 0, :]


@conv1d.wrt("w")
def conv1d_dw(g: Any, y: Any, x: Any, w: Any, b: Any = None, **sliding: Any) -> Any:
    """As for conv2d: convolution of X with ∂L/∂O."""
    kernel = (1, w.shape[-1])
    dw = conv2d_filter_gradient(as_row(x), as_row(g), kernel=kernel, **in_2d(**sliding))
    return dw[..., 0, :]


@conv1d.wrt("b")
def conv1d_db(g: Any, y: Any, x: Any, w: Any, b: Any = None, **sliding: Any) -> Any:
    """∂L/∂b = Σ of ∂L/∂O over sequences and positions."""
    return g.sum(axis=(0, 2) if g.ndim == 3 else 1)


def as_row(x: Any) -> Any:
    """A sequence (…, L) as an image of one row (…, 1, L); an array or a node."""
    return x[..., None, :]


def in_2d(
    stride: Ints = 1, padding: Ints | str = 0, dilation: Ints = 1, groups: int = 1
) -> dict[str, Any]:
    """The parameters of conv1d as conv2d takes them for an image of one row."""
    (s,) = whole_numbers("conv1d", "stride", stride, 1, least=1)
    (d,) = whole_numbers("conv1d", "dilation", dilation, 1, least=1)
    if not isinstance(padding, str):
        padding = (0, *whole_numbers("conv1d", "padding", padding, 1, least=0))
    return {"stride": (1, s), "padding": padding, "dilation": (1, d), "groups": groups}
