"""In which order samples come."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)


def test_sequential_gives_the_order_of_the_data():
    sampler = SequentialSampler("abcd")
    assert list(sampler) == list(sampler) == [0, 1, 2, 3]
    assert len(sampler) == 4


def test_random_gives_each_index_once_and_another_order_each_time():
    sampler = RandomSampler(range(50), rng=0)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second
    assert first == list(RandomSampler(range(50), rng=0))
    assert all(type(i) is int for i in first)


def test_random_with_replacement_repeats_some():
    sampler = RandomSampler(range(10), replacement=True, num_samples=200, rng=0)
    drawn = Counter(sampler)
    assert len(sampler) == sum(drawn.values()) == 200
    assert set(drawn) == set(range(10))
    assert len(set(drawn.values())) > 1


@pytest.mark.parametrize("num_samples", [1, 3, 5, 7, 15])
def test_a_longer_epoch_without_replacement_is_made_of_whole_orders(num_samples):
    drawn = list(RandomSampler(range(5), num_samples=num_samples, rng=0))
    counts = Counter(drawn)
    assert len(drawn) == num_samples
    assert max(counts.values()) - min(counts[i] for i in range(5)) <= 1


def test_random_of_nothing_is_empty():
    assert list(RandomSampler([], rng=0)) == []
    assert list(RandomSampler([], replacement=True, num_samples=3, rng=0)) == []
    assert len(RandomSampler([], num_samples=3)) == 0


def test_subset_random_gives_the_given_indices():
    sampler = SubsetRandomSampler(np.array([9, 4, 6]), rng=0)
    assert sorted(sampler) == [4, 6, 9]
    assert len(sampler) == 3


def test_weighted_draws_in_proportion_to_the_weights():
    drawn = Counter(WeightedRandomSampler([1, 0, 3], 4000, rng=0))
    assert drawn[1] == 0
    assert drawn[2] / drawn[0] == pytest.approx(3, rel=0.15)


def test_weighted_without_replacement_never_repeats():
    sampler = WeightedRandomSampler([0.1, 5, 0, 2], 3, replacement=False, rng=0)
    assert sorted(sampler) == [0, 1, 3]
    assert len(sampler) == 3


@pytest.mark.parametrize(
    "weights", [[], [0, 0], [1, -1], [1, np.nan], [1, np.inf], [[1, 2]]], ids=repr
)
def test_weights_that_are_no_probabilities_are_refused(weights):
    with pytest.raises(ValueError, match="WeightedRandomSampler: weights"):
        WeightedRandomSampler(weights, 2)


def test_too_few_positive_weights_are_refused():
    with pytest.raises(ValueError, match="num_samples is 2, but only 1"):
        WeightedRandomSampler([1, 0, 0], 2, replacement=False)


@pytest.mark.parametrize(
    ("number", "error"), [(0, ValueError), (1.5, ValueError), ("2", TypeError)]
)
def test_num_samples_is_checked(number, error):
    with pytest.raises(error, match="num_samples"):
        RandomSampler("abc", num_samples=number)
    with pytest.raises(error, match="num_samples"):
        WeightedRandomSampler([1], number)


@given(n=st.integers(0, 40), size=st.integers(1, 12), drop_last=st.booleans())
def test_batches_cut_the_order_into_pieces(n, size, drop_last):
    sampler = BatchSampler(SequentialSampler(range(n)), size, drop_last)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    assert [i for batch in batches for i in batch] == list(range(n - n % size if drop_last else n))
    assert all(len(batch) == size for batch in batches[:-1])


@pytest.mark.parametrize("drop_last", [False, True])
def test_all_is_one_batch_and_never_dropped(drop_last):
    sampler = BatchSampler([3, 1, 2], "all", drop_last)
    assert list(sampler) == [[3, 1, 2]]
    assert len(sampler) == 1
    assert list(BatchSampler([], "all", drop_last)) == []


def test_a_sampler_has_to_define_its_methods():
    with pytest.raises(NotImplementedError, match="__iter__"):
        iter(Sampler())
    with pytest.raises(NotImplementedError, match="__len__"):
        len(Sampler())


def test_a_generator_is_no_sampler_for_it_ends_with_the_first_epoch():
    with pytest.raises(TypeError, match=r"generator.*list\(\.\.\.\)"):
        BatchSampler((i for i in range(3)), 2, False)
