"""Mistakes that concern a gradient as a whole: not linear in g, zero, of the wrong sign.

A pattern looks at the evidence and returns a line of advice, or None if the mistake is another one.
"""

from __future__ import annotations

import numpy as np

from minigrad.check.evidence import Evidence
from minigrad.graph import Array

NONLINEAR = "not linear in the upstream gradient g: "
FORGOTTEN = "the rule returns the same whatever g is; multiply the local derivative by g"
ADDED = "the rule gives something even for g = 0; what is added must have g as a factor"
SIGN_ONLY = "only its sign counts, not its size; multiply by g itself"
SQUARED = "twice g gives four times the gradient; g must be a factor once, not twice"
UNSIGNED = "its sign is lost, as in |g|; multiply by g itself"
CLIPPED = "small g come through and large ones do not; a rule must not clip, an optimizer may"
OTHERWISE = (
    "the gradient of a sum of two g is not the sum of their gradients; was g clipped, or a mask "
    "made of g where one of x is right?"
)


def not_linear(e: Evidence) -> str | None:
    """A rule takes g, the gradient from above, as a factor; this one forgets, squares, clips it."""
    what = misuse(*gradients_of_multiples(e))
    return None if what is None else NONLINEAR + what


def gradients_of_multiples(e: Evidence) -> list[Array]:
    """The gradients for u, 2u, 128u, −u, 0, v and u + v; powers of 2 are rounded nowhere."""
    u, v = (e.witness.cotangents(e.output, e.witness.random(1, e.y.size)) for _ in range(2))
    rows = np.concatenate([u, 2 * u, 128 * u, -u, 0 * u, v, u + v])
    return list(e.witness.gradients(rows)[e.k])


def misuse(
    once: Array, twice: Array, often: Array, minus: Array, none: Array, other: Array, both: Array
) -> str | None:
    """How g is misused, if it is."""
    if not np.isfinite(often).all():
        return None
    if none.any():
        return FORGOTTEN if same(once, twice) else ADDED
    if same(twice, 2 * once) and same(minus, -once):
        if not same(often, 128 * once):
            return CLIPPED
        return None if same(both, once + other, 1e-3) else OTHERWISE
    if same(twice, 4 * once):
        return SQUARED
    if same(twice, once):
        return SIGN_ONLY
    return UNSIGNED if same(minus, once) else OTHERWISE


def same(a: Array, b: Array, exact: float = 1e-9) -> bool:
    """Whether two gradients are the same but for rounding; more of it where g was not doubled."""
    size = max(float(np.abs(a).max(initial=0.0)), float(np.abs(b).max(initial=0.0)))
    return bool((np.abs(a - b) <= exact * size).all())


def zero(e: Evidence) -> str | None:
    """Nothing arrives: the rule returns zeros or None, or the path is cut inside of the op."""
    if np.abs(e.seen(e.analytic)).max(initial=0.0) > 1e-12 * e.scale.max(initial=0.0):
        return None
    return (
        "zero: no gradient arrives here at all; does the rule return zeros or None, or does "
        "something cut the path, such as .data or detach()?"
    )


def lost_sign(e: Evidence) -> str | None:
    """The derivatives of −x, 1/x, cos x and a − b have a minus, that of |x| the sign of x."""
    if e.explains(-e.analytic):
        return "lost sign: every entry is right but for its sign"
    if not e.by_entry:
        return None
    turned = np.zeros(e.smooth.shape, bool)
    turned[e.smooth] = (e.seen(e.analytic) * e.numeric < 0).any(axis=0)
    if not e.explains(e.analytic * np.where(turned, -1, 1).reshape(e.x.shape)):
        return None
    return (
        f"lost sign: every entry has the right size, but {turned.sum()} of {turned.size} the wrong "
        "sign, as when |x| is differentiated without the sign of x"
    )
