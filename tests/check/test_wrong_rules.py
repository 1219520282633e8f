"""The catalogue of wrong rules under gradcheck: all of them are caught, and right ones pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from library_ops import ops_of_the_library
from planting import Fault, only_found, planted
from wrong_rules import CATALOGUE, ORDINARY, SITE_OF, SITES

import minigrad as mg
from minigrad.check import check_graph, gradcheck
from minigrad.graph import Op

MODES = pytest.mark.parametrize("fast_mode", [False, True], ids=["full", "fast"])
OPS = sorted(SITE_OF, key=lambda op: op.name)
EACH_OP = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)


@pytest.fixture(autouse=True)
def whether_it_is_found(monkeypatch):
    only_found(monkeypatch)


def of(op: Op, faults: Sequence[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.op is op]


def escaped(faults: Sequence[Fault], **options: bool) -> list[str]:
    """The faults that gradcheck does not call a wrong gradient."""
    free = []
    for fault in faults:
        with planted(fault):
            report = fault.site.check(**options)
        if {failure.kind for failure in report.failures} != {"wrong gradient"}:
            free.append(str(fault))
    return free


# --- The catalogue ----------------------------------------------------------------------------


def test_every_op_of_the_library_is_in_the_catalogue():
    missing = {op.name for op in ops_of_the_library() - SITE_OF.keys()}
    assert not missing, "their mistakes belong in one of the wrong_*.py"
    mistaken = {fault.op for fault in (*CATALOGUE, *ORDINARY)}
    assert {op.name for op in SITE_OF.keys() - mistaken} == set()


def test_every_mistake_has_a_name_of_its_own():
    names = [(str(fault), id(fault.site)) for fault in (*CATALOGUE, *ORDINARY)]
    assert len(set(names)) == len(names) > 1400
    assert len(CATALOGUE) > 450


@MODES
def test_right_rules_pass(fast_mode):
    reports = [(site.op.name, site.check(fast_mode=fast_mode)) for site in SITES]
    assert [name for name, report in reports if not report or report.kinks] == []
    assert max(report.worst for _, report in reports) < 1e-8


@EACH_OP
def test_GCK_01_the_mistakes_of_an_op_are_caught(op):
    """One in three entry by entry, the others in random directions."""
    faults = of(op, CATALOGUE)
    single = faults[OPS.index(op) % 3 :: 3]
    others = [fault for fault in faults if fault not in single]
    assert escaped(single) == []
    assert escaped(others, fast_mode=True) == []


@EACH_OP
def test_a_mistake_that_any_rule_can_have_is_caught(op):
    assert escaped(of(op, ORDINARY)[OPS.index(op) % 7 :: 7], fast_mode=True) == []


@pytest.mark.long
@MODES
@EACH_OP
def test_GCK_01_all_mistakes_of_an_op_are_caught_in_both_modes(op, fast_mode):
    assert escaped(of(op, CATALOGUE), fast_mode=fast_mode) == []


@pytest.mark.long
@MODES
@EACH_OP
def test_every_mistake_that_any_rule_can_have_is_caught(op, fast_mode):
    assert escaped(of(op, ORDINARY), fast_mode=fast_mode) == []


# --- Among other ops --------------------------------------------------------------------------


def misjudged(faults: Sequence[Fault]) -> list[str]:
    """The faults for which check_graph does not name the op, and only it."""
    wrong = []
    for fault in faults:
        with planted(fault):
            leaves = [mg.Tensor(x, True) for x in fault.site.inputs]
            report = check_graph(np.arctan(fault.site.call(*leaves)))
        named = {(failure.kind, failure.place.node.op) for failure in report.failures}
        if named != {("wrong rule", fault.op)}:
            wrong.append(str(fault))
    return wrong


def test_mistakes_of_some_ops_are_found_in_a_graph():
    first = {fault.op: fault for fault in reversed((*CATALOGUE, *ORDINARY))}
    assert misjudged(list(first.values())[::4]) == []


@pytest.mark.long
@EACH_OP
def test_the_mistakes_of_an_op_are_found_in_a_graph(op):
    assert misjudged(of(op, CATALOGUE)) == []


@pytest.mark.long
@EACH_OP
def test_the_mistakes_of_an_op_are_caught_under_another(op):
    for fault in of(op, CATALOGUE):
        call = fault.site.call
        with planted(fault):
            report = gradcheck(
                lambda *xs, call=call: np.arctan(call(*xs)),
                fault.site.inputs,
                raise_exception=False,
            )
        assert {failure.kind for failure in report.failures} == {"wrong gradient"}, str(fault)
