"""Multi-head attention."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.checks import PROBABILITY, require
from minigrad.nn.functional.attention import as_bias, attention_weights
from minigrad.nn.linear import Linear
from minigrad.nn.module import Module
from minigrad.nn.parameter import unfilled
from minigrad.ops.arguments import named, operand
from minigrad.ops.join import concatenate, split
from minigrad.ops.products import linear, matmul
from minigrad.ops.reduce import mean
from minigrad.ops.shape import broadcast_to, expand_dims, pad, reshape, squeeze, swapaxes
from minigrad.ops.window import whole_numbers
from minigrad.rng import Rng, generator, own


class MultiheadAttention(Module):
    """Concat(head_1 … head_h) W_O, with head_i = softmax(Q_i K_iᵀ / √d) V_i and d = embed_dim / h

    Q_i = query W_Qiᵀ + b, K_i and V_i likewise, are the i-th d features of one projection for all
    heads. query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim) → output (L, N,
    embed_dim) and the weights that each query gives to the keys, (N, L, S): their mean over heads,
    or (N, h, L, S) with average_attn_weights=False, or None with need_weights=False. With
    batch_first all of query, key, value and output are (N, L, features). A single sequence has
    no N anywhere.

    key_padding_mask (N, S): True for keys that nobody may look at; attn_mask (L, S) or (N · h, L,
    S): True where a query may not look at a key. Masks of numbers are added to the scores instead.
    is_causal says that attn_mask is the causal mask, which must be given all the same; nothing
    else depends on it. A query to which all keys are forbidden gets nan with need_weights,
    and without them weights of 0, so that only the bias of out_proj is left: both as in PyTorch.
    dropout: how many of the weights are dropped in training; those returned show it.
    add_bias_kv appends a learned key and value (bias_k, bias_v), add_zero_attn one of zeros.

    Parameters: in_proj_weight (3 · embed_dim, embed_dim), the rows of Q, K and V, or, if kdim or
    vdim differ from embed_dim, q_proj_weight, k_proj_weight and v_proj_weight; in_proj_bias
    (3 · embed_dim,), zeros at first; out_proj, a Linear. bias=False leaves both biases out.

    Errors: a ValueError for sizes, shapes and masks that do not fit, a TypeError for a mask of
    integers. Source: Vaswani et al., Attention is all you need (2017), 3.2.2.

    >>> attention = MultiheadAttention(8, num_heads=2, batch_first=True, rng=0)
    >>> x = np.ones((3, 5, 8), np.float32)
    >>> output, weights = attention(x, x, x)
    >>> output.shape, weights.shape
    ((3, 5, 8), (3, 5, 5))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        (self.embed_dim,) = whole_numbers(kind, "embed_dim", embed_dim, 1, least=1)
        (self.num_heads,) = whole_numbers(kind, "num_heads", num_heads, 1, least=1)
        (self.kdim,) = whole_numbers(kind, "kdim", embed_dim if kdim is None else kdim, 1, 1)
        (self.vdim,) = whole_numbers(kind, "vdim", embed_dim if vdim is None else vdim, 1, 1)
        if self.embed_dim % self.num_heads:
            raise ValueError(
                f"{kind}: embed_dim={embed_dim} is not divisible by num_heads={num_heads}: each "
                "head takes an equal part of the features"
            )
        require(kind, "dropout", dropout, PROBABILITY)
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        self.rng = own(rng)
        for name, shape in self._shapes(bias, add_bias_kv).items():
            self.register_parameter(name, None if shape is None else unfilled(*shape, dtype=dtype))
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype, rng=self.rng)
        self.reset_parameters(self.rng)

    def _shapes(self, bias: bool, add_bias_kv: bool) -> dict[str, tuple[int, ...] | None]:
        """The parameters, None for those that there are not."""
        e, packed = self.embed_dim, self.kdim == self.vdim == self.embed_dim
        return {
            "q_proj_weight": None if packed else (e, e),
            "k_proj_weight": None if packed else (e, self.kdim),
            "v_proj_weight": None if packed else (e, self.vdim),
            "in_proj_weight": (3 * e, e) if packed else None,
            "in_proj_bias": (3 * e,) if bias else None,
            "bias_k": (1, 1, e) if add_bias_kv else None,
            "bias_v": (1, 1, e) if add_bias_kv else None,
        }

    def reset_parameters(self, rng: Rng = None) -> None:
        """Draw all parameters anew: projections Xavier uniform, bias_k and bias_v Xavier normal."""
        rng = generator(rng)
        for name, parameter in self.named_parameters(recurse=False):
            if name.endswith("weight"):
                init.xavier_uniform_(parameter, rng=rng)
            elif name != "in_proj_bias":
                init.xavier_normal_(parameter, rng=rng)
        self.out_proj.reset_parameters(rng)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        if is_causal and attn_mask is None:
            raise ValueError(
                "MultiheadAttention: is_causal is a hint at what attn_mask holds; give the mask "
                "too, for L queries and keys attn_mask=np.triu(np.ones((L, L), bool), 1)"
            )
        query, key, value = (operand("MultiheadAttention", x) for x in (query, key, value))
        single = query.ndim == 2
        q, k, v = self._projected(*self._batches(query, key, value))  # each (N, L, embed_dim)
        bias = self._bias(key_padding_mask, attn_mask, q, k, single)
        k, v, bias = self._extended(k, v, bias)
        q, k, v = (named(self._heads(x), name) for x, name in ((q, "Q"), (k, "K"), (v, "V")))
        weights = attention_weights(q, k, bias, safe=not need_weights)
        weights = F.dropout(weights, self.dropout, self.training, rng=self.rng)
        y = self._joined(matmul(weights, v), single)
        if not need_weights:
            return y, None
        weights = mean(weights, axis=1) if average_attn_weights else weights
        return y, squeeze(weights, axis=0) if single else weights

    def _batches(self, *inputs: Any) -> Sequence[Any]:
        """Query, key and value as (N, length, features), checked."""
        self._check_features(inputs)
        if inputs[0].ndim == 2:
            inputs = tuple(expand_dims(x, 0) for x in inputs)
        elif not self.batch_first:
            inputs = tuple(swapaxes(x, 0, 1) for x in inputs)
        q, k, v = (x.shape[:2] for x in inputs)
        if k != v or q[0] != k[0]:
            raise ValueError(
                "MultiheadAttention: query, key and value must have one batch size, key and value "
                f"one length; got (N, length) {q}, {k} and {v}"
            )
        return inputs

    def _check_features(self, inputs: Sequence[Any]) -> None:
        """Raise ValueError unless all inputs have as many axes, and the features they should."""
        ndim = inputs[0].ndim
        axes = "L" if ndim == 2 else "N, L" if self.batch_first else "L, N"
        sizes = {"query": self.embed_dim, "key": self.kdim, "value": self.vdim}
        for (name, features), x in zip(sizes.items(), inputs):
            if ndim not in (2, 3) or x.ndim != ndim or x.shape[-1] != features:
                raise ValueError(
                    f"MultiheadAttention: {name} has shape {x.shape}, wanted ({axes}, {features})"
                )

    def _projected(self, *inputs: Any) -> list[Any]:
        """Q, K and V of all heads."""
        if self.in_proj_weight is None:
            weights = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        else:
            weights = split(self.in_proj_weight, 3)
        biases = [None] * 3 if self.in_proj_bias is None else split(self.in_proj_bias, 3)
        return [linear(x, w, b) for x, w, b in zip(inputs, weights, biases)]

    def _bias(self, padding: Any, mask: Any, q: Any, k: Any, single: bool) -> Any:
        """Both masks as one, to be added to the scores (N, h, L, S); None if there is none."""
        (n, length), keys, h = q.shape[:2], k.shape[1], self.num_heads
        masks = []
        if mask is not None:
            wanted = {(length, keys): "(L, S)", (n * h, length, keys): "(N · h, L, S)"}
            mask = checked_mask("attn_mask", mask, wanted, q.dtype)
            masks.append(reshape(mask, (n, h, length, keys)) if mask.ndim == 3 else mask)
        if padding is not None:
            wanted = {(keys,): "(S,)"} if single else {(n, keys): "(N, S)"}
            padding = checked_mask("key_padding_mask", padding, wanted, q.dtype)
            masks.append(reshape(padding, (n, 1, 1, keys)))
        return functools.reduce(operator.add, masks) if masks else None

    def _extended(self, k: Any, v: Any, bias: Any) -> tuple[Any, Any, Any]:
        """Keys and values with those appended that belong to no input; no mask hides them."""
        shape = (k.shape[0], 1, self.embed_dim)
        extra: list[tuple[Any, Any]] = []
        if self.bias_k is not None:
            extra.append((self.bias_k, self.bias_v))
        if self.add_zero_attn:
            extra.append((np.zeros(shape, k.dtype),) * 2)
        for more_k, more_v in extra:
            k = concatenate([k, broadcast_to(more_k, shape)], axis=1)
            v = concatenate([v, broadcast_to(more_v, shape)], axis=1)
        if bias is not None and extra:
            bias = pad(bias, ((0, 0),) * (bias.ndim - 1) + ((0, len(extra)),))
        return k, v, bias

    def _heads(self, x: Any) -> Any:
        """(N, L, embed_dim) → (N, h, L, embed_dim / h)"""
        apart = reshape(x, (*x.shape[:2], self.num_heads, self.embed_dim // self.num_heads))
        return swapaxes(apart, 1, 2)

    def _joined(self, y: Any, single: bool) -> Any:
        """The heads (N, h, L, embed_dim / h) side by side and projected; axes as in the input."""
        n, _, length, _ = y.shape
        y = self.out_proj(reshape(swapaxes(y, 1, 2), (n, length, self.embed_dim)))
        if single:
            return squeeze(y, axis=0)
        return y if self.batch_first else swapaxes(y, 0, 1)


def checked_mask(name: str, mask: Any, wanted: dict[tuple[int, ...], str], dtype: Any) -> Any:
    """A mask as numbers to add to the scores, if it has one of the shapes wanted."""
    mask = as_bias("MultiheadAttention", name, mask, dtype, visible=False)
    if mask.shape not in wanted:
        shapes = " or ".join(f"{letters} = {shape}" for shape, letters in wanted.items())
        raise ValueError(f"MultiheadAttention: {name} has shape {mask.shape}, wanted {shapes}")
    return mask
