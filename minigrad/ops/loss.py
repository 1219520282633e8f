"""Cross-entropy: softmax and negative log-likelihood as one op, which neither overflows nor
divides by a probability that came out as 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.graph import Array
from minigrad.ops.activation import log_softmax
from minigrad.ops.arguments import array_of
from minigrad.ops.elementwise import exp_down
from minigrad.ops.piecewise import where
from minigrad.ops.primitive import Fused, primitive
from minigrad.ops.reduce import sum as sum_

REDUCTIONS = ("mean", "sum", "none")


class Weighing(NamedTuple):
    """How much each class of each sample counts, and what the mean divides by."""

    weights: Any  # the shape of the logits
    divisor: float


class Powers(NamedTuple):
    """What forward leaves for backward where each row of logits has one class."""

    exps: Array  # exp(x − max x), (N, C)
    sums: Array  # of its rows, (N,)
    place: Array  # of the targets in it, if its rows are laid end to end, (N,)


@primitive(symbol="softmax CE", kind=Fused, saves=True, weight=None)
def cross_entropy(
    x: Any,
    target: Any,
    weight: Any = None,
    /,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """−mean log softmax(x)[target]

    x (N, C, ...) logits, or (C,); target: class indices (N, ...), or probabilities in the shape
    of x. weight (C,) counts classes differently: the mean divides by the weights of the targets.
    ignore_index leaves samples out; label_smoothing ε mixes the target with the uniform
    distribution: (1 − ε) q + ε/C. As in PyTorch, reduction is "mean", "sum" or "none".
    Errors: an IndexError for a target that is no class, a ValueError for shapes that do not fit.
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"cross_entropy: reduction must be one of {REDUCTIONS}, got {reduction!r}")
    target = np.asarray(target)
    if one_class_each(x, target, weight, ignore_index, label_smoothing):
        each, powers = picked(x, target)
        return reduced(each, len(x), reduction), powers
    weighing = weighed(x, target, weight, ignore_index, label_smoothing)
    axis = class_axis(x)
    with np.errstate(invalid="ignore"):  # −inf − −inf in a sample that is ignored, 0 · −inf
        logp = log_softmax(x, axis)
        products = weighing.weights * logp
    each = -np.sum(products, axis=axis, where=weighing.weights != 0)
    return reduced(each, weighing.divisor, reduction), (logp, weighing)


def one_class_each(
    x: Any, target: Any, weight: Any, ignore_index: int, label_smoothing: float
) -> bool:
    """The plain case: every row of x has a class, and all of them count the same."""
    if weight is not None or label_smoothing or x.ndim != 2 or x.dtype.kind != "f":
        return False
    if target.dtype.kind not in "iu" or target.shape != x.shape[:1] or not x.size:
        return False
    classes = x.shape[1]
    if 0 <= ignore_index < classes:
        return False
    unsigned = target.astype(np.uintp)  # below 0 is huge then
    return bool(unsigned.max() < classes)  # else some are ignored or wrong


@np.errstate(invalid="ignore", under="ignore")  # inf − inf: the loss is rightly nan
def picked(x: Array, target: Array) -> tuple[Array, Powers]:
    """ln Σⱼ exp xⱼ − x[target] of each row, and what backward needs.

    Fast because no matrix of weights is made, and backward has the exponentials already. The
    largest of a short row is found by argmax in a third of the time that max takes.
    """
    starts = np.arange(0, x.size, x.shape[1])
    place = starts + target.astype(np.intp, copy=False)
    largest = x.reshape(-1)[starts + x.argmax(axis=1)]
    shifted = np.subtract(x, largest[:, None], order="C")
    exps = np.exp(shifted)
    sums = exps.dot(np.ones(x.shape[1], x.dtype))
    return np.log(sums) - shifted.reshape(-1)[place], Powers(exps, sums, place)


def picked_backward(g: Any, powers: Powers, reduction: str) -> Array:
    """g (p − 1) at the target and g p elsewhere, p = softmax(x), from what forward left."""
    exps, sums, place = powers
    if reduction == "mean":
        g = g * exps.dtype.type(1 / len(exps))
    dx = exps * (g / sums)[:, None]
    dx.reshape(-1)[place] -= g
    return dx


def class_axis(x: Any) -> int:
    """Classes stand on axis 1, or on the only one."""
    return 1 if x.ndim > 1 else 0


def reduced(each: Any, divisor: float, reduction: str) -> Any:
    """The losses of all samples as one number, or as they are."""
    if reduction == "none":
        return each
    total = each.sum()
    if reduction == "sum":
        return total
    return total * (1 / divisor) if divisor else total * 0 + np.nan  # nan, with gradient 0


def weighed(
    x: Any, target: Any, weight: Any, ignore_index: int, label_smoothing: float
) -> Weighing:
    """The weight of each log-probability in the loss: qᵢ wᵢ, for targets of both kinds."""
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing must lie in 0…1, got {label_smoothing}")
    axis = class_axis(x)
    classes = x.shape[axis]
    if weight is None:
        weight = np.ones(classes, x.dtype)
    if weight.shape != (classes,):
        raise ValueError(
            f"cross_entropy: weight has shape {weight.shape}, x of shape {x.shape} has {classes} "
            f"classes; it must be ({classes},)"
        )
    column = weight.astype(x.dtype).reshape((classes,) + (1,) * (x.ndim - 1 - axis))
    if target.dtype.kind == "f":
        same_shape(x, target, x.shape)
        mixed = target * (1 - label_smoothing) + label_smoothing / classes
        return Weighing(mixed * column, float(x.size // classes) if classes else 0.0)
    return weighed_indices(x, target, column, ignore_index, label_smoothing)


def weighed_indices(
    x: Any, target: Array, column: Array, ignore_index: int, label_smoothing: float
) -> Weighing:
    """The same for class indices: 1 at the target's class, 0 at the others, then smoothed."""
    axis = class_axis(x)
    classes = x.shape[axis]
    same_shape(x, target, x.shape[:axis] + x.shape[axis + 1 :])
    counts = target != ignore_index
    wrong = counts & ((target < 0) | (target >= classes))
    if wrong.any():
        raise IndexError(
            f"cross_entropy: target {target[wrong].flat[0]} is no class: x has {classes} classes, "
            f"0 to {classes - 1} (and {ignore_index} is ignored)"
        )
    index = np.expand_dims(np.where(counts, target, 0), axis)
    q = np.zeros(x.shape, x.dtype)
    np.put_along_axis(q, index, np.expand_dims(counts, axis).astype(x.dtype), axis)
    divisor = float(np.sum(q * column))
    if label_smoothing:
        uniform = np.expand_dims(counts, axis) * np.asarray(label_smoothing / classes, x.dtype)
        q = q * np.asarray(1 - label_smoothing, x.dtype) + uniform
    return Weighing(q * column, divisor)


def same_shape(x: Any, target: Any, wanted: tuple[int, ...]) -> None:
    if target.dtype.kind not in "fiu":
        raise TypeError(
            f"cross_entropy: target must hold class indices or probabilities, got {target.dtype}"
        )
    axis = class_axis(x)
    if target.dtype.kind == "f" and target.shape == x.shape[:axis] + x.shape[axis + 1 :]:
        raise TypeError(
            f"cross_entropy: class indices must be integers, got {target.dtype}; use "
            f"{'target.astype(int)' if target.ndim else 'np.array(k) for a single class k'}, or "
            "give probabilities in the shape of x"
        )
    if target.shape != wanted:
        raise ValueError(
            f"cross_entropy: x has shape {x.shape}, so a target of {target.dtype} must have "
            f"{wanted}, got {target.shape}"
        )


@cross_entropy.fast
def cross_entropy_backward(
    g: Any,
    y: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    *,
    saved: Any,
    wanted: Sequence[bool],
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Sequence[Any]:
    """∂L/∂x = g (p Σw − w), p = softmax(x): for one target class, p − 1 there and p elsewhere."""
    if isinstance(saved, Powers):
        return [picked_backward(g, saved, reduction), None, None][: len(wanted)]
    logp, (weights, divisor) = saved
    axis = class_axis(x)
    g = np.expand_dims(g, axis) if reduction == "none" else g
    if reduction == "mean":
        g = g * np.asarray(1 / divisor if divisor else 0, x.dtype)
    total = np.sum(weights, axis=axis, keepdims=True)
    dx = exp_down(logp) * total
    dx -= weights
    if np.any(total == 0):
        dx = np.where(total == 0, 0, dx)  # a sample that is ignored, whatever its logits
    dtarget = None
    if wanted[1]:
        column = 1 if weight is None else weight.reshape((-1,) + (1,) * (x.ndim - 1 - axis))
        dtarget = -g * logp * column * (1 - label_smoothing)
    return [dx * g, dtarget, None][: len(wanted)]


@cross_entropy.definition
def cross_entropy_composed(
    x: Any,
    target: Any,
    weight: Any = None,
    /,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Op by op: log-softmax, weighed, summed over the classes, averaged over the samples."""
    indices = target if target.dtype.kind == "f" else target.data
    weights, divisor = weighed(
        x, indices, None if weight is None else weight.data, ignore_index, label_smoothing
    )
    axis = class_axis(x)
    ignored = np.sum(array_of(weights), axis=axis, keepdims=True) == 0
    if ignored.any():
        x = where(ignored, 0, x)  # whatever its logits
    return reduced(-sum_(log_softmax(x, axis) * weights, axis=axis), divisor, reduction)
