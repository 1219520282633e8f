"""Steps of an optimizer on 20 tensors: the weights and biases of ten layers."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from ..workload import Case, Comparison, Results, Workload

LAYERS = 10
SIZES = {"100k": 100, "1M": 316, "10M": 1000}  # n² entries in a layer: n (n − 1) and n
KINDS: dict[str, tuple[str, dict[str, Any], dict[str, float | None]]] = {
    "adam": ("Adam", {}, {"100k": 0.25, "1M": 0.75, "10M": 0.55}),
    "sgd": ("SGD", {"lr": 0.01, "momentum": 0.9}, dict.fromkeys(SIZES)),
}
FUSED = "torch, fused"
STEPS = 3  # before what they did is compared


def arrays(n: int) -> list[np.ndarray]:
    """The parameters."""
    draw = np.random.default_rng(0)
    shapes = [(n, n - 1), (n,)] * LAYERS
    return [draw.normal(size=shape).astype(np.float32) for shape in shapes]


def build(kind: str, keywords: dict[str, Any], n: int, contestant: str) -> Case:
    """The gradients are those of ½ |θ − 1|², and stay what they were at first."""
    name = contestant.partition(",")[0]
    library, optim = import_module(name), import_module(f"{name}.optim")
    parameters = [library.tensor(a, requires_grad=True) for a in arrays(n)]
    for p, a in zip(parameters, arrays(n)):
        p.grad = library.tensor(a - 1)
    fused = {"fused": True} if contestant == FUSED else {}
    optimizer = getattr(optim, kind)(parameters, **keywords, **fused)

    def results() -> Results:
        for _ in range(STEPS):
            optimizer.step()
        last = [parameters[i].detach().numpy() for i in (-2, -1)]  # the others are made alike
        return {"weight": last[0], "bias": last[1]}

    return Case(optimizer.step, results)


def workload(name: str, size: str) -> Workload:
    """One kind of optimizer and one number of parameters."""
    kind, keywords, targets = KINDS[name]
    n = SIZES[size]
    pairs = Comparison("minigrad", "torch", targets[size]), Comparison("minigrad", FUSED)
    about = f"{kind} on 20 tensors, {LAYERS * n * n:,} parameters"
    return Workload(f"optim/{name}-{size}", about, partial(build, kind, keywords, n), pairs, 1e-5)


WORKLOADS = [workload(name, size) for name in KINDS for size in SIZES]
