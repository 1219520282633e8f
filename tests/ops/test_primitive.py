"""How an op is made: what a function is recognised as, what becomes of its arguments."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.ops.primitive import elementwise, only_ufunc


@pytest.mark.parametrize(
    "function, found",
    [
        (lambda a, b: a * b, np.multiply),
        (lambda a, b: np.hypot(a, b), np.hypot),
        (lambda a, b: b - a, None),
        (lambda a, b: a - a, None),
        (lambda a, b: a * b + a, None),
        (lambda a, b: a if np.ndim(b) else b, None),
        (lambda a, b: np.add(a, b, dtype=np.float32), None),
        (lambda a, b: np.add.outer(a, b), None),
        (lambda a, b: 3.0, None),
    ],
)
def test_a_function_that_only_calls_a_ufunc_is_that_ufunc(function, found):
    assert only_ufunc(function, 2) is (found or function)


def test_a_with_block_around_the_call_is_part_of_the_function():
    assert only_ufunc(mg.logaddexp.op.forward, 2) is mg.logaddexp.op.forward


def test_it_computes_the_same_either_way():
    @elementwise("−", a=lambda g, _y, _a, _b: -g, b=lambda g, _y, _a, _b: g)
    def from_the_right(a, b):
        return b - a

    assert from_the_right(mg.Tensor(1.0), mg.Tensor(5.0)).item() == 4


def test_lists_are_arrays_not_lists():
    np.testing.assert_array_equal(mg.add([1, 2], [3, 4]), [4, 6])
    np.testing.assert_array_equal(mg.matmul([[1, 2]], [3, 4]), [11])


def test_a_tensor_as_a_parameter():
    x = mg.Tensor([1.0, 5.0], True)
    y = mg.clip(x, a_max=mg.Tensor(2.0))
    assert y.tolist() == [1, 2]
    with pytest.raises(TypeError, match="no gradient flows through the parameter 'a_max'"):
        mg.clip(x, a_max=mg.Tensor(2.0, True))


def test_optional_inputs_are_left_out_of_the_graph():
    y = mg.linear(mg.Tensor(np.ones((1, 2)), True), mg.Tensor(np.ones((3, 2)), True), None)
    assert len(y.inputs) == 2
