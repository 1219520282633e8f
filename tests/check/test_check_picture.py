"""Report.draw: the guilty op and parameter are marked, the others say how well they did."""

import re
import weakref
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.check import check_graph, gradcheck, gradgradcheck
from minigrad.viz.theme import LIGHT

RNG = np.random.default_rng(2)
X = RNG.normal(size=(5, 6))


@mg.primitive(
    x=lambda g, y, x, gamma: g * gamma,
    gamma=lambda g, y, x, gamma: 2 * g * x,
)
def scaled(x, gamma):
    """x γ"""
    return x * gamma


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(np.linspace(0.5, 1.5, 20))

    def forward(self, x):
        return scaled(x, self.gamma)


def network(*middle):
    return nn.Sequential(nn.Linear(6, 20, rng=0), *middle, nn.Linear(20, 4, rng=1))


def loss(net):
    return lambda: net(mg.Tensor(X.astype(np.float32), name="X")).square().mean()


def boxes(drawing):
    """The texts of each box and edge, by the op or name that it begins with."""
    found = {}
    for group in ElementTree.fromstring(drawing.svg()).iter("{http://www.w3.org/2000/svg}g"):
        if re.fullmatch(r"mg-n[\d-]+", group.get("id", "")):
            texts = ["".join(t.itertext()).replace("\xa0", " ") for t in group if "text" in t.tag]
            texts = texts or ["".join(t.itertext()).replace("\xa0", " ") for t in group.iter()
                              if t.tag.endswith("}text")]  # fmt: skip
            if texts:
                found.setdefault(texts[0], []).append(texts[1:])
    return found


def failing(source):
    """How many boxes have the border of a failure."""
    return len(re.findall(rf'^.*\[.*color="{LIGHT.failure}".*penwidth=3', source, re.MULTILINE))


def test_check_graph_marks_the_op_the_edge_and_the_parameter():
    report = check_graph(loss(network(Scale())))
    drawing = report.draw()
    assert failing(drawing.source) == 2
    found = boxes(drawing)
    (op,), (leaf,), edges = found["scaled"], found["1.gamma"], found["FAIL"]
    assert "FAIL rule for gamma: factor" in op and len(edges) == 1
    worst = max(report.failures, key=lambda failure: failure.error)
    assert f"analytic {worst.analytic:.4g}   at [{worst.index[0]}]" in leaf
    assert f"numeric {worst.numeric:.4g}" in leaf and "FAIL its gradient" in leaf
    assert all("ok, error" in box[-1] for box in found["x Wᵀ + b"])
    assert "check_graph: FAILED (wrong rule)" in drawing.source


def test_an_input_that_is_no_leaf_has_the_numbers_in_the_box_of_the_op():
    @mg.primitive(x=lambda g, y, x: -g)
    def lost(x):
        return 1.0 * x

    x = mg.Tensor(X, True, name="x")
    drawing = check_graph(lost(x.exp()).sum()).draw()
    (op,) = boxes(drawing)["lost"]
    assert "FAIL rule for x: lost sign" in op
    assert [text.split()[0] for text in op[-3:]] == ["analytic", "numeric", "error"]
    assert failing(drawing.source) == 1


def test_a_good_graph_says_ok_everywhere():
    report = check_graph(loss(network(nn.Tanh())))
    drawing = report.draw()
    assert failing(drawing.source) == 0 and "FAIL" not in drawing.source
    errors = re.findall(r"ok, error (\S+?)<", drawing.source)
    assert len(errors) == 5 + 4  # ops, and parameters as rows
    assert f"{report.worst:.1e}" in errors
    assert f"check_graph: ok, worst error {report.worst:.1e}" in drawing.source


def test_a_good_function():
    net = network(nn.Tanh())
    report = gradcheck(loss(net), net)
    drawing = report.draw()
    assert len(re.findall(r"ok, error (\S+?)<", drawing.source)) == 4  # the parameters
    assert "gradcheck of the function: ok, worst error" in drawing.source
    assert all(p.grad is None and p.data.dtype == np.float32 for p in net.parameters())


def test_a_wrong_function_marks_the_parameters_and_the_guilty_op():
    net = network(Scale())
    report = gradcheck(loss(net), net, raise_exception=False)
    found = boxes(report.draw())
    assert "FAIL its gradient" in found["1.gamma"][0]
    assert "FAIL rule for gamma: factor" in found["scaled"][0]
    assert sum("FAIL its gradient" in box for several in found.values() for box in several) == 1
    assert "ok, error" in found["mean"][0][-1]


def test_inputs_have_the_names_of_the_report():
    first = mg.Tensor(X, True, name="first")
    drawing = gradcheck(lambda a, b: (a * b).sum(), (first, X)).draw()
    assert {"first", "input 1"} < set(re.findall(r">([^<>]+)<", drawing.source))
    assert first.grad is None


def test_several_outputs_come_together():
    report = gradcheck(lambda x: (mg.exp(x), x.sum()), X)
    found = boxes(report.draw())
    assert found["outputs"][0][0].endswith("(31,)") and "exp" in found


def test_second_derivatives():
    report = gradgradcheck(lambda x: mg.tanh(x).sum(), X)
    assert "gradgradcheck of the function: ok" in report.draw().source


def test_values():
    def f(a, b):
        y = a * b
        y.da = -y.da
        return (y + a).tanh()

    a, b = mg.Value(0.5, label="a"), mg.Value(2.0)
    report = gradcheck(f, (a, b), raise_exception=False)
    found = boxes(report.draw())
    assert "FAIL rule for 0: lost sign" in found["×"][0] and {"a", "input 1"} <= set(found)
    assert (a.grad, b.grad) == (0.0, 0.0)
    both = gradcheck(lambda a: (a * 2, a.exp()), mg.Value(0.5))
    assert "Σ" in boxes(both.draw())
    assert "FAIL rule for 0" in check_graph(lambda: f(a, b)).draw().source


def test_other_failures_are_named():
    x = mg.Tensor(X, True, name="x")
    hidden = x * 2
    total = hidden.tanh().sum()
    hidden.data[0] = 0.0
    assert "FAIL changed after recording" in check_graph(total).draw().source
    y = x * 2
    y.register_hook(lambda g: 3 * g)
    assert "FAIL wrong whole" in boxes(check_graph(y.tanh().sum()).draw())["x"][0]


def test_kinks_are_counted():
    x = mg.Tensor([0.0, 1.0], True)
    assert "ok, 1 not differentiable, error" in check_graph(mg.relu(x).sum()).draw().source


def test_options_are_those_of_draw():
    report = check_graph(loss(network(nn.Tanh())))
    drawing = report.draw(depth=1, title="Mine", legend=False, theme="dark", values="none")
    assert "Mine" in drawing.source and "rounded:" not in drawing.source
    with pytest.raises(ValueError, match="theme must be one of"):
        report.draw(theme="pink")


def test_in_a_large_graph_the_guilty_op_is_shown():
    def long():
        y = scaled(mg.Tensor(X, True), mg.Tensor(X, True))
        for _ in range(40):
            y = y + 1.0
        return y.sum()

    source = check_graph(long).draw(max_nodes=5).source
    assert "FAIL rule for gamma" in source and "showing 5 of" in source


def test_without_a_graph_there_is_no_picture():
    report = gradcheck(lambda x: (x**2).sum(), X, gradient=lambda x: 2 * x)
    with pytest.raises(RuntimeError, match="there is no graph to draw"):
        report.draw()


def test_a_report_does_not_keep_itself_alive():
    x = mg.Tensor(X, True)
    total = (x * 2).sum()
    report, root = check_graph(total), weakref.ref(total)
    del total
    assert root() is not None
    del report
    assert root() is None
