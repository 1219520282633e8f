"""Recorded ops, run again: one of them where it stands, or a whole graph from its leaves.

Everything is computed in float64, from copies; what was recorded is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.check.subject import Input, Program
from minigrad.graph import Array, leaf, recorded
from minigrad.replay import forward


class Again(Program):
    """One op of a graph, as a function of those of its inputs that need a gradient."""

    def __init__(self, node: Any, name: str) -> None:
        self.node, self.name = node, name
        self.slots = [i for i, x in enumerate(node.inputs) if x._needs]
        self.fixed = [in_float64(x._data) for x in node.inputs]
        self.inputs = [
            Input(f"input {node.op.input_name(i)}", self.fixed[i], node.inputs[i]._data.dtype)
            for i in self.slots
        ]

    def call(self, arrays: Sequence[Array]) -> tuple[list[Any], list[Any]]:
        given = dict(zip(self.slots, arrays))
        leaves = [
            leaf(given.get(i, self.fixed[i]), i in given) for i, x in enumerate(self.node.inputs)
        ]
        return [leaves[i] for i in self.slots], [computed(self.node, leaves)]


class Replay(Program):
    """A whole graph, as a function of its leaves that need a gradient."""

    def __init__(self, order: Sequence[Any], name: str) -> None:
        self.order, self.name = order, name
        self.leaves = [x for x in order if x.op is None and x._needs]
        module = {x: node.path for node in reversed(order) for x in node.inputs}
        self.inputs = [
            Input(leaf_label(x, i, module.get(x, "")), in_float64(x._data), x._data.dtype)
            for i, x in enumerate(self.leaves)
        ]

    def call(self, arrays: Sequence[Array]) -> tuple[list[Any], list[Any]]:
        made: dict[Any, Any] = {x: leaf(array, True) for x, array in zip(self.leaves, arrays)}
        for node in self.order:
            if node in made:
                continue
            if node.op is None or not node.inputs:
                made[node] = leaf(in_float64(node._data))
            else:
                made[node] = computed(node, [made[x] for x in node.inputs])
        return [made[x] for x in self.leaves], [made[self.order[-1]]]


def leaf_label(x: Any, i: int, path: str) -> str:
    """A leaf's name, with the module that uses it first; or its number."""
    return f"leaf {path}.{x.name}" if path and x.name else f"leaf {x.name or i}"


def computed(node: Any, inputs: Sequence[Any]) -> Any:
    """What the op of a node makes of other inputs, recorded."""
    y, saved = forward(node, [x._data for x in inputs])
    return recorded(y, node.op, tuple(inputs), node.path, node.params, saved)


def in_float64(x: Array) -> Array:
    """A floating-point array in float64, copied; indices and labels as they are."""
    return np.array(x, np.float64, order="K") if x.dtype.kind == "f" else x
