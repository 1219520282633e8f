"""One op of a network, forward and backward apart: what the workloads of layers are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from ..workload import Case, Comparison, Results, Workload

Array = np.ndarray
LAST = "torch, channels_last"


@dataclass(frozen=True)
class Task:
    """y = function(F, **inputs), for the F (nn.functional) of minigrad or PyTorch."""

    function: Callable[..., Any]
    inputs: dict[str, Array]
    checked: Callable[[Array], Array] = np.asarray  # what must agree, of results


def images(*shape: int) -> Array:
    """Random images (N, C, H, W)."""
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def prepared(x: Array, library: Any, contestant: str) -> Any:
    """A tensor, whose images lie in memory as they do in the middle of a network."""
    if x.ndim != 4:
        return library.tensor(x)
    if contestant == "minigrad":
        return library.tensor(np.ascontiguousarray(x.transpose(2, 1, 3, 0)).transpose(3, 1, 0, 2))
    order = library.channels_last if contestant == LAST else library.contiguous_format
    return library.tensor(x).contiguous(memory_format=order)


def build(task: Task, wanted: tuple[str, ...], part: str, contestant: str) -> Case:
    """part: "forward", "backward" or both of them, for the gradients of the inputs wanted."""
    name = contestant.partition(",")[0]
    library, functional = import_module(name), import_module(f"{name}.nn.functional")
    tensors = {k: prepared(x, library, contestant) for k, x in task.inputs.items()}
    targets = [tensors[k].requires_grad_() for k in wanted]
    forward = partial(task.function, functional, **tensors)
    y = forward()
    seed = np.random.default_rng(1).normal(size=tuple(y.shape)).astype(np.float32)
    upstream = prepared(seed, library, contestant)
    again = {"retain_graph": True} if name == "torch" else {}

    def backward() -> Any:
        return library.grad(y, targets, upstream, **again)

    def both() -> None:
        forward().backward(upstream)
        for x in targets:
            x.grad = None

    def results() -> Results:
        gradients = [task.checked(g.numpy()) for g in backward()]
        return {
            "output": task.checked(y.detach().numpy()),
            **{f"gradient of {k}": g for k, g in zip(wanted, gradients)},
        }

    if name == "torch":
        library.grad = library.autograd.grad
    return Case({"forward": forward, "backward": backward, "both": both}[part], results)


def workload(
    name: str,
    about: str,
    task: Task,
    wanted: tuple[str, ...],
    part: str,
    target: float | None,
    rtol: float = 1e-3,
) -> Workload:
    """A task beside PyTorch, for images in channels_last too."""
    pairs = [Comparison("minigrad", "torch", target)]
    if any(x.ndim == 4 for x in task.inputs.values()):
        pairs.append(Comparison("minigrad", LAST))
    return Workload(name, about, partial(build, task, wanted, part), tuple(pairs), rtol)
