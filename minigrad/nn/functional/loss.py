"""Losses: how far an output is from its target, as one number.

Each has reduction "mean" (over all entries, unless it says otherwise), "sum" or "none". Gradients
flow into the target too, if it requires one, and into weights that are multiplied.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.nn.checks import ABOVE_ZERO, FROM_ZERO, require, require_one_of
from minigrad.ops import loss as fused
from minigrad.ops.activation import logsigmoid, sigmoid
from minigrad.ops.arguments import array_of, operand
from minigrad.ops.loss import REDUCTIONS
from minigrad.ops.primitive import elementwise


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """−log softmax(x)[target], the mean over the samples: for classes, from logits x.

    input (N, C, …) or (C,); target: class indices (N, …) or probabilities in the input's shape.
    weight (C,) lets classes count differently: the mean then divides by the targets' weights.
    Errors: an IndexError for a target that is no class, a ValueError for shapes that do not fit.
    """
    return fused.cross_entropy(
        operand("cross_entropy", input),
        operand("cross_entropy", target),
        None if weight is None else operand("cross_entropy", weight),
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Any:
    """−x[target], the mean over the samples: for classes, from log-probabilities x.

    Shapes, weight and errors as for `cross_entropy`; targets are class indices. Samples with the
    target ignore_index count for nothing.
    """
    check_reduction("nll_loss", reduction)
    input = operand("nll_loss", input)
    axis = min(input.ndim - 1, 1)
    classes, counts = class_indices(input.shape, axis, operand("nll_loss", target), ignore_index)
    scale = counts.astype(input.dtype)
    if weight is not None:
        weight = operand("nll_loss", weight)
        if weight.shape != input.shape[axis : axis + 1]:
            raise ValueError(
                f"nll_loss: weight has shape {weight.shape}, the input of shape {input.shape} has "
                f"{input.shape[axis]} classes; it must be ({input.shape[axis]},)"
            )
        scale = weight[classes] * counts
    picked = np.take_along_axis(input, np.expand_dims(classes, axis), axis).squeeze(axis)
    each = -np.where(counts, picked, 0) * scale  # an ignored sample may be infinite
    if reduction != "mean":
        return reduced(each, reduction)
    total, divisor = np.sum(each), np.sum(scale)
    return total / divisor if array_of(divisor) else total * 0 + np.nan


def class_indices(
    x: tuple[int, ...], axis: int, target: Any, ignore_index: int
) -> tuple[np.ndarray, np.ndarray]:
    """Which class to look at for each sample, and which samples count; checked."""
    target = array_of(target)
    if not x:
        raise ValueError("nll_loss: the input needs an axis of classes, but it is 0-d")
    wanted = x[:axis] + x[axis + 1 :]
    if target.dtype.kind not in "iu":
        raise ValueError(f"nll_loss: target must hold class indices, integers; got {target.dtype}")
    if target.shape != wanted:
        raise ValueError(
            f"nll_loss: the input has shape {x}, so the target must have {wanted}, "
            f"got {target.shape}"
        )
    counts = target != ignore_index
    wrong = target[counts & ((target < 0) | (target >= x[axis]))]
    if wrong.size:
        raise IndexError(f"nll_loss: target {wrong[0]} is no class: there are 0 to {x[axis] - 1}")
    return np.where(counts, target, 0), counts


def mse_loss(input: Any, target: Any, *, reduction: str = "mean", weight: Any = None) -> Any:
    """(x − t)²; weight, in the input's shape, multiplies it, and "mean" divides by its sum"""
    input, target = both("mse_loss", input, target, reduction)
    return weighted("mse_loss", np.square(input - target), weight, reduction)


def l1_loss(input: Any, target: Any, *, reduction: str = "mean", weight: Any = None) -> Any:
    """|x − t|, with derivative 0 where they are equal; weight as in `mse_loss`"""
    input, target = both("l1_loss", input, target, reduction)
    return weighted("l1_loss", np.abs(input - target), weight, reduction)


def smooth_l1_loss(input: Any, target: Any, *, reduction: str = "mean", beta: float = 1.0) -> Any:
    """d² / 2β for d = |x − t| < β, d − β/2 beyond; β ≥ 0. Source: Girshick (2015), Fast R-CNN."""
    input, target = both("smooth_l1_loss", input, target, reduction)
    require("smooth_l1_loss", "beta", beta, FROM_ZERO)
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    return huber_loss(input, target, reduction, beta) / beta


def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Any:
    """d² / 2 for d = |x − t| ≤ δ, δ (d − δ/2) beyond; δ > 0. Source: Huber (1964).

    weight, in the input's shape, multiplies it; "mean" divides by the number of entries all the
    same, as in PyTorch.
    """
    input, target = both("huber_loss", input, target, reduction)
    require("huber_loss", "delta", delta, ABOVE_ZERO)
    each = bent_square(input - target, delta)
    return reduced(scaled("huber_loss", "weight", each, weight, same_shape=True), reduction)


@elementwise("Huber")
def bent_square(d: Any, /, delta: float) -> Any:
    """d²/2 up to |d| = δ, δ (|d| − δ/2) beyond: c (d − c/2) for c = d held in −δ … δ"""
    c = np.clip(d, -delta, delta)
    return c * (d - c * 0.5)


@bent_square.wrt("d")
def bent_square_dd(g: Any, y: Any, d: Any, delta: float) -> Any:
    """d, held between −δ and δ"""
    return g * np.clip(d, -delta, delta)


def weighted(name: str, each: Any, weight: Any, reduction: str) -> Any:
    """The losses times their weights, whose sum the mean divides by."""
    each = scaled(name, "weight", each, weight, same_shape=True)
    if weight is None or reduction != "mean":
        return reduced(each, reduction)
    return np.sum(each) / np.sum(weight)


def bounded(logarithm: np.ufunc, x: Any) -> Any:
    """The logarithm, or −100 where it is less."""
    with np.errstate(divide="ignore"):
        return np.maximum(logarithm(x), -100)


@elementwise("BCE")
def bernoulli(p: Any, t: Any) -> Any:
    """−(t ln p + (1 − t) ln(1 − p)), each logarithm held at −100 or above"""
    return -(t * bounded(np.log, p) + (1 - t) * bounded(np.log1p, -p))


@bernoulli.wrt("p")
def bernoulli_dp(g: Any, y: Any, p: Any, t: Any) -> Any:
    """(p − t) / (p (1 − p)), finite also where p is 0 or 1"""
    return g * (p - t) / np.maximum(p * (1 - p), 1e-12)


@bernoulli.wrt("t")
def bernoulli_dt(g: Any, y: Any, p: Any, t: Any) -> Any:
    """ln(1 − p) − ln p"""
    return g * (bounded(np.log1p, -p) - bounded(np.log, p))


def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
) -> Any:
    """−(t ln p + (1 − t) ln(1 − p)) for probabilities p and targets t in 0…1.

    Logarithms are held at −100, so that one wrong certainty does not make the loss infinite.
    weight multiplies the losses. Errors: a ValueError if p is not between 0 and 1.
    """
    input, target = both("binary_cross_entropy", input, target, reduction)
    p = array_of(input)
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError(
            f"binary_cross_entropy: the input must be between 0 and 1, it goes from {p.min()} to "
            f"{p.max()}; for logits use binary_cross_entropy_with_logits"
        )
    each = bernoulli(input, target)
    return reduced(scaled("binary_cross_entropy", "weight", each, weight), reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """(1 − t) x − (1 + (c − 1) t) ln σ(x): binary cross-entropy of σ(x), without overflow.

    pos_weight c makes positive targets count more, per class; weight multiplies the losses.
    """
    name = "binary_cross_entropy_with_logits"
    input, target = both(name, input, target, reduction)
    if pos_weight is None:
        each = bernoulli_of_logits(input, target)
    else:
        more = scaled(name, "pos_weight", target, operand(name, pos_weight) - 1)
        each = (1 - target) * input - logsigmoid(input) * (more + 1)
    return reduced(scaled(name, "weight", each, weight), reduction)


@elementwise("BCE", x=lambda g, y, x, t: g * (sigmoid(x) - t), t=lambda g, y, x, t: -g * x)
def bernoulli_of_logits(x: Any, t: Any) -> Any:
    """(1 − t) x − ln σ(x)"""
    return (1 - t) * x - logsigmoid(x)


def scaled(name: str, setting: str, each: Any, weight: Any, *, same_shape: bool = False) -> Any:
    """Each times its weight, which is broadcast unless it must have the same shape; None is 1."""
    if weight is None:
        return each
    weight = operand(name, weight)
    wanted, given = each.shape, weight.shape
    pairs = zip(reversed(given), reversed(wanted))
    fits = len(given) <= len(wanted) and all(n in (1, m) for n, m in pairs)
    if given != wanted and (same_shape or not fits):
        raise ValueError(
            f"{name}: {setting} has shape {given}, which does not fit the input's {wanted}"
        )
    return each * weight


def kl_div(input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False) -> Any:
    """t (ln t − x): the divergence of the distribution eˣ from t; x are log-probabilities.

    log_target: the target holds ln t. Where t = 0 the loss is 0. reduction "batchmean" divides the
    sum by the number of samples, as the definition does; "mean" by the number of entries.
    """
    input, target = both("kl_div", input, target, reduction, (*REDUCTIONS, "batchmean"))
    if log_target:
        each = np.exp(target) * (target - input)
    else:
        present = np.where(array_of(target) == 0, 1, target)
        each = target * (np.log(present) - input)
    if reduction == "batchmean":
        return np.sum(each) / (input.shape[0] if input.ndim else 1)
    return reduced(each, reduction)


def both(
    name: str, input: Any, target: Any, reduction: str, reductions: tuple[str, ...] = REDUCTIONS
) -> tuple[Any, Any]:
    """Input and target, checked; whole numbers as target in the input's dtype.

    Shapes must be equal: broadcasting would compare entries that do not belong together.
    """
    check_reduction(name, reduction, reductions)
    input, target = operand(name, input), operand(name, target)
    if target.shape != input.shape:
        raise ValueError(
            f"{name}: the input has shape {input.shape}, the target {target.shape}; they must be "
            "the same"
        )
    if target.dtype.kind != "f":
        target = array_of(target).astype(np.result_type(input.dtype, 0.0))
    return input, target


def check_reduction(name: str, reduction: str, reductions: tuple[str, ...] = REDUCTIONS) -> None:
    require_one_of(name, "reduction", reduction, reductions)


def reduced(each: Any, reduction: str) -> Any:
    """The losses of all entries as they are, added up, or averaged."""
    if reduction == "none":
        return each
    return np.mean(each) if reduction == "mean" else np.sum(each)
