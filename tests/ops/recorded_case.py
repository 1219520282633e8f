"""A case that is recorded from PyTorch: one expression in minigrad, the same in PyTorch, inputs.

The tables stand in recorded_functions.py and recorded_layers.py; `record.py` evaluates PyTorch's
expressions, `test_recorded.py` minigrad's.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

PRIME = 1013  # n ↦ n³ takes every value once modulo this prime, in a disorderly order


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers in −2 … 2, none of them 0, all different up to 1013 of them.

    Made of whole numbers and one division, so that they are the same on every machine.
    """
    n = np.arange(math.prod(shape), dtype=np.int64) + 1 + 211 * seed
    return (((n % PRIME) ** 3 % PRIME - 506.25) / 253).reshape(shape)


def positive(*shape: int, seed: int = 0) -> np.ndarray:
    """The same without signs, from 0.25 on."""
    return np.abs(numbers(*shape, seed=seed)) + 0.25


@dataclass(frozen=True)
class Case:
    """Inputs in small letters that hold floats get a gradient; the others are constants."""

    ours: str
    torchs: str
    inputs: dict[str, np.ndarray]
    edge: bool  # inf, nan and zeros among the inputs: every entry is compared by itself

    @property
    def key(self) -> str:
        """Changes with the case, so that a recording of another one is never taken for it."""
        shapes = " ".join(f"{name}{list(x.shape)}" for name, x in self.inputs.items())
        content = zlib.crc32(b"".join(x.tobytes() for x in self.inputs.values()))
        return f"{self.torchs} with {shapes} {content:08x}"

    def differentiable(self) -> list[str]:
        """The names of the inputs that get a gradient."""
        return [k for k, v in self.inputs.items() if k.islower() and v.dtype.kind == "f"]


class Table(list[Case]):
    """Cases, one after the other."""

    def add(self, ours: str, torchs: str = "", /, *, edge: bool = False, **inputs: Any) -> None:
        """Where PyTorch's expression is left out it differs by names alone: torch. for mg.,
        dim for axis, keepdim for keepdims."""
        same = ours.replace("mg.", "torch.").replace("axis=", "dim=")
        arrays = {name: np.asarray(x) for name, x in inputs.items()}
        self.append(Case(ours, torchs or same.replace("keepdims=", "keepdim="), arrays, edge))
