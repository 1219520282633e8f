"""The length of vectors, and the angle between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.nn.checks import ABOVE_ZERO, FROM_ZERO, require, require_axis
from minigrad.ops.arguments import operand
from minigrad.ops.complaints import clash
from minigrad.ops.reduce import vector_norm


def normalize(
    input: Any, p: float = 2.0, dim: int | tuple[int, ...] = 1, eps: float = 1e-12
) -> Any:
    """x / max(‖x‖ₚ, ε), with ‖x‖ₚ = (Σ |xᵢ|ᵖ)^(1/p) along dim: vectors of length 1.

    >>> normalize(np.array([[3.0, 4.0]])).tolist()
    [[0.6, 0.8]]
    """
    require("normalize", "p", p, ABOVE_ZERO)
    require("normalize", "eps", eps, FROM_ZERO)
    input = operand("normalize", input)
    for axis in dim if isinstance(dim, tuple) else (dim,):
        require_axis("normalize", "dim", axis, input.shape)
    length = vector_norm(input, ord=p, axis=dim, keepdims=True)
    return input / np.clip(length, eps, None)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """x1 · x2 / (max(‖x1‖, ε) max(‖x2‖, ε)) along dim: the cosine of the angle between them.

    x1 and x2 are broadcast first. Below ε the gradient is that of this formula (PyTorch's is not).
    Errors: a ValueError if they cannot be broadcast.

    >>> cosine_similarity(np.array([[3.0, 4.0]]), np.array([[4.0, 3.0]])).tolist()
    [0.96]
    """
    require("cosine_similarity", "eps", eps, FROM_ZERO)
    x1, x2 = operand("cosine_similarity", x1), operand("cosine_similarity", x2)
    shapes = [x1.shape, x2.shape]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(f"cosine_similarity: {clash(shapes)}") from None
    require_axis("cosine_similarity", "dim", dim, shape)
    x1, x2 = (normalize(np.broadcast_to(x, shape), dim=dim, eps=eps) for x in (x1, x2))
    return np.sum(x1 * x2, axis=dim)
