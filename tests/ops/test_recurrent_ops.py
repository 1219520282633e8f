"""A recurrent layer as one op against its definition, the composed step unrolled."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor
from minigrad.ops.recurrent import gru, lstm, rnn

T, N, H, P = 4, 2, 3, 2
CASES = {
    "rnn": (rnn, [(T, N, H), (N, H), (H, H)], {}),
    "rnn relu": (rnn, [(T, N, H), (N, H), (H, H)], {"nonlinearity": "relu"}),
    "rnn, one step": (rnn, [(1, N, H), (N, H), (H, H)], {}),
    "lstm": (lstm, [(T, N, 4 * H), (N, H), (N, H), (4 * H, H)], {}),
    "lstm projected": (lstm, [(T, N, 4 * H), (N, P), (N, H), (4 * H, P), (P, H)], {}),
    "lstm, one step": (lstm, [(1, 1, 4), (1, 1), (1, 1), (4, 1)], {}),
    "gru": (gru, [(T, N, 3 * H), (N, H), (3 * H, H)], {}),
    "gru biased": (gru, [(T, N, 3 * H), (N, H), (3 * H, H), (3 * H,)], {}),
    "gru, one step": (gru, [(1, 1, 3), (1, 1), (3, 1), (3,)], {}),
}
by_case = pytest.mark.parametrize("name", CASES)


def given(name, dtype=np.float64):
    """The op with its parameters as a function of its inputs, its definition, and inputs."""
    op, shapes, params = CASES[name]
    rng = np.random.default_rng(len(name))
    inputs = [Tensor(rng.normal(size=s).astype(dtype), requires_grad=True) for s in shapes]
    return lambda *xs: op(*xs, **params), lambda *xs: op.op.definition(*xs, **params), inputs


def cotangent(y):
    return np.random.default_rng(7).normal(size=y.shape).astype(y.dtype)


@by_case
def test_values_and_gradients_are_those_of_the_definition(name):
    op, definition, inputs = given(name)
    y, z = op(*inputs), definition(*inputs)
    np.testing.assert_allclose(y.data, z.data, rtol=1e-13)
    u = cotangent(y)
    for a, b in zip(mg.grad(y, inputs, u), mg.grad(z, inputs, u)):
        np.testing.assert_allclose(a.data, b.data, rtol=1e-11, atol=1e-14)


@by_case
def test_finite_differences_of_first_and_second_order(name):
    op, _, inputs = given(name)
    assert mg.gradcheck(op, tuple(inputs), rng=1)
    assert mg.gradgradcheck(op, tuple(inputs), rng=1)


@by_case
def test_each_input_by_itself_gets_the_same_gradient(name):
    op, _, inputs = given(name)
    y = op(*inputs)
    u = cotangent(y)
    for i, wanted in enumerate(mg.grad(y, inputs, u)):
        alone = [x if i == k else x.detach() for k, x in enumerate(inputs)]
        (found,) = mg.grad(op(*alone), [alone[i]], u)
        np.testing.assert_array_equal(found.data, wanted.data)


@by_case
def test_a_second_backward_adds_the_same_and_nothing_given_is_changed(name):
    op, _, inputs = given(name)
    before = [x.data.copy() for x in inputs]
    y = op(*inputs)
    value, u = y.data.copy(), cotangent(y)
    u.flags.writeable = False
    y.backward(u)
    once = [x.grad.data.copy() for x in inputs]
    y.backward(u)
    for x, data, g in zip(inputs, before, once):
        np.testing.assert_array_equal(x.data, data)
        np.testing.assert_array_equal(x.grad.data, 2 * g)
    np.testing.assert_array_equal(y.data, value)


@by_case
def test_float32_stays_float32(name):
    op, _, inputs = given(name, np.float32)
    y = op(*inputs)
    y.backward(cotangent(y))
    assert {t.dtype for t in (y, *(x.grad for x in inputs))} == {np.dtype(np.float32)}
    double = op(*(Tensor(x.data, dtype=np.float64) for x in inputs))
    np.testing.assert_allclose(y.data, double.data, rtol=1e-5, atol=1e-6)


@by_case
def test_on_plain_arrays_it_is_plain_numpy(name):
    op, _, inputs = given(name)
    y = op(*(x.data for x in inputs))
    assert type(y) is np.ndarray
    np.testing.assert_array_equal(y, op(*inputs).data)


@by_case
@pytest.mark.parametrize("size", [50.0, 1e4])
def test_saturated_gates_do_not_overflow(name, size):
    op, definition, inputs = given(name)
    with np.errstate(all="raise", under="ignore"):
        big = [inputs[0] * size, *inputs[1:]]
        y, z = op(*big), definition(*big)
        np.testing.assert_allclose(y.data, z.data, rtol=1e-12)
        u = cotangent(y)
        for a, b in zip(mg.grad(y, inputs, u), mg.grad(z, inputs, u)):
            np.testing.assert_allclose(a.data, b.data, rtol=1e-9, atol=1e-11)
