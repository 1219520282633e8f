"""Mean and variance of entries that are normalised together, and sums over them.

Arrays stay as they lie in memory, where images are H, C, W, N: axes are merged, never copied.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from minigrad.graph import Array
from minigrad.ops.passes import long_passes


class Moments(NamedTuple):
    """What was measured of every group of entries that are normalised together."""

    mean: Array
    var: Array  # biased: divided by n


def memory_order(x: Array) -> list[int]:
    """The axes of x from the outermost in memory to the innermost; as they are if it has gaps."""
    order = sorted(range(x.ndim), key=lambda i: -x.strides[i])
    return order if x.transpose(order).flags.c_contiguous else list(range(x.ndim))


class Groups:
    """An array seen as (outer, group, inner): all entries of one group share a mean.

    For BatchNorm the groups are the channels. Whatever the order of the axes in memory, those
    before and after the channel are merged, so that nothing is copied.
    """

    def __init__(self, x: Array, axis: int, order: list[int] | None = None) -> None:
        order = memory_order(x) if order is None else order
        self.order, self.back = order, np.argsort(order)
        self.lengths = [x.shape[i] for i in order]
        at = order.index(axis)
        self.shape = (
            math.prod(self.lengths[:at]),
            x.shape[axis],
            math.prod(self.lengths[at + 1 :]),
        )

    def open(self, x: Array) -> Array:
        """x as (outer, group, inner)"""
        return np.ascontiguousarray(x.transpose(self.order)).reshape(self.shape)

    def close(self, v: Array) -> Array:
        """(outer, group, inner) in the shape of x, and in its order in memory"""
        return v.reshape(self.lengths).transpose(self.back)


def sample_groups(x: Array, groups: int) -> tuple[Groups, tuple[int, ...]]:
    """x (N, C, …) by its channels, and the shape in which groups of them can be told apart.

    It is (outer, group, inner), where the groups of all samples are counted through; or, where
    the samples lie innermost in memory, (outer, group, inner, sample).
    """
    order, n = memory_order(x), len(x)
    if n != 1 and order[:2] != [0, 1] and order[-1] != 0:
        order = list(range(x.ndim))
    by_channel = Groups(x, 1, order)
    outer, channels, inner = by_channel.shape
    together = channels // groups * inner
    if n > 1 and order[-1] == 0:
        return by_channel, (outer, groups, together // n, n)
    return by_channel, (outer // (n or 1), n * groups, together)


def sums(v: Array) -> Array:
    """Σ over outer and inner of every group, (group,): as a product with ones, which is fast."""
    if v.ndim == 4:
        return (np.ones(v.shape[2], v.dtype) @ v).sum(axis=0)
    if v.shape[2] == 1:
        return np.ones(v.shape[0], v.dtype) @ v[:, :, 0]
    return (v @ np.ones(v.shape[2], v.dtype)).sum(axis=0)


def products(v: Array, u: Array) -> Array:
    """Σ v u over outer and inner of every group, (group,)."""
    if v.ndim == 4:
        return sums(v * u)
    if v.shape[2] > 1:
        return np.vecdot(v, u).sum(axis=0)
    return np.einsum("agb,agb->g", v, u)


def beside(known: Array, v: Array) -> Array:
    """What is known of every group, (group,), so that it broadcasts to v in long runs.

    Where samples lie innermost, it is repeated for all that lies between: then a run is a group
    of all samples, where it would be one entry of them.
    """
    return known[:, None] if v.ndim == 3 else np.repeat(known[:, None], v.shape[2], axis=1)


def measured(v: Array) -> tuple[Array, Array, Moments]:
    """z = v − a mean that is only nearly right, the mean of z that is left, and the moments.

    The second look makes up for what rounding took from the first: a constant comes out as 0.
    """
    n = v.shape[0] * v.shape[2] or 1  # an empty batch has no moments, and needs none
    first = sums(v) / n
    z = v - beside(first, v)
    rest = sums(z) / n
    return z, rest, Moments(first + rest, np.maximum(products(z, z) / n - rest * rest, 0))


def centred(h: Array, normed: Array, s: Array) -> Array:
    """∂L/∂x = s (h − mean(h) − x̂ mean(h x̂)) for h = ∂L/∂x̂, in every group."""
    n = h.shape[0] * h.shape[2] or 1
    with long_passes(h):
        dx = h - beside(sums(h) / n, h) - normed * beside(products(h, normed) / n, h)
        dx *= beside(s, h)
    return dx


def inverse(variance: Any, eps: float, eps_mode: str) -> Any:
    """s: 1/√(σ² + ε), or the lecture's 1/(σ + ε)."""
    return 1 / np.sqrt(variance + eps) if eps_mode == "var" else 1 / (np.sqrt(variance) + eps)


def steepness(variance: Array, s: Array, eps_mode: str) -> Array:
    """−∂s/∂σ² · 2/s, the factor of the route through σ: s², or s/σ (0 where σ = 0)."""
    if eps_mode == "var":
        return s * s
    sigma = np.sqrt(variance)
    return np.divide(s, sigma, out=np.zeros_like(s), where=sigma > 0)
