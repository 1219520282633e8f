"""What is wrong with a gradient: the first pattern that undoes the error names the mistake."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minigrad.check.evidence import Evidence
from minigrad.check.findings import Diagnosis
from minigrad.check.hints import NO_PATTERN, unknown
from minigrad.check.patterns_axes import filter_not_turned, reversed_order, transposed
from minigrad.check.patterns_dropped import broadcast_sum_missing, one_use_only, overwritten
from minigrad.check.patterns_factor import factor, mean_for_sum
from minigrad.check.patterns_norm import gamma_missing, mean_path_missing, variance_path_missing
from minigrad.check.patterns_scale import lost_sign, not_linear, zero
from minigrad.check.witness import Slopes, Witness

Pattern = Callable[[Evidence], str | None]

# In the order in which they are tried: the special before the general.
PATTERNS: Sequence[tuple[str, Pattern]] = (
    ("not linear in the upstream gradient", not_linear),
    ("zero", zero),
    ("lost sign", lost_sign),
    ("overwritten", one_use_only),
    ("mean for sum", mean_for_sum),
    ("gamma missing", gamma_missing),
    ("factor", factor),
    ("broadcast sum missing", broadcast_sum_missing),
    ("overwritten", overwritten),
    ("variance path missing", variance_path_missing),
    ("mean path missing", mean_path_missing),
    ("filter not turned", filter_not_turned),
    ("reversed", reversed_order),
    ("transposed", transposed),
)
AT_KINKS = Diagnosis(
    "wrong at kinks only",
    "wrong at kinks only: elsewhere the rule is right; at a kink it may pick any value between the "
    "slopes from left and right",
)
AT_TIES = Diagnosis(
    "wrong at ties only",
    "wrong at ties only: each entry by itself gets a possible share, all of them together do not; "
    "shares must add up to one: all for the first of them, or a part for each",
)
UNKNOWN = "unknown"
UNRECOGNISED = Diagnosis(UNKNOWN, NO_PATTERN)

# What a function, or a rule, may raise when it is asked again.
REFUSALS: tuple[type[Exception], ...] = (Exception,)


def diagnose(witness: Witness, k: int, slopes: Slopes | None) -> Diagnosis:
    """The mistake in the gradient of input k, judged by the first output that shows it.

    slopes: what was seen along the lines through the input; None if it was too much to keep.
    """
    try:
        slopes = slopes or witness.slopes(k)
        found = None if slopes is None else first_wrong(witness, k, slopes)
        return UNRECOGNISED if found is None else recognised(found)
    except REFUSALS:  # the report stands without a diagnosis
        return UNRECOGNISED


def first_wrong(witness: Witness, k: int, slopes: Slopes) -> Evidence | None:
    """What is known of the first output whose gradients are wrong, or misuse those from above.

    A rule that clips is right for each output by itself, and for small gradients.
    """
    for dense in (False, True):
        for output in witness.differentiable() if slopes.smooth.any() else []:
            evidence = Evidence(witness, k, output, slopes, dense)
            if evidence.wrong or (dense and not_linear(evidence)):
                return evidence
    return None


def recognised(evidence: Evidence) -> Diagnosis:
    """The first pattern that fits."""
    several = len(evidence.witness.point.outputs) > 1
    where = f" (output {evidence.output})" if several else ""
    with np.errstate(all="ignore"):
        for name, pattern in PATTERNS:
            advice = pattern(evidence)
            if advice is not None:
                return Diagnosis(name, advice + where)
        return Diagnosis(UNKNOWN, unknown(evidence) + where)
