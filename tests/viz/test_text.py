import math

import numpy as np
import pytest

from minigrad.graph import Op
from minigrad.ops.conv import conv2d
from minigrad.ops.elementwise import add
from minigrad.ops.pool import max_pool2d
from minigrad.ops.reduce import sum as sum_
from minigrad.ops.shape import reshape
from minigrad.viz.text import escaped, heading, number, shape, visible


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
    assert heading(add.op, given) == "+ axis (0, 1), eps 1.00e-05"
    assert heading(add.op, {}) == "+"


def test_heading_leaves_out_what_is_the_default():
    op = Op("pool", lambda x, kernel=2, stride=1: x, ["x"])
    assert heading(op, {"kernel": 3, "stride": 1}) == "pool kernel 3"


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
    ],
)  # fmt: skip
def test_headings_are_what_one_writes_on_a_board(op, params, said):
    assert heading(op.op, params) == said
