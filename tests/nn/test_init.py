"""How parameters start."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn
from minigrad.nn import init


def filled(name, *args, shape=(200, 300), **kwargs):
    tensor = nn.Parameter(np.zeros(shape, np.float32))
    assert getattr(init, name)(tensor, *args, **kwargs) is tensor
    assert tensor.dtype == np.float32
    return tensor.data


FAN_IN, FAN_OUT = 300, 200


@pytest.mark.parametrize(("name", "args", "bound"), [
    ("uniform_", (), None),
    ("xavier_uniform_", (), math.sqrt(6 / (FAN_IN + FAN_OUT))),
    ("xavier_uniform_", (2.0,), 2 * math.sqrt(6 / (FAN_IN + FAN_OUT))),
    ("kaiming_uniform_", (), math.sqrt(6 / FAN_IN)),
    ("kaiming_uniform_", (math.sqrt(5),), 1 / math.sqrt(FAN_IN)),
    ("kaiming_uniform_", (0, "fan_out", "linear"), math.sqrt(3 / FAN_OUT)),
])  # fmt: skip
def test_uniform(name, args, bound):
    values = filled(name, *args, rng=0)
    low, high = (0, 1) if bound is None else (-bound, bound)
    assert low <= values.min() < low + 0.01 * (high - low)
    assert high - 0.01 * (high - low) < values.max() <= high
    assert values.mean() == pytest.approx((low + high) / 2, abs=0.01 * (high - low))
    assert values.std() == pytest.approx((high - low) / math.sqrt(12), rel=0.01)


@pytest.mark.parametrize(("name", "args", "mean", "std"), [
    ("normal_", (), 0, 1),
    ("normal_", (3.0, 0.5), 3, 0.5),
    ("xavier_normal_", (3.0,), 0, 3 * math.sqrt(2 / (FAN_IN + FAN_OUT))),
    ("kaiming_normal_", (), 0, math.sqrt(2 / FAN_IN)),
    ("kaiming_normal_", (0, "fan_out", "tanh"), 0, 5 / 3 / math.sqrt(FAN_OUT)),
])  # fmt: skip
def test_normal(name, args, mean, std):
    values = filled(name, *args, rng=0)
    assert values.mean() == pytest.approx(mean, abs=0.02 * std)
    assert values.std() == pytest.approx(std, rel=0.01)
    assert np.mean(np.abs(values - mean) < std) == pytest.approx(0.6827, abs=0.01)


def test_fans_of_filters_count_the_window():
    values = filled("kaiming_uniform_", 0, "fan_in", "linear", shape=(64, 8, 3, 5), rng=0)
    assert values.max() == pytest.approx(math.sqrt(3 / (8 * 15)), rel=0.01)


def test_constants():
    assert (filled("zeros_") == 0).all()
    assert (filled("ones_") == 1).all()
    assert (filled("constant_", 0.3) == np.float32(0.3)).all()
    np.testing.assert_array_equal(filled("eye_", shape=(2, 3)), np.eye(2, 3))


@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3), (4, 2, 3, 3)])
def test_orthogonal(shape):
    tensor = nn.Parameter(np.zeros(shape))
    init.orthogonal_(tensor, gain=2.0, rng=0)
    matrix = tensor.data.reshape(shape[0], -1)
    product = matrix @ matrix.T if len(matrix) <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-14)


def test_orthogonal_matrices_are_drawn_evenly():
    """With QR alone the diagonal would always be positive, or always negative."""
    rng = np.random.default_rng(0)
    corners = [init.orthogonal_(Tensor(np.zeros((2, 2))), rng=rng).data[0, 0] for _ in range(400)]
    assert np.mean(np.array(corners) > 0) == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize(("name", "gain"), [
    ("linear", 1), ("conv2d", 1), ("sigmoid", 1), ("tanh", 5 / 3), ("relu", math.sqrt(2)),
    ("leaky_relu", math.sqrt(2 / 1.0001)), ("selu", 0.75),
])  # fmt: skip
def test_gains(name, gain):
    assert init.calculate_gain(name) == pytest.approx(gain)
    assert init.calculate_gain("leaky_relu", 0.5) == pytest.approx(math.sqrt(2 / 1.25))


def test_chance_comes_from_rng_or_manual_seed():
    a = filled("normal_", rng=3)
    np.testing.assert_array_equal(a, filled("normal_", rng=np.random.default_rng(3)))
    mg.manual_seed(3)
    np.testing.assert_array_equal(a, filled("normal_"))
    assert not (filled("normal_") == a).any()


@pytest.mark.parametrize(("call", "error", "match"), [
    (lambda: init.zeros_(np.zeros(3)), TypeError, "zeros_: wanted a tensor, got ndarray"),
    (lambda: init.ones_(Tensor([1.0], requires_grad=True) * 2), RuntimeError, "only a leaf"),
    (lambda: init.xavier_normal_(Tensor([1.0])), ValueError, r"xavier_normal_.*shape \(1,\)"),
    (lambda: init.normal_(Tensor([1.0]), std=-1), ValueError, "normal_: std is -1"),
    (lambda: init.uniform_(Tensor([1.0]), 1, -1), ValueError, "uniform_: a is 1, b is -1"),
    (lambda: init.eye_(Tensor([1.0])), ValueError, r"eye_: wanted a matrix, got shape \(1,\)"),
    (lambda: init.orthogonal_(Tensor([1.0])), ValueError, "at least 2 axes"),
    (lambda: init.kaiming_normal_(Tensor([[1.0]]), mode="in"), ValueError, "'fan_in' or 'fan_out'"),
    (lambda: init.calculate_gain("gulu"), ValueError, "'gulu', wanted one of 'linear'"),
])  # fmt: skip
def test_errors(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_filling_makes_recorded_graphs_out_of_date():
    w = nn.Parameter([2.0])
    y = w * w
    init.ones_(w)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward(np.ones(1))
