"""Embedding as a function, with PyTorch's names for its arguments; see ops/embedding.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.graph import Node
from minigrad.nn.checks import ABOVE_ZERO, FROM_ZERO, require, require_int
from minigrad.ops import embedding as ops
from minigrad.ops.arguments import array_of, operand


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """weight[input]: for each index a row of the table weight (V, D); input (…) → (…, D)

    padding_idx: a row that gets no gradient. max_norm: rows that are taken and longer than that
    (by the norm of order norm_type) are first shortened to it, in the table itself, outside of any
    record. scale_grad_by_freq: the gradient of a row is divided by how often it is taken.
    sparse is accepted as in PyTorch; gradients are whole arrays all the same.

    Errors: an IndexError for an index without a row; a TypeError for what is no whole number; a
    ValueError for a padding_idx outside of −V … V − 1.
    """
    input, weight = operand("embedding", input), operand("embedding", weight)
    ops.check_table(weight)
    indices = np.array(array_of(input))  # a copy: the caller may go on to write into it
    padding_idx = padding_row("embedding", padding_idx, len(weight))
    if max_norm is not None:
        require("embedding", "max_norm", max_norm, FROM_ZERO)
        require("embedding", "norm_type", norm_type, ABOVE_ZERO)
        shorten(weight, ops.checked(indices, len(weight)), max_norm, norm_type)
    return ops.embedding(
        weight, indices=indices, padding_idx=padding_idx, scale_grad_by_freq=scale_grad_by_freq
    )


def padding_row(function: str, padding_idx: int | None, count: int) -> int | None:
    """padding_idx counted from the start, if there is such a row."""
    if padding_idx is None:
        return None
    row = require_int(function, "padding_idx", padding_idx)
    if not -count <= row < count:
        raise ValueError(
            f"{function}: padding_idx is {row}, wanted one of the rows {-count} … {count - 1}"
        )
    return row % count


def shorten(weight: Any, indices: Any, max_norm: float, norm_type: float) -> None:
    """Scale the rows at indices that are longer than max_norm to that length, in place."""
    table, taken = array_of(weight), np.unique(indices)
    lengths = np.linalg.norm(table[taken], norm_type, axis=1)
    long = lengths > max_norm
    if long.any():
        table[taken[long]] *= (max_norm / (lengths[long] + 1e-7))[:, None]
        if isinstance(weight, Node):
            weight.touch()
