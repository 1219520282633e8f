"""The networks of the benchmarks, as far as minigrad's own side goes."""

from __future__ import annotations

import dataclasses
from importlib import import_module

import numpy as np
import pytest
from benchmarks import harness, networks
from benchmarks.networks import BatchNorm, Conv, Flatten, Linear, Network, Pool, ReLU, modules
from benchmarks.networks.sequences import GPT, LSTM, WORDS, first_weights
from benchmarks.workloads import WORKLOADS, epoch, memory, threads

import minigrad as mg
from minigrad import nn

SMALL = Network(
    (Conv(1, 2, 3, 1, bias=False), BatchNorm(2), ReLU(), Pool(), Flatten(), Linear(8, 10)),
    (3, 1, 4, 4),
)


def test_weights_have_the_names_and_shapes_of_the_modules():
    for network in (SMALL, networks.mlp(2), networks.lenet(2), networks.cifar(2)):
        model = modules.built(nn, network, mg.from_numpy)
        weights = network.weights()
        assert {k: w.shape for k, w in weights.items()} == {
            k: p.shape for k, p in model.named_parameters()
        }
        assert all((p.data == weights[k]).all() for k, p in model.named_parameters())
        x, y = network.data()
        assert model(mg.from_numpy(x)).shape == (len(y), networks.CLASSES)


@pytest.mark.parametrize(("network", "scores"), [
    (GPT(2), (128, WORDS)),
    (LSTM(3, 5, 4, 6), (3, networks.CLASSES)),
], ids=["GPT", "LSTM"])  # fmt: skip
def test_networks_for_sequences_give_a_row_of_scores_for_each_label(network, scores):
    model = modules.built(nn, network, mg.from_numpy)
    weights = first_weights(model)
    assert all((p.data == weights[k]).all() for k, p in model.named_parameters())
    x, y = network.data()
    assert model(mg.from_numpy(x)).shape == scores and y.shape == scores[:1]


def test_a_word_is_guessed_from_those_before_it():
    model = modules.built(nn, GPT(1), mg.from_numpy)
    text, _ = GPT(1).data()
    other = text.copy()
    other[0, 40] = (text[0, 40] + 1) % WORDS
    changed = (model(mg.from_numpy(text)).data != model(mg.from_numpy(other)).data).any(axis=1)
    assert changed.tolist() == [False] * 40 + [True] * 24


@pytest.mark.parametrize(
    "network", [SMALL, LSTM(3, 5, 4, 6), GPT(1)], ids=lambda n: type(n).__name__
)
def test_a_step_learns_and_results_do_not(network):
    case = modules.ours(network)
    first = case.results()
    np.testing.assert_array_equal(first["loss"], case.results()["loss"])
    names = dict(modules.built(nn, network, mg.from_numpy).named_parameters())
    assert {name.partition(" of ")[2] for name in first} == {"", *names}
    for _ in range(20):
        case.step()
    assert case.results()["loss"] < first["loss"]


OURS = ["step/mlp-1", "layer/relu/backward", "layer/cross-entropy-10/both", "layer/dropout/forward",
        "conv/forward/batch-1", "conv/filter-gradient/K5", "conv/input-gradient/batch-1",
        "optim/adam-100k", "optim/sgd-100k"]  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_our_side_of_a_workload_works(name):
    case = WORKLOADS[name].build("minigrad")
    case.step()
    assert all(np.isfinite(found).all() for found in case.results().values())


def test_growth_has_a_network_for_each_size():
    case = WORKLOADS["growth/channels"].build("32 channels")
    case.step()
    assert case.results() == {}


def test_spinning_is_done_alone_or_by_two():
    (alone,) = [
        pair for pair in WORKLOADS["threads/mlp-128"].comparisons if pair.ours == threads.BOTH
    ]
    spinning = dataclasses.replace(WORKLOADS["threads/mlp-128"], comparisons=(alone,), rounds=2)
    found = harness.measure(spinning, seconds=0.1, progress=False)
    assert found.compared(alone).median > 0


def test_an_epoch_of_random_pixels_where_there_are_no_files(monkeypatch):
    monkeypatch.delenv(epoch.FOLDER, raising=False)
    x, y = epoch.images()
    assert x.shape == (60_000, 1, 28, 28) and x.dtype == np.float32
    assert y.shape == (60_000,)


def test_the_memory_of_a_step_is_measured_in_a_fresh_process():
    if memory.STATUS.exists():
        assert 1 < memory.of_step("minigrad").step() < 500


def test_a_missing_library_is_named():
    with pytest.raises(ModuleNotFoundError) as error:
        import_module("benchmarks.workloads.memory").module_of("no_such_library, tuned")
    assert error.value.name == "no_such_library"
