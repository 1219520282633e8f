"""What the diagnosis calls the mistakes of the catalogue, where there is a word for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest
from planting import Fault, planted
from wrong_rules import CATALOGUE, ORDINARY, SITE_OF

import minigrad as mg

MODES = pytest.mark.parametrize("fast_mode", [False, True], ids=["full", "fast"])
NAMED = [fault for fault in CATALOGUE if fault.pattern]
ENOUGH = 0.9


def misnamed(faults: Iterable[Fault], **options: bool) -> list[str]:
    """A line for each mistake that is called something else."""
    lines = []
    for fault in faults:
        with planted(fault):
            report = fault.site.check(**options)
        called = {failure.pattern for failure in report.failures}
        if called != {fault.pattern}:
            lines.append(f"{fault}: {fault.pattern}, called {', '.join(map(str, called))}")
    return lines


def assert_mostly_right(faults: list[Fault], **options: bool) -> None:
    misses = misnamed(faults, **options)
    table = "\n".join(misses)
    assert len(misses) <= (1 - ENOUGH) * len(faults), f"{len(misses)} of {len(faults)}:\n{table}"


def test_every_pattern_is_in_the_catalogue():
    patterns = Counter(fault.pattern for fault in NAMED)
    assert set(patterns) == {
        *("factor", "lost sign", "zero", "transposed", "reversed", "filter not turned"),
        *("broadcast sum missing", "mean for sum", "overwritten", "gamma missing"),
        *("mean path missing", "variance path missing", "not linear in the upstream gradient"),
    }
    assert len(NAMED) > 140


@MODES
def test_some_of_the_catalogue(fast_mode):
    assert_mostly_right(NAMED[fast_mode::8], fast_mode=fast_mode)


@pytest.mark.long
@MODES
@pytest.mark.parametrize("pattern", sorted({fault.pattern for fault in NAMED}))
def test_all_of_a_pattern(pattern, fast_mode):
    assert_mostly_right([f for f in NAMED if f.pattern == pattern], fast_mode=fast_mode)


@pytest.mark.long
@MODES
def test_what_any_rule_can_get_wrong(fast_mode):
    assert_mostly_right([fault for fault in ORDINARY if fault.pattern], fast_mode=fast_mode)


@MODES
def test_wrong_at_kinks_only(fast_mode):
    site = SITE_OF[mg.abs.op]
    wrong = Fault(site, "x", "", lambda right: lambda g, y, x: g * np.where(x == 0, 3, np.sign(x)))
    x = np.array([0.7, 0.0, -1.2])
    with planted(wrong):
        report = mg.gradcheck(mg.abs, x, raise_exception=False, fast_mode=fast_mode)
    assert {failure.pattern for failure in report.failures} == {"wrong at kinks only"}


@pytest.mark.parametrize(
    ("mistake", "word"),
    [
        ("square, x: counted once", "0.5"),
        ("matmul, a: left on its side", "transposed"),
        ("matmul, b: first of the batch", "sum"),
        ("conv2d, x: filter not turned", "180"),
        ("getitem, x: overwritten", "accumulate"),
        ("batch_norm, x: without gamma", "gamma"),
        ("relu, x: mask of g", "linear"),
    ],
)
def test_the_report_has_a_line_of_advice(mistake, word):
    (fault, *_) = [fault for fault in CATALOGUE if str(fault) == mistake]
    with planted(fault):
        report = fault.site.check()
    (advice,) = {failure.diagnosis for failure in report.failures}
    assert word in advice
    assert "\n" not in advice
    assert advice in str(report)
