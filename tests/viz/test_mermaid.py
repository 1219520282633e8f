"""Mermaid text: what it says, that nothing in a name is understood, and its limits."""

import re

import pytest
from pictured import after_backward, chain, fanout, matrices, network, parameter
from test_drawing import HOSTILE

from minigrad.explaining import conv_backward_figure
from minigrad.value import Value
from minigrad.viz import draw
from minigrad.viz.mermaid import MOST_EDGES, escaped


def unescaped(text):
    """What Mermaid shows of a label."""
    shown = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), text)
    return shown.replace("\u200b", "")


def labels(text):
    """The texts of all boxes, by id."""
    found = re.findall(r'^\s*(\w+)[\[(]+"([^"]*)"[\])]+:::', text, re.MULTILINE)
    return {name: unescaped(label).split("<br>") for name, label in found}


def test_boxes_and_edges():
    text = draw(after_backward(fanout()[0])).mermaid()
    assert text.splitlines()[0] == "flowchart LR"
    assert labels(text)["n0"] == ["x", "2", "grad 7"]
    assert '  n0("x<br>2<br>grad 7"):::parameter' in text
    assert text.count('n0 -->|"1 × 2"| n1') == 2
    assert "  n2 --> n3" in text, "no label where no gradient flows"
    assert "classDef parameter fill:#D6E8F5,stroke:#0072B2" in text


def test_modules_are_subgraphs_and_matrices_are_left_out():
    text = draw(network()[0], depth=None).mermaid()
    assert re.findall(r'subgraph (\w+)\["(\w+)"\]', text) == [("m2_1", "fc1"), ("m7_1", "fc2")]
    assert text.count("  end") == 2
    assert labels(draw(after_backward(matrices())).mermaid())["n0"] == ["X  (3, 2)"]


def test_stubs_title_and_theme():
    text = draw(chain(50), max_nodes=6, title="A chain", theme="dark").mermaid()
    assert text.startswith("%% A chain\n%% showing 6 of 51 nodes")
    assert '["… 45 more"]:::stub' in text and "-.->" in text
    assert "fill:#12364D" in text


@pytest.mark.parametrize("name", [*HOSTILE, "1. a", "- b", "`md`", "**b**", "$$x$$", "end", "___"])
def test_hostile_names_are_shown_as_they_are(name):
    x = parameter(2.0, name)
    y = x.tanh()
    y.name = name
    text = draw(y, title=name).mermaid()
    found = labels(text)
    assert found["n0"][0] == name
    assert found["n1"][0] == f"tanh  {name}"
    for line in text.splitlines():
        inside = "".join(re.findall(r'"([^"]*)"', line)) + line.partition("%% ")[2]
        assert not re.search(r"[<>&`*\\${}|\[\]]", inside.replace("<br>", "")), line
    assert "%%{" not in text


def test_numbers_can_be_read():
    assert escaped("grad -0.5") == "grad -0.5"
    assert escaped("a_b.c - d") == "a#95;b#46;c #45; d"


def test_it_shows_the_numbers_of_the_time_of_drawing():
    w = parameter([1.5, 2.5] * 20, "w")
    drawing = draw((w * 2.0).sum())
    before = drawing.mermaid()
    w.data = w.data * 100
    assert drawing.mermaid() == before


def test_more_than_mermaid_draws_is_refused():
    y = x = Value(1.0, "x")
    for _ in range(400):
        y = y.tanh() + x
    with pytest.raises(ValueError, match=rf"\d+ edges .* at most {MOST_EDGES} and 50000"):
        draw(y, max_nodes=2000).mermaid()
    assert draw(y).mermaid()


def test_a_file_ends_in_mmd(tmp_path):
    drawing = draw(fanout()[0])
    drawing.save(tmp_path / "graph.mmd")
    assert (tmp_path / "graph.mmd").read_text(encoding="utf-8") == drawing.mermaid()


def test_other_pictures_have_none(tmp_path):
    figure = conv_backward_figure([[1.0, 2.0], [3.0, 4.0]], [[1.0]], [[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(ValueError, match="no graph of boxes"):
        figure.save(tmp_path / "figure.mmd")
    assert list(tmp_path.iterdir()) == []
