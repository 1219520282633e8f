"""Stopped at any line: by Ctrl-C, by an op that raises, by memory that runs out."""

from __future__ import annotations

import sys
from contextlib import contextmanager

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import DataLoader, TensorDataset
from minigrad.history import History
from minigrad.nn import functional as F


@contextmanager
def interrupted_at(line, error=KeyboardInterrupt):
    """Raise when so many lines of the package have been run; counts[0] says how many were."""
    counts = [0]

    def watch(frame, event, _):
        if "/minigrad/" not in frame.f_code.co_filename.replace("\\", "/"):
            return None
        if event == "line":
            counts[0] += 1
            if counts[0] == line:
                raise error
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        yield counts
    finally:
        sys.settrace(before)


def places(run, count, seed=0):
    """So many of the lines that it runs, from the first to the last."""
    with interrupted_at(-1) as counts:
        run()
    some = np.random.default_rng(seed).integers(1, counts[0] + 1, size=count - 2)
    return sorted({1, *some.tolist(), counts[0]})


def network():
    """A small network and its loss on one batch."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, rng=0),
        nn.BatchNorm2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8, 3, rng=1),
    )
    x, y = mg.Tensor(rng.normal(size=(5, 1, 4, 4)).astype(np.float32)), rng.integers(0, 3, 5)
    return model, lambda: F.cross_entropy(model(x), y)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_LIM_10_a_gradient_is_whole_or_not_there(error):
    model, loss_of = network()
    loss_of().backward()
    whole = {name: p.grad.data.copy() for name, p in model.named_parameters()}

    def run():
        model.zero_grad()
        loss_of().backward()

    for line in places(run, 60):
        model.zero_grad()
        loss = loss_of()
        with pytest.raises(error), interrupted_at(line, error) as counts:
            loss.backward()
            counts[0] = line  # it was over by then
            raise error
        for name, p in model.named_parameters():
            assert p.grad is None or np.array_equal(p.grad.data, whole[name])
        assert mg.is_grad_enabled()
        run()
        for name, p in model.named_parameters():
            np.testing.assert_array_equal(p.grad.data, whole[name])


def test_ctrl_c_anywhere_in_fit_leaves_a_model_that_can_go_on():
    def made():
        model, _ = network()
        rng = np.random.default_rng(1)
        images = rng.normal(size=(12, 1, 4, 4)).astype(np.float32)
        data = TensorDataset(images, rng.integers(0, 3, 12))
        loader = DataLoader(data, 4, shuffle=True, rng=0)
        return model, loader, optim.Adam(model.parameters(), lr=0.01)

    def fit(model, loader, optimizer, epochs=2):
        return mg.fit(model, loader, F.cross_entropy, optimizer, epochs=epochs, progress=False)

    for line in places(lambda: fit(*made()), 40):
        model, loader, optimizer = made()
        with interrupted_at(line):
            try:
                history = fit(model, loader, optimizer)
            except KeyboardInterrupt:  # before or after the training itself
                history = None
        assert history is None or isinstance(history, History)
        assert mg.is_grad_enabled()
        assert all(np.isfinite(p.data).all() for p in model.parameters())
        again = fit(model, loader, optimizer, epochs=1)
        assert len(again.epoch_loss) == 1
        assert np.isfinite(again.epoch_loss).all()


def failing(where, error):
    """An op that fails on its way forward, in its rule, or not at all."""

    @mg.primitive
    def fragile(x):
        if where == "forward":
            raise error
        return x * 1.0

    @fragile.wrt("x")
    def fragile_dx(g, y, x):
        if where == "backward":
            raise error
        return g

    return fragile


@pytest.mark.parametrize("where", ["forward", "backward"])
@pytest.mark.parametrize("error", [ZeroDivisionError("by the op"), MemoryError("too much")])
def test_an_op_that_fails_in_the_middle_leaves_all_as_it_was(where, error):
    x, w = (mg.Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    x.grad = mg.Tensor([5.0, 5.0])
    fragile = failing(where, error)
    with pytest.raises(type(error), match=str(error)):
        (fragile(mg.tanh(x) * w) * x).sum().backward()
    assert x.grad.tolist() == [5.0, 5.0]
    assert w.grad is None
    (mg.tanh(x) * w).sum().backward()
    np.testing.assert_allclose(w.grad.data, np.tanh(x.data))


def test_an_array_that_no_memory_holds_is_a_memory_error():
    for make in (mg.zeros, mg.ones, mg.rand):
        with pytest.raises((MemoryError, ValueError)):
            make((2**45, 2**10))
    x = mg.Tensor(np.ones(3), requires_grad=True)
    with pytest.raises((MemoryError, ValueError)):
        mg.broadcast_to(x, (2**50, 3)) * 2.0
    assert x.grad is None
