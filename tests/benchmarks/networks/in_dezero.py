"""The networks in DeZero, the small heir of Chainer."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from ..workload import Case
from . import BatchNorm, Conv, Flatten, Linear, Network, Pool, ReLU, named


def case(network: Network) -> Case:
    """The training loop of its book."""
    vars(np).setdefault("int", int)  # DeZero still asks for the alias that NumPy has dropped
    dezero, functions = import_module("dezero"), import_module("dezero.functions")
    convolution = import_module("dezero.functions_conv")
    model, (x, y) = dezero.Layer(), network.data()
    weights = {name: dezero.Parameter(array) for name, array in prepared(network).items()}
    for name, parameter in weights.items():
        setattr(model, name, parameter)
    optimizer = import_module("dezero.optimizers").Adam().setup(model)
    running = {i: moments(layer) for i, layer in enumerate(network.layers)}

    def loss() -> Any:
        h: Any = dezero.Variable(x)
        for i, layer in enumerate(network.layers):
            w, b = weights.get(f"{i}.weight"), weights.get(f"{i}.bias")
            match layer:
                case Linear():
                    h = functions.linear(h, w, b)
                case Conv():
                    h = convolution.conv2d(h, w, b, pad=layer.padding)
                case BatchNorm():
                    h = functions.batch_nrom(h, w, b, *running[i], eps=1e-5)
                case ReLU():
                    h = functions.relu(h)
                case Pool():
                    h = convolution.pooling(h, 2, 2)
                case Flatten():
                    h = functions.flatten(h)
        return functions.softmax_cross_entropy(h, y)

    def differentiated() -> Any:
        cost = loss()
        model.cleargrads()
        cost.backward()
        return cost

    def step() -> Any:
        cost = differentiated()
        optimizer.update()
        return cost

    def results() -> dict[str, Any]:
        cost = differentiated()
        gradients = {name: p.grad.data for name, p in weights.items()}
        return named(cost.data, {k: turned(network, k, g) for k, g in gradients.items()})

    return Case(step, results)


def prepared(network: Network) -> dict[str, np.ndarray]:
    """The weights as DeZero has them."""
    return {name: turned(network, name, w) for name, w in network.weights().items()}


def turned(network: Network, name: str, w: np.ndarray) -> np.ndarray:
    """Linear layers have their inputs first there; the same way back."""
    index, kind = name.split(".")
    linear = isinstance(network.layers[int(index)], Linear) and kind == "weight"
    return np.ascontiguousarray(w.T) if linear else w


def moments(layer: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """What BatchNorm keeps."""
    if not isinstance(layer, BatchNorm):
        return None
    return np.zeros(layer.channels, np.float32), np.ones(layer.channels, np.float32)
