"""Gradients held within bounds, and all parameters as one vector."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.nn.checks import ABOVE_ZERO, FROM_ZERO, require
from minigrad.ops.join import concatenate
from minigrad.tensor import Tensor
from minigrad.words import shown


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """g ← g · max_norm / (‖g‖ + 1e-6) if ‖g‖ is larger; returns ‖g‖ as it was.

    g are the gradients of all parameters as one vector, scaled in place; norm_type may be inf.
    If ‖g‖ is nan, all of them become nan: what is wrong stays visible.
    Errors: a RuntimeError if error_if_nonfinite and ‖g‖ is nan or inf; nothing is scaled then.
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    require("clip_grad_norm_", "max_norm", max_norm, FROM_ZERO)
    require("clip_grad_norm_", "norm_type", norm_type, ABOVE_ZERO)
    grads = gradients_of("clip_grad_norm_", parameters)
    norms = [np.linalg.norm(g.data.ravel(), norm_type) for g in grads]
    total = float(np.linalg.norm(np.asarray(norms, float), norm_type)) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(
            f"clip_grad_norm_: the norm of the gradients is {total}; error_if_nonfinite=False "
            "would go on"
        )
    scale = float(np.minimum(1.0, max_norm / (total + 1e-6)))  # nan if the norm is
    if scale != 1:
        with np.errstate(invalid="ignore"):  # of ∞ nan is left
            for g in grads:
                g.data *= scale
    return Tensor(total)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Hold every entry of the gradients between −clip_value and clip_value, in place."""
    require("clip_grad_value_", "clip_value", clip_value, FROM_ZERO)
    for g in gradients_of("clip_grad_value_", parameters):
        g.data = np.clip(g.data, -clip_value, clip_value, out=g.data)


def gradients_of(function: str, parameters: Tensor | Iterable[Tensor]) -> list[Any]:
    """The gradients that there are."""
    if not isinstance(parameters, Tensor | Iterable):
        raise TypeError(
            f"{function}: parameters are {shown(parameters)}, wanted tensors, such as "
            "model.parameters()"
        )
    listed = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p.grad for p in listed if p.grad is not None]


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All entries of all parameters, one after the other; gradients flow through."""
    rows = [p.ravel() for p in parameters]
    if not rows:
        raise ValueError("parameters_to_vector: there are no parameters, wanted one at least")
    return concatenate(rows)


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Write a vector as `parameters_to_vector` makes it back into the parameters.

    Errors: a ValueError if vec has another number of entries; nothing is written then.
    """
    listed = list(parameters)
    values, sizes = np.asarray(vec.data), [p.size for p in listed]
    if values.shape != (sum(sizes),):
        raise ValueError(
            f"vector_to_parameters: vec has shape {values.shape}, but the parameters have "
            f"{sum(sizes)} entries in all"
        )
    for p, part in zip(listed, np.split(values, np.cumsum(sizes)[:-1])):
        p.data[...] = part.reshape(p.shape)
        p.touch()
