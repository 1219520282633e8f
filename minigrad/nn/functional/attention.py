"""Attention as a function, with PyTorch's names for its arguments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.nn.checks import PROBABILITY, require
from minigrad.nn.functional.dropout import dropout
from minigrad.ops.activation import softmax
from minigrad.ops.arguments import array_of, named, operand
from minigrad.ops.piecewise import where
from minigrad.ops.products import matmul, turned
from minigrad.ops.shape import astype, repeat
from minigrad.rng import Rng

NAME = "scaled_dot_product_attention"


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
    rng: Rng = None,
) -> Any:
    """softmax(Q Kᵀ / √E) V: for every query a mean of the values, weighted by how its key fits.

    query (…, L, E), key (…, S, E), value (…, S, V) → (…, L, V); the axes in front, such as batch
    and heads, broadcast. scale replaces 1 / √E, which keeps the scores from growing with E.
    attn_mask, which broadcasts to (…, L, S): of booleans, True where a query may look at a key (in
    `nn.MultiheadAttention` True forbids it); or of numbers, added to the scores, −inf to forbid.
    is_causal: query i may look at the keys 0 … i. A query that may look at no key gets 0.
    dropout_p: how many of the weights are dropped, in training and outside of it.
    enable_gqa: query has n times as many heads (axis −3) as key and value; theirs are repeated.

    Errors: a ValueError for shapes that do not fit, dropout_p outside of 0…1, and is_causal
    together with attn_mask; a TypeError for a mask of integers.
    Source: Vaswani et al., Attention is all you need (2017), 3.2.1.

    >>> query, keys, values = np.zeros((1, 2)), np.ones((3, 2)), np.array([[1.0], [2.0], [6.0]])
    >>> scaled_dot_product_attention(query, keys, values)  # all keys fit alike
    array([[3.]])
    """
    require(NAME, "dropout_p", dropout_p, PROBABILITY)
    if is_causal and attn_mask is not None:
        raise ValueError(f"{NAME}: is_causal makes the mask; leave out one of it and attn_mask")
    query, key, value = operand(NAME, query), operand(NAME, key), operand(NAME, value)
    if enable_gqa:
        key, value = repeated(key, query), repeated(value, query)
    shape = scores_shape(query, key, value)
    if is_causal:
        attn_mask = np.tri(*shape[-2:], dtype=bool)
    bias = None
    if attn_mask is not None:
        bias = as_bias(NAME, "attn_mask", attn_mask, query.dtype, visible=True)
        check_mask(bias.shape, shape)
    weights = attention_weights(query, key, bias, scale)
    return matmul(dropout(weights, dropout_p, rng=rng), value)


def repeated(x: Any, query: Any) -> Any:
    """Keys or values (…, heads, S, E), each head repeated for all heads of the query it serves."""
    heads, wanted = x.shape[-3:-2], query.shape[-3:-2]
    if not heads or not wanted or heads[0] == 0 or wanted[0] % heads[0]:
        raise ValueError(
            f"{NAME}: with enable_gqa the heads of the query (axis -3) must be a multiple of those "
            f"of key and value, got shapes {query.shape} and {x.shape}"
        )
    return repeat(x, wanted[0] // heads[0], axis=-3)


def scores_shape(query: Any, key: Any, value: Any) -> tuple[int, ...]:
    """(…, L, S), the shape of the scores; an error if query, key and value do not fit."""
    q, k, v = query.shape, key.shape, value.shape
    given = f"got query {q}, key {k}, value {v}"
    if min(len(q), len(k), len(v)) < 2:
        raise ValueError(f"{NAME}: query, key and value need at least 2 axes, {given}")
    if q[-1] != k[-1] or k[-2] != v[-2]:
        raise ValueError(
            f"{NAME}: wanted query (…, L, E), key (…, S, E) and value (…, S, V), with the same E "
            f"and the same S, {given}"
        )
    try:
        return *np.broadcast_shapes(q[:-2], k[:-2], v[:-2]), q[-2], k[-2]
    except ValueError:
        raise ValueError(f"{NAME}: the axes in front do not broadcast, {given}") from None


def check_mask(mask: tuple[int, ...], scores: tuple[int, ...]) -> None:
    """Raise ValueError unless a mask of this shape broadcasts to the scores."""
    fits = len(mask) <= len(scores)
    if not fits or any(m not in (1, n) for m, n in zip(mask[::-1], scores[::-1])):
        raise ValueError(
            f"{NAME}: attn_mask has shape {mask}, wanted one that broadcasts to the scores "
            f"(…, L, S), {scores}"
        )


def attention_weights(
    query: Any, key: Any, bias: Any = None, scale: float | None = None, safe: bool = True
) -> Any:
    """softmax(Q Kᵀ / √E + bias), (…, L, S): how much every query takes from every key.

    The weights of a query are 0 where −inf forbids all keys; nan if not safe, as softmax is there.
    """
    features = query.shape[-1]
    if scale is None:
        scale = 1 / math.sqrt(features) if features else 1.0
    scores = named(matmul(query * scale, turned(key)), "scores")
    if bias is not None:
        scores = named(scores + bias, "scores + mask")
    if not scores.shape[-1]:
        return scores
    if bias is None or not safe:
        with np.errstate(invalid="ignore"):
            return named(softmax(scores), "weights")
    blind = np.isneginf(array_of(scores)).all(axis=-1, keepdims=True)
    if not blind.any():
        return named(softmax(scores), "weights")
    return where(blind, 0.0, softmax(where(blind, 0.0, scores)))


def as_bias(op: str, name: str, mask: Any, dtype: Any, visible: bool) -> Any:
    """A mask as numbers to add to scores; in one of booleans, `visible` says what may be seen."""
    array = array_of(mask)
    if array.dtype == bool:
        return np.where(array == visible, 0.0, -np.inf).astype(dtype)
    if array.dtype.kind != "f":
        raise TypeError(
            f"{op}: {name} has dtype {array.dtype}, wanted booleans, or numbers of floating point "
            "to be added to the scores"
        )
    return mask if mask.dtype == dtype else astype(mask, dtype=dtype)
