"""GroupNorm: what is normalised together, in any order in memory; values are recorded."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn
from minigrad.nn import functional as F

X = np.random.default_rng(0).normal(size=(3, 6, 4, 5))


def in_memory_order(x):
    """As images lie in memory: H, C, W, N."""
    return np.ascontiguousarray(x.transpose(2, 1, 3, 0)).transpose(3, 1, 0, 2)


LAYOUTS = {
    "N C H W": np.ascontiguousarray,
    "H C W N": in_memory_order,
    "N H W C": lambda x: np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2),
    "H W N C": lambda x: np.ascontiguousarray(x.transpose(2, 3, 0, 1)).transpose(2, 3, 0, 1),
    "backwards": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
    "with gaps": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
}


def by_hand(x, groups, eps=1e-5):
    rows = x.reshape(len(x), groups, -1)
    centred = rows - rows.mean(2, keepdims=True)
    return (centred / np.sqrt(rows.var(2, keepdims=True) + eps)).reshape(x.shape)


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_group_of_each_sample_has_mean_0_and_variance_1(groups, layout):
    x = Tensor(X, requires_grad=True)
    w, b = (Tensor(np.random.default_rng(i).normal(size=6), requires_grad=True) for i in (1, 2))
    g = np.random.default_rng(3).normal(size=X.shape)
    y = F.group_norm(x, groups, w, b)
    wanted = by_hand(X, groups) * w.data[:, None, None] + b.data[:, None, None]
    np.testing.assert_allclose(y.data, wanted, rtol=1e-12, atol=1e-13)
    grads = [v.data for v in mg.grad(y, [x, w, b], g)]
    other = mg.from_numpy(LAYOUTS[layout](X)).requires_grad_()
    z = F.group_norm(other, groups, w, b)
    np.testing.assert_allclose(z.data, wanted, rtol=1e-12, atol=1e-13)
    for mine, theirs in zip(mg.grad(z, [other, w, b], LAYOUTS[layout](g)), grads):
        np.testing.assert_allclose(mine.data, theirs, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("order", [np.ascontiguousarray, in_memory_order])
@pytest.mark.parametrize("n", [1, 3])
def test_the_order_in_memory_stays(order, n):
    x = mg.from_numpy(order(X[:n])).requires_grad_()
    y = nn.GroupNorm(3, 6, dtype=np.float64)(x)
    (dx,) = mg.grad(y, [x], np.ones(y.shape))
    axes = slice(n == 1, None)  # an axis of length 1 may have any stride
    assert y.data.strides[axes] == dx.data.strides[axes] == x.data.strides[axes]


@pytest.mark.parametrize(
    ("groups", "shape", "axes"), [(1, (6, 4, 5), (1, 2, 3)), (6, (4, 5), (2, 3))]
)
def test_one_group_is_layer_norm_and_single_channels_are_instance_norm(groups, shape, axes):
    y = F.group_norm(X, groups)
    np.testing.assert_allclose(y, F.layer_norm(X, shape), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(y.mean(axes), 0, atol=1e-15)


def test_training_and_eval_are_the_same_and_samples_do_not_touch_each_other():
    layer = nn.GroupNorm(2, 6, dtype=np.float64)
    y = layer(X).data
    np.testing.assert_array_equal(layer.eval()(X).data, y)
    np.testing.assert_allclose(layer(X[1:2]).data, y[1:2], rtol=1e-13)
    assert list(layer.buffers()) == []


def test_a_constant_in_float32_comes_out_as_0():
    x = np.full((2, 4, 7), 0.1, np.float32)
    assert (nn.GroupNorm(2, 4)(x).data == 0).all()
    x[1] = 1e8
    assert (nn.GroupNorm(2, 4)(in_memory_order(x[..., None])).data == 0).all()


def test_a_small_spread_about_a_large_mean_in_float32():
    x = np.array([[1e4, 10001, 10002]], np.float32)
    y = nn.GroupNorm(1, 3)(x)
    np.testing.assert_allclose(y.data[0], [-1.2247357, 0, 1.2247357], atol=1e-6)
    assert y.dtype == np.float32


@pytest.mark.parametrize("shape", [(0, 4), (0, 4, 2, 3), (2, 4, 0)])
def test_empty(shape):
    x = Tensor(np.ones(shape), requires_grad=True)
    y = nn.GroupNorm(2, 4, dtype=np.float64)(x)
    y.backward(np.ones(shape))
    assert y.shape == x.grad.shape == shape


def test_parameters_and_repr():
    layer = nn.GroupNorm(2, 6)
    assert [(k, p.shape) for k, p in layer.named_parameters()] == [("weight", (6,)), ("bias", (6,))]
    assert (layer.weight.data == 1).all() and (layer.bias.data == 0).all()
    layer.weight.data[...] = layer.bias.data[...] = 3
    layer.reset_parameters()
    assert (layer.weight.data == 1).all() and (layer.bias.data == 0).all()
    assert nn.GroupNorm(2, 6, bias=False).bias is None
    assert list(nn.GroupNorm(2, 6, affine=False).parameters()) == []
    assert repr(layer) == "GroupNorm(2, 6, eps=1e-05, affine=True, bias=True)"


@pytest.mark.parametrize("order", [np.ascontiguousarray, in_memory_order])
def test_first_and_second_derivatives(order):
    x = order(X[:2, :4, :2, :2])
    w, b = np.random.default_rng(1).normal(size=(2, 4))
    assert mg.gradcheck(lambda *a: F.group_norm(a[0], 2, *a[1:], 1e-2), (x, w, b), rng=1)
    assert mg.gradgradcheck(lambda *a: F.group_norm(a[0], 2, *a[1:], 1e-2), (x, w, b), rng=1)
