"""Graphs that the tests draw, and the golden DOT texts: run this file to write them anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from minigrad import nn
from minigrad.functional import grad
from minigrad.graph import topological
from minigrad.ops.norm import batch_norm
from minigrad.optim import SGD, Adam
from minigrad.recording import inside
from minigrad.tensor import Tensor
from minigrad.value import Value
from minigrad.viz import Drawing, Mark, Steps, draw, steps

GOLDEN = Path(__file__).parent / "golden"


def parameter(data: Any, name: str) -> Tensor:
    return Tensor(data, requires_grad=True, name=name)


def named(node: Any, name: str) -> Any:
    node.name = name
    return node


def fanout() -> tuple[Value, Value]:
    """f = x² + 3x at 2, by a product: x has three uses; df/dx = 7."""
    x = Value(2.0, label="x")
    f = x * x + 3 * x
    f.label = "f"
    return f, x


def neuron() -> Value:
    """L = (tanh(w1 x1 + w2 x2 + b) − y)²"""
    w1, x1, w2, x2 = Value(-0.7, "w1"), Value(2.0, "x1"), Value(1.2, "w2"), Value(0.5, "x2")
    z = w1 * x1 + w2 * x2 + Value(0.4, "b")
    h = z.tanh()
    error = h - Value(1.0, "y")
    loss = error * error
    z.label, h.label, error.label, loss.label = "z", "h", "e", "L"
    return loss


def tensor_neuron() -> Tensor:
    """The same with tensors of shape (), where x1, x2 and y need no gradient."""
    w1, w2, b = parameter(-0.7, "w1"), parameter(1.2, "w2"), parameter(0.4, "b")
    x1, x2, y = Tensor(2.0, name="x1"), Tensor(0.5, name="x2"), Tensor(1.0, name="y")
    h = named((w1 * x1 + w2 * x2 + b).tanh(), "h")
    return named((h - y).square(), "L")


def matrices() -> Tensor:
    """L = Σ (X F + b − T)² with small matrices."""
    x = parameter([[1.0, 2.0], [0.0, -3.0], [2.0, 1.0]], "X")
    f, b = parameter([[1.0, -1.0], [2.0, 0.5]], "F"), parameter([0.5, -2.0], "b")
    target = Tensor([[1.0, 0.0], [2.0, 1.0], [0.0, 4.0]], name="T")
    return named(((named(x @ f, "O") + b - target).square()).sum(), "L")


def network() -> tuple[Tensor, Tensor]:
    """Two modules of a matmul and a sum each, and the first one's weight."""
    grid = np.linspace(-1.0, 1.5, 24)
    x = Tensor(grid.reshape(6, 4), name="X")
    target = Tensor(grid[:18].reshape(6, 3), name="Y")
    w1, b1 = parameter(grid.reshape(4, 6) ** 2, "fc1.weight"), parameter(grid[:6], "fc1.bias")
    w2, b2 = parameter(grid[:18].reshape(6, 3), "fc2.weight"), parameter(grid[:3], "fc2.bias")
    with inside("fc1"):
        hidden = x @ w1 + b1
    hidden = named(hidden.tanh(), "h")
    with inside("fc2"):
        out = hidden @ w2 + b2
    return named((out - target).square().mean(), "L"), w1


class Normalised(nn.Module):
    """Linear, BatchNorm, tanh, Linear."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(3, 4, rng=0)
        self.bn1 = nn.BatchNorm1d(4)
        self.fc2 = nn.Linear(4, 2, rng=1)

    def forward(self, x: Any) -> Any:
        return self.fc2(self.bn1(self.fc1(x)).tanh())


class Block(nn.Module):
    """x + relu(W x) · mask"""

    def __init__(self, size: int, rng: int) -> None:
        super().__init__()
        self.linear = nn.Linear(size, size, rng=rng)

    def forward(self, x: Any, mask: Any) -> Any:
        return x + self.linear(x).relu() * mask


class Deep(nn.Module):
    """Several blocks of one kind, one after the other."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.embed = nn.Linear(3, 6, rng=0)
        self.layers = nn.ModuleList([Block(6, rng) for rng in range(blocks)])
        self.head = nn.Linear(6, 2, rng=1)

    def forward(self, x: Any, mask: Any) -> Any:
        x = self.embed(x)
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(x)


class Unrolled(nn.Module):
    """A recurrent cell, called once for each step."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(3, 4, rng=0)
        self.out = nn.Linear(4, 1, rng=1)

    def forward(self, x: Any) -> Any:
        states = None
        for step in x:
            states = self.cell(step, states)
        return self.out(states[0])


def grid(*shape: int) -> Tensor:
    """An input of this shape, without a pattern."""
    numbers = np.sin(np.arange(np.prod(shape)) ** 2).reshape(shape)
    return Tensor(numbers, dtype=np.float32, name="X")


def loss_of(model: Any, *inputs: Any) -> Any:
    return named(model(*inputs).square().mean(), "L")


def normalised() -> Any:
    return loss_of(Normalised(), grid(8, 3))


def deep(blocks: int) -> Any:
    return loss_of(Deep(blocks), grid(5, 3), Tensor(np.ones(6, np.float32), name="mask"))


def unrolled(steps: int) -> Any:
    return loss_of(Unrolled(), grid(steps, 5, 3))


def standardised() -> Tensor:
    """Batch normalisation as a function, outside of any module."""
    x = parameter(grid(6, 3).data, "x")
    gamma, beta = parameter([1.0, 2.0, 0.5], "γ"), parameter([0.0, 1.0, -1.0], "β")
    return named(batch_norm(x, gamma, beta).tanh().sum(), "L")


def second_derivative() -> Tensor:
    """The graph of ∂²y/∂x² for y = tanh(x)."""
    x = parameter(0.5, "x")
    y = named(x.tanh(), "y")
    (slope,) = grad(y, x, create_graph=True)
    (curvature,) = grad(slope, x, create_graph=True)
    return curvature


def opposed() -> Value:
    """f = (a − b) (b − a) / a: the order of inputs counts, in both ways."""
    a, b = Value(2.0, "a"), Value(3.0, "b")
    f = (a - b) * (b - a) / a
    f.label = "f"
    return f


def verdicts(loss: Tensor, weight: Tensor) -> dict[Any, Mark]:
    """Marks of every kind: one weight of the network fails, and so does the op that uses it."""
    nodes = topological(loss)
    (matmul,) = [node for node in nodes if weight in set(node.inputs)]
    marks: dict[Any, Mark] = {
        node: Mark("ok", ("ok, error 1.2e-12",)) for node in nodes if node.requires_grad
    }
    marks[weight] = Mark("failure", ("FAIL its gradient", "analytic 2   at [1, 0]", "numeric 1"))
    marks[matmul] = Mark("failure", ("FAIL rule for b",))
    marks[matmul, 1] = Mark("failure", ("FAIL",))
    marks[nodes[0]] = Mark("note", ("not checked",))
    return marks


def chain(length: int) -> Value:
    """y = x + x + x + …, one sum after the other."""
    x = y = Value(1.0, label="x")
    for _ in range(length):
        y = y + x
    return y


def parameters(root: Any) -> list[Any]:
    return [x for x in topological(root) if x.op is None and x.requires_grad]


def after_backward(root: Any) -> Any:
    root.backward()
    return root


def drawings() -> dict[str, Drawing]:
    """All golden pictures, by the name of their file."""
    focus_root, focus = fanout()
    loss, weight = network()
    focus_root.backward()
    loss.backward()
    neuron_root, matrices_root = after_backward(tensor_neuron()), after_backward(matrices())
    return {
        "fanout": draw(after_backward(fanout()[0])),
        "fanout_focus": draw(focus_root, focus=focus),
        "neuron_before": draw(neuron()),
        "neuron": draw(after_backward(neuron()), legend=True),
        "neuron_tensors": draw(after_backward(tensor_neuron()), title="A neuron", theme="dark"),
        "matrices": draw(after_backward(matrices())),
        "matrices_stats": draw(after_backward(matrices()), values="stats", edges="shape"),
        "network": draw(loss, depth=None, legend=True),
        "network_collapsed": draw(loss),
        "network_expanded": draw(loss, expand={"fc2"}, values="none"),
        "network_focus": draw(loss, focus=weight, theme="print"),
        "network_marked": draw(loss, depth=None, legend=True, marks=verdicts(loss, weight)),
        "network_marked_collapsed": draw(loss, marks=verdicts(loss, weight), theme="print"),
        "chain_elided": draw(chain(50), max_nodes=6),
        "neuron_adam": draw(neuron_root, optimizer=Adam(parameters(neuron_root), lr=0.1)),
        "matrices_momentum": draw(
            matrices_root, optimizer=SGD(parameters(matrices_root), lr=0.01, momentum=0.9)
        ),
        "network_sgd": draw(loss, depth=None, optimizer=SGD(parameters(loss), lr=0.1)),
        "batch_norm": draw(after_backward(normalised()), expand={"bn1"}, values="none"),
        "batch_norm_function": draw(standardised(), expand={"batch_norm"}, values="none"),
        "layers_folded": draw(after_backward(deep(5)), legend=True),
        "layers_apart": draw(deep(3), fold="none", depth=None, values="none"),
        "cell_unrolled": draw(after_backward(unrolled(3)), values="none"),
        "second_derivative": draw(after_backward(second_derivative()), legend=True),
        "opposed": draw(after_backward(opposed())),
        "network_sgd_collapsed": draw(loss, optimizer=SGD(parameters(loss), lr=0.1)),
    }


def stories() -> dict[str, Steps]:
    """Stories whose captions are golden, by the name of their file."""
    numbers, arrays, layers = tensor_neuron(), matrices(), network()[0]
    return {
        "fanout_steps": steps(fanout()[0]),
        "neuron_steps": steps(numbers, optimizer=Adam(parameters(numbers), lr=0.1)),
        "matrices_steps": steps(arrays, optimizer=SGD(parameters(arrays), lr=0.01)),
        "network_steps": steps(layers),
        "chain_steps": steps(chain(50), max_nodes=6),
    }


if __name__ == "__main__":
    for name, drawing in drawings().items():
        (GOLDEN / f"{name}.dot").write_text(drawing.source, encoding="utf-8")
    for name, story in stories().items():
        (GOLDEN / f"{name}.txt").write_text(f"{story}\n", encoding="utf-8")
