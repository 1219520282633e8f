"""Gradients are handed over where nobody else has them, and copied where somebody does."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, ownership
from minigrad.ownership import holders, taken


@pytest.fixture(autouse=True)
def ask_about_small_ones_too(monkeypatch):
    monkeypatch.setattr(ownership, "SMALL", -1)


def fresh(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape)


# What nobody else has: made by a function, so that no variable here holds it.
ALONE = {
    "an array": lambda: fresh(3, 4),
    "a number": lambda: np.array(2.0),
    "an empty array": lambda: fresh(0, 4),
    "columns first": lambda: np.asfortranarray(fresh(3, 4)),
    "all of another, transposed": lambda: fresh(3, 4, 5).transpose(2, 0, 1),
    "all of another, in another shape": lambda: fresh(3, 4).reshape(2, 6),
    "all of another, with an axis of length 1": lambda: fresh(3, 4)[:, None],
}

OTHERWISE = {
    "a part of another": lambda: fresh(3, 4)[1:],
    "backwards": lambda: fresh(3, 4)[::-1],
    "one entry many times": lambda: np.broadcast_to(fresh(1, 4), (3, 4)),
    "as many entries, but one of them twice": lambda: np.lib.stride_tricks.as_strided(
        fresh(6), (3, 2), (8, 8)
    ),
    "overlapping windows of a buffer": lambda: np.ndarray(
        (3, 2), float, fresh(6), strides=(8, 8)
    ),
    "bytes of something else": lambda: np.frombuffer(bytearray(16)),
    "to be read only": lambda: locked(fresh(3)),
    "a scalar": lambda: np.float32(2),
    "a subclass": lambda: fresh(3).view(np.recarray),
}  # fmt: skip


def locked(x: np.ndarray) -> np.ndarray:
    x.flags.writeable = False
    return x


@pytest.mark.parametrize("make", ALONE.values(), ids=ALONE)
def test_what_nobody_else_has_is_handed_over(make):
    held = {"g": make()}
    assert taken(held, "g") is held["g"]


@pytest.mark.parametrize("make", ALONE.values(), ids=ALONE)
def test_what_a_variable_holds_too_is_copied(make):
    held = {"g": make()}
    mine = held["g"]
    assert_copied(taken(held, "g"), mine)


@pytest.mark.parametrize("make", ALONE.values(), ids=ALONE)
def test_what_a_view_looks_into_is_copied(make):
    held = {"g": make()}
    view = held["g"][...]
    assert_copied(taken(held, "g"), view)


@pytest.mark.parametrize("make", OTHERWISE.values(), ids=OTHERWISE)
def test_what_does_not_own_all_of_its_memory_is_copied(make):
    held = {"g": make()}
    assert_copied(taken(held, "g"), held["g"])


def assert_copied(copy: np.ndarray, x: np.ndarray) -> None:
    assert type(copy) is np.ndarray
    assert copy.flags.owndata
    assert copy.flags.writeable
    assert not np.may_share_memory(copy, x)
    np.testing.assert_array_equal(copy, x)


def test_small_ones_are_copied(monkeypatch):
    monkeypatch.setattr(ownership, "SMALL", 12)
    held = {"small": fresh(3, 4), "large": fresh(13)}
    assert_copied(taken(held, "small"), held["small"])
    assert taken(held, "large") is held["large"]


def test_the_base_is_copied_when_another_view_of_it_is_held():
    base = fresh(3, 4)
    other, held = base[0], {"g": base.T}
    del base
    assert not np.may_share_memory(taken(held, "g"), other)


def test_one_array_under_two_names_goes_to_both_apart():
    g = fresh(3)
    held = {"a": g, "b": g}
    del g
    a = taken(held, "a")
    assert not np.may_share_memory(a, taken(held, "b"))


def test_a_memoryview_holds_too():
    held = {"g": fresh(3)}
    looking = memoryview(held["g"])
    assert not np.may_share_memory(taken(held, "g"), np.asarray(looking))


def test_where_python_does_not_count_everything_is_copied(monkeypatch):
    monkeypatch.setattr(ownership, "ALONE", set())
    held = {"g": fresh(3)}
    assert_copied(taken(held, "g"), held["g"])


def test_counts_are_the_same_when_the_code_has_run_often():
    """Python changes code that it runs often; a count must not change with it."""
    for _ in range(3000):
        held = {"g": fresh(1)}
        assert taken(held, "g") is held["g"]
        mine = held["g"]
        assert taken(held, "g") is not mine
        del mine


def test_counts_are_the_same_in_another_thread():
    found = []

    def look() -> None:
        held = {"g": fresh(3)}
        found.append(holders(held, "g") in ownership.ALONE)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [True]


# --- The same, seen from gradients ---


def test_what_a_rule_computes_becomes_the_gradient_itself():
    addresses = []

    @mg.primitive(x=lambda g, y, x: remembered(g * 2))
    def double(x):
        return x * 2

    def remembered(share: np.ndarray) -> np.ndarray:
        addresses.append(share.ctypes.data)
        return share

    x = Tensor([1.0, 2.0], requires_grad=True)
    double(x).backward(np.array([1.0, 3.0]))
    assert x.grad.data.ctypes.data == addresses[0]


def test_what_a_rule_keeps_is_copied():
    kept = []

    @mg.primitive(x=lambda g, y, x: keep(g * 2))
    def double(x):
        return x * 2

    def keep(share: np.ndarray) -> np.ndarray:
        kept.append(share)
        return share

    x = Tensor([1.0, 2.0], requires_grad=True)
    y = double(x)
    y.backward(np.array([1.0, 3.0]))
    (gradient,) = mg.grad(y, x, np.array([1.0, 3.0]))
    kept[0][:] = kept[1][:] = 0
    assert x.grad.tolist() == gradient.tolist() == [2, 6]


def test_what_forward_saved_is_copied():
    """A rule that returns what the graph still holds: twice, and both times right."""

    @mg.primitive(saves=True)
    def identity_times(x):
        return x * 3, np.full_like(x, 3)

    @identity_times.fast
    def identity_times_backward(g, y, x, *, saved, wanted):
        return [saved]

    x = Tensor([1.0, 2.0], requires_grad=True)
    y = identity_times(x)
    for _ in range(2):
        y.backward(np.ones(2))
    assert x.grad.tolist() == [6, 6]


def test_a_gradient_that_is_wanted_twice_is_two():
    x = Tensor([1.0, 2.0], requires_grad=True)
    first, second = mg.grad((x * x).sum(), [x, x])
    first.data[:] = 0
    assert second.tolist() == [2, 4]


def test_python_counts():
    assert bool(ownership.ALONE) == hasattr(sys, "getrefcount")
