"""What the properties draw from: arrays, upstream gradients, functions; and how they compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

import minigrad as mg

# The same examples in every run: a failure is one that anybody can repeat.
repeatable = settings(max_examples=25, derandomize=True, database=None, deadline=None)

seeds = st.integers(0, 10**6)
shapes = st.lists(st.integers(1, 4), max_size=3).map(tuple)
matrix_sizes = st.tuples(*[st.integers(1, 5)] * 4)

SMOOTH: dict[str, Callable[[Any], Any]] = {
    "exp": mg.exp,
    "tanh": mg.tanh,
    "sin": mg.sin,
    "sigmoid": mg.sigmoid,
    "softplus": mg.softplus,
    "gelu": mg.gelu,
    "square": mg.square,
    "log of a positive": lambda x: mg.log(x * x + 1),
    "root of a positive": lambda x: mg.sqrt(x * x + 1),
}
smooth = st.sampled_from(sorted(SMOOTH)).map(SMOOTH.__getitem__)


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def leaf(seed: int, *shape: int) -> mg.Tensor:
    return mg.Tensor(normal(seed, *shape), requires_grad=True)


def gradients(f: Callable[..., Any], *arrays: np.ndarray, u: Any = None, seed: int = 0) -> Any:
    """∂⟨u, f⟩/∂x for every array, for a random u where none is given."""
    xs = [mg.Tensor(x, requires_grad=True) for x in arrays]
    y = f(*xs)
    u = normal(seed + 1, *y.shape) if u is None else u
    return [g.data for g in mg.grad(y, xs, np.broadcast_to(u, y.shape))]


def same(a: Any, b: Any, rtol: float = 1e-10, scale: float = 0.0) -> None:
    """Equal to rounding, measured by the largest entry, or by a larger scale."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    scale = max(scale, np.abs(b).max(initial=1e-300))
    np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * scale)
