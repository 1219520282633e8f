"""gradcheck of composite functions: the op that is to blame, its line, its module."""

import re

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.check import GradcheckError, gradcheck, gradgradcheck

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.2, -0.3]])


@mg.primitive(x=lambda g, y, x: 2 * g * (1 - y * y))
def doubled_tanh(x):
    return np.tanh(x)


class Head(nn.Module):
    def forward(self, x):
        return doubled_tanh(x)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.scores, self.head = nn.Linear(3, 2, rng=0), Head()

    def forward(self, x):
        return self.head(self.scores(x))


def failed(func, inputs, check=gradcheck, **options):
    return check(func, inputs, raise_exception=False, **options)


def test_the_op_is_named_with_its_line():
    def loss(x):
        hidden = doubled_tanh(x * 3)
        return (hidden * hidden).sum()

    report = failed(loss, X)
    blame, advice = report.blame
    assert re.fullmatch(
        r"the op to blame: doubled_tanh, .*test_blame\.py:\d+: hidden = doubled_tanh\(x \* 3\)",
        blame,
    )
    assert advice.startswith("doubled_tanh, its rule for x: ") and "2.000" in advice
    assert str(report).splitlines()[1:3] == [blame, advice]
    with pytest.raises(GradcheckError, match="the op to blame: doubled_tanh, "):
        gradcheck(loss, X)


def test_the_module_is_named():
    net = nn.Sequential(nn.Linear(3, 3, rng=1), Attention())
    before = [p.data.copy() for p in net.parameters()]
    report = failed(lambda: net(X.astype(np.float32)).square().mean(), net)
    assert "doubled_tanh in 1.head, " in report.blame[0]
    assert "return doubled_tanh(x)" in report.blame[0]
    assert all(p.data.dtype == np.float32 for p in net.parameters())
    assert all((p.data == old).all() for p, old in zip(net.parameters(), before))


@pytest.mark.parametrize("options", [{"fast_mode": True}, {"atol": 1e-6}])
def test_in_every_mode(options):
    report = failed(lambda x: doubled_tanh(x).exp().sum(), X, **options)
    assert "doubled_tanh" in report.blame[0]


def test_right_rules_are_said_to_be_right():
    def cut(x):
        return (x * x.detach()).sum()

    report = failed(cut, X)
    assert not report
    assert report.blame[0].startswith("every op's rule is right where it stands")


def test_an_op_alone_needs_no_blame():
    assert failed(doubled_tanh, X).blame == []
    assert "doubled_tanh, " in failed(lambda x: doubled_tanh(x), X).blame[0]


def test_nothing_is_blamed_when_all_is_well_or_nothing_was_compared():
    assert gradcheck(lambda x: mg.tanh(x).sum(), X).blame == []
    rng = np.random.default_rng(0)
    assert failed(lambda x: (x * rng.normal()).sum(), X).blame == []


def test_second_derivatives():
    @mg.primitive(x=lambda g, y, x: g * doubled_tanh(x))
    def op(x):
        return np.log(np.cosh(x))

    report = failed(lambda x: op(x).sum(), X, check=gradgradcheck)
    assert "doubled_tanh, " in report.blame[0]
    assert "def op" not in report.blame[0] and "test_blame.py" in report.blame[0]


def test_values():
    def f(a):
        y = a * 3
        y.da = 4.0
        return y.exp()

    report = failed(f, mg.Value(0.5))
    assert report.blame[0].endswith("y = a * 3")


def test_several_outputs():
    report = failed(lambda x: (x * 2, doubled_tanh(x) + 1, mg.exp(x).sum()), X)
    assert "doubled_tanh" in report.blame[0]


def test_a_function_that_fails_when_called_again_keeps_its_report():
    calls = []

    def func(x):
        calls.append(x)
        if len(calls) > count:
            raise KeyError("no more")
        return doubled_tanh(x).sum()

    count = 10**9
    failed(func, X)
    count, calls = len(calls) - 1, []
    report = failed(func, X)
    assert not report and report.blame == []
    assert report.warnings[-1] == "the ops could not be checked one by one: KeyError: 'no more'"


def test_very_long_functions_are_not_looked_at_op_by_op(monkeypatch):
    monkeypatch.setattr("minigrad.check.blame.LONGEST", 3)
    report = failed(lambda x: (doubled_tanh(x) * 2 + 1).exp().sum(), X)
    assert report.blame[0].startswith("the function has 5 ops, more than")


def test_plain_functions_with_a_gradient_have_no_ops():
    report = failed(lambda x: (x**2).sum(), X, gradient=lambda x: 3 * x)
    assert not report and report.blame == []


def test_the_call_leaves_no_trace():
    weight = mg.Tensor(X, True)
    weight.grad = np.ones_like(X)
    order = weight.order
    failed(lambda x: (doubled_tanh(x) * weight).sum(), X)
    assert (weight.grad.data == 1).all() and weight.order == order
    assert mg.graph.observers == []
