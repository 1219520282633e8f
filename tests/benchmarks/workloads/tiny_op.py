"""Chains of 200 ops on four float32 numbers: what an op costs when there is nothing to compute."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from ..workload import Case, Comparison, Workload

PAIRS = 100  # of ops
X, B, C, SEED = np.random.default_rng(0).uniform(0.9, 1.1, (4, 4)).astype(np.float32)


class Chain(NamedTuple):
    """y = function(library, *inputs), to be differentiated in the first few of its inputs."""

    function: Callable[..., Any]
    inputs: tuple[np.ndarray, ...]
    wanted: int


def affine(library: Any, x: Any, b: Any, c: Any) -> Any:
    for _ in range(PAIRS):
        x = x * b + c
    return x


def waves(library: Any, x: Any) -> Any:
    tanh, sin = library.tanh, library.sin
    for _ in range(PAIRS):
        x = sin(tanh(x))
    return x


def build(chain: Chain, contestant: str) -> Case:
    """The case of minigrad, PyTorch, autograd or MyGrad."""
    cases = {"autograd": functional, "mygrad": in_mygrad}
    return cases[contestant](chain) if contestant in cases else recorded(chain, contestant)


def recorded(chain: Chain, name: str) -> Case:
    """For libraries whose tensors record what is done: it is written the same for all of them."""
    library = import_module(name)
    inputs = [library.tensor(a, requires_grad=i < chain.wanted) for i, a in enumerate(chain.inputs)]
    seed = library.tensor(SEED)

    def step() -> Any:
        for x in inputs:
            x.grad = None
        y = chain.function(library, *inputs)
        y.backward(seed)
        return y

    def results() -> dict[str, Any]:
        y = step().detach()
        return named(y.numpy(), [x.grad.numpy() for x in inputs[: chain.wanted]])

    return Case(step, results)


def functional(chain: Chain) -> Case:
    """For HIPS autograd, which differentiates functions."""
    library, numpy = import_module("autograd"), import_module("autograd.numpy")
    pull_back = library.make_vjp(partial(chain.function, numpy), tuple(range(chain.wanted)))

    def step() -> Any:
        vjp, y = pull_back(*chain.inputs)
        return y, vjp(SEED)

    return Case(step, lambda: named(*step()))


def in_mygrad(chain: Chain) -> Case:
    """For MyGrad, whose gradients are arrays; it drops those of the last time by itself."""
    library = import_module("mygrad")
    inputs = [library.tensor(a, constant=i >= chain.wanted) for i, a in enumerate(chain.inputs)]

    def step() -> Any:
        y = chain.function(library, *inputs)
        y.backward(SEED)
        return y

    return Case(step, lambda: named(step().data, [x.grad for x in inputs[: chain.wanted]]))


def named(y: Any, gradients: Any) -> dict[str, Any]:
    """Results of which a message can speak."""
    return {"output": y, **{f"gradient {i}": g for i, g in enumerate(gradients)}}


def workload(variant: str, about: str, chain: Chain) -> Workload:
    """A chain as a workload."""
    pairs = [Comparison("minigrad", "torch", 0.45)]
    pairs += [Comparison("minigrad", name, 1 / 3) for name in ("autograd", "mygrad")]
    return Workload(f"tiny-op/{variant}", about, partial(build, chain), tuple(pairs), rtol=1e-4)


WORKLOADS = [
    workload(
        "all", "200 ops y·b + c on (4,), gradients of x, b and c", Chain(affine, (X, B, C), 3)
    ),
    workload("input", "200 ops y·b + c on (4,), gradient of x only", Chain(affine, (X, B, C), 1)),
    workload("unary", "200 ops sin(tanh(y)) on (4,)", Chain(waves, (X,), 1)),
]
