"""micrograd's own example, scalar by scalar: a 2-16-16-1 network with hinge loss on two moons.

The network is written for micrograd's Value, and runs on ours unchanged. Our other contestants
make one node of each neuron (`Value.dot`), or replay the whole graph as a tape (`mg.compile`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise
from operator import mul
from typing import Any

import numpy as np

from ..workload import Case, Comparison, Results, Workload

SIZES = (2, 16, 16, 1)
SAMPLES = 100
DECAY = 1e-4

Dot = Callable[[Sequence[Any], Sequence[Any], Any], Any]


def moons() -> tuple[list[list[float]], list[int]]:
    """Two half circles that reach into each other, with noise; labels −1 and 1."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, np.pi, SAMPLES)
    upper = np.arange(SAMPLES) % 2 == 0
    x = np.where(upper, np.cos(angle), 1 - np.cos(angle))
    y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
    points = np.stack([x, y], axis=1) + rng.normal(0, 0.1, (SAMPLES, 2))
    return points.tolist(), np.where(upper, 1, -1).tolist()


class Network:
    """Layers of neurons, each a list of weights and a bias; all but the last have a ReLU."""

    def __init__(self, value: type, dot: Dot) -> None:
        draw, self.dot = random.Random(0), dot
        self.layers = [
            [([value(draw.uniform(-1, 1)) for _ in range(n)], value(0.0)) for _ in range(m)]
            for n, m in pairwise(SIZES)
        ]
        self.parameters = [p for layer in self.layers for ws, b in layer for p in (*ws, b)]

    def __call__(self, xs: Sequence[Any]) -> Any:
        for layer in self.layers[:-1]:
            xs = [self.dot(ws, xs, b).relu() for ws, b in layer]
        [(ws, b)] = self.layers[-1]
        return self.dot(ws, xs, b)


def loss_of(network: Network, value: type, total: Callable[..., Any]) -> Any:
    """Mean hinge loss over all samples, and the squares of the parameters."""
    points, labels = moons()
    scores = [network([value(x) for x in point]) for point in points]
    hinges = [(1 - label * score).relu() for label, score in zip(labels, scores)]
    return total(hinges) * (1.0 / SAMPLES) + DECAY * total([p * p for p in network.parameters])


def chained(ws: Sequence[Any], xs: Sequence[Any], bias: Any) -> Any:
    """Σ w x + bias, as micrograd has it: a node for each product and each sum."""
    return sum(map(mul, ws, xs), bias)


def build(contestant: str) -> Case:
    """micrograd, minigrad as it, or minigrad in one of the faster ways."""
    if contestant == "micrograd":
        return recorded(import_module("micrograd.engine").Value, chained, sum)
    value = import_module("minigrad").Value
    if contestant == "minigrad":
        return recorded(value, chained, sum)
    if contestant == "minigrad, dot":
        return recorded(value, value.dot, value.sum)
    return compiled(value)


def recorded(value: type, dot: Dot, total: Callable[..., Any]) -> Case:
    """A step of the training loop: the graph is made anew."""
    network = Network(value, dot)

    def step() -> Any:
        for p in network.parameters:
            p.grad = 0
        loss = loss_of(network, value, total)
        loss.backward()
        return loss

    return Case(step, lambda: results(step().data, network))


def compiled(value: type) -> Case:
    """The same, from the tape of a graph made once."""
    network = Network(value, chained)
    tape = import_module("minigrad").compile(loss_of(network, value, sum))
    return Case(tape, lambda: results(tape(), network))


def results(loss: float, network: Network) -> Results:
    """Results of which a message can speak."""
    return {"loss": loss, "gradient": [p.grad for p in network.parameters]}


WORKLOADS = [
    Workload(
        "moons",
        "loss and backward of micrograd's example, 100 samples, one number at a time",
        build,
        (
            Comparison("minigrad", "micrograd", 1 / 6),
            Comparison("minigrad, dot", "micrograd", 1 / 20),
            Comparison("minigrad, compiled", "micrograd", 1 / 150),
        ),
    )
]
