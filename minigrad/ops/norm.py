"""Batch normalisation: one op, with the rule derived by hand.

With z = x − μ and s = 1/√(σ² + ε), the output is y = γ s z + β. Besides the direct path x acts
through μ and through σ; summing the three routes over the n entries that are normalised together
gives, for h = γ ∂L/∂y:

    ∂L/∂x = s (h − mean(h) − z s² mean(h z)),   ∂L/∂γ = Σ g s z,   ∂L/∂β = Σ g

The lecture ("Normalization of the Input") divides by σ + ε instead: s = 1/(σ + ε), and s² becomes
s/σ, whose term is 0 where σ = 0. Source: Ioffe and Szegedy (2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.ops.arguments import named
from minigrad.ops.moments import Groups, Moments, inverse, measured, products, steepness, sums
from minigrad.ops.passes import long_passes
from minigrad.ops.primitive import Fused, primitive
from minigrad.ops.reduce import mean, std, var

EPS_MODES = ("var", "std")


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
    with long_passes(v):
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
    check_channels("batch_norm", x, gamma, beta)


def check_channels(op: str, x: Any, gamma: Any, beta: Any) -> None:
    """gamma and beta have one entry for each channel of x."""
    for name, p in (("gamma (weight)", gamma), ("beta (bias)", beta)):
        if p is not None and p.shape != (x.shape[1],):
            raise ValueError(
                f"{op}: {name} has shape {p.shape}, but x of shape {x.shape} has "
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
    scale = s if gamma is None else s * gamma
    g, v = groups.open(g), groups.open(x)
    with long_passes(v):
        z = v - center.astype(x.dtype)[:, None]
        n = g.shape[0] * g.shape[2] or 1
        sum_g, sum_gz = sums(g), products(g, z)
        if moments is None:
            # scale · (g − mean(g) − z steep mean(g z)), in the memory of z
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
    if moments is not None:
        centred = x - per_channel(moments.mean, x)
        spread = per_channel(1 / inverse(moments.var, eps, eps_mode), x)
    else:
        centred = named(x - named(mean(x, axis=axes, keepdims=True), "μ"), "x − μ")
        if eps_mode == "var":
            spread = np.sqrt(named(var(x, axis=axes, keepdims=True), "σ²") + eps)
        else:
            spread = std(x, axis=axes, keepdims=True) + eps
        named(spread, "σ")
    y = named(centred / spread, "h_norm")
    y = y if gamma is None else y * per_channel(gamma, x)
    return y if beta is None else y + per_channel(beta, x)


def per_channel(p: Any, x: Any) -> Any:
    """p (C,) in a shape that broadcasts to x (N, C, ...)."""
    return p if x.ndim == 2 else p.reshape((p.shape[0],) + (1,) * (x.ndim - 2))
