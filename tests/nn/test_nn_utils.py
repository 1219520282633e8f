"""Clipping gradients, and parameters as one vector."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import utils


def parameters():
    """Gradients 3 and (4, 0), of norm 5; and a parameter without one."""
    a, b, c = nn.Parameter([1.0]), nn.Parameter([[2.0, 3.0]]), nn.Parameter([9.0])
    a.grad, b.grad = [3.0], [[4.0, 0.0]]
    return [a, b, c]


@pytest.mark.parametrize(("norm_type", "norm"), [(2.0, 5.0), (1, 7.0), (float("inf"), 4.0)])
def test_clipping_the_norm(norm_type, norm):
    params = parameters()
    total = utils.clip_grad_norm_(iter(params), 2.0, norm_type)
    assert total.item() == pytest.approx(norm)
    assert params[0].grad.item() == pytest.approx(3 * 2 / norm, rel=1e-6)
    assert params[1].grad.data == pytest.approx(np.array([[4, 0]]) * 2 / norm, rel=1e-6)
    assert params[2].grad is None


def test_OPT_42_clipping_as_in_pytorch():
    w = nn.Parameter([1.0, 1.0])
    w.grad = [3.0, 4.0]
    assert utils.clip_grad_norm_([w], 1.0).item() == 5
    assert w.grad.tolist() == pytest.approx([0.59999988, 0.79999984], abs=1e-9)
    w.grad = [3.0, np.inf]
    assert utils.clip_grad_norm_([w], 1.0).item() == np.inf
    np.testing.assert_array_equal(w.grad.data, [0, np.nan])
    assert utils.clip_grad_norm_([], 1.0).item() == 0


def test_a_small_norm_stays():
    params = parameters()
    assert utils.clip_grad_norm_(params, 6.0).item() == 5
    assert params[0].grad.item() == 3
    assert utils.clip_grad_norm_(params[2], 1.0).item() == 0
    assert utils.clip_grad_norm_(params[0], 1.5).item() == 3


def test_OPT_42_a_norm_that_is_not_finite():
    params = parameters()
    params[0].grad = [np.nan]
    with pytest.raises(RuntimeError, match="is nan; error_if_nonfinite"):
        utils.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)
    assert params[1].grad.tolist() == [[4.0, 0.0]]
    assert np.isnan(utils.clip_grad_norm_(params, 1.0).item())
    assert all(np.isnan(p.grad.data).all() for p in params if p.grad is not None)


def test_clipping_keeps_float32():
    w = nn.Parameter(np.ones(3, np.float32))
    (w * 10).sum().backward()
    utils.clip_grad_norm_([w], 1.0)
    assert w.grad.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(w.grad.data), 1, rtol=1e-5)


def test_clipping_values():
    params = parameters()
    utils.clip_grad_value_(params, 3.5)
    assert params[0].grad.tolist() == [3.0]
    assert params[1].grad.tolist() == [[3.5, 0.0]]


@pytest.mark.parametrize(("call", "match"), [
    (lambda: utils.clip_grad_norm_([], -1), "clip_grad_norm_: max_norm is -1"),
    (lambda: utils.clip_grad_norm_([], 1, 0), "clip_grad_norm_: norm_type is 0"),
    (lambda: utils.clip_grad_value_([], -0.5), "clip_grad_value_: clip_value is -0.5"),
])  # fmt: skip
def test_bounds_that_make_no_sense(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def test_parameters_as_a_vector_and_back():
    layer = nn.Linear(3, 2)
    vector = utils.parameters_to_vector(layer.parameters())
    np.testing.assert_array_equal(vector.data, [*layer.weight.data.ravel(), *layer.bias.data])
    (vector * vector).sum().backward()
    np.testing.assert_allclose(layer.bias.grad.data, 2 * layer.bias.data)
    array = layer.weight.data
    utils.vector_to_parameters(mg.arange(8.0), layer.parameters())
    assert layer.weight.data is array
    assert layer.weight.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert layer.bias.tolist() == [6, 7]


@pytest.mark.parametrize("n", [7, 9])
def test_a_vector_of_another_length_changes_nothing(n):
    layer = nn.Linear(3, 2)
    before = layer.state_dict()
    with pytest.raises(ValueError, match=rf"vec has shape \({n},\).*8 entries"):
        utils.vector_to_parameters(mg.zeros(n), layer.parameters())
    np.testing.assert_array_equal(layer.weight.data, before["weight"])
