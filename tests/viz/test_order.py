"""The order of inputs on the screen, and edges that lead too far."""

import re
import time
import xml.etree.ElementTree as ElementTree

import pytest
from pictured import after_backward, chain, network, neuron, opposed, parameter

from minigrad.recording import inside
from minigrad.value import Value
from minigrad.viz import draw
from minigrad.viz.spans import FAR, LONGEST_SUM, direction, ranks

SVG = "{http://www.w3.org/2000/svg}"


def tips(svg):
    """Where each edge ends: x, y of the arrowhead."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if group.get("class", "").startswith("edge"):
            points = next(group.iter(f"{SVG}polygon")).get("points").split()
            found[group.get("id")] = tuple(map(float, points[1].split(",")))
    return found


@pytest.mark.parametrize("rankdir, axis", [("LR", 1), ("TB", 0)])
@pytest.mark.parametrize("op", ["−", "÷", "xʸ"])
def test_the_first_input_is_above_or_left_of_the_second(op, rankdir, axis):
    """Also where the second one was there before: f = c − a b or c ÷ … of a, b, c."""
    a, b, c = Value(2.0, "a"), Value(3.0, "b"), Value(5.0, "c")
    product = a * b
    make = {"−": lambda x, y: x - y, "÷": lambda x, y: x / y, "xʸ": lambda x, y: x**y}[op]
    root = make(make(c, product), a)
    drawing = draw(root, rankdir=rankdir)
    assert "1st" not in drawing.source
    ends = tips(drawing.svg())
    for name in re.findall(r"\t(n\d+) \[.*ordering=in", drawing.source):
        assert ends[f"mg-{name}-0"][axis] < ends[f"mg-{name}-1"][axis]
    assert drawing.source.count("ordering=in") == 2


def test_sums_and_products_need_no_order():
    assert "ordering" not in draw(Value(1.0, "a") * Value(2.0, "b") + Value(3.0, "c")).source


def test_opposite_orders_are_told_on_the_edges():
    source = draw(after_backward(opposed())).source
    lines = {name: line for line in source.splitlines() for name in re.findall(r'id="(\S+)"', line)}
    for position, word in enumerate(("1st", "2nd")):
        told = [name for name, line in lines.items() if f">{word}<" in line]
        assert sorted(name[-1] for name in told) == [str(position)] * 2
    assert "ordering" in source, "the quotient is laid out in order"


def test_in_frames_edges_tell_the_order():
    a, b = parameter([1.0, 2.0], "a"), parameter([3.0, 4.0], "b")
    with inside("m"):
        y = (a - b).tanh()
    source = draw(y.sum(), depth=None).source
    assert ">1st<" in source and ">2nd<" in source and "ordering" not in source


def test_the_neuron_is_clean():
    assert "1st" not in draw(after_backward(neuron())).source


def test_the_same_input_twice_has_no_order():
    x = Value(3.0, "x")
    source = draw(x / x).source
    assert "ordering" not in source and "1st" not in source


# --- Edges that lead too far ----------------------------------------------------------------------


def test_thousands_of_rows_are_not_crossed():
    drawing = draw(after_backward(chain(9999)))
    assert "in place of 115 edges over more than 4 rows, boxes say ← input" in drawing.source
    assert drawing.source.count(">← x<") == 115
    assert f">{9999 + 1 - FAR} uses not drawn<" in drawing.source
    start = time.process_time()
    assert drawing.svg().count('class="node') == 121
    assert time.process_time() - start < 30


def test_edges_that_are_short_together_all_stay():
    drawing = draw(chain(30), max_nodes=200)
    assert len(re.findall(r"n\d+ -> n\d+", drawing.source)) == 60
    assert sum(range(31)) + 30 < LONGEST_SUM


def test_far_results_are_named_too():
    x = Value(0.5, "x")
    first = y = x.tanh()
    for _ in range(100):
        y = (y * first).tanh()
    source = draw(y, max_nodes=300).source
    assert source.count(">← v1<") == 100 - FAR // 2
    assert "1 use not drawn" not in source


def test_leaves_stand_just_before_their_first_use():
    y = parameter(1.0, "x")
    for _ in range(20):
        y = y.tanh()
    late = parameter(2.0, "late")
    root = y * late
    picture = draw(root).picture
    rank = ranks(picture.division)
    by_name = {part.face.name: row for part, row in rank.items()}
    assert by_name["x"] == 0 and by_name["late"] == 20
    assert direction(rank) == "TB"


def test_short_graphs_go_from_left_to_right():
    assert "rankdir=LR" in draw(neuron()).source
    assert "rankdir=TB" in draw(network()[0], depth=None).source
