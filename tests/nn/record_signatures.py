"""Record the arguments and defaults of PyTorch's modules and functions.

    pip install torch==2.13.0
    python tests/nn/record_signatures.py

writes recorded_signatures.json beside this file. The tests do not need PyTorch.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from minigrad import nn

FILE = Path(__file__).with_name("recorded_signatures.json")


def arguments(function: Any) -> dict[str, str]:
    """{argument: its default as text}, "" for an argument without one."""
    parameters = inspect.signature(function).parameters.values()
    return {
        p.name: "" if p.default is p.empty else repr(p.default)
        for p in parameters
        if p.name != "self" and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    }


def documented(function: Any) -> Any:
    """A function with the signature that stands in the docstring of one that is written in C++."""
    text, names = function.__doc__, {}
    exec(f"def f{text[text.index('(') : text.index(')') + 1]}: ...", names)
    return names["f"]


def described(name: str) -> dict[str, str]:
    """The arguments of the function of that name."""
    function = getattr(functional, f"_{name}", None) if name.startswith("max_pool") else None
    function = function or getattr(functional, name)
    return arguments(function if inspect.isfunction(function) else documented(function))


def record() -> None:
    """Write the arguments of everything that both libraries have."""
    modules = [name for name in nn.__all__ if inspect.isclass(getattr(torch.nn, name, None))]
    found = {
        "nn": {name: arguments(getattr(torch.nn, name).__init__) for name in modules},
        "F": {name: described(name) for name in nn.functional.__all__},
    }
    FILE.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    record()
