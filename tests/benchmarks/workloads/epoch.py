"""An epoch of MNIST, end to end: the loader shuffles 60,000 images, a CNN with BatchNorm learns.

The images come from MNIST's own files, in the folder that the command's --mnist names. Without a
folder it is random pixels and labels: they take just as long.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import numpy as np

from ..networks import digits
from ..networks.modules import built, results, torch_steps
from ..workload import Case, Comparison, Workload

FOLDER = "MINIGRAD_MNIST"  # the environment variable that carries the folder to the contestants
BATCH = 64
SLICED = "torch, sliced"


def images() -> tuple[np.ndarray, np.ndarray]:
    """60,000 images and labels."""
    if FOLDER in os.environ:
        return import_module("minigrad.data").mnist(os.environ[FOLDER], "train").arrays
    draw = np.random.default_rng(0)
    pixels = draw.random((60_000, 1, 28, 28), np.float32)
    return pixels, draw.integers(0, 10, len(pixels))


def ours() -> Case:
    """`fit`, for one epoch."""
    mg, nn, optim = (import_module(f"minigrad{x}") for x in ("", ".nn", ".optim"))
    data, network = import_module("minigrad.data"), digits(BATCH)
    model, loss = built(nn, network, mg.from_numpy), nn.CrossEntropyLoss()
    loader = data.DataLoader(data.TensorDataset(*images()), BATCH, shuffle=True)
    optimizer = optim.Adam(model.parameters())

    def step() -> Any:
        return mg.fit(model, loader, loss, optimizer, epochs=1, progress=False)

    return Case(step, lambda: results(model, loss, *map(mg.from_numpy, network.data())))


def torch(sliced: bool) -> Case:
    """The loop of its tutorials with its DataLoader, or with batches sliced from the arrays."""
    torch, network = import_module("torch"), digits(BATCH)
    model, loss = built(torch.nn, network, torch.from_numpy), torch.nn.CrossEntropyLoss()
    x, y = map(torch.from_numpy, images())
    loading = import_module("torch.utils.data")
    loader = loading.DataLoader(loading.TensorDataset(x, y), batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters())

    def step() -> float:
        parts = torch.randperm(len(x)).split(BATCH)
        batches = ((x[part], y[part]) for part in parts) if sliced else loader
        return sum(torch_steps(model, batches, loss, optimizer))

    return Case(step, lambda: results(model, loss, *map(torch.from_numpy, network.data())))


def build(contestant: str) -> Case:
    return ours() if contestant == "minigrad" else torch(contestant == SLICED)


WORKLOADS = [
    Workload(
        "epoch",
        "one epoch of 60,000 images of 28×28, CNN 16-32 with BatchNorm, batch 64",
        build,
        (Comparison("minigrad", "torch", 0.9), Comparison("minigrad", SLICED)),
        rtol=1e-3,
        rounds=3,
    )
]
