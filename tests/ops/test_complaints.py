"""Errors in plain words; those of users' own functions and classes keep theirs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.exceptions import AxisError

import minigrad as mg
from minigrad.ops.complaints import clash, reworded


class OwnError(ValueError):
    """Somebody else's class, with arguments of its own."""

    def __init__(self, code: int, place: str) -> None:
        super().__init__(code, place)


class Unwilling:
    """Cannot be made an array, and says so in its own way."""

    def __array__(self, dtype=None, copy=None):
        raise OwnError(7, "here")


@mg.primitive(x=lambda g, y, x: g)
def picky(x):
    if x.size > 2:
        raise ValueError("at most 2 entries")
    return x + np.ones(3)


@pytest.mark.parametrize("x", [np.ones(3), mg.Tensor(np.ones(3)), mg.Tensor(np.ones(3), True)])
def test_the_error_of_an_own_op_keeps_its_words_and_says_where_it_was(x):
    with pytest.raises(ValueError, match="at most 2 entries") as caught:
        picky(x)
    assert caught.value.__notes__ == ["in picky, inputs of shape (3,)"]


def test_numpys_error_in_an_own_op_keeps_its_words_too():
    with pytest.raises(ValueError, match=r"^operands could not be broadcast") as caught:
        picky(mg.Tensor(np.ones(2), requires_grad=True))
    assert caught.value.__notes__ == ["in picky, inputs of shape (2,)"]


def test_an_error_of_another_class_stays_itself():
    with pytest.raises(OwnError) as caught:
        mg.sum(Unwilling())
    assert caught.value.args == (7, "here")


def test_a_result_that_is_not_finite_is_numpys_error_with_a_note():
    x = mg.Tensor([0.0], requires_grad=True)
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError) as caught:
        mg.log(x)
    assert caught.value.__notes__ == ["in log, inputs of shape (1,)"]


def test_arrays_get_the_same_words_as_tensors():
    for x in (np.ones((2, 3)), mg.Tensor(np.ones((2, 3)))):
        with pytest.raises(AxisError, match=r"^sum: axis 2 .* shape \(2, 3\): wanted -2 to 1$"):
            mg.sum(x, axis=2)


def test_rows_of_different_lengths_have_no_shape_to_complain_about():
    with pytest.raises(TypeError, match=r"^add: cannot use .* rows of one length$"):
        mg.add([[1.0], [1.0, 2.0]], [1.0])


def test_a_missing_and_an_unknown_argument_are_named():
    with pytest.raises(TypeError, match=r"^reshape: 'shape' is missing, or None; got x of shape"):
        mg.reshape(np.ones(3))
    with pytest.raises(TypeError, match=r"^mean: there is no parameter 'along'; got x of"):
        mg.mean(np.ones(3), along=0)
    with pytest.raises(TypeError, match=r"^mean: there is no 'dim'; here it is called axis; got"):
        mg.mean(np.ones(3), dim=0)


def test_what_has_no_other_words_is_said_as_it_was():
    assert reworded("something new") == "something new"
    assert reworded("index 3 is out of bounds for size 0") == (
        "index 3 is out of bounds for 0 entries: wanted none, it is empty"
    )


def test_a_clash_is_one_only_where_shapes_do_not_broadcast():
    assert clash([(2, 3), (3,)]) == ""
    assert clash([(2, 3), (2,)]).startswith(
        "shapes (2, 3) and (2,) do not broadcast: along axis -1"
    )
