"""The networks in SmallPebble, which has images as N, H, W, C, and no BatchNorm."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from ..workload import Case
from . import Array, Conv, Flatten, Linear, Network, Pool, ReLU, named


def case(network: Network) -> Case:
    """The training loop of its README."""
    sp = import_module("smallpebble")
    weights = {name: sp.Variable(their(w)) for name, w in network.weights().items()}
    x, y = network.data()
    images, optimizer = sp.Variable(x.transpose(0, 2, 3, 1) if x.ndim == 4 else x), sp.Adam()
    share = sp.Variable(np.array(1 / len(y), np.float32))

    def loss() -> Any:
        h = images
        for i, layer in enumerate(network.layers):
            w, b = weights.get(f"{i}.weight"), weights.get(f"{i}.bias")
            match layer:
                case Linear():
                    h = sp.add(sp.matmul(h, w), b)
                case Conv():
                    h = sp.add(sp.conv2d(h, w, "SAME" if layer.padding else "VALID"), b)
                case ReLU():
                    h = sp.leaky_relu(h, 0)
                case Pool():
                    h = sp.maxpool2d(h, 2, 2, "VALID", [2, 2])
                case Flatten():  # channels first, as the others have them
                    h = sp.reshape(channels_first(sp, h), (len(y), -1))
        return sp.mul(sp.cross_entropy(sp.softmax(h), y), share)

    def step() -> Any:
        gradients = sp.get_gradients(loss())
        optimizer.training_step(list(weights.values()), gradients)
        return gradients

    def results() -> dict[str, Any]:
        cost = loss()
        gradients = sp.get_gradients(cost)
        return named(cost.array, {name: ours(gradients[w]) for name, w in weights.items()})

    return Case(step, results)


def channels_first(sp: Any, images: Any) -> Any:
    """N, H, W, C as N, C, H, W: it can only exchange the last two axes."""
    n, h, w, c = images.array.shape
    return sp.matrix_transpose(sp.reshape(images, (n, h * w, c)))


def their(w: Array) -> Array:
    """Weights with outputs last, filters (KH, KW, C, O)."""
    return np.ascontiguousarray(w.transpose(2, 3, 1, 0) if w.ndim == 4 else w.T)


def ours(w: Array) -> Array:
    """The way back."""
    return w.transpose(3, 2, 0, 1) if w.ndim == 4 else w.T
