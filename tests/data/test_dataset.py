"""TensorDataset, Subset, random_split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data import DataLoader, Dataset, Subset, TensorDataset, random_split


class Wrapped:
    """Like a Tensor: an array under .data."""

    def __init__(self, array):
        self.data = array


@pytest.fixture
def table():
    return TensorDataset(np.arange(12.0).reshape(6, 2), np.arange(6))


def test_an_integer_gives_the_tuple_of_one_sample(table):
    x, y = table[2]
    np.testing.assert_array_equal(x, [4.0, 5.0])
    assert y == 2


@pytest.mark.parametrize(
    "index", [slice(1, 4), [1, 2, 3], np.array([1, 2, 3]), np.arange(6) % 4 == 1]
)
def test_other_indices_give_a_tuple_of_arrays(table, index):
    x, y = table[index]
    np.testing.assert_array_equal(x, table.arrays[0][index])
    np.testing.assert_array_equal(y, np.arange(6)[index])


def test_an_index_past_the_end_is_an_index_error_so_that_iteration_ends(table):
    with pytest.raises(IndexError, match="6"):
        table[6]
    assert [int(y) for _, y in table] == [0, 1, 2, 3, 4, 5]


def test_arrays_are_shared_and_tensors_give_their_data():
    x, y = np.zeros((3, 2)), np.zeros(3)
    dataset = TensorDataset(x, Wrapped(y), [7, 8, 9])
    assert dataset.arrays[0] is x
    assert dataset.arrays[1] is y
    assert dataset[1][2] == 8


def test_DAT_07_different_lengths_are_named():
    with pytest.raises(ValueError, match="lengths 2, 3"):
        TensorDataset(np.zeros((2, 1)), np.zeros(3))


def test_no_array_and_a_scalar_are_refused():
    with pytest.raises(TypeError, match="at least one array"):
        TensorDataset()
    with pytest.raises(ValueError, match=r"array 1 has shape \(\)"):
        TensorDataset(np.zeros(2), 3.0)


def test_repr_tells_size_shapes_and_dtypes(table):
    assert repr(table) == "TensorDataset of 6 samples ((2,) float64, () int64)"
    assert repr(Subset(table, [1])) == f"Subset of 1 samples of {table!r}"
    assert repr(DataLoader(table, 2)) == f"DataLoader({table!r}, batch_size=2)"
    assert repr(DataLoader("abc", None)) == "DataLoader('abc')"


def test_a_dataset_has_to_define_its_methods():
    with pytest.raises(NotImplementedError, match="Dataset has to define __len__"):
        len(Dataset())
    with pytest.raises(NotImplementedError, match="__getitem__"):
        Dataset()[0]


def test_a_subset_gives_the_chosen_samples(table):
    subset = Subset(table, [5, 0, -1])
    assert len(subset) == 3
    assert [int(subset[i][1]) for i in range(3)] == [5, 0, 5]
    np.testing.assert_array_equal(subset[1:][1], [0, 5])
    np.testing.assert_array_equal(Subset(subset, [1, 2])[:][1], [0, 5])
    with pytest.raises(IndexError):
        subset[3]


def test_a_subset_of_a_list_uses_plain_ints():
    assert Subset(["a", "b", "c"], np.array([2, 1]))[0] == "c"
    assert len(Subset(["a"], [])) == 0


@pytest.mark.parametrize(
    ("indices", "error"),
    [([6], IndexError), ([0, -7], IndexError), ([0.5], TypeError), ([[1]], TypeError)],
)
def test_a_subset_checks_its_indices(table, indices, error):
    with pytest.raises(error, match="Subset"):
        Subset(table, indices)


def test_a_mask_is_refused_with_the_remedy(table):
    with pytest.raises(TypeError, match="flatnonzero"):
        Subset(table, [True, False, True, False, True, False])


@pytest.mark.parametrize(
    ("n", "lengths", "expected"),
    [
        (10, [3, 7], [3, 7]),
        (10, [0.33, 0.67], [4, 6]),
        (10, [0.1] * 10, [1] * 10),
        (11, [0.5, 0.5], [6, 5]),
        (10, [0.3, 0.3, 0.4], [3, 3, 4]),
        (3, [0.2, 0.2, 0.2, 0.4], [1, 1, 0, 1]),
        (5, [0, 5], [0, 5]),
        (1, [1], [1]),
        (0, [0.5, 0.5], [0, 0]),
    ],
)
def test_DAT_08_split_lengths_follow_pytorch(n, lengths, expected):
    assert [len(part) for part in random_split(range(n), lengths, rng=0)] == expected


@pytest.mark.parametrize("lengths", [[3, 3], [0.5, 0.6], [], [5.0, 5.5]])
def test_DAT_08_a_wrong_sum_is_named(lengths):
    with pytest.raises(ValueError, match=rf"sum .* is {sum(lengths)}"):
        random_split(range(10), lengths)


@pytest.mark.parametrize(
    ("lengths", "error"),
    [([-1, 11], ValueError), ([float("nan"), 1.0], ValueError), (["3", 7], TypeError)],
)
def test_wrong_lengths_are_refused(lengths, error):
    with pytest.raises(error, match="random_split"):
        random_split(range(10), lengths)


@given(
    n=st.integers(0, 60),
    weights=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
def test_every_sample_is_in_exactly_one_part(n, weights, seed):
    fractions = [weight / sum(weights) for weight in weights]
    parts = random_split(range(n), fractions, rng=seed)
    assert sorted(i for part in parts for i in part.indices) == list(range(n))
    assert all(abs(len(part) - f * n) < 1 + 1e-9 for part, f in zip(parts, fractions))


def test_a_split_is_random_and_repeatable():
    first, again, other = (random_split(range(50), [25, 25], rng=seed)[0] for seed in (1, 1, 2))
    assert list(first.indices) == list(again.indices)
    assert sorted(first.indices) != sorted(other.indices)
