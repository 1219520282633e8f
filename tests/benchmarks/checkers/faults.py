"""Functions with wrong gradients: what people get wrong, and how little of it a checker sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from .task import Task, both, normal, positive


def one_entry(size: int, error: float) -> np.ndarray:
    """1 everywhere, but for one entry."""
    factor = np.ones(size)
    factor[size // 3] += error
    return factor


# --- Entry by entry -------------------------------------------------------------------------

EXP = Task(
    "exp",
    normal(3, 4),
    lambda xp, x: xp.exp(x),
    lambda xp, g, y, x: g * y,
    {
        "counted twice": lambda xp, g, y, x: 2 * g * y,
        "without its sign": lambda xp, g, y, x: -g * y,
        "0": lambda xp, g, y, x: 0 * g * y,
        "0.09 % too large": lambda xp, g, y, x: 1.0009 * g * y,
        "0.01 % too large": lambda xp, g, y, x: 1.0001 * g * y,
        "0.0005 % too large": lambda xp, g, y, x: 1.000005 * g * y,
        "g forgotten": lambda xp, g, y, x: y + 0 * g,
        "g squared": lambda xp, g, y, x: g * g * y,
        "g without its sign": lambda xp, g, y, x: xp.abs(g) * y,
        "x for y": lambda xp, g, y, x: g * x,
        "rows reversed": lambda xp, g, y, x: (g * y)[::-1],
    },
)
EXP_100 = Task(
    "exp of 100",
    normal(100),
    lambda xp, x: xp.exp(x),
    lambda xp, g, y, x: g * y,
    {"5 % too large in one entry": lambda xp, g, y, x: g * y * one_entry(100, 0.05)},
)
EXP_1000 = Task(
    "exp of 1000",
    normal(1000),
    lambda xp, x: xp.exp(x),
    lambda xp, g, y, x: g * y,
    {"0.1 % too large in one entry": lambda xp, g, y, x: g * y * one_entry(1000, 0.001)},
)
TINY = Task(
    "1e-6 · tanh",
    normal(3, 4),
    lambda xp, x: 1e-6 * xp.tanh(x),
    lambda xp, g, y, x: g * 1e-6 * (1 - xp.tanh(x) ** 2),
    {
        "without its sign": lambda xp, g, y, x: -g * 1e-6 * (1 - xp.tanh(x) ** 2),
        "0": lambda xp, g, y, x: 0 * g * x,
    },
)
TINIER = Task(
    "1e-9 · tanh",
    normal(3, 4),
    lambda xp, x: 1e-9 * xp.tanh(x),
    lambda xp, g, y, x: g * 1e-9 * (1 - xp.tanh(x) ** 2),
    {"without its sign": lambda xp, g, y, x: -g * 1e-9 * (1 - xp.tanh(x) ** 2)},
)
TANH = Task(
    "tanh",
    normal(3, 4),
    lambda xp, x: xp.tanh(x),
    lambda xp, g, y, x: g * (1 - y * y),
    {"x for y": lambda xp, g, y, x: g * (1 - x * x)},
)
SQRT = Task(
    "sqrt",
    positive(3, 4),
    lambda xp, x: xp.sqrt(x),
    lambda xp, g, y, x: g / (2 * y),
    {"without the 2": lambda xp, g, y, x: g / y},
)
ABS = Task(
    "abs",
    normal(3, 4),
    lambda xp, x: xp.abs(x),
    lambda xp, g, y, x: g * xp.sign(x),
    {"without the sign of x": lambda xp, g, y, x: g + 0 * x},
)
RELU = Task(
    "relu",
    normal(3, 4),
    lambda xp, x: xp.maximum(x, 0),
    lambda xp, g, y, x: g * (x > 0),
    {"mask of g": lambda xp, g, y, x: g * (g > 0)},
)
DIVIDE = Task(
    "divide",
    both(normal(3, 4), positive(3, 4)),
    lambda xp, a, b: a / b,
    lambda xp, g, y, a, b: (g / b, -g * y / b),
    {"∂b without its sign": lambda xp, g, y, a, b: (g / b, g * y / b)},
)
POWER = Task(
    "power",
    both(positive(3, 4), positive(3, 4)),
    lambda xp, a, b: a**b,
    lambda xp, g, y, a, b: (g * b * y / a, g * y * xp.log(a)),
    {"∂a without the exponent": lambda xp, g, y, a, b: (g * y / a, g * y * xp.log(a))},
)

# --- Along axes -----------------------------------------------------------------------------

ADD_ROW = Task(
    "matrix + row",
    both(normal(4, 3), normal(3)),
    lambda xp, a, b: a + b,
    lambda xp, g, y, a, b: (g, g.sum(0)),
    {
        "∂b averaged": lambda xp, g, y, a, b: (g, g.mean(0)),
        "∂b of the first row": lambda xp, g, y, a, b: (g, g[0]),
    },
)
MEAN = Task(
    "mean",
    normal(3, 4),
    lambda xp, x: x.mean(1),
    lambda xp, g, y, x: g[:, None] / 4 + 0 * x,
    {"not divided": lambda xp, g, y, x: g[:, None] + 0 * x},
)
VARIANCE = Task(
    "variance",
    normal(3, 5),
    lambda xp, x: x.var(1),
    lambda xp, g, y, x: g[:, None] * (x - x.mean(1, keepdims=True)) * 2 / 5,
    {"n − 1 for n": lambda xp, g, y, x: g[:, None] * (x - x.mean(1, keepdims=True)) * 2 / 4},
)
CUMSUM = Task(
    "cumsum",
    normal(3, 4),
    lambda xp, x: xp.cumsum(x, 1),
    lambda xp, g, y, x: xp.cumsum(g[:, ::-1], 1)[:, ::-1],
    {"not from the end": lambda xp, g, y, x: xp.cumsum(g, 1)},
)
MAX = Task(
    "max",
    normal(3, 4),
    lambda xp, x: x.max(1),
    lambda xp, g, y, x: g[:, None] * (x == y[:, None]),
    {"to all": lambda xp, g, y, x: g[:, None] + 0 * x},
)
SOFTMAX = Task(
    "softmax",
    normal(3, 4),
    lambda xp, x: xp.exp(x) / xp.exp(x).sum(1, keepdims=True),
    lambda xp, g, y, x: y * (g - (g * y).sum(1, keepdims=True)),
    {
        "0": lambda xp, g, y, x: 0 * g * y,
        "without the sum": lambda xp, g, y, x: g * y * (1 - y),
        "sum of g": lambda xp, g, y, x: y * (g - g.sum(1, keepdims=True)),
    },
)


def normalised(xp: Any, x: Any) -> tuple[Any, Any]:
    """x with mean 0 and variance 1 in each column, and the spread that it had."""
    s = xp.sqrt(x.var(0) + 0.1)
    return (x - x.mean(0)) / s, s


def batch_norm(xp: Any, x: Any, gamma: Any) -> Any:
    return gamma * normalised(xp, x)[0]


def batch_norm_vjp(mean: float = 1, spread: float = 1, power: float = 1) -> Any:
    """The rule, with factors for what can be missing; power is that of γ."""

    def vjp(xp: Any, g: Any, y: Any, x: Any, gamma: Any) -> Any:
        z, s = normalised(xp, x)
        h = g * gamma**power
        return (h - mean * h.mean(0) - spread * z * (h * z).mean(0)) / s, (g * z).sum(0)

    return vjp


BATCH_NORM = Task(
    "batchnorm",
    both(normal(5, 3), positive(3)),
    batch_norm,
    batch_norm_vjp(),
    {
        "without the mean": batch_norm_vjp(mean=0),
        "without the variance": batch_norm_vjp(spread=0),
        "without gamma": batch_norm_vjp(power=0),
    },
)

# --- Matrices, places, images ---------------------------------------------------------------

MATMUL = Task(
    "matmul",
    both(normal(3, 3), normal(3, 3)),
    lambda xp, a, b: a @ b,
    lambda xp, g, y, a, b: (g @ b.T, a.T @ g),
    {
        "∂a without the transpose": lambda xp, g, y, a, b: (g @ b, a.T @ g),
        "∂b in the wrong order": lambda xp, g, y, a, b: (g @ b.T, g @ a.T),
    },
)
RESHAPE = Task(
    "reshape",
    normal(3, 4),
    lambda xp, x: x.reshape(4, 3),
    lambda xp, g, y, x: g.reshape(3, 4),
    {"order of FORTRAN": lambda xp, g, y, x: g.T.reshape(4, 3).T},
)
PERMUTE = Task(
    "permute",
    normal(3, 3, 3),
    lambda xp, x: xp.transpose(x, (1, 2, 0)),
    lambda xp, g, y, x: xp.transpose(g, (2, 0, 1)),
    {"the same order again": lambda xp, g, y, x: xp.transpose(g, (1, 2, 0))},
)
PICKED = np.array([[1.0, 0, 0], [1, 0, 0], [0, 0, 1]])  # x[[0, 0, 2]], as a matrix
LAST_ONLY = np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 1]])
INDEX = Task(
    "x[[0, 0, 2]]",
    normal(3, 4),
    lambda xp, x: xp.asarray(PICKED) @ x,
    lambda xp, g, y, x: xp.asarray(PICKED.T) @ g,
    {"overwritten": lambda xp, g, y, x: xp.asarray(LAST_ONLY.T) @ g},
)


def correlated(xp: Any, x: Any, w: Any) -> Any:
    """Cross-correlation of an image with a filter of 2 × 2."""
    rows, columns = x.shape[0] - 1, x.shape[1] - 1
    return sum(
        w[i, j] * x[i : i + rows, j : j + columns] for i, j in ((0, 0), (0, 1), (1, 0), (1, 1))
    )


def image_gradient(xp: Any, g: Any, w: Any) -> Any:
    """Full convolution with the filter turned by 180°."""
    return correlated(xp, xp.pad(g, 1), w[::-1, ::-1])


def filter_gradient(xp: Any, g: Any, x: Any) -> Any:
    rows, columns = g.shape
    parts = [[(g * x[i : i + rows, j : j + columns]).sum() for j in (0, 1)] for i in (0, 1)]
    return xp.stack([xp.stack(row) for row in parts])


CONVOLUTION = Task(
    "convolution",
    both(normal(4, 5), normal(2, 2)),
    correlated,
    lambda xp, g, y, x, w: (image_gradient(xp, g, w), filter_gradient(xp, g, x)),
    {
        "filter not turned": lambda xp, g, y, x, w: (
            image_gradient(xp, g, w[::-1, ::-1]),
            filter_gradient(xp, g, x),
        ),
        "filter's gradient turned": lambda xp, g, y, x, w: (
            image_gradient(xp, g, w),
            filter_gradient(xp, g, x)[::-1, ::-1],
        ),
    },
)

TASKS = [
    *(EXP, EXP_100, EXP_1000, TINY, TINIER, TANH, SQRT, ABS, RELU, DIVIDE, POWER),
    *(ADD_ROW, MEAN, VARIANCE, CUMSUM, MAX, SOFTMAX, BATCH_NORM),
    *(MATMUL, RESHAPE, PERMUTE, INDEX, CONVOLUTION),
]
