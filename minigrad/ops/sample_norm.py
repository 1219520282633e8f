"""Layer and group normalisation: each sample is normalised by itself.

The formulas are those of norm.py, with x̂ = s z kept for the way back:

    ∂L/∂x = s (h − mean(h) − x̂ mean(h x̂)),   ∂L/∂γ = Σ g x̂,   ∂L/∂β = Σ g

Source: Ba, Kiros and Hinton (2016), layers; Wu and He (2018), groups.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops.arguments import named
from minigrad.ops.moments import beside, centred, inverse, measured, products, sample_groups, sums
from minigrad.ops.norm import check_channels
from minigrad.ops.passes import long_passes
from minigrad.ops.primitive import Fused, primitive
from minigrad.ops.reduce import mean, var
from minigrad.ops.window import whole_numbers

# --- Layers ---------------------------------------------------------------------------------


@primitive(symbol="layernorm", kind=Fused, saves=True)
def layer_norm(
    x: Any, gamma: Any = None, beta: Any = None, /, ndim: int = 1, eps: float = 1e-5
) -> Any:
    """γ (x − μ) / √(σ² + ε) + β

    μ and σ² are taken over the last ndim axes, for each sample by itself: the mean over the
    neurons of a layer of which the lecture speaks. gamma, beta: the shape of these axes.
    """
    inner = x.shape[x.ndim - ndim :]
    for name, p in (("gamma (weight)", gamma), ("beta (bias)", beta)):
        if p is not None and p.shape != inner:
            raise ValueError(
                f"layer_norm: {name} has shape {p.shape}, the last {ndim} axes of x have {inner}; "
                "they must be the same"
            )
    z, s = standardised(samples(x, ndim), eps)
    return rescaled(z.reshape(x.shape), gamma, beta), (z, s)


def standardised(v: Array, eps: float) -> tuple[Array, Array]:
    """x̂ = (x − μ) s for each group of v (outer, group, inner), and s = 1 / √(σ² + ε)."""
    with long_passes(v):
        z, rest, moments = measured(v)
        s = inverse(moments.var, eps, "var").astype(v.dtype)
        z -= beside(rest, v)
        z *= beside(s, v)
    return z, s


def rescaled(z: Array, gamma: Any, beta: Any) -> Array:
    """γ z + β; either may be None. As one expression: the sum takes the memory of the product."""
    with long_passes(z):
        if gamma is None:
            return z if beta is None else z + beta
        return z * gamma if beta is None else z * gamma + beta


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
    inner = x.shape[x.ndim - ndim :]
    by_neuron = math.prod(x.shape[: x.ndim - ndim]), math.prod(inner), 1
    h = samples(g if gamma is None else g * gamma, ndim)
    shares: list[Any] = [centred(h, normed, s).reshape(x.shape)]
    if gamma is not None:
        shares.append(products(g.reshape(by_neuron), normed.reshape(by_neuron)).reshape(inner))
    if beta is not None:
        shares.append(sums(g.reshape(by_neuron)).reshape(inner))
    return shares


@layer_norm.definition
def layer_norm_composed(
    x: Any, gamma: Any = None, beta: Any = None, /, ndim: int = 1, eps: float = 1e-5
) -> Any:
    """Op by op: centre, divide by the spread, rescale and offset."""
    y = normalised(x, tuple(range(x.ndim - ndim, x.ndim)), eps)
    y = y if gamma is None else y * gamma
    return y if beta is None else y + beta


def normalised(x: Any, axes: tuple[int, ...], eps: float) -> Any:
    """(x − μ) / √(σ² + ε), op by op."""
    centred = named(x - named(mean(x, axis=axes, keepdims=True), "μ"), "x − μ")
    spread = np.sqrt(named(var(x, axis=axes, keepdims=True), "σ²") + eps)
    return named(centred / named(spread, "σ"), "h_norm")


# --- Groups of channels ---------------------------------------------------------------------


@primitive(symbol="groupnorm", kind=Fused, saves=True)
def group_norm(
    x: Any, gamma: Any = None, beta: Any = None, /, num_groups: int = 1, eps: float = 1e-5
) -> Any:
    """γ (x − μ) / √(σ² + ε) + β

    The C channels of x (N, C, ...) are cut into num_groups groups, one after the other; μ and σ²
    are taken over a group and all places of an image, for each sample by itself. gamma, beta (C,).
    Errors: a ValueError if num_groups does not divide C.
    """
    check_groups(x, num_groups)
    check_channels("group_norm", x, gamma, beta)
    by_channel, by_group = sample_groups(x, num_groups)
    z, s = standardised(by_channel.open(x).reshape(by_group), eps)
    per_channel = (p if p is None else p[:, None] for p in (gamma, beta))
    y = rescaled(z.reshape(by_channel.shape), *per_channel)
    return by_channel.close(y), (by_channel, z, s)


def check_groups(x: Any, num_groups: int) -> None:
    """The channels of x fall into so many groups."""
    if x.ndim < 2:
        raise ValueError(f"group_norm needs x of shape (N, C, ...), got {x.shape}")
    whole_numbers("group_norm", "num_groups", num_groups, 1, least=1)
    if x.shape[1] % num_groups:
        raise ValueError(
            f"group_norm: num_groups={num_groups} does not divide the {x.shape[1]} channels of x "
            f"of shape {x.shape}"
        )


@group_norm.fast
def group_norm_backward(
    g: Any,
    y: Any,
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    *,
    saved: Any,
    wanted: Sequence[bool],
    num_groups: int = 1,
    eps: float = 1e-5,
) -> Sequence[Any]:
    """As for layers; γ and β belong to the channels, μ and σ² to the groups."""
    by_channel, normed, s = saved
    g = by_channel.open(g)
    h = g if gamma is None else g * gamma[:, None]
    dx = centred(h.reshape(normed.shape), normed, s)
    sum_gx = products(g, normed.reshape(g.shape)) if gamma is not None else None
    return [by_channel.close(dx), sum_gx, sums(g)][: len(wanted)]


@group_norm.definition
def group_norm_composed(
    x: Any, gamma: Any = None, beta: Any = None, /, num_groups: int = 1, eps: float = 1e-5
) -> Any:
    """Op by op: a row for each group, centre, divide by the spread, rescale and offset."""
    rows = x.reshape(x.shape[0], num_groups, math.prod(x.shape[1:]) // num_groups)
    y = normalised(rows, (2,), eps).reshape(x.shape)
    per_channel = (x.shape[1],) + (1,) * (x.ndim - 2)
    y = y if gamma is None else y * gamma.reshape(per_channel)
    return y if beta is None else y + beta.reshape(per_channel)
