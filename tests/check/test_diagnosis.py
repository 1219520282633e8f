"""The diagnosis of wrong gradients: each pattern where it fits, and not where it nearly fits."""

import numpy as np
import pytest
from faults_known import KNOWN
from faults_near import NEARLY
from faulty import FILTER, IMAGE, LONG, SHORT, conv2d, exp, normal, op

import minigrad as mg
from minigrad.check import check_graph, diagnosis, gradcheck, gradgradcheck


def cases(table):
    return [(pattern, fault) for pattern, faults in table.items() for fault in faults]


@pytest.fixture
def strictly(monkeypatch):
    """Nothing that a pattern raises is passed over."""
    monkeypatch.setattr(diagnosis, "REFUSALS", ())


@pytest.mark.usefixtures("strictly")
@pytest.mark.parametrize("fast_mode", [False, True], ids=["full", "fast"])
@pytest.mark.parametrize(("pattern", "fault"), cases(KNOWN))
def test_what_is_known(pattern, fault, fast_mode):
    function, inputs = KNOWN[pattern][fault]
    report = gradcheck(function, inputs, fast_mode=fast_mode, raise_exception=False)
    assert [said.pattern for _, said in report.diagnoses] == [pattern]
    assert {failure.pattern for failure in report.failures} == {pattern}
    assert {failure.diagnosis for failure in report.failures} == {report.diagnoses[0][1].advice}


@pytest.mark.usefixtures("strictly")
@pytest.mark.parametrize("fast_mode", [False, True], ids=["full", "fast"])
@pytest.mark.parametrize(("pattern", "fault"), cases(NEARLY))
def test_what_nearly_fits(pattern, fault, fast_mode):
    function, inputs = NEARLY[pattern][fault]
    report = gradcheck(function, inputs, fast_mode=fast_mode, raise_exception=False)
    assert not report.ok
    assert pattern not in {said.pattern for _, said in report.diagnoses}


def test_every_pattern_has_its_cases():
    apart = {diagnosis.AT_KINKS.pattern, diagnosis.AT_TIES.pattern}
    patterns = {name for name, _ in diagnosis.PATTERNS} | apart
    assert set(KNOWN) == patterns
    assert set(NEARLY) == patterns
    assert all(len(faults) >= 3 for faults in KNOWN.values())


# --- Whatever is checked ----------------------------------------------------------------------

WEIGHTS = normal(5, 4)


def without_mean(x):
    """The gradient of Σ WEIGHTS · x̂, with μ taken as a constant."""
    hat, h = (x - x.mean(0)) / x.std(0), WEIGHTS
    return (h - hat * (h * hat).mean(0)) / x.std(0)


BY_HAND = {
    "factor": (lambda x: np.sum(x * x), normal(3, 4), lambda x: x),
    "lost sign": (lambda x: np.sum(np.cos(x)), normal(3, 4), lambda x: np.sin(x)),
    "zero": (lambda x, y: x @ y, (normal(3), normal(3)), lambda x, y: (y, 0 * x)),
    "transposed": (
        lambda x: np.sum(x @ x),
        normal(3, 3),
        lambda x: x.sum(0)[None] + x.sum(1)[:, None],
    ),
    "mean for sum": (lambda x: x.mean(), normal(3, 4), lambda x: np.ones_like(x)),
    "mean path missing": (
        lambda x: np.sum(WEIGHTS * (x - x.mean(0)) / x.std(0)),
        normal(5, 4),
        without_mean,
    ),
    "filter not turned": (
        lambda x, w: LONG[:6] @ np.correlate(x, w, "valid"),
        (LONG, SHORT),
        lambda x, w: (np.correlate(LONG[:6], w, "full"), np.correlate(x, LONG[:6], "valid")),
    ),
}


@pytest.mark.parametrize("pattern", BY_HAND)
def test_gradients_written_by_hand(pattern):
    function, inputs, gradient = BY_HAND[pattern]
    report = gradcheck(function, inputs, gradient=gradient, raise_exception=False)
    assert [said.pattern for _, said in report.diagnoses] == [pattern]


def test_second_derivatives():
    sine = op(lambda x: np.sin(x), x=lambda g, y, x: g * np.cos(mg.Tensor(x).data))
    report = gradgradcheck(sine, normal(3, 4), raise_exception=False)
    assert [said.pattern for _, said in report.diagnoses] == ["zero"]


def test_the_wrong_one_of_several_outputs():
    wrong = exp(lambda g, y, x: 3 * g * y)
    report = gradcheck(lambda x: (np.sin(x), wrong(x)), normal(3), raise_exception=False)
    assert report.diagnoses[0][1].advice == ("factor 3.000 everywhere = counted 3 times (output 1)")


@pytest.mark.parametrize("pattern", ["factor", "transposed", "overwritten"])
def test_tolerances(pattern):
    for function, inputs in KNOWN[pattern].values():
        report = gradcheck(function, inputs, atol=1e-6, rtol=0, raise_exception=False)
        assert [said.pattern for _, said in report.diagnoses] == [pattern]


def test_a_wrong_rule_among_kinks_in_random_directions():
    x = normal(600)
    x[::7] = 0
    relu = op(lambda x: np.maximum(x, 0), x=lambda g, y, x: 3 * g * (x > 0))
    report = gradcheck(relu, x, fast_mode=True, raise_exception=False)
    assert [said.pattern for _, said in report.diagnoses] == ["unknown"]


def test_values():
    def careless(a):
        y = a * a
        y.da = 0.0
        return y

    report = gradcheck(careless, mg.Value(1.5), raise_exception=False)
    assert report.diagnoses[0][1].advice.startswith("factor 0.500 everywhere = half of it")
    y = mg.Value(2.0) * 3
    for given, pattern in ((6.0, "factor"), (-3.0, "lost sign"), (0.0, "zero"), (4.7, "unknown")):
        y.da = given
        assert [said.pattern for _, said in check_graph(y.exp()).diagnoses] == [pattern]


@mg.primitive(x=lambda g, y, x, *, scale: g)
def scaled(x, *, scale):
    """y = scale · x"""
    return scale * x


def test_the_parameters_of_an_op_are_known_in_a_graph():
    report = check_graph(np.sin(scaled(mg.Tensor(normal(4), True), scale=0.37)).sum())
    ((label, said),) = report.diagnoses
    assert label.startswith("scaled (node")
    assert label.endswith(", input x")
    assert said.advice == "factor 2.702703 everywhere = 1/scale"


def test_the_constants_of_an_op_are_known_in_a_graph():
    turned = conv2d(lambda w: w[..., ::-1, ::-1].copy())
    report = check_graph(np.sin(turned(mg.Tensor(IMAGE, True), mg.Tensor(FILTER))).sum())
    (said,) = (said for _, said in report.diagnoses)
    assert said.pattern == "filter not turned"
    assert "if input w were turned by 180°" in said.advice


# --- Under all circumstances ------------------------------------------------------------------


def test_a_function_that_refuses_other_points():
    x = normal(3, 4)
    wrong = exp(lambda g, y, x: 2 * g * y)

    def narrow(t):
        if np.abs(t.data - x).max() > 0.02:
            raise OSError("not here")
        return wrong(t)

    report = gradcheck(narrow, x, raise_exception=False)
    assert [said.pattern for _, said in report.diagnoses] == ["factor"]


def test_a_rule_that_refuses_other_gradients():
    def rule(g, y, x):
        if np.abs(g).max() > 1e3 or not g.all():
            raise OSError("not this one")
        return 2 * g * y

    report = gradcheck(exp(rule), normal(3, 4), raise_exception=False)
    assert [str(said) for _, said in report.diagnoses] == ["no known pattern"]


@pytest.mark.parametrize("factor", [1.0001, 2.0])
def test_a_diagnosis_takes_little_time(factor):
    calls = []

    def function(x):
        calls.append(x)
        return np.sum(np.sin(x))

    x = normal(20, 25)
    gradcheck(function, x, gradient=np.cos)
    right = len(calls)
    calls.clear()
    gradcheck(function, x, gradient=lambda x: factor * np.cos(x), raise_exception=False)
    assert len(calls) < 1.2 * right


def test_one_wrong_entry_of_very_many_is_named():
    weights = np.ones((100, 80))
    weights[31, 7] = 1.001
    report = gradcheck(
        exp(lambda g, y, x: g * y * weights),
        normal(100, 80),
        fast_mode=True,
        raise_exception=False,
    )
    named = [failure for failure in report.failures if failure.index is not None]
    assert [failure.index for failure in named] == [(31, 7)]
    assert named[0].ratio == pytest.approx(1.001)
