"""What else networks are made of, one function at a time: forward and backward together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..workload import Group, Workload
from .apart import Array, Task, images, workload

LEVEL = 1.0  # with PyTorch, in the geometric mean
Function = Callable[..., Any]  # of nn.functional and the inputs by name

RNG = np.random.default_rng(0)
INDEX = RNG.integers(0, 256, 512)
WORDS = RNG.integers(0, 1000, (32, 64))
MASK = RNG.random((256, 1024)) < 0.5


def normal(*shape: int) -> Array:
    return RNG.normal(size=shape).astype(np.float32)


def above_zero(*shape: int) -> Array:
    return np.abs(normal(*shape)) + np.float32(0.5)


X = {"x": normal(256, 1024)}
PAIR = {**X, "y": normal(256, 1024)}
ROW = {**X, "y": normal(1024)}
UP = {"x": above_zero(256, 1024)}
TARGET = {**X, "t": np.abs(normal(256, 1024)) % 1}
STACK = {"x": normal(32, 64, 64), "y": normal(32, 64, 64)}
HEADS = {"x": normal(8, 8, 64, 32), "y": normal(8, 8, 32, 64)}
IMAGES = {"x": images(32, 64, 28, 28)}
TEXT = {"x": normal(32, 64, 256), "w": normal(256), "b": normal(256)}


def by_name(names: str, inputs: dict[str, Array]) -> dict[str, tuple[Function, dict[str, Array]]]:
    """Functions of nn.functional with one array and no settings."""
    return {name: (lambda F, x, n=name: getattr(F, n)(x), inputs) for name in names.split()}


def methods(names: str, inputs: dict[str, Array]) -> dict[str, tuple[Function, dict[str, Array]]]:
    """Methods of tensors, without settings."""
    return {name: (lambda F, x, n=name: getattr(x, n)(), inputs) for name in names.split()}


FUNCTIONS: dict[str, tuple[Function, dict[str, Array]]] = {
    **methods("exp log sqrt sin cos tanh sigmoid abs square", UP),
    **by_name("gelu silu elu leaky_relu softplus hardtanh logsigmoid mish hardswish softsign", X),
    "prelu": (lambda F, x, w: F.prelu(x, w), {**IMAGES, "w": normal(64)}),
    "softmax": (lambda F, x: F.softmax(x, dim=-1), X),
    "log_softmax": (lambda F, x: F.log_softmax(x, dim=-1), X),
    "add": (lambda F, x, y: x + y, PAIR),
    "multiply": (lambda F, x, y: x * y, PAIR),
    "divide": (lambda F, x, y: y / x, {**UP, "y": normal(256, 1024)}),
    "add-row": (lambda F, x, y: x + y, ROW),
    "multiply-row": (lambda F, x, y: x * y, ROW),
    "power-3": (lambda F, x: x**3, UP),
    "power-2.5": (lambda F, x: x**2.5, UP),
    "sum": (lambda F, x: x.sum(), X),
    "sum-rows": (lambda F, x: x.sum(axis=1), X),
    "sum-columns": (lambda F, x: x.sum(axis=0), X),
    "mean-rows": (lambda F, x: x.mean(axis=1), X),
    "sum-channels": (lambda F, x: x.sum(axis=(0, 2, 3)), IMAGES),
    "cumsum": (lambda F, x: x.cumsum(axis=1), X),
    "matmul": (lambda F, x, y: x @ y, {"x": normal(256, 256), "y": normal(256, 256)}),
    "matmul-batch": (lambda F, x, y: x @ y, STACK),
    "matmul-heads": (lambda F, x, y: x @ y, HEADS),
    "linear": (lambda F, x, w: F.linear(x, w), {"x": normal(128, 784), "w": normal(256, 784)}),
    "slice": (lambda F, x: x[10:200, ::2], X),
    "rows": (lambda F, x: x[INDEX], X),
    "mask": (lambda F, x: x[MASK], X),
    "embedding": (
        lambda F, w: F.embedding(words(w), w),
        {"w": normal(1000, 64)},
    ),
    "layer_norm": (lambda F, x, w, b: F.layer_norm(x, (256,), w, b), TEXT),
    "group_norm": (lambda F, x: F.group_norm(x, 8), IMAGES),
    "avg_pool2d": (lambda F, x: F.avg_pool2d(x, 2), IMAGES),
    "avg_pool2d-overlapping": (lambda F, x: F.avg_pool2d(x, 3, 1, 1), IMAGES),
    "max_pool2d-overlapping": (lambda F, x: F.max_pool2d(x, 3, 2, 1), IMAGES),
    "adaptive_avg_pool2d-1": (lambda F, x: F.adaptive_avg_pool2d(x, 1), IMAGES),
    "adaptive_avg_pool2d-7": (lambda F, x: F.adaptive_avg_pool2d(x, 7), IMAGES),
    "mse_loss": (lambda F, x, t: F.mse_loss(x, t), TARGET),
    "l1_loss": (lambda F, x, t: F.l1_loss(x, t), TARGET),
    "smooth_l1_loss": (lambda F, x, t: F.smooth_l1_loss(x, t), TARGET),
    "huber_loss": (lambda F, x, t: F.huber_loss(x, t), TARGET),
    "binary_cross_entropy_with_logits": (
        lambda F, x, t: F.binary_cross_entropy_with_logits(x, t),
        TARGET,
    ),
    "conv1d": (
        lambda F, x, w: F.conv1d(x, w, padding=1),
        {"x": normal(32, 64, 256), "w": normal(64, 64, 3)},
    ),
    "conv_transpose2d": (
        lambda F, x, w: F.conv_transpose2d(x, w, stride=2, padding=1),
        {"x": images(32, 64, 14, 14), "w": images(64, 32, 4, 4)},
    ),
}


def words(weight: Any) -> Any:
    """The numbers of words, as the library of the weight takes them."""
    return WORDS if isinstance(weight.data, np.ndarray) else weight.new_tensor(WORDS).long()


def function(name: str) -> Workload:
    """One of the functions, of whose ratios the mean is taken; targets get no gradient."""
    run, inputs = FUNCTIONS[name]
    shapes = ", ".join("×".join(map(str, x.shape)) for x in inputs.values())
    wanted = tuple(k for k in inputs if k != "t")
    task = Task(run, inputs)
    about = f"{name}, forward and backward: {shapes}"
    measured = workload(f"function/{name}", about, task, wanted, "both", None)
    return replace(measured, group=Group("function", LEVEL))


WORKLOADS = [function(name) for name in FUNCTIONS]
