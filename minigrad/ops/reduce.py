"""Functions that shrink an array along axes, and those that accumulate along one.

axis is None (all axes), an int or a tuple of ints, as in NumPy. The derivative of a reduction
sends g back to every entry that took part, so g first gets its lost axes back (`spread`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops.complaints import worded
from minigrad.ops.elementwise import exp_down
from minigrad.ops.join import concatenate
from minigrad.ops.primitive import Fused, plain, primitive
from minigrad.ops.shape import absolute, broadcast_to, moveaxis

Axis = int | tuple[int, ...] | None


def kept_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape after reducing over axis with keepdims=True."""
    gone = absolute(axis, len(shape))
    return tuple(1 if i in gone else n for i, n in enumerate(shape))


def spread(g: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """g with length 1 on the reduced axes: ready to be broadcast against the input."""
    return g.reshape(kept_shape(shape, axis))


def count(shape: tuple[int, ...], axis: Axis) -> int:
    """How many entries go into one result; a Python int, which leaves float32 as it is."""
    return math.prod(shape[i] for i in absolute(axis, len(shape)))


# --- Sums and averages ----------------------------------------------------------------------


@primitive(symbol="Σ")
def sum(x: Any, /, axis: Axis = None, keepdims: bool = False, *, dtype: Any = None) -> Any:
    """y = Σ xᵢ over axis.

    float32 is added up in float32, as NumPy does it; dtype=np.float64 makes long sums exact.
    """
    return np.sum(x, axis=axis, keepdims=keepdims, dtype=dtype)


@sum.wrt("x")
def sum_dx(
    g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None
) -> Any:
    """Every entry has the derivative 1: g is copied to all of them."""
    return broadcast_to(spread(g, x.shape, axis), x.shape)


@primitive(symbol="mean")
def mean(x: Any, /, axis: Axis = None, keepdims: bool = False, *, dtype: Any = None) -> Any:
    """y = (1/n) Σ xᵢ over axis; nan for n = 0."""
    if x.size == 0:
        x = np.full_like(x, np.nan, shape=kept_shape(x.shape, axis))
    return np.mean(x, axis=axis, keepdims=keepdims, dtype=dtype)


@mean.wrt("x")
def mean_dx(
    g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None
) -> Any:
    """Every entry has the derivative 1/n."""
    share = spread(g, x.shape, axis) * (1 / (count(x.shape, axis) or 1))
    return broadcast_to(share, x.shape)


@primitive(symbol="var")
def var(x: Any, /, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """y = (1/(n − ddof)) Σ (xᵢ − μ)² over axis; nan for n ≤ ddof."""
    n = freedom(x, axis, ddof)
    return squares_about_mean(x, axis, keepdims) / n


@var.wrt("x")
def var_dx(
    g: Any, y: Any, x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False
) -> Any:
    """∂y/∂xᵢ = 2 (xᵢ − μ) / (n − ddof); the term through μ is zero, since Σ (xᵢ − μ) = 0."""
    centred = x - mean(x, axis=axis, keepdims=True)
    return spread(g, x.shape, axis) * centred * (2 / freedom(x, axis, ddof))


@primitive(symbol="std")
def std(x: Any, /, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """y = √var(x) over axis."""
    n = freedom(x, axis, ddof)
    return np.sqrt(squares_about_mean(x, axis, keepdims) / n)


@std.wrt("x")
def std_dx(
    g: Any, y: Any, x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False
) -> Any:
    """∂y/∂xᵢ = (xᵢ − μ) / ((n − ddof) y), taken as 0 where all entries are equal."""
    centred = x - mean(x, axis=axis, keepdims=True)
    y = spread(y, x.shape, axis)
    return spread(g, x.shape, axis) * centred / ((y + (y == 0)) * freedom(x, axis, ddof))


def squares_about_mean(x: Any, axis: Axis, keepdims: bool) -> Any:
    """Σ (xᵢ − μ)² over axis."""
    centred = x - mean(x, axis=axis, keepdims=True)
    return np.sum(centred * centred, axis=axis, keepdims=keepdims)


def freedom(x: Any, axis: Axis, ddof: float) -> float:
    """n − ddof, or nan where that leaves nothing to divide by."""
    n = count(x.shape, axis) - ddof
    return n if n > 0 else math.nan


@primitive(symbol="log Σ exp")
def logsumexp(x: Any, /, axis: Axis = None, keepdims: bool = False) -> Any:
    """y = ln Σ exp xᵢ over axis, shifted by the largest entry so that nothing overflows.

    −inf, the logarithm of 0, where there is nothing to add up.
    """
    top: Any = 0
    if x.size:
        top = np.max(x, axis=axis, keepdims=True)
        top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore", under="ignore"):  # ln 0 = −inf where all entries are −inf
        y = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis=tuple(absolute(axis, x.ndim)))


@logsumexp.wrt("x")
def logsumexp_dx(g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """∂y/∂xᵢ = exp(xᵢ − y): the softmax."""
    return spread(g, x.shape, axis) * exp_down(x - spread(y, x.shape, axis))


# --- Extremes -------------------------------------------------------------------------------


@primitive(symbol="max")
def max(x: Any, /, axis: Axis = None, keepdims: bool = False) -> Any:
    """y = the largest entry over axis; several equal ones share the gradient evenly.

    Errors: a ValueError for an axis without entries.
    """
    check_not_empty("max", x, axis)
    return np.max(x, axis=axis, keepdims=keepdims)


@primitive(symbol="min")
def min(x: Any, /, axis: Axis = None, keepdims: bool = False) -> Any:
    """y = the smallest entry over axis; several equal ones share the gradient evenly.

    Errors: a ValueError for an axis without entries.
    """
    check_not_empty("min", x, axis)
    return np.min(x, axis=axis, keepdims=keepdims)


def check_not_empty(name: str, x: Any, axis: Axis) -> None:
    """Nothing has no largest entry."""
    empty = [i for i in absolute(axis, x.ndim) if x.shape[i] == 0]
    if empty:
        raise ValueError(
            f"{name} over axis {empty[0]} of an array of shape {x.shape}: there are no entries "
            "along it, so there is no extreme; check x.size first"
        )


@max.wrt("x")
@min.wrt("x")
def extreme_dx(g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """∂y/∂xᵢ = 1 for the entry that is y, divided by how many there are; a nan counts as y."""
    chosen = (x == spread(y, x.shape, axis)) | (x != x)
    ties = np.sum(chosen, axis=axis, keepdims=True, dtype=x.dtype)
    return spread(g, x.shape, axis) * (chosen / ties)


amax, amin = max, min


@plain
def argmax(x: Any, /, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """The position of the largest entry, the first of equal ones: whole numbers, no gradient."""
    return np.argmax(x, axis=axis, keepdims=keepdims)


@plain
def argmin(x: Any, /, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """The position of the smallest entry, the first of equal ones: whole numbers, no gradient."""
    return np.argmin(x, axis=axis, keepdims=keepdims)


# --- Products and running totals ------------------------------------------------------------


@primitive(symbol="Π", kind=Fused)
def prod(x: Any, /, axis: Axis = None, keepdims: bool = False, *, dtype: Any = None) -> Any:
    """y = Π xᵢ over axis."""
    return np.prod(x, axis=axis, keepdims=keepdims, dtype=dtype)


@prod.wrt("x")
def prod_dx(
    g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None
) -> Any:
    """∂y/∂xᵢ = the product of all others, without dividing by xᵢ: it may be 0."""
    gone = absolute(axis, x.ndim)
    rows = np.moveaxis(x, gone, range(x.ndim - len(gone), x.ndim))
    outer = rows.shape[: x.ndim - len(gone)]
    others = products_of_others(rows.reshape(*outer, count(x.shape, axis)))
    others = np.moveaxis(others.reshape(rows.shape), range(x.ndim - len(gone), x.ndim), gone)
    return spread(g, x.shape, axis) * others


@prod.definition
def prod_composed(
    x: Any, /, axis: Axis = None, keepdims: bool = False, *, dtype: Any = None
) -> Any:
    """The product by halves: (x₁ … xₕ) · (xₕ₊₁ … xₙ), again and again."""
    gone = absolute(axis, x.ndim)
    shape = kept_shape(x.shape, axis)
    if not keepdims:
        shape = tuple(n for i, n in enumerate(shape) if i not in gone)
    if x.size == 0:
        return sum(x, axis=axis, keepdims=keepdims) + 1
    rows = moveaxis(x, gone, tuple(range(x.ndim - len(gone), x.ndim)))
    rows = rows.reshape(*rows.shape[: x.ndim - len(gone)], -1)
    while rows.shape[-1] > 1:
        half = rows.shape[-1] // 2
        pairs = rows[..., :half] * rows[..., half : 2 * half]
        rows = concatenate([pairs, rows[..., 2 * half :]], axis=-1)
    return rows.reshape(shape)


def products_of_others(rows: Any) -> Any:
    """For each entry along the last axis the product of all others: left ones times right ones."""
    left, right = np.ones_like(rows), np.ones_like(rows)
    np.cumprod(rows[..., :-1], axis=-1, out=left[..., 1:])
    right[..., :-1] = np.cumprod(rows[..., :0:-1], axis=-1)[..., ::-1]
    return left * right


@primitive(symbol="running Σ")
def cumsum(x: Any, /, axis: int | None = None, *, dtype: Any = None) -> Any:
    """yᵢ = x₁ + … + xᵢ along axis; of the flattened array for axis None."""
    return np.cumsum(x, axis=axis, dtype=dtype)


@cumsum.wrt("x")
def cumsum_dx(g: Any, y: Any, x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """xᵢ enters yᵢ and all that follow: a running sum from the other end."""
    along = 0 if axis is None else axis
    return np.flip(cumsum(np.flip(g, along), along), along).reshape(x.shape)


@primitive(symbol="running Π", kind=Fused)
def cumprod(x: Any, /, axis: int | None = None, *, dtype: Any = None) -> Any:
    """yᵢ = x₁ · … · xᵢ along axis; of the flattened array for axis None."""
    return np.cumprod(x, axis=axis, dtype=dtype)


@cumprod.wrt("x")
def cumprod_dx(g: Any, y: Any, x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """From yᵢ = yᵢ₋₁ xᵢ, backwards: G ← gᵢ + G xᵢ₊₁ and ∂xᵢ = G yᵢ₋₁. Nothing is divided."""
    rows, g, y = (v.reshape(-1) if axis is None else rows_along(v, axis) for v in (x, g, y))
    share, total = np.empty_like(rows), np.zeros_like(rows[:1].sum(axis=0))
    for i in reversed(range(len(rows))):
        total = g[i] + (total * rows[i + 1] if i + 1 < len(rows) else 0)
        share[i] = total * y[i - 1] if i else total
    return np.moveaxis(share, 0, axis) if axis is not None else share.reshape(x.shape)


def rows_along(x: Array, axis: int) -> Array:
    """x with that axis first, also in memory: what is looked at together lies together."""
    return np.ascontiguousarray(np.moveaxis(x, axis, 0))


@cumprod.definition
def cumprod_composed(x: Any, /, axis: int | None = None, *, dtype: Any = None) -> Any:
    """One partial product after the other."""
    rows = x.reshape(-1) if axis is None else moveaxis(x, axis, 0)
    if x.size == 0:
        return cumsum(x, axis=axis)
    partial = [rows[:1]]
    for i in range(1, len(rows)):
        partial.append(partial[-1] * rows[i : i + 1])
    y = concatenate(partial, axis=0)
    return y if axis is None else moveaxis(y, 0, axis)


# --- Norms ----------------------------------------------------------------------------------


@primitive(symbol="‖ ‖")
def vector_norm(x: Any, /, ord: float = 2, axis: Axis = None, keepdims: bool = False) -> Any:
    """y = (Σ |xᵢ|ᵖ)^(1/p) over axis, p = ord > 0; the largest |xᵢ| for p = inf."""
    if not ord > 0:
        raise ValueError(f"norm: ord must be a number above 0, inf, or 'fro'; got {ord!r}")
    size = np.abs(x)
    if ord == math.inf:
        return np.max(size, axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    if ord == 2:
        return np.sqrt(np.sum(size * size, axis=axis, keepdims=keepdims))
    return np.sum(size**ord, axis=axis, keepdims=keepdims) ** (1 / ord)


@vector_norm.wrt("x")
def vector_norm_dx(
    g: Any, y: Any, x: Any, ord: float = 2, axis: Axis = None, keepdims: bool = False
) -> Any:
    """∂y/∂xᵢ = sign(xᵢ) (|xᵢ| / y)ᵖ⁻¹, 0 where y = 0; for inf, ±1 shared by the largest."""
    g, y = spread(g, x.shape, axis), spread(y, x.shape, axis)
    if ord == 1:
        return g * np.sign(x)
    if ord == math.inf:
        largest = np.abs(x) == y
        ties = np.sum(largest, axis=axis, keepdims=True, dtype=x.dtype)
        return g * np.sign(x) * (largest / ties)
    y = y + (y == 0)
    if ord == 2:
        return g * (x / y)
    share = np.abs(x) / y
    return g * np.sign(x) * (share + (x == 0)) ** (ord - 1)  # 0 at 0, also for p < 1


@worded
def norm(x: Any, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> Any:
    """The size of a vector, ‖x‖ = (Σ |xᵢ|ᵖ)^(1/p), or of a matrix; as np.linalg.norm.

    ord is p (any number above 0, or inf; None means 2, of all entries for axis None). For a
    matrix (two axes) 'fro' is the root of the sum of squares, 1 the largest sum of a column and
    inf the largest sum of a row. Norms by singular values are left out. Derivative 0 at 0.
    """
    axes = absolute(axis, np.ndim(x))
    if ord is None or ord == "fro":
        return vector_norm(x, axis=axis, keepdims=keepdims)
    if isinstance(ord, str):
        raise ValueError(f"norm: ord must be a number above 0, inf, or 'fro'; got {ord!r}")
    if len(axes) != 2:
        return vector_norm(x, ord=ord, axis=axis, keepdims=keepdims)
    if ord not in (1, math.inf):
        raise ValueError(f"norm: of a matrix ord can be 'fro', 1 or inf, got {ord!r}")
    summed, other = axes if ord == 1 else axes[::-1]
    sums = vector_norm(x, ord=1, axis=summed, keepdims=True)
    largest = max(sums, axis=other, keepdims=True)
    if keepdims:
        return largest
    return largest.reshape(tuple(n for i, n in enumerate(np.shape(x)) if i not in axes))
