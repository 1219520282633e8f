"""Hard cases of the engine that other files do not hold: results that are changed afterwards."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg


@pytest.mark.parametrize(
    "f", [mg.exp, mg.tanh, mg.sqrt, mg.sigmoid, mg.relu, mg.square], ids=lambda f: f.__name__
)
def test_ENG_14_a_gradient_is_not_the_saved_output(f):
    x = mg.Tensor([0.5, 1.0, 2.0], requires_grad=True)
    y = f(x)
    before = y.data.copy()
    y.sum().backward()
    first = x.grad.data.copy()
    x.grad.data[...] = 0
    np.testing.assert_array_equal(y.data, before)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, first)


def test_ENG_18_a_result_that_a_rule_needs_was_changed():
    x = mg.Tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    z = (y * y).sum()
    y.data += 1
    with pytest.raises(RuntimeError, match="changed in place"):
        z.backward()
    assert x.grad is None


def test_ENG_18_adding_to_a_result_makes_a_new_one():
    x = mg.Tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    z = (y * y).sum()
    y += 1
    z.backward()
    assert x.grad.tolist() == [2, 4] and y.tolist() == [2, 3]
