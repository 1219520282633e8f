"""The networks in JAX and in HIPS autograd, which differentiate functions of the weights."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

from ..workload import Case
from . import Conv, Linear, Network, Pool, ReLU, named

Weights = dict[str, Any]


class Library(NamedTuple):
    """What a library calls things, and how it does what NumPy has no name for."""

    np: Any
    conv: Callable[[Any, Any, int], Any]  # images, filters, padding
    pool: Callable[[Any], Any]
    value_and_grad: Callable[..., Any]


def jax() -> Library:
    """JAX, on one core if one thread is wanted: its own settings do not bind all of it."""
    if os.environ["OMP_NUM_THREADS"] == "1" and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    jax, lax = import_module("jax"), import_module("jax.lax")

    def conv(x: Any, w: Any, padding: int) -> Any:
        return lax.conv_general_dilated(x, w, (1, 1), [(padding, padding)] * 2)

    def pool(x: Any) -> Any:
        window = (1, 1, 2, 2)
        return lax.reduce_window(x, -jax.numpy.inf, lax.max, window, window, "VALID")

    return Library(jax.numpy, conv, pool, jax.value_and_grad)


def autograd() -> Library:
    """HIPS autograd, whose NumPy has neither windows nor convolution."""
    autograd, np = import_module("autograd"), import_module("autograd.numpy")

    def conv(x: Any, w: Any, padding: int) -> Any:
        k, (h, width) = w.shape[-1], (n + 2 * padding for n in x.shape[2:])
        x = np.pad(x, [(0, 0), (0, 0), (padding,) * 2, (padding,) * 2], mode="constant")
        shifts = [(i, j) for i in range(k) for j in range(k)]
        parts = [x[:, :, i : i + h - k + 1, j : j + width - k + 1] for i, j in shifts]
        columns = np.stack(parts, axis=2)  # (N, C, K·K, OH, OW)
        y = np.tensordot(w.reshape(*w.shape[:2], k * k), columns, axes=((1, 2), (1, 2)))
        return np.transpose(y, (1, 0, 2, 3))

    def pool(x: Any) -> Any:
        n, c, h, w = x.shape
        return np.max(np.max(x.reshape(n, c, h // 2, 2, w // 2, 2), axis=5), axis=3)

    return Library(np, conv, pool, autograd.value_and_grad)


def loss(library: Library, network: Network, weights: Weights, x: Any, y: Any) -> Any:
    """Cross-entropy of what the network says."""
    np = library.np
    for i, layer in enumerate(network.layers):
        x = applied(library, layer, weights.get(f"{i}.weight"), weights.get(f"{i}.bias"), x)
    x = x - np.max(x, axis=1, keepdims=True)
    logp = x - np.log(np.sum(np.exp(x), axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(y)), y])


def applied(library: Library, layer: Any, w: Any, b: Any, x: Any) -> Any:
    """One layer."""
    np = library.np
    if isinstance(layer, Linear):
        return np.dot(x, w.T) + b
    if isinstance(layer, Conv):
        y = library.conv(x, w, layer.padding)
        return y if b is None else y + b[:, None, None]
    if isinstance(layer, ReLU):
        return np.maximum(x, 0)
    if isinstance(layer, Pool):
        return library.pool(x)
    if w is None:
        return x.reshape(len(x), -1)
    mean = np.mean(x, axis=(0, 2, 3), keepdims=True)
    centred = x - mean
    spread = np.sqrt(np.mean(centred * centred, axis=(0, 2, 3), keepdims=True) + 1e-5)
    return w[:, None, None] * (centred / spread) + b[:, None, None]


def adam(np: Any, weights: Weights, gradients: Weights, state: Any) -> tuple[Weights, Any]:
    """One step of Adam; neither library has one that stands beside its NumPy."""
    t, m, v = state
    t = t + 1
    m = {k: 0.9 * m[k] + 0.1 * g for k, g in gradients.items()}
    v = {k: 0.999 * v[k] + 0.001 * (g * g) for k, g in gradients.items()}
    rate = 1e-3 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    moved = {k: w - rate * m[k] / (np.sqrt(v[k]) + 1e-8) for k, w in weights.items()}
    return moved, (t, m, v)


def case(network: Network, library: Library, compiled: Callable[[Any], Any] | None = None) -> Case:
    """A step that makes new weights of old ones."""
    np = library.np
    x, y = map(np.array, network.data())
    differentiated = library.value_and_grad(partial(loss, library, network))

    def training(weights: Weights, state: Any, x: Any, y: Any) -> Any:
        _, gradients = differentiated(weights, x, y)
        return adam(np, weights, gradients, state)

    training = compiled(training) if compiled else training
    first = {name: np.array(w) for name, w in network.weights().items()}
    zeros = {name: 0 * w for name, w in first.items()}
    now = [first, (np.array(0.0, "float32"), zeros, zeros)]

    def step() -> Any:
        now[:] = training(*now, x, y)
        for w in now[0].values():
            getattr(w, "block_until_ready", int)()  # JAX returns before it is done
        return now

    return Case(step, lambda: named(*differentiated(first, x, y)))


def in_jax(network: Network) -> Case:
    """Op by op."""
    return case(network, jax())


def in_jax_jit(network: Network) -> Case:
    """The whole step compiled."""
    return case(network, jax(), import_module("jax").jit)


def in_autograd(network: Network) -> Case:
    """Traced anew in each step."""
    return case(network, autograd())
