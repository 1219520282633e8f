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


@pytest.mark.parametrize(("method", "order"), [("forward", 1), ("central", 2), ("4th", 4)])
def test_methods_are_orders_by_name(method, order):
    def f(x, w):
        return np.tanh(x @ w)

    by_order = numerical_jacobian(f, (X, W), order=order)
    np.testing.assert_array_equal(numerical_jacobian(f, (X, W), method=method), by_order)
    np.testing.assert_array_equal(
        numerical_jacobian(f, (X, W), method=method, order=order), by_order
    )
    np.testing.assert_array_equal(
        numerical_gradient(lambda x: np.sin(x).sum(), X, method=method),
        numerical_gradient(lambda x: np.sin(x).sum(), X, order=order),
    )


# --- The complex step -----------------------------------------------------------------------------

ANALYTIC = {
    "tanh": (lambda x, w: np.tanh(x @ w), (X, W)),
    "softmax": (mg.log_softmax, (X,)),
    "inverse": (lambda x: np.linalg.inv(x @ x.T + np.eye(3)), (X,)),
    "power": (lambda x: (x * x + 1) ** 1.5 / np.log(x * x + 2), (X,)),
    "relu": (mg.relu, (X,)),
    "where": (lambda x: np.where(x < 0, -x, x) * x, (X,)),
    "maximum": (lambda x: mg.maximum(x, 0.1 * x), (X,)),
}


@pytest.mark.parametrize("name", ANALYTIC)
def test_the_complex_step_is_exact(name):
    func, inputs = ANALYTIC[name]
    exact = mg.jacobian(func, inputs) if len(inputs) > 1 else [mg.jacobian(func, inputs[0])]
    for k, jacobian in enumerate(exact):
        found = numerical_jacobian(func, inputs, input=k, method="complex")
        np.testing.assert_allclose(found, jacobian.data, rtol=1e-13, atol=1e-15)


def test_the_complex_step_sees_the_smallest_and_the_largest_slopes():
    for scale in (1e-150, 1.0, 1e150):
        found = numerical_gradient(lambda x, s=scale: s * x**3, 2.0, method="complex")
        assert found == pytest.approx(12 * scale, rel=1e-15)


def test_complex_with_a_step_of_ones_own():
    found = numerical_gradient(np.exp, 1.0, method="complex", eps=0.1)
    assert found == pytest.approx(np.e * np.sin(0.1) / 0.1, rel=1e-14)


def test_complex_with_several_outputs_numbers_and_empty_inputs():
    first, second = numerical_jacobian(lambda x: (x.sum(), x[0]), X, method="complex")
    np.testing.assert_array_equal(first, np.ones((3, 4)))
    assert second.shape == (4, 3, 4)
    assert numerical_gradient(lambda x: x**2, 3, method="complex") == 6
    empty = numerical_gradient(lambda x: x.sum(), np.zeros((0, 3)), method="complex")
    assert empty.shape == (0, 3)
    constant = numerical_jacobian(lambda x: np.ones(2), X, method="complex")
    assert not constant.any()


def test_complex_outside_of_the_domain_is_nan():
    found = numerical_jacobian(np.log, np.array([-1.0, 2.0]), method="complex")
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [0, 0.5]


@pytest.mark.parametrize(
    "func",
    [
        np.abs,
        mg.sigmoid,
        np.var,
        np.linalg.norm,
        np.conj,
        np.sign,
        lambda x: x.real * x,
        lambda x: x * x + 1e-3 * np.abs(x),
        lambda x: np.concatenate([np.exp(x), np.abs(x)]),
    ],
)
def test_a_lost_imaginary_part_is_found(func):
    with pytest.raises(ValueError, match=r"imaginary part is lost .* use method=\"4th\""):
        numerical_jacobian(func, X, method="complex")


@pytest.mark.parametrize(
    "func",
    [
        np.floor,
        lambda x: x.exp(),
        lambda x: float(x[0, 0]) * x,
        lambda x: x.astype(np.float32) * 2,
        lambda x: x * mg.Tensor(X, requires_grad=True),
        mg.tensor,
    ],
)
def test_functions_that_refuse_complex_numbers(func):
    with pytest.raises(TypeError, match=r"(?s)does not go through complex .* plain complex"):
        numerical_jacobian(func, X, method="complex")


def test_kinks_and_cancellation_are_not_taken_for_a_loss():
    at_kink = np.array([1.0, 0.0, -1.0])
    assert numerical_jacobian(mg.relu, at_kink, method="complex").diagonal().tolist() == [1, 1, 0]
    found = numerical_jacobian(lambda x: (x + 1e8) - 1e8, X, method="complex")
    assert found.sum() == X.size


def test_errors_of_the_function_itself_come_through():
    def fails(x):
        raise KeyError("own")

    for method in ("4th", "complex"):
        with pytest.raises(KeyError, match="own"):
            numerical_jacobian(fails, X, method=method)


# --- Inputs and outputs ---------------------------------------------------------------------------


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
    numerical_jacobian(lambda t: t.__setitem__(slice(None), t * 2) or t, x, method="complex")
    assert x.data.tobytes() == bits


def test_what_is_refused():
    for order in (0, 3, None):
        with pytest.raises(ValueError, match="order must be 1, 2 or 4"):
            numerical_jacobian(np.sin, X, order=order)
    with pytest.raises(ValueError, match="method must be one of 'forward', 'central', '4th', 'com"):
        numerical_gradient(np.sin, 1.0, method="backward")
    for method in ("forward", "4th", "complex"):
        with pytest.raises(ValueError, match=f"order=2 and method='{method}' contradict"):
            numerical_jacobian(np.sin, X, order=2, method=method)
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
