"""explain: the printed chain rule, its numbers, and what it says of nodes and entries."""

import math
import re

import numpy as np
import pytest

import minigrad as mg
from minigrad import Value, explain
from minigrad.explaining.terms import lengths

X = [[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 1.0, 1.0]]
F = [[1.0, -1.0], [2.0, 0.5]]
T = [[1.0, 0.0], [2.0, 1.0]]


def lecture():
    """The lecture's convolution: X (3, 3), F (2, 2), O (2, 2)."""
    x = mg.Tensor([[X]], requires_grad=True, name="X")
    f = mg.Tensor([[F]], requires_grad=True, name="F")
    o = mg.conv2d(x, f)
    o.name = "O"
    loss = ((o - np.array([[T]])) ** 2).sum()
    loss.name = "L"
    return x, f, loss


def eight_paths():
    """((x²)²)² as products: two ways back through each of three squares."""
    x = Value(1.5, "x")
    y = x
    for _ in range(3):
        y = y * y
    y.label = "y"
    return x, y


# --- What it looks like -------------------------------------------------------------------------


def test_the_lectures_four_terms_for_an_entry_of_the_filter():
    _, f, loss = lecture()
    assert str(explain(f, loss, index=(0, 0, 0, 0))).splitlines() == [
        "∂L/∂F11 = ∂L/∂O11·∂O11/∂F11 + ∂L/∂O12·∂O12/∂F11 + ∂L/∂O21·∂O21/∂F11 + ∂L/∂O22·∂O22/∂F11",
        "        = ∂L/∂O11·X11 + ∂L/∂O12·X12 + ∂L/∂O21·X21 + ∂L/∂O22·X22",
        "        = -3·1 + 11·2 + 3·0 - 1·1",
        "        = -3 + 22 + 0 - 1",
        "        = 18",
    ]


def test_an_input_meets_the_filter_turned():
    x, _, loss = lecture()
    middle = str(explain(x, loss, index=(0, 0, 1, 1)))
    assert "∂L/∂O11·F22 + ∂L/∂O12·F21 + ∂L/∂O21·F12 + ∂L/∂O22·F11" in middle
    corner = str(explain(x, loss, index=(0, 0, 0, 0)))
    assert corner.splitlines()[1].strip() == "= ∂L/∂O11·F11"


def test_numbers_take_all_paths_and_name_what_has_no_name():
    x = Value(2.0, "x")
    y = x * x + 3 * x
    y.label = "y"
    assert str(explain(x, y)).splitlines() == [
        "∂y/∂x = ∂y/∂v1·∂v1/∂x⁽¹⁾ + ∂y/∂v1·∂v1/∂x⁽²⁾ + ∂y/∂v3·∂v3/∂x",
        "      = ∂y/∂v1·x + ∂y/∂v1·x + ∂y/∂v3·3",
        "      = 1·2 + 1·2 + 1·3",
        "      = 2 + 2 + 3",
        "      = 7",
        "where v1 = x × x, v3 = 3 × x",
    ]


def test_a_single_step_is_written_once():
    x = mg.Tensor(3.0, requires_grad=True, name="x")
    y = x.exp()
    y.name = "y"
    assert str(explain(x, y)) == "∂y/∂x = 20.09"


def test_a_long_sum_has_a_line_for_each_term_and_a_long_product_is_cut():
    x = Value(1.1, "x")
    y = x
    for _ in range(12):
        y = 0.5 * y + y * 0.3
    text = str(explain(x, y, max_terms=3))
    assert all(len(line) <= 100 for line in text.splitlines())
    assert "·…·" in text
    assert "(4,093 more, together" in text


def test_latex():
    _, f, loss = lecture()
    latex = explain(f, loss, index=(0, 0, 0, 1)).latex()
    assert latex.startswith(r"\begin{aligned}" + "\n" + r"\frac{\partial L}{\partial F_{12}} &= ")
    assert r"\frac{\partial L}{\partial O_{11}} \cdot X_{12}" in latex
    assert latex.count("{") == latex.count("}")
    assert explain(f, loss, index=(0, 0, 0, 1))._repr_latex_() == f"$\\displaystyle {latex}$"


def test_latex_of_tiny_numbers_and_hostile_names():
    x = Value(1e-9, r"a_b$ \input{x} %&#^~")
    latex = explain(x, x * 2e-9).latex()
    assert r"2.00 \times 10^{-9}" in latex
    assert r"\mathrm{a\_b\$\ \backslash input\{x\}\ \%\&\#\wedge \sim }" in latex


def test_entries_of_long_axes_are_counted_as_in_python():
    w = mg.Tensor(np.ones((3, 12)), requires_grad=True, name="w")
    y = (w * w).sum()
    assert str(explain(w, y, index=(2, 11))).startswith("∂v2/∂w[2, 11] = ∂v2/∂v1[2, 11]·")


def test_a_name_that_ends_in_a_digit_keeps_its_entry_apart():
    w = mg.Tensor([1.0, 2.0], requires_grad=True, name="w1")
    assert str(explain(w, (w * 2).sum(), index=1)).startswith("∂v3/∂w1_2 = ")


# --- The numbers ----------------------------------------------------------------------------------


def test_the_number_of_paths_and_their_sum():
    x, y = eight_paths()
    told = explain(x, y)
    y.backward()
    assert told.count == len(told.terms) == 8
    assert math.isclose(told.total, x.grad)
    assert math.isclose(sum(term.value for term in told.terms), x.grad)


def test_millions_of_millions_of_paths_take_no_time():
    x = Value(0.7, "x")
    y = x
    for _ in range(60):
        y = y * 0.5 + y * y * 0.3
    told = explain(x, y, max_terms=5)
    y.backward()
    assert told.count == 3**60
    assert math.isclose(told.total, x.grad)


def test_the_largest_paths_are_shown():
    x = Value(1.0, "x")
    y = 1 * x + 100 * x + (-50) * x + 10 * x
    told = explain(x, y, max_terms=2)
    assert [term.value for term in told.terms] == [100, -50]
    assert "(2 more, together 11)" in str(told)


@pytest.mark.parametrize("seed", range(5))
def test_the_printed_sum_is_the_gradient(seed):
    rng = np.random.default_rng(seed)
    x = mg.Tensor(rng.normal(size=(2, 3)), requires_grad=True, name="x")
    w = mg.Tensor(rng.normal(size=(3, 2)), requires_grad=True, name="w")
    loss = ((x @ w).softmax(axis=1) * (x[:, :2] + w[:2].T)).sum() + (x * x).mean()
    loss.backward()
    for index in np.ndindex(2, 3):
        told = explain(x, loss, index=index)
        assert math.isclose(told.total, x.grad.data[index], rel_tol=1e-9)
        printed = printed_sum(str(told), len(told.terms))
        assert math.isclose(printed, told.total, rel_tol=0, abs_tol=1e-3 * len(told.terms))


def printed_sum(text, terms):
    """The sum of the products as they are printed: the last sum before the result."""
    sides = re.split(r"(?:^|\n) *[^ =]* ?= ", text.partition("\nwhere")[0])[1:]
    numbers = re.findall(r"([+-]? ?)(\d[\d.e+-]*)", sides[-2].replace("\n", " "))
    assert len(numbers) == terms
    return sum(float(sign.replace(" ", "") + digits) for sign, digits in numbers)


def test_nothing_is_changed():
    x, f, loss = lecture()
    before = x.data.copy(), f.data.copy()
    explain(f, loss, index=(0, 0, 0, 0))
    assert x.grad is None and f.grad is None
    np.testing.assert_array_equal(x.data, before[0])
    np.testing.assert_array_equal(f.data, before[1])


def test_an_entry_that_is_zero_by_chance_counts_and_one_that_is_never_used_does_not():
    x = mg.Tensor([0.0, 2.0], requires_grad=True, name="x")
    w = mg.Tensor([3.0, 4.0], requires_grad=True, name="w")
    told = explain(w, (x * w).sum(), index=0)
    assert [term.value for term in told.terms] == [0.0]
    assert "x1" in str(told)
    dead = mg.Tensor([-1.0, 2.0], requires_grad=True, name="x")
    told = explain(dead, dead.relu().sum(), index=0)
    assert told.count == 0
    assert str(told) == "∂v2/∂x1 = 0"


def test_a_function_that_cannot_be_differentiated_twice():
    class Cube(mg.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return mg.Tensor(x.data**3)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return mg.Tensor(g.data * 3 * x.data**2)

    x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    assert explain(x, Cube.apply(x).sum(), index=1).total == 12.0


def test_a_batch_of_uses_through_several_nodes():
    b = mg.Tensor([0.5, -1.0], requires_grad=True, name="b")
    x = mg.Tensor(np.arange(6.0).reshape(3, 2), name="x")
    loss = ((x + b).tanh() + b * 2).sum()
    told = explain(b, loss, index=0)
    loss.backward()
    assert told.count == 4  # three rows of x, and b itself
    assert math.isclose(told.total, b.grad.data[0])


# --- What it refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "index, error, says",
    [
        (None, ValueError, r"x has shape \(2, 3\): say which entry, for example index=\(0, 0\)"),
        (1, IndexError, r"index=1 is no entry of x, which has shape \(2, 3\): give 2 whole"),
        ((0, 3), IndexError, r"index=\(0, 3\) is out of range for shape \(2, 3\)"),
        ((0, slice(2)), IndexError, "is no entry of x"),
    ],
)
def test_indices(index, error, says):
    x = mg.Tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(error, match=says):
        explain(x, x.sum(), index=index)


@pytest.mark.parametrize("make", [mg.Value, lambda x: mg.Tensor([[x]], requires_grad=True)])
def test_the_root_by_itself(make):
    x = make(2.0)
    for root in (x, x * 3):
        found = explain(root, root)
        name = str(found).split("/")[0]
        assert str(found) == f"{name}/{name} = 1"
        assert (found.terms, found.count, found.total) == ((), 0, 1.0)
        assert found.latex().count("&= 1\n") == 1


def test_other_errors():
    x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    with pytest.raises(ValueError, match=r"root has shape \(2,\), wanted a single number"):
        explain(x, x * 2, index=0)
    with pytest.raises(ValueError, match="root was not made from x"):
        explain(mg.Tensor(1.0, requires_grad=True), x.sum())
    with pytest.raises(ValueError, match="does not require a gradient"):
        constant = mg.Tensor([1.0, 2.0])
        explain(constant, (x * constant).sum(), index=0)
    with pytest.raises(TypeError, match="root must be a Tensor or a Value, got float"):
        explain(x, 3.0)
    with pytest.raises(ValueError, match="max_terms must be 1 or more, got 0"):
        explain(x, x.sum(), index=0, max_terms=0)


def test_leading_ones():
    assert lengths((1, 1, 2, 1)) == (2, 1)


def test_the_derivative_of_a_product_is_its_other_factor():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    y = a * b
    y.label = "y"
    assert str(explain(a, y)).splitlines() == ["∂y/∂a = b", "      = 3"]


def test_latex_says_what_the_unnamed_nodes_are():
    w, v = Value(-0.7, "w"), Value(2.0, "v")
    y = (w * v - 1).tanh() ** 2
    latex = explain(w, y).latex()
    assert latex.splitlines()[-2] == (
        r"&\text{where }v_{2} = w \times v,\; v_{4} = v_{2} - 1,\; v_{5} = \mathrm{tanh}(v_{4})"
    )


def test_of_many_unnamed_nodes_the_first_are_told_and_the_others_counted():
    x = Value(1.0, "x")
    y = x
    for _ in range(20):
        y = y.sin()
    found = explain(x, y)
    assert found.where.endswith("v12 = sin(v11),\n      … (7 more)")
    assert max(map(len, found.where.splitlines())) <= 100
    assert r"\dots\ \text{(7 more)}" in found.latex()
