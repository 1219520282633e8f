"""compile: a replayed graph gives the numbers of the graph itself, for new leaves too."""

from __future__ import annotations

import itertools
import math
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad import Value
from minigrad.tape import compile

UNARY = [
    lambda x: -x,
    abs,
    Value.exp,
    Value.log,
    Value.sqrt,
    Value.sin,
    Value.cos,
    Value.tanh,
    Value.sigmoid,
    Value.relu,
    Value.softplus,
]
BINARY = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: a**b,
    lambda a, b: Value.dot([a, b, a], [b, b, 2.0], a),
    lambda a, b: Value.sum([a, b, a, 1.0]),
]
POINTS = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -8.0, 20.5, 1000.0, -1000.0, inf, -inf, nan, 0.3, -2.7]


def leaves_of(root):
    found, stack, seen = [], [root], {root}
    while stack:
        v = stack.pop()
        found += [] if v.inputs else [v]
        stack += [x for x in v.inputs if x not in seen]
        seen.update(v.inputs)
    return found


def assert_replays(function, *numbers, first=()):
    """A tape made at the numbers `first` gives at `numbers` what the graph made there gives."""
    fresh = [Value(x) for x in numbers]
    wanted = function(*fresh)
    wanted.backward()
    old = [Value(x) for x in first or numbers]
    tape = compile(function(*old))
    for x, number in zip(old, numbers):
        x.data = number
    found = tape()
    assert type(found) is float and all(type(x.grad) is float for x in old)
    np.testing.assert_allclose(
        [found, *[x.grad for x in old]], [wanted.data, *[x.grad for x in fresh]], rtol=1e-12
    )


@pytest.mark.parametrize("function", UNARY)
def test_every_function_of_one_number(function):
    for x in POINTS:
        assert_replays(function, x, first=[0.5])


@pytest.mark.parametrize("function", UNARY)
def test_infinite_gradients_on_their_way_back(function):
    for x in POINTS:  # 1/y sends -inf back where y is 0
        assert_replays(lambda a: 1 / function(a), x, first=[0.5])


@pytest.mark.parametrize("function", BINARY)
def test_every_function_of_more_numbers(function):
    for a, b in itertools.product(POINTS, POINTS):
        assert_replays(function, a, b, first=[2.0, 3.0])


programs = st.lists(
    st.tuples(st.integers(0, 17), st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=46
)


def random_program(program):
    def function(*leaves):
        values = list(leaves)
        for op, i, j in program:
            a, b = values[i % len(values)], values[j % len(values)]
            y = UNARY[op](a) if op < len(UNARY) else BINARY[op - len(UNARY)](a, b)
            values.append(y if abs(y) < 50 else y.tanh())
        return values[-1]

    return function


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(programs)
def test_random_programs(program):
    assert_replays(random_program(program), -1.3, 0.4, 1.0, 2.2)


def test_a_network_trains_on_its_tape_as_without():
    rng = np.random.default_rng(5)
    data = rng.normal(0, 1, (12, 3))

    def loss(weights):
        ws, vs, b = weights[:9], weights[9:12], weights[12]
        total = []
        for *xs, y in data.tolist():
            hidden = [
                sum((w * x for w, x in zip(ws[3 * i :], xs)), ws[3 * i + 2]).tanh()
                for i in range(3)
            ]
            total.append((Value.dot(vs, hidden, b) - y) ** 2)
        return Value.sum(total) / len(total) + 0.01 * sum(w * w for w in weights)

    start = rng.uniform(-1, 1, 13).tolist()
    plain, replayed = [Value(x) for x in start], [Value(x) for x in start]
    tape = compile(loss(replayed))
    for _ in range(5):
        for w in plain:
            w.grad = 0.0
        now = loss(plain)
        now.backward()
        assert math.isclose(tape(), now.data, rel_tol=1e-12)
        np.testing.assert_allclose(
            [w.grad for w in replayed], [w.grad for w in plain], rtol=1e-11, atol=1e-14
        )
        for w in [*plain, *replayed]:
            w.data -= 0.1 * w.grad


def test_gradients_are_set_not_added():
    x = Value(3.0)
    tape = compile(x * x)
    x.grad = 100.0
    assert (tape(), x.grad) == (9, 6)
    assert (tape(), x.grad) == (9, 6)


def test_only_leaves_are_read_and_written():
    x = Value(3.0)
    y = x * x
    z = y + 1
    tape = compile(z)
    x.data, y.data = 2.0, 1e9
    assert (tape(), x.grad) == (5, 4)
    assert (y.data, y.grad, z.data, z.grad) == (1e9, 0, 10, 0)
    assert all(v.grad != 0 for v in leaves_of(z))


def test_a_leaf_alone():
    x = Value(3.0)
    tape = compile(x)
    x.data = 4.0
    assert (tape(), x.grad) == (4, 1)


def test_sums_of_nothing():
    assert compile(Value.sum([]))() == 0
    b = Value(2.0)
    assert (compile(Value.dot([], [], b) * 3)(), b.grad) == (6, 3)


def test_a_long_chain_needs_no_recursion():
    x = y = Value(1.0)
    for _ in range(5_000):
        y = y + x
    assert (compile(y)(), x.grad) == (5_001, 5_001)


def test_the_branch_that_was_recorded_is_what_is_replayed():
    x = Value(2.0)
    tape = compile(x * 10 if x > 0 else x)
    x.data = -2.0
    assert tape() == -20


def test_only_a_value_can_be_compiled():
    with pytest.raises(TypeError, match=r"root must be a Value, got 3\.0"):
        compile(3.0)


def test_leaves_that_hold_no_number_are_named():
    x, y = Value(2.0, label="x"), Value(3.0)
    tape = compile(x * y)
    x.data = x + 1
    with pytest.raises(TypeError, match=r"^backward: data of x has to be a number"):
        tape()
    assert y.grad == 0.0
