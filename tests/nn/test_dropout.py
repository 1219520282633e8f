"""Dropout."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn
from minigrad.nn import functional as F

X = np.ones((100, 200), np.float32)


def test_NRM_15_nothing_or_everything():
    x = Tensor(X, requires_grad=True)
    assert F.dropout(x, 0.0) is x
    assert F.dropout(x, 0.7, training=False) is x
    assert nn.Dropout(0.7).eval()(x) is x
    assert (F.dropout(x, 1.0).data == 0).all()


@pytest.mark.parametrize("p", [1.5, -0.1, float("nan")])
def test_NRM_15_no_probability(p):
    with pytest.raises(ValueError, match=f"Dropout: p is {p}"):
        nn.Dropout(p)
    with pytest.raises(ValueError, match=f"dropout: p is {p}"):
        F.dropout(X, p)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_rest_makes_up_for_what_is_dropped(p):
    y = F.dropout(X, p, rng=0)
    assert np.mean(y == 0) == pytest.approx(p, abs=0.01)
    assert set(np.unique(y)) == {0, np.float32(1 / (1 - p))}
    assert y.dtype == np.float32
    assert y.mean() == pytest.approx(1, abs=0.02)


def test_NRM_16_backward_uses_the_same_mask():
    x = Tensor(np.arange(1.0, 1001.0), requires_grad=True)
    y = F.dropout(x, 0.4, rng=0)
    g = np.random.default_rng(1).normal(size=1000)
    y.backward(g)
    np.testing.assert_allclose(x.grad.data, g * y.data / x.data)


def test_NRM_16_chance_comes_from_rng_or_manual_seed():
    a = F.dropout(X, 0.5, rng=3)
    np.testing.assert_array_equal(a, F.dropout(X, 0.5, rng=np.random.default_rng(3)))
    mg.manual_seed(3)
    np.testing.assert_array_equal(a, F.dropout(X))
    layer = nn.Dropout(rng=3)
    np.testing.assert_array_equal(a, layer(X))
    assert (layer(X) != a).any()


def test_a_copy_of_a_layer_goes_on_alike():
    layer = nn.Dropout(rng=3)
    layer(X)
    np.testing.assert_array_equal(copy.deepcopy(layer)(X), layer(X))


def test_second_derivatives_pass():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = F.dropout(x * x, 0.5, rng=0)
    (dx,) = mg.grad(y, [x], np.ones(3), create_graph=True)
    (ddx,) = mg.grad(dx, [x], np.ones(3))
    np.testing.assert_allclose(ddx.data, 2 * y.data / x.data**2)


# --- Whole channels -------------------------------------------------------------------------

IMAGES = np.ones((30, 50, 3, 4), np.float32)


@pytest.mark.parametrize("p", [0.2, 0.7])
def test_dropout2d_takes_whole_channels(p):
    y = F.dropout2d(IMAGES, p, rng=0)
    kept = y[:, :, 0, 0]
    np.testing.assert_array_equal(y, np.broadcast_to(kept[:, :, None, None], y.shape))
    assert set(np.unique(kept)) == {0, np.float32(1 / (1 - p))}
    assert np.mean(kept == 0) == pytest.approx(p, abs=0.03)
    assert len(np.unique(kept == 0, axis=0)) == 30  # each image by itself
    assert y.dtype == np.float32


def test_dropout2d_of_sequences_warns_as_pytorch_does():
    with pytest.warns(UserWarning, match=r"\(30, 50, 12\) is taken for \(N, C, L\)"):
        y = F.dropout2d(IMAGES.reshape(30, 50, 12), 0.5, rng=3)
    np.testing.assert_array_equal(y.reshape(IMAGES.shape), F.dropout2d(IMAGES, 0.5, rng=3))


def test_dropout2d_nothing_or_everything():
    x = Tensor(IMAGES, requires_grad=True)
    assert F.dropout2d(x, 0.0) is x
    assert F.dropout2d(x, 0.7, training=False) is x
    assert nn.Dropout2d(0.7).eval()(x) is x
    assert (F.dropout2d(x, 1.0).data == 0).all()


def test_dropout2d_backward_uses_the_same_mask():
    x = Tensor(IMAGES.astype(float), requires_grad=True)
    layer = nn.Dropout2d(0.4, rng=0)
    y = layer(x)
    g = np.random.default_rng(1).normal(size=x.shape)
    y.backward(g)
    np.testing.assert_allclose(x.grad.data, g * y.data)
    assert (layer(x).data != y.data).any()
    assert repr(layer) == "Dropout2d(p=0.4)"


def test_dropout2d_keeps_the_order_in_memory():
    x = np.ascontiguousarray(IMAGES.transpose(2, 1, 3, 0)).transpose(3, 1, 0, 2)
    assert F.dropout2d(x, 0.5, rng=0).strides == x.strides


# --- Drawn in the order of memory ------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 1, 3, 0), (3, 2, 1, 0)], ids=str)
@pytest.mark.parametrize("function", [F.dropout, F.dropout2d])
def test_any_order_in_memory(function, order):
    """Every entry is drawn, whatever the order, and with one seed the same line of entries."""
    axes = np.argsort(order)
    x = np.ones([(20, 6, 3, 5)[i] for i in order]).transpose(axes)
    y = function(x, 0.25, rng=5)
    assert set(np.unique(y)) == {0, 4 / 3}
    assert np.mean(y == 0) == pytest.approx(0.25, abs=0.1)
    drawn = y if function is F.dropout else y[:, :, :1, :1]
    line = np.random.default_rng(5).integers(1 << 16, size=drawn.size, dtype=np.uint16) >= 1 << 14
    np.testing.assert_array_equal(drawn.transpose(order).ravel() != 0, line)


def test_p_counts_to_the_nearest_65536th():
    assert (F.dropout(X, 2.0**-18, rng=0) != 0).all()
    shares = [np.mean(F.dropout(np.ones(10**6), p, rng=0) == 0) for p in (0.001, 0.999)]
    assert shares == pytest.approx([0.001, 0.999], abs=2e-4)
