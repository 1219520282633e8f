"""Nine convolutions as they stand in networks, and each of their three maps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..workload import Group, Workload
from .apart import Task, images, workload


class Layer(NamedTuple):
    """A batch of images, and the filters that meet them."""

    batch: int
    inputs: int
    outputs: int
    size: int
    kernel: int = 3
    padding: int = 1
    stride: int = 1
    groups: int = 1

    def task(self) -> Task:
        """The convolution, with a bias."""
        filters = self.outputs, self.inputs // self.groups, self.kernel, self.kernel

        def convolved(functional: Any, x: Any, w: Any, b: Any) -> Any:
            return functional.conv2d(x, w, b, self.stride, self.padding, groups=self.groups)

        x, w = images(self.batch, self.inputs, self.size, self.size), images(*filters)
        return Task(convolved, {"x": x, "w": w, "b": np.zeros(self.outputs, np.float32)})

    def __str__(self) -> str:
        k, s, p = f"{self.kernel}×{self.kernel}", self.stride, self.padding
        return (
            f"{self.batch} images {self.inputs}×{self.size}×{self.size} → {self.outputs}, {k}"
            + (f", stride {s}" * (s > 1) + f", padding {p}" * (p > 0))
        )


LAYERS = {
    "L1": Layer(64, 1, 8, 28),
    "L2": Layer(64, 8, 16, 14),
    "C1": Layer(128, 3, 32, 32),
    "C2": Layer(128, 32, 64, 16),
    "C3": Layer(64, 64, 128, 8),
    "R1": Layer(16, 64, 64, 56),
    "K5": Layer(64, 6, 16, 14, kernel=5, padding=0),
    "S2": Layer(64, 32, 64, 16, stride=2),
    "P1": Layer(64, 64, 128, 14, kernel=1, padding=0),
}
OTHERS = {  # outside of the mean of the nine
    "batch-1": Layer(1, 16, 32, 14),
    "depthwise": Layer(64, 64, 64, 16, groups=64),
}
PARTS = {
    "forward": ("forward", ("x", "w", "b")),
    "filter-gradient": ("backward", ("w",)),
    "input-gradient": ("backward", ("x",)),
}
LIMIT, MEAN = 1.6, 0.95  # for each of the nine, and for their geometric mean


def layer_workload(name: str, layer: Layer, part: str, limit: float | None) -> Workload:
    """One layer and one of the maps."""
    which, wanted = PARTS[part]
    about = f"convolution, {part.replace('-', ' ')}: {layer}"
    return workload(f"conv/{part}/{name}", about, layer.task(), wanted, which, limit)


def of_the_nine(name: str, layer: Layer, part: str) -> Workload:
    """One of those that the mean is about."""
    return replace(layer_workload(name, layer, part, LIMIT), group=Group(f"conv/{part}", MEAN))


WORKLOADS = [
    *(of_the_nine(name, layer, p) for p in PARTS for name, layer in LAYERS.items()),
    *(layer_workload(name, layer, p, None) for p in PARTS for name, layer in OTHERS.items()),
]
