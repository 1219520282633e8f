"""Convolution: the lecture's example entry by entry, hard cases, derivatives, errors."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.check import gradcheck, gradgradcheck
from minigrad.ops import conv_lecture as lecture
from minigrad.ops.conv import (
    conv1d,
    conv2d,
    conv2d_filter_gradient,
    conv2d_input_gradient,
)
from minigrad.ops.conv_transpose import conv_transpose2d

X = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
F = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
X11, X12, X13, X21, X22, X23, X31, X32, X33 = X.ravel()
F11, F12, F21, F22 = F.ravel()


def random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def with_gradients(f: Any, *arrays: Any, g: Any) -> list[np.ndarray]:
    """f and its gradients for the upstream gradient g, as arrays."""
    tensors = [mg.Tensor(a, requires_grad=True) for a in arrays]
    y = f(*tensors)
    y.backward(np.broadcast_to(g, y.shape))
    return [y.data, *(t.grad.data for t in tensors)]


# --- The lecture's example ------------------------------------------------------------------


def test_CNV_01_forward_pass_of_the_lecture():
    assert conv2d(X, F)[0, 0].tolist() == [
        [
            X11 * F11 + X12 * F12 + X21 * F21 + X22 * F22,
            X12 * F11 + X13 * F12 + X22 * F21 + X23 * F22,
        ],
        [
            X21 * F11 + X22 * F12 + X31 * F21 + X32 * F22,
            X22 * F11 + X23 * F12 + X32 * F21 + X33 * F22,
        ],
    ]
    assert conv2d(X, F)[0, 0].tolist() == [[37, 47], [67, 77]]


@pytest.mark.parametrize(
    "g, dx, dw",
    [
        (np.ones((2, 2)), [[1, 3, 2], [4, 10, 6], [3, 7, 4]], [[12, 16], [24, 28]]),
        ([[1, 2], [3, 4]], [[1, 4, 4], [6, 20, 16], [9, 24, 16]], [[37, 47], [67, 77]]),
        (random(2, 2), None, None),
    ],
)
def test_CNV_02_03_backward_pass_of_the_lecture(g, dx, dw):
    (g11, g12), (g21, g22) = g = np.array(g, float)
    _, to_x, to_f = with_gradients(conv2d, X, F, g=g)
    four_terms = [
        [
            g11 * X11 + g12 * X12 + g21 * X21 + g22 * X22,
            g11 * X12 + g12 * X13 + g21 * X22 + g22 * X23,
        ],
        [
            g11 * X21 + g12 * X22 + g21 * X31 + g22 * X32,
            g11 * X22 + g12 * X23 + g21 * X32 + g22 * X33,
        ],
    ]
    turned_filter = [
        [g11 * F11, g11 * F12 + g12 * F11, g12 * F12],
        [
            g11 * F21 + g21 * F11,
            g11 * F22 + g12 * F21 + g21 * F12 + g22 * F11,
            g12 * F22 + g22 * F12,
        ],
        [g21 * F21, g21 * F22 + g22 * F21, g22 * F22],
    ]
    np.testing.assert_allclose(to_f[0, 0], four_terms, rtol=1e-14)
    np.testing.assert_allclose(to_x[0, 0], turned_filter, rtol=1e-14)
    if dx is not None:
        assert to_x[0, 0].tolist() == dx and to_f[0, 0].tolist() == dw


@pytest.mark.parametrize("stride, padding, dilation", [*product((1, 2, 3), (0, 1, 3), (1, 2))])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 3)])
def test_the_lecture_s_form_gives_the_same(kernel, stride, padding, dilation):
    x, w = random(2, 3, 8, 9), random(4, 3, *kernel)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    y = conv2d(x, w, **options)
    g = random(*y.shape)
    dx = conv2d_input_gradient(g, w, x.shape, **options)
    dw = conv2d_filter_gradient(x, g, kernel, **options)
    np.testing.assert_allclose(lecture.convolution(x, w, **options), y, rtol=1e-12, atol=1e-13)
    for by_lecture, ours in (
        (lecture.input_gradient(g, w, (8, 9), **options), dx),
        (lecture.filter_gradient(x, g, kernel, **options), dw),
    ):
        np.testing.assert_allclose(by_lecture, ours, rtol=1e-12, atol=1e-12)


# --- Hard cases -----------------------------------------------------------------------------


def test_CNV_04_columns_that_no_window_reaches_get_zero():
    x, ones = np.arange(36.0).reshape(1, 1, 6, 6), np.ones((1, 1, 3, 3))
    y, dx, dw = with_gradients(lambda x, w: conv2d(x, w, stride=2), x, ones, g=1)
    assert y[0, 0].tolist() == [[63, 81], [171, 189]]
    assert not dx[0, 0, -1].any() and not dx[0, 0, :, -1].any() and dx[0, 0, :5, :5].all()
    assert dw[0, 0].tolist() == [[28, 32, 36], [52, 56, 60], [76, 80, 84]]


def test_CNV_05_stride_that_leaves_a_rest():
    x, w = random(1, 1, 16, 16), random(1, 1, 7, 7)
    y, dx, _ = with_gradients(lambda x, w: conv2d(x, w, stride=3, padding=2), x, w, g=1)
    assert y.shape == (1, 1, 5, 5) and dx.shape == x.shape


def test_CNV_06_windows_that_see_only_padding():
    x, w = np.full((1, 1, 1, 1), 3.0), np.full((1, 1, 1, 1), 2.0)
    y, dx, dw = with_gradients(lambda x, w: conv2d(x, w, padding=2), x, w, g=1)
    assert y[0, 0, 2, 2] == 6 and y.sum() == 6 and y.shape == (1, 1, 5, 5)
    assert dx.item() == 2 and dw.item() == 3


def test_CNV_10_depthwise():
    x, w = np.arange(8.0).reshape(1, 2, 2, 2), np.array([1.0, 2.0]).reshape(2, 1, 1, 1)
    y, _, dw = with_gradients(lambda x, w: conv2d(x, w, groups=2), x, w, g=1)
    assert y[0, 1].tolist() == [[8, 10], [12, 14]]
    assert dw.ravel().tolist() == [6, 22]


def test_CNV_13_same_padding_puts_the_odd_zero_last():
    x = np.array([[[1.0, 2.0, 3.0]]])
    assert conv1d(x, [[[1.0, 10.0]]], padding="same").tolist() == [[[21, 32, 3]]]
    first = np.array([[[1.0, 0, 0, 0, 0]]])
    assert conv1d(first, [[[1.0, 2, 3, 4]]], padding="same").tolist() == [[[2, 1, 0, 0, 0]]]
    square = conv2d(random(1, 2, 5, 6), random(3, 2, 2, 4), padding="same", dilation=(3, 1))
    assert square.shape == (1, 3, 5, 6)


def test_CNV_14_no_images_and_no_channels():
    empty = np.zeros((0, 1, 3, 4))
    y, dx, dw, db = with_gradients(conv2d, empty, random(1, 1, 3, 3), random(1), g=1)
    assert y.shape == (0, 1, 1, 2) and dx.shape == empty.shape
    assert dw.shape == (1, 1, 3, 3) and not dw.any() and db.tolist() == [0]
    y, dx, dw, db = with_gradients(
        conv2d, np.zeros((2, 0, 3, 3)), np.zeros((4, 0, 2, 2)), np.arange(4.0), g=1
    )
    assert (y == np.arange(4.0)[:, None, None]).all() and db.tolist() == [8, 8, 8, 8]
    assert dx.shape == (2, 0, 3, 3) and dw.shape == (4, 0, 2, 2)
    y, dx, dw = with_gradients(conv2d, random(2, 3, 4, 4), np.zeros((0, 3, 2, 2)), g=1)
    assert y.shape == (2, 0, 3, 3) and not dx.any() and dw.shape == (0, 3, 2, 2)


def test_CNV_15_a_single_image_is_a_batch_of_one():
    x, w, b = random(1, 4, 4), random(2, 1, 3, 3), random(2)
    g = random(2, 2, 2)
    alone = with_gradients(conv2d, x, w, b, g=g)
    batch = with_gradients(conv2d, x[None], w, b, g=g)
    assert alone[0].shape == (2, 2, 2)
    for a, of_batch in zip(alone, batch):
        np.testing.assert_array_equal(a, of_batch.reshape(a.shape))
    alone = with_gradients(conv1d, x[:, 0], w[:, :, 0], b, g=g[:, 0])
    batch = with_gradients(conv1d, x[None, :, 0], w[:, :, 0], b, g=g[:, 0])
    for a, of_batch in zip(alone, batch):
        np.testing.assert_array_equal(a, of_batch.reshape(a.shape))


def test_CNV_16_dtypes_promote_as_in_numpy():
    x, w, b = random(2, 2, 4, 4), random(3, 2, 2, 2), random(3)
    half = [a.astype(np.float32) for a in (x, w, b)]
    for y in with_gradients(conv2d, *half, g=np.float32(1)):
        assert y.dtype == np.float32
    for y in with_gradients(conv_transpose2d, half[0], half[1][:2], half[2][:2], g=np.float32(1)):
        assert y.dtype == np.float32
    assert conv2d(half[0], w).dtype == np.float64
    whole = np.arange(16).reshape(1, 1, 4, 4)
    assert conv2d(whole, whole[..., :2, :2]).dtype == whole.dtype
    y, dw = with_gradients(lambda w: conv2d(whole, w), F, g=1)
    np.testing.assert_array_equal(y, conv2d(whole.astype(float), F))
    assert dw.dtype == np.float64


def test_CNV_22_a_filter_that_is_used_twice():
    x, z = random(2, 1, 4, 4), random(1, 1, 3, 5)
    _, both = with_gradients(lambda w: conv2d(x, w).sum() + 3 * conv2d(z, w).sum(), F, g=1)
    _, one = with_gradients(lambda w: conv2d(x, w), F, g=1)
    _, other = with_gradients(lambda w: conv2d(z, w), F, g=3)
    np.testing.assert_allclose(both, one + other, rtol=1e-13)


def test_transposed_convolution_makes_images_larger():
    x, w = np.array([[[[1.0, 2.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]])
    assert conv_transpose2d(x, w).tolist() == [[[[1, 12, 120, 200]]]]
    assert conv_transpose2d(x, w, stride=(1, 3)).tolist() == [[[[1, 10, 100, 2, 20, 200]]]]
    assert conv_transpose2d(x, w, [5.0], 2, (0, 1), (0, 1)).tolist() == [[[[15, 107, 25, 205]]]]
    assert conv_transpose2d(x[0], w, dilation=(1, 2)).tolist() == [[[1, 2, 10, 20, 100, 200]]]


# --- Derivatives ----------------------------------------------------------------------------

OPTIONS = [
    {},
    {"stride": 2, "padding": (1, 2), "dilation": (2, 1), "groups": 2},
    {"stride": (3, 1), "padding": 1, "groups": 4},
    {"padding": "same", "dilation": (1, 2), "groups": 2},
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("batch", [(2,), ()])
def test_derivatives_of_first_and_second_order(options, batch):
    x, w = random(*batch, 4, 4, 4), random(4, 4 // options.get("groups", 1), 3, 2)

    def f(*inputs: Any) -> Any:
        return conv2d(*inputs, **options)

    assert gradcheck(f, (x, w, random(4)), rng=1)
    assert gradgradcheck(f, (x, w, random(4)), rng=1)


def test_derivatives_of_transposed_and_1d():
    x, w, b = random(1, 4, 2, 3), random(4, 2, 3, 2), random(4)
    options = {"stride": (2, 3), "padding": (1, 0), "output_padding": (1, 2), "groups": 2}
    line, taps = random(2, 4, 5), random(4, 2, 3)
    for f, inputs in (
        (lambda *t: conv_transpose2d(*t, **options), (x, w, b)),
        (lambda *t: conv_transpose2d(*t, dilation=2), (x[0], w)),
        (lambda *t: conv1d(*t, stride=2, padding=1, groups=2), (line, taps, b)),
        (lambda *t: conv1d(*t, padding="same", dilation=2), (line[0], random(3, 4, 2))),
    ):
        assert gradcheck(f, inputs, rng=1)
        assert gradgradcheck(f, inputs, rng=1)


@pytest.mark.parametrize("options", OPTIONS)
def test_each_map_has_the_other_two_as_derivatives(options):
    x, w = random(1, 4, 4, 4), random(4, 4 // options.get("groups", 1), 3, 2)
    g = random(*conv2d(x, w, **options).shape)

    def input_gradient(g: Any, w: Any) -> Any:
        return conv2d_input_gradient(g, w, shape=x.shape, **options)

    def filter_gradient(x: Any, g: Any) -> Any:
        return conv2d_filter_gradient(x, g, kernel=(3, 2), **options)

    for f, inputs in ((input_gradient, (g, w)), (filter_gradient, (x, g))):
        assert gradcheck(f, inputs, rng=1)
        assert gradgradcheck(f, inputs, rng=1)


def test_CNV_23_differences_of_a_bilinear_map_are_exact():
    x, w, v = random(2, 3, 5, 5), random(4, 3, 3, 3), random(4, 3, 3, 3, seed=1)
    u = random(2, 3, 5, 5, seed=1)
    g = random(2, 4, 3, 3)
    _, dx, dw = with_gradients(conv2d, x, w, g=g)
    for step, slope in (
        ((conv2d(x, w + v) - conv2d(x, w - v)) / 2, np.vdot(dw, v)),
        ((conv2d(x + u, w) - conv2d(x - u, w)) / 2, np.vdot(dx, u)),
    ):
        np.testing.assert_allclose(np.vdot(g, step), slope, rtol=1e-12)


def test_only_what_is_wanted_is_computed():
    w = mg.Tensor(F, requires_grad=True)
    x = mg.Tensor(X)
    conv2d(x, w).sum().backward()
    assert x.grad is None and w.grad.data[0, 0].tolist() == [[12, 16], [24, 28]]


def test_one_node_each():
    x, w = mg.Tensor(X, requires_grad=True), mg.Tensor(F)
    y = conv2d(x, w, stride=2)
    assert y.op.name == "conv2d" and y.inputs == (x, w) and y.params == {"stride": 2}
    assert y.op.formula == "O = X ∗ F + b"
    line = conv1d(x[:, :, 0], w[:, :, 0])
    assert line.op.name == "conv1d" and len(line.inputs) == 2


# --- Errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "x, w, options, named",
    [
        ((1, 1, 2, 2), (1, 1, 3, 3), {}, [r"\(2 x 2\)", r"\(3 x 3\)"]),
        ((1, 1, 4, 4), (1, 1, 3, 3), {"dilation": 2}, [r"\(4 x 4\)", r"\(5 x 5\)"]),
        ((2, 3, 8, 8), (4, 1, 3, 3), {}, ["3 channels", "take 1", r"\(4, 1, 3, 3\)", "groups=1"]),
        ((2, 3, 8, 8), (4, 1, 3, 3), {"groups": 2}, ["groups=2", "3 channels"]),
        ((2, 4, 8, 8), (3, 2, 3, 3), {"groups": 2}, ["groups=2", "3 filters"]),
        ((2, 4, 8, 8), (3, 2, 3, 3), {"groups": 0}, ["groups", "got 0"]),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"stride": 0}, ["stride", "got 0"]),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"stride": (1, 2, 3)}, ["stride", r"\(1, 2, 3\)"]),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"dilation": 0}, ["dilation", "got 0"]),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"padding": -1}, ["padding", "got -1"]),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"padding": "all"}, ["padding", "'all'", "'same'", "'valid'"]),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"padding": "same", "stride": 2}, ["'same'", "stride"]),
        ((1, 1, 4, 4), (1, 1, 0, 2), {}, [r"kernel \(0 x 2\)"]),
        ((4, 4), (1, 1, 2, 2), {}, [r"\(N, C, H, W\)", r"shape \(4, 4\)"]),
        ((1, 1, 4, 4), (1, 2, 2), {}, [r"\(O, C / groups", r"shape \(1, 2, 2\)"]),
    ],
)
def test_CNV_07_08_11_12_errors(x, w, options, named):
    with pytest.raises(ValueError, match=r"^conv2d: ") as caught:
        conv2d(np.zeros(x), np.zeros(w), **options)
    for name in named:
        assert caught.match(name)


def test_CNV_17_errors_of_kind_bias_and_neighbours():
    x, w = np.zeros((1, 1, 4, 4)), np.zeros((2, 1, 2, 2))
    with pytest.raises(TypeError, match=r"stride must be an int or 2 ints, got 1\.5"):
        conv2d(x, w, stride=1.5)
    with pytest.raises(ValueError, match=r"\(3,\), but there are 2 filters"):
        conv2d(x, w, np.zeros(3))
    with pytest.raises(ValueError, match=r"conv1d: kernel \(3\) larger than .* \(2\)"):
        conv1d(np.zeros((1, 1, 2)), np.zeros((1, 1, 3)))
    with pytest.raises(ValueError, match="output_padding must be smaller than the stride"):
        conv_transpose2d(x, np.zeros((1, 2, 2, 2)), output_padding=1)
    with pytest.raises(ValueError, match="the 1 channels of x"):
        conv_transpose2d(x, np.zeros((2, 1, 2, 2)))
    with pytest.raises(ValueError, match="groups=2 does not divide the 1 channels"):
        conv_transpose2d(x, np.zeros((1, 2, 2, 2)), groups=2)
    with pytest.raises(ValueError, match=r"size \(-1 x -1\): the padding \(3 x 3\) is too large"):
        conv_transpose2d(x, np.zeros((1, 2, 2, 2)), padding=3)
    with pytest.raises(ValueError, match=r"gradient .* \(1, 2, 4, 4\), the output \(1, 2, 3, 3\)"):
        conv2d_input_gradient(np.zeros((1, 2, 4, 4)), w, shape=x.shape)


def test_errors_on_tensors_name_the_op():
    with pytest.raises(ValueError, match="take 1") as caught:
        conv2d(mg.Tensor(np.zeros((2, 3, 8, 8))), np.zeros((4, 1, 3, 3)))
    assert "in conv2d" in caught.value.__notes__[0]
