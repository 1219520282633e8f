"""gradcheck: every verdict, and all that can be given to it. GCK-nn: the numbers of the cases."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.check import GradcheckError, gradcheck, gradgradcheck

RNG = np.random.default_rng(11)
X, W, B = RNG.normal(size=(3, 4)), RNG.normal(size=(2, 4)), RNG.normal(size=2)


@mg.primitive(x=lambda g, y, x: 2 * g * y)
def doubled(x):
    """exp whose derivative is counted twice"""
    return np.exp(x)


def kinds(report):
    return {failure.kind for failure in report.failures}


def failing(*args, **options):
    report = gradcheck(*args, raise_exception=False, **options)
    assert not report.ok
    assert not report
    return report


# --- What is right ----------------------------------------------------------------------------


def test_a_right_function():
    report = gradcheck(mg.linear, (X, W, B))
    assert report
    assert report.ok
    assert report.failures == report.kinks == []
    assert report.worst < 1e-9
    assert [row.elements for row in report.rows] == [12, 8, 2]


def test_a_wrong_function_raises_the_report():
    with pytest.raises(
        GradcheckError, match="doubled, input 0: 4 of 4 entries are wrong"
    ) as caught:
        gradcheck(doubled, X[0])
    assert isinstance(caught.value, AssertionError)
    assert str(caught.value) == str(caught.value.report)
    assert {round(failure.ratio, 9) for failure in caught.value.report.failures} == {2}


def test_the_same_every_time():
    first, again = (gradcheck(doubled, X, raise_exception=False) for _ in range(2))
    other = gradcheck(doubled, X, raise_exception=False, rng=5)
    assert first == again
    assert [f.analytic for f in first.failures] != [f.analytic for f in other.failures]


@pytest.mark.parametrize("scale", [1e-9, 1e-4, 1.0, 1e4, 1e9])
def test_any_scale_of_inputs_and_outputs(scale):
    assert gradcheck(lambda x: scale * np.sin(x / scale) + 1, scale * X).kinks == []
    assert gradcheck(lambda x: np.sin(x + 5), scale * 1e-5 * X)


def test_steep_functions():
    report = gradcheck(lambda x: np.sin(1000 * x), X)
    assert report.worst < 1e-7
    assert report.kinks == []


def test_entries_of_different_size():
    x = np.array([1e-6, 1e6, 1.0, 3e-3])
    for f in (np.log, np.sqrt, np.reciprocal):
        assert gradcheck(f, x).worst < 1e-7


def test_near_the_edge_of_the_domain():
    assert gradcheck(np.log, np.array([1e-5, 1.0])).kinks == []
    assert gradcheck(np.arcsin, np.array([1 - 1e-7, 0.5])).kinks == []


def test_GCK_11_zero_dimensional_empty_and_transposed_inputs():
    assert gradcheck(np.exp, np.array(0.5))
    assert gradcheck(np.exp, np.float64(0.5))
    assert gradcheck(np.exp, 0.5)
    assert gradcheck(np.exp, np.zeros((0, 3))).rows[0].elements == 0
    assert gradcheck(lambda x: x[1:] @ x.T, X.T)
    assert gradcheck(lambda x: x * X[::-1, ::2], X[::-1, ::2])


def test_a_list_is_several_inputs_or_one():
    assert len(gradcheck(np.multiply, [X, X]).rows) == 2
    assert len(gradcheck(np.exp, [1.0, 2.0]).rows) == 1


def test_GCK_14_several_outputs_and_an_unused_input():
    report = gradcheck(lambda a, b, unused: (a * b, b.sum(), np.exp(a)), (X, X + 1, W))
    assert [row.verdict for row in report.rows] == ["ok", "ok", "ok"]


def test_GCK_14_an_unused_input_with_a_gradient():
    @mg.primitive(a=lambda g, y, a, b: g, b=lambda g, y, a, b: g)
    def first(a, b):
        return a + 0 * np.zeros_like(b)

    report = failing(first, (X, X + 1))
    assert [row.verdict for row in report.rows] == ["ok", "12 wrong"]
    assert {failure.numeric for failure in report.failures} == {0}


@pytest.mark.parametrize("size", [1.0, 1e-9])
def test_a_wrong_output_beside_a_right_one(size):
    @mg.primitive(x=lambda g, y, x: -g * size)
    def turned(x):
        return x * size

    report = failing(lambda x: (np.exp(x), turned(x)), X)
    assert kinds(report) == {"wrong gradient"}


# --- What comes in ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, np.int64, np.uint16])
def test_GCK_04_other_dtypes_are_checked_in_float64(dtype):
    x = np.array([[1, 2, 3], [4, 5, 6]], dtype)
    report = gradcheck(lambda a: np.log(a) * a, x)
    assert report.worst < 1e-9
    assert report.warnings == [f"computed in float64, given as {x.dtype}: input 0"]


def test_whole_numbers_beside_others_are_left_alone():
    labels = np.array([0, 3, 1])
    report = gradcheck(mg.cross_entropy, (X, labels))
    assert [row.label for row in report.rows] == ["input 0"]
    assert gradcheck(lambda x, n: x**n, (X, 3))


def test_tensors_that_require_no_gradient_are_left_alone():
    a, b = mg.Tensor(X, requires_grad=True), mg.Tensor(X)
    assert [row.label for row in gradcheck(np.multiply, (b, a)).rows] == ["input 1"]


@pytest.mark.parametrize("fast_mode", [False, True])
def test_inputs_are_left_bit_for_bit(fast_mode):
    x = mg.Tensor(np.asfortranarray(X), requires_grad=True, dtype=np.float32, name="x")
    x.grad = np.ones(x.shape)
    data, grad, order, bits = x.data, x.grad, x.order, x.data.tobytes()
    array, copy = X.copy(), X.tobytes()
    gradcheck(np.multiply, (x, array), fast_mode=fast_mode)
    assert (x.data is data, x.grad is grad, x.order) == (True, True, order)
    assert (x.data.tobytes(), array.tobytes()) == (bits, copy)


def test_inside_no_grad():
    with mg.no_grad():
        assert gradcheck(np.exp, X)
        assert not mg.is_grad_enabled()


def test_GCK_06_overlapping_memory():
    once = np.broadcast_to(B, (3, 2))
    windows = np.lib.stride_tricks.sliding_window_view(X[0], 2)
    for shared in (once, windows):
        with pytest.raises(RuntimeError, match=r"input 1 of shape .* has overlapping memory"):
            gradcheck(np.add, (mg.Tensor(1.0, True), shared))


def test_GCK_05_no_input_requires_a_gradient():
    for inputs in (mg.Tensor(X), (mg.Tensor([1, 2]), "text"), ()):
        with pytest.raises(ValueError, match="no input requires a gradient"):
            gradcheck(np.exp, inputs)


def test_other_bad_arguments():
    with pytest.raises(TypeError, match="func must be callable, got int"):
        gradcheck(3, X)
    with pytest.raises(ValueError, match="input 0 has non-finite values"):
        gradcheck(np.exp, np.array([1.0, np.inf]))
    with pytest.raises(TypeError, match="must return a Tensor or a tuple of them, got float"):
        gradcheck(lambda x: float(x.sum().item()), X)
    for name, value in [("eps", 0.0), ("atol", -1e-5), ("rtol", np.nan), ("nondet_tol", -1)]:
        with pytest.raises(ValueError, match=f"{name} must be"):
            gradcheck(np.exp, X, **{name: value})
    with pytest.raises(TypeError, match="rng"):
        gradcheck(np.exp, X, rng="seed")


def test_GCK_15_too_many_elements():
    x = np.linspace(-1, 1, 100_000)
    with pytest.raises(ValueError, match=r"100000 elements.* fast_mode=True"):
        gradcheck(np.exp, x)
    assert gradcheck(np.exp, x, fast_mode=True)
    with pytest.raises(ValueError, match=r"5000 × 5000 entries.* fast_mode=True"):
        gradcheck(np.exp, x[:5000], atol=1e-5)


# --- Kinks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "x", "at", "text"),
    [
        (mg.relu, [1.0, -2.0, 0.0], [2], "the rule picked 0, the slopes are 0 and 1"),
        (mg.abs, [0.0, 1.0, -2.0], [0], "the rule picked 0, the slopes are -1 and 1"),
        (mg.max, [1.0, 3.0, 3.0], [1, 2], "the rule picked 0.5, the slopes are 0 and 1"),
        (mg.round, [0.2, 0.5, 0.7], [1], "the rule picked 0, the slopes are 0 and inf"),
        (mg.sign, [0.2, 0.0, 0.7], [1], "the rule picked 0, the slopes are inf and inf"),
        (mg.hardtanh, [0.2, 1.0, 3.0], [1], "the rule picked 0, the slopes are 1 and 0"),
        (mg.clip, [0.2, 1.0, 3.0], [1], "the rule picked 1, the slopes are 1 and 0"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_GCK_03_kinks_and_jumps_are_said_to_be_so(function, x, at, text):
    f = (lambda t: mg.clip(t, -1, 1)) if function is mg.clip else function
    report = gradcheck(f, np.array(x))
    assert [kink.index for kink in report.kinks] == [(i,) for i in at]
    assert f"not differentiable at input 0, element ({at[0]},): {text}" in str(report)
    assert "wrong" not in str(report)


def test_the_message_about_a_kink():
    report = gradcheck(mg.relu, np.array([1.0, -1.0, 0.0]))
    (kink,) = report.kinks
    assert (kink.input, kink.index, kink.left, kink.right, kink.picked) == (0, (2,), 0, 1, 0)
    assert str(kink) == (
        "relu is not differentiable at input 0, element (2,): the rule picked 0, "
        "the slopes are 0 and 1"
    )


def test_ties_between_inputs():
    report = gradcheck(np.maximum, (np.array([1.0, 2.0]), np.array([1.0, 5.0])))
    assert [(kink.input, kink.index, kink.picked) for kink in report.kinks] == [
        (0, (0,), 0.5),
        (1, (0,), 0.5),
    ]


def test_close_to_a_kink_is_not_at_a_kink():
    x = np.array([1e-4, -1e-5, 3e-6, -2e-7, 1e-8, 1.0])
    for f in (mg.relu, mg.abs, mg.leaky_relu, lambda t: mg.relu(t) + 3, lambda t: mg.max(t)):
        assert gradcheck(f, x).kinks == []


@pytest.mark.parametrize("picked", [0.0, 0.3, 1.0])
def test_any_slope_between_those_of_a_kink_is_right(picked):
    @mg.primitive(x=lambda g, y, x: g * np.where(x == 0, picked, x > 0))
    def relu(x):
        return np.maximum(x, 0)

    (kink,) = gradcheck(lambda x: relu(x) * 3, np.array([1.0, 0.0])).kinks
    assert kink.picked == pytest.approx(3 * picked)


@pytest.mark.parametrize("picked", [-0.1, 1.5])
def test_no_other_slope_is(picked):
    @mg.primitive(x=lambda g, y, x: g * np.where(x == 0, picked, x > 0))
    def relu(x):
        return np.maximum(x, 0)

    report = failing(relu, np.array([1.0, 0.0]))
    assert [failure.index for failure in report.failures] == [(1,)]
    assert report.kinks[0].picked == picked


def test_a_wrong_rule_elsewhere_is_caught_beside_a_kink():
    @mg.primitive(x=lambda g, y, x: g * (x > 0) * 1.001)
    def relu(x):
        return np.maximum(x, 0)

    report = failing(relu, np.array([1.0, 0.0, 2.0]))
    assert [failure.index for failure in report.failures] == [(0,), (2,)]


def test_without_looking_for_kinks():
    assert gradcheck(mg.abs, np.array([0.0, 1.0]), check_kinks=False).kinks == []
    assert failing(mg.relu, np.array([0.0, 1.0]), check_kinks=False).kinks == []


def test_a_kink_in_a_random_direction():
    (kink, *_) = gradcheck(mg.relu, np.array([0.0, 1.0]), fast_mode=True).kinks
    assert kink.index is None


def test_a_bend_without_a_kink():
    assert gradcheck(lambda x: np.abs(x) ** 1.5, np.array([0.0, 2.0])).kinks == []


def test_a_function_that_ends():
    report = gradcheck(lambda x: x**1.5, np.array([0.0, 2.0]))
    assert "the rule picked 0, the slopes are none and" in str(report)
    (kink,) = gradcheck(lambda x: np.log(x) * (x - 1), np.array([1e-3, 1.0])).kinks or [None]
    assert kink is None


# --- What makes a check impossible ------------------------------------------------------------


def test_GCK_07_an_output_that_is_not_finite():
    report = failing(np.log, np.array([1.0, -1.0]))
    assert kinds(report) == {"non-finite"}
    assert "output 0 has a non-finite value, nan at (1,)" in str(report)


def test_a_gradient_that_is_not_finite():
    report = failing(np.sqrt, np.array([1.0, 0.0]))
    assert kinds(report) == {"non-finite"}
    assert "the gradient of input 0 has a non-finite value" in str(report)


def test_GCK_08_a_function_that_is_not_deterministic():
    rng = np.random.default_rng(0)
    report = failing(lambda x: x * rng.uniform(size=x.shape), X)
    assert kinds(report) == {"not deterministic"}
    assert "differ by" in str(report)
    assert gradcheck(lambda x: x * (1 + 1e-15 * rng.uniform()), X, nondet_tol=1e-12)


def test_a_gradient_that_is_not_deterministic():
    rng = np.random.default_rng(0)

    @mg.primitive(x=lambda g, y, x: g * y * rng.uniform())
    def op(x):
        return np.exp(x)

    report = failing(op, X)
    assert kinds(report) == {"not deterministic"}
    assert "the gradient of op is not deterministic" in str(report)


def test_GCK_09_a_function_that_changes_its_input():
    def harmful(a, b):
        b.data[0] = 7
        return a * b

    x, bits = X.copy(), X.tobytes()
    report = failing(harmful, (X, x))
    assert [(failure.kind, failure.input) for failure in report.failures] == [("mutated input", 1)]
    assert "harmful changes input 1 in place" in str(report)
    assert x.tobytes() == bits


def test_GCK_10_a_function_that_raises():
    calls = []

    def failing_later(x):
        calls.append(x)
        if len(calls) > 7:
            raise KeyError("boom")
        return np.exp(x)

    x, bits = X.copy(), X.tobytes()
    with pytest.raises(KeyError, match="boom"):
        gradcheck(failing_later, x)
    assert x.tobytes() == bits


def test_GCK_05_an_output_that_is_cut_off():
    report = failing(lambda x: mg.exp(x.detach()), X)
    assert kinds(report) == {"unconnected output"}
    assert "no output is connected to an input" in str(report)
    report = failing(lambda x: (np.exp(x), np.exp(x.detach())), X)
    assert [failure.kind for failure in report.failures] == ["unconnected output"]
    assert "output 1 depends on the inputs but is not connected" in str(report)
    assert gradcheck(lambda x: (np.exp(x), mg.ones(3)), X)


def test_a_number_of_outputs_that_depends_on_values():
    with pytest.raises(ValueError, match="2 outputs at the point of interest"):
        gradcheck(lambda x: x[x.data >= 1], np.array([1.0, 2.0]))


# --- Checks that say little -------------------------------------------------------------------


@pytest.mark.parametrize(
    "f", [lambda x: mg.softmax(x).sum(), np.floor, lambda x: 0 * x, lambda x: x[:0]]
)
def test_a_vacuous_check(f):
    report = gradcheck(f, X)
    assert any("the check is vacuous" in note for note in report.warnings)


def test_GCK_13_a_tiny_op():
    report = gradcheck(lambda x: 1e-9 * x, X)
    assert "vacuous" in str(report)
    report = gradcheck(lambda x: 1e-9 * x, X, atol=1e-5)
    assert "the check is vacuous: no slope is larger than what atol=1e-05 hides" in str(report)
    assert not any("vacuous" in note for note in gradcheck(np.exp, X).warnings)


def test_float32_inside_is_noted():
    report = gradcheck(lambda x: np.exp(x.astype(np.float32)), X)
    assert any("float32?" in note for note in report.warnings)


# --- Tolerances -------------------------------------------------------------------------------


def test_tolerances_are_those_of_pytorch():
    @mg.primitive(x=lambda g, y, x: g * (1 + 1e-4))
    def same(x):
        return 1.0 * x

    x = np.ones((5, 5))
    failing(same, x)
    assert gradcheck(same, x, atol=1.01e-4, rtol=0)
    assert gradcheck(same, x, atol=0, rtol=1.01e-4)
    failing(same, x, atol=0.99e-4, rtol=0)
    failing(same, x, atol=0, rtol=0.99e-4)
    assert gradcheck(same, x, atol=0)  # rtol is 1e-3 then
    failing(same, x, rtol=0)  # atol is 1e-5 then
    assert gradcheck(same, x, eps=1e-6, atol=1e-5, rtol=1e-3)


def test_tolerances_judge_every_entry_of_the_jacobian():
    @mg.primitive(x=lambda g, y, x: np.full(1, g.sum() * (1 + 1e-5)))
    def copied(x):
        return x * np.ones(1000)

    assert gradcheck(copied, np.ones(1), atol=1.1e-5, rtol=0)
    report = failing(copied, np.ones(1), atol=0.9e-5, rtol=0)
    assert report.worst == pytest.approx(1e-5, rel=1e-3)


def test_eps_is_used():
    seen = []

    def f(x):
        seen.append(x.data.item())
        return x**2

    gradcheck(f, np.array([0.5]), eps=0.25)
    assert set(seen) == {0.0, 0.25, 0.5, 0.75, 1.0}


# --- Modules, Values, formulas ----------------------------------------------------------------


def small_net():
    return nn.Sequential(
        nn.Conv2d(1, 2, 3, rng=1),
        nn.BatchNorm2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8, 3, rng=2),
    )


IMAGES = RNG.normal(size=(4, 1, 4, 4)).astype(np.float32)


def state(module):
    return {
        name: (tensor, tensor.data, tensor.data.tobytes(), tensor.order, tensor.grad)
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]
    }


@pytest.mark.parametrize("fast_mode", [False, True])
def test_a_module_as_function(fast_mode):
    net = small_net()
    before = state(net)
    report = gradcheck(net, IMAGES, fast_mode=fast_mode)
    assert [row.label for row in report.rows] == [
        "input 0",
        *(f"parameter {name}" for name, _ in net.named_parameters()),
    ]
    after = state(net)
    assert all(a is b for name in before for a, b in zip(before[name][:2], after[name][:2]))
    assert [v[2:] for v in before.values()] == [v[2:] for v in after.values()]


def test_a_module_as_input():
    net, labels = small_net(), np.array([0, 2, 1, 1])
    for func in (
        lambda module: mg.cross_entropy(module(IMAGES), labels),
        lambda: mg.cross_entropy(net(IMAGES), labels),
    ):
        report = gradcheck(func, net)
        assert {row.label for row in report.rows} == {
            f"parameter {name}" for name, _ in net.named_parameters()
        }


def test_a_module_comes_back_when_its_function_raises():
    net = small_net()
    before = state(net)

    def boom(module):
        module(IMAGES)
        raise OSError

    with pytest.raises(OSError):
        gradcheck(boom, net)
    assert state(net) == before


def test_an_old_graph_of_a_module_can_still_be_used():
    layer = nn.Linear(3, 2, rng=0)
    loss = layer(X[:, :3]).sum()
    gradcheck(layer, X[:, :3])
    loss.backward()
    assert layer.weight.grad is not None


def test_frozen_parameters_are_left_alone():
    layer = nn.Linear(3, 2, rng=0)
    layer.bias.requires_grad = False
    report = gradcheck(layer, X[:, :3])
    assert [row.label for row in report.rows] == ["input 0", "parameter weight"]


def test_dropout_in_training_is_random():
    assert kinds(failing(nn.Dropout(0.5), X)) == {"not deterministic"}
    assert gradcheck(nn.Dropout(0.5).eval(), X)


def test_values():
    a, b = mg.Value(2.0), mg.Value(-3.0)
    a.grad = 5.0
    c = mg.Value(0.5)
    report = gradcheck(lambda a, b: (a * b + c.sin()).tanh() * a, (a, b))
    assert [row.verdict for row in report.rows] == ["ok", "ok"]
    assert (a.grad, b.grad, c.grad) == (5.0, 0.0, 0.0)
    assert [kink.picked for kink in gradcheck(lambda v: v.relu() * 2, mg.Value(0.0)).kinks] == [0]


def test_wrong_values():
    def careless(a):
        y = a * a
        y.da = 0.0
        return y

    (failure,) = failing(careless, mg.Value(1.5)).failures
    assert failure.ratio == pytest.approx(0.5)
    with pytest.raises(TypeError, match="must return Values, got float"):
        gradcheck(lambda a: a.data, mg.Value(1.5))


def test_a_gradient_written_by_hand():
    def rosenbrock(x, y):
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

    def slopes(x, y):
        return -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)

    assert gradcheck(rosenbrock, (0.3, -0.7), gradient=slopes)
    report = failing(rosenbrock, (0.3, -0.7), gradient=lambda x, y: (slopes(x, y)[0], 200.0))
    assert {failure.input for failure in report.failures} == {1}
    assert gradcheck(lambda x: np.sum(x**3), X, gradient=lambda x: 3 * x**2)


def test_a_backward_written_by_hand():
    def layer(x, w):
        return np.tanh(x @ w)

    def backward(x, w, g):
        slope = g * (1 - layer(x, w) ** 2)
        return slope @ w.T, x.T @ slope

    x, w = np.sin(np.arange(6.0)).reshape(2, 3), np.cos(np.arange(12.0)).reshape(3, 4)
    for fast_mode in (False, True):
        assert gradcheck(layer, (x, w), gradient=backward, fast_mode=fast_mode)
    forgotten = failing(layer, (x, w), gradient=lambda x, w, g: (backward(x, w, g)[0], x.T @ g))
    assert {failure.input for failure in forgotten.failures} == {1}
    blind = failing(layer, (x, w), gradient=lambda x, w, g: backward(x, w, np.ones_like(g)))
    assert {failure.pattern for failure in blind.failures} == {
        "not linear in the upstream gradient"
    }


def test_a_gradient_of_the_wrong_shape():
    with pytest.raises(ValueError, match=r"gradient returned shapes \[\(\)\]"):
        gradcheck(np.sum, X, gradient=lambda x: 1.0)
    with pytest.raises(ValueError, match=r"gradient returned shapes \[\(\)\]"):
        gradcheck(np.exp, X, gradient=lambda x, g: 1.0)


# --- Second derivatives -----------------------------------------------------------------------


def test_second_derivatives():
    report = gradgradcheck(lambda x, w: np.tanh(x @ w.T), (X, W))
    assert [row.label for row in report.rows] == ["input 0", "input 1", "grad_output 0"]
    assert report.worst < 1e-8
    assert gradgradcheck(np.sin, X, grad_outputs=X + 1)
    assert gradgradcheck(np.floor, X)
    assert gradgradcheck(nn.Linear(4, 2, rng=0), X)


def test_cotangents_of_the_wrong_shape():
    with pytest.raises(ValueError, match="grad_outputs have shapes"):
        gradgradcheck(np.sin, X, grad_outputs=B)


def test_outputs_in_nested_tuples_and_dicts_are_checked_too():
    def right(x):
        return x * 2, (x.exp(), {"last": x.sin()})

    def cut(x):
        return x * 2, (x.exp(), {"last": mg.Tensor(np.sin(x.data))})

    assert mg.gradcheck(right, np.array([0.5, 1.0]))
    with pytest.raises(mg.GradcheckError, match="output 2 depends on the inputs but is not"):
        mg.gradcheck(cut, np.array([0.5, 1.0]))
