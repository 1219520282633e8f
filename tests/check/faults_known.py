"""Wrong rules whose mistake has a name: by pattern, at least three each."""

import numpy as np
from faulty import (
    FILTER,
    IMAGE,
    LONG,
    ROWS,
    SHORT,
    conv2d,
    correlate,
    exp,
    keep,
    layer_norm,
    layer_norm_rule,
    matmul,
    normal,
    normalised,
    normalised_by,
    op,
    product,
    put,
)

KNOWN = {
    "factor": {
        "counted twice": (exp(lambda g, y, x: 2 * g * y), normal(3, 4)),
        "a forgotten 2": (op(lambda x: x * x, x=lambda g, y, x: g * x), normal(3, 4)),
        "a forgotten ln 2": (op(lambda x: 2.0**x, x=lambda g, y, x: g * y), normal(3, 4)),
        "0.01 % too much": (exp(lambda g, y, x: 1.0001 * g * y), normal(3, 4)),
        "a number": (exp(lambda g, y, x: -0.7231 * g * y), normal(3, 4)),
        "of one entry": (exp(lambda g, y, x: 0.7231 * g * y), normal(1)),
        "y left out": (exp(lambda g, y, x: g), normal(3, 4)),
        "the other operand left out": (product(lambda g, y, a, b: g), (normal(5), normal(5))),
        "y there too often": (op(lambda x: np.prod(x), x=lambda g, y, x: g * y * y / x), normal(4)),
    },
    "lost sign": {
        "of a difference": (
            op(lambda a, b: a - b, a=lambda g, y, a, b: g, b=lambda g, y, a, b: g),
            (normal(4), normal(4)),
        ),
        "of the cosine": (op(lambda x: np.cos(x), x=lambda g, y, x: g * np.sin(x)), normal(3, 4)),
        "of a quotient": (
            op(lambda a, b: a / b, a=lambda g, y, a, b: g / b, b=lambda g, y, a, b: g * y / b),
            (normal(4), normal(4)),
        ),
        "of some entries": (op(lambda x: np.abs(x), x=lambda g, y, x: g), normal(3, 4)),
    },
    "zero": {
        "forgotten": (exp(lambda g, y, x: 0 * g), normal(3, 4)),
        "of one input": (product(lambda g, y, a, b: np.zeros_like(b)), (normal(4), normal(4))),
        "of one number": (exp(lambda g, y, x: 0 * g), np.array(0.5)),
    },
    "transposed": {
        "a matrix": (product(lambda g, y, a, b: (g * a).T), (normal(3, 3), normal(3, 3))),
        "an operand": (matmul(lambda g, y, a, b: g @ b), (normal(3, 3), normal(3, 3))),
        "operands": (matmul(lambda g, y, a, b: b.T @ g), (normal(3, 3), normal(3, 3))),
        "permuted once more": (
            op(lambda x: x.transpose(1, 2, 0), x=lambda g, y, x: g.transpose(1, 2, 0)),
            normal(3, 3, 3),
        ),
        "reshaped by columns": (
            op(lambda x: x.reshape(3, 4), x=lambda g, y, x: g.reshape((4, 3), order="F")),
            normal(4, 3),
        ),
        "reshaped in place of transposed": (
            op(lambda x: x.T, x=lambda g, y, x: g.reshape(x.shape)),
            normal(3, 4),
        ),
        "inside of a loss": (
            lambda x: np.sum(np.sin(op(lambda x: x * x, x=lambda g, y, x: (2 * g * x).T)(x))),
            normal(4, 4),
        ),
    },
    "reversed": {
        "flip": (op(lambda x: x[::-1], x=lambda g, y, x: g), normal(4, 3)),
        "cumsum": (
            op(lambda x: np.cumsum(x, axis=0), x=lambda g, y, x: np.cumsum(g, axis=0)),
            normal(4, 3),
        ),
        "roll": (op(lambda x: np.roll(x, 1), x=lambda g, y, x: np.roll(g, 1)), normal(5)),
        "of a product": (exp(lambda g, y, x: (g * y)[:, ::-1]), normal(3, 4)),
    },
    "filter not turned": {
        "an image": (conv2d(lambda w: w[..., ::-1, ::-1].copy()), (IMAGE, FILTER)),
        "with stride": (
            conv2d(lambda w: w[..., ::-1, ::-1].copy(), stride=2, padding=1),
            (IMAGE, FILTER),
        ),
        "a sequence": (correlate(lambda g, y, x, w: np.correlate(g, w, "full")), (LONG, SHORT)),
        "a fixed filter": (
            op(
                lambda x: np.correlate(x, SHORT, "valid"),
                x=lambda g, y, x: np.correlate(g, SHORT, "full"),
            ),
            LONG,
        ),
    },
    "broadcast sum missing": {
        "the first row": (
            op(lambda a, b: a + b, a=lambda g, y, a, b: g, b=lambda g, y, a, b: g[0]),
            (normal(4, 3), normal(3)),
        ),
        "the last column": (
            product(lambda g, y, a, b: (g * a)[:, -1:]),
            (normal(4, 3), normal(4, 1)),
        ),
        "one place of an image": (
            op(
                lambda x, b: x + b[:, None, None],
                x=lambda g, y, x, b: g,
                b=lambda g, y, x, b: g.sum(0)[:, 0, 0],
            ),
            (normal(2, 3, 2, 4), normal(3)),
        ),
        "one copy": (
            op(lambda x: np.tile(x, 3), x=lambda g, y, x: g[4:8]),
            normal(4),
        ),
        "a large image": (
            op(
                lambda x, b: x + b[:, None, None],
                x=lambda g, y, x, b: g,
                b=lambda g, y, x, b: g[0].sum((1, 2)),
            ),
            (normal(4, 3, 10, 9), normal(3)),
        ),
    },
    "mean for sum": {
        "of a sum": (op(lambda x: keep(x), x=lambda g, y, x: g / 3 + 0 * x), normal(4, 3)),
        "sum of a mean": (op(lambda x: x.mean(), x=lambda g, y, x: g + 0 * x), normal(4, 3)),
        "of a broadcast": (
            op(lambda a, b: a + b, a=lambda g, y, a, b: g, b=lambda g, y, a, b: g.mean(0)),
            (normal(4, 3), normal(3)),
        ),
        "of samples": (matmul(lambda g, y, a, b: g @ b.T / 5), (normal(3, 4), normal(4, 5))),
        "of two": (op(lambda x: keep(x), x=lambda g, y, x: g / 2 + 0 * x), normal(4, 2)),
        "of copies": (
            op(lambda x: np.repeat(x, 3), x=lambda g, y, x: g.reshape(-1, 3).mean(1)),
            normal(4),
        ),
    },
    "overwritten": {
        "repeated rows": (op(lambda x: x[ROWS], x=lambda g, y, x: put(x, ROWS, g)), normal(4, 3)),
        "repeated columns": (
            op(lambda x: x[:, [1, 1, 0]], x=lambda g, y, x: put(x, np.s_[:, [1, 1, 0]], g)),
            normal(3, 4),
        ),
        "overlapping windows": (
            op(
                lambda x: np.array([x[0:3].sum(), x[2:5].sum()]),
                x=lambda g, y, x: np.array([g[0], g[0], g[1], g[1], g[1]]),
            ),
            normal(5),
        ),
        "a square": (
            lambda x: op(
                lambda a, b: a * b, a=lambda g, y, a, b: g * b, b=lambda g, y, a, b: 0 * g
            )(x, x),
            normal(3, 4),
        ),
        "a matrix times itself": (
            lambda x: op(
                lambda a, b: a @ b, a=lambda g, y, a, b: g @ b.T, b=lambda g, y, a, b: 0 * g
            )(x, x),
            normal(3, 3),
        ),
    },
    "mean path missing": {
        "of a batch": (normalised(0, normal(4), mean=0), normal(5, 4)),
        "of a layer": (normalised(-1, normal(4), mean=0), normal(5, 4)),
        "of images": (normalised((0, 2), normal(3, 1), mean=0), normal(2, 3, 4)),
        "of the variance": (
            op(lambda x: x.var(axis=1), x=lambda g, y, x: g[:, None] * 2 * x / 4),
            normal(3, 4),
        ),
        "and that of the variance": (normalised(0, normal(4), mean=0, spread=0), normal(5, 4)),
    },
    "variance path missing": {
        "of a batch": (normalised(0, normal(4), spread=0), normal(5, 4)),
        "of a layer": (normalised(-1, normal(4), spread=0), normal(5, 4)),
        "of images": (normalised((0, 2), normal(3, 1), spread=0), normal(2, 3, 4)),
    },
    "gamma missing": {
        "of a layer": (layer_norm(layer_norm_rule(lambda g, gamma: g)), (normal(5, 4), normal(4))),
        "of a batch": (
            lambda x, gamma: normalised_by(x, gamma),
            (normal(5, 3), normal(3)),
        ),
        "of a scale": (
            op(
                lambda x, s: x * s,
                x=lambda g, y, x, s: g,
                s=lambda g, y, x, s: (g * x).sum(0),
            ),
            (normal(4, 3), normal(3)),
        ),
    },
    "not linear in the upstream gradient": {
        "forgotten": (exp(lambda g, y, x: y), normal(3, 4)),
        "squared": (exp(lambda g, y, x: g * g * y), normal(3, 4)),
        "without its sign": (exp(lambda g, y, x: abs(g) * y), normal(3, 4)),
        "its sign only": (exp(lambda g, y, x: np.sign(g) * y), normal(3, 4)),
        "clipped": (exp(lambda g, y, x: np.clip(g, -5, 5) * y), normal(3, 4)),
        "masked": (op(lambda x: np.maximum(x, 0), x=lambda g, y, x: g * (g > 0)), normal(3, 4)),
        "added to": (exp(lambda g, y, x: g * y + 1e-4), normal(3, 4)),
    },
    "wrong at kinks only": {
        "relu": (
            op(lambda x: np.maximum(x, 0), x=lambda g, y, x: g * np.where(x == 0, 2, x > 0)),
            np.array([1.0, 0.0, -1.0]),
        ),
        "abs": (
            op(lambda x: np.abs(x), x=lambda g, y, x: g * np.where(x == 0, -3, np.sign(x))),
            np.array([1.0, 0.0, -1.0]),
        ),
        "max": (
            op(
                lambda x: np.max(x),
                x=lambda g, y, x: g * np.where(x == y, (x == y).sum(), 0),
            ),
            np.array([2.0, 1.0, 2.0]),
        ),
    },
    "wrong at ties only": {
        "max": (op(lambda x: np.max(x), x=lambda g, y, x: g * (x == y)), np.array([2.0, 1.0, 2.0])),
        "max of rows": (
            op(lambda x: x.max(1), x=lambda g, y, x: g[:, None] * (x == y[:, None])),
            np.array([[2.0, 1.0, 2.0], [1.0, 4.0, 0.0]]),
        ),
        "maximum": (
            op(
                lambda x: np.maximum(x[0], x[1]),
                x=lambda g, y, x: g * np.array([x[0] >= x[1], x[1] >= x[0]]),
            ),
            np.array([1.0, 1.0]),
        ),
    },
}
