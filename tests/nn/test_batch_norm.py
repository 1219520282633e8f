"""BatchNorm and LayerNorm: running statistics, the lecture's form, and hard cases."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn
from minigrad.nn import functional as F


def norm(n=1, **options):
    return nn.BatchNorm1d(n, dtype=np.float64, **options)


def column(*values, **options):
    return Tensor(np.array(values, float)[:, None], **options)


def test_NRM_01_and_02_training_then_eval():
    layer = norm()
    y = layer(column(1, 2, 3, 4))
    expected = [-1.341635419968927, -0.447211806656309, 0.447211806656309, 1.341635419968927]
    np.testing.assert_allclose(y.data[:, 0], expected, rtol=1e-14)
    assert layer.running_mean.item() == pytest.approx(0.25, rel=1e-15)
    assert layer.running_var.item() == pytest.approx(1.0666666666666667, rel=1e-15)
    assert layer.num_batches_tracked.item() == 1
    assert layer.eval()(column(1)).item() == pytest.approx(0.7261809734485556, rel=1e-14)


@pytest.mark.parametrize("shape", [(1, 2), (1, 2, 1)])
def test_NRM_03_one_value_per_channel_has_no_spread(shape):
    layer = norm(2)
    with pytest.raises(ValueError, match="more than 1 value"):
        layer(np.ones(shape))
    assert layer.num_batches_tracked.item() == 0
    assert nn.BatchNorm2d(1)(np.ones((1, 1, 2, 2), np.float32)).shape == (1, 1, 2, 2)
    assert layer.eval()(np.ones(shape)).shape == shape


def test_NRM_04_momentum_none_is_the_mean_over_all_batches():
    layer = norm(momentum=None)
    layer(column(1, 3))
    layer(column(5, 7))
    assert (layer.running_mean.item(), layer.running_var.item()) == (4, 2)


def test_NRM_05_and_06_and_07_the_lectures_form():
    y = norm(eps_mode="std")(column(1, 2, 3, 4))
    expected = [-1.341628786607204, -0.44720959553573464, 0.44720959553573464, 1.341628786607204]
    np.testing.assert_allclose(y.data[:, 0], expected, rtol=1e-12)
    for layer, expected in (
        (norm(), [0.4581645834, -0.6872400027, 0.2290754193]),
        (norm(eps_mode="std"), [0.4581633534, -0.6872364589, 0.2290731054]),
    ):
        layer.weight.data[...] = 2
        x = column(1, 2, 4, requires_grad=True)
        layer(x).backward(np.array([[1.0], [0], [0]]))
        np.testing.assert_allclose(x.grad.data[:, 0], expected, rtol=1e-9)


@pytest.mark.parametrize(("mode", "expected"), [
    ("var", [210.8185, -105.4093, -105.4093]),
    ("std", [66666.667, -33333.333, -33333.333]),
])  # fmt: skip
def test_NRM_05_a_constant_channel(mode, expected):
    layer = norm(eps_mode=mode)
    x = column(1, 1, 1, requires_grad=True)
    y = layer(x)
    y.backward(np.array([[1.0], [0], [0]]))
    assert (y.data == 0).all()
    np.testing.assert_allclose(x.grad.data[:, 0], expected, rtol=1e-6)


@pytest.mark.parametrize("values", [[1e8] * 4, [0.1] * 7])
def test_NRM_08_a_constant_in_float32_comes_out_as_0(values):
    x = np.array(values, np.float32)[:, None]
    assert (nn.BatchNorm1d(1)(x).data == 0).all()


def test_NRM_09_a_small_spread_about_a_large_mean_in_float32():
    y = nn.BatchNorm1d(1)(np.array([[1e4], [10001], [10002]], np.float32))
    np.testing.assert_allclose(y.data[:, 0], [-1.2247357, 0, 1.2247357], atol=1e-6)
    assert y.dtype == np.float32


@pytest.mark.parametrize("options", [{}, {"affine": False}])
@pytest.mark.parametrize("training", [True, False])
def test_NRM_10_another_number_of_channels(options, training):
    layer = norm(2, **options).train(training)
    with pytest.raises(ValueError, match=r"\(2,\).*4 channels"):
        layer(np.ones((3, 4)))
    assert layer.num_batches_tracked.item() == 0
    assert layer.running_mean.tolist() == [0, 0]


@pytest.mark.parametrize(("layer", "shape", "match"), [
    (nn.BatchNorm1d(2), (2, 2, 1, 1), "expected 2D.*or 3D.*got 4D"),
    (nn.BatchNorm2d(2), (2, 2), "expected 4D input.*got 2D"),
])  # fmt: skip
def test_NRM_10_another_number_of_axes(layer, shape, match):
    with pytest.raises(ValueError, match=match):
        layer(np.ones(shape))


def test_NRM_11_in_eval_samples_do_not_touch_each_other():
    x = column(3, 5, requires_grad=True)
    norm().eval()(x).backward(np.array([[1.0], [0]]))
    np.testing.assert_allclose(x.grad.data[:, 0], [0.99999500003749, 0], rtol=1e-13)


def test_NRM_12_without_running_statistics_the_batch_counts_in_eval_too():
    layer = norm(track_running_stats=False).eval()
    assert layer.running_mean is layer.num_batches_tracked is None
    np.testing.assert_allclose(layer(column(1, 3)).data[:, 0], [-1, 1], rtol=1e-5)


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 2, 2)])
def test_NRM_12_an_empty_batch(shape):
    layer = nn.BatchNorm1d(3) if len(shape) == 2 else nn.BatchNorm2d(3)
    assert layer(np.ones(shape, np.float32)).shape == shape
    assert layer.running_mean.tolist() == [0, 0, 0]
    assert layer.running_var.tolist() == [1, 1, 1]


def test_NRM_13_running_statistics_move_without_a_graph_too():
    layer = norm()
    with mg.no_grad():
        layer(column(1, 2, 3, 4))
    assert layer.running_mean.item() == 0.25


def test_NRM_14_layer_norm():
    layer = nn.LayerNorm(4, dtype=np.float64)
    expected = [-1.3416354, -0.4472118, 0.4472118, 1.3416354]
    np.testing.assert_allclose(layer(np.array([1.0, 2, 3, 4])).data, expected, atol=1e-7)


def test_NRM_17_running_statistics_are_state_and_not_learned():
    layer = norm()
    layer(column(1, 2, 3, 4))
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    assert [name for name, _ in layer.named_buffers()] == [
        "running_mean", "running_var", "num_batches_tracked"]  # fmt: skip
    other = copy.deepcopy(layer)
    loaded = norm()
    loaded.load_state_dict(layer.state_dict())
    layer(column(5, 6))
    for copied in (other, loaded):
        assert copied.running_mean.item() == 0.25
        assert copied.num_batches_tracked.item() == 1


def test_training_after_eval_leaves_a_recorded_graph_as_it_was():
    layer = norm()
    layer(column(1, 2, 3, 4))
    x = column(3, 5, requires_grad=True)
    wrt, g = [x, *layer.parameters()], np.ones((2, 1))
    expected = mg.grad(layer.eval()(x), wrt, g)
    y = layer(x)
    layer.train()(column(10, 20))
    for create_graph in (False, True):
        for found, wanted in zip(mg.grad(y, wrt, g, create_graph=create_graph), expected):
            np.testing.assert_allclose(found.data, wanted.data, rtol=1e-14)


def test_reset():
    layer = norm()
    layer(column(1, 2, 3, 4))
    layer.weight.data[...] = 7
    layer.reset_parameters()
    assert (layer.weight.item(), layer.running_mean.item(), layer.running_var.item()) == (1, 0, 1)
    assert layer.num_batches_tracked.item() == 0


def test_the_function_moves_the_arrays_it_is_given():
    mean, var = np.zeros(2), np.ones(2)
    x = np.array([[1.0, 2], [3, 8]])
    F.batch_norm(x, mean, var, training=True, momentum=0.5)
    np.testing.assert_allclose(mean, [1, 2.5])
    np.testing.assert_allclose(var, [1.5, 9.5])
    before = mean.copy(), var.copy()
    F.batch_norm(x, mean, var)
    np.testing.assert_array_equal((mean, var), before)
    assert F.batch_norm(x, None, None, training=True).shape == (2, 2)
    with pytest.raises(ValueError, match="running_mean and running_var are needed"):
        F.batch_norm(x, None, None)


def test_a_bias_without_a_weight():
    x = np.array([[1.0, 2], [3, 8]])
    shifted = F.batch_norm(x, None, None, bias=Tensor([1.0, 2.0]), training=True)
    plain = F.batch_norm(x, None, None, training=True)
    np.testing.assert_allclose(shifted.data, plain + np.array([1, 2]))
    shifted = F.layer_norm(x, (2,), bias=Tensor([1.0, 2.0]))
    np.testing.assert_allclose(shifted.data, F.layer_norm(x, (2,)) + np.array([1, 2]))


@pytest.mark.parametrize("shape", [3, (3,), (2, 3), (1, 4, 2)])
def test_layer_norm_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"\(4, 2\).*normalized_shape"):
        F.layer_norm(np.ones((4, 2)), shape)


def test_an_unknown_mode():
    with pytest.raises(ValueError, match="BatchNorm2d: eps_mode is 'sd', wanted one of 'var'"):
        nn.BatchNorm2d(2, eps_mode="sd")
