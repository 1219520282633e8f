"""A training that was stopped and resumed in another process ends bit for bit as if it had not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from checkpointed import BATCHES, EPOCHS, RUNS, STOPPED, Training

import minigrad as mg
from minigrad import nn, optim
from minigrad.io import load, save


@pytest.fixture(autouse=True)
def same_state_after():
    before = mg.get_rng_state()
    yield
    mg.set_rng_state(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Checkpoints of all runs, and what a new process made of them."""
    folder = tmp_path_factory.mktemp("checkpoints")
    before = mg.get_rng_state()
    for i, run in enumerate(RUNS):
        training = Training(run)
        training.go_on(STOPPED)
        training.save(folder / f"{i}{run.suffix}")
    mg.set_rng_state(before)
    program = Path(__file__).with_name("checkpointed.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, str(program), str(folder)], env=environment, check=True)
    return folder


def leaves(tree, path=()):
    """{path: value} of all that is in a nested dict or list, arrays as dtype, shape and bytes."""
    if isinstance(tree, np.ndarray):
        return {path: (tree.dtype.str, tree.shape, tree.tobytes())}
    if isinstance(tree, dict | list | tuple):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return {k: v for key, x in items for k, v in leaves(x, (*path, key)).items()}
    return {path: tree}


@pytest.mark.parametrize("i", range(len(RUNS)))
def test_a_resumed_run_is_bit_equal(i, folder):
    training = Training(RUNS[i])
    training.go_on(EPOCHS)
    assert len(training.history.iteration_loss) == EPOCHS * BATCHES
    save(training.outcome(), folder / "whole.npz")
    assert leaves(load(folder / "whole.npz")) == leaves(load(folder / f"resumed{i}.npz"))


def test_the_runs_were_stopped_on_the_way(folder):
    for i, run in enumerate(RUNS):
        stopped, resumed = load(folder / f"{i}{run.suffix}"), load(folder / f"resumed{i}.npz")
        assert stopped["epoch"] == STOPPED
        assert leaves(stopped["model"]) != leaves(resumed["model"])


@pytest.mark.parametrize("kind", ["PCG64", "MT19937", "Philox", "SFC64", "PCG64DXSM"])
@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_every_kind_of_generator_comes_back_from_a_file(kind, suffix, tmp_path):
    rng = np.random.Generator(getattr(np.random, kind)(5))
    rng.random(3, np.float32)  # leaves half of a 64-bit number for the next call
    save({"rng": mg.get_rng_state(rng)}, tmp_path / f"rng{suffix}")
    expected = rng.random(5, np.float32), rng.normal(size=5)
    other = np.random.Generator(getattr(np.random, kind)(6))
    mg.set_rng_state(load(tmp_path / f"rng{suffix}")["rng"], other)
    np.testing.assert_array_equal(other.random(5, np.float32), expected[0])
    np.testing.assert_array_equal(other.normal(size=5), expected[1])


def test_numbers_of_numpy_in_hyperparameters_come_back_as_numbers(tmp_path):
    optimizer = optim.Adam(nn.Linear(2, 2).parameters(), lr=np.float32(0.5), eps=np.float64(1e-3))
    scheduler = optim.lr_scheduler.LambdaLR(optimizer, lambda t: np.float64(0.5))
    save({"o": optimizer.state_dict(), "s": scheduler.state_dict()}, tmp_path / "x.npz")
    states = load(tmp_path / "x.npz")
    optimizer.load_state_dict(states["o"])
    scheduler.load_state_dict(states["s"])
    (group,) = optimizer.param_groups
    numbers = [group["lr"], group["eps"], *scheduler.get_last_lr(), *scheduler.base_lrs]
    assert numbers == [0.25, 1e-3, 0.25, 0.5]
    assert {type(x) for x in numbers} == {float}
