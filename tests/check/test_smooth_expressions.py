"""Random smooth expressions: gradcheck has no false alarm on any of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from library_ops import ops_of_the_library, ops_used
from smooth import BINARY, SCALES, SHAPES, UNARY, expression

import minigrad as mg
from minigrad.check import gradcheck, gradgradcheck

numbers = st.integers(0, 999)
programs = st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=7)
EVERYWHERE = {"deadline": None, "derandomize": True, "database": None}

NOT_SMOOTH = """
    abs maximum minimum clip sign floor ceil trunc round floor_divide remainder fmod
    relu leaky_relu elu hardtanh hardswish softsign prelu bent_square max min
    max_pool2d max_pool1d
"""
IN_SECOND_DERIVATIVES = """
    put conv2d_input_gradient conv2d_filter_gradient
    avg_pool2d_input_gradient adaptive_avg_pool2d_input_gradient
"""


def cases(scales):
    """A program, a seed, the shapes and scales of one to three inputs, and that of the output."""
    kind = st.tuples(st.sampled_from(SHAPES), st.sampled_from(scales))
    kinds = st.lists(kind, min_size=1, max_size=3)
    return st.tuples(programs, st.integers(0, 10**9), kinds, st.sampled_from(scales))


def built(case):
    """The function of a case, and its inputs."""
    program, seed, kinds, unit = case
    rng = np.random.default_rng(seed)
    arrays = [np.asarray(scale * rng.normal(size=shape)) for shape, scale in kinds]
    return expression(program, [scale for _, scale in kinds], unit), tuple(arrays)


def no_alarm(case):
    function, arrays = built(case)
    for fast_mode in (False, True):
        assert gradcheck(function, arrays, fast_mode=fast_mode).kinks == []


def test_the_smooth_ops_of_the_library_are_among_them():
    x = mg.Tensor(np.random.default_rng(0).normal(size=(2, 3)), True)

    def work():
        for f in UNARY:
            f(x)
        for f in BINARY:
            f(x, x)

    missing = {op.name for op in ops_of_the_library() - ops_used(work)}
    assert missing - set(NOT_SMOOTH.split()) - set(IN_SECOND_DERIVATIVES.split()) == set()


@given(cases(SCALES))
@settings(max_examples=40, **EVERYWHERE)
def test_GCK_12_no_false_alarm(case):
    no_alarm(case)


@given(cases(SCALES[1:3]))
@settings(max_examples=10, **EVERYWHERE)
def test_no_false_alarm_of_second_order(case):
    assert gradgradcheck(*built(case)).kinks == []


@pytest.mark.long
@given(cases(SCALES))
@settings(max_examples=10_000, **EVERYWHERE)
def test_GCK_12_no_false_alarm_in_ten_thousand(case):
    no_alarm(case)


@pytest.mark.long
@given(cases(SCALES[1:3]))
@settings(max_examples=1000, **EVERYWHERE)
def test_no_false_alarm_of_second_order_in_a_thousand(case):
    assert gradgradcheck(*built(case)).kinks == []
