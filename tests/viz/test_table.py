import numpy as np
from pictured import after_backward, chain, fanout, network, parameter

from minigrad.tensor import Tensor
from minigrad.viz import draw, table


def test_one_line_for_each_node():
    f, _ = fanout()
    assert table(f).splitlines() == [
        "x   parameter       2",
        "v1  multiply(x, x)  4",
        "3   constant        3",
        "v3  multiply(3, x)  6",
        "f   add(v1, v3)     10",
    ]


def test_gradients_after_backward():
    lines = table(after_backward(fanout()[0])).splitlines()
    assert lines[0] == "x   parameter       2   grad 7"
    assert lines[-1] == "f   add(v1, v3)     10  grad 1"


def test_tensors_have_shapes_modules_and_statistics():
    text = table(after_backward(network()[0]))
    line = next(line for line in text.splitlines() if line.startswith("v4"))
    assert line.split()[:5] == ["v4", "add(v2,", "fc1.bias)", "fc1", "(6,"]
    assert " mean " in line
    assert " grad norm " in line


def test_long_graphs_show_their_end():
    lines = table(chain(500), max_nodes=10).splitlines()
    assert lines[0] == "… 491 earlier nodes (max_nodes=10)"
    assert len(lines) == 11
    assert lines[-1].startswith("v500  add(v499, x)")


def test_few_numbers_are_listed_and_huge_arrays_are_not_read():
    small = Tensor([1.0, 2.5], name="small")
    assert table(small).splitlines()[0] == "small  input  (2,)  [1, 2.5]"
    empty = Tensor(np.zeros((0, 3)), name="empty")
    assert table(empty).splitlines()[0] == "empty  input  (0, 3)  empty"
    huge = Tensor(np.zeros(10**7, np.int8), name="huge")
    assert table(huge).splitlines()[0] == "huge  input  (10000000,)  int8"


def test_names_stay_on_their_line():
    x = parameter(1.0, "a\nb\x1b[31m")
    assert table(x * 2.0).splitlines()[0].startswith("a¶b\ufffd[31m")


def test_notes_follow_the_table():
    assert table(Tensor([1.0])).splitlines()[1].startswith("(no history")


def test_a_drawing_prints_as_its_table():
    f, _ = fanout()
    assert str(draw(f)) == table(f)
