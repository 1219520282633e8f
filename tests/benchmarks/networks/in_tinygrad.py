"""The networks in tinygrad, with the step compiled by its TinyJit."""

from __future__ import annotations

import os
import shutil
from importlib import import_module
from typing import Any

from ..workload import Case
from . import BatchNorm, Conv, Flatten, Linear, Network, Pool, ReLU, named


def case(network: Network) -> Case:
    """The training loop of its README."""
    os.environ.setdefault("CPU_COUNT", os.environ["OMP_NUM_THREADS"])
    tinygrad, nn = import_module("tinygrad"), import_module("tinygrad.nn")
    if shutil.which("clang") is None:
        raise ModuleNotFoundError("tinygrad compiles for the CPU with clang", name="clang")
    tensor, training_mode = tinygrad.Tensor, tinygrad.Context
    x, y = map(tensor, network.data())
    weights = {name: tensor(w) for name, w in network.weights().items()}
    optimizer = nn.optim.Adam(list(weights.values()))
    norms = {
        i: nn.BatchNorm(layer.channels)
        for i, layer in enumerate(network.layers)
        if isinstance(layer, BatchNorm)
    }
    for i, norm in norms.items():
        norm.weight, norm.bias = weights[f"{i}.weight"], weights[f"{i}.bias"]

    def loss() -> Any:
        h = x
        for i, layer in enumerate(network.layers):
            w, b = weights.get(f"{i}.weight"), weights.get(f"{i}.bias")
            match layer:
                case Linear():
                    h = h.linear(w.T, b)
                case Conv():
                    h = h.conv2d(w, b, padding=layer.padding)
                case BatchNorm():
                    h = norms[i](h)
                case ReLU():
                    h = h.relu()
                case Pool():
                    h = h.max_pool2d()
                case Flatten():
                    h = h.flatten(1)
        return h.sparse_categorical_crossentropy(y)

    @tinygrad.TinyJit
    def training() -> Any:
        optimizer.zero_grad()
        cost = loss()
        cost.backward()
        return cost.realize(*optimizer.schedule_step())

    def step() -> float:
        with training_mode(TRAINING=1):
            return training().item()

    def results() -> dict[str, Any]:
        with training_mode(TRAINING=1):
            cost = loss()
            cost.backward()
            found = {name: w.grad.numpy() for name, w in weights.items()}
            return named(cost.item(), found)

    return Case(step, results)
