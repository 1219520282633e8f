"""Pooling: the largest or the mean entry of each window of an image.

Windows are gone through along one axis, then along the other: the largest of what is largest in
each row of a window is the largest of all, and a sum is a sum of sums. Where windows are small and
lie side by side, the largest is found in one go. Arrays keep their order in memory. Sizes: N
images, C channels, image H W, window KH KW, output OH OW.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops.pool_axis import (
    averaged,
    given_back,
    largest,
    levels,
    lying_like,
    paving,
    places_of_largest,
    scattered,
    summed,
    to_winners,
)
from minigrad.ops.pool_shapes import adaptive_counts, divisors, pool_axes
from minigrad.ops.primitive import primitive
from minigrad.ops.shape import put
from minigrad.ops.window import whole_numbers

Ints = int | Sequence[int]

# --- The largest entry ----------------------------------------------------------------------


@primitive(symbol="maxpool", saves=True)
def max_pool2d(
    x: Array,
    /,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
) -> Any:
    """y = max of each window

    x (N, C, H, W) or (C, H, W) → (N, C, OH, OW) or (C, OH, OW) with
    OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1, OW likewise; with ceil_mode ⌈ ⌉,
    but without a last window that would start in the padding. Each an int or a pair (rows,
    columns); stride None is kernel_size. Padding stands for −∞, at most half a window of it.
    g goes to the largest entry, to the first in reading order of equal ones; nan is largest.

    ValueError: a window larger than the padded image, no channels, numbers out of range.

    >>> max_pool2d(np.array([[[1.0, 2.0, 5.0, 0.0], [4.0, 3.0, 0.0, 6.0]]]), 2).tolist()
    [[[4.0, 6.0]]]
    """
    axes = pool_axes("max_pool2d", x.shape, 2, kernel_size, stride, padding, dilation, ceil_mode)
    won = []
    for level in levels(axes):
        x, wins = largest(x, level)
        won.append(wins)
    return x, won


@max_pool2d.wrt("x")
def max_pool2d_dx(g: Any, y: Any, x: Any, **window: Any) -> Any:
    """g goes back to where the largest entry stood."""
    return put(g, places_of_largest(x, pool_axes("max_pool2d", x.shape, 2, **window)), x.shape)


@max_pool2d.fast
def max_pool2d_backward(
    g: Array, y: Array, x: Array, *, saved: Any, wanted: Sequence[bool], **window: Any
) -> list[Array]:
    """The same on arrays, level by level.

    saved: which entries are the largest. Forward has them at hand, and compares them in a fifth of
    the time that reading them again would take.
    """
    with np.errstate(all="ignore"):
        finite = np.isfinite(np.dot(y.ravel(order="K"), g.ravel(order="K")))
    if not finite:
        return [max_pool2d_dx(g, y, x, **window)]  # ∞ · 0 would be nan, and no nan wins
    g = lying_like(x, g)
    steps = levels(pool_axes("max_pool2d", x.shape, 2, **window))
    for level, won in zip(reversed(steps), reversed(saved)):
        g = to_winners(g, won, level)
    return [g]


@primitive(symbol="maxpool")
def max_pool1d(
    x: Array,
    /,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
) -> Array:
    """y = max of each window

    `max_pool2d` for sequences: x (N, C, L) or (C, L) → (N, C, OL) or (C, OL).
    """
    axes = pool_axes("max_pool1d", x.shape, 1, kernel_size, stride, padding, dilation, ceil_mode)
    return largest(x, axes)[0]


@max_pool1d.wrt("x")
def max_pool1d_dx(g: Any, y: Any, x: Any, **window: Any) -> Any:
    """g goes back to where the largest entry stood."""
    return put(g, places_of_largest(x, pool_axes("max_pool1d", x.shape, 1, **window)), x.shape)


# --- The mean -------------------------------------------------------------------------------


@primitive(symbol="avgpool", saves=True)
def avg_pool2d(
    x: Array,
    /,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """y = mean of each window

    Sizes, parameters and errors as in `max_pool2d`. Padding stands for 0 and counts as entries of
    a window, with count_include_pad False it does not. divisor_override is divided by instead of
    the number of entries.

    >>> avg_pool2d(np.array([[[1.0, 2.0, 5.0, 0.0], [4.0, 3.0, 0.0, 6.0]]]), 2).tolist()
    [[[2.5, 2.75]]]
    """
    axes = pool_axes("avg_pool2d", x.shape, 2, kernel_size, stride, padding, 1, ceil_mode)
    counts = divisors("avg_pool2d", axes, count_include_pad, divisor_override, x.dtype)
    return summed(summed(x, -1, axes[1]), -2, axes[0]) / counts, (axes, counts)


@avg_pool2d.wrt("x")
def avg_pool2d_dx(g: Any, y: Any, x: Any, **window: Any) -> Any:
    """Each entry of a window gets the same part of its g."""
    return avg_pool2d_input_gradient(g, shape=x.shape, **window)


@avg_pool2d.fast
def avg_pool2d_backward(
    g: Array, y: Array, x: Array, *, saved: Any, wanted: Sequence[bool], **window: Any
) -> list[Array]:
    """The same on arrays, in the memory order of x; in one pass where windows pave it."""
    axes, counts = saved
    if all(axis.paved for axis in axes):
        return [paving(g / counts, x)]
    return [avg_pool2d_dx(lying_like(x, g), y, x, **window)]


@primitive
def avg_pool2d_input_gradient(
    g: Array,
    /,
    shape: Sequence[int],
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """∂L/∂x = Σ over windows of g / number of entries

    The gradient of `avg_pool2d` in its input, which has the given shape; linear in g.
    """
    op = "avg_pool2d_input_gradient"
    axes = pool_axes(op, shape, 2, kernel_size, stride, padding, 1, ceil_mode)
    g = g / divisors(op, axes, count_include_pad, divisor_override, g.dtype)
    return scattered(scattered(g, -2, axes[0]), -1, axes[1])


@avg_pool2d_input_gradient.wrt("g")
def avg_pool2d_input_gradient_dg(
    upstream: Any, y: Any, g: Any, shape: Sequence[int], **window: Any
) -> Any:
    """The way back from ∂L/∂x to g is the mean again."""
    return avg_pool2d(upstream, **window)


@primitive(symbol="avgpool")
def avg_pool1d(
    x: Array,
    /,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """y = mean of each window

    `avg_pool2d` for sequences: x (N, C, L) or (C, L) → (N, C, OL) or (C, OL).
    """
    pool_axes("avg_pool1d", x.shape, 1, kernel_size, stride, padding, 1, ceil_mode)
    window = of_row(kernel_size, stride, padding, ceil_mode, count_include_pad)
    return avg_pool2d(x[..., None, :], **window)[..., 0, :]


@avg_pool1d.wrt("x")
def avg_pool1d_dx(g: Any, y: Any, x: Any, **window: Any) -> Any:
    """Each entry of a window gets the same part of its g."""
    shape = (*x.shape[:-1], 1, x.shape[-1])
    dx = avg_pool2d_input_gradient(g[..., None, :], shape=shape, **of_row(**window))
    return dx[..., 0, :]


def of_row(
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> dict[str, Any]:
    """The parameters of avg_pool1d as avg_pool2d takes them for images of one row."""
    (k,) = whole_numbers("avg_pool1d", "kernel_size", kernel_size, 1, least=1)
    (s,) = whole_numbers("avg_pool1d", "stride", k if stride is None else stride, 1, least=1)
    (p,) = whole_numbers("avg_pool1d", "padding", padding, 1, least=0)
    return {
        "kernel_size": (1, k),
        "stride": (1, s),
        "padding": (0, p),
        "ceil_mode": ceil_mode,
        "count_include_pad": count_include_pad,
    }


@primitive(symbol="avgpool")
def adaptive_avg_pool2d(x: Array, /, output_size: Ints | Sequence[int | None] | None) -> Array:
    """y = mean of each of output_size windows

    Window i of n on an axis of length H goes from ⌊i·H / n⌋ to ⌈(i + 1)·H / n⌉; output_size is an
    int or a pair (rows, columns), None keeps a length. x (N, C, H, W) or (C, H, W).

    >>> adaptive_avg_pool2d(np.arange(5.0).reshape(1, 1, 5), (1, 3)).tolist()
    [[[0.5, 2.0, 3.5]]]
    """
    rows, columns = adaptive_counts("adaptive_avg_pool2d", x.shape, output_size)
    return averaged(averaged(x, -1, columns), -2, rows)


@adaptive_avg_pool2d.wrt("x")
def adaptive_avg_pool2d_dx(g: Any, y: Any, x: Any, output_size: Any) -> Any:
    """Each entry of a window gets the same part of its g."""
    return adaptive_avg_pool2d_input_gradient(g, shape=x.shape)


@adaptive_avg_pool2d.fast
def adaptive_avg_pool2d_backward(
    g: Array, y: Array, x: Array, *, saved: Any, wanted: Sequence[bool], output_size: Any
) -> list[Array]:
    """The same on arrays, in the memory order of x; in one pass where windows pave it."""
    (height, width), (rows, columns) = x.shape[-2:], g.shape[-2:]
    if height % rows == width % columns == 0:
        return [paving(g / (height // rows * (width // columns)), x)]
    return [adaptive_avg_pool2d_dx(lying_like(x, g), y, x, output_size)]


@primitive(g=lambda upstream, y, g, shape: adaptive_avg_pool2d(upstream, g.shape[-2:]))
def adaptive_avg_pool2d_input_gradient(g: Array, /, shape: Sequence[int]) -> Array:
    """∂L/∂x = Σ over windows of g / number of entries

    The gradient of `adaptive_avg_pool2d` in its input, which has the given shape; linear in g.
    """
    return given_back(given_back(g, -2, shape[-2]), -1, shape[-1])
