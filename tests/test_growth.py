"""Twice as much to do takes twice as many calls of functions, whatever the clock says."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad import data, nn, optim
from minigrad.value import Value


def calls(function):
    """How many functions are called, generators resumed included."""
    count = 0

    def profile(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


def leaves(n):
    return [mg.Tensor([float(i)], requires_grad=True) for i in range(n)]


def network(n):
    return nn.Sequential(*[nn.Linear(1, 1) for _ in range(n)])


def trained(n):
    model = network(n)
    model(mg.Tensor([[1.0]], dtype="float32")).sum().backward()
    return model


def concatenate(n):
    y = mg.concatenate(leaves(n))
    return lambda: y.backward(np.ones(n))


def stack(n):
    y = mg.stack(leaves(n))
    return lambda: y.backward(np.ones((n, 1)))


def split(n):
    x = mg.Tensor(np.ones(n), requires_grad=True)
    return lambda: sum(mg.split(x, n)).backward(np.ones(1))


def many_inputs(n):
    inputs = leaves(n)
    y = sum(x * x for x in inputs)
    return lambda: mg.grad(y.sum(), inputs, create_graph=True)


def values(n):
    x = Value(1.0)
    return lambda: sum(x * i for i in range(n)).backward()


def compiled(n):
    x = Value(1.0)
    y = sum(x * i for i in range(n))
    return lambda: mg.compile(y)


def layers(n):
    modules = [nn.Linear(1, 1) for _ in range(n)]
    return lambda: nn.Sequential(*modules)


def state(n):
    model = network(n)
    return lambda: model.load_state_dict(model.state_dict())


def training_step(n):
    model = network(n)
    optimizer = optim.Adam(model.parameters())
    x = mg.Tensor([[1.0]], dtype="float32")

    def step():
        optimizer.zero_grad()
        model(x).sum().backward()
        optimizer.step()

    return step


def optimizer_state(n):
    optimizer = optim.Adam(trained(n).parameters())
    optimizer.step()
    return lambda: optimizer.load_state_dict(optimizer.state_dict())


def clipping(n):
    parameters = list(trained(n).parameters())
    return lambda: nn.utils.clip_grad_norm_(parameters, 1.0)


def batches(n):
    loader = data.DataLoader(data.TensorDataset(np.ones((n, 2))), shuffle=True, rng=0)
    return lambda: list(loader)


def explained(n):
    x = y = Value(1.0)
    for _ in range(n):
        y = y * 0.5
    return lambda: str(mg.explain(x, y))


def drawn(n):
    y = Value(1.0)
    for _ in range(n):
        y = y * 0.5
    return lambda: mg.draw(y, max_nodes=10 * n).source


TASKS = [
    concatenate,
    stack,
    split,
    many_inputs,
    values,
    compiled,
    layers,
    state,
    training_step,
    optimizer_state,
    clipping,
    batches,
    explained,
    drawn,
]


@pytest.mark.parametrize("task", TASKS)
def test_twice_the_size_is_twice_the_work(task):
    task(3)()  # what is imported or remembered at the first use is not counted
    small, large = (calls(task(n)) for n in (100, 200))
    assert small < large < 2.1 * small
