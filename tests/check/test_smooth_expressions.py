"""Random smooth expressions: gradcheck has no false alarm on any of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad.check import gradcheck, gradgradcheck

UNARY = [
    np.sin,
    np.tanh,
    np.arctan,
    mg.sigmoid,
    mg.softplus,
    mg.silu,
    mg.softmax,
    lambda x: np.exp(np.tanh(x)),
    lambda x: np.log(1 + x * x),
    lambda x: np.sqrt(1 + x * x),
    lambda x: x / (1 + x * x),
    lambda x: 1e3 * x,
    lambda x: 1e-6 * x - 1,
    lambda x: x + 100,
    lambda x: np.sum(x, axis=-1, keepdims=True),
    lambda x: np.mean(x, axis=0, keepdims=True),
    lambda x: mg.logsumexp(x, axis=-1, keepdims=True),
    lambda x: np.cumsum(x, axis=-1),
    lambda x: np.flip(x, axis=0),
    lambda x: mg.layer_norm(x, eps=0.1),
]
BINARY = [
    np.add,
    np.subtract,
    np.multiply,
    np.logaddexp,
    lambda a, b: a / (2 + b * b),
    lambda a, b: np.hypot(a, 1 + b * b),
    lambda a, b: np.matmul(np.sum(a, axis=-1, keepdims=True), np.mean(b, axis=0, keepdims=True)),
]
SHAPES = [(2, 3), (1, 3), (2, 1), (3,), (1, 1)]

steps = st.lists(
    st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=7
)


def inputs(*scales):
    """A seed, and the shapes and scales of one to three inputs."""
    kind = st.tuples(st.sampled_from(SHAPES), st.sampled_from(scales))
    return st.tuples(st.integers(0, 10**9), st.lists(kind, min_size=1, max_size=3))


def expression(program):
    """The function that random choices stand for: each step adds a value to choose from."""

    def function(*xs):
        values = [x.reshape((1,) * (2 - x.ndim) + x.shape) for x in xs]
        for op, first, second in program:
            a, b = values[-1 - first % len(values)], values[-1 - second % len(values)]
            if op % 2:
                values.append(BINARY[op // 2 % len(BINARY)](a, b))
            else:
                values.append(UNARY[op // 2 % len(UNARY)](a))
        return sum((v.sum() * 0.1 for v in values[:-1]), values[-1])

    return function


def arrays(described):
    seed, kinds = described
    rng = np.random.default_rng(seed)
    return tuple(scale * rng.normal(size=shape) for shape, scale in kinds)


def no_alarm(program, described):
    for check, fast in ((gradcheck, False), (gradcheck, True)):
        report = check(expression(program), arrays(described), fast_mode=fast)
        assert report.kinks == []


@given(steps, inputs(1e-6, 0.01, 1.0, 30.0))
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_no_false_alarm(program, described):
    no_alarm(program, described)


@given(steps, inputs(0.01, 1.0))
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
def test_no_false_alarm_of_second_order(program, described):
    assert gradgradcheck(expression(program[:4]), arrays(described)).kinks == []


@pytest.mark.long
@given(steps, inputs(1e-6, 0.01, 1.0, 30.0))
@settings(max_examples=10_000, deadline=None, derandomize=True, database=None)
def test_no_false_alarm_in_ten_thousand(program, described):
    no_alarm(program, described)
