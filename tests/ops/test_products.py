"""Products of matrices in place of what NumPy does one by one: the same, only faster."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.ops.passes import MANY
from minigrad.ops.products import by_matrix, by_product, contracted, worth_a_product

ROLES = ["batch", "summed", "rows", "columns"]


@st.composite
def sums_of_two(draw):
    """Labels of two operands and of the output, in any order, and lengths."""
    roles = {c: draw(st.sampled_from(ROLES)) for c in "abcde"} | {"s": "summed", "r": "rows"}
    lengths = {c: draw(st.integers(1, 4)) for c in roles}
    chosen = {
        "left": [c for c, role in roles.items() if role != "columns"],
        "right": [c for c, role in roles.items() if role != "rows"],
        "output": [c for c, role in roles.items() if role != "summed"],
    }
    labels = ["".join(draw(st.permutations(letters))) for letters in chosen.values()]
    return labels, lengths


@given(sums_of_two(), st.integers(0, 1000))
def test_as_einsum(case, seed):
    (left, right, output), lengths = case
    rng = np.random.default_rng(seed)
    a, b = (rng.normal(size=[lengths[c] for c in labels]) for labels in (left, right))
    found = by_product(a, b, left, right, output)
    np.testing.assert_allclose(
        found, np.einsum(f"{left},{right}->{output}", a, b), rtol=1e-12, atol=1e-12
    )


def large(*shape):
    return np.ones(shape, np.float32)


@pytest.mark.parametrize(
    ("a", "b", "inputs", "output", "worth"),
    [
        (large(16, 16), large(16, 16), ("ij", "jk"), "ik", True),
        (large(4, 16, 16), large(4, 16, 16), ("bij", "bjk"), "bik", True),
        (large(64, 64), large(64), ("ij", "j"), "i", True),
        (large(15, 16), large(16, 16), ("ij", "jk"), "ik", False),  # little to sum
        (large(64, 64), large(64, 64), ("ij", "ij"), "", False),  # one number
        (large(64, 64), large(64, 64), ("ij", "ij"), "i", False),  # rows by themselves
        (large(64, 64), large(64, 64), ("ij", "ij"), "ij", False),  # nothing is summed
        (large(64), large(64), ("i", "j"), "ij", False),
        (large(64, 64), large(64, 4), ("ij", "jk"), "i", False),  # k is summed alone
        (large(64, 64), large(1, 64), ("ij", "jk"), "ik", False),  # j is broadcast
    ],
)
def test_which_are_worth_it(a, b, inputs, output, worth):
    assert worth_a_product((a, b), inputs, output) == worth
    y = contracted(a, b, inputs=inputs, output=output)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, np.einsum(f"{','.join(inputs)}->{output}", a, b))


def test_no_length():
    assert math.prod((0, 16, 256)) < MANY
    y = contracted(large(0, 16), large(16, 256), inputs=("ij", "jk"), output="ik")
    assert y.shape == (0, 256)


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (5, 1, 3, 4), (0, 3, 4), (2, 0, 4)])
@pytest.mark.parametrize("columns", [0, 1, 6])
def test_all_that_lies_before_the_last_axis_is_one_long_axis(shape, columns):
    draw = np.random.default_rng(0)
    a, b = draw.normal(size=shape), draw.normal(size=(4, columns))
    for left in (a, np.asfortranarray(a), a[..., ::-1]):
        for right in (b, np.asfortranarray(b)):
            found, wanted = by_matrix(left, right), left @ right
            assert found.shape == wanted.shape and found.flags.c_contiguous
            np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-14)
    empty = by_matrix(np.ones((*shape[:-1], 0)), np.ones((0, columns)))
    np.testing.assert_array_equal(empty, np.zeros((*shape[:-1], columns)))
