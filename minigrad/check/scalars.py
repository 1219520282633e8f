"""Functions and graphs of Values, as subjects of a check."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.check.subject import Input, Subject, listed, name_of
from minigrad.graph import Array
from minigrad.value import Value, topological

# How the ops of Value are called that are no methods of one argument.
OPERATORS: dict[str, Callable[..., Value]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "abs": abs,
    "sum": lambda *xs: Value.sum(xs),
    "dot": lambda *xs: Value.dot(xs[: len(xs) // 2], xs[len(xs) // 2 : -1], xs[-1]),
}


class ScalarCall(Subject):
    """func(*arguments), where the Values among the arguments vary."""

    def __init__(self, func: Callable[..., Any], inputs: Any) -> None:
        self.func, self.arguments, self.name = func, listed(inputs), name_of(func)
        self.slots = [i for i, x in enumerate(self.arguments) if isinstance(x, Value)]
        self.inputs = [scalar_input(f"input {i}", self.arguments[i]) for i in self.slots]

    def call(self, arrays: Sequence[Array]) -> tuple[list[Value], list[Value]]:
        leaves = [Value(x.item(), self.arguments[i].label) for i, x in zip(self.slots, arrays)]
        given = dict(zip(self.slots, leaves))
        y = self.func(*[given.get(i, x) for i, x in enumerate(self.arguments)])
        outputs = list(y) if isinstance(y, (tuple, list)) else [y]
        if not all(isinstance(out, Value) for out in outputs):
            kinds = ", ".join(type(out).__name__ for out in outputs)
            raise TypeError(f"gradcheck: {self.name} must return Values, got {kinds}")
        return leaves, outputs

    def values(self, arrays: Sequence[Array]) -> list[Array]:
        return [np.array(y.data) for y in self.call(arrays)[1]]

    def connected(self, arrays: Sequence[Array]) -> list[bool]:
        leaves, outputs = self.call(arrays)
        return [not set(leaves).isdisjoint(topological(y)) for y in outputs]

    def gradients(
        self, arrays: Sequence[Array], cotangents: Sequence[Sequence[Array]]
    ) -> list[list[Array]]:
        leaves, outputs = self.call(arrays)
        rows = [backward(y, leaves) for y in outputs]
        return [
            [sum((u * d for u, d in zip(us, slopes)), np.zeros(())) for slopes in zip(*rows)]
            for us in cotangents
        ]


def backward(y: Value, leaves: Sequence[Value]) -> list[float]:
    """∂y/∂leaf by y.backward(), which leaves no trace in Values that the function brought along."""
    before = [(v, v.grad) for v in {*topological(y), *leaves}]
    for v, _ in before:
        v.grad = 0.0
    y.backward()
    slopes = [leaf.grad for leaf in leaves]
    for v, grad in before:
        v.grad = grad
    return slopes


class ScalarAgain(Subject):
    """One op of a graph of Values, with the local derivatives that were recorded."""

    def __init__(self, node: Any, name: str) -> None:
        self.node, self.name = node, name
        self.slots = range(len(node.inputs))
        self.inputs = [scalar_input(f"input {i}", x) for i, x in enumerate(node.inputs)]

    def values(self, arrays: Sequence[Array]) -> list[Array]:
        return [np.array(applied(self.node, [Value(x.item()) for x in arrays]).data)]

    def gradients(
        self, arrays: Sequence[Array], cotangents: Sequence[Sequence[Array]]
    ) -> list[list[Array]]:
        return [[u * d for d in self.node.local_derivatives] for (u,) in cotangents]


class ScalarReplay(Subject):
    """A whole graph of Values, as a function of its leaves."""

    def __init__(self, order: Sequence[Any], name: str) -> None:
        self.order, self.name = order, name
        self.leaves = [x for x in order if x.op is None and x.requires_grad]
        labels = [f"leaf {x.label or i}" for i, x in enumerate(self.leaves)]
        self.inputs = [scalar_input(label, x) for label, x in zip(labels, self.leaves)]

    def call(self, arrays: Sequence[Array]) -> tuple[list[Value], Value]:
        made = {x: Value(a.item()) for x, a in zip(self.leaves, arrays)}
        for node in self.order:
            if node.op is None:
                made.setdefault(node, Value(node.data))
            else:
                made[node] = applied(node, [made[x] for x in node.inputs])
        return [made[x] for x in self.leaves], made[self.order[-1]]

    def values(self, arrays: Sequence[Array]) -> list[Array]:
        return [np.array(self.call(arrays)[1].data)]

    def gradients(
        self, arrays: Sequence[Array], cotangents: Sequence[Sequence[Array]]
    ) -> list[list[Array]]:
        slopes = backward(*self.call(arrays)[::-1])
        return [[u * d for d in slopes] for (u,) in cotangents]


def scalar_input(label: str, x: Any) -> Input:
    return Input(label, np.array(x.data), np.dtype(float))


def applied(node: Any, inputs: Sequence[Value]) -> Value:
    """What the op of a Value makes of other inputs."""
    known = OPERATORS.get(node._op)
    return known(*inputs) if known else getattr(Value, node.op.name)(*inputs)


def has_method(node: Any) -> bool:
    """Whether the op of a Value is one of Value's own, so that it can be applied again."""
    return node._op in OPERATORS or hasattr(Value, node.op.name)
