"""Every argument of minigrad.data, save and load: an error names it, what was given and what was
wanted, before anything happens."""

from __future__ import annotations

import re

import numpy as np
import pytest

import minigrad as mg
from minigrad import data

TABLE = data.TensorDataset(np.zeros((4, 2)), np.zeros(4, np.int64))

# The call, what it was given, the error, and words of its message.
WRONG = [
    ("DataLoader", {"dataset": 3}, TypeError, "dataset is a int"),
    ("DataLoader", {"batch_size": 0}, ValueError, "batch_size is 0"),
    ("DataLoader", {"batch_size": "some"}, ValueError, "batch_size is 'some'"),
    ("DataLoader", {"batch_size": [2]}, TypeError, "batch_size is [2] of type list"),
    ("DataLoader", {"shuffle": "yes"}, TypeError, "shuffle is 'yes' of type str"),
    ("DataLoader", {"drop_last": 1}, TypeError, "drop_last is 1 of type int"),
    ("DataLoader", {"collate_fn": 3}, TypeError, "collate_fn is a int"),
    ("DataLoader", {"sampler": 3}, TypeError, "sampler is a int"),
    ("DataLoader", {"batch_sampler": iter(())}, TypeError, "batch_sampler is a tuple_iterator"),
    ("DataLoader", {"rng": 0.5}, TypeError, "rng: got 0.5 of type float"),
    ("DataLoader", {"rng": -1}, ValueError, "the seed is -1"),
    ("SequentialSampler", {"data_source": 3}, TypeError, "data_source is a int"),
    ("RandomSampler", {"data_source": 3}, TypeError, "data_source is a int"),
    ("RandomSampler", {"replacement": "no"}, TypeError, "replacement is 'no' of type str"),
    ("RandomSampler", {"num_samples": 0}, ValueError, "num_samples is 0"),
    ("RandomSampler", {"num_samples": "2"}, TypeError, "num_samples is '2' of type str"),
    ("RandomSampler", {"rng": "0"}, TypeError, "rng: got '0'"),
    ("SubsetRandomSampler", {"indices": 3}, TypeError, "indices have shape ()"),
    ("SubsetRandomSampler", {"indices": [0.5]}, TypeError, "indices have shape (1,) and dtype fl"),
    ("SubsetRandomSampler", {"indices": [True, False]}, TypeError, "np.flatnonzero(mask)"),
    ("WeightedRandomSampler", {"weights": ["a"]}, TypeError, "weights are ['a']"),
    ("WeightedRandomSampler", {"weights": [-1.0, 2]}, ValueError, "values from -1.0 to 2.0"),
    ("WeightedRandomSampler", {"num_samples": 1.5}, ValueError, "num_samples is 1.5"),
    ("WeightedRandomSampler", {"replacement": None}, TypeError, "replacement is None"),
    ("BatchSampler", {"sampler": 3}, TypeError, "sampler is a int"),
    ("BatchSampler", {"batch_size": -2}, ValueError, "batch_size is -2"),
    ("BatchSampler", {"drop_last": "no"}, TypeError, "drop_last is 'no' of type str"),
    ("Subset", {"indices": [9]}, IndexError, "index 9 is outside of a data set of 4"),
    ("Subset", {"indices": [1.5]}, TypeError, "dtype float64"),
    ("random_split", {"lengths": 4}, TypeError, "lengths are 4"),
    ("random_split", {"lengths": ["a"]}, TypeError, "lengths hold 'a'"),
    ("random_split", {"lengths": [-1, 5]}, ValueError, "lengths hold -1"),
    ("random_split", {"lengths": [3, 3]}, ValueError, "lengths [3, 3] is 6"),
    ("random_split", {"rng": "x"}, TypeError, "rng: got 'x'"),
    ("moons", {"n": 0}, ValueError, "n is 0"),
    ("moons", {"n": "9"}, TypeError, "n is '9' of type str"),
    ("moons", {"noise": -1}, ValueError, "noise is -1"),
    ("moons", {"noise": float("nan")}, ValueError, "noise is nan"),
    ("spirals", {"classes": 0}, ValueError, "classes is 0"),
    ("blobs", {"centers": 0}, ValueError, "centers is 0"),
    ("blobs", {"centers": "abc"}, TypeError, "centers is 'abc' of type str"),
    ("blobs", {"centers": [[1, 2, 3]]}, ValueError, "centers have shape (1, 3)"),
    ("blobs", {"centers": [[np.inf, 0]]}, ValueError, "centers are [[inf, 0]]"),
    ("xor", {"noise": "much"}, TypeError, "noise is 'much' of type str"),
    (
        "digits",
        {"split": "val"},
        ValueError,
        "split is 'val', wanted one of 'train', 'test', 'all'",
    ),
    ("mnist", {"split": "val"}, ValueError, "split is 'val', wanted one of 'train'"),
]
# What makes each call right but for the argument in question.
DEFAULTS = {
    "DataLoader": {"dataset": TABLE},
    "SequentialSampler": {},
    "RandomSampler": {"data_source": TABLE},
    "SubsetRandomSampler": {},
    "WeightedRandomSampler": {"weights": [1.0, 2.0], "num_samples": 2},
    "BatchSampler": {"sampler": [0, 1], "batch_size": 1, "drop_last": False},
    "Subset": {"dataset": TABLE},
    "random_split": {"dataset": TABLE, "lengths": [4]},
    "mnist": {"root": "nowhere"},
}


@pytest.mark.parametrize(
    ("name", "given", "error", "words"),
    WRONG,
    ids=[f"{name} {[*given]}" for name, given, *_ in WRONG],
)
def test_the_error_names_argument_and_value(name, given, error, words):
    before = mg.get_rng_state()
    with pytest.raises(error, match=re.escape(words)) as caught:
        getattr(data, name)(**(DEFAULTS.get(name, {}) | given))
    assert str(caught.value).startswith((name, "rng"))
    assert mg.get_rng_state() == before


@pytest.mark.parametrize(("arrays", "error", "words"), [
    ((), TypeError, "got nothing, wanted at least one array"),
    ((np.zeros(2), np.zeros(3)), ValueError, "lengths 2, 3, wanted equal ones"),
    ((np.zeros(2), 3), ValueError, "array 1 has shape ()"),
    (([[1], [1, 2]],), ValueError, "array 0 cannot be made"),
])  # fmt: skip
def test_arrays_of_a_table(arrays, error, words):
    with pytest.raises(error, match=rf"TensorDataset: .*{re.escape(words)}"):
        data.TensorDataset(*arrays)


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: mg.save([1], "x.npz"), TypeError, "save: wanted a dict, such as a state dict, got li"),
    (lambda: mg.save({}, 3), TypeError, "save: path is 3 of type int, wanted a file name"),
    (lambda: mg.load(None), TypeError, "load: path is None of type NoneType"),
    (lambda: mg.load("x", max_bytes="9"), TypeError, "load: max_bytes is '9' of type str"),
    (lambda: mg.load("x", max_bytes=-1), ValueError, "load: max_bytes is -1"),
])  # fmt: skip
def test_save_and_load(call, error, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=re.escape(words)):
        call()
    assert list(tmp_path.iterdir()) == []
