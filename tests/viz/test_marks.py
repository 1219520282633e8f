"""Marks: words in boxes, on edges and in the table; and what is refused."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from pictured import chain, fanout, network, parameter, verdicts

from minigrad.graph import topological
from minigrad.viz import Mark, draw
from minigrad.viz.marks import summary
from minigrad.viz.theme import DARK, LIGHT, PRINT

FAIL = Mark("failure", ("FAIL", "by 0.1"))


def box(source: str, name: str) -> str:
    """The line of a node in DOT."""
    (line,) = re.findall(rf"^\t*{name} \[.*$", source, re.MULTILINE)
    return line


@pytest.mark.parametrize(
    ("name", "theme"), [("light", LIGHT), ("dark", DARK), ("print", PRINT), ("auto", LIGHT)]
)
def test_a_failure_has_its_border_ground_and_words(name, theme):
    f, x = fanout()
    drawing = draw(f, marks={x: FAIL}, theme=name)
    line = box(drawing.source, "n0")
    assert f'color="{theme.failure}"' in line and f'fillcolor="{theme.failure_fill}"' in line
    assert 'style="filled,rounded,dashed"' in line and "penwidth=3" in line
    assert "<b>FAIL</b>" in line and "<b>by 0.1</b>" in line
    assert "dashed" not in box(drawing.source, "n1")
    assert ElementTree.fromstring(drawing.svg()).tag.endswith("svg")


def test_ok_and_notes_are_words_in_a_usual_box():
    f, x = fanout()
    plain = box(draw(f, edges="chain").source, "n0")
    for kind, color in (("ok", LIGHT.update), ("note", LIGHT.secondary)):
        line = box(draw(f, marks={x: Mark(kind, ("fine",))}).source, "n0")
        assert f'<font point-size="9" color="{color}">fine</font>' in line
        assert line.partition("label=")[0] == plain.partition("label=")[0]


def test_an_edge_is_marked_by_the_position_of_its_input():
    f, _ = fanout()
    product = f.inputs[0]
    source = draw(f, marks={(product, 1): Mark("failure", ("FAIL here",))}).source
    first, second = re.findall(r"^\tn0 -> n1 .*$", source, re.MULTILINE)
    assert "FAIL here" in second and "style=dashed" in second and LIGHT.failure in second
    assert "FAIL" not in first and "dashed" not in first


def test_a_failing_parameter_is_not_folded():
    loss, weight = network()
    folded = draw(loss, depth=None, marks={weight: Mark("ok", ("ok, error 1e-12",))}).source
    assert "ok, error 1e-12" in box(folded, "n2")
    alone = draw(loss, depth=None, marks={weight: FAIL}).source
    assert "FAIL" in box(alone, "n1") and "weight" not in box(alone, "n2")


def test_a_module_shows_the_failures_inside_and_counts_the_rest():
    loss, weight = network()
    source = draw(loss, marks=verdicts(loss, weight)).source
    assert "matmul: FAIL rule for b" in box(source, "n4") and ">1 ok<" in box(source, "n4")
    assert ">2 ok<" in box(source, "n9") and "FAIL" not in box(source, "n9")
    nodes = topological(loss)
    assert summary({}, nodes) == []
    assert summary({loss: FAIL}, nodes) == [Mark("failure", ("mean: FAIL", "by 0.1"))]


def test_failures_far_from_the_root_are_drawn():
    root = chain(50)
    deep = topological(root)[3]
    source = draw(root, max_nodes=6, marks={deep: FAIL}).source
    assert "FAIL" in source and len(re.findall(r"^\tn\d+ \[", source, re.MULTILINE)) == 6
    assert "showing 6 of 51 nodes" in source


def test_marks_are_in_the_table_and_the_legend():
    f, x = fanout()
    drawing = draw(f, marks={x: FAIL}, legend=True)
    assert str(drawing).splitlines()[0].endswith("FAIL, by 0.1")
    assert "thick dashes: FAIL" in drawing.source
    assert "thick dashes" not in draw(f, legend=True).source


def test_marks_bring_gradients_along_and_change_nothing():
    f, x = fanout()
    assert ">grad 7<" in draw(f, marks={x: FAIL}).source
    assert x.grad == 0.0
    vector = parameter([1.0, 2.0], "v") * 2.0
    assert "gradient of 1" not in draw(vector, marks={vector: FAIL}).source


def test_hostile_words_stay_words():
    f, x = fanout()
    svg = draw(f, marks={x: Mark("failure", ("</table>\\N <b>",))}).svg()
    texts = ["".join(t.itertext()) for t in ElementTree.fromstring(svg).iter() if "text" in t.tag]
    assert "</table>\\N <b>" in [text.replace("\xa0", " ") for text in texts]


def test_what_is_refused():
    f, x = fanout()
    with pytest.raises(TypeError, match="marks must be Marks, got str"):
        draw(f, marks={x: "FAIL"})
    with pytest.raises(ValueError, match="kind of a mark is one of 'failure', 'ok', 'note', got"):
        draw(f, marks={x: Mark("bad", ("x",))})
    stranger = fanout()[1]
    for place in (stranger, (f, 2), (f, -1), (x, 0), "x"):
        with pytest.raises(ValueError, match=r"the mark 'FAIL, by 0.1' is for .* no node"):
            draw(f, marks={place: FAIL})
