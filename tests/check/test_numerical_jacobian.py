"""numerical_jacobian and numerical_gradient: orders, shapes, and what they refuse."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.check import numerical_gradient, numerical_jacobian

RNG = np.random.default_rng(3)
X, W = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))


@pytest.mark.parametrize(("order", "error"), [(1, 1e-6), (2, 1e-9), (4, 1e-11)])
def test_all_orders_agree_with_the_jacobian(order, error):
    def f(x, w):
        return np.tanh(x @ w)

    exact = mg.jacobian(f, (X, W))
    for k in (0, 1, -1):
        found = numerical_jacobian(f, (X, W), input=k, order=order)
        assert found.shape == exact[k].shape
        np.testing.assert_allclose(found, exact[k].data, atol=error)


@pytest.mark.parametrize(("order", "power"), [(1, 1), (2, 2), (4, 4)])
def test_the_error_falls_with_the_power_of_the_step(order, power):
    errors = [
        abs(numerical_gradient(np.sin, 1.0, eps=eps, order=order) - np.cos(1.0))
        for eps in (0.2, 0.1)
    ]
    assert errors[0] / errors[1] == pytest.approx(2**power, rel=0.1)


def test_several_outputs_are_a_tuple():
    first, second = numerical_jacobian(lambda x: (x.sum(), x[0]), X)
    np.testing.assert_allclose(first, np.ones((3, 4)), rtol=1e-10)
    assert second.shape == (4, 3, 4)


def test_plain_functions_numbers_and_whole_numbers():
    assert numerical_gradient(lambda x: float(x) ** 2, 3.0) == pytest.approx(6)
    assert numerical_gradient(lambda x: x**2, 3) == pytest.approx(6)
    found = numerical_gradient(lambda x, n: (x**n).sum(), (X.astype(np.float32), 2))
    np.testing.assert_allclose(found, 2 * X.astype(np.float32), rtol=1e-9)
    assert numerical_gradient(lambda x: x.sum(), np.zeros((0, 3))).shape == (0, 3)


def test_inputs_are_not_changed():
    x, bits = mg.Tensor(X, requires_grad=True), X.tobytes()
    numerical_jacobian(lambda t: t.data.__setitem__(0, 0) or t * 2, x)
    assert x.data.tobytes() == bits


def test_what_is_refused():
    for order in (0, 3, None):
        with pytest.raises(ValueError, match="order must be 1, 2 or 4"):
            numerical_jacobian(np.sin, X, order=order)
    with pytest.raises(ValueError, match="eps must be positive"):
        numerical_jacobian(np.sin, X, eps=0.0)
    with pytest.raises(IndexError, match="input=1, but there are 1 inputs"):
        numerical_jacobian(np.sin, X, input=1)
    with pytest.raises(TypeError, match="input 1 is a str"):
        numerical_jacobian(np.sin, (X, "x"), input=1)
    with pytest.raises(ValueError, match="must return a single number"):
        numerical_gradient(np.sin, X)
    with pytest.raises(RuntimeError, match="overlapping"):
        numerical_gradient(np.sum, np.broadcast_to(X[0], (3, 4)))
