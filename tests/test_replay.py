"""Recorded ops, run again: with what was recorded they give the same, with other numbers what the
program would."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.graph import topological
from minigrad.replay import forward, replayed


def small_network():
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, rng=0), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.5, rng=0), nn.Linear(8, 3, rng=0),
    )  # fmt: skip
    images = np.random.default_rng(0).normal(size=(4, 1, 6, 6)).astype(np.float32)
    return model, mg.cross_entropy(model(mg.Tensor(images)), np.array([0, 1, 2, 0]))


def test_every_op_gives_the_same_again():
    _, loss = small_network()
    for node in topological(loss):
        if node.op is not None:
            again = forward(node, [x.data for x in node.inputs])[0]
            np.testing.assert_array_equal(again, node.data)
            assert again.dtype == node.data.dtype


def test_nothing_new_is_nothing_computed():
    _, loss = small_network()
    assert replayed(topological(loss), {}) is loss.data


def test_new_leaves_give_what_the_program_gives():
    x, w = mg.Tensor([[1.0, 2.0]]), mg.Tensor([[3.0], [4.0]], requires_grad=True)
    y = ((x @ w).tanh() * 2.0).sum()
    new = np.array([[0.1], [-0.2]])
    after = replayed(topological(y), {w: new})
    assert after.item() == (((x @ mg.Tensor(new)).tanh() * 2.0).sum()).item()
    assert w.data.tolist() == [[3.0], [4.0]]


def test_only_what_depends_on_the_new_leaves_is_computed():
    calls = []

    @mg.primitive(x=lambda g, y, x: g)
    def counted(x):
        calls.append(1)
        return x + 0

    a, b = mg.Tensor(1.0, requires_grad=True), mg.Tensor(2.0, requires_grad=True)
    y = counted(a) * b
    assert replayed(topological(y), {b: np.array(5.0)}).item() == 5.0
    assert len(calls) == 1


def test_a_function_runs_again_with_its_own_arguments():
    class Affine(mg.Function):
        @staticmethod
        def forward(ctx, x, factor, *, shift):
            ctx.save_for_backward(x)
            return x * factor + shift, x * x

        @staticmethod
        def backward(ctx, g, h):
            (x,) = ctx.saved_tensors
            return g * 3.0 + h * 2 * x, None

    x = mg.Tensor([1.0, 2.0], requires_grad=True)
    first, second = Affine.apply(x, 3.0, shift=1.0)
    y = first.sum() + second.sum()
    assert replayed(topological(y), {x: np.array([0.0, 10.0])}).item() == pytest.approx(132.0)


def test_nan_passes_without_a_warning():
    x = mg.Tensor(1.0, requires_grad=True)
    assert np.isnan(replayed(topological(mg.log(x)), {x: np.array(-1.0)}))
