"""Batch and layer normalisation: one op each, with the rule derived by hand.

With z = x − μ and s = 1/√(σ² + ε), the output is y = γ s z + β. Besides the direct path x acts
through μ and through σ; summing the three routes over the n entries that are normalised together
gives, for h = γ ∂L/∂y:

    ∂L/∂x = s (h − mean(h) − z s² mean(h z)),   ∂L/∂γ = Σ g s z,   ∂L/∂β = Σ g

The lecture ("Normalization of the Input") divides by σ + ε instead: s = 1/(σ + ε), and s² becomes
s/σ, whose term is 0 where σ = 0. Source: Ioffe and Szegedy (2015); Ba, Kiros and Hinton (2016).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.graph import Array
from minigrad.ops.primitive import Fused, primitive
from minigrad.ops.reduce import mean, std, var

EPS_MODES = ("var", "std")


class Moments(NamedTuple):
    """What was measured of every group of entries that are normalised together."""

    mean: Array
    var: Array  # biased: divided by n


class Groups:
    """An array seen as (outer, group, inner): all entries of one group share a mean.

    For BatchNorm the groups are the channels. Whatever the order of the axes in memory, those
    before and after the channel are merged, so that nothing is copied.
    """

    def __init__(self, x: Array, axis: int) -> None:
        order = sorted(range(x.ndim), key=lambda i: -x.strides[i])
        if not x.transpose(order).flags.c_contiguous:
            order = list(range(x.ndim))
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


def sums(v: Array) -> Array:
    """Σ over outer and inner of every group, (group,): as a product with ones, which is fast."""
    if v.shape[2] == 1:
        return np.ones(v.shape[0], v.dtype) @ v[:, :, 0]
    return (v @ np.ones(v.shape[2], v.dtype)).sum(axis=0)


def products(v: Array, u: Array) -> Array:
    """Σ v u over outer and inner of every group, (group,), without an array in between."""
    return np.einsum("agb,agb->g", v, u)


def measured(v: Array) -> tuple[Array, Array, Moments]:
    """z = v − a mean that is only nearly right, the mean of z that is left, and the moments.

    The second look makes up for what rounding took from the first: a constant comes out as 0.
    """
    n = v.shape[0] * v.shape[2] or 1  # an empty batch has no moments, and needs none
    first = sums(v) / n
    z = v - first[:, None]
    rest = sums(z) / n
    return z, rest, Moments(first + rest, np.maximum(products(z, z) / n - rest * rest, 0))


def inverse(variance: Any, eps: float, eps_mode: str) -> Any:
    """s: 1/√(σ² + ε), or the lecture's 1/(σ + ε)."""
    return 1 / np.sqrt(variance + eps) if eps_mode == "var" else 1 / (np.sqrt(variance) + eps)


def steepness(variance: Array, s: Array, eps_mode: str) -> Array:
    """−∂s/∂σ² · 2/s, the factor of the route through σ: s², or s/σ (0 where σ = 0)."""
    if eps_mode == "var":
        return s * s
    sigma = np.sqrt(variance)
    return np.divide(s, sigma, out=np.zeros_like(s), where=sigma > 0)


# --- Batch normalisation --------------------------------------------------------------------


@primitive(symbol="batchnorm", kind=Fused, saves=True)
def batch_norm(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    /,
    eps: float = 1e-5,
    eps_mode: str = "var",
    moments: Moments | None = None,
) -> Any:
    """γ (x − μ) / √(σ² + ε) + β

    μ and σ² are taken over the batch, for each channel (axis 1) of x (N, C, ...): over N, and
    over all places of an image. gamma, beta (C,). eps_mode "std" divides by σ + ε, as the lecture
    does. moments are used instead of the batch's where they are given: at test time.
    Errors: a ValueError for a batch of one value per channel, which has no spread.
    """
    check(x, gamma, beta, eps_mode, moments)
    groups = Groups(x, 1)
    v = groups.open(x)
    if moments is None:
        z, rest, moments = measured(v)
    else:
        z, rest = v - moments.mean.astype(x.dtype)[:, None], np.zeros((), x.dtype)
    s = inverse(moments.var, eps, eps_mode).astype(x.dtype)
    scale = s if gamma is None else s * gamma
    z *= scale[:, None]
    z += ((0 if beta is None else beta) - rest * scale)[:, None]
    return groups.close(z), (groups, moments, s)


def check(x: Any, gamma: Any, beta: Any, eps_mode: str, moments: Moments | None) -> None:
    """What batch_norm asks of its arguments."""
    if eps_mode not in EPS_MODES:
        raise ValueError(f"batch_norm: eps_mode must be 'var' or 'std', got {eps_mode!r}")
    if x.ndim < 2:
        raise ValueError(f"batch_norm needs x of shape (N, C, ...), got {x.shape}")
    n = x.size // x.shape[1] if x.shape[1] else 0
    if moments is None and n == 1:
        raise ValueError(
            f"batch_norm: more than 1 value per channel is needed to measure a spread, got x of "
            f"shape {x.shape}; use a larger batch, or eval()"
        )
    for name, p in (("gamma", gamma), ("beta", beta)):
        if p is not None and p.shape != (x.shape[1],):
            raise ValueError(
                f"batch_norm: {name} has shape {p.shape}, but x of shape {x.shape} has "
                f"{x.shape[1]} channels; it must be ({x.shape[1]},)"
            )


@batch_norm.fast
def batch_norm_backward(
    g: Any,
    y: Any,
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    *,
    saved: Any,
    wanted: Sequence[bool],
    eps: float = 1e-5,
    eps_mode: str = "var",
    moments: Moments | None = None,
) -> Sequence[Any]:
    """All three at once: they share the sums Σ g and Σ g z."""
    groups, (center, variance), s = saved
    g, z = groups.open(g), groups.open(x) - center.astype(x.dtype)[:, None]
    n = g.shape[0] * g.shape[2] or 1
    sum_g, sum_gz = sums(g), products(g, z)
    scale = s if gamma is None else s * gamma
    if moments is None:
        # scale · (g − mean(g) − z steep mean(g z)), in the buffer of z
        z *= (-steepness(variance, s, eps_mode) * sum_gz / n).astype(x.dtype)[:, None]
        z += g
        z -= (sum_g / n)[:, None]
        z *= scale[:, None]
    else:
        z = g * scale[:, None]
    return [groups.close(z), sum_gz * s, sum_g][: len(wanted)]


@batch_norm.definition
def batch_norm_composed(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    /,
    eps: float = 1e-5,
    eps_mode: str = "var",
    moments: Moments | None = None,
) -> Any:
    """The lecture's two steps, op by op: normalise, then rescale and offset."""
    axes = (0, *range(2, x.ndim))
    per_channel = (1, x.shape[1]) + (1,) * (x.ndim - 2)
    if moments is not None:
        centred = x - moments.mean.reshape(per_channel)
        spread = 1 / inverse(moments.var, eps, eps_mode).reshape(per_channel)
    else:
        centred = x - mean(x, axis=axes, keepdims=True)
        spread = (
            np.sqrt(var(x, axis=axes, keepdims=True) + eps)
            if eps_mode == "var"
            else std(x, axis=axes, keepdims=True) + eps
        )
    y = centred / spread
    y = y if gamma is None else y * gamma.reshape(per_channel)
    return y if beta is None else y + beta.reshape(per_channel)


# --- Layer normalisation --------------------------------------------------------------------


@primitive(symbol="layernorm", kind=Fused, saves=True)
def layer_norm(
    x: Any, gamma: Any = None, beta: Any = None, /, ndim: int = 1, eps: float = 1e-5
) -> Any:
    """γ (x − μ) / √(σ² + ε) + β

    μ and σ² are taken over the last ndim axes, for each sample by itself: the mean over the
    neurons of a layer of which the lecture speaks. gamma, beta: the shape of these axes.
    """
    inner = x.shape[x.ndim - ndim :]
    for name, p in (("gamma", gamma), ("beta", beta)):
        if p is not None and p.shape != inner:
            raise ValueError(
                f"layer_norm: {name} has shape {p.shape}, the last {ndim} axes of x have {inner}; "
                "they must be the same"
            )
    z, rest, moments = measured(samples(x, ndim))
    s = inverse(moments.var, eps, "var").astype(x.dtype)
    z -= rest[:, None]
    z *= s[:, None]
    y = z.reshape(x.shape)
    if gamma is not None:
        y = y * gamma
    if beta is not None:
        y = y + beta
    return y, (z, s)


def samples(x: Array, ndim: int) -> Array:
    """x as (1, sample, entries): every sample is a group."""
    inner = x.shape[x.ndim - ndim :]
    return np.reshape(x, (1, math.prod(x.shape[: x.ndim - ndim]), math.prod(inner)))


@layer_norm.fast
def layer_norm_backward(
    g: Any,
    y: Any,
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    *,
    saved: Any,
    wanted: Sequence[bool],
    ndim: int = 1,
    eps: float = 1e-5,
) -> Sequence[Any]:
    """As for batches, with x̂ = s z kept from the forward pass."""
    normed, s = saved
    lead = tuple(range(x.ndim - ndim))
    h = samples(g if gamma is None else g * gamma, ndim)
    n = h.shape[2]
    dx = h - (sums(h) / n)[:, None] - normed * (products(h, normed) / n)[:, None]
    dx *= s[:, None]
    shares = [dx.reshape(x.shape)]
    if gamma is not None:
        shares.append(np.sum(g * normed.reshape(x.shape), axis=lead) if wanted[1] else None)
    if beta is not None:
        shares.append(np.sum(g, axis=lead))
    return shares


@layer_norm.definition
def layer_norm_composed(
    x: Any, gamma: Any = None, beta: Any = None, /, ndim: int = 1, eps: float = 1e-5
) -> Any:
    """Op by op: centre, divide by the spread, rescale and offset."""
    axes = tuple(range(x.ndim - ndim, x.ndim))
    centred = x - mean(x, axis=axes, keepdims=True)
    y = centred / np.sqrt(var(x, axis=axes, keepdims=True) + eps)
    y = y if gamma is None else y * gamma
    return y if beta is None else y + beta
