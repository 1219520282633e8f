"""How the tables of samples are written: numbers, and a line for each sample.

Inputs are away from kinks and ties, which have tests of their own. They are made of Python's
random() and one division, so that they are the same on every machine.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from sample import Sample

SAMPLES: list[Sample] = []
chance = random.Random(20240229)


def normal(*shape: int) -> np.ndarray:
    """Numbers in −2 … 2, away from 0 and from each other: no kink or tie within reach."""
    size = math.prod(shape)
    places = sorted(range(size), key=lambda _: chance.random())
    x = np.linspace(-2, 2, size + 1)[1:][places] + 0.01 * chance.random()
    return np.where(np.abs(x) < 0.05, x + 0.11, x).reshape(shape)


def positive(*shape: int) -> np.ndarray:
    return np.abs(normal(*shape)) + 0.2


def inside(*shape: int) -> np.ndarray:
    """Strictly between −1 and 1."""
    return normal(*shape) * 0.45


def row(
    f: Callable[..., Any],
    *inputs: np.ndarray,
    name: str = "",
    constant: tuple[int, ...] = (),
    **params: Any,
) -> None:
    """Add a sample; its name is that of the function, where none is given."""
    label = name or f.__name__
    SAMPLES.append(Sample(label, f, tuple(map(np.asarray, inputs)), params, constant))
