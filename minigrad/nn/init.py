"""How parameters start: each function fills a tensor in place, and returns it.

A layer keeps the size of what flows through it if the variance of its weights fits the number of
its inputs (fan_in) or outputs (fan_out). Source: Glorot and Bengio (2010), "Xavier"; He, Zhang,
Ren and Sun (2015), "Kaiming"; Saxe, McClelland and Ganguli (2014), orthogonal.

Weights have the shape (out, in, *kernel). rng: a Generator, a seed, or None for manual_seed's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.nn.checks import FROM_ZERO, NUMBER, require
from minigrad.rng import Rng, generator
from minigrad.tensor import Tensor

# How much a bend shrinks what passes, and what makes up for it; a is the slope of leaky ReLU.
GAINS: dict[str, Callable[[float], float]] = {
    "linear": lambda a: 1.0,
    "conv1d": lambda a: 1.0,
    "conv2d": lambda a: 1.0,
    "conv_transpose2d": lambda a: 1.0,
    "sigmoid": lambda a: 1.0,
    "tanh": lambda a: 5 / 3,
    "relu": lambda a: math.sqrt(2.0),
    "leaky_relu": lambda a: math.sqrt(2 / (1 + a * a)),
    "selu": lambda a: 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The recommended gain for what follows the layer; param is the slope of "leaky_relu".

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity not in GAINS:
        known = ", ".join(map(repr, GAINS))
        raise ValueError(f"calculate_gain: got {nonlinearity!r}, wanted one of {known}")
    return GAINS[nonlinearity](0.01 if param is None else param)


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, *, rng: Rng = None) -> Tensor:
    """Evenly distributed between a and b."""
    if not a <= b:
        raise ValueError(f"uniform_: a is {a}, b is {b}, wanted a ≤ b")
    return fill("uniform_", tensor, generator(rng).uniform(a, b, shape_of("uniform_", tensor)))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, *, rng: Rng = None) -> Tensor:
    """From the normal distribution with this mean and standard deviation."""
    require("normal_", "std", std, FROM_ZERO)
    return fill("normal_", tensor, generator(rng).normal(mean, std, shape_of("normal_", tensor)))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """val everywhere."""
    require("constant_", "val", val, NUMBER)
    return fill("constant_", tensor, val)


def ones_(tensor: Tensor) -> Tensor:
    """1 everywhere."""
    return fill("ones_", tensor, 1)


def zeros_(tensor: Tensor) -> Tensor:
    """0 everywhere."""
    return fill("zeros_", tensor, 0)


def eye_(tensor: Tensor) -> Tensor:
    """The identity: 1 on the diagonal of a matrix, 0 elsewhere."""
    shape = shape_of("eye_", tensor)
    if len(shape) != 2:
        raise ValueError(f"eye_: wanted a matrix, got shape {shape}")
    return fill("eye_", tensor, np.eye(*shape))


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, *, rng: Rng = None) -> Tensor:
    """Evenly between ±gain · √(6 / (fan_in + fan_out))"""
    bound = gain * math.sqrt(6 / sum(fans("xavier_uniform_", tensor)))
    return uniform_(tensor, -bound, bound, rng=rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, *, rng: Rng = None) -> Tensor:
    """Normal, with standard deviation gain · √(2 / (fan_in + fan_out))"""
    return normal_(tensor, 0, gain * math.sqrt(2 / sum(fans("xavier_normal_", tensor))), rng=rng)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Rng = None,
) -> Tensor:
    """Evenly between ±gain · √(3 / fan), gain as for a nonlinearity of slope a."""
    std = kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -math.sqrt(3) * std, math.sqrt(3) * std, rng=rng)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Rng = None,
) -> Tensor:
    """Normal, with standard deviation gain / √fan, gain as for a nonlinearity of slope a."""
    return normal_(
        tensor, 0, kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity), rng=rng
    )


def orthogonal_(tensor: Tensor, gain: float = 1.0, *, rng: Rng = None) -> Tensor:
    """gain · Q: rows (or, if there are more of them, columns) of length 1 at right angles.

    All axes but the first count as columns. Q is drawn evenly from all such matrices.
    """
    shape = shape_of("orthogonal_", tensor)
    if len(shape) < 2:
        raise ValueError(f"orthogonal_: wanted at least 2 axes, got shape {shape}")
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(generator(rng).normal(size=(max(rows, columns), min(rows, columns))))
    q *= np.sign(np.diagonal(r))
    return fill("orthogonal_", tensor, gain * (q if rows >= columns else q.T).reshape(shape))


def kaiming_std(function: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    """gain / √fan"""
    fan = dict(zip(("fan_in", "fan_out"), fans(function, tensor)))
    if mode not in fan:
        raise ValueError(f"{function}: mode is {mode!r}, wanted 'fan_in' or 'fan_out'")
    return calculate_gain(nonlinearity, a) / math.sqrt(fan[mode])


def fans(function: str, tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out): how many numbers each output is made of, each input goes into."""
    shape = shape_of(function, tensor)
    if len(shape) < 2 or 0 in shape:
        raise ValueError(f"{function}: wanted a weight (out, in, ...), got shape {shape}")
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def shape_of(function: str, tensor: Tensor) -> tuple[int, ...]:
    """The tensor's shape, if it is one that can be filled."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{function}: wanted a tensor, got {type(tensor).__name__}")
    if not tensor.is_leaf:
        raise RuntimeError(f"{function}: the tensor was computed; only a leaf can be filled")
    return tensor.shape


def fill(function: str, tensor: Tensor, values: Any) -> Tensor:
    """Write values into the tensor, outside of any record."""
    shape_of(function, tensor)
    tensor.data[...] = values
    tensor.touch()
    return tensor
