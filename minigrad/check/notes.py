"""What to know besides the verdict: dtypes, rounding, and checks that cannot see anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigrad.check.entry import Entry, largest_slopes, relative
from minigrad.check.looks import Rules
from minigrad.check.subject import Input

NAMED = 3  # inputs in one note
TINY = 1e-7  # slopes below this escape checks with absolute tolerances
COARSE = 1e-5  # if rounding hides errors of this size, a note says so

WEIGHTED = "analytic and numeric are slopes of all outputs, each times a random weight"
PROMOTED = "computed in float64, given as {dtype}: {labels}"
ROUNDED = (
    "{label}: rounding hides errors below {worst:.0e} of the largest slope; does the function "
    "compute in float32?"
)
VACUOUS = (
    "the check is vacuous: no slope is larger than what {limit} hides, so a wrong rule would not "
    "be seen; check at another point or with another function of the output"
)
SMALL = (
    "all slopes are tiny, at most {largest:.1e}: with absolute tolerances this check would be "
    "vacuous; errors were judged relative to the slopes"
)


def promoted(inputs: Sequence[Input]) -> list[str]:
    """Which inputs were given in another dtype than the one of the check."""
    notes = []
    for dtype in dict.fromkeys(x.given for x in inputs if x.given != np.float64):
        labels = [x.label for x in inputs if x.given == dtype]
        more = f" and {len(labels) - NAMED} more" if len(labels) > NAMED else ""
        notes.append(PROMOTED.format(dtype=dtype, labels=", ".join(labels[:NAMED]) + more))
    return notes


def rounded(label: str, entries: Sequence[Entry], cotangents: int) -> list[str]:
    """Whether the comparison was less exact than it should be."""
    scale = largest_slopes(entries, cotangents)
    noise = [relative(e.noise, scale) for e in entries if e.bend is None]
    worst = max((float(n[n < 1].max(initial=0)) for n in noise), default=0.0)
    return [ROUNDED.format(label=label, worst=worst)] if worst > COARSE else []


def vacuous(entries: Sequence[Entry], rules: Rules) -> str | None:
    """What to say if there was nothing that could have been wrong."""
    bounds = [e.noise if rules.strict else rules.absolute for e in entries]
    if any((largest(e) > bound).any() for e, bound in zip(entries, bounds)):
        return None
    return VACUOUS.format(limit="rounding" if rules.strict else f"atol={rules.absolute:g}")


def tiny(entries: Sequence[Entry]) -> list[str]:
    """Whether an absolute tolerance of 1e-7 would see nothing."""
    most = max(float(largest(e)[0]) for e in entries)
    return [SMALL.format(largest=most)] if most <= TINY else []


def largest(e: Entry) -> np.ndarray:
    """The larger of the analytic and the numeric slopes, for every cotangent."""
    return np.maximum(np.abs(e.analytic), np.abs(e.numeric))
