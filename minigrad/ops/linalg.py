"""Functions of square matrices, with the rules of matrix calculus: mg.linalg.

Leading axes are a batch, as in NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.graph import Array
from minigrad.ops.arguments import array_of
from minigrad.ops.primitive import primitive
from minigrad.ops.products import matmul, turned
from minigrad.ops.shape import expand_dims


@primitive(symbol="A⁻¹")
def inv(a: Any, /) -> Any:
    """Y = A⁻¹, for a (…, n, n).

    Errors: numpy.linalg.LinAlgError if A is singular.
    """
    return np.linalg.inv(square("inv", a))


@inv.wrt("a")
def inv_da(g: Any, y: Any, a: Any) -> Any:
    """From dY = −Y dA Y: ∂L/∂A = −Yᵀ G Yᵀ"""
    return -matmul(turned(y), matmul(g, turned(y)))


@primitive(symbol="A⁻¹ b")
def solve(a: Any, b: Any, /) -> Any:
    """Y with A Y = B, for a (…, n, n) and b (n,) or (…, n, m).

    Errors: numpy.linalg.LinAlgError if A is singular.
    """
    return np.linalg.solve(square("solve", a), b)


@solve.wrt("b")
def solve_db(g: Any, y: Any, a: Any, b: Any) -> Any:
    """∂L/∂B = A⁻ᵀ G"""
    if b.ndim == 1:  # one vector for all of the batch
        return solve(turned(a), expand_dims(g, -1)).reshape(g.shape)
    return solve(turned(a), g)


@solve.wrt("a")
def solve_da(g: Any, y: Any, a: Any, b: Any) -> Any:
    """∂L/∂A = −(A⁻ᵀ G) Yᵀ"""
    share = solve_db(g, y, a, b)
    if b.ndim == 1:
        return -(expand_dims(share, -1) * expand_dims(y, -2))
    return -matmul(share, turned(y))


@primitive(symbol="det")
def det(a: Any, /) -> Any:
    """y = the determinant of a (…, n, n)."""
    return np.linalg.det(square("det", a))


@det.wrt("a")
def det_da(g: Any, y: Any, a: Any) -> Any:
    """Jacobi: ∂ det A / ∂A is the matrix of cofactors, which exists for singular A too."""
    return expand_dims(g, (-2, -1)) * cofactors(a)


@det.fast
def det_backward(g: Any, y: Any, a: Any, *, saved: None, wanted: Sequence[bool]) -> list[Any]:
    """The same in n³ steps instead of n⁵: of A = U S Vᵀ the cofactors are ± U C Vᵀ.

    C holds the cofactors of S, each the product of all singular values but one; the sign is that
    of det U · det V.
    """
    if not np.isfinite(a).all():  # it has no singular values
        return [det_da(g, y, a)]
    u, s, vt = np.linalg.svd(a)
    sign = np.round(np.linalg.det(u) * np.linalg.det(vt))
    c = product_of_others(s)
    return [(g * sign)[..., None, None] * ((u * c[..., None, :]) @ vt)]


def product_of_others(x: Array) -> Array:
    """Πⱼ≠ᵢ xⱼ along the last axis: what comes before times what comes after."""
    ones = np.ones_like(x[..., :1])
    before = np.cumprod(np.concatenate([ones, x[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, x[..., :0:-1]], -1), -1)[..., ::-1]
    return before * after


def cofactors(a: Any) -> Any:
    """Cᵢⱼ = (−1)ⁱ⁺ʲ det(A without row i and column j)."""
    n = a.shape[-1]
    if n == 1:
        return a * 0 + 1
    rest = np.array([[k for k in range(n) if k != i] for i in range(n)])
    # minors (…, n, n, n−1, n−1): for every i and j the matrix that is left
    minors = a[..., rest[:, None, :, None], rest[None, :, None, :]]
    signs = 1 - 2 * (np.add.outer(np.arange(n), np.arange(n)) % 2)
    return det(minors) * signs.astype(a.dtype)


class SignAndLog(NamedTuple):
    """What slogdet returns: det A = sign · exp(logabsdet)."""

    sign: Any
    logabsdet: Any


def slogdet(a: Any) -> SignAndLog:
    """The sign (a plain array, no gradient) and ln |det A|, which does not overflow."""
    sign = np.linalg.slogdet(square("slogdet", np.asarray(array_of(a)))).sign
    return SignAndLog(sign, logabsdet(a))


@primitive(symbol="ln |det|", a=lambda g, y, a: expand_dims(g, (-2, -1)) * turned(inv(a)))
def logabsdet(a: Any, /) -> Any:
    """y = ln |det A|; the derivative is A⁻ᵀ."""
    return np.linalg.slogdet(square("slogdet", a)).logabsdet


@primitive(symbol="L Lᵀ")
def cholesky(a: Any, /) -> Any:
    """L, lower triangular, with L Lᵀ = A, for symmetric positive definite a (…, n, n).

    Only the lower half of A is read; the gradient is symmetric.
    Errors: numpy.linalg.LinAlgError if A is not positive definite.
    """
    return np.linalg.cholesky(square("cholesky", a))


@cholesky.wrt("a")
def cholesky_da(g: Any, y: Any, a: Any) -> Any:
    """∂L/∂A = ½ (S + Sᵀ), S = L⁻ᵀ Φ(Lᵀ G) L⁻¹; Φ takes the lower half, its diagonal halved.

    Source: Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527 (2016).
    """
    n = y.shape[-1]
    phi = np.tril(np.ones((n, n), y.dtype)) - 0.5 * np.eye(n, dtype=y.dtype)
    middle = matmul(turned(y), g) * phi
    s = solve(turned(y), turned(solve(turned(y), turned(middle))))
    return 0.5 * (s + turned(s))


def square(name: str, a: Any) -> Any:
    """a, if it is a square matrix or a batch of them."""
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"{name} needs square matrices (…, n, n), got shape {a.shape}")
    return a
