"""Wrong rules that nearly fit a pattern, and must not be called so."""

import numpy as np
from faulty import (
    FILTER,
    IMAGE,
    RNG,
    ROWS,
    conv2d,
    exp,
    keep,
    layer_norm,
    layer_norm_rule,
    matmul,
    normal,
    op,
    product,
    put,
)

NEARLY = {
    "factor": {
        "all entries but one": (
            exp(lambda g, y, x: np.where(np.arange(4) == 2, g * y, 2 * g * y)),
            normal(3, 4),
        ),
        "a single number, elsewhere another": (
            op(lambda x: x * x, x=lambda g, y, x: g * x * x),
            np.array([2.6914]),
        ),
        "and something else": (exp(lambda g, y, x: 2 * g * y + 1e-5 * g), normal(3, 4)),
    },
    "lost sign": {
        "one entry of another size": (
            exp(lambda g, y, x: np.where(np.arange(4) == 2, -0.99, -1) * g * y),
            normal(3, 4),
        ),
        "and counted twice": (exp(lambda g, y, x: -2 * g * y), normal(3, 4)),
        "of one term": (
            op(lambda x: np.tanh(x), x=lambda g, y, x: g * (1 + y * y)),
            normal(3, 4),
        ),
    },
    "zero": {
        "but for one entry": (
            exp(lambda g, y, x: g * y * (np.arange(4) == 2)),
            normal(3, 4),
        ),
        "very small": (exp(lambda g, y, x: 1e-9 * g * y), normal(3, 4)),
    },
    "transposed": {
        "and counted twice": (
            product(lambda g, y, a, b: 2 * (g * a).T),
            (normal(3, 3), normal(3, 3)),
        ),
        "the wrong operand": (matmul(lambda g, y, a, b: g @ a), (normal(3, 3), normal(3, 3))),
        "entries moved on by one": (exp(lambda g, y, x: np.roll(g * y, 1)), normal(5)),
    },
    "reversed": {
        "moved on by one": (exp(lambda g, y, x: np.roll(g * y, 1)), normal(5)),
        "two entries exchanged": (exp(lambda g, y, x: (g * y)[[1, 0, 2, 3]]), normal(4)),
    },
    "filter not turned": {
        "on its side": (conv2d(lambda w: w.swapaxes(2, 3).copy()), (IMAGE, normal(3, 2, 3, 3))),
        "rows turned": (conv2d(lambda w: w[:, :, ::-1].copy()), (IMAGE, FILTER)),
        "a product": (
            op(
                lambda x, w: x * w,
                x=lambda g, y, x, w: g * w[::-1],
                w=lambda g, y, x, w: g * x,
            ),
            (normal(5), normal(5)),
        ),
        "cumsum": (
            op(lambda x: np.cumsum(x), x=lambda g, y, x: np.cumsum(g)),
            normal(5),
        ),
    },
    "broadcast sum missing": {
        "all rows but one": (
            op(lambda a, b: a + b, a=lambda g, y, a, b: g, b=lambda g, y, a, b: g[1:].sum(0)),
            (normal(4, 3), normal(3)),
        ),
        "the first row twice": (
            op(lambda a, b: a + b, a=lambda g, y, a, b: g, b=lambda g, y, a, b: 2 * g[0]),
            (normal(4, 3), normal(3)),
        ),
        "one row wrong": (exp(lambda g, y, x: g * y * (np.arange(4) < 3)[:, None]), normal(4, 3)),
    },
    "mean for sum": {
        "a number that is no length": (
            op(lambda x: keep(x), x=lambda g, y, x: g / 5 + 0 * x),
            normal(4, 3),
        ),
        "a length, but entry by entry": (exp(lambda g, y, x: g * y / 3), normal(4, 3)),
        "a sum counted twice": (
            op(lambda x: keep(x), x=lambda g, y, x: 2 * g + 0 * x),
            normal(4, 2),
        ),
    },
    "overwritten": {
        "a row that is there once": (
            op(lambda x: x[ROWS], x=lambda g, y, x: put(x, [0, 2, 2, 0], g[[0, 1, 2, 4]])),
            normal(5, 3),
        ),
        "the diagonal of softmax": (
            op(
                lambda x: np.exp(x) / keep(np.exp(x)),
                x=lambda g, y, x: g * y * (1 - y),
            ),
            normal(3, 4),
        ),
        "two outputs of three": (
            op(
                lambda x: np.array([x.sum(), x.sum(), x.sum()]),
                x=lambda g, y, x: g[1] + g[2] + 0 * x,
            ),
            normal(4),
        ),
        "a square counted once": (op(lambda x: x * x, x=lambda g, y, x: g * x), normal(3)),
    },
    "mean path missing": {
        "the mean along another axis": (
            exp(lambda g, y, x: g * y - (g * y).mean(0)),
            normal(3, 4),
        ),
        "the derivative of a step": (op(lambda x: np.floor(x), x=lambda g, y, x: g), normal(5)),
        "softmax": (
            op(lambda x: np.exp(x) / keep(np.exp(x)), x=lambda g, y, x: g * y),
            normal(3, 4),
        ),
    },
    "variance path missing": {
        "not divided": (
            op(
                lambda x: x / x.std(),
                x=lambda g, y, x: g - (x - x.mean()) * (g * x).mean() / x.var(),
            ),
            normal(5),
        ),
        "a derivative along x": (
            op(lambda x: x.std(), x=lambda g, y, x: 3 * g * (x - x.mean()) / x.size),
            normal(5),
        ),
    },
    "gamma missing": {
        "its root": (
            layer_norm(layer_norm_rule(lambda g, gamma: g * np.sqrt(gamma))),
            (normal(5, 4), RNG.uniform(0.5, 2, 4)),
        ),
        "there twice": (
            layer_norm(layer_norm_rule(lambda g, gamma: g * gamma * gamma)),
            (normal(5, 4), normal(4)),
        ),
    },
    "not linear in the upstream gradient": {
        "in another order": (exp(lambda g, y, x: (g * y)[::-1]), normal(5)),
        "float32": (exp(lambda g, y, x: 2 * (g * y).astype(np.float32)), normal(3, 4)),
    },
    "wrong at kinks only": {
        "and elsewhere": (
            op(lambda x: np.maximum(x, 0), x=lambda g, y, x: g * np.where(x == 0, 2, 3 * (x > 0))),
            np.array([1.0, 0.0, -1.0]),
        ),
    },
    "wrong at ties only": {
        "and elsewhere": (
            op(lambda x: np.max(x), x=lambda g, y, x: g * ((x == y) + 0.5 * (x == 1))),
            np.array([2.0, 1.0, 2.0]),
        ),
        "more than its slope": (
            op(lambda x: np.max(x), x=lambda g, y, x: 2 * g * (x == y)),
            np.array([2.0, 1.0, 2.0]),
        ),
    },
}
