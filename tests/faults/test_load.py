"""Much of everything: threads, steps, nodes, entries, processes."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import subprocess
import sys
import threading

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.nn import functional as F


def training(seed=0):
    """A small network of everything, and a step of its training."""
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1, rng=seed),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.2, rng=seed),
        nn.Linear(12, 4, rng=seed),
    )
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    rng = np.random.default_rng(seed)
    x = mg.Tensor(rng.normal(size=(6, 1, 4, 4)).astype(np.float32))
    y = rng.integers(0, 4, 6)

    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return model, step


def fingerprint(model):
    return hashlib.sha256(b"".join(p.data.tobytes() for p in model.parameters())).hexdigest()


def trained(seed=0, steps=200):
    model, step = training(seed)
    for _ in range(steps):
        step()
    return fingerprint(model)


def test_LIM_08_eight_threads_of_two_hundred_passes_each():
    found = {}

    def work(seed):
        found[seed] = trained(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {seed: trained(seed) for seed in range(8)}


THOUSAND = """
import gc, sys, tracemalloc
sys.path[:0] = {path!r}
import test_load
_, step = test_load.training()
for _ in range(20):
    step()
gc.collect()
gc.disable()
tracemalloc.start()
before, _ = tracemalloc.get_traced_memory()
for _ in range(1000):
    step()
after, _ = tracemalloc.get_traced_memory()
print(after - before, gc.collect())
"""


def test_LIM_06_a_thousand_steps_leave_nothing_behind():
    grown, garbage = map(int, output_of(THOUSAND).split())
    assert grown < 2**20
    assert garbage == 0


def output_of(program, **environment):
    """What a program prints in a process of its own, which has seen no other test."""
    path = [str(path) for path in (os.path.dirname(__file__), *sys.path)]
    return subprocess.run(
        [sys.executable, "-c", program.format(path=path)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("count", [100_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_a_graph_of_many_tensors(count):
    x = y = mg.Tensor(1.0, requires_grad=True)
    one = mg.Tensor(1.0)
    for _ in range(count):
        y = y * one
    y.backward()
    assert x.grad.item() == 1
    del y


@pytest.mark.long
def test_more_entries_than_32_bits_can_count():
    entries = 2**31 + 3 if free_memory() > 12 * 2**30 else 2**20 + 3
    x = mg.Tensor(np.zeros(entries, np.float16), requires_grad=True)
    y = x[-3:]
    y.backward(np.array([1, 2, 3], np.float16))
    assert x.grad.shape == (entries,)
    assert x.grad.data[-4:].tolist() == [0, 1, 2, 3]


def free_memory():
    """Bytes, as Linux counts them; 0 where that is not known."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0


def reported(connection):
    connection.send(trained(3, 20))
    connection.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_LIM_15_a_fork_after_use_computes_the_same():
    wanted = trained(3, 20)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=reported, args=(theirs,))
    child.start()
    assert ours.poll(60)
    assert ours.recv() == wanted
    child.join(60)
    assert child.exitcode == 0
    assert trained(3, 20) == wanted


PROGRAM = """
import sys
sys.path[:0] = {path!r}
import test_load
import minigrad as mg
x = mg.Value(0.3, label="x")
y = (x * x + x).tanh()
y.backward()
print(test_load.trained(1, 30), mg.draw(y).source, mg.table(y), mg.explain(x, y))
"""


@pytest.mark.parametrize("processes", [3, pytest.param(20, marks=pytest.mark.long)])
def test_ENG_37_every_process_gets_the_same_bits(processes):
    pick = random.Random(processes)
    outputs = {
        output_of(PROGRAM, PYTHONHASHSEED=str(pick.randrange(2**32))) for _ in range(processes)
    }
    assert len(outputs) == 1
    assert "digraph" in outputs.pop()
