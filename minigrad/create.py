"""Tensors from scratch: filled, counted, random, or from an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.graph import leaf
from minigrad.ops.arguments import array_of
from minigrad.ops.complaints import worded
from minigrad.rng import generator
from minigrad.tensor import Tensor, as_array


def tensor(
    data: Any, requires_grad: bool = False, *, dtype: Any = None, name: str | None = None
) -> Tensor:
    """A tensor of a copy of data: the same as Tensor(data, ...)."""
    return Tensor(data, requires_grad, dtype=dtype, name=name)


def from_numpy(array: Any) -> Tensor:
    """A tensor that shares the array's memory: a change of one is seen in the other."""
    if not isinstance(array, np.ndarray):
        raise TypeError(
            f"from_numpy takes a NumPy array, got {type(array).__name__}; tensor() takes lists too"
        )
    return leaf(as_array(array, None, copy=False))


def made(array: Any, requires_grad: bool) -> Tensor:
    return leaf(as_array(array, None, copy=False)).requires_grad_(requires_grad)


def sizes(shape: tuple[Any, ...]) -> Any:
    """A shape given as one tuple, or number by number."""
    return shape[0] if len(shape) == 1 else shape


@worded
def zeros(*shape: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros: zeros(2, 3) or zeros((2, 3)); float64 unless a dtype is given."""
    return made(np.zeros(sizes(shape), dtype), requires_grad)


@worded
def ones(*shape: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones: ones(2, 3) or ones((2, 3)); float64 unless a dtype is given."""
    return made(np.ones(sizes(shape), dtype), requires_grad)


@worded
def full(shape: Any, fill_value: Any, dtype: Any = None, *, requires_grad: bool = False) -> Tensor:
    """A tensor filled with one value."""
    return made(np.full(shape, fill_value, dtype), requires_grad)


@worded
def eye(
    n: int, m: int | None = None, k: int = 0, dtype: Any = None, *, requires_grad: bool = False
) -> Tensor:
    """Ones on diagonal k of an n by m matrix, zeros elsewhere."""
    return made(np.eye(n, m, k, dtype or float), requires_grad)


@worded
def arange(*bounds: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """arange(stop), arange(start, stop) or arange(start, stop, step), as in NumPy."""
    if not bounds:
        raise TypeError("arange: got no bound, wanted stop, or start and stop, or a step too")
    if len(bounds) == 3 and bounds[2] == 0:
        raise ValueError("arange: the step is 0, wanted another number")
    return made(np.arange(*bounds, dtype=dtype), requires_grad)


@worded
def linspace(
    start: float,
    stop: float,
    num: int = 50,
    *,
    endpoint: bool = True,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """num evenly spaced numbers from start to stop."""
    return made(np.linspace(start, stop, num, endpoint=endpoint, dtype=dtype), requires_grad)


@worded
def zeros_like(x: Any, dtype: Any = None, *, requires_grad: bool = False) -> Tensor:
    """Zeros in the shape and dtype of x."""
    return made(np.zeros_like(array_of(x), dtype), requires_grad)


@worded
def ones_like(x: Any, dtype: Any = None, *, requires_grad: bool = False) -> Tensor:
    """Ones in the shape and dtype of x."""
    return made(np.ones_like(array_of(x), dtype), requires_grad)


@worded
def full_like(x: Any, fill_value: Any, dtype: Any = None, *, requires_grad: bool = False) -> Tensor:
    """One value in the shape and dtype of x."""
    return made(np.full_like(array_of(x), fill_value, dtype), requires_grad)


@worded
def rand(*shape: Any, dtype: Any = None, rng: Any = None, requires_grad: bool = False) -> Tensor:
    """Numbers evenly distributed in 0 ≤ x < 1. rng: a Generator, a seed, or manual_seed's."""
    draw = generator(rng).random(sizes(shape) if shape else None)
    return made(np.asarray(draw, dtype), requires_grad)


@worded
def randn(*shape: Any, dtype: Any = None, rng: Any = None, requires_grad: bool = False) -> Tensor:
    """Numbers from the normal distribution of mean 0 and standard deviation 1."""
    draw = generator(rng).standard_normal(sizes(shape) if shape else None)
    return made(np.asarray(draw, dtype), requires_grad)


@worded
def randint(
    low: int, high: int | None = None, size: Any = None, *, dtype: Any = None, rng: Any = None
) -> Tensor:
    """Whole numbers low ≤ x < high; randint(high, size=...) starts at 0."""
    return made(np.asarray(generator(rng).integers(low, high, size), dtype), False)
