"""Row windows against loops over every output position, in tiles of any size and every layout."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest

from minigrad.ops import rows
from minigrad.ops.conv import conv2d, conv2d_filter_gradient, conv2d_input_gradient


class Reference(NamedTuple):
    """Value and gradients of a convolution."""

    y: np.ndarray
    dx: np.ndarray
    dw: np.ndarray


def reference(
    x: np.ndarray, w: np.ndarray, seed: int, stride: int, padding: int, dilation: int, groups: int
) -> tuple[np.ndarray, Reference]:
    """A random ∂L/∂O, and the sums as they are defined, window by window."""
    (n, c, h, wide), (o, _, kh, kw), pad = x.shape, w.shape, ((padding, padding),) * 2
    padded = np.pad(x, ((0, 0), (0, 0), *pad)).reshape(n, groups, c // groups, h + 2 * padding, -1)
    filters = w.reshape(groups, o // groups, *w.shape[1:])
    across = [(size + 2 * padding - dilation * (k - 1) - 1) // stride + 1
              for size, k in ((h, kh), (wide, kw))]  # fmt: skip
    g = np.random.default_rng(seed).normal(size=(n, groups, o // groups, *across))
    y, dpadded, dfilters = np.zeros_like(g), np.zeros_like(padded), np.zeros_like(filters)
    for row, column in np.ndindex(*across):
        down = slice(row * stride, row * stride + dilation * (kh - 1) + 1, dilation)
        right = slice(column * stride, column * stride + dilation * (kw - 1) + 1, dilation)
        patch, upstream = padded[..., down, right], g[..., row, column]
        y[..., row, column] = np.einsum("ngcij,gocij->ngo", patch, filters)
        dpadded[..., down, right] += np.einsum("ngo,gocij->ngcij", upstream, filters)
        dfilters += np.einsum("ngo,ngcij->gocij", upstream, patch)
    inner = dpadded[..., padding : padding + h, padding : padding + wide]
    shape = (n, o, *across)
    return g.reshape(shape), Reference(
        y.reshape(shape), inner.reshape(x.shape), dfilters.reshape(w.shape)
    )


def ours(x: np.ndarray, w: np.ndarray, g: np.ndarray, **options: Any) -> Reference:
    return Reference(
        conv2d(x, w, **options),
        conv2d_input_gradient(g, w, shape=x.shape, **options),
        conv2d_filter_gradient(x, g, kernel=w.shape[2:], **options),
    )


def assert_same(found: Reference, wanted: Reference) -> None:
    for a, b in zip(found, wanted):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12 * max(1, np.abs(b).max()))


def in_memory_order(x: np.ndarray) -> bool:
    return x.transpose(2, 1, 3, 0).flags.c_contiguous


KERNELS = [(1, 1), (2, 2), (3, 3), (4, 4), (2, 3)]
SIZES = [(7, 7), (8, 8), (5, 9)]


def geometries(
    stride: int, padding: int, dilation: int
) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """Images, filters and groups for all kernels, sizes and groups that go together."""
    rng = np.random.default_rng([stride, padding, dilation])
    for (kh, kw), size, groups in product(KERNELS, SIZES, (1, 2, 4)):
        reach = [dilation * (k - 1) + 1 for k in (kh, kw)]
        if all(r <= n + 2 * padding for r, n in zip(reach, size)):
            yield rng.normal(size=(2, 4, *size)), rng.normal(size=(8, 4 // groups, kh, kw)), groups


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_value_and_gradients_are_the_sums_they_should_be(stride, padding, dilation):
    checked = 0
    for x, w, groups in geometries(stride, padding, dilation):
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        g, wanted = reference(x, w, 1, **options)
        found = ours(x, w, g, **options)
        assert_same(found, wanted)
        assert in_memory_order(found.y) and in_memory_order(found.dx)
        checked += 1
    assert checked >= 12


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_bias_is_added_everywhere(stride, padding, dilation):
    bias = np.array([0.5, -2.0, np.inf, 1e300, 0.0, -np.inf, np.nan, 3.0])
    for x, w, groups in geometries(stride, padding, dilation):
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        wanted = conv2d(x, w, **options) + bias[:, None, None]
        with np.errstate(invalid="ignore"):  # BLAS multiplies ∞ by the zeros that it pads with
            found = conv2d(x, w, bias, **options)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-13)


@pytest.mark.parametrize("tile", [1, 200, 2000])
@pytest.mark.parametrize("wide", [1, 7])
@pytest.mark.parametrize("stride, dilation", [(1, 1), (2, 1), (1, 2), (2, 3), (4, 2)])
def test_the_size_of_the_tiles_does_not_matter(monkeypatch, tile, wide, stride, dilation):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 4, 11, 10)), rng.normal(size=(6, 2, 3, 3))
    options = {"stride": stride, "padding": 2, "dilation": dilation, "groups": 2}
    g, wanted = reference(x, w, 1, **options)
    monkeypatch.setattr(rows, "TILE", tile)
    monkeypatch.setattr(rows, "WIDE", wide)
    monkeypatch.setattr(rows, "SMALL", 0)
    assert_same(ours(x, w, g, **options), wanted)


def test_products_below_the_limit_are_cut_to_it():
    image = np.zeros((16, 1, 8, 14, 64))
    axis = rows.Axis(14, 3, 1, 1, 1, 14)
    height, width = rows.tile_shape(image, axis, axis, 16 * 72)
    assert 16 * 72 * width * 64 <= rows.SMALL and width * 64 >= rows.NARROW
    assert height == 14


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"groups": 2}])
def test_the_three_maps_are_adjoint(options):
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(3, 4, 9, 8)), rng.normal(size=(4, 4 // options.get("groups", 1), 3, 2))
    g = rng.normal(size=conv2d(x, w, **options).shape)
    y, dx, dw = ours(x, w, g, **options)
    np.testing.assert_allclose(np.vdot(y, g), np.vdot(x, dx), rtol=1e-12)
    np.testing.assert_allclose(np.vdot(y, g), np.vdot(w, dw), rtol=1e-12)


def layouts(x: np.ndarray) -> list[np.ndarray]:
    """The same numbers, lying differently in memory."""
    ordered = np.ascontiguousarray(x.transpose(2, 1, 3, 0)).transpose(3, 1, 0, 2)
    turned = np.ascontiguousarray(x[:, :, ::-1, ::-1])[:, :, ::-1, ::-1]
    fortran = np.asfortranarray(x)
    wider = np.repeat(x, 2, axis=1)[:, ::2]
    return [ordered, turned, fortran, wider]


def test_every_layout_gives_the_same_bits():
    rng = np.random.default_rng(4)
    x, w = rng.normal(size=(9, 4, 7, 8)), rng.normal(size=(6, 2, 3, 3))
    options = {"stride": 2, "padding": 1, "groups": 2}
    g = rng.normal(size=conv2d(x, w, **options).shape)
    wanted = ours(x, w, g, **options)
    for i in range(4):
        found = ours(layouts(x)[i], layouts(w)[i], layouts(g)[i], **options)
        for a, b in zip(found, wanted):
            np.testing.assert_array_equal(a, b)
    expanded = np.broadcast_to(x[:, :1], x.shape)
    np.testing.assert_array_equal(
        conv2d(expanded, w, groups=2), conv2d(expanded.copy(), w, groups=2)
    )


def test_inputs_are_left_alone():
    rng = np.random.default_rng(5)
    x, w, b = rng.normal(size=(2, 3, 5, 5)), rng.normal(size=(3, 3, 1, 1)), rng.normal(size=3)
    copies = x.copy(), w.copy(), b.copy()
    y = conv2d(x, w, b)
    y[...] = 0
    conv2d_input_gradient(x, w, shape=x.shape)[...] = 0
    for array, copy in zip((x, w, b), copies):
        np.testing.assert_array_equal(array, copy)


def test_memory_order_survives_a_single_image():
    x = np.zeros((1, 3, 6, 5), np.float32)
    assert in_memory_order(conv2d(x, np.zeros((2, 3, 3, 3), np.float32), padding=1))
    assert rows.in_order(x[0]).shape == (3, 6, 5)


def test_memory_stays_near_input_and_output():
    x = rows.in_order(np.ones((32, 64, 56, 56), np.float32))
    w = np.ones((64, 64, 3, 3), np.float32)
    tracemalloc.start()
    y = conv2d(x, w, padding=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert y.nbytes == x.nbytes and y[0, 0, 5, 5] == 576
    assert peak < y.nbytes + 2 * x.nbytes  # im2col alone would be 9 times x
