"""Every case is held by a test or left out for a reason, and none is both."""

from __future__ import annotations

import pytest

from .listing import LEFT_OUT, cases_of, counts, held, titles


def test_every_case_is_held_or_left_out():
    missing = {case: title for case, title in titles().items() if case not in held()}
    assert missing.keys() == LEFT_OUT.keys()
    assert all(LEFT_OUT.values())
    assert counts() == (len(titles()) - len(LEFT_OUT), len(LEFT_OUT))


def test_no_test_bears_a_number_that_is_no_case():
    assert held().keys() <= titles().keys()
    assert len(titles()) == 376


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        ("test_ENG_07_a_name", ["ENG-07"]),
        ("test_NRM_05_and_06_and_07_a_name", ["NRM-05", "NRM-06", "NRM-07"]),
        ("test_VAL_12_15_LIM_01_a_name", ["VAL-12", "VAL-15", "LIM-01"]),
        ("test_value_and_gradient[ELE_28_1_over_0]", ["ELE-28"]),
        ("test_a_leaf_used_100000_times", []),
        ("test_XELE_28_and_ELE_281", []),
    ],
)
def test_numbers_are_read_from_names(name, cases):
    assert cases_of(name) == cases


def test_a_case_is_found_by_its_number(request):
    """As `pytest -k ENG-07` finds it."""
    assert "ENG-07" not in request.node.extra_keyword_matches
    request.node.name = "test_ENG_07_another_name"
    request.config.hook.pytest_itemcollected(item=request.node)
    assert "ENG-07" in request.node.extra_keyword_matches
