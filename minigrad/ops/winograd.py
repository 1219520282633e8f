"""Two columns of a convolution from four products instead of six: Winograd's F(2, 3).

Two neighbouring outputs of three taps f look at four inputs d,

    y₀ = d₀ f₀ + d₁ f₁ + d₂ f₂        y₁ = d₁ f₀ + d₂ f₁ + d₃ f₂

and can be had from four products, each of a sum of inputs and a sum of taps:

    m₀ = (d₀ − d₂) f₀                 m₁ = (d₁ + d₂) (f₀ + f₁ + f₂)/2
    m₂ = (d₂ − d₁) (f₀ − f₁ + f₂)/2   m₃ = (d₁ − d₃) f₂
    y₀ = m₀ + m₁ + m₂                 y₁ = m₁ − m₂ − m₃

Here d are columns of images, f columns of filters, and a product is one of matrices: the sums of
KH neighbouring rows lie one after the other, and are a patch matrix as in rows.py, whose arrays and
axes these are. The sums take time as well; with 64 channels or more a fifth of it all is saved.
Rounding errors are no larger than those of the six products, but others.
Source: Winograd (1980); Lavin and Gray (2016), for convolution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops import rows
from minigrad.ops.passes import long_passes
from minigrad.ops.window import Axis, Run

FEWEST = 32  # channels, and filters
WORK = 10**8  # multiplications
NARROW = 192  # columns of a row of outputs, batch and all: in shorter ones sums take long
COLUMNS = 512  # of a patch matrix
TILE = 1 << 18  # entries of the sums of a tile


def pays(image: Array, outputs: int, down: Axis, across: Axis) -> bool:
    """Whether windows move by one and are three columns wide, and the sums cost less than they
    save, for so many outputs of a group.

    Only in float32: double precision is for checking, where every product is the one of the
    definition.
    """
    channels, batch = image.shape[2], image.shape[4]
    slides = (across.kernel, across.stride, across.dilation, down.stride, down.dilation)
    products = outputs * channels * down.kernel * across.kernel
    return (
        slides == (3, 1, 1, 1, 1)
        and image.dtype == np.float32
        and min(outputs, channels) >= FEWEST
        and batch * across.windows >= NARROW
        and batch * down.windows * across.windows * products >= WORK
    )


def or_exactly(plain: Callable[..., Array]) -> Callable[[Callable[..., Array]], Any]:
    """Where something is infinite, sums may be ∞ − ∞: then the plain form has the word."""

    def decorated(by_pairs: Callable[..., Array]) -> Any:
        @wraps(by_pairs)
        def apply(*args: Any) -> Array:
            with np.errstate(over="ignore", invalid="ignore"):
                result = by_pairs(*args)
                flat = result.reshape(-1)
                if np.isfinite(flat.dot(flat)):
                    return result
            return plain(*args)

        return apply

    return decorated


@or_exactly(rows.correlate)
def correlate(image: Array, filters: Array, bias: Array | None, down: Axis, across: Axis) -> Array:
    """What `rows.correlate` gives."""
    return from_sums(image, filters, bias, down, across)


@or_exactly(rows.input_gradient)
def input_gradient(g: Array, filters: Array, down: Axis, across: Axis) -> Array:
    """What `rows.input_gradient` gives: full convolution with the filters turned by 180°."""
    turned = filters[..., ::-1, ::-1].swapaxes(1, 2)
    return from_sums(g, turned, None, backward(down), backward(across))


def from_sums(image: Array, filters: Array, bias: Array | None, down: Axis, across: Axis) -> Array:
    """X ∗ F + b: the four products of each tile, put together to its even and odd columns."""
    groups, outputs, channels = filters.shape[:3]
    weights = sums_of_taps(filters).transpose(0, 1, 2, 4, 3)
    weights = weights.reshape(4 * groups, 1, outputs, down.kernel * channels)
    result = np.empty((down.windows, groups, outputs, across.windows, image.shape[-1]), image.dtype)
    for r, c, windows in sum_windows(image, down, across):
        products = (weights @ windows).reshape(4, groups, *windows.shape[1:2], outputs, -1)
        m0, m1, m2, m3 = products
        if bias is not None:
            m1 += bias.reshape(groups, 1, outputs, 1)  # so it is in both
        m0 += m1
        m0 += m2
        m1 -= m2
        m1 -= m3
        for columns, m in zip(columns_of_pairs(result, r, c), (m0, m1)):
            pairs = m.reshape(*m.shape[:3], -1, image.shape[-1])
            columns[...] = pairs[:, :, :, : columns.shape[3]]
    return result


@or_exactly(rows.filter_gradient)
def filter_gradient(image: Array, g: Array, down: Axis, across: Axis) -> Array:
    """What `rows.filter_gradient` gives: the steps of `from_sums`, backward."""
    groups, outputs, channels = *g.shape[1:3], image.shape[2]
    total = np.zeros((4 * groups, down.kernel * channels, outputs), image.dtype)
    for r, c, windows in sum_windows(image, down, across):
        shape = (4, groups, windows.shape[1], outputs, windows.shape[3] // g.shape[-1], g.shape[-1])
        upstream = np.zeros(shape, g.dtype)
        u0, u1, u2, u3 = upstream
        for columns, u in zip(columns_of_pairs(g, r, c), (u0, u3)):
            u[:, :, :, : columns.shape[3]] = columns
        np.add(u0, u3, out=u1)
        np.subtract(u0, u3, out=u2)
        np.negative(u3, out=u3)
        flat = upstream.reshape(4 * groups, shape[2], outputs, -1)
        total += (windows @ flat.swapaxes(2, 3)).sum(1)
    t0, t1, t2, t3 = total.reshape(4, groups, down.kernel, channels, outputs)
    both = (t1 + t2) / 2
    return np.stack([t0 + both, (t1 - t2) / 2, t3 + both], axis=-1).transpose(0, 3, 2, 1, 4)


def backward(axis: Axis) -> Axis:
    """The windows on ∂L/∂O of a full convolution that gives ∂L/∂X, for stride and dilation 1."""
    return Axis(axis.windows, axis.kernel, 1, 1, axis.kernel - 1 - axis.before, axis.size)


def sums_of_taps(filters: Array) -> Array:
    """What the four products multiply with, (4, G, O, C, KH), for filters (G, O, C, KH, 3)."""
    f0, f1, f2 = np.moveaxis(filters, -1, 0)
    return np.stack([f0, (f0 + f1 + f2) / 2, (f0 - f1 + f2) / 2, f2])


def columns_of_pairs(image: Array, r: slice, c: slice) -> list[Array]:
    """The even and the odd columns of rows r and pairs of columns c, (G, rows, C, columns, N)."""
    pairs = image[r, :, :, 2 * c.start : 2 * c.stop].swapaxes(0, 1)
    return [pairs[:, :, :, 0::2], pairs[:, :, :, 1::2]]


def sum_windows(image: Array, down: Axis, across: Axis) -> Iterator[tuple[slice, slice, Array]]:
    """Tile after tile: its output rows, its pairs of columns, and the patch matrices of the sums.

    They are (4·G, rows, KH·C, pairs·N), and valid until the next are asked for.
    """
    _, groups, channels, _, batch = image.shape
    count = -(-across.windows // 2)
    width = rows.even(count, max(1, COLUMNS // batch))
    row = 4 * groups * channels * width * batch
    height = rows.even(down.windows, max(down.kernel, TILE // row))
    shape = (
        4,
        groups,
        height + down.kernel - 1,
        channels,
        width * batch + rows.LINE // image.itemsize,
    )
    sums = np.empty(shape, image.dtype)
    for r in rows.pieces(0, down.windows, 1, height):
        for c in rows.pieces(0, count, 1, width):
            tall, wide = r.stop - r.start, (c.stop - c.start) * batch
            seen = Run(r.start - down.before, 1, tall + down.kernel - 1)
            fill(sums[:, :, : seen.length, :, :wide], image, seen, 2 * c.start - across.before)
            flat = sums.reshape(4 * groups, *shape[2:])
            yield r, c, rows.overlapping(flat, tall, down.kernel, 1, wide)


def fill(sums: Array, image: Array, seen: Run, first: int) -> None:
    """The four sums (4, G, rows, C, pairs·N) of the rows seen, for pairs of outputs whose inputs
    begin at column first, first + 2, …"""
    batch, wide = image.shape[-1], sums.shape[-1]
    there, which = seen.within(len(image))
    sums[:, :, : there.start] = 0
    sums[:, :, there.stop :] = 0
    even, odd = (every_second(image[which], first + k, wide // batch + 1) for k in range(2))
    d0, d1, d2, d3 = even[..., :wide], odd[..., :wide], even[..., batch:], odd[..., batch:]
    s0, s1, s2, s3 = sums[:, :, there]
    with long_passes(sums):
        np.subtract(d0, d2, out=s0)
        np.add(d1, d2, out=s1)
        np.subtract(d2, d1, out=s2)
        np.subtract(d1, d3, out=s3)


def every_second(image: Array, first: int, count: int) -> Array:
    """So many columns of the image, each second from first on, as (G, rows, C, columns·N)."""
    height, groups, channels, width, batch = image.shape
    columns = np.empty((groups, height, channels, count, batch), image.dtype)
    inner, at = Run(first, 2, count).within(width)
    columns[..., : inner.start, :] = 0
    columns[..., inner.stop :, :] = 0
    columns[..., inner, :] = image[:, :, :, at].swapaxes(0, 1)
    return columns.reshape(groups, height, channels, count * batch)
