"""What can be said of an error that fits no pattern: where it is, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from minigrad.check.evidence import EXACT, Evidence
from minigrad.check.patterns_factor import POWERS, printed, quantities
from minigrad.graph import Array

NO_PATTERN = "no known pattern"


def unknown(e: Evidence) -> str:
    """The line for an error without a name."""
    for hint in (no_slope, some_entries, own_entries, mask, term):
        said = hint(e)
        if said is not None:
            return f"{NO_PATTERN}: {said}"
    return NO_PATTERN


def no_slope(e: Evidence) -> str | None:
    """A gradient where the output stands still: the derivative of a step, of an unused input."""
    if e.linked.any():
        return None
    return "the output does not depend on this input here, so its gradient must be 0"


# --- Where ------------------------------------------------------------------------------------


def some_entries(e: Evidence) -> str | None:
    """An error in some entries only: on one branch of a function, in one row."""
    if not e.by_entry or not e.smooth.all():
        return None
    wrong = np.asarray((e.error > 10 * e.noise + EXACT * e.scale).any(axis=0))
    place = next(places(e, wrong.reshape(e.x.shape)), None) if 0 < wrong.sum() < e.x.size else None
    if place is None:
        return None
    return f"wrong only {place}, right elsewhere{there(e, wrong)}"


def places(e: Evidence, wrong: Array) -> Iterator[str]:
    """What the wrong entries, and no others, have in common."""
    for axis, n in enumerate(wrong.shape):
        hit = np.flatnonzero(np.moveaxis(wrong, axis, 0).reshape(n, -1).any(axis=1))
        if n > 1 and len(hit) == 1 and np.take(wrong, hit[0], axis).all():
            yield f"at index {hit[0]} of axis {axis}"
    for name, values in (("x", e.x), ("|x|", np.abs(e.x))) if not e.mixes else ():
        bad, good = values[wrong], values[~wrong]
        if bad.size < 3 or good.size < 3:
            continue
        if bad.max() < good.min():
            yield f"where {name} {'< 0' if bad.max() < 0 <= good.min() else f'≤ {bad.max():.3g}'}"
        if bad.min() > good.max():
            yield f"where {name} {'> 0' if good.max() <= 0 < bad.min() else f'≥ {bad.min():.3g}'}"


def there(e: Evidence, wrong: Array) -> str:
    """By what factor the wrong entries are too large, if it is the same for all of them."""
    said, numeric = e.seen(e.analytic)[:, wrong], e.numeric[:, wrong]
    if not e.linked[:, wrong].any():
        return "; there it must be 0"
    if (np.abs(said) <= EXACT * e.scale).all():
        return "; there it is 0"
    square = float((numeric * numeric).sum())
    c = float((said * numeric).sum()) / square if square else 0.0
    if c and (np.abs(said - c * numeric) <= EXACT * e.scale + 4 * e.noise[:, wrong]).all():
        return f"; there by the factor {printed(c)}"
    return ""


def mask(e: Evidence) -> str | None:
    """A condition that is turned round or left out, or that cuts off too much."""
    if not e.by_entry:
        return None
    said = e.seen(e.analytic)
    given, right = np.abs(said) > EXACT * e.scale, np.abs(said - e.numeric) <= e.tolerance
    if not e.mixes and (given.any(axis=0) != e.linked.any(axis=0)).all():
        return "0 where there is a slope, and not 0 where there is none: is a mask turned round?"
    if right[e.linked].all():
        return (
            "right where there is a slope, but not 0 where there is none: was too much summed, or "
            "a mask left out?"
        )
    if right[given].all():
        return "right where it is not 0, but 0 at other places too: are contributions left out?"
    return None


# --- What -------------------------------------------------------------------------------------


def term(e: Evidence) -> str | None:
    """Entry by entry: a term that is missing or too many, a number or a power of x or y."""
    if e.mixes or not e.full or e.x.size < 3:
        return None
    error = np.zeros_like(e.analytic).reshape(len(e.analytic), -1)
    error[:, e.smooth] = e.seen(e.analytic) - e.numeric
    for written, meaning, values in terms(e):
        c = multiple(e, error.reshape(e.analytic.shape), values)
        if c is not None:
            number = printed(c) if written == "1" else f"{printed(c)} · {written}"
            return f"analytic − numeric = {number}{meaning}; is a term left out, or its sign lost?"
    return None


def terms(e: Evidence) -> Iterator[tuple[str, str, Array]]:
    """The number 1, and powers of what there is."""
    yield "1", "", np.ones((1, *[1] * e.x.ndim))
    for name, meaning, values in quantities(e):
        for power, written in POWERS.items():
            with np.errstate(all="ignore"):
                yield written.format(name), meaning, values**power


def multiple(e: Evidence, error: Array, values: Array) -> float | None:
    """The number that times these values is the error, wherever output and input are linked."""
    links = np.zeros(error.shape, bool).reshape(len(error), -1)
    links[:, e.smooth] = e.linked
    share = np.where(links.reshape(error.shape), values, 0.0)
    square = float((share * share).sum())
    c = float((error * share).sum()) / square if square and math.isfinite(square) else 0.0
    return c if c and e.explains(e.analytic - c * share) else None


def own_entries(e: Evidence) -> str | None:
    """In softmax and its like: right on the diagonal of the Jacobian, and wrong beside it."""
    if not (e.full and e.mixes and e.x.shape == e.y.shape and e.smooth.all()):
        return None
    wrong = e.error > 10 * e.noise + EXACT * e.scale
    own = np.eye(e.x.size, dtype=bool)
    if not wrong[own].any():
        return (
            "what an output owes to its own entry is right, what it owes to others is not; is a "
            "sum over the others missing, as in softmax?"
        )
    if not wrong[~own].any():
        return "only what an output owes to its own entry is wrong, what it owes to others is right"
    return None
