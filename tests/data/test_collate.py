"""Many samples in, one batch out."""

from typing import NamedTuple

import numpy as np
import pytest

from minigrad.data import default_collate


class Pair(NamedTuple):
    x: object
    label: int


class Wrapped:
    """Like a Tensor: an array under .data."""

    def __init__(self, array):
        self.data = array


@pytest.mark.parametrize(
    ("samples", "dtype"),
    [
        ([1, 2], np.int64),
        ([1.5, 2.0], np.float64),
        ([1, 2.5], np.float64),
        ([True, False], np.bool),
        ([np.float32(1), np.float32(2)], np.float32),
        ([np.uint8(1), np.uint8(2)], np.uint8),
        ([1, np.float32(2.5)], np.float64),
    ],
)
def test_DAT_11_numbers_become_an_array(samples, dtype):
    batch = default_collate(samples)
    assert batch.dtype == dtype
    np.testing.assert_array_equal(batch, samples)


def test_arrays_and_tensors_are_stacked_into_a_copy_in_c_order():
    a, b = np.arange(6.0).reshape(2, 3).T, np.ones((3, 2))
    batch = default_collate([a, Wrapped(b)])
    assert batch.shape == (2, 3, 2)
    assert batch.flags.c_contiguous
    np.testing.assert_array_equal(batch, np.stack([a, b]))
    batch[:] = 9
    assert a.max() == 5


def test_samples_of_reversed_order_come_out_in_c_order():
    batch = default_collate([np.zeros((2, 3), order="F"), np.zeros((2, 3), order="F")])
    assert batch.flags.c_contiguous


def test_DAT_11_structures_are_collated_entry_by_entry():
    sample = {"image": np.zeros((1, 2)), "meta": (3, "three"), "tags": [True, 0.5], "raw": b"x"}
    batch = default_collate([sample, sample])
    assert batch["image"].shape == (2, 1, 2)
    numbers, names = batch["meta"]
    np.testing.assert_array_equal(numbers, [3, 3])
    assert names == ["three", "three"]
    assert isinstance(batch["tags"], list)
    assert batch["tags"][0].dtype == bool
    assert batch["raw"] == [b"x", b"x"]


def test_named_tuples_stay_named():
    batch = default_collate([Pair(np.zeros(2), 0), Pair(np.ones(2), 1)])
    assert isinstance(batch, Pair)
    np.testing.assert_array_equal(batch.label, [0, 1])


def test_different_shapes_are_named_with_the_sample():
    samples = [np.zeros(2), np.zeros(2), np.zeros((3, 1))]
    with pytest.raises(ValueError, match=r"sample 2 has shape \(3, 1\), sample 0 has shape \(2,\)"):
        default_collate(samples)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([(1, 2), (1,)], "sample 1 has length 1, sample 0 has length 2"),
        ([{"a": 1}, {"b": 1}], "sample 1 has keys {'b'}, sample 0 has keys {'a'}"),
        ([], "no samples"),
    ],
)
def test_different_structures_are_value_errors(samples, message):
    with pytest.raises(ValueError, match=message):
        default_collate(samples)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([None, None], "sample 0 holds None of type NoneType.*collate_fn"),
        ([(1, object())], "of type object"),
        ([1, None], "sample 1 holds None"),
        ([1, "a"], "sample 1 has kind text, sample 0 has kind number or array"),
        ([(1,), [1]], "sample 1 has kind list, sample 0 has kind tuple"),
    ],
)
def test_other_kinds_are_type_errors(samples, message):
    with pytest.raises(TypeError, match=message):
        default_collate(samples)
