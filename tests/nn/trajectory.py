"""A training that PyTorch and minigrad repeat step by step: one recipe for both.

What it needs of a library: nn with cross_entropy, optim, and how an array becomes a tensor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minigrad import data

STEPS, BATCH = 200, 32

OPTIMIZERS: dict[str, Callable[[Any, Any], Any]] = {
    "SGD": lambda optim, params: optim.SGD(params, lr=0.04, momentum=0.9, weight_decay=1e-3),
    "Adam": lambda optim, params: optim.Adam(params, lr=3e-3),
}


class Library(NamedTuple):
    """What the training needs of PyTorch or of minigrad."""

    nn: Any
    optim: Any
    tensor: Callable[[np.ndarray], Any]  # an array as a tensor
    array: Callable[[Any], np.ndarray]  # and back


def network(nn: Any) -> Any:
    """A convolutional network with BatchNorm for the digits of 8 × 8 pixels, in float64.

    No bias before a BatchNorm: its gradient would be rounding alone, which Adam blows up.
    """
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.0),
        nn.Flatten(), nn.Linear(128, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU(),
        nn.Linear(16, 10),
    ).double()  # fmt: skip


def start(library: Library) -> Any:
    """The network with weights that are the same on every machine."""
    net, rng = network(library.nn), np.random.default_rng(0)
    for parameter in net.parameters():
        shape = tuple(parameter.shape)
        bound = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.5
        parameter.data[...] = library.tensor(rng.uniform(-bound, bound, shape))
    return net


def batches() -> list[tuple[np.ndarray, np.ndarray]]:
    """The digits, in an order that is the same on every machine."""
    images, labels = data.digits("train").arrays
    rng, found = np.random.default_rng(1), []
    while len(found) < STEPS:
        order = rng.permutation(len(labels))
        for i in range(0, len(order) - BATCH, BATCH):
            chosen = order[i : i + BATCH]
            found.append((images[chosen].astype(np.float64), labels[chosen]))
    return found[:STEPS]


def trained(library: Library, optimizer: str) -> dict[str, np.ndarray]:
    """The loss before each step, and at the end all parameters and buffers."""
    net, losses = start(library), []
    steps = OPTIMIZERS[optimizer](library.optim, net.parameters())
    loss = library.nn.CrossEntropyLoss()
    for x, y in batches():
        cost = loss(net(library.tensor(x)), library.tensor(y))
        steps.zero_grad()
        cost.backward()
        steps.step()
        losses.append(cost.item())
    state = {name: library.array(x) for name, x in net.state_dict().items()}
    return {"losses": np.array(losses)} | state
