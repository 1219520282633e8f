"""The walk: accumulation, order, memory, threads, errors."""

from __future__ import annotations

import gc
import sys
import threading
import time
import warnings
import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, walk


def leaf(*values, **options):
    return Tensor(values[0] if len(values) == 1 else list(values), True, **options)


# --- Accumulation ---


def test_ENG_01_a_value_used_twice_counts_twice():
    a = leaf(3.0)
    (a * a).backward()
    assert a.grad.item() == 6


def test_x_minus_x_has_gradient_zero():
    x = leaf(1.0, 2.0)
    (x - x).sum().backward()
    assert x.grad.tolist() == [0, 0]


def test_ENG_02_diamond():
    a = leaf(1.0)
    b = a + a
    b.retain_grad()
    c = b + b
    c.backward()
    assert (c.item(), a.grad.item(), b.grad.item()) == (4, 4, 2)


def test_ENG_03_a_second_backward_adds_exactly_the_same_again():
    a, b, d = leaf(3.0), leaf(2.0), leaf(1.0)
    c = a + b
    e = c * d
    e.backward()
    e.backward()
    assert (a.grad.item(), d.grad.item()) == (2, 10)


def test_ENG_05_two_losses_add_up():
    x = leaf(1.0, 1.0, 1.0)
    (2 * x).sum().backward()
    (3 * x).sum().backward()
    assert x.grad.tolist() == [5, 5, 5]


def test_ENG_27_a_leaf_used_100000_times():
    x = leaf(1.0)
    total = x
    for _ in range(99_999):
        total = total + x
    total.backward()
    assert x.grad.item() == 100_000


def test_ENG_26_pythons_sum():
    x = leaf(1.0)
    y = sum([x] * 3)
    y.backward()
    assert (y.item(), x.grad.item()) == (3, 3)


def test_ENG_10_backward_from_a_leaf():
    x = leaf(5.0)
    x.backward()
    assert x.grad.item() == 1


def test_ENG_43_detached_branch():
    x = leaf(3.0)
    (x * x.detach()).backward()
    assert x.grad.item() == 3


def test_broadcast_gradients_have_the_shape_of_the_input():
    for a, b in [((5,), (2, 3, 5)), ((1,), (2, 3)), ((3, 1, 1), (1, 4, 1)), ((), (1, 2))]:
        x, y = Tensor(np.ones(a), True), Tensor(np.full(b, 2.0), True)
        (x * y).sum().backward()
        assert x.grad.shape == a and y.grad.shape == b
        copies = np.prod(np.broadcast_shapes(a, b)) / max(np.prod(a), 1)
        assert np.all(x.grad.data == 2 * copies)


def test_ENG_13_gradients_share_no_memory():
    x1, x2, g = leaf(1.0, 2.0), leaf(3.0, 4.0), np.ones(2)
    (x1 + x2).backward(g)
    x1.grad.data[...] = 7
    g[...] = 9
    assert x2.grad.tolist() == [1, 1]


def test_ENG_15_the_gradient_is_writable_after_a_sum():
    x = leaf(1.0, 2.0)
    x.sum().backward()
    x.grad.data += 1
    assert x.grad.tolist() == [2, 2]


def test_ENG_42_upstream_of_another_dtype_is_cast():
    x = Tensor([1.0, 2.0], True, dtype=np.float32)
    (x * 2).backward(np.ones(2))
    assert x.grad.dtype == np.float32


def test_inputs_limits_who_gets_a_gradient():
    a, b = leaf(2.0), leaf(3.0)
    (a * b).backward(inputs=[a])
    assert a.grad.item() == 3 and b.grad is None


def test_inputs_may_be_inner_nodes():
    a = leaf(2.0)
    b = a * 3
    (b * b).backward(inputs=b)
    assert b._grad.item() == 12 and a.grad is None


# --- Depth and memory ---


def test_LIM_02_a_chain_of_100000_under_the_default_recursion_limit():
    assert sys.getrecursionlimit() <= 1000
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1.0
    y.backward()
    assert x.grad.item() == 1 and y.item() == 100_001


def test_LIM_03_dropping_the_end_of_a_long_chain_in_a_small_thread():
    def build_and_drop():
        y = leaf(1.0)
        for _ in range(100_000):
            y = y * 1.0
        del y
        done.append(True)

    done = []
    # Python 3.12 and 3.13 count nested calls instead of looking at the stack: 2 MiB are in use.
    counts_calls = (3, 12) <= sys.version_info < (3, 14)
    before = threading.stack_size((4096 if counts_calls else 256) * 1024)
    try:
        thread = threading.Thread(target=build_and_drop)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert done == [True]


def no_cyclic_garbage(action):
    action()
    gc.collect()
    gc.disable()
    try:
        action()
        return gc.collect()
    finally:
        gc.enable()


def test_a_graph_is_freed_by_reference_counting_alone():
    w = Tensor(np.ones((3, 3)), True)

    def step():
        w.zero_grad()
        y = mg.tanh(w @ w + w.sum(axis=0))
        mg.cross_entropy(y, np.array([0, 1, 2])).backward()
        w.grad.numpy().sum()

    assert no_cyclic_garbage(step) == 0


def test_create_graph_leaves_no_cycles_either():
    def step():
        x = leaf(1.0, 2.0)
        (g,) = mg.grad((x**3).sum(), x, create_graph=True)
        g.sum().backward()

    assert no_cyclic_garbage(step) == 0


def test_ENG_40_saved_arrays_die_with_the_loss():
    x = leaf(1.0, 2.0)
    hidden = mg.exp(x)
    array = weakref.ref(hidden.data)
    loss = hidden.sum()
    del hidden
    assert array() is not None
    del loss
    assert array() is None


def test_ENG_04_retain_graph_false_frees_as_it_goes():
    x = leaf(1.0, 2.0)
    hidden = mg.exp(x)
    array = weakref.ref(hidden.data)
    loss = hidden.sum()
    del hidden
    loss.backward(retain_graph=False)
    assert array() is None
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        loss.backward()
    np.testing.assert_array_equal(x.grad.data, np.exp(x.data))


def test_ENG_44_results_that_need_no_gradient_keep_no_history():
    y = Tensor([1.0]) * Tensor([2.0])
    assert y.op is None and y.inputs == () and not y.requires_grad


def test_ENG_38_a_leaf_is_kept_alive_by_the_graph():
    y = leaf(1.0, 2.0) * 2
    y.sum().backward()
    assert y.inputs[0]._grad.tolist() == [2, 2]


# --- Recording ---


def test_ENG_22_24_no_grad_nests_and_restores_also_after_exceptions():
    assert mg.is_grad_enabled()
    with mg.no_grad():
        with mg.enable_grad():
            assert mg.is_grad_enabled()
        assert not mg.is_grad_enabled()
        with pytest.raises(KeyError), mg.enable_grad():
            raise KeyError
        assert not mg.is_grad_enabled()
    assert mg.is_grad_enabled()
    with pytest.raises(KeyError), mg.no_grad():
        raise KeyError
    assert mg.is_grad_enabled()


def test_no_grad_as_a_decorator():
    @mg.no_grad()
    def f(x):
        return x * 2

    x = leaf(1.0)
    assert not f(x).requires_grad and (x * 2).requires_grad


def test_ENG_23_a_decorated_generator_switches_only_while_it_runs():
    @mg.no_grad()
    def steps():
        yield mg.is_grad_enabled()
        yield mg.is_grad_enabled()

    it = steps()
    assert next(it) is False and mg.is_grad_enabled()
    assert next(it) is False and mg.is_grad_enabled()


def test_one_mode_object_entered_twice():
    mode = mg.no_grad()
    with mode, mode:
        assert not mg.is_grad_enabled()
    assert mg.is_grad_enabled()


def test_ENG_25_grad_mode_belongs_to_the_thread():
    seen = []
    with mg.no_grad():
        thread = threading.Thread(target=lambda: seen.append(mg.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_eight_threads_equal_one():
    w = np.random.default_rng(0).normal(size=(4, 4))

    def work(out):
        for i in range(50):
            x = Tensor(w * i, True)
            mg.tanh(x @ x).sum().backward()
            out.append(x.grad.data)

    results = [[] for _ in range(8)]
    threads = [threading.Thread(target=work, args=(r,)) for r in results]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


def test_LIM_09_threads_adding_into_one_leaf_lose_nothing():
    x = leaf(1.0)

    def work():
        for _ in range(300):
            (x * 1.0).backward()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert x.grad.item() == 2400


def test_no_two_threads_add_to_gradients_at_once(monkeypatch):
    x, adding, overlaps = leaf(1.0), [], []
    accumulate = walk.accumulate

    def slow(*arguments):
        overlaps.extend(adding)
        adding.append("two threads at once")
        time.sleep(0.005)
        accumulate(*arguments)
        adding.pop()

    monkeypatch.setattr(walk, "accumulate", slow)
    threads = [threading.Thread(target=(x * 1.0).backward) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert overlaps == [] and x.grad.item() == 4


# --- Changes in place ---


def test_a_parameter_changed_after_recording_is_an_error_not_a_wrong_number():
    w = leaf(1.0, 2.0, name="w")
    y = (w * w).sum()
    w.data -= 0.1
    with pytest.raises(RuntimeError, match="'w' was changed in place"):
        y.backward()
    assert w.grad is None


def test_a_change_that_no_rule_looks_at_is_fine():
    b = leaf(1.0, 2.0)
    y = (b + 1).sum()
    b.data -= 0.1
    y.backward()
    assert b.grad.tolist() == [1, 1]


def test_a_change_seen_through_a_view_is_noticed():
    w = Tensor(np.ones((2, 2)), True)
    y = (Tensor(np.ones((1, 2))) @ w.T @ w.T).sum()
    w.data *= 2
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()


@pytest.mark.parametrize("change", ["x += 1", "x[0] = 1", "x *= x"])
def test_ENG_16_changing_a_recorded_leaf_in_place_is_refused(change):
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="leaf"):
        exec(change, {"x": x})
    assert x.tolist() == [1, 2]


def test_ENG_17_inside_no_grad_a_leaf_may_be_changed():
    x = leaf(1.0, 2.0)
    same, memory = x, x.data
    with mg.no_grad():
        x += 1
        x[0] = 5
    assert x is same and x.data is memory and x.requires_grad and x.tolist() == [5, 3]


def test_plus_equals_on_a_computed_tensor_makes_a_new_one():
    x = leaf(1.0)
    total = x * 1
    first = total
    total += x
    total.backward()
    assert first.item() == 1 and x.grad.item() == 2


# --- Hooks ---


def test_hooks_change_the_gradient_and_can_be_removed():
    x = leaf(1.0, 2.0)
    y = x * 2
    handle = y.register_hook(lambda g: g * 10)
    y.sum().backward()
    assert x.grad.tolist() == [20, 20]
    handle.remove()
    handle.remove()
    x.zero_grad()
    y.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_a_hook_sees_the_complete_gradient_of_a_leaf_once():
    x, seen = leaf(1.0), []
    x.register_hook(lambda g: seen.append(g.item()))
    (x * 2 + x * 3).backward()
    assert seen == [5]


@pytest.mark.parametrize("long_way_first", [True, False])
def test_an_inner_node_hands_on_its_complete_gradient_once(long_way_first):
    x, seen = leaf(1.0), []
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: seen.append(g.item()))
    z = (y + 1) * y if long_way_first else y * (y + 1)
    z.backward()
    assert (seen, y.grad.item(), x.grad.item()) == ([5], 5, 10)  # of y² + y at y = 2


def test_an_array_that_a_hook_returns_takes_the_dtype_of_the_tensor():
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    x.register_hook(lambda g: np.array([3.0, 4.0]))
    x.sum().backward()
    assert x.grad.dtype == np.float32 and x.grad.tolist() == [3.0, 4.0]


def test_the_inputs_of_backward_may_come_from_a_generator():
    a, b = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    (a * b).backward(inputs=(x for x in (a,)))
    assert a.grad.item() == 3.0 and b.grad is None


def test_a_hook_that_returns_another_shape_is_an_error():
    x = leaf(1.0, 2.0)
    x.register_hook(lambda g: np.ones(3))
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        x.sum().backward()


def test_ENG_21_inner_gradients_are_kept_only_on_request():
    x = leaf(1.0)
    y = x * 2
    y.backward()
    with pytest.warns(UserWarning, match="retain_grad"):
        assert y.grad is None


# --- Errors ---


def test_ENG_06_backward_of_a_vector_needs_a_gradient():
    with pytest.raises(RuntimeError, match="scalar"):
        (leaf(1.0, 2.0) * 2).backward()


def test_ENG_07_backward_with_a_gradient_of_the_wrong_shape():
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        (leaf(1.0, 2.0) * 2).backward(np.ones(3))


def test_ENG_08_backward_where_nothing_requires_grad():
    with pytest.raises(RuntimeError, match="does not require grad"):
        (Tensor([1.0]) * 2).backward()


@pytest.mark.parametrize("data", [[1], [True], np.arange(3)])
def test_ENG_09_only_floats_can_require_grad(data):
    with pytest.raises(TypeError, match=r"floating point.*(int|bool)"):
        Tensor(data, requires_grad=True)


def test_ENG_36_an_op_that_raises_leaves_gradients_alone():
    @mg.primitive(x=lambda g, y, x: {}["boom"])
    def broken(x):
        return x * 1

    a, b = leaf(1.0), leaf(2.0)
    b.grad = Tensor(5.0)
    with pytest.raises(KeyError, match="boom"):
        (broken(a) * b).backward()
    assert a.grad is None and b.grad.item() == 5
    (a * b).backward()
    assert a.grad.item() == 2 and b.grad.item() == 6


def test_a_rule_of_the_wrong_shape_names_the_op():
    @mg.primitive(x=lambda g, y, x: np.ones(5))
    def crooked(x):
        return x * 1

    with pytest.raises(ValueError, match=r"crooked.*\(5,\).*\(2,\)"):
        crooked(leaf(1.0, 2.0)).sum().backward()


def test_an_op_without_a_rule_says_which_input():
    @mg.primitive(a=lambda g, y, a, b: g * b)
    def half(a, b):
        return a * b

    y = half(leaf(1.0), leaf(2.0))
    with pytest.raises(TypeError, match="half has no derivative with respect to its input 'b'"):
        y.backward()


def test_interrupt_anywhere_in_backward_leaves_gradients_whole():
    class Stop(KeyboardInterrupt):
        pass

    countdown = 0

    @mg.primitive()
    def fragile(x):
        return x * 1

    @fragile.wrt("x")
    def fragile_dx(g, y, x):
        nonlocal countdown
        countdown -= 1
        if countdown == 0:
            raise Stop
        return g

    for step in range(1, 9):
        countdown, x, w = step, leaf(1.0), leaf(2.0)
        y = x
        for _ in range(8):
            y = fragile(y) + w
        with pytest.raises(Stop):
            y.backward()
        assert x.grad is None and w.grad is None and mg.is_grad_enabled()
        countdown = 100
        y.backward()
        assert x.grad.item() == 1 and w.grad.item() == 8


def test_finite_results_raise_no_warnings():
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        x = leaf(-1000.0, 0.0, 1000.0)
        for f in (mg.sigmoid, mg.tanh, mg.softplus, mg.logsigmoid, mg.relu, mg.softmax):
            with np.errstate(under="ignore"):
                f(x).sum().backward()
        assert np.isfinite(x.grad.data).all()


def test_mean_of_nothing_is_nan_without_a_warning():
    assert np.isnan(mg.mean(Tensor(np.zeros(0))).item())


def test_a_derivative_of_another_shape_is_an_error_though_it_has_as_many_entries():
    @mg.primitive(x=lambda g, y, x: g)
    def turned(x):
        return x.T

    x = mg.Tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(
        ValueError, match=r"turned: a derivative has shape \(3, 2\), its input \(2, 3\)"
    ):
        turned(x).backward(np.ones((3, 2)))
