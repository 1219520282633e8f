"""The formulas in captions say what the ops compute: each is read as a program and run."""

import math
import re

import numpy as np
import pytest
from pictured import parameter

import minigrad as mg
from minigrad.value import OPS, Value
from minigrad.viz.aside import local_derivatives
from minigrad.viz.formulas import WRITTEN, op_of, share_of, shortened, slope_of, tight, tight_sum

A, B = 1.7, -0.6
NAMES = {
    "exp": math.exp,
    "ln": math.log,
    "root": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "sigma": lambda x: 1 / (1 + math.exp(-x)),
    "sign": lambda x: math.copysign(1.0, x),
    "max": max,
    "abs": abs,
}
SPELLED = [
    (r"tanh² (\w+)", r"tanh(\1)**2"),
    (r"√(\w+)", r"root(\1)"),
    (r"\|(\w+)\|", r"abs(\1)"),
    ("σ", "sigma"),
    ("·", "*"),
    ("−", "-"),
    (r"\^", "**"),
    ("²", "**2"),
]


def computed(text: str, **values: float) -> float:
    """What a formula is, with these values for its letters."""
    for sign, code in SPELLED:
        text = re.sub(sign, code, text)
    return eval(text, {"__builtins__": {}}, NAMES | values)


def results() -> dict[str, Value]:
    """One Value for each op of Values, from a = 1.7 and b = −0.6."""
    a, b = Value(A, "a"), Value(B, "b")
    made = [a + b, a - b, a * b, a / b, a**b, -a, abs(a), a.exp(), a.log(), a.sqrt(), a.sin()]
    made += [a.cos(), a.tanh(), a.sigmoid(), a.relu(), a.softplus()]
    made += [Value.sum([a, b, a]), Value.dot([a, b], [b, a], a)]
    return {y.op.name: y for y in made}


def test_every_op_of_values_has_its_formula():
    assert set(results()) == {op.name for op in OPS.values()}


@pytest.mark.parametrize("name", sorted(results()))
def test_formulas_of_values(name):
    y = results()[name]
    names = [x.label for x in y.inputs]
    assert computed(op_of(y, names), a=A, b=B) == pytest.approx(y.data)
    for i, slope in enumerate(local_derivatives(y)):
        text = slope_of(y, i, names, "y")
        assert computed(text, a=A, b=B, y=y.data) == pytest.approx(slope)


@pytest.mark.parametrize(
    "y", [mg.square(parameter(A, "a")), mg.reciprocal(parameter(A, "a"))], ids=["square", "1/x"]
)
def test_formulas_of_tensors_alone(y):
    assert computed(op_of(y, ["a"]), a=A) == pytest.approx(y.item())
    assert computed(slope_of(y, 0, ["a"], "y"), a=A) == pytest.approx(
        local_derivatives(y)[0].item()
    )


def test_slopes_at_a_kink_and_below():
    for x, slope in ((-2.0, 0.0), (3.0, 1.0)):
        y = Value(x, "a").relu()
        assert computed(slope_of(y, 0, ["a"], "y"), a=x) == slope == local_derivatives(y)[0]


def matrices():
    rng = np.random.default_rng(0)
    x, w, b = (
        parameter(rng.normal(size=n), name) for n, name in (((4, 3), "a"), ((2, 3), "b"), (2, "c"))
    )
    return x, w, b, rng.normal(size=(4, 2))


@pytest.mark.parametrize("kind", ["matmul", "linear"])
def test_shares_of_matrix_products(kind):
    x, w, b, g = matrices()
    y = x @ w.T if kind == "matmul" else mg.linear(x, w, b)
    inputs = list(y.inputs)
    for i, found in enumerate(y.op.shares(y, g, False, None)):
        text = share_of(y, i, ["a", "b", "c"][: len(inputs)], "y", "g")
        values = {name: node.data for name, node in zip("abc", inputs)}
        if text.startswith("Σ rows of "):
            expected = values | {"g": g}
            expected = expected[text.removeprefix("Σ rows of ")].sum(axis=0)
        else:
            expected = eval(text.replace("ᵀ", ".T"), {}, values | {"g": g})
        np.testing.assert_allclose(found, expected)


def test_an_op_called_like_a_known_one_but_with_other_inputs_is_written_as_a_call():
    @mg.primitive(a=lambda g, y, a, b, c: g, b=lambda g, y, a, b, c: g, c=lambda g, y, a, b, c: g)
    def multiply(a, b, c):
        return a + b + c

    y = multiply(parameter(1.0, "a"), parameter(2.0, "b"), parameter(3.0, "c"))
    assert op_of(y, ["a", "b", "c"]) == "multiply(a, b, c)"
    assert slope_of(y, 0, ["a", "b", "c"], "y") == ""


def test_an_op_with_parameters_is_written_as_a_call():
    y = mg.softplus(parameter(1.0, "a"), beta=2.0)
    assert op_of(y, ["a"]) == "softplus(a)"
    assert slope_of(y, 0, ["a"], "y") == ""


def test_negative_numbers_stand_in_brackets_where_they_must():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    assert op_of(a * b, ["2", "-3"]) == "2 · (-3)"
    assert op_of(b**a, ["-3", "2"]) == "(-3)^2"
    assert op_of(a + b, ["2", "-3"]) == "2 + (-3)"
    assert op_of(b.tanh(), ["-3"]) == "tanh(-3)"
    assert [tight("x"), tight("-x"), tight("a b")] == ["x", "(-x)", "(a b)"]
    assert [tight_sum("a · b"), tight_sum("-1 × 2")] == ["a · b", "(-1 × 2)"]


def test_long_sums_are_cut_and_counted():
    many = [Value(1.0, f"x{i}") for i in range(10)]
    y = Value.sum(many)
    assert op_of(y, [x.label for x in many]) == "x0 + x1 + x2 + x3 + x4 + x5 + … (4 more)"
    assert shortened(["a", "b"], ", ") == "a, b"


def test_templates_use_letters_of_their_inputs_only():
    for name, written in WRITTEN.items():
        count = len(written.slopes or written.shares)
        letters = set(
            re.findall(r"\{(\w)", "".join([written.op, *written.slopes, *written.shares]))
        )
        assert letters <= set("abc"[:count]) | {"y", "g"}, name
