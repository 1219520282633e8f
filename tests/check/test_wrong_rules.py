"""A catalogue of wrong rules, each as somebody once wrote it: all of them are caught."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.check import check_graph, gradcheck, gradgradcheck
from minigrad.ops.primitive import array_of

RNG = np.random.default_rng(7)
SQUARE, OTHER = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3))
MATRIX, ROW = RNG.normal(size=(4, 3)), RNG.normal(size=(3,))
POSITIVE, LONG = RNG.uniform(0.5, 2, size=(3, 2)), RNG.normal(size=1000)
ONE_OFF = np.ones(1000)
ONE_OFF[417] = 1.001


def exp_with(rule):
    """exp with a rule of its own."""

    @mg.primitive(x=rule)
    def op(x):
        return np.exp(x)

    return op


def op_of(forward, **rules):
    """An op of one or two inputs with these rules."""
    if len(rules) == 1:

        @mg.primitive(**rules)
        def op(x):
            return forward(x)

    else:

        @mg.primitive(**rules)
        def op(a, b):
            return forward(a, b)

    return op


def keep(x):
    return np.sum(x, axis=-1, keepdims=True)


def overwritten(g, y, x):
    """The gradient of x[[0, 0, 2]] with = in place of +=."""
    share = np.zeros_like(x)
    share[[0, 0, 2]] = g
    return share


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / keep(e)


def batchnorm(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


WRONG = {
    "counted twice": (exp_with(lambda g, y, x: 2 * g * y), MATRIX),
    "0.01 % everywhere": (exp_with(lambda g, y, x: 1.0001 * g * y), MATRIX),
    "0.1 % in one of 1000": (exp_with(lambda g, y, x: g * y * ONE_OFF), LONG),
    "1e-4 added": (exp_with(lambda g, y, x: g * y + 1e-4), MATRIX),
    "lost sign": (exp_with(lambda g, y, x: -g * y), MATRIX),
    "lost sign of a tiny op": (op_of(lambda x: 1e-9 * x, x=lambda g, y, x: -1e-9 * g), MATRIX),
    "zero": (exp_with(lambda g, y, x: 0 * g), MATRIX),
    "upstream gradient forgotten": (exp_with(lambda g, y, x: y), MATRIX),
    "upstream gradient squared": (exp_with(lambda g, y, x: g * g * y), MATRIX),
    "size of the upstream gradient": (exp_with(lambda g, y, x: abs(g) * y), MATRIX),
    "upstream gradient clipped": (exp_with(lambda g, y, x: np.clip(g, -5, 5) * y), MATRIX),
    "input for output": (exp_with(lambda g, y, x: g * x), MATRIX),
    "derivative at the wrong entry": (exp_with(lambda g, y, x: (g * y)[::-1]), MATRIX),
    "one row only": (exp_with(lambda g, y, x: g * y * (np.arange(4) < 3)[:, None]), MATRIX),
    "averaged": (exp_with(lambda g, y, x: np.full_like(x, np.mean(g * y))), MATRIX),
    "tanh of x for y": (op_of(np.tanh, x=lambda g, y, x: g * (1 - x * x)), MATRIX),
    "sqrt without 2": (op_of(np.sqrt, x=lambda g, y, x: g / y), POSITIVE),
    "square counted once": (op_of(lambda x: x * x, x=lambda g, y, x: g * x), MATRIX),
    "abs without sign": (op_of(np.abs, x=lambda g, y, x: g), MATRIX),
    "log2 as log": (op_of(np.log2, x=lambda g, y, x: g / x), POSITIVE),
    "relu of g": (op_of(lambda x: np.maximum(x, 0), x=lambda g, y, x: g * (g > 0)), MATRIX),
    "sum as mean": (op_of(keep, x=lambda g, y, x: g / 3 * np.ones_like(x)), MATRIX),
    "mean as sum": (op_of(lambda x: x.mean(), x=lambda g, y, x: g * np.ones_like(x)), MATRIX),
    "cumsum not reversed": (
        op_of(lambda x: np.cumsum(x, axis=0), x=lambda g, y, x: np.cumsum(g, axis=0)),
        MATRIX,
    ),
    "cumsum along the other axis": (
        op_of(
            lambda x: np.cumsum(x, axis=0),
            x=lambda g, y, x: np.cumsum(g[:, ::-1], axis=1)[:, ::-1],
        ),
        MATRIX,
    ),
    "reshape in another order": (
        op_of(lambda x: x.reshape(3, 4), x=lambda g, y, x: g.reshape(4, 3, order="F")),
        MATRIX,
    ),
    "permuted forward": (
        op_of(lambda x: np.transpose(x, (1, 2, 0)), x=lambda g, y, x: np.transpose(g, (1, 2, 0))),
        RNG.normal(size=(3, 3, 3)),
    ),
    "index overwrites": (op_of(lambda x: x[[0, 0, 2]], x=overwritten), MATRIX),
    "softmax without the sum": (op_of(softmax, x=lambda g, y, x: g * y * (1 - y)), MATRIX),
    "softmax with the sum of g": (op_of(softmax, x=lambda g, y, x: y * (g - keep(g))), MATRIX),
    "batchnorm with constant mean": (
        op_of(batchnorm, x=lambda g, y, x: (g - y * (g * y).mean(axis=0)) / x.std(axis=0)),
        MATRIX,
    ),
    "batchnorm with constant spread": (
        op_of(batchnorm, x=lambda g, y, x: (g - g.mean(axis=0)) / x.std(axis=0)),
        MATRIX,
    ),
    "product with the wrong operand": (
        op_of(np.multiply, a=lambda g, y, a, b: g * a, b=lambda g, y, a, b: g * b),
        (SQUARE, OTHER),
    ),
    "quotient without sign": (
        op_of(np.divide, a=lambda g, y, a, b: g / b, b=lambda g, y, a, b: g * a / (b * b)),
        (POSITIVE, POSITIVE + 1),
    ),
    "power without its exponent": (
        op_of(
            np.power,
            a=lambda g, y, a, b: g * y / a,
            b=lambda g, y, a, b: g * y * np.log(a),
        ),
        (POSITIVE, POSITIVE + 1),
    ),
    "matmul not transposed": (
        op_of(np.matmul, a=lambda g, y, a, b: g @ b, b=lambda g, y, a, b: a @ g),
        (SQUARE, OTHER),
    ),
    "matmul in the wrong order": (
        op_of(np.matmul, a=lambda g, y, a, b: b.T @ g, b=lambda g, y, a, b: g @ a.T),
        (SQUARE, OTHER),
    ),
    "second input right, first not": (
        op_of(np.add, a=lambda g, y, a, b: 0.999 * g, b=lambda g, y, a, b: g),
        (SQUARE, OTHER),
    ),
    "broadcast averaged": (
        op_of(
            np.add, a=lambda g, y, a, b: g, b=lambda g, y, a, b: np.broadcast_to(g.mean(0), b.shape)
        ),
        (MATRIX, ROW),
    ),
}


@pytest.mark.parametrize("fault", WRONG)
@pytest.mark.parametrize("fast_mode", [False, True], ids=["full", "fast"])
def test_a_wrong_rule_is_caught(fault, fast_mode):
    op, inputs = WRONG[fault]
    report = gradcheck(op, inputs, fast_mode=fast_mode, raise_exception=False)
    assert {failure.kind for failure in report.failures} == {"wrong gradient"}


@pytest.mark.parametrize("fault", WRONG)
def test_the_same_under_other_layers(fault):
    op, inputs = WRONG[fault]
    report = gradcheck(lambda *xs: np.sin(op(*xs)).sum(), inputs, raise_exception=False)
    assert {failure.kind for failure in report.failures} == {"wrong gradient"}


@pytest.mark.parametrize("fault", WRONG)
def test_the_graph_names_the_op(fault):
    op, inputs = WRONG[fault]
    leaves = [mg.Tensor(x, True) for x in (inputs if isinstance(inputs, tuple) else (inputs,))]
    report = check_graph(np.sum(np.tanh(op(*[1.5 * x for x in leaves]))))
    assert {failure.kind for failure in report.failures} == {"wrong rule"}
    assert {failure.place.node.op for failure in report.failures} == {op.op}


@pytest.mark.parametrize(
    ("size", "error"), [(0.0001, "1.0e-04"), (0.01, "1.0e-02")], ids=["1e-4", "1e-2"]
)
def test_the_report_states_the_relative_error(size, error):
    op = exp_with(lambda g, y, x: g * y * (1 + size))
    report = gradcheck(op, MATRIX, raise_exception=False)
    assert report.worst == pytest.approx(size, rel=1e-5)
    assert f"12 of 12 entries are wrong, by up to {error}" in str(report)


def test_the_wrong_entry_is_named():
    op, x = WRONG["0.1 % in one of 1000"]
    (failure,) = gradcheck(op, x, raise_exception=False).failures
    assert (failure.input, failure.name, failure.index) == (0, "input 0", (417,))
    assert failure.ratio == pytest.approx(1.001, rel=1e-8)


def test_only_the_wrong_input_fails():
    op, inputs = WRONG["second input right, first not"]
    report = gradcheck(op, inputs, raise_exception=False)
    assert [row.verdict for row in report.rows] == ["9 wrong", "ok"]
    assert {failure.input for failure in report.failures} == {0}


def test_no_accumulation():
    class Twice(mg.Function):
        """x used twice, and only the second use counted."""

        @staticmethod
        def forward(ctx, x, again):
            ctx.save_for_backward(x, again)
            return x * again

        @staticmethod
        def backward(ctx, g):
            _, again = ctx.saved_tensors
            return g * again, None

    report = gradcheck(lambda x: Twice.apply(x, x), MATRIX, raise_exception=False)
    assert {round(failure.ratio, 9) for failure in report.failures} == {0.5}


def test_a_wrong_second_derivative_is_caught():
    @mg.primitive(x=lambda g, y, x: g * np.cos(array_of(x)))
    def sine(x):
        return np.sin(x)

    assert gradcheck(sine, MATRIX)
    report = gradgradcheck(sine, MATRIX, raise_exception=False)
    assert {failure.name for failure in report.failures} == {"input 0"}
