"""The report: what it says of a check, in which words, and how much of it."""

import numpy as np

import minigrad as mg
from minigrad.check import Diagnosis, Failure, Kink, Place, Report, Row, gradcheck

PLACE = Place("conv2d", 1, "input 1", (0, 0, 1, 0))


def test_a_wrong_rule_in_full():
    @mg.primitive(a=lambda g, y, a, b: g, b=lambda g, y, a, b: 2 * g)
    def plus(a, b):
        return a + b

    report = gradcheck(plus, (np.ones((2, 4)), np.ones((2, 4))), raise_exception=False, rng=1)
    lines = str(report).splitlines()
    assert lines[0] == "gradcheck of plus: FAILED (wrong gradient)"
    assert [line.split() for line in lines[1:4]] == [
        ["shape", "elements", "worst", "error", "verdict"],
        ["input", "0", "(2,", "4)", "8", lines[2].split()[5], "ok"],
        ["input", "1", "(2,", "4)", "8", "1.0e+00", "8", "wrong"],
    ]
    assert lines[4] == (
        "plus, input 1: 8 of 8 entries are wrong, by up to 1.0e+00 of the largest slope"
    )
    assert lines[5] == "    factor 2.000 everywhere = counted twice"
    assert lines[6].split() == ["index", "analytic", "numeric", "ratio"]
    assert [line.split()[-1] for line in lines[7:12]] == ["2"] * 5  # the worst five, no more
    assert lines[12:] == [
        "note:",
        "    analytic and numeric are slopes of all outputs, each times a random weight",
    ]


def test_what_has_no_name_is_said_to_have_none():
    @mg.primitive(x=lambda g, y, x: g * np.sin(x))
    def exp(x):
        return np.exp(x)

    x = np.linspace(-1, 1, 700)
    report = gradcheck(exp, x, raise_exception=False)
    lines = str(report).splitlines()
    assert lines[3].startswith("exp, input 0: 700 of 700 entries are wrong, by up to")
    assert lines[4] == "    no known pattern"
    assert lines[5].split() == ["index", "analytic", "numeric", "ratio"]
    assert len(lines) == 5 + 6 + 2  # the worst five, and a note
    assert report.diagnoses == [("exp, input 0", Diagnosis("unknown", "no known pattern"))]


def test_one_diagnosis_for_each_wrong_input():
    @mg.primitive(a=lambda g, y, a, b: -g, b=lambda g, y, a, b: 2 * g)
    def plus(a, b):
        return a + b

    report = gradcheck(plus, (np.ones((2, 4)), np.ones((2, 4))), raise_exception=False)
    assert [(label, said.pattern) for label, said in report.diagnoses] == [
        ("plus, input 0", "lost sign"),
        ("plus, input 1", "factor"),
    ]
    assert str(report.diagnoses[0][1]) == "lost sign: every entry is right but for its sign"
    assert gradcheck(np.add, (np.ones(2), np.ones(2))).diagnoses == []


def test_many_wrong_inputs_are_cut():
    failures = [Failure("wrong gradient", Place("f", i, f"input {i}", (0,))) for i in range(8)]
    text = str(Report("check", failures=failures))
    assert text.count("entry is wrong") == 5
    assert text.endswith("and 3 more inputs with wrong entries, see .diagnoses")


def test_the_worst_error_is_the_same_everywhere():
    @mg.primitive(x=lambda g, y, x: g * (1 + y * y))
    def tanh(x):
        return np.tanh(x)

    report = gradcheck(tanh, np.linspace(-1, 1, 12), raise_exception=False)
    assert max(failure.error for failure in report.failures) == report.worst
    assert f"by up to {report.worst:.1e} of the largest slope" in str(report)


def test_a_vacuous_check_says_so_at_once():
    report = gradcheck(lambda x: mg.softmax(x).sum(), np.ones(4) + 0.1)
    assert report
    assert report.vacuous
    assert str(report).startswith("gradcheck of the function: ok, but the check is vacuous\n")
    assert len(report.warnings) == 1


def test_an_entry_stands_for_random_directions():
    entry = Failure("wrong gradient", Place("f", 0, "input 0", (7,)), "", 1.0, 2.0, 0.1)
    directions = [Failure("wrong gradient", Place("f", 0, "input 0"), "", 1.0, 2.0, 0.9)] * 3
    lines = str(Report("check", failures=[*directions, entry])).splitlines()
    assert lines[1].startswith("f, input 0: 3 random directions are wrong")
    assert [line.split()[0] for line in lines[2:]] == ["index", "(7,)"]


def test_the_worst_come_first():
    failures = [
        Failure("wrong gradient", Place("f", 0, "input 0", (i,)), "", 1.0, 2.0, error)
        for i, error in enumerate([0.1, 0.5, 0.3])
    ]
    text = str(Report("check", failures=failures))
    assert text.index("(1,)") < text.index("(2,)") < text.index("(0,)")
    assert "3 entries are wrong, by up to 5.0e-01" in text


def test_worst_and_where():
    rows = [
        Row("input 0", "(3,)", 3, 3, 1e-12, "ok"),
        Row("input 1", "(2,)", 2, 2, 1e-9, "ok", Place("f", 1, "input 1", (1,))),
    ]
    report = Report("check", rows=rows)
    assert (report.worst, report.where.index) == (1e-9, (1,))
    assert str(report).startswith("check: ok, worst error 1.0e-09 at input 1, element (1,)\n")
    assert (Report("check").worst, Report("check").where) == (0.0, None)


def test_long_lists_are_cut():
    kinks = [Kink(Place("abs", 0, "input 0", (i,)), -1.0, 1.0, 0.0) for i in range(50)]
    text = str(Report("check", kinks=kinks))
    assert len(text.splitlines()) == 8
    assert "and 45 more" in text


def test_numbers_of_a_failure():
    failure = Failure("wrong gradient", PLACE, "", -1.0, 0.5, 0.1)
    assert (failure.input, failure.name, failure.index) == (1, "input 1", (0, 0, 1, 0))
    assert failure.ratio == -2
    assert str(failure) == (
        "conv2d: wrong gradient at input 1, element (0, 0, 1, 0): analytic -1, numeric 0.5, "
        "ratio -2"
    )
    nothing = Failure("wrong gradient", PLACE, "", 1.0, 0.0, 1.0)
    assert np.isnan(nothing.ratio)
    assert nothing.cells == ("(0, 0, 1, 0)", "1", "0", "—")


def test_a_slope_where_there_is_none():
    kink = Kink(Place("sqrt", 0, "input 0", (0,)), np.nan, np.inf, 0.0)
    assert str(kink).endswith("the slopes are none and inf")
