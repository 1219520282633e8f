"""Pooling: a grid against loops over windows, hard cases, ties and nan, derivatives, errors."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.check import gradcheck, gradgradcheck
from minigrad.ops import pool_axis
from minigrad.ops.pool import (
    adaptive_avg_pool2d,
    adaptive_avg_pool2d_input_gradient,
    avg_pool1d,
    avg_pool2d,
    avg_pool2d_input_gradient,
    max_pool1d,
    max_pool2d,
)
from minigrad.ops.pool_shapes import pool_axes


def square(n: int) -> np.ndarray:
    """n × n numbers in reading order, as one image of one channel."""
    return np.arange(float(n * n)).reshape(1, 1, n, n)


def with_gradient(f: Any, x: Any, *args: Any, g: Any = 1.0, **params: Any) -> list[np.ndarray]:
    """f(x) and ∂L/∂x for the upstream gradient g."""
    t = mg.Tensor(x, requires_grad=True)
    y = f(t, *args, **params)
    y.backward(np.broadcast_to(g, y.shape))
    return [y.data, t.grad.data]


def in_memory_order(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x.transpose(2, 1, 3, 0)).transpose(3, 1, 0, 2)


# --- Against loops --------------------------------------------------------------------------


def starts(size: int, k: int, s: int, p: int, d: int, ceil: bool) -> list[int]:
    """Where windows start: while they fit; with ceil one more, if it starts before the padding."""
    reach, found = d * (k - 1) + 1, [-p]
    while found[-1] + s + reach <= size + p:
        found.append(found[-1] + s)
    if ceil and found[-1] + reach < size + p and found[-1] + s < size:
        found.append(found[-1] + s)
    return found


def windows(size: tuple[int, int], k: int, s: int, p: int, d: int, ceil: bool) -> list[Any]:
    """Rows of windows; each is the positions seen in the image, and the number in the padded."""
    tops, lefts = (starts(n, k, s, p, d, ceil) for n in size)
    (h, w), steps = size, range(0, d * k, d)
    return [
        [
            (
                [(a, b) for a, b in product([top + i for i in steps], [left + i for i in steps])
                 if 0 <= a < h and 0 <= b < w],
                (min(top + k, h + p) - top) * (min(left + k, w + p) - left),
            )
            for left in lefts
        ]
        for top in tops
    ]  # fmt: skip


SIZES = [(7, 6), (5, 9)]
GRID = [
    (k, s, p, d, ceil)
    for k, s, p, d, ceil in product((2, 3), (1, 2, 3), (0, 1), (1, 2), (False, True))
    if 2 * p <= d * (k - 1) + 1
]


@pytest.mark.parametrize("kind", ["normal", "ties", "memory order"])
@pytest.mark.parametrize("k, s, p, d, ceil", GRID)
def test_POL_15_max_pool_against_loops(k, s, p, d, ceil, kind):
    rng = np.random.default_rng([k, s, p, d, ceil])
    for size in SIZES:
        seen = windows(size, k, s, p, d, ceil)
        x = rng.integers(0, 3, (2, 2, *size)).astype(float)
        if kind != "ties":
            x = in_memory_order(rng.normal(size=x.shape)) if kind == "memory order" else x + 0.1
        g = rng.normal(size=(2, 2, len(seen), len(seen[0])))
        y, dx = np.empty(g.shape), np.zeros(x.shape)
        for n, c, i, j in np.ndindex(*g.shape):
            places = seen[i][j][0]
            first = places[int(np.argmax([x[n, c, *at] for at in places]))]
            y[n, c, i, j] = x[n, c, *first]
            dx[n, c, *first] += g[n, c, i, j]
        found = with_gradient(max_pool2d, x, k, s, p, d, ceil, g=g)
        np.testing.assert_array_equal(found[0], y)
        np.testing.assert_allclose(found[1], dx, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("window, count", [((2, 2), 1), ((3, 5), 1), ((3, 1), 1), ((6, 7), 2)])
def test_small_windows_side_by_side_are_seen_at_once_as_if_axis_after_axis(
    window, count, monkeypatch
):
    rng = np.random.default_rng(window)
    x = in_memory_order(rng.integers(0, 3, (3, 2, 13, 15)).astype(float))
    axes = pool_axes("max_pool2d", x.shape, 2, window)
    assert len(pool_axis.levels(axes)) == count
    g = rng.normal(size=max_pool2d(x, window).shape)
    at_once = with_gradient(max_pool2d, x, window, g=g)
    monkeypatch.setattr(pool_axis, "FEW", 0)
    assert len(pool_axis.levels(axes)) == 2
    for found, wanted in zip(at_once, with_gradient(max_pool2d, x, window, g=g)):
        np.testing.assert_array_equal(found, wanted)
        assert found.strides == wanted.strides


@pytest.mark.parametrize("stride, padding, dilation", [(1, 0, 1), (3, 0, 1), (2, 1, 1), (2, 0, 2)])
def test_other_windows_are_gone_through_axis_after_axis(stride, padding, dilation):
    axes = pool_axes("max_pool2d", (1, 1, 9, 9), 2, 2, stride, padding, dilation)
    assert len(pool_axis.levels(axes)) == 2


@pytest.mark.parametrize("include, divisor", [(True, None), (False, None), (True, 5)])
@pytest.mark.parametrize("k, s, p, d, ceil", [case for case in GRID if case[3] == 1])
def test_POL_15_avg_pool_against_loops(k, s, p, d, ceil, include, divisor):
    rng = np.random.default_rng([k, s, p, ceil])
    for size in SIZES:
        seen = windows(size, k, s, p, d, ceil)
        x = rng.normal(size=(2, 3, *size))
        g = rng.normal(size=(2, 3, len(seen), len(seen[0])))
        y, dx = np.empty(g.shape), np.zeros(x.shape)
        for i, j in np.ndindex(*g.shape[2:]):
            places, padded = seen[i][j]
            count = divisor or (padded if include else len(places))
            y[..., i, j] = sum(x[..., a, b] for a, b in places) / count
            for a, b in places:
                dx[..., a, b] += g[..., i, j] / count
        found = with_gradient(avg_pool2d, x, k, s, p, ceil, include, divisor, g=g)
        np.testing.assert_allclose(found[0], y, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(found[1], dx, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("size", [1, 3, (2, 5), (7, None), (8, 9), (7, 3), (1, 2), (1, 4)])
def test_adaptive_pool_against_loops(size):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2, 3, 7, 6))
    y, dx = with_gradient(adaptive_avg_pool2d, x, size)
    rows, columns = size if isinstance(size, tuple) else (size, size)
    rows, columns = rows or 7, columns or 6
    wanted, shares = np.empty((2, 3, rows, columns)), np.zeros(x.shape)
    for i, j in np.ndindex(rows, columns):
        top, bottom = i * 7 // rows, -(-(i + 1) * 7 // rows)
        left, right = j * 6 // columns, -(-(j + 1) * 6 // columns)
        wanted[..., i, j] = x[..., top:bottom, left:right].mean((2, 3))
        shares[..., top:bottom, left:right] += 1 / ((bottom - top) * (right - left))
    np.testing.assert_allclose(y, wanted, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(dx, shares, rtol=1e-12)


def test_1d_is_one_row_of_2d():
    x = np.random.default_rng(2).normal(size=(2, 3, 9))
    for k, s, p, ceil in ((2, None, 0, False), (3, 2, 1, True)):
        for one, two, d in ((max_pool1d, max_pool2d, (1,)), (avg_pool1d, avg_pool2d, ())):
            y, dx = with_gradient(one, x, k, s, p, *d, ceil)
            row = with_gradient(two, x[:, :, None], (1, k), (1, s or k), (0, p), *d, ceil)
            np.testing.assert_allclose(y, row[0][:, :, 0], rtol=1e-13)
            np.testing.assert_allclose(dx, row[1][:, :, 0], rtol=1e-13)
            np.testing.assert_array_equal(one(x[0], k, s, p, *d, ceil), y[0])


# --- Hard cases -----------------------------------------------------------------------------


def test_POL_01_one_entry_can_be_the_largest_of_many_windows():
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 1, 1] = 5
    y, dx = with_gradient(max_pool2d, x, 2, 1)
    assert (y == 5).all() and dx.sum() == dx[0, 0, 1, 1] == 4


def test_POL_02_of_equal_entries_the_first_gets_the_gradient():
    _, dx = with_gradient(max_pool2d, np.ones((1, 1, 2, 2)), 2)
    assert dx[0, 0].tolist() == [[1, 0], [0, 0]]
    _, dx = with_gradient(max_pool2d, np.ones((1, 3, 3)), 3)
    assert dx[0].tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_POL_03_10_padding_is_never_the_largest():
    x = -np.arange(1.0, 5).reshape(1, 1, 2, 2)
    y, dx = with_gradient(max_pool2d, x, 3, 1, 1)
    assert (y == -1).all() and dx[0, 0].tolist() == [[4, 0], [0, 0]]
    y, dx = with_gradient(max_pool2d, np.full((1, 2, 2), -np.inf), 3, 1, 1)
    assert (y == -np.inf).all() and dx.tolist() == [[[4, 0], [0, 0]]]


def test_POL_10_nan_is_the_largest_and_gets_the_gradient():
    x = np.array([[[1.0, np.nan, 3.0, 2.0]]])
    y, dx = with_gradient(max_pool2d, x, (1, 4))
    assert np.isnan(y).all() and dx.tolist() == [[[0, 1, 0, 0]]]
    y, dx = with_gradient(max_pool1d, x[:, 0], 2)
    np.testing.assert_array_equal(y, [[np.nan, 3]])
    assert dx.tolist() == [[0, 1, 1, 0]]


def test_an_infinite_gradient_reaches_only_the_largest():
    x = np.array([[[1.0, 2.0], [4.0, 3.0]]])
    _, dx = with_gradient(max_pool2d, x, 2, g=np.inf)
    assert dx.tolist() == [[[0, 0], [np.inf, 0]]]


def test_POL_05_06_07_09_ceil_mode():
    assert max_pool2d(np.zeros((1, 1, 6, 7)), 1, 2, ceil_mode=True).shape == (1, 1, 3, 4)
    y = max_pool2d(square(5), 2, 2, ceil_mode=True)
    assert y[0, 0].tolist() == [[6, 8, 9], [16, 18, 19], [21, 23, 24]]
    y = avg_pool2d(square(7), 2, 3, ceil_mode=True)
    assert y[0, 0].tolist() == [[4, 7, 9.5], [25, 28, 30.5], [42.5, 45.5, 48]]
    for size, k, s, p, count in ((17, 2, 2, 1, 9), (32, 8, 4, 0, 7), (4, 3, 3, 0, 2)):
        y = max_pool2d(np.zeros((1, size, size)), k, s, p, ceil_mode=True)
        assert y.shape == (1, count, count)


def test_POL_08_padding_counts_in_the_mean_or_not():
    ones = np.ones((1, 1, 2, 2))
    assert (avg_pool2d(ones, 2, 2, 1) == 0.25).all()
    assert (avg_pool2d(ones, 2, 2, 1, count_include_pad=False) == 1).all()
    assert (avg_pool2d(ones, 2, divisor_override=8) == 0.5).all()


def test_POL_13_adaptive_windows_overlap():
    y, dx = with_gradient(adaptive_avg_pool2d, np.arange(5.0).reshape(1, 1, 5), (1, 3))
    assert y.tolist() == [[[0.5, 2, 3.5]]]
    np.testing.assert_allclose(dx[0, 0], [1 / 2, 5 / 6, 1 / 3, 5 / 6, 1 / 2], rtol=1e-15)


def test_POL_14_no_images():
    x = np.zeros((0, 1, 3, 4))
    for f in (max_pool2d, avg_pool2d):
        y, dx = with_gradient(f, x, 2)
        assert y.shape == (0, 1, 1, 2) and dx.shape == x.shape


def test_dtypes():
    x = np.random.default_rng(3).normal(size=(2, 2, 5, 5)).astype(np.float32)
    for f in (max_pool2d, avg_pool2d):
        for k in (2, 3):
            y, dx = with_gradient(f, x, k, 2, 1, g=np.float32(1))
            assert y.dtype == dx.dtype == np.float32
    y, dx = with_gradient(adaptive_avg_pool2d, x, 3, g=np.float32(1))
    assert y.dtype == dx.dtype == np.float32
    whole = np.arange(16).reshape(1, 4, 4)
    assert max_pool2d(whole, 3, 1, 1).dtype == whole.dtype
    assert avg_pool2d(whole, 2).tolist() == [[[2.5, 4.5], [10.5, 12.5]]]
    assert adaptive_avg_pool2d(whole, 2).dtype == np.float64


def test_memory_order_is_kept():
    x = in_memory_order(np.random.default_rng(4).normal(size=(3, 2, 6, 7)))
    results = []
    for f in (max_pool2d, avg_pool2d):
        for window in ((2,), (3, 2, 1), (3, 1, 1)):
            results += with_gradient(f, x, *window)
    results += with_gradient(avg_pool2d, x, (6, 7))
    for size in (1, 3, (2, 7), (6, 1)):
        results += with_gradient(adaptive_avg_pool2d, x, size)
    results.append(avg_pool2d_input_gradient(x, (3, 2, 12, 15), 2))
    for y in results:
        assert y.transpose(2, 1, 3, 0).flags.c_contiguous
    assert max_pool2d(np.zeros((2, 3, 4, 4)), 2).flags.c_contiguous


# --- Derivatives ----------------------------------------------------------------------------

WINDOWS = [(2,), (3, 2, 1), ((2, 3), (1, 2), (1, 0))]


def far_apart(*shape: int) -> np.ndarray:
    """Numbers of which no two are close: no tie within reach of a difference quotient."""
    n = int(np.prod(shape))
    return np.random.default_rng(n).permutation(np.linspace(-2, 2, n)).reshape(shape)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("f", [max_pool2d, avg_pool2d])
def test_derivatives_of_first_and_second_order(f, window):
    x = far_apart(2, 2, 4, 5)
    assert gradcheck(lambda x: f(x, *window), (x,), rng=1)
    assert gradgradcheck(lambda x: f(x, *window), (x,), rng=1)
    assert gradgradcheck(lambda x: f(x, *window) ** 3, (x[0],), rng=1)


def test_derivatives_of_the_others():
    x = far_apart(2, 3, 7)
    g = np.random.default_rng(5).normal(size=(2, 3, 3))
    for f in (
        lambda x: max_pool1d(x, 3, 2, 1) ** 2,
        lambda x: avg_pool1d(x, 3, 2, 1, True, False) ** 2,
        lambda x: adaptive_avg_pool2d(x, (2, 3)) ** 2,
    ):
        assert gradcheck(f, (x,), rng=1)
        assert gradgradcheck(f, (x,), rng=1)
    for f in (
        lambda g: avg_pool2d_input_gradient(g, shape=(2, 5, 4), kernel_size=2, padding=1),
        lambda g: adaptive_avg_pool2d_input_gradient(g, shape=(2, 7, 5)),
    ):
        assert gradcheck(f, (g,), rng=1)


def test_the_gradient_as_a_graph_has_the_same_numbers():
    x = mg.Tensor(np.random.default_rng(6).normal(size=(2, 3, 6, 7)), requires_grad=True)
    for window in WINDOWS:
        y = max_pool2d(x, *window)
        g = np.random.default_rng(7).normal(size=y.shape)
        (plain,) = mg.grad(y, [x], g)
        (recorded,) = mg.grad(y, [x], g, create_graph=True)
        np.testing.assert_allclose(recorded.data, plain.data, rtol=1e-13)


def test_symbols():
    x = mg.Tensor(square(4), requires_grad=True)
    assert max_pool2d(x, 2).op.symbol == "maxpool" and avg_pool2d(x, 2).op.symbol == "avgpool"
    assert max_pool2d(x, 2).params == {"kernel_size": 2}


# --- Errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [max_pool2d, avg_pool2d])
@pytest.mark.parametrize(
    "shape, window, named",
    [
        ((1, 1, 8, 8), {"kernel_size": 2, "padding": 2}, ["at most half", "padding=2", "(2 x 2)"]),
        ((1, 1, 2, 2), {"kernel_size": 3}, ["(3 x 3)", "(2 x 2)", "0 x 0"]),
        ((1, 1, 4, 4), {"kernel_size": 2, "stride": 0}, ["stride", "got 0"]),
        ((1, 1, 4, 4), {"kernel_size": 0}, ["kernel_size", "got 0"]),
        ((1, 1, 4, 4), {"kernel_size": (2, 2, 2)}, ["kernel_size", "(2, 2, 2)"]),
        ((1, 1, 4, 4), {"kernel_size": 2, "padding": -1}, ["padding", "got -1"]),
        ((1, 0, 4, 4), {"kernel_size": 2}, ["no channels", "(1, 0, 4, 4)"]),
        ((4, 4), {"kernel_size": 2}, ["(N, C, H, W)", "(4, 4)"]),
    ],
)
def test_POL_04_11_12_14_errors(f, shape, window, named):
    with pytest.raises(ValueError, match=rf"^{f.__name__}: ") as caught:
        f(np.zeros(shape), **window)
    for name in named:
        assert name in str(caught.value)


def test_POL_11_12_other_errors():
    x = np.zeros((1, 1, 4, 4))
    with pytest.raises(ValueError, match="Invalid computed output size: -2"):
        max_pool1d(np.zeros((1, 1, 1)), 4, 1, ceil_mode=True)
    with pytest.raises(ValueError, match="divisor_override must not be zero"):
        avg_pool2d(x, 2, divisor_override=0)
    with pytest.raises(ValueError, match="dilation"):
        max_pool2d(x, 2, dilation=0)
    with pytest.raises(ValueError, match="steps over the whole input"):
        max_pool2d(np.zeros((1, 1, 1)), 2, padding=1, dilation=2)
    with pytest.raises(TypeError, match="kernel_size must be an int or 2 ints, got 'big'"):
        max_pool2d(x, "big")
    with pytest.raises(ValueError, match="output_size must be at least 1, got 0"):
        adaptive_avg_pool2d(x, (0, None))
    with pytest.raises(ValueError, match=r"output_size .* \(1, 2, 3\)"):
        adaptive_avg_pool2d(x, (1, 2, 3))


def test_max_pooling_of_infinity_warns_of_nothing():
    x = mg.Tensor(np.array([[[[1.0, np.inf], [1, 1]]]]), requires_grad=True)
    y = mg.max_pool2d(x, (1, 2), (1, 1))
    (g,) = mg.grad(y, [x], grad_outputs=np.array([[[[0.0], [-2.0]]]]))
    assert g.tolist() == [[[[0, 0], [-2, 0]]]]
