"""Random smooth expressions, put together from the smooth ops of the library.

A value is a matrix of 1 or 2 rows and 1 or 3 columns; each op makes another one. Ops with poles
and edges get arguments that stay away from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import minigrad as mg
from minigrad import linalg
from minigrad.nn import functional as F
from minigrad.ops import erf, pool, recurrent

Program = Sequence[tuple[int, int, int]]  # the op, and the two values that it takes

SHAPES = [(2, 3), (1, 3), (2, 1), (3,), (1, 1), ()]
SCALES = [1e-6, 1e-3, 1.0, 30.0, 1e3, 1e6]
LARGE = 30.0  # larger numbers, squared twice, leave nothing of small ones that are added


def unit(x: Any) -> Any:
    """Within (−0.9, 0.9)."""
    return 0.9 * np.tanh(x)


def gently(x: Any) -> Any:
    """Within (−15, 15): an oscillation over millions of periods is smooth to nobody."""
    return 10 * np.arctan(x / 10)


def square(x: Any) -> Any:
    """A well-conditioned matrix (3, 3)."""
    row = np.sum(unit(x), axis=0, keepdims=True) * np.ones((1, 3))
    return np.eye(3) + 0.2 * np.matmul(row.T, np.sin(row)) + 0.1 * row


def positive_definite(x: Any) -> Any:
    return np.matmul(square(x), square(x).T) + np.eye(3)


def moved(x: Any) -> Any:
    """There and back through ops that compute nothing."""
    x = np.expand_dims(x, (0, 3)).clone()  # (1, rows, columns, 1)
    x = np.moveaxis(np.swapaxes(x, 0, 2), -1, 0)  # (1, columns, rows, 1)
    x = np.squeeze(mg.flatten(x, 1, 2).astype(np.float64), (0, 2))
    return np.ravel(x).reshape(1, -1)[:, [0]]


def shared(x: Any) -> Any:
    """Copied, and halves taken of the copies."""
    x = np.broadcast_to(x, (3, *x.shape))
    halves = np.triu(x, 1) + np.tril(x, -1)
    return np.take_along_axis(halves, np.zeros((1, *x.shape[1:]), int), 0)[0]


def pooled(x: Any) -> Any:
    image = (x + np.zeros((2, 3)))[None]  # (1, 2, 3)
    return pool.avg_pool1d(image, 2, 1)[0, :, :1] + pool.adaptive_avg_pool2d(image, (2, 1))[0]


def steps_of(x: Any, gates: int) -> tuple[Any, Any, np.ndarray]:
    """Two time steps of one sample for so many gates, a state of 3 units, and weights."""
    steps = unit(x) + np.zeros((2, 3))
    weights = np.tile(0.4 * np.eye(3) + 0.1, (gates, 1))
    return np.concatenate([steps] * gates, axis=1)[:, None], steps[:1], weights


def remembered_by_rnn(x: Any) -> Any:
    return recurrent.rnn(*steps_of(x, 1))[-1]


def remembered_by_lstm(x: Any) -> Any:
    steps, state, weights = steps_of(x, 4)
    return recurrent.lstm(steps, state, 0.5 * state, weights)[-1, :, :3]


def remembered_by_gru(x: Any) -> Any:
    return recurrent.gru(*steps_of(x, 3))[-1]


def picked(x: Any) -> Any:
    """An entry twice, another one once."""
    return x.reshape(-1)[[0, -1, 0]].reshape(1, 3)


def convolved(x: Any) -> Any:
    """The rows as channels, and as the filter."""
    image = (x + np.zeros((2, 3)))[None]  # (1, 2, 3)
    return F.conv1d(image, unit(image), padding="same")[0]  # (1, 3)


def convolved_images(x: Any) -> Any:
    image = (x + np.zeros((2, 3)))[None, None]  # (1, 1, 2, 3)
    large = F.conv_transpose2d(image, unit(image))  # (1, 1, 3, 5)
    return F.conv2d(F.avg_pool2d(large, (1, 2), 1), np.ones((1, 1, 2, 2)))[0, 0]


def entropy(x: Any) -> Any:
    target = mg.softmax(unit(x), axis=1)
    return mg.cross_entropy(x, target, reduction="none").reshape(-1, 1)


UNARY: list[Callable[[Any], Any]] = [
    *(np.negative, np.positive, np.square, np.tanh, np.arctan, np.arcsinh),
    lambda x: np.sin(gently(x)),
    lambda x: np.cos(gently(x)),
    *(mg.sigmoid, mg.softplus, mg.silu, mg.logsigmoid, mg.softmax, mg.log_softmax),
    *(mg.erf, mg.erfc, mg.gelu, F.mish),
    lambda x: erf.normal_cdf(x) + erf.bell(x, 0.5),
    lambda x: np.exp(unit(x)),
    lambda x: np.exp2(unit(x)) + np.expm1(unit(x)),
    lambda x: np.sinh(unit(x)) * np.cosh(unit(x)),
    lambda x: np.tan(unit(x)),
    lambda x: np.arcsin(unit(x)) - np.arccos(unit(x)) * np.arctanh(unit(x)),
    lambda x: np.arccosh(1.5 + x * x),
    lambda x: np.log(1 + x * x),
    lambda x: np.log1p(x * x) + np.log2(3 + unit(x)) - np.log10(3 - unit(x)),
    lambda x: np.sqrt(1 + x * x),
    lambda x: np.cbrt(2 + unit(x)),
    lambda x: x / (1 + x * x),
    lambda x: np.reciprocal(2 + unit(x)),
    lambda x: (1.5 + unit(x)) ** 2.5,
    lambda x: unit(x) ** 3,
    lambda x: 1e3 * x,
    lambda x: 1e-6 * x - 1,
    lambda x: x + 100,
    lambda x: np.sum(x, axis=-1, keepdims=True),
    lambda x: np.mean(x, axis=0, keepdims=True),
    lambda x: np.sqrt(np.var(x, axis=1, keepdims=True) + 1),
    lambda x: np.std(np.concatenate([x, x + 3], axis=1), axis=1, ddof=1, keepdims=True),
    lambda x: np.prod(1 + unit(x), axis=1, keepdims=True),
    lambda x: mg.norm(np.concatenate([x, np.ones_like(x.data)], axis=1), axis=1, keepdims=True),
    lambda x: mg.logsumexp(x, axis=-1, keepdims=True),
    lambda x: np.cumsum(x, axis=-1),
    lambda x: np.cumprod(unit(x), axis=1),
    lambda x: np.flip(x, axis=0),
    lambda x: np.roll(x, 1, axis=1),
    lambda x: np.tril(x) + 0.5 * x,
    lambda x: np.pad(x, ((0, 1), (1, 0)), mode="edge")[: x.shape[0], : x.shape[1]],
    lambda x: np.tile(x, (2, 1))[-x.shape[0] :],
    lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    lambda x: np.stack([x, unit(x)], axis=1)[:, 1],
    lambda x: np.where(np.arange(x.shape[1]) % 2 == 0, x, unit(x)),
    lambda x: np.take(x, [-1] * x.shape[1], axis=1),
    lambda x: np.diagonal(square(x))[None],
    lambda x: mg.layer_norm(x, eps=0.1),
    lambda x: mg.group_norm(np.concatenate([x, unit(x)])[None], num_groups=2, eps=0.1)[0, :1],
    lambda x: F.embedding([0, -1 % x.shape[0]], x)[-x.shape[0] :],
    lambda x: mg.batch_norm(np.concatenate([x, 1 - unit(x)]), eps=0.1)[: x.shape[0]],
    lambda x: F.dropout(x, 0.3, rng=1),
    lambda x: linalg.inv(square(x))[:1],
    lambda x: linalg.det(square(x)).reshape(1, 1) + linalg.slogdet(square(x))[1],
    lambda x: linalg.cholesky(positive_definite(x))[-1:],
    lambda x: linalg.solve(positive_definite(x), np.eye(3)[:, :1]).T,
    *(moved, shared, picked, pooled, convolved, convolved_images, entropy),
    *(remembered_by_rnn, remembered_by_lstm, remembered_by_gru),
]
BINARY: list[Callable[[Any, Any], Any]] = [
    *(np.add, np.subtract, np.multiply, np.logaddexp),
    lambda a, b: a / (2 + b * b),
    lambda a, b: np.hypot(a, 1 + b * b),
    lambda a, b: np.arctan2(a, 1 + b * b),
    lambda a, b: (1.5 + unit(a)) ** unit(b),
    lambda a, b: np.matmul(np.sum(a, axis=-1, keepdims=True), np.mean(b, axis=0, keepdims=True)),
    lambda a, b: (
        np.einsum("ij,kj->ik", unit(a), b + np.zeros((1, a.shape[1])))[:, :1]
        if b.shape[1] in (1, a.shape[1])
        else a
    ),
    lambda a, b: mg.linear(a + np.zeros((1, 3)), square(b), np.ones(3)),
    lambda a, b: np.tensordot(a, square(b)[: a.shape[1]], axes=1),
    lambda a, b: F.binary_cross_entropy_with_logits(a + 0 * b, mg.sigmoid(b) + 0 * a).reshape(1, 1),
    lambda a, b: F.binary_cross_entropy(
        0.5 + 0.5 * unit(a + 0 * b), 0.5 - 0.5 * unit(b + 0 * a)
    ).reshape(1, 1),
    lambda a, b: F.mse_loss(a + 0 * b, unit(b) + 0 * a, reduction="none"),
]


def expression(program: Program, scales: Sequence[float], unit: float) -> Callable[..., Any]:
    """The function that random choices stand for: each step adds a value to choose from.

    All values come into the result, with weights under which none cancels another, so that what is
    used twice is differentiated twice. scales are the sizes of the inputs, of which large ones are
    made smaller first; unit multiplies the result.
    """

    def function(*xs: Any) -> Any:
        values = [
            (x * min(1.0, LARGE / scale)).reshape((1,) * (2 - x.ndim) + x.shape)
            for x, scale in zip(xs, scales)
        ]
        for op, first, second in program:
            a, b = values[-1 - first % len(values)], values[-1 - second % len(values)]
            if op % 3 == 0:
                values.append(BINARY[op // 3 % len(BINARY)](a, b))
            else:
                values.append(UNARY[op // 3 * 2 % len(UNARY) - op % 3](a))
        return sum((v.sum() / (i + 7) for i, v in enumerate(values[:-1])), values[-1]) * unit

    return function
