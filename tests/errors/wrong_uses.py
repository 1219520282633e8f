"""The wrong uses in messages.txt: read, run, and what they left changed."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minigrad import Tensor, is_grad_enabled, nn, optim

FILE = Path(__file__).parent / "messages.txt"
INDENT = "    | "


class Use(NamedTuple):
    """One block: where it stands, its code, and the message that it is known to get."""

    line: int
    code: str
    message: str


def blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """The paragraphs of a text, each with the number of its first line."""
    number = 1
    for paragraph in text.split("\n\n"):
        lines = paragraph.strip("\n").split("\n")
        yield number + len(paragraph) - len(paragraph.lstrip("\n")), lines
        number += paragraph.count("\n") + 2


def read(text: str) -> tuple[str, list[Use]]:
    """The code that every use starts from, and the uses."""
    found = [
        Use(
            number,
            "\n".join(line for line in lines if not line.startswith(INDENT)),
            "\n".join(line.removeprefix(INDENT) for line in lines if line.startswith(INDENT)),
        )
        for number, lines in blocks(text)
        if lines[0] and not lines[0].startswith("#")
    ]
    return found[0].code, found[1:]


def run(start: str, use: Use) -> tuple[str, list[str]]:
    """The message that a use gets, and what has changed though it failed."""
    names: dict[str, Any] = {"__name__": "wrong_use"}
    exec(start, names)
    *before, last = ast.parse(use.code).body
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(ast.Module(before, []), "<use>", "exec"), names)
        held = state(names)
        try:
            exec(compile(ast.Module([last], []), "<use>", "exec"), names)
        except Exception as error:
            return described(error), differences(held, state(names))
    return "no error", []


def described(error: Exception) -> str:
    """The type of an error and all that it says, without what differs from run to run."""
    said = "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", [])])
    said = re.sub(r"version \d+, the op used an earlier one, \d+", "version …", said)
    said = re.sub(r"0x[0-9a-f]+", "0x…", said)
    return "\n".join(line.rstrip() for line in said.split("\n"))


# --- What a failed call must leave as it was ----------------------------------------------------


def state(names: dict[str, Any]) -> dict[str, Any]:
    """All that the objects with a name hold, copied, and whether ops are recorded."""
    held: dict[str, Any] = {"recording": is_grad_enabled(), "errstate": np.geterr()}
    for name, thing in names.items():
        if isinstance(thing, Tensor):
            held |= tensor_state(name, thing)
        elif isinstance(thing, np.ndarray):
            held[name] = thing.copy()
        elif isinstance(thing, nn.Module):
            held |= module_state(name, thing)
        elif isinstance(thing, optim.Optimizer):
            held |= {f"{name}.groups": groups(thing), f"{name}.state": len(thing.state)}
    return held


def tensor_state(name: str, x: Tensor) -> dict[str, Any]:
    """A tensor's array, gradient, name and flag."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an inner node's .grad
        grad = x.grad
    return {
        f"{name}.data": x.data.copy(),
        f"{name}.grad": None if grad is None else grad.data.copy(),
        f"{name}.requires_grad": x.requires_grad,
        f"{name}.name": x.name,
    }


def module_state(name: str, module: nn.Module) -> dict[str, Any]:
    """A module's parameters, buffers and mode."""
    held: dict[str, Any] = {f"{name}.training": [m.training for m in module.modules()]}
    for key, parameter in module.named_parameters():
        held |= tensor_state(f"{name}.{key}", parameter)
    for key, buffer in module.named_buffers():
        held[f"{name}.{key}"] = np.array(buffer)
    return held


def groups(optimizer: optim.Optimizer) -> list[dict[str, Any]]:
    """The settings of an optimizer's groups, and how many parameters each has."""
    return [{**group, "params": len(group["params"])} for group in optimizer.param_groups]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The keys whose values are not the same bit for bit."""
    return [
        key
        for key in before.keys() | after.keys()
        if key not in before or key not in after or not same(before[key], after[key])
    ]


def same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return type(a) is type(b) and bool(a == b)
