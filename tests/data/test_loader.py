"""The DataLoader: the epochs of the lecture's three strategies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    SequentialSampler,
    Subset,
    TensorDataset,
    random_split,
)
from minigrad.rng import get_rng_state, manual_seed, set_rng_state


def rows(n):
    """n samples (x, y) with x = (2 y, 2 y + 1)."""
    return TensorDataset(np.arange(2.0 * n).reshape(n, 2), np.arange(n))


def labels(loader):
    """The labels of one epoch, batch by batch."""
    return [y.tolist() for _, y in loader]


class Squares(Dataset):
    """A data set that computes its samples, and fails at one of them if wanted."""

    def __init__(self, n, broken=None):
        self.n, self.broken = n, broken

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        if index == self.broken:
            raise OSError("disk on fire")
        return np.full(3, index, np.float32), index * index


class Doubled(TensorDataset):
    """A TensorDataset that changes its samples one by one."""

    def __getitem__(self, index):
        assert isinstance(index, int)
        x, y = super().__getitem__(index)
        return 2 * x, y


@pytest.mark.parametrize(
    ("batch_size", "drop_last", "sizes"),
    [
        (3, False, [3, 3, 3, 1]),
        (3, True, [3, 3, 3]),
        (5, True, [5, 5]),
        (1, False, [1] * 10),
        (99, False, [10]),
        (99, True, []),
        ("all", False, [10]),
        ("all", True, [10]),
        (np.int64(4), False, [4, 4, 2]),
    ],
)
@pytest.mark.parametrize("dataset", [rows(10), Squares(10)], ids=["table", "computed"])
def test_DAT_01_the_sizes_of_the_batches(dataset, batch_size, drop_last, sizes):
    loader = DataLoader(dataset, batch_size, drop_last=drop_last)
    assert [len(y) for _, y in loader] == sizes
    assert len(loader) == len(sizes)


@pytest.mark.parametrize("size", [0, -1, 2.5, float("nan"), "everything"])
def test_DAT_02_a_wrong_batch_size_is_named(size):
    with pytest.raises(ValueError, match=f"DataLoader: batch_size is .*{size}"):
        DataLoader(rows(3), size)


@pytest.mark.parametrize("size", [[2], True, 1j])
def test_a_batch_size_of_the_wrong_kind_is_a_type_error(size):
    with pytest.raises(TypeError, match=f"batch_size.*{type(size).__name__}"):
        DataLoader(rows(3), size)


@given(
    n=st.integers(0, 30),
    batch_size=st.one_of(st.integers(1, 12), st.just("all")),
    seed=st.integers(0, 9),
    computed=st.booleans(),
)
def test_DAT_03_an_epoch_has_every_sample_once(n, batch_size, seed, computed):
    dataset = Squares(n) if computed else rows(n)
    loader = DataLoader(dataset, batch_size, shuffle=True, rng=seed)
    batches = list(loader)
    assert len(batches) == len(loader)
    seen = sorted((float(a[0]), int(b)) for x, y in batches for a, b in zip(x, y))
    assert seen == sorted((float(dataset[i][0][0]), int(dataset[i][1])) for i in range(n))


@given(n=st.integers(1, 30), batch_size=st.integers(1, 12))
def test_without_shuffle_the_order_is_that_of_the_data(n, batch_size):
    batches = labels(DataLoader(rows(n), batch_size))
    assert [y for batch in batches for y in batch] == list(range(n))


def test_DAT_04_a_seed_gives_the_same_epochs_which_differ_from_each_other():
    one, two = (DataLoader(rows(40), 8, shuffle=True, rng=3) for _ in range(2))
    first, second = labels(one), labels(one)
    assert first != second
    assert [labels(two), labels(two)] == [first, second]


def test_a_generator_is_used_and_advanced():
    rng = np.random.default_rng(5)
    epoch = labels(DataLoader(rows(40), "all", shuffle=True, rng=rng))
    assert epoch == [np.random.default_rng(5).permutation(40).tolist()]
    assert rng.random() != np.random.default_rng(5).random()


def test_without_rng_manual_seed_drives_the_order():
    before = get_rng_state()
    loader = DataLoader(rows(40), 8, shuffle=True)
    manual_seed(1)
    first = labels(loader)
    assert labels(loader) != first
    manual_seed(1)
    assert labels(loader) == first
    set_rng_state(before)


def test_the_order_is_drawn_when_the_iteration_starts():
    rng = np.random.default_rng(0)
    loader = DataLoader(rows(40), 8, shuffle=True, rng=rng)
    waiting = iter(loader)
    after = rng.bit_generator.state
    assert after != np.random.default_rng(0).bit_generator.state
    list(waiting)
    assert rng.bit_generator.state == after


def test_a_loader_in_order_draws_nothing():
    rng = np.random.default_rng(0)
    list(DataLoader(rows(5), 2, rng=rng))
    assert rng.random() == np.random.default_rng(0).random()


def test_DAT_05_the_global_numpy_state_is_not_touched():
    before = np.random.get_state()
    list(DataLoader(rows(20), 3, shuffle=True))
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])
    assert np.random.get_state()[2:] == before[2:]


def test_DAT_06_two_iterators_of_one_loader_are_independent():
    loader = DataLoader(rows(6), 2, shuffle=True, rng=0)
    one, two = iter(loader), iter(loader)
    a, b = [], []
    for (_, ya), (_, yb) in zip(one, two):
        a += ya.tolist()
        b += yb.tolist()
    assert sorted(a) == sorted(b) == list(range(6))
    assert a != b


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 4, "all", None])
@pytest.mark.parametrize("drop_last", [False, True])
def test_DAT_09_an_empty_data_set_has_no_batches(shuffle, batch_size, drop_last):
    if batch_size is None and drop_last:
        return
    loader = DataLoader(rows(0), batch_size, shuffle, drop_last=drop_last)
    assert list(loader) == []
    assert len(loader) == 0


def test_batches_of_a_table_are_tuples_of_plain_arrays_in_c_order():
    images = np.asfortranarray(np.random.default_rng(0).normal(size=(7, 2, 3, 4)))
    transposed = np.zeros((3, 4, 2, 7), np.float32).transpose(3, 2, 0, 1)
    for shuffle in (False, True):
        loader = DataLoader(TensorDataset(images, transposed, np.arange(7)), 3, shuffle, rng=0)
        for batch in loader:
            assert isinstance(batch, tuple)
            assert all(type(a) is np.ndarray and a.flags.c_contiguous for a in batch)
            np.testing.assert_array_equal(batch[0], images[batch[2]])
            assert batch[1].dtype == np.float32


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 3, "all"])
def test_DAT_14_changing_a_batch_leaves_the_data_set_as_it_is(shuffle, batch_size):
    dataset = rows(10)
    before = [a.copy() for a in dataset.arrays]
    for source in (dataset, Subset(dataset, np.arange(10)), list(dataset)):
        for x, y in DataLoader(source, batch_size, shuffle, rng=0):
            x += 100
            y[:] = -1
    for now, then in zip(dataset.arrays, before):
        np.testing.assert_array_equal(now, then)


def test_a_batch_may_be_kept_while_the_next_is_made():
    assert [y.tolist() for _, y in list(DataLoader(rows(4), 2))] == [[0, 1], [2, 3]]


def test_the_two_ways_of_making_a_batch_agree():
    dataset = rows(10)
    whole = list(DataLoader(dataset, 4, shuffle=True, rng=1))
    single = list(DataLoader(list(dataset), 4, shuffle=True, rng=1))
    for one, two in zip(whole, single):
        for a, b in zip(one, two):
            np.testing.assert_array_equal(a, b)
            assert a.dtype == b.dtype


def test_a_table_that_changes_its_samples_is_asked_for_each():
    for dataset in (Doubled(*rows(5).arrays), Subset(Doubled(*rows(5).arrays), range(5))):
        (x, _), *_ = DataLoader(dataset, 2)
        np.testing.assert_array_equal(x, [[0, 2], [4, 6]])


def test_a_split_table_is_served():
    train, test = random_split(rows(10), [0.8, 0.2], rng=0)
    seen = [y for loader in (DataLoader(train, 3), DataLoader(test, 3)) for y in labels(loader)]
    assert sorted(i for batch in seen for i in batch) == list(range(10))


def test_samples_of_other_kinds():
    words = [{"text": "a", "length": 1}, {"text": "bc", "length": 2}]
    (batch,) = DataLoader(words, "all")
    assert batch["text"] == ["a", "bc"]
    np.testing.assert_array_equal(batch["length"], [1, 2])


def test_collate_fn_gets_the_list_of_samples():
    ragged = [np.zeros(k) for k in (1, 3, 2)]
    loader = DataLoader(ragged, 2, collate_fn=lambda samples: [len(s) for s in samples])
    assert list(loader) == [[1, 3], [2]]
    of_table = DataLoader(rows(3), 2, collate_fn=len)
    assert list(of_table) == [2, 1]


def test_DAT_10_different_shapes_are_named_with_the_place_in_the_data_set():
    ragged = [np.zeros(2)] * 5 + [np.zeros(3)]
    with pytest.raises(ValueError, match=r"sample 5 has shape \(3,\), sample 4 has shape \(2,\)"):
        list(DataLoader(ragged, 4))


def test_DAT_13_an_exception_of_the_data_set_says_which_sample_and_the_loader_goes_on():
    dataset = Squares(8, broken=5)
    loader = DataLoader(dataset, 2)
    with pytest.raises(OSError, match="disk on fire") as caught:
        list(loader)
    assert caught.value.__notes__ == ["while sample 5 of the Squares was read"]
    dataset.broken = None
    assert len(list(loader)) == 4


def test_an_exception_of_collate_fn_says_which_samples():
    def refuse(samples):
        raise KeyError("no")

    with pytest.raises(KeyError) as caught:
        list(DataLoader(rows(4), 2, collate_fn=refuse))
    assert "samples [0, 1]" in caught.value.__notes__[0]


def test_a_data_set_that_runs_out_early_does_not_end_the_epoch_silently():
    class Short(Squares):
        def __getitem__(self, index):
            raise StopIteration

    with pytest.raises(RuntimeError, match="StopIteration"):
        list(DataLoader(Short(3), 2))


def test_a_sampler_sets_the_order():
    assert labels(DataLoader(rows(9), 2, sampler=[4, 4, 8])) == [[4, 4], [8]]
    loader = DataLoader(rows(9), "all", sampler=[7, 1])
    assert labels(loader) == labels(loader) == [[7, 1]]


def test_an_index_outside_says_so():
    with pytest.raises(IndexError, match="9 is out of bounds"):
        list(DataLoader(rows(9), 2, sampler=[0, 9]))


def test_a_batch_sampler_makes_the_batches():
    loader = DataLoader(rows(9), batch_sampler=[[1, 2, 3], [8]])
    assert labels(loader) == [[1, 2, 3], [8]]
    assert len(loader) == 2
    assert loader.batch_size is None


def test_without_batches_samples_come_as_the_data_set_gives_them():
    loader = DataLoader(Squares(3), batch_size=None)
    assert [y for _, y in loader] == [0, 1, 4]
    assert len(loader) == 3
    assert [x.shape for x, _ in loader] == [(3,)] * 3
    assert list(DataLoader("abc", None, collate_fn=str.upper)) == ["A", "B", "C"]
    indices = BatchSampler(SequentialSampler(range(5)), 2, drop_last=True)
    assert labels(DataLoader(rows(5), None, sampler=indices)) == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    "arguments",
    [
        {"shuffle": True, "sampler": [0]},
        {"batch_size": None, "drop_last": True},
        {"batch_sampler": [[0]], "batch_size": 2},
        {"batch_sampler": [[0]], "shuffle": True},
        {"batch_sampler": [[0]], "drop_last": True},
        {"batch_sampler": [[0]], "sampler": [0]},
    ],
    ids=lambda arguments: "-".join(arguments),
)
def test_DAT_12_arguments_that_exclude_each_other_are_named(arguments):
    with pytest.raises(ValueError) as caught:
        DataLoader(rows(3), **arguments)
    assert all(name in str(caught.value) for name in arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dataset": 3}, "dataset is a int"),
        ({"dataset": {1, 2}}, "dataset is a set"),
        ({"dataset": [1], "sampler": iter([0])}, "sampler is a list_iterator"),
        ({"dataset": [1], "sampler": 5}, "sampler is a int"),
        ({"dataset": [1], "rng": "seed"}, "rng"),
    ],
)
def test_arguments_of_the_wrong_kind(arguments, message):
    with pytest.raises(TypeError, match=message):
        DataLoader(**arguments)
