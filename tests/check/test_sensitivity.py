"""How small an error gradcheck sees: everywhere, in one entry of many, at every scale."""

from __future__ import annotations

import numpy as np
import pytest
from planting import Fault, after, only_found, planted
from wrong_rules import SITE_OF

import minigrad as mg
from minigrad.check import gradcheck

RNG = np.random.default_rng(11)
MODES = pytest.mark.parametrize("fast_mode", [False, True], ids=["full", "fast"])


@pytest.fixture(autouse=True)
def whether_it_is_found(monkeypatch):
    only_found(monkeypatch)


def found(op, *inputs, **options):
    report = gradcheck(op, inputs, raise_exception=False, **options)
    return {failure.kind for failure in report.failures} == {"wrong gradient"}


def weighted(weights, wrong):
    """y = weights · x, with the derivative wrong."""

    @mg.primitive(x=lambda g, y, x: g * wrong)
    def op(x):
        return x * weights

    return op


def bent(scale, wrong):
    """y = scale · tanh x, with its derivative times wrong."""

    @mg.primitive(x=lambda g, y, x: g * wrong * scale * (1 - np.tanh(x) ** 2))
    def op(x):
        return scale * np.tanh(x)

    return op


@MODES
@pytest.mark.parametrize("error", [1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
def test_an_error_everywhere(error, fast_mode):
    x = RNG.normal(size=(4, 5))
    assert found(bent(1.0, 1 + error), x, fast_mode=fast_mode)
    assert found(bent(1.0, 1 - error), x, fast_mode=fast_mode)


@pytest.mark.parametrize(
    "fast_mode", [True, pytest.param(False, marks=pytest.mark.long)], ids=["fast", "full"]
)
def test_GCK_02_one_part_in_ten_thousand_in_every_op_of_the_library(fast_mode):
    escaped = []
    for site in SITE_OF.values():
        for name in () if site.flat else site.names:
            fault = Fault(site, name, "0.01 % too large", after(lambda share: 1.0001 * share))
            with planted(fault):
                if site.check(fast_mode=fast_mode):
                    escaped.append(str(fault))
    assert escaped == []


@MODES
@pytest.mark.parametrize(
    ("size", "error"), [(1000, 1e-3), (100, 0.05), (100, 1e-3), (1000, 1e-4)], ids=str
)
def test_an_error_in_one_entry_of_many(size, error, fast_mode):
    wrong = np.ones(size)
    wrong[417 % size] += error
    x = RNG.normal(size=size)
    assert found(bent(1.0, wrong), x, fast_mode=fast_mode)
    assert found(lambda x: (bent(1.0, wrong)(x) ** 2).sum(), x, fast_mode=fast_mode)


@MODES
@pytest.mark.parametrize("scale", [1e-100, 1e-30, 1e-12, 1e-9, 1e-6, 1.0, 1e8, 1e30, 1e100])
def test_a_wrong_sign_at_every_scale_of_the_slopes(scale, fast_mode):
    x = RNG.normal(size=(3, 2))
    assert gradcheck(bent(scale, 1), x, fast_mode=fast_mode)
    assert found(bent(scale, -1), x, fast_mode=fast_mode)
    assert found(bent(scale, 1.0001), x, fast_mode=fast_mode)


@MODES
@pytest.mark.parametrize("scale", [1e-100, 1e-12, 1e-9, 1e-6, 1.0, 1e8, 1e100])
def test_a_wrong_sign_at_every_scale_of_the_inputs(scale, fast_mode):
    x = scale * RNG.normal(size=(3, 2))

    def stretched(wrong):
        return lambda x: bent(1.0, wrong)(x / scale)

    assert gradcheck(stretched(1), x, fast_mode=fast_mode)
    assert found(stretched(-1), x, fast_mode=fast_mode)


@MODES
@pytest.mark.parametrize("scale", [1e-12, 1e-9, 1e-6])
def test_a_wrong_sign_with_respect_to_an_input_that_hardly_counts(scale, fast_mode):
    @mg.primitive(a=lambda g, y, a, b: g, b=lambda g, y, a, b: -scale * g)
    def op(a, b):
        return a + scale * b

    a, b = RNG.normal(size=(2, 6))
    report = gradcheck(op, (1e-3 * a, b), fast_mode=fast_mode, raise_exception=False)
    assert {failure.input for failure in report.failures} == {1}


def test_a_wrong_sign_in_an_entry_that_hardly_counts():
    """Beside slopes of 1, one of 1e-7 is seen; a random direction sees what is above 1e-7.

    A slope of 1e-9 beside slopes of 1 of the same input counts for nothing in either mode.
    """

    def sees(scale, **options):
        slopes = np.array([1.0, 2.0, scale, 1.0])
        return found(weighted(slopes, slopes * [1, 1, -1, 1]), np.full(4, 0.7), **options)

    assert sees(1e-6)
    assert sees(1e-7)
    assert sees(1e-6, fast_mode=True)
    assert not sees(1e-9)
    assert not sees(1e-9, fast_mode=True)


@MODES
def test_a_softmax_without_a_derivative(fast_mode):
    """Under a plain sum as the loss it would pass: that is 1, whatever x."""
    x = RNG.normal(size=(3, 4))
    zero = Fault(SITE_OF[mg.softmax.op], "x", "forgotten", after(np.zeros_like))
    with planted(zero):
        assert found(mg.softmax, x, fast_mode=fast_mode)
        assert found(lambda x: mg.softmax(x, axis=0), x, fast_mode=fast_mode)
        assert not found(lambda x: mg.softmax(x).sum(), x, fast_mode=fast_mode)


@MODES
def test_a_batchnorm_without_a_derivative(fast_mode):
    x = RNG.normal(size=(5, 3))
    zero = Fault(SITE_OF[mg.batch_norm.op], "x", "forgotten", after(np.zeros_like))
    with planted(zero):
        assert found(mg.batch_norm, x, fast_mode=fast_mode)


@MODES
@pytest.mark.parametrize("order", [1.0001, 0.5, -1])
def test_an_error_below_large_outputs(order, fast_mode):
    """Slopes of 1 beside outputs of 1e6: rounding leaves ten digits."""

    @mg.primitive(x=lambda g, y, x: g * order)
    def op(x):
        return x + 1e6

    assert found(op, RNG.normal(size=5), fast_mode=fast_mode)


def test_tolerances_that_the_caller_gives_are_used_as_they_are():
    """What PyTorch accepts is accepted with PyTorch's tolerances, and only then."""
    x = RNG.normal(size=(3, 2))
    for op in (bent(1.0, 1.0009), bent(1e-6, -1)):
        assert found(op, x)
        assert not found(op, x, atol=1e-5, rtol=1e-3)


def wave(rate, wrong):
    """y = sin(rate · x), with its derivative times wrong."""

    @mg.primitive(x=lambda g, y, x: g * wrong * rate * np.cos(rate * x))
    def op(x):
        return np.sin(rate * x)

    return op


@pytest.mark.parametrize("rate", [1.0, 50.0, 1e3, 1e4])
def test_one_part_in_a_million_in_waves_that_are_short_beside_x(rate):
    for x in RNG.normal(size=(5, 1)):
        assert gradcheck(wave(rate, 1), x)
        assert found(wave(rate, 1 + 1e-6), x)
