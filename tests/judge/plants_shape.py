"""Bugs of shapes, indices and products."""

from __future__ import annotations

from .plant import Plant

CASES = ("tests/test_cases_shape.py", "tests/ops/test_recorded.py")
PRODUCTS = "minigrad/ops/products.py"
SHAPE = "minigrad/ops/shape.py"

PLANTS = [
    Plant(
        35,
        "transpose: back by the same permutation",
        SHAPE,
        (("np.argsort(absolute(axes, g.ndim)).tolist()", "absolute(axes, g.ndim)"),),
        CASES,
    ),
    Plant(
        36,
        "x[index]: += where an entry is named twice",
        "minigrad/ops/scatter.py",
        (
            (
                "if not repeats_possible(index):\n        y[index] = g",
                "if True:\n        y[index] += g",
            ),
        ),
        CASES,
    ),
    Plant(
        37,
        "concatenate: parts start one entry too early",
        "minigrad/ops/join.py",
        (
            (
                "sum(x.shape[axis] for x in arrays[:i])",
                "max(0, sum(x.shape[axis] for x in arrays[:i]) - 1)",
            ),
            (
                "np.cumsum([x.shape[axis] for x in arrays[:-1]])",
                "np.cumsum([x.shape[axis] for x in arrays[:-1]]) - 1",
            ),
        ),
        CASES,
    ),
    Plant(
        38,
        "pad: cut by the border after instead of before",
        SHAPE,
        (
            (
                "slice(left, left + n) for (left, _), n",
                "slice(right, right + n) for (_, right), n",
            ),
        ),
        CASES,
    ),
    Plant(
        39,
        "reshape: back in Fortran's order",
        SHAPE,
        (
            (
                "return g.reshape(x.shape)\n",
                "return g.reshape(x.shape, order='F') if isinstance(g, np.ndarray) else "
                "g.reshape(x.shape)\n",
            ),
        ),
        CASES,
    ),
    Plant(
        40,
        "the gradient of a number has shape (1,)",
        "minigrad/walk.py",
        (
            (
                "leaf(taken(found, x))",
                "leaf(np.array(taken(found, x), ndmin=1))",
            ),
        ),
        CASES,
    ),
    Plant(
        41,
        "matmul: the gradient of a vector stays a column",
        PRODUCTS,
        (("return share[..., 0] if b.ndim == 1 else share", "return share"),),
        ("tests/test_cases_linalg.py", *CASES),
    ),
    Plant(
        42,
        "matmul: of a batch only the first counts for a matrix that all share",
        PRODUCTS,
        (("rows, g = samples(rows), samples(g)", "rows, g = rows[0], g[0]"),),
        ("tests/test_cases_linalg.py", *CASES),
    ),
]
