import math
from types import SimpleNamespace

import numpy as np
import pytest

from minigrad.graph import Op
from minigrad.ops.activation import softmax
from minigrad.ops.conv import conv2d
from minigrad.ops.elementwise import add
from minigrad.ops.join import getitem
from minigrad.ops.loss import cross_entropy
from minigrad.ops.norm import batch_norm
from minigrad.ops.pool import max_pool2d
from minigrad.ops.products import linear, matmul
from minigrad.ops.recurrent import lstm
from minigrad.ops.reduce import mean, var
from minigrad.ops.reduce import sum as sum_
from minigrad.ops.shape import reshape, swapaxes
from minigrad.tensor import Tensor
from minigrad.value import Value
from minigrad.viz.text import escaped, formula, heading, number, shape, visible


def made(op, params=None, inputs=None):
    """As much of a node as its heading and formula are made of."""
    leaf = SimpleNamespace(op=None, requires_grad=True)
    inputs = [leaf] * (len(op.inputs) if inputs is None else inputs)
    return SimpleNamespace(op=op, params=params or {}, inputs=inputs)


@pytest.mark.parametrize(
    "x, text",
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-0.37994896, "-0.3799"),
        (0.001, "0.001"),
        (0.00099, "9.90e-04"),
        (9999.96, "10000"),
        (12345.6, "12346"),
        (99999.9, "100000"),
        (100000.0, "1.00e+05"),
        (-9e-17, "-9.00e-17"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
        (7, "7"),
        (True, "1"),
        (np.float32(0.5), "0.5"),
        (np.array([[2.5]]), "2.5"),
    ],
)
def test_number(x, text):
    assert number(x) == text


def test_visible_keeps_ordinary_text():
    text = 'a"b \\N é漢 <b> &amp; {|}'
    assert visible(text) == text


def test_visible_replaces_what_markup_forbids():
    assert visible("a\0b\ac\ud800d\ufffee\x85") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"
    assert visible("one\r\ntwo\nthree") == "one¶two¶three"


def test_visible_cuts():
    assert visible("x" * 20_000) == "x" * 23 + "…"
    assert visible("x" * 24) == "x" * 24


def test_escaped():
    assert escaped('<"a" & \\N>') == "&lt;&quot;a&quot; &amp; \\\\N&gt;"


def test_heading_tells_parameters_that_say_something():
    given = {"axis": (0, 1), "keepdims": False, "eps": 1e-5, "index": np.arange(3)}
    assert heading(made(add.op, given)) == "+ axis (0, 1), eps 1.00e-05"
    assert heading(made(add.op)) == "+"


def test_heading_leaves_out_what_is_the_default():
    op = Op("pool", lambda x, kernel=2, stride=1: x, ["x"])
    assert heading(made(op, {"kernel": 3, "stride": 1})) == "pool kernel 3"


def test_shape():
    assert shape((np.int64(2), 3)) == "(2, 3)"
    assert len(shape(tuple(range(100, 140)))) == 40


@pytest.mark.parametrize(
    "op, params, said",
    [
        (max_pool2d, {"kernel_size": 2}, "maxpool 2×2"),
        (max_pool2d, {"kernel_size": (3, 2), "stride": (3, 2)}, "maxpool 3×2"),
        (max_pool2d, {"kernel_size": 3, "stride": 2}, "maxpool 3×3 stride 2"),
        (max_pool2d, {"kernel_size": 3, "padding": (1, 1)}, "maxpool 3×3 padding 1"),
        (conv2d, {"stride": (1, 1), "padding": (1, 1), "dilation": 1}, "conv2d padding 1"),
        (conv2d, {"stride": (1, 2), "padding": "same"}, "conv2d stride (1, 2), padding same"),
        (sum_, {"axis": 0, "keepdims": False}, "Σ axis 0"),
        (reshape, {"shape": (2, 2)}, "reshape"),
        (mean, {"axis": (0,), "keepdims": True}, "mean axis 0"),
        (swapaxes, {"axis1": 1, "axis2": -2}, "swapaxes 1, -2"),
        (getitem, {"index": (slice(None), slice(4, 8))}, "[:, 4:8]"),
        (getitem, {"index": (..., None, np.int64(2), slice(None, None, -1))}, "[…, None, 2, ::-1]"),
        (getitem, {"index": np.arange(50)}, "[…]"),
    ],
)  # fmt: skip
def test_headings_are_what_one_writes_on_a_board(op, params, said):
    assert heading(made(op.op, params)) == said


@pytest.mark.parametrize(
    "op, said",
    [
        (add, "y = a + b"),
        (mean, "y = (1/n) Σ xᵢ"),
        (softmax, "yᵢ = exp xᵢ / Σⱼ exp xⱼ along axis"),
        (lstm, "c_t = σ(f) c_{t−1} + σ(i) tanh(g), h_t = σ(o) tanh(c_t)"),
        (cross_entropy, "−mean log softmax(x)[target]"),
        (reshape, ""),
        (matmul, ""),
        (linear, ""),
        (getitem, ""),
    ],
)
def test_formulas_are_no_prose_and_no_repetition_of_the_symbol(op, said):
    assert formula(made(op.op)) == said


@pytest.mark.parametrize(
    "op, params, inputs, said",
    [
        (conv2d, {}, 2, "O = X * F"),
        (conv2d, {}, 3, "O = X * F + b"),
        (mean, {"axis": 0}, 1, "y = (1/n) Σ xᵢ over axis"),
        (sum_, {"axis": None}, 1, "y = Σ xᵢ"),
        (var, {"axis": 0}, 1, "y = (1/n) Σ (xᵢ − μ)² over axis"),
        (var, {"ddof": 1}, 1, "y = (1/(n − 1)) Σ (xᵢ − μ)²"),
        (batch_norm, {}, 1, "(x − μ) / √(σ² + ε)"),
        (batch_norm, {}, 2, "γ (x − μ) / √(σ² + ε)"),
        (batch_norm, {"eps_mode": "std"}, 3, "γ (x − μ) / (σ + ε) + β"),
    ],
)
def test_formulas_say_what_was_computed(op, params, inputs, said):
    assert formula(made(op.op, params, inputs)) == said


def test_a_linear_layer_without_bias():
    assert heading(made(linear.op, inputs=2)) == "x Wᵀ"


@pytest.mark.parametrize(("c", "said"), [(2, "( )²"), (3.0, "( )³"), (0.5, "( )^0.5")])
def test_a_constant_exponent_stands_in_the_heading(c, said):
    for x in (Value(4.0), Tensor(4.0, requires_grad=True), Tensor([4.0], requires_grad=True)):
        assert heading(x**c) == said


def test_an_exponent_that_is_more_than_a_constant_stands_apart():
    x, b = Value(2.0), Value(3.0, label="b")
    assert heading(x**b) == heading(x**x) == heading(2**x) == "xʸ"
