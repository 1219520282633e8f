"""Row windows: convolution as one matrix product for each row of the output.

In memory an image batch lies as H, C, W, N (its shape stays N, C, H, W). Store each image row as
its KW sideways shifts, one after another: (H, KW, C, OW, N). Then KH neighbouring rows, one piece
of memory, are the patch matrix of an output row,

    window[h] (KH·KW·C, OW·N)    and    O[h] = F (O, KH·KW·C) @ window[h]

so that only the shifts are copied, KW times the image, not KH·KW times. All arrays here have
five axes, (H, G, C, W, N): the C channels of each of G groups. Work goes on in tiles of the
output, so that the copies of a tile stay in the cache and never take much memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod

import numpy as np
from numpy.typing import DTypeLike

from minigrad.graph import Array
from minigrad.ops.passes import long_passes
from minigrad.ops.window import Axis, Run

# Measured with OpenBLAS; the results do not depend on them.
TILE = 1 << 18  # entries of the shifted rows of one tile: what a cache holds
WIDE = 2048  # columns of a patch matrix; products of more are not faster
SMALL = 10**6  # multiplications: products up to this need no repacking, which few filters repay
FLAT = 1200  # entries of the result: the same with a transposed factor, if it has no more
NARROW = 192  # columns: to cut products down to SMALL does not pay below this
IMAGES = 8  # transposed at a time: a cache line is still there when its next entry is wanted
LINE = 64  # bytes: rows longer by that do not all meet in one set of the cache


def inside(x: Array) -> Array:
    """x (N, C, H, W) as a contiguous (H, C, W, N) array; copied only if it does not lie so."""
    image = x.transpose(2, 1, 3, 0)
    if image.flags.c_contiguous:
        return image
    copy = np.empty(image.shape, x.dtype)
    for n in range(0, len(x), IMAGES):
        copy[..., n : n + IMAGES] = image[..., n : n + IMAGES]
    return copy


def outside(image: Array) -> Array:
    """An (H, C, W, N) array seen as (N, C, H, W)."""
    return image.transpose(3, 1, 0, 2)


def in_groups(x: Array, groups: int, dtype: DTypeLike) -> Array:
    """Images x (N, C, H, W) or one image (C, H, W) as they are in memory, (H, G, C, W, N)."""
    image = inside(batched(np.asarray(x, dtype)))
    h, c, w, n = image.shape
    return image.reshape(h, groups, c // groups, w, n)


def from_groups(image: Array, batch: bool) -> Array:
    """The other way: (H, G, C, W, N) seen as (N, C, H, W), or as a single image (C, H, W)."""
    h, g, c, w, n = image.shape
    x = outside(image.reshape(h, g * c, w, n))
    return x if batch else x[0]


def by_group(w: Array, groups: int, dtype: DTypeLike) -> Array:
    """Filters w (O, C / G, KH, KW) as (G, O / G, C / G, KH, KW)."""
    w = np.asarray(w, dtype)
    return w.reshape(groups, w.shape[0] // groups, *w.shape[1:])


def in_order(x: Array) -> Array:
    """x of unchanged shape, (N, C, H, W) or (C, H, W), lying as H, C, W, N in memory."""
    ordered = outside(inside(batched(x)))
    return ordered if x.ndim == 4 else ordered[0]


def channel_sums(x: Array) -> Array:
    """The sum over each channel of x (N, C, H, W) or (C, H, W): a product with ones."""
    image = inside(batched(x))
    height, channels = image.shape[:2]
    each_row = image.reshape(height, channels, prod(image.shape[2:]))
    return (each_row @ np.ones(each_row.shape[-1], x.dtype)).sum(0)


def batched(x: Array) -> Array:
    """A single image (C, H, W) as a batch of one."""
    return x[None] if x.ndim == 3 else x


def correlate(image: Array, filters: Array, bias: Array | None, rows: Axis, columns: Axis) -> Array:
    """O[h] = F @ window[h] + b, for filters (G, O, C, KH, KW) → (OH, G, O, OW, N).

    The bias is the weight of an input that is always 1, one more row of the patch matrix: adding
    it in a pass of its own can take half as long as the products.
    """
    groups, outputs = filters.shape[:2]
    plain = rows.plain and columns.plain
    weights = weight_matrices(filters, None if plain else bias)
    shape = (rows.windows, groups, outputs, columns.windows, image.shape[-1])
    result = np.empty(shape, image.dtype)
    for r, c, windows in row_windows(image, rows, columns, weights[0].size, bias is not None):
        part = matrices(result, r, c)
        np.matmul(weights, windows, out=part)
        if bias is not None and plain:
            with long_passes(part):
                part += bias.reshape(groups, 1, outputs, 1)
    return result


def weight_matrices(filters: Array, bias: Array | None) -> Array:
    """Filters (G, O, C, KH, KW) as matrices (G, 1, O, KH·KW·C), for patch matrices.

    With a bias there is one more weight for each image row, that of the input 1: the bias for the
    first of the KH rows, 0 for the others.
    """
    groups, outputs, channels, tall, wide = filters.shape
    each = wide * channels
    weights = np.empty((groups, outputs, tall, each + (bias is not None)), filters.dtype)
    split = weights[..., :each].reshape(groups, outputs, tall, wide, channels)  # a view
    split[...] = filters.transpose(0, 1, 3, 4, 2)
    if bias is not None:
        weights[..., each] = 0
        weights[:, :, 0, each] = bias.reshape(groups, outputs)
    return weights.reshape(groups, 1, outputs, prod(weights.shape[2:]))


def filter_gradient(image: Array, g: Array, rows: Axis, columns: Axis) -> Array:
    """∂L/∂F = Σ over h of ∂L/∂O[h] @ window[h]ᵀ, for g (OH, G, O, OW, N) → (G, O, C, KH, KW)."""
    groups, channels, outputs = image.shape[1], image.shape[2], g.shape[2]
    entries = channels * rows.kernel * columns.kernel
    total = np.zeros((groups, outputs, entries), image.dtype)
    parts = rows.kernel if entries // rows.kernel * outputs <= FLAT < entries * outputs else 1
    for r, c, windows in row_windows(image, rows, columns, work=outputs * entries // parts):
        upstream = matrices(g, r, c)
        if entries < outputs:
            total += (upstream @ windows.swapaxes(2, 3)).sum(1)
        else:  # the same, transposed: BLAS likes the larger matrix first
            part = windows.reshape(*windows.shape[:2], parts, entries // parts, windows.shape[3])
            rowwise = part @ upstream[:, :, None].swapaxes(3, 4)  # (G, rows, parts, …, O)
            total += rowwise.sum(1).reshape(groups, entries, outputs).swapaxes(1, 2)
    split = total.reshape(groups, outputs, rows.kernel, columns.kernel, channels)
    return split.transpose(0, 1, 4, 2, 3)


def input_gradient(g: Array, filters: Array, rows: Axis, columns: Axis) -> Array:
    """∂L/∂X of images whose axes are rows and columns, for filters (G, O, C, KH, KW).

    Down the rows this is the lecture's full convolution: windows of ∂L/∂O meet the filter turned
    upside down. Across the columns the KW shifts that come out are folded back, each added where
    `unroll` would have copied it from; so no stride makes useless work.
    """
    groups, outputs, channels = filters.shape[:3]
    image = np.zeros((rows.size, groups, channels, columns.size, g.shape[-1]), g.dtype)
    for at, taps, over in residues(rows, len(g)):
        turned = filters[:, :, :, taps][:, :, :, ::-1].transpose(0, 4, 2, 3, 1)
        weights = turned.reshape(groups, 1, columns.kernel * channels, over.kernel * outputs)
        across = Axis.identity(columns.windows)
        for r, c, windows in row_windows(g, over, across, work=weights[0].size):
            if rows.plain and columns.plain:
                np.matmul(weights, windows, out=matrices(image, r, c))
            else:
                fold(weights @ windows, image[at][r], columns, c)
    return image


def residues(rows: Axis, outputs: int) -> Iterator[tuple[slice, slice, Axis]]:
    """The input rows in classes that see the same filter rows: (rows, filter rows, windows of g).

    Input row h meets filter row k at output row o if h + before = o · stride + k · dilation. Both
    remainders, of k and of o, are the same for all rows of a class, and o falls as k rises.
    """
    k_step, o_step = rows.coprime
    for k in range(min(k_step, rows.kernel)):
        for o in range(min(o_step, outputs)):
            taps = len(range(k, rows.kernel, k_step))
            met = Run(
                o * rows.stride + k * rows.dilation - rows.before,
                o_step * rows.stride,
                len(range(o, outputs, o_step)) + taps - 1,
            )
            which, at = met.within(rows.size)
            count = which.stop - which.start
            before = o_step * (taps - 1 - which.start) - o
            if count:
                yield at, slice(k, None, k_step), Axis(outputs, taps, o_step, o_step, before, count)


def row_windows(
    image: Array, rows: Axis, columns: Axis, work: int, ones: bool = False
) -> Iterator[tuple[slice, slice, Array]]:
    """Tile after tile: its output rows, its columns, and the patch matrix of each of its rows.

    The patch matrices, (G, rows, KH·KW·C, columns·N), are valid until the next are asked for.
    work is the number of multiplications for one column of a patch matrix. With ones, a row of
    them comes after the KW·C rows of each image row; not where the image is its own patch matrix.
    """
    stride, apart = rows.coprime
    buffer = np.empty(0, image.dtype)
    for r, c in tiles(image, rows, columns, work):
        if rows.plain and columns.plain:
            yield r, c, matrices(image, r, c)
            continue
        tall, wide = len(range(r.start, r.stop, apart)), (c.stop - c.start) * image.shape[-1]
        first = r.start * rows.stride - rows.before
        seen = Run(first, rows.dilation, (tall - 1) * stride + rows.kernel)
        shifts, buffer = unroll(image, seen, columns, c, buffer, ones)
        yield r, c, overlapping(shifts, tall, rows.kernel, stride, wide)


def tiles(image: Array, rows: Axis, columns: Axis, work: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of the output, cut into tiles.

    With a dilation every dilation-th row of the image is seen together: the output rows of a tile
    are those that look at the same ones, and there they are neighbours.
    """
    height, width = tile_shape(image, rows, columns, work)
    apart = rows.coprime[1]
    for phase in range(min(apart, rows.windows)):
        for r in pieces(phase, rows.windows, apart, height):
            for c in pieces(0, columns.windows, 1, width):
                yield r, c


def unroll(
    image: Array, seen: Run, columns: Axis, c: slice, buffer: Array, ones: bool
) -> tuple[Array, Array]:
    """The rows seen, each as its KW sideways shifts, (G, rows, KW·C [+ 1], columns·N + a bit).

    They are written into buffer, or a longer one in its place; it is returned as well.
    """
    _, groups, channels, _, batch = image.shape
    wide, each = (c.stop - c.start) * batch, columns.kernel * channels
    shape = (groups, seen.length, each + ones, wide + LINE // image.itemsize)
    size = prod(shape)
    if buffer.size < size:
        buffer = np.empty(size, image.dtype)
    shifts = buffer[:size].reshape(shape)
    shifts[:, :, each:] = 1
    cells = shifts[:, :, :each, :wide].reshape(
        groups, seen.length, columns.kernel, channels, c.stop - c.start, batch
    )
    there, from_rows = seen.within(len(image))
    cells[:, : there.start] = 0
    cells[:, there.stop :] = 0
    visible = image[from_rows].swapaxes(0, 1)
    for k, (inner, from_columns) in enumerate(columns.taps(c)):
        part = cells[:, there, k]
        if inner.start > 0 or inner.stop < cells.shape[4]:
            part[..., : inner.start, :] = 0
            part[..., inner.stop :, :] = 0
        part[..., inner, :] = visible[..., from_columns, :]
    return shifts, buffer


def fold(shifts: Array, image: Array, columns: Axis, c: slice) -> None:
    """Add shifts (G, rows, KW·C, columns·N) to the image where `unroll` would copy them from."""
    rows, groups, channels, _, batch = image.shape
    wide = c.stop - c.start
    parts = shifts.reshape(groups, rows, columns.kernel, channels, wide, batch).swapaxes(0, 1)
    with long_passes(shifts):
        for k, (inner, at) in enumerate(columns.taps(c)):
            image[..., at, :] += parts[:, :, k, :, inner]


def overlapping(shifts: Array, tall: int, kernel: int, stride: int, wide: int) -> Array:
    """The windows of kernel rows each, one every stride rows: a view, for windows overlap."""
    each = shifts.shape[2]
    group, row, line, item = shifts.strides
    return np.ndarray(
        (len(shifts), tall, kernel * each, wide),
        shifts.dtype,
        shifts,
        strides=(group, stride * row, line, item),
    )


def matrices(image: Array, rows: slice, columns: slice) -> Array:
    """Part of an image (H, G, C, W, N), as (G, rows, C, columns·N): a view, a matrix per row."""
    batch = image.shape[-1]
    flat = image.reshape(*image.shape[:3], prod(image.shape[3:]))
    return flat[rows, :, :, columns.start * batch : columns.stop * batch].swapaxes(0, 1)


def tile_shape(image: Array, rows: Axis, columns: Axis, work: int) -> tuple[int, int]:
    """How many output rows and columns make a tile."""
    _, groups, channels, _, batch = image.shape
    small = SMALL // max(1, work)
    width = (small if small >= NARROW else WIDE) // max(1, batch)
    width = even(columns.windows, max(1, width))
    row = groups * channels * columns.kernel * width * batch
    height = max(rows.kernel, TILE // max(1, row * rows.stride))
    return even(rows.windows, height), width


def even(n: int, most: int) -> int:
    """The size of the pieces, at most so large, that n is cut into evenly."""
    return ceil(n / ceil(n / most))


def pieces(start: int, stop: int, step: int, count: int) -> Iterator[slice]:
    """start, start + step, … below stop, count of them at a time."""
    for first in range(start, stop, step * count):
        yield slice(first, min(first + step * count, stop), step)
