"""What stands between convolutions: BatchNorm, ReLU, pooling, dropout; and the loss at the end."""

from __future__ import annotations

from typing import Any

import numpy as np

from .apart import Array, Task, images, workload

IMAGES = (64, 32, 32, 32)
CHANNELS = np.ones(32, np.float32)


def kept(y: Array) -> Array:
    """Where dropout is right can be told only by how many it keeps, and what becomes of them."""
    return np.array([np.mean(y != 0), np.abs(y).mean()])


def batch_norm(functional: Any, x: Any, gamma: Any, beta: Any) -> Any:
    return functional.batch_norm(x, None, None, gamma, beta, training=True)


def cross_entropy(classes: int) -> Task:
    """128 samples."""
    labels = np.random.default_rng(2).integers(0, classes, 128)
    logits = np.random.default_rng(3).normal(size=(128, classes)).astype(np.float32)
    return Task(lambda F, x, y: F.cross_entropy(x, y), {"x": logits, "y": labels})


X = {"x": images(*IMAGES)}
NORM = Task(batch_norm, {**X, "gamma": CHANNELS, "beta": CHANNELS})
RELU = Task(lambda F, x: F.relu(x), X)
POOL = Task(lambda F, x: F.max_pool2d(x, 2), X)
DROPOUT = Task(lambda F, x: F.dropout(x, 0.5), X, checked=kept)

# name, task, inputs that get a gradient, targets for forward, backward or both together
TABLE: list[tuple[str, Task, tuple[str, ...], dict[str, float | None]]] = [
    ("batchnorm", NORM, ("x", "gamma", "beta"), {"forward": 0.7, "backward": 2.2}),
    ("relu", RELU, ("x",), {"forward": 1.8, "backward": 1.8}),
    ("maxpool", POOL, ("x",), {"forward": 0.2, "backward": 1.8}),
    ("dropout", DROPOUT, ("x",), {"forward": 0.2, "backward": None}),
    (
        "cross-entropy-10",
        cross_entropy(10),
        ("x",),
        {"forward": None, "backward": None, "both": 0.6},
    ),
    ("cross-entropy-1000", cross_entropy(1000), ("x",), {"both": None}),
]
ABOUT = {"both": "forward and backward"}


def about(name: str, task: Task, part: str) -> str:
    shape = "×".join(map(str, task.inputs["x"].shape))
    return f"{name}, {ABOUT.get(part, part)}, {shape}"


WORKLOADS = [
    workload(
        f"layer/{name}/{part}",
        about(name, task, part),
        task,
        wanted,
        part,
        target,
        rtol=1e-2 if name == "dropout" else 1e-3,
    )
    for name, task, wanted, targets in TABLE
    for part, target in targets.items()
]
