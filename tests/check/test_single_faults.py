"""Single faults, each with what gradcheck must say about it."""

from __future__ import annotations

import numpy as np
import pytest
from planting import Fault, only_found, planted
from wrong_rules import SITE_OF

import minigrad as mg
from minigrad import walk
from minigrad.check import gradcheck, gradgradcheck
from minigrad.ops import reduce
from minigrad.ops.arguments import array_of

MODES = pytest.mark.parametrize("fast_mode", [False, True], ids=["full", "fast"])
MATRIX = np.random.default_rng(7).normal(size=(4, 3))


@pytest.fixture(autouse=True)
def whether_it_is_found(monkeypatch):
    only_found(monkeypatch)


def with_rule(face, rule):
    """The op of the library with another rule for its first input."""
    return planted(Fault(SITE_OF[face.op], face.op.inputs[0], "", lambda right: rule))


def kinds(report):
    return {failure.kind for failure in report.failures}


# --- What is said -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "error"), [(0.0001, "1.0e-04"), (0.01, "1.0e-02")], ids=["1e-4", "1e-2"]
)
def test_GCK_02_the_report_states_the_relative_error(size, error):
    with with_rule(mg.exp, lambda g, y, x: g * y * (1 + size)):
        report = gradcheck(mg.exp, MATRIX, raise_exception=False)
    assert report.worst == pytest.approx(size, rel=1e-5)
    assert f"12 of 12 entries are wrong, by up to {error}" in str(report)


def test_only_the_wrong_input_fails():
    @mg.primitive(a=lambda g, y, a, b: 0.999 * g, b=lambda g, y, a, b: g)
    def add(a, b):
        return a + b

    report = gradcheck(add, (MATRIX, MATRIX), raise_exception=False)
    assert [row.verdict for row in report.rows] == ["12 wrong", "ok"]
    assert {failure.input for failure in report.failures} == {0}


def test_a_use_that_is_not_counted():
    class Square(mg.Function):
        """x · x, of which only the second x is counted"""

        @staticmethod
        def forward(ctx, x, again):
            ctx.save_for_backward(x, again)
            return x * again

        @staticmethod
        def backward(ctx, g):
            _, again = ctx.saved_tensors
            return g * again, None

    report = gradcheck(lambda x: Square.apply(x, x), MATRIX, raise_exception=False)
    assert {round(failure.ratio, 9) for failure in report.failures} == {0.5}


def test_a_wrong_second_derivative_is_caught():
    @mg.primitive(x=lambda g, y, x: g * np.cos(array_of(x)))
    def sine(x):
        return np.sin(x)

    assert gradcheck(sine, MATRIX)
    report = gradgradcheck(sine, MATRIX, raise_exception=False)
    assert {failure.name for failure in report.failures} == {"input 0"}


# --- Rules that give no number, no shape, or not always the same --------------------------------


@MODES
@pytest.mark.parametrize(
    ("face", "x", "rule"),
    [
        (mg.prod, [2.0, 0.0, 3.0], lambda g, y, x: g * y / x),
        (mg.sqrt, [1.0, 4.0], lambda g, y, x: g / (x - 1)),
        (mg.sigmoid, [-800.0, 1.0], lambda g, y, x: g * np.exp(-x) / (1 + np.exp(-x)) ** 2),
        (mg.std, [1.0, 1.0], lambda g, y, x: g * (x - 1) / (y * 2)),
        (mg.logsumexp, [1000.0, 1.0], lambda g, y, x: g * np.exp(x) / np.exp(y)),
        (reduce.vector_norm, [0.0, 0.0], lambda g, y, x: g * x / y),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_rule_that_divides_by_zero(face, x, rule, fast_mode):
    with with_rule(face, rule):
        report = gradcheck(face, np.array(x), fast_mode=fast_mode, raise_exception=False)
    assert kinds(report) == {"non-finite"}


def test_an_exponent_without_guard():
    @mg.primitive(a=lambda g, y, a, b: g * b * a ** (b - 1), b=lambda g, y, a, b: g * y * np.log(a))
    def power(a, b):
        return a**b

    report = gradcheck(power, (np.zeros(1), np.array([2.0])), raise_exception=False)
    assert kinds(report) == {"non-finite"}
    assert "the gradient of input 1" in str(report)


@MODES
def test_a_share_of_another_shape_is_an_error(fast_mode):
    with (
        with_rule(mg.exp, lambda g, y, x: (g * y)[:-1]),
        pytest.raises(
            ValueError, match=r"exp: a derivative has shape \(3, 3\), its input \(4, 3\)"
        ),
    ):
        gradcheck(mg.exp, MATRIX, fast_mode=fast_mode)


@MODES
def test_a_mask_that_is_drawn_anew(fast_mode):
    rng = np.random.default_rng(0)
    with with_rule(mg.relu, lambda g, y, x: g * (rng.random(x.shape) < 0.5)):
        report = gradcheck(mg.relu, MATRIX, fast_mode=fast_mode, raise_exception=False)
    assert kinds(report) == {"not deterministic"}


# --- The walk ---------------------------------------------------------------------------------


@MODES
@pytest.mark.parametrize("shape", [(3,), (4, 1), (1, 3), ()], ids=str)
def test_broadcasting_that_is_not_summed(shape, fast_mode, monkeypatch):
    def first_only(g, shape):
        lead = g.ndim - len(shape)
        return g[(0,) * lead][tuple(slice(n) for n in shape)]

    b = np.random.default_rng(1).normal(size=shape)
    monkeypatch.setattr(walk, "sum_to", first_only)
    report = gradcheck(mg.multiply, (MATRIX, b), fast_mode=fast_mode, raise_exception=False)
    assert {failure.name for failure in report.failures} == {"input 1"}


# --- Kinks ------------------------------------------------------------------------------------


@MODES
@pytest.mark.parametrize(
    ("face", "rule"),
    [
        (mg.abs, lambda g, y, x: g * np.where(x == 0, 3, np.sign(x))),
        (mg.relu, lambda g, y, x: g * np.where(x == 0, -0.5, x > 0)),
        (mg.leaky_relu, lambda g, y, x: g * np.where(x == 0, 0, np.where(x > 0, 1, 0.01))),
    ],
    ids=["abs", "relu", "leaky_relu"],
)
def test_a_value_at_a_kink_that_is_no_slope(face, rule, fast_mode):
    x = np.array([0.0]) if fast_mode else np.array([0.7, 0.0, -1.2])
    with with_rule(face, rule):
        report = gradcheck(face, x, fast_mode=fast_mode, raise_exception=False)
    assert kinds(report) == {"wrong gradient"}
    if not fast_mode:
        assert [failure.index for failure in report.failures] == [(1,)]


@pytest.mark.parametrize(
    ("face", "rule", "picked"),
    [
        (mg.relu, lambda g, y, x: g * (x >= 0), 1),
        (mg.abs, lambda g, y, x: g * np.where(x >= 0, 1, -1), 1),
        (mg.abs, lambda g, y, x: g * np.where(x > 0, 1, -1), -1),
        (mg.relu, lambda g, y, x: g * np.where(x == 0, 0.5, x > 0), 0.5),
    ],
    ids=["relu 1", "abs 1", "abs -1", "relu 1/2"],
)
def test_a_value_at_a_kink_that_lies_between_is_a_choice(face, rule, picked):
    with with_rule(face, rule):
        report = gradcheck(face, np.array([0.7, 0.0, -1.2]))
    (kink,) = report.kinks
    assert (kink.index, kink.picked) == ((1,), picked)


def test_equal_entries_that_all_get_everything():
    """Each entry by itself may have the slope 1; together they have it too, not 1 each."""
    x = np.array([1.0, 3.0, 3.0, 0.5])
    with with_rule(mg.max, lambda g, y, x: g * (x == y)):
        report = gradcheck(mg.max, x, fast_mode=True, raise_exception=False)
    assert kinds(report) == {"wrong gradient"}
