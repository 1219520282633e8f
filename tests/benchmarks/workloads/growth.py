"""Backward through more and more nodes: twice the nodes should take about twice the time.

Here the contestants are sizes of one graph; see sizes.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from ..workload import Case, Results, Workload
from .sizes import doublings, number

SMALLEST, LARGEST, LARGEST_TENSORS = 62_500, 1_000_000, 250_000
WIDTH = 250  # of the random graph

Leaf = Callable[[float], Any]


class Graph(NamedTuple):
    """A graph of n nodes, its leaves, and their gradients as one knows them without a library."""

    root: Any
    leaves: list[Any]
    gradients: list[float]


def chain(leaf: Leaf, n: int) -> Graph:
    """x, halved and doubled again: depth n."""
    x, half, two = leaf(1.5), leaf(0.5), leaf(2.0)
    y = x
    for _ in range(n // 2):
        y = y * half * two
    return Graph(y, [x, half, two], [1.0, n // 2 * 3.0, n // 2 * 0.75])


def fan_out(leaf: Leaf, n: int) -> Graph:
    """one leaf, used n times."""
    x = y = leaf(1.0)
    for _ in range(n):
        y = y + x
    return Graph(y, [x], [n + 1.0])


def joined(leaf: Leaf, n: int) -> Graph:
    """n numbers, stacked, and concatenated: two nodes of n inputs each."""
    minigrad = import_module("minigrad")
    parts = [leaf(1.0) for _ in range(n)]
    rows = [x.reshape(1) for x in parts]
    sums = minigrad.stack(parts) + minigrad.concatenate(rows)
    weights = np.arange(float(n))
    return Graph((sums * weights).sum(), parts, (2 * weights).tolist())


def woven(leaf: Leaf, n: int) -> Graph:
    """wide and deep, each unit is the mean of the one a row above and of any earlier one."""
    pick, half = random.Random(0), leaf(0.5)
    others = [pick.randrange(i) for i in range(WIDTH, n // 3)]
    units = [leaf(i / WIDTH) for i in range(WIDTH)]
    for i, other in enumerate(others, WIDTH):
        units.append(units[i - WIDTH] * half + units[other] * half)
    root = sum(units[-WIDTH:], leaf(0.0))
    return Graph(root, units[:WIDTH], woven_gradients(others))


def woven_gradients(others: list[int]) -> list[float]:
    """The chain rule on plain numbers: half of each unit's gradient goes to each of its two."""
    grads = [0.0] * len(others) + [1.0] * WIDTH
    for i in reversed(range(WIDTH, len(grads))):
        grads[i - WIDTH] += grads[i] / 2
        grads[others[i - WIDTH]] += grads[i] / 2
    return grads[:WIDTH]


def build(kind: str, graph: Callable[[Leaf, int], Graph], contestant: str) -> Case:
    """A graph of that many nodes, walked again and again."""
    leaf = getattr(import_module("minigrad"), kind)
    if kind == "Tensor":
        leaf = partial(leaf, requires_grad=True)
    root, leaves, gradients = graph(leaf, number(contestant))

    def results() -> Results:
        root.backward()
        return {"gradients": [float(x.grad) for x in leaves]}

    return Case(root.backward, results, {"gradients": gradients})


def workload(kind: str, graph: Callable[[Leaf, int], Graph], largest: int) -> Workload:
    """The growth of one kind of graph."""
    name = f"growth/{kind}-{graph.__name__}".lower().replace("_", "-")
    about = f"backward through {kind}s: {graph.__doc__}"
    sizes = doublings(SMALLEST, largest, "nodes")
    return Workload(name, about, partial(build, kind, graph), sizes, theory=1)


WORKLOADS = [
    *(workload("Value", graph, LARGEST) for graph in (chain, fan_out, woven)),
    *(workload("Tensor", graph, LARGEST_TENSORS) for graph in (chain, fan_out, joined)),
]
