"""check_graph: which op is wrong, whether the whole is wrong, or that all is well."""

import re

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.check import check_graph

RNG = np.random.default_rng(5)
IMAGES = RNG.normal(size=(3, 1, 6, 6)).astype(np.float32)
LABELS = np.array([0, 2, 1])


@mg.primitive(x=lambda g, y, x: g * (1 + y * y))
def wrong_tanh(x):
    """tanh with a wrong sign in its rule"""
    return np.tanh(x)


class WrongTanh(nn.Module):
    def forward(self, x):
        return wrong_tanh(x)


def network(activation):
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, rng=0),
        nn.BatchNorm2d(3),
        activation,
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(12, 3, rng=1),
    )


def kinds(report):
    return {failure.kind for failure in report.failures}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_right_network(dtype):
    net = network(nn.Tanh()).astype(dtype)
    report = check_graph(mg.cross_entropy(net(IMAGES.astype(dtype)), LABELS))
    assert report
    assert report.worst < 1e-7
    labels = [row.label for row in report.rows]
    assert {"conv2d", "batch_norm", "max_pool2d", "linear", "cross_entropy"} < set(labels)
    assert {f"leaf {name}" for name, _ in net.named_parameters()} < set(labels)
    assert str(report).startswith("check_graph: ok, worst error")


def test_the_guilty_op_is_named():
    loss = mg.cross_entropy(network(WrongTanh())(IMAGES), LABELS)
    report = check_graph(loss)
    assert not report
    assert kinds(report) == {"wrong rule"}
    assert {failure.place.node.op.name for failure in report.failures} == {"wrong_tanh"}
    failure = report.failures[0]
    assert (failure.name, failure.place.node.path) == ("input x", "2")
    assert failure.place.node.inputs[0].shape == (3, 3, 4, 4)
    assert len(failure.index) == 4
    assert "wrong_tanh (node" in str(report)
    assert "in 2), input x: " in str(report)


def test_the_line_that_called_the_guilty_op():
    net = network(WrongTanh())
    report = check_graph(lambda: mg.cross_entropy(net(IMAGES), LABELS))
    (blame,) = report.blame
    assert blame.startswith("the op to blame: wrong_tanh in 2, ")
    assert re.search(r"test_check_graph\.py:\d+: return wrong_tanh\(x\)$", blame)
    assert str(report).splitlines()[1] == blame
    assert not any("lines that called" in note for note in report.warnings)


def test_a_graph_without_lines_says_how_to_get_them():
    loss = mg.cross_entropy(network(WrongTanh())(IMAGES), LABELS)
    report = check_graph(loss)
    assert report.blame == ["the op to blame: wrong_tanh in 2"]
    assert "check_graph(lambda: ...)" in report.warnings[-1]
    right = check_graph(mg.cross_entropy(network(nn.Tanh())(IMAGES), LABELS))
    assert right.blame == [] and "lambda" not in str(right)


def test_each_guilty_op_is_named_once():
    x = mg.Tensor([0.3, -0.5], True)

    def twice():
        y = x
        for _ in range(3):
            y = wrong_tanh(y)
        return wrong_tanh(y).sum()

    blame = check_graph(twice).blame
    assert [line.rpartition(": ")[2] for line in blame] == [
        "y = wrong_tanh(y)",
        "return wrong_tanh(y).sum()",
    ]


def test_lines_of_values():
    def made():
        a = mg.Value(2.0, label="a")
        y = a * 3
        y.da = 4.0
        return y.exp()

    assert check_graph(made).blame[0].endswith("y = a * 3")
    assert mg.value.node.__name__ == "node"  # as it was


def test_slot_and_leaf_of_what_is_found():
    @mg.primitive(a=lambda g, y, a, b: g * b, b=lambda g, y, a, b: 2 * g * a)
    def product(a, b):
        return a * b

    constant, x = mg.Tensor([1.0, 2.0]), mg.Tensor([3.0, 4.0], True)
    report = check_graph(product(constant, x).sum())
    assert {failure.input for failure in report.failures} == {1}
    assert report.failures[0].place.node.inputs[1] is x
    leaf = check_graph((constant * x).exp().sum()).rows[-1]
    assert (leaf.label, leaf.at.node is x) == ("leaf 0", True)


def test_one_wrong_input_of_several():
    @mg.primitive(a=lambda g, y, a, b: g * b, b=lambda g, y, a, b: g * b)
    def product(a, b):
        return a * b

    a, b = mg.Tensor([1.0, 2.0], True), mg.Tensor([3.0, 4.0], True)
    report = check_graph((product(a, b) * a).sum())
    assert {(f.name, f.index) for f in report.failures} == {("input b", (0,)), ("input b", (1,))}


def test_one_entry_of_many():
    weights = np.ones(900)
    weights[123] = 1.01

    @mg.primitive(x=lambda g, y, x: g * weights)
    def op(x):
        return 1.0 * x

    x = mg.Tensor(RNG.normal(size=900), True)
    (failure,) = check_graph(op(x).sum()).failures
    assert failure.index == (123,)


def test_data_that_was_changed_after_recording():
    x = mg.Tensor([1.0, 2.0, 3.0], True, name="x")
    hidden = x * 2
    loss = hidden.tanh().sum()
    hidden.data[0] = 0.0
    report = check_graph(loss)
    assert kinds(report) == {"changed after recording"}
    assert [f.place.node.op.name for f in report.failures] == ["multiply", "tanh"]
    assert "multiply (node 2): what was recorded is not what the op makes of its" in str(report)
    assert "(off by 2)" in str(report)


def test_a_leaf_that_was_changed_after_recording():
    x = mg.Tensor([1.0, 2.0, 3.0], True, name="x")
    loss = x.exp().sum()
    x.data[0] = 0.0
    report = check_graph(loss)
    assert kinds(report) == {"changed after recording"}
    assert "that of an input (x), was changed" in str(report)


def test_right_rules_and_a_wrong_whole():
    x = mg.Tensor([1.0, 2.0, 3.0], True, name="x")
    hidden = x * 2
    hidden.register_hook(lambda g: 3 * g)
    report = check_graph(hidden.tanh().sum())
    assert kinds(report) == {"wrong whole"}
    assert "every rule is right, but at leaf x the graph gives another gradient" in str(report)


def test_nothing_is_changed():
    x = mg.Tensor([1.0, 2.0, 3.0], True, dtype=np.float32)
    y = (x * x).sum()
    order, data = x.order, x.data
    check_graph(y)
    assert (x.grad, x.order, x.data is data) == (None, order, True)
    y.backward()
    assert x.grad.tolist() == [2, 4, 6]


def test_kinks_on_the_way():
    x = mg.Tensor([1.0, 0.0, -3.0], True)
    report = check_graph((mg.relu(x) * 2).sum())
    assert report
    assert (0.0, 1.0, 0.0) in {(kink.left, kink.right, kink.picked) for kink in report.kinks}


def test_shared_and_constant_inputs_and_many_ops():
    x, w = mg.Tensor(RNG.normal(size=(2, 3)), True), mg.Tensor(RNG.normal(size=3), True)
    y = mg.concatenate([x * w, x + 1, x[[0, 0]]], axis=0)
    y = mg.where(y.data > 0, y, np.exp(y)) / (1 + y * y)
    report = check_graph(mg.einsum("ij,kj->ik", y, x).std(axis=0))
    assert report
    assert report.worst < 1e-7


class Cube(mg.Function):
    """x³, or x³ times a number that is no tensor"""

    @staticmethod
    def forward(ctx, x, factor=1):
        ctx.save_for_backward(x)
        ctx.factor = factor
        return x**3 * factor

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return (g * 3 * x**2 * ctx.factor, None)[: len(ctx.needs_input_grad)]


def test_functions_with_arguments_that_are_no_tensors():
    x = mg.Tensor([1.0, 2.0], True)
    for y in (Cube.apply(x), Cube.apply(x, 2), Cube.apply(x, factor=np.array([2.0, 3.0]))):
        report = check_graph(y.sum())
        assert report and report.worst < 1e-7
        assert [row.label for row in report.rows] == ["Cube", "sum", "leaf 0"]


def test_a_wrong_function_between_other_arguments():
    class Scaled(mg.Function):
        @staticmethod
        def forward(ctx, name, a, power, b, *, shift):
            ctx.save_for_backward(a, b)
            ctx.power = power
            return a**power * b + shift

        @staticmethod
        def backward(ctx, g):
            a, b = ctx.saved_tensors
            return None, g * ctx.power * a ** (ctx.power - 1) * b, None, 2 * g * a**ctx.power

    a, b = mg.Tensor([1.0, 2.0]), mg.Tensor([3.0, 4.0], True)
    report = check_graph(lambda: Scaled.apply("name", a, 3, b, shift=1.0).sum())
    assert {(f.name, f.input, f.ratio.__round__(6)) for f in report.failures} == {
        ("input inputs[1]", 1, 2.0)
    }
    assert check_graph(Scaled.apply("name", mg.Tensor([1.0, 2.0], True), 3, a, shift=b).sum())


def test_a_function_of_several_outputs():
    class Both(mg.Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.save_for_backward(a, b)
            return a * b, a.sum()

        @staticmethod
        def backward(ctx, g, h):
            a, b = ctx.saved_tensors
            return g * b + h, g * a * (1 + 1e-4)

    a, b = mg.Tensor([1.0, 2.0], True), mg.Tensor([3.0, 4.0], True)
    first, second = Both.apply(a, b)
    report = check_graph((first * second).sum())
    assert {failure.name for failure in report.failures} == {"input inputs[1]"}


def test_values():
    a, b = mg.Value(2.0, label="a"), mg.Value(-0.3)
    y = (a * b + a).tanh() / mg.Value.dot([a, b], [b, 3.0], 1) - mg.Value.sum([a, b, a]) ** b
    y = y + abs(b).log().sin() * (-b).sqrt().softplus().sigmoid().relu() + 2
    report = check_graph(y.exp())
    assert report
    assert report.worst < 1e-7
    assert (a.grad, b.grad) == (0.0, 0.0)


def test_wrong_values():
    a = mg.Value(2.0, label="a")
    y = a * 3
    y.da = 4.0
    (failure,) = check_graph(y.exp()).failures
    assert (failure.kind, failure.place.node is y) == ("wrong rule", True)
    y.da, y.data = 3.0, 7.0
    assert kinds(check_graph(y + 1)) == {"changed after recording"}


def test_what_is_refused():
    x = mg.Tensor([1.0], True)
    for root in ([x], lambda: [x]):
        with pytest.raises(TypeError, match=r"a Tensor or a Value, or a function .* got l"):
            check_graph(root)
    with pytest.raises(RuntimeError, match="nothing was recorded"):
        check_graph(x)
    with mg.no_grad(), pytest.raises(RuntimeError, match="nothing was recorded"):
        check_graph(x * 2)
    y = (x * 2).sum()
    y.backward(retain_graph=False)
    with pytest.raises(RuntimeError, match="freed"):
        check_graph(y)
