"""Normalisation as functions, with PyTorch's names for their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.nn.checks import FROM_ZERO, SHARE, lengths, require
from minigrad.ops import norm, sample_norm
from minigrad.ops.arguments import array_of, operand
from minigrad.ops.norm import Moments
from minigrad.words import shown


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
    *,
    eps_mode: str = "var",
) -> Any:
    """γ (x − μ) / √(σ² + ε) + β for each channel of x (N, C, …); weight is γ, bias β.

    training: μ and σ² are the batch's, and the running arrays move towards them in place,
        r ← (1 − momentum) r + momentum · new, with the unbiased variance (over n − 1).
    Otherwise μ and σ² are the running arrays (arrays or tensors, (C,)).
    eps_mode "std" divides by σ + ε instead, as the lecture does.

    Errors: a ValueError for shapes that do not fit, for a single value per channel in training,
    and for missing running arrays otherwise. Lecture: "Batch Normalization"; it has no rule for
    test time. Source: Ioffe and Szegedy (2015).
    """
    require("batch_norm", "eps", eps, FROM_ZERO)
    require("batch_norm", "momentum", momentum, SHARE)
    input = operand("batch_norm", input)
    mean = checked_running("running_mean", running_mean, input)
    var = checked_running("running_var", running_var, input)
    settings: Any = {"eps": eps, "eps_mode": eps_mode}
    weight = factor("batch_norm", weight, bias, input.shape[1:2])
    if (mean is None) is not (var is None):
        raise ValueError("batch_norm: got one of running_mean and running_var; give both, or None")
    if training:
        y, saved = norm.batch_norm.with_saved(input, weight, bias, **settings)
        if mean is not None and input.size:
            move(mean, var, saved[1], input.size // input.shape[1], momentum)
        return y
    if mean is None:
        raise ValueError("batch_norm: outside of training running_mean and running_var are needed")
    moments = Moments(mean.copy(), var.copy())  # later training must not change what is recorded
    return norm.batch_norm(input, weight, bias, moments=moments, **settings)


def factor(op: str, weight: Any, bias: Any, shape: tuple[int, ...]) -> Any:
    """γ, which is 1 where only β is given."""
    if weight is not None or bias is None:
        return weight
    return np.ones(shape, operand(op, bias).dtype)


def checked_running(name: str, running: Any, x: Any) -> Any:
    """A running array, if there is one: an entry for each channel of x, which can be changed."""
    array = array_of(running)
    if array is not None and not isinstance(array, np.ndarray):
        raise TypeError(
            f"batch_norm: {name} is {shown(running)}, wanted an array or a tensor, which is "
            "written to in training, or None"
        )
    if array is not None and x.ndim > 1 and array.shape != (x.shape[1],):
        raise ValueError(
            f"batch_norm: {name} has shape {array.shape}, but the input of shape {x.shape} has "
            f"{x.shape[1]} channels; it must be ({x.shape[1]},)"
        )
    return array


def move(mean: Any, var: Any, batch: Moments, n: int, momentum: float) -> None:
    """Move the running arrays towards the moments of a batch of n values per channel."""
    mean *= 1 - momentum
    mean += momentum * batch.mean
    var *= 1 - momentum
    var += momentum * n / (n - 1) * batch.var


def layer_norm(
    input: Any,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """γ (x − μ) / √(σ² + ε) + β, with μ and σ² over the last axes of each sample by itself.

    normalized_shape: the lengths of these axes, and the shape of weight (γ) and bias (β).
    Errors: a ValueError if the input does not end in these axes. Source: Ba, Kiros, Hinton (2016).
    """
    require("layer_norm", "eps", eps, FROM_ZERO)
    input = operand("layer_norm", input)
    inner = lengths("layer_norm", "normalized_shape", normalized_shape, 0)
    if input.shape[-len(inner) :] != inner:
        raise ValueError(
            f"layer_norm: the input of shape {input.shape} must end in the axes {inner} of "
            "normalized_shape"
        )
    weight = factor("layer_norm", weight, bias, inner)
    return sample_norm.layer_norm(input, weight, bias, ndim=len(inner), eps=eps)


def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """γ (x − μ) / √(σ² + ε) + β, with μ and σ² over a group of channels of each sample by itself.

    x (N, C, …): its C channels are cut into num_groups, one after the other. weight γ, bias β
    (C,). Errors: a ValueError if num_groups does not divide C. Source: Wu and He (2018).
    """
    require("group_norm", "eps", eps, FROM_ZERO)
    input = operand("group_norm", input)
    weight = factor("group_norm", weight, bias, input.shape[1:2])
    return sample_norm.group_norm(input, weight, bias, num_groups=num_groups, eps=eps)
