"""The networks of the comparisons, as plain data, and each of them in each library.

`Network` says which layers there are, and draws their first weights and a batch; a file for each
library makes a training step of it: forward, loss, backward, Adam. So all of them do the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray
CLASSES = 10


class Linear(NamedTuple):
    """y = x Wᵀ + b"""

    inputs: int
    outputs: int


class Conv(NamedTuple):
    """A convolution of stride 1; the bias is left out where a BatchNorm follows."""

    inputs: int
    outputs: int
    kernel: int
    padding: int
    bias: bool = True


class BatchNorm(NamedTuple):
    """Normalisation of images."""

    channels: int


class ReLU(NamedTuple):
    """max(x, 0)"""


class Pool(NamedTuple):
    """The largest of 2×2 pixels."""


class Flatten(NamedTuple):
    """Images as rows."""


Layer = Linear | Conv | BatchNorm | ReLU | Pool | Flatten


@dataclass(frozen=True)
class Network:
    """Layers, and the shape of a batch."""

    layers: tuple[Layer, ...]
    batch: tuple[int, ...]

    def weights(self) -> dict[str, Array]:
        """First weights, by the names that they have in `nn.Sequential`: "0.weight"."""
        draw = np.random.default_rng(0)
        pairs = enumerate(self.layers)
        return {f"{i}.{k}": a for i, layer in pairs for k, a in first_weights(layer, draw).items()}

    def data(self) -> tuple[Array, Array]:
        """Inputs and labels of one batch."""
        draw = np.random.default_rng(1)
        x = draw.normal(size=self.batch).astype(np.float32)
        return x, draw.integers(0, CLASSES, self.batch[0])


def first_weights(layer: Layer, draw: np.random.Generator) -> dict[str, Array]:
    """Those of one layer, evenly between ±1 / √inputs, as PyTorch does it."""
    if isinstance(layer, BatchNorm):
        ones = np.ones(layer.channels, np.float32)
        return {"weight": ones, "bias": 0 * ones}
    if not isinstance(layer, Linear | Conv):
        return {}
    square = (layer.kernel, layer.kernel) if isinstance(layer, Conv) else ()
    shape = (layer.outputs, layer.inputs, *square)
    bound = prod(shape[1:]) ** -0.5
    weights = {"weight": draw.uniform(-bound, bound, shape).astype(np.float32)}
    if isinstance(layer, Linear) or layer.bias:
        weights["bias"] = draw.uniform(-bound, bound, layer.outputs).astype(np.float32)
    return weights


def named(loss: Any, gradients: dict[str, Any]) -> dict[str, Any]:
    """Results of which a message can speak."""
    return {"loss": loss, **{f"gradient of {name}": g for name, g in gradients.items()}}


def mlp(batch: int) -> Network:
    """784-256-128-10"""
    hidden = Linear(784, 256), ReLU(), Linear(256, 128), ReLU()
    return Network((*hidden, Linear(128, CLASSES)), (batch, 784))


def lenet(batch: int) -> Network:
    """LeNet-5 on 28×28 pixels, with ReLU and max-pooling."""
    images = Conv(1, 6, 5, 2), ReLU(), Pool(), Conv(6, 16, 5, 0), ReLU(), Pool(), Flatten()
    rows = Linear(400, 120), ReLU(), Linear(120, 84), ReLU(), Linear(84, CLASSES)
    return Network((*images, *rows), (batch, 1, 28, 28))


def block(inputs: int, outputs: int) -> tuple[Layer, ...]:
    """Convolution, BatchNorm, ReLU, pooling."""
    return Conv(inputs, outputs, 3, 1, bias=False), BatchNorm(outputs), ReLU(), Pool()


def cifar(batch: int) -> Network:
    """32-64-128 channels with BatchNorm, on 32×32 pixels in colour."""
    blocks = *block(3, 32), *block(32, 64), *block(64, 128)
    return Network((*blocks, Flatten(), Linear(128 * 4 * 4, CLASSES)), (batch, 3, 32, 32))


def digits(batch: int) -> Network:
    """16-32 channels with BatchNorm, on 28×28 pixels: for MNIST."""
    blocks = *block(1, 16), *block(16, 32)
    return Network((*blocks, Flatten(), Linear(32 * 7 * 7, CLASSES)), (batch, 1, 28, 28))
