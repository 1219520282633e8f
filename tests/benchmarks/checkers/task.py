"""What a checker is given: a function of arrays, its gradient, and inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Arrays = tuple[np.ndarray, ...]
Vjp = Callable[..., Any]


@dataclass(frozen=True)
class Task:
    """forward(xp, *xs) → y, and vjp(xp, g, y, *xs) → ∂L/∂x for every x, for g = ∂L/∂y.

    xp is NumPy, or another library with NumPy's names. faults are wrong gradients in the place
    of vjp. A function of one input returns one array, not a tuple.
    """

    name: str
    draw: Callable[[np.random.Generator], Any]
    forward: Callable[..., Any]
    vjp: Vjp
    faults: dict[str, Vjp] = field(default_factory=dict)

    def inputs(self, seed: int) -> Arrays:
        """Random inputs."""
        drawn = self.draw(np.random.default_rng(seed))
        return drawn if isinstance(drawn, tuple) else (drawn,)


def shares(vjp: Vjp, xp: Any, g: Any, y: Any, *xs: Any) -> tuple[Any, ...]:
    """What a vjp gives, always as a tuple."""
    found = vjp(xp, g, y, *xs)
    return found if isinstance(found, tuple) else (found,)


def normal(*shape: int, scale: float = 1.0) -> Callable[[np.random.Generator], np.ndarray]:
    return lambda rng: scale * rng.normal(size=shape)


def positive(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    return lambda rng: rng.uniform(0.5, 2.0, size=shape)


def both(*draws: Callable[[np.random.Generator], np.ndarray]) -> Callable[..., Arrays]:
    """Several inputs."""
    return lambda rng: tuple(draw(rng) for draw in draws)
