"""What goes wrong in the rules of products and functions of matrices."""

import numpy as np
from planting import Site, normal, positive

import minigrad as mg
from minigrad.ops import linalg, products


def well_conditioned(n):
    return normal(n, n) * 0.4 + 2 * np.eye(n)


# --- Products -------------------------------------------------------------------------------


def turned(x):
    """Transposed, one by one in a batch."""
    return x.swapaxes(-1, -2)


def rows(x):
    """All samples one below the other."""
    return x.reshape(-1, x.shape[-1])


at = Site(mg.matmul, normal(3, 3), normal(3, 3))
at.wrong("a", "B not transposed", lambda g, y, a, b: g @ b)
at.wrong("b", "A not transposed", lambda g, y, a, b: a @ g)
at.wrong("a", "in the wrong order", lambda g, y, a, b: turned(b) @ g)
at.wrong("b", "in the wrong order", lambda g, y, a, b: g @ turned(a))
at.wrong("a", "its own operand", lambda g, y, a, b: g @ turned(a))
at.wrong("a", "left on its side", lambda g, y, a, b: b @ turned(g), "transposed")
at.wrong("b", "left on its side", lambda g, y, a, b: turned(g) @ a, "transposed")
at.wrong("a", "entry by entry", lambda g, y, a, b: g * b)
at.wrong("b", "entry by entry", lambda g, y, a, b: g * a)

at = Site(mg.matmul, normal(5, 3, 4), normal(4, 2))
at.wrong("b", "first of the batch", lambda g, y, a, b: a[0].T @ g[0], "broadcast sum missing")
at.wrong("b", "last of the batch", lambda g, y, a, b: a[-1].T @ g[-1], "broadcast sum missing")
at.wrong("b", "mean of the batch", lambda g, y, a, b: (a.swapaxes(1, 2) @ g).mean(0),
         "mean for sum")  # fmt: skip

at = Site(mg.matmul, normal(3, 4), normal(4))
at.wrong("b", "rows added up", lambda g, y, a, b: a.sum(0) * g[0])
at.wrong("a", "without g", lambda g, y, a, b: np.ones((3, 1)) * b)
at.wrong("a", "g added up", lambda g, y, a, b: g.sum() * np.ones((3, 1)) * b)

at = Site(mg.matmul, normal(4), normal(4))
at.wrong("a", "its own operand", lambda g, y, a, b: g * a)

at = Site(mg.linear, normal(5, 3), normal(3, 3), normal(3))
at.wrong("x", "W transposed", lambda g, y, x, w, b: g @ w.T)
at.wrong("x", "bias added", lambda g, y, x, w, b: g @ w + b)
at.wrong("w", "left on its side", lambda g, y, x, w, b: rows(x).T @ rows(g), "transposed")
at.spoiled("w", "mean of the samples", lambda share: share / 5, "mean for sum")
at.wrong("w", "first sample", lambda g, y, x, w, b: np.outer(rows(g)[0], rows(x)[0]),
         "broadcast sum missing")  # fmt: skip
at.wrong("w", "samples added up first", lambda g, y, x, w, b: np.outer(
    rows(g).sum(0), rows(x).sum(0)))  # fmt: skip
at.wrong("b", "mean of the samples", lambda g, y, x, w, b: rows(g).mean(0), "mean for sum")
at.wrong("b", "first sample", lambda g, y, x, w, b: rows(g)[0], "broadcast sum missing")
at.wrong("b", "everything added up", lambda g, y, x, w, b: g.sum() + 0 * b)

at = Site(mg.tensordot, normal(3, 2, 4), normal(4, 3, 3), axes=([0, 2], [1, 0]))
at.wrong("a", "axes not put back", lambda g, y, a, b, axes: np.tensordot(b, g, (2, 1))
         .reshape(3, 2, 4), None)  # fmt: skip
at.wrong("b", "axes exchanged", lambda g, y, a, b, axes: np.tensordot(a, g, (1, 0)).swapaxes(0, 1)
         .transpose(0, 2, 1), "transposed")  # fmt: skip

at = Site(products.contracted, normal(3, 3), normal(3, 3), inputs=("ij", "jk"), output="ik")
at.wrong("operands", "left on its side",
         lambda i, g, y, a, b, inputs, output: (g @ b.T if i == 0 else a.T @ g).T,
         "transposed")  # fmt: skip
at.wrong("operands", "in the wrong place",
         lambda i, g, y, a, b, inputs, output: np.einsum("ij,jk->ik", *((g, b), (a, g))[i])
         )  # fmt: skip

at = Site(products.contracted, normal(3, 4), normal(3), inputs=("ij", "i"), output="i")
at.wrong("operands", "its own operand",
         lambda i, g, y, a, b, inputs, output: g[:, None] * a if i == 0 else g * b)  # fmt: skip
at.wrong("operands", "one column only",
         lambda i, g, y, a, b, inputs, output: (g * b)[:, None] * [1, 0, 0, 0] if i == 0
         else g * a[:, 0])  # fmt: skip

# --- Functions of matrices ------------------------------------------------------------------

at = Site(linalg.inv, well_conditioned(3))
at.wrong("a", "without its sign", lambda g, y, a: y.T @ g @ y.T, "lost sign")
at.wrong("a", "not transposed", lambda g, y, a: -y @ g @ y)
at.wrong("a", "left on its side", lambda g, y, a: -(y.T @ g @ y.T).T, "transposed")
at.wrong("a", "A for its inverse", lambda g, y, a: -a.T @ g @ a.T)
at.wrong("a", "one factor only", lambda g, y, a: -y.T @ g)
at.wrong("a", "entry by entry", lambda g, y, a: -g * y * y)

at = Site(linalg.solve, well_conditioned(3), normal(3, 3))
at.wrong("a", "without its sign", lambda g, y, a, b: np.linalg.solve(a.T, g) @ y.T, "lost sign")
at.wrong("a", "left on its side", lambda g, y, a, b: -y @ np.linalg.solve(a.T, g).T, "transposed")
at.wrong("a", "b for y", lambda g, y, a, b: -np.linalg.solve(a.T, g) @ b.T)
at.wrong("b", "A not transposed", lambda g, y, a, b: np.linalg.solve(a, g))
at.wrong("b", "A for its inverse", lambda g, y, a, b: a.T @ g)

at = Site(linalg.det, well_conditioned(3))
at.wrong("a", "inverse not transposed", lambda g, y, a: g * y * np.linalg.inv(a), "transposed")
at.wrong("a", "as of the logarithm", lambda g, y, a: g * np.linalg.inv(a).T, "factor")
at.wrong("a", "without signs", lambda g, y, a: g * y * np.abs(np.linalg.inv(a).T))
at.wrong("a", "diagonal only", lambda g, y, a: g * y * np.diag(1 / np.diag(a)))

at = Site(linalg.logabsdet, well_conditioned(3))
at.wrong("a", "not transposed", lambda g, y, a: g * np.linalg.inv(a), "transposed")
at.wrong("a", "as of the determinant", lambda g, y, a: g * np.linalg.det(a) * np.linalg.inv(a).T,
         "factor")  # fmt: skip
at.wrong("a", "A for its inverse", lambda g, y, a: g * a.T)


def cholesky_share(g, y, diagonal=0.5, middle=True, symmetric=True):
    """Murray's formula; each keyword leaves a part of it out."""
    inverse, s = np.linalg.inv(y), y.T @ g
    if middle:
        s = np.tril(s, -1) + diagonal * np.diag(np.diag(s))
    s = inverse.T @ s @ inverse
    return (s + s.T) / 2 if symmetric else s


def positive_definite(a):
    return linalg.cholesky(mg.matmul(a, a.T) + np.eye(3))


at = Site(linalg.cholesky, positive(3, 3), call=positive_definite)
at.wrong("a", "diagonal not halved", lambda g, y, a: cholesky_share(g, y, diagonal=1))
at.wrong("a", "without the diagonal", lambda g, y, a: cholesky_share(g, y, diagonal=0))
at.wrong("a", "both halves", lambda g, y, a: cholesky_share(g, y, middle=False))
at.wrong("a", "added, not averaged", lambda g, y, a: 2 * cholesky_share(g, y), "factor")
at.wrong("a", "transposed factor", lambda g, y, a: cholesky_share(g, y.T))
