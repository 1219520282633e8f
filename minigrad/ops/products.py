"""Products of vectors and matrices.

The rules are those of matrix calculus: for Y = A B, ∂L/∂A = G Bᵀ and ∂L/∂B = Aᵀ G. Leading axes
are a batch, as in NumPy; where one operand was broadcast over it, the walk sums.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from minigrad.ops.complaints import worded
from minigrad.ops.elementwise import multiply
from minigrad.ops.passes import MANY
from minigrad.ops.primitive import primitive
from minigrad.ops.reduce import sum as sum_
from minigrad.ops.shape import absolute, broadcast_to, diagonal, expand_dims, swapaxes, transpose


def turned(x: Any) -> Any:
    """xᵀ: the last two axes exchanged, the batch stays."""
    return swapaxes(x, -1, -2)


# --- Products -------------------------------------------------------------------------------


@primitive(symbol="@")
def matmul(a: Any, b: Any, /) -> Any:
    """Y = A B over the last two axes; a vector counts as a row (left) or a column (right).

    a (…, n, k), b (…, k, m) → (…, n, m); leading axes broadcast.
    Errors: a ValueError if the inner lengths differ or an operand is 0-d.
    """
    inner = a.shape[-1:], b.shape[-2:][:1]
    if inner[0] != inner[1] or a.ndim == 0 or b.ndim == 0:
        raise ValueError(matmul_complaint(a.shape, b.shape))
    return by_matrix(a, b) if b.ndim == 2 else a @ b


def by_matrix(a: Any, b: Any) -> Any:
    """a (…, k) times a matrix b (k, m): all that lies before k is one long axis.

    One by one, as NumPy does it, small matrices take up to seven times as long.
    """
    if a.ndim <= 2:
        return a.dot(b)  # less overhead than @ on small matrices
    return samples(a).dot(b).reshape(*a.shape[:-1], b.shape[1])


def matmul_complaint(left: tuple[int, ...], right: tuple[int, ...]) -> str:
    if not left or not right:
        return f"matmul: operands must be at least 1-D, got shapes {left} and {right}; use *"
    return (
        f"matmul: shapes {left} and {right} do not fit: the last axis of the first "
        f"({left[-1]}) must be as long as the second last of the second ({right[-2:][0]})"
    )


def as_matrices(g: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """A vector a as a row, a vector b as a column, and g = ∂L/∂(a b) as the matrix it then is."""
    if b.ndim == 1:
        b, g = expand_dims(b, -1), expand_dims(g, -1)
    if a.ndim == 1:
        a, g = expand_dims(a, 0), expand_dims(g, -2)
    return g, a, b


@matmul.wrt("a")
def matmul_da(g: Any, y: Any, a: Any, b: Any) -> Any:
    """∂L/∂A = G Bᵀ"""
    g, _, columns = as_matrices(g, a, b)
    share = matmul(g, turned(columns))
    return share[..., 0, :] if a.ndim == 1 else share


@matmul.wrt("b")
def matmul_db(g: Any, y: Any, a: Any, b: Any) -> Any:
    """∂L/∂B = Aᵀ G; a batch of A with one B is one tall matrix A."""
    g, rows, columns = as_matrices(g, a, b)
    if columns.ndim == 2 and rows.ndim > 2:
        rows, g = samples(rows), samples(g)
    share = matmul(turned(rows), g)
    return share[..., 0] if b.ndim == 1 else share


@primitive(symbol="x Wᵀ + b")
def linear(x: Any, w: Any, b: Any = None, /) -> Any:
    """Y = X Wᵀ + b

    x (…, in), w (out, in), b (out,) → (…, out).
    Errors: a ValueError if x has another number of features than w.
    """
    if x.ndim == 0 or w.ndim != 2 or x.shape[-1] != w.shape[1]:
        raise ValueError(
            f"linear: x of shape {x.shape} does not fit the weight {w.shape}: the last axis of x "
            f"must have {w.shape[-1:][0] if w.ndim else 'in'} features"
        )
    if b is not None and b.shape != w.shape[:1]:
        raise ValueError(f"linear: the bias must have shape {w.shape[:1]}, got {b.shape}")
    y = by_matrix(x, w.T)
    if b is not None:
        y = np.add(y, b, out=y) if y.dtype == np.result_type(y, b) and y.ndim else y + b
    return y


@linear.wrt("x")
def linear_dx(g: Any, y: Any, x: Any, w: Any, b: Any = None) -> Any:
    """∂L/∂X = G W"""
    return matmul(g, w)


@linear.wrt("w")
def linear_dw(g: Any, y: Any, x: Any, w: Any, b: Any = None) -> Any:
    """∂L/∂W = Gᵀ X, all samples as rows."""
    return matmul(turned(samples(g)), samples(x))


@linear.wrt("b")
def linear_db(g: Any, y: Any, x: Any, w: Any, b: Any = None) -> Any:
    """∂L/∂b = the sum of G over the samples."""
    return sum_(samples(g), axis=0)


def samples(x: Any) -> Any:
    """x (…, features) as rows (samples, features)."""
    return x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


@worded
def dot(a: Any, b: Any) -> Any:
    """np.dot: the product of numbers, the inner product of vectors, the product of matrices.

    With more axes the last of a is summed against the second last of b.
    """
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return multiply(a, b)
    if np.ndim(b) <= 2:
        return matmul(a, b)
    return tensordot(a, b, axes=(-1, -2))


@worded
def inner(a: Any, b: Any) -> Any:
    """y = Σ aᵢ bᵢ over the last axes of both, for all pairs of rows."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return multiply(a, b)
    return tensordot(a, b, axes=(-1, -1))


@worded
def outer(a: Any, b: Any) -> Any:
    """Yᵢⱼ = aᵢ bⱼ, both flattened."""
    return multiply(np.reshape(a, (-1, 1)), np.reshape(b, (1, -1)))


@primitive(symbol="tensordot")
def tensordot(a: Any, b: Any, /, axes: Any = 2) -> Any:
    """Y = Σ over pairs of axes of a and b.

    axes is (axes of a, axes of b), or n: the last n of a with the first n of b. The result has
    the other axes of a, then those of b.
    """
    return np.tensordot(a, b, axes)


def summed_axes(axes: Any, a: Any, b: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes that tensordot sums, in a and in b."""
    if np.ndim(axes) == 0 and not isinstance(axes, (tuple, list)):
        return tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    left, right = (np.atleast_1d(side).tolist() for side in axes)
    return absolute(tuple(left), a.ndim), absolute(tuple(right), b.ndim)


@tensordot.wrt("a")
def tensordot_da(g: Any, y: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """g is summed against the axes of b that are left; what remains are the axes of a."""
    left, right = summed_axes(axes, a, b)
    free_a = [i for i in range(a.ndim) if i not in left]
    free_b = [i for i in range(b.ndim) if i not in right]
    share = tensordot(g, b, axes=(list(range(len(free_a), g.ndim)), free_b))
    by_b = [left[right.index(i)] for i in sorted(right)]  # the summed axes come in b's order
    return transpose(share, np.argsort(free_a + by_b).tolist())


@tensordot.wrt("b")
def tensordot_db(g: Any, y: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """The mirror image: g is summed against the axes of a that are left."""
    left, right = summed_axes(axes, a, b)
    free_a = [i for i in range(a.ndim) if i not in left]
    free_b = [i for i in range(b.ndim) if i not in right]
    share = tensordot(a, g, axes=(free_a, list(range(len(free_a)))))
    by_a = [right[left.index(i)] for i in sorted(left)]
    return transpose(share, np.argsort(by_a + free_b).tolist())


# --- Einstein's notation --------------------------------------------------------------------


@worded
def einsum(subscripts: str, *operands: Any) -> Any:
    """Sums of products in Einstein's notation: einsum("ij,jk->ik", a, b) is a @ b.

    Letters that are not in the output are summed; without "->" those that occur twice are. "..."
    stands for broadcast axes. A letter repeated within one operand takes its diagonal.
    """
    if not isinstance(subscripts, str):
        raise TypeError(
            f"einsum: the first argument is the text of subscripts such as 'ij,jk->ik', "
            f"got {type(subscripts).__name__}"
        )
    inputs, output = parsed(subscripts, [np.ndim(x) for x in operands])
    pairs = [without_repeats(x, labels) for x, labels in zip(operands, inputs)]
    inputs = [labels for _, labels in pairs]
    return contracted(*(x for x, _ in pairs), inputs=inputs, output=output)


def parsed(subscripts: str, ndims: Sequence[int]) -> tuple[list[str], str]:
    """The labels of every operand and of the output, with "..." replaced by capital letters."""
    text = subscripts.replace(" ", "")
    left, arrow, output = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ndims):
        raise ValueError(
            f"einsum: {subscripts!r} describes {len(inputs)} operands, {len(ndims)} were given"
        )
    spare = [c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if c not in text]
    widths = [n - len(s.replace("...", "")) for s, n in zip(inputs, ndims)]
    for labels, n, width in zip(inputs, ndims, widths):
        if width < 0 or (width and "..." not in labels):
            raise ValueError(
                f"einsum: {labels!r} of {subscripts!r} does not fit an operand of {n} axes"
            )
    wide = "".join(spare[: max([w for s, w in zip(inputs, widths) if "..." in s], default=0)])
    inputs = [s.replace("...", wide[len(wide) - w :]) for s, w in zip(inputs, widths)]
    if not arrow:
        together = "".join(inputs)
        single = sorted(c for c in set(together) - set(wide) if together.count(c) == 1)
        return inputs, wide + "".join(single)
    return inputs, output.replace("...", wide)


def without_repeats(x: Any, labels: str) -> tuple[Any, str]:
    """x with the diagonal taken for every letter that it repeats."""
    for letter in dict.fromkeys(labels):
        while labels.count(letter) > 1:
            first = labels.index(letter)
            second = labels.index(letter, first + 1)
            x = diagonal(x, 0, first, second)
            labels = labels[:first] + labels[first + 1 : second] + labels[second + 1 :] + letter
    return x, labels


@primitive(symbol="einsum")
def contracted(*operands: Any, inputs: Sequence[str], output: str) -> Any:
    """Y = Σ of products over all letters that are not in the output"""
    many = len(operands) == 2 and operands[0].size * operands[1].size >= MANY
    if many and worth_a_product(operands, inputs, output):
        return by_product(operands[0], operands[1], inputs[0], inputs[1], output)
    return np.einsum(f"{','.join(inputs)}->{output}", *operands, optimize=len(operands) > 2)


def worth_a_product(operands: Sequence[Any], inputs: Sequence[str], output: str) -> bool:
    """Whether two operands are summed as matrices are, and there is much to sum."""
    lengths = [dict(zip(labels, x.shape)) for x, labels in zip(operands, inputs)]
    shared = lengths[0].keys() & lengths[1].keys()
    summed, alone = shared - set(output), lengths[0].keys() ^ lengths[1].keys()
    return (
        bool(summed)
        and bool(alone)
        and alone <= set(output)
        and all(lengths[0][c] == lengths[1][c] for c in shared)
        and math.prod((lengths[0] | lengths[1]).values()) >= MANY
    )


def by_product(a: Any, b: Any, left: str, right: str, output: str) -> Any:
    """Two operands as a batch of matrices, whose product is what takes BLAS; `np.einsum`, faster.

    A letter of both and of the output counts the batch, one of both alone is summed.
    """
    batch = [c for c in left if c in right and c in output]
    summed = [c for c in left if c in right and c not in output]
    rows, columns = ([c for c in labels if c not in batch + summed] for labels in (left, right))
    matrices = lying(a, left, batch, rows, summed) @ lying(b, right, batch, summed, columns)
    length = dict(zip(left + right, a.shape + b.shape))
    order = [*batch, *rows, *columns]
    y = matrices.reshape([length[c] for c in order])
    return y.transpose([order.index(c) for c in output])


def lying(x: Any, labels: str, *groups: list[str]) -> Any:
    """x with the axes of each group of labels made one."""
    x = x.transpose([labels.index(c) for group in groups for c in group])
    ends = np.cumsum([0, *map(len, groups)])
    return x.reshape([math.prod(x.shape[i:j]) for i, j in pairwise(ends)])


@contracted.wrt("operands")
def contracted_d(i: int, g: Any, y: Any, *operands: Any, inputs: Sequence[str], output: str) -> Any:
    """g takes the place of operand i, whose letters become the output.

    A letter that only operand i has was summed alone: its gradient is copied along that axis.
    """
    others = [x for j, x in enumerate(operands) if j != i]
    labels = [s for j, s in enumerate(inputs) if j != i]
    known = set(output).union(*labels)
    reachable = "".join(c for c in inputs[i] if c in known)
    share = contracted(g, *others, inputs=(output, *labels), output=reachable)
    alone = tuple(k for k, c in enumerate(inputs[i]) if c not in known)
    share = expand_dims(share, alone)
    kept = [share.shape[k] if n == 1 else n for k, n in enumerate(operands[i].shape)]
    return broadcast_to(share, tuple(kept))


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """y = Σ xᵢᵢ: the sum of a diagonal."""
    return sum_(diagonal(x, offset, axis1, axis2), axis=-1)
