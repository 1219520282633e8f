"""Functions whose gradient is right, at points where a checker may think otherwise."""

from __future__ import annotations

import numpy as np

from .task import Task, normal, positive


def with_zero(rng: np.random.Generator) -> np.ndarray:
    """Random numbers, one of which is 0."""
    x = rng.normal(size=(3, 4))
    x[1, 2] = 0
    return x


def near_zero(rng: np.random.Generator) -> np.ndarray:
    """Random numbers, one of which lies close to 0."""
    x = rng.normal(size=(3, 4))
    x[1, 2] = 1e-7
    return x


def with_tie(rng: np.random.Generator) -> np.ndarray:
    """Rows whose largest number stands there twice."""
    x = rng.normal(size=(3, 4))
    return np.concatenate([x, x.max(axis=1, keepdims=True)], axis=1)


def single(rng: np.random.Generator) -> np.ndarray:
    """float32, as networks have it."""
    return rng.normal(size=(3, 4)).astype(np.float32)


RIGHT = [
    Task("relu, an entry at 0", with_zero, lambda xp, x: xp.maximum(x, 0),
         lambda xp, g, y, x: g * (x > 0)),
    Task("relu, an entry at 1e-7", near_zero, lambda xp, x: xp.maximum(x, 0),
         lambda xp, g, y, x: g * (x > 0)),
    Task("abs, an entry at 0", with_zero, lambda xp, x: xp.abs(x),
         lambda xp, g, y, x: g * xp.sign(x)),
    Task("max, of equal entries", with_tie, lambda xp, x: x.max(1),
         lambda xp, g, y, x: g[:, None] * (x == y[:, None]) / 2),
    Task("exp, float32", single, lambda xp, x: xp.exp(x), lambda xp, g, y, x: g * y),
    Task("sum of squares, float32", single, lambda xp, x: (x * x).sum(),
         lambda xp, g, y, x: 2 * g * x),
    Task("log near 1e-6", lambda rng: 1e-6 * positive(3, 4)(rng), lambda xp, x: xp.log(x),
         lambda xp, g, y, x: g / x),
    Task("sqrt near 1e-7", lambda rng: 1e-7 * positive(3, 4)(rng), lambda xp, x: xp.sqrt(x),
         lambda xp, g, y, x: g / (2 * y)),
    Task("sin(1e4 x)", normal(3, 4), lambda xp, x: xp.sin(1e4 * x),
         lambda xp, g, y, x: g * 1e4 * xp.cos(1e4 * x)),
    Task("x + 1e9", normal(3, 4), lambda xp, x: x + 1e9, lambda xp, g, y, x: g + 0 * x),
    Task("x³ near 1e5", normal(3, 4, scale=1e5), lambda xp, x: x * x * x,
         lambda xp, g, y, x: 3 * g * x * x),
    Task("1e8 · tanh", normal(3, 4), lambda xp, x: 1e8 * xp.tanh(x),
         lambda xp, g, y, x: g * 1e8 * (1 - xp.tanh(x) ** 2)),
]  # fmt: skip
