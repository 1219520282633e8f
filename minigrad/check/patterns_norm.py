"""Mistakes in normalisation: y = γ (x − μ) / √(σ² + ε) + β, where μ and σ² depend on every x.

∂L/∂x = s (h − mean(h) − x̂ mean(h x̂)) with h = γ g and s = 1/√(σ² + ε): a path straight through, one
through the mean and one through the variance. Source: Ioffe and Szegedy (2015), section 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from minigrad.check.evidence import Evidence
from minigrad.check.patterns_axes import named
from minigrad.graph import Array


class Groups:
    """Entries of x that are normalised together: those along some axes, of x reshaped."""

    def __init__(self, shape: tuple[int, ...], axes: tuple[int, ...], name: str) -> None:
        self.shape, self.axes, self.name = shape, tuple(axis + 1 for axis in axes), name

    def mean(self, rows: Array) -> Array:
        """The mean of each group, for every entry of it."""
        split = rows.reshape(len(rows), *self.shape)
        mean = split.mean(axis=self.axes, keepdims=True)
        return np.broadcast_to(mean, split.shape).reshape(rows.shape)


def groupings(e: Evidence) -> Iterator[Groups]:
    """The ways in which x may be normalised: over some of its axes, or in groups of channels."""
    shape = e.x.shape
    long = [axis for axis, n in enumerate(shape) if n > 1]
    for count in range(1, len(long) + 1):
        for axes in combinations(long, count):
            yield Groups(shape, axes, named(list(axes), "the input"))
    for n in range(2, shape[1] if e.x.ndim > 2 else 0):
        if shape[1] % n == 0:
            split = (shape[0], n, shape[1] // n, *shape[2:])
            yield Groups(split, tuple(range(2, len(split))), f"each of {n} groups of channels")


def mean_path_missing(e: Evidence) -> str | None:
    """What is wrong is the same for all entries of a group: −s mean(h)."""
    if not e.linked.any():
        return None
    for groups in groupings(e):
        centred = e.analytic - groups.mean(e.analytic)
        if e.explains(centred):
            return (
                f"mean path missing: over {groups.name} the gradient must sum to 0, for μ depends "
                "on all entries there; its path, − mean(dx), is left out or has a wrong factor"
            )
        if lacks_variance(e, centred, groups):
            return (
                f"mean path missing, and that of the variance: μ and σ² over {groups.name} were "
                "taken as constants, but both depend on all entries there"
            )
    return None


def variance_path_missing(e: Evidence) -> str | None:
    """What is wrong points along x − μ: −s x̂ mean(h x̂)."""
    for groups in groupings(e):
        if lacks_variance(e, e.analytic, groups):
            return (
                f"variance path missing: what is wrong points along x − μ, for σ² over "
                f"{groups.name} depends on all entries there; its path, − x̂ mean(dx · x̂), is left "
                "out or has a wrong factor"
            )
    return None


def lacks_variance(e: Evidence, gradients: Array, groups: Groups) -> bool:
    """Whether − κ (x − μ) mean(dx (x − μ)) makes the gradients right, with 0 < κ ≤ 1/σ²."""
    if not e.by_entry:
        return False
    z = e.x[None] - groups.mean(e.x[None])
    variance = groups.mean(z * z)
    share = z * groups.mean(gradients * z)
    if np.allclose(share, gradients * variance):  # there is nothing but what points along z
        return False
    error = np.zeros_like(gradients).reshape(len(gradients), -1)
    error[:, e.smooth] = e.seen(gradients) - e.numeric
    fitted = ratio(groups, error.reshape(gradients.shape) * share, share * share)
    plausible = (fitted >= 0) & (fitted * variance <= 1 + 1e-6)
    return bool(plausible.all() and fitted.any()) and e.explains(gradients - fitted * share)


def ratio(groups: Groups, top: Array, bottom: Array) -> Array:
    """Σ top / Σ bottom over all rows and over each group; 0 where there is nothing."""
    a, b = (groups.mean(part.sum(axis=0, keepdims=True)) for part in (top, bottom))
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def gamma_missing(e: Evidence) -> str | None:
    """The scale γ is left out of dx: it would be right for γ = 1."""
    for other in e.others:
        scale = other.array.ndim <= e.x.ndim and 1 < other.array.size < e.x.size
        if scale and e.is_right_for(other, np.ones_like(other.array)):
            return (
                f"gamma missing: the gradient would be right for {other.label} = 1; the scale γ is "
                "a factor of g before anything else is done with it"
            )
    return None
