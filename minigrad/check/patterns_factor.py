"""Mistakes that make a gradient too large or too small by a factor."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

import numpy as np

from minigrad.check.evidence import EXACT, Evidence
from minigrad.graph import Array

POWERS = {-2: "1/{}²", -1: "1/{}", 1: "{}", 2: "{}²"}
CONSTANTS = {
    math.log(2): "ln 2",
    math.log(10): "ln 10",
    math.log2(10): "log₂ 10",
    math.pi: "π",
    2 * math.pi: "2π",
    math.pi / 180: "π/180: degrees or radians",
    math.sqrt(2): "√2",
    math.sqrt(math.pi): "√π",
    2 / math.sqrt(math.pi): "2/√π",
    math.sqrt(2 / math.pi): "√(2/π)",
    math.e: "e",
}
TWICE = "counted twice"
HALF = "half of it: a forgotten 2, or one of two equal shares, as in x·x"
MOST_AXES = 8


def mean_for_sum(e: Evidence) -> str | None:
    """Averaged where the sum is right, or summed where forward takes a mean: the factor is n."""
    c = e.factor
    if math.isnan(c) or not (e.factor_holds or (e.factor_holds is None and e.several)):
        return None
    sign = "; and the sign is lost" if c < 0 else ""
    for n, name in lengths(e):
        if close(abs(c), 1 / n) and (n > 2 or only(e, 1.0)):
            return f"mean for sum: ratio 1/{n}, and {n} is {name}; sum, do not average{sign}"
        if close(abs(c), n) and (n > 2 or only(e, 0.5)):
            return (
                f"sum for mean: ratio {n}, and {n} is {name}; divide by it, as forward does{sign}"
            )
    return None


def factor(e: Evidence) -> str | None:
    """A number or a quantity that was forgotten, or is there once too often."""
    c = e.factor
    if math.isnan(c):
        return quantity(e)
    holds = e.factor_holds
    if holds or (holds is None and (e.several or next(names(abs(c), e), ""))):
        return f"factor {printed(c)} everywhere{explained(c, e)}"
    return (output_as_factor(c, e) or quantity(e) or varying(c)) if e.several else None


def output_as_factor(c: float, e: Evidence) -> str | None:
    """The same for an output that is a single number."""
    for power in POWERS if e.y.size == 1 and e.y.item() else ():
        rest = c / e.y.item() ** power
        if close(rest, 1) or in_words(rest, e):
            return times(rest, power, "y", ", where y is the output")
    return None


def varying(c: float) -> str:
    return (
        f"factor {printed(c)} everywhere, but another one at other points: a quantity that has the "
        "same value for all entries is left out, or is there once too often"
    )


# --- Quantities -------------------------------------------------------------------------------


def quantity(e: Evidence) -> str | None:
    """A factor that is the output, or an input: y forgotten in exp, b in a product."""
    for name, meaning, values in quantities(e):
        for power in POWERS:
            with np.errstate(all="ignore"):
                rest = e.analytic / values**power
            c = e.ratio(rest) if np.isfinite(rest).all() else math.nan
            if not math.isnan(c) and (close(c, 1) or in_words(c, e)):
                return times(c, power, name, meaning)
    return None


def times(c: float, power: int, name: str, meaning: str) -> str:
    """A factor that is a number times a power of a quantity, in words."""
    number = "" if close(c, 1) else "−" if close(c, -1) else f"{printed(c)} · "
    cure = f"{'divide' if power > 0 else 'multiply'} by {POWERS[abs(power)].format(name)}"
    return f"factor {number}{POWERS[power].format(name)} everywhere{meaning}: {cure}?"


def quantities(e: Evidence) -> Iterator[tuple[str, str, Array]]:
    """Name, meaning and values of what may be a factor, in the shape of the gradients."""
    rows = (-1, *[1] * e.x.ndim)
    if e.complete:
        yield from uneven("y", ", where y is the output", e.y.reshape(rows))
    yield from uneven("x", f", where x is {e.label}", e.x[None])
    for _, label, array in e.others:
        name = f"({label})"
        if fits(array, e.x):
            yield from uneven(name, "", np.broadcast_to(array, e.x.shape)[None])
        if e.complete and fits(array, e.y):
            yield from uneven(name, "", np.broadcast_to(array, e.y.shape).reshape(rows))


def uneven(name: str, meaning: str, values: Array) -> Iterator[tuple[str, str, Array]]:
    """The quantity, unless it is a constant."""
    if values.size > 1 and values.min() < values.max():
        yield name, meaning, values


def fits(array: Array, target: Array) -> bool:
    """Whether an array can be broadcast to the shape of another."""
    pairs = zip(reversed(array.shape), reversed(target.shape))
    return array.ndim <= target.ndim and all(n in (1, m) for n, m in pairs)


# --- Lengths ----------------------------------------------------------------------------------


class Length(NamedTuple):
    """How many entries are summed, or copies made."""

    n: int
    name: str


def lengths(e: Evidence) -> Iterator[Length]:
    """Numbers by which an average differs from a sum: copies, lengths of axes, their products."""
    copies = e.linked.sum(axis=0) if only(e, 1.0) else np.zeros(0)
    if copies.size and 1 < copies.min() == copies.max():
        yield Length(int(copies[0]), "the number of copies of every entry")
    axes = axes_summed(e)[:MOST_AXES]
    seen = {1}
    for count in range(1, len(axes) + 1):
        for some in combinations(axes, count):
            n, names = math.prod(axis.n for axis in some), " and ".join(axis.name for axis in some)
            if n not in seen:
                seen.add(n)
                yield Length(n, f"the {'length' if count == 1 else 'product'} of {names}")


def axes_summed(e: Evidence) -> list[Length]:
    """The axes over which an op or its rule may sum; none if it works entry by entry.

    Those along which an entry of one side meets all of the other, and, if there are such, those
    along which it meets one. A window along an axis is no sum over it.
    """
    meets: dict[int, list[Length]] = {}
    for side, (shape, whose) in enumerate(((e.x.shape, "the input"), (e.y.shape, "the output"))):
        for axis, n in enumerate(shape):
            if n > 1:
                kind = {n: 0, 1: 1}.get(e.reach(side, axis), 2)
                meets.setdefault(kind, []).append(Length(n, f"axis {axis} of {whose} ({n})"))
    return [*meets[0], *meets.get(1, [])] if 0 in meets else []


def only(e: Evidence, value: float) -> bool:
    """Whether all derivatives are 0 or this value: those of a sum, of copies, of a mean of two."""
    return e.full and bool((np.isclose(e.numeric, value, rtol=EXACT) | ~e.linked).all())


# --- In words ---------------------------------------------------------------------------------


def explained(c: float, e: Evidence) -> str:
    """What a factor may come from."""
    words = in_words(c, e)
    if words:
        return f" = {words}{or_length(abs(c), e)}"
    if abs(c - 1) < 0.01:
        return ": right but for a little; is some number written with too few digits?"
    return ": a number is left out, or is there once too often"


def in_words(c: float, e: Evidence) -> str:
    """A factor, if it is a number that people forget or write twice; else nothing."""
    words = next(names(abs(c), e), "") or as_fraction(abs(c))
    return f"{words}, and a lost sign" if words and c < 0 else words


def names(c: float, e: Evidence) -> Iterator[str]:
    """What a positive number may be, the likeliest first."""
    yield from [words for value, words in ((2.0, TWICE), (0.5, HALF)) if close(c, value)]
    for value, name in CONSTANTS.items():
        yield from [name] * close(c, value) + [f"1/({name})"] * close(c, 1 / value)
    n = made_of(e)
    if n > 2 and close(c, n):
        yield f"{n}, as many entries as an output is made of; divide by it, as a mean does"
    for name, value in numbers(e):
        yield from [w.format(name) for power, w in POWERS.items() if close(c, value**power)]
    for n in dict.fromkeys((*e.x.shape, *e.y.shape, e.x.size, e.y.size)):
        if n > 2:
            yield from [f"{n}/{n - 1}: n − 1 or n?"] * close(c, n / (n - 1))
            yield from [f"{n - 1}/{n}: n or n − 1?"] * close(c, (n - 1) / n)
    if 2.5 < c < 1000 and close(c, round(c)):
        yield f"counted {round(c)} times"
    if 2.5 < 1 / c < 1000 and close(c, 1 / round(1 / c)):
        yield f"1/{round(1 / c)}"


def as_fraction(c: float) -> str:
    """A positive number as a fraction, if it is a simple one."""
    fraction = Fraction(c).limit_denominator(20)
    return str(fraction) if fraction < 20 and close(c, float(fraction)) else ""


def made_of(e: Evidence) -> int:
    """How many entries every output depends on, in a window or a row; 0 if it is not the same."""
    counts = e.linked.sum(axis=1) if e.full else np.zeros(1)
    return int(counts[0]) if counts.min(initial=counts[0]) == counts.max(initial=0) else 0


def numbers(e: Evidence) -> Iterator[tuple[str, float]]:
    """The positive numbers among an op's parameters."""
    node = e.witness.point.node
    for name, value in ({} if node is None else getattr(node, "params", {})).items():
        if isinstance(value, (int, float)) and value > 0 and value != 1:
            yield name, float(value)


def or_length(c: float, e: Evidence) -> str:
    """A 2 may also be a length."""
    found = [name for n, name in lengths(e) if n == 2 and (close(c, 2) or close(c, 0.5))]
    return f" (or mean for sum: 2 is also {found[0]})" if found else ""


def printed(c: float) -> str:
    """A factor with three decimals if these are all it has; else with more digits."""
    return f"{c:.3f}" if abs(c) < 1000 and close(c, round(c, 3)) else f"{c:.7g}"


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=10 * EXACT)
