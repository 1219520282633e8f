import hashlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from pictured import (
    GOLDEN,
    after_backward,
    chain,
    drawings,
    fanout,
    matrices,
    network,
    neuron,
    parameter,
    tensor_neuron,
)

import minigrad.viz
from minigrad.graph import topological
from minigrad.tensor import Tensor
from minigrad.value import Value
from minigrad.viz import dot, draw
from minigrad.viz.theme import DARK, LIGHT, PRINT, pairs

HERE = Path(__file__).parent
SVG = "{http://www.w3.org/2000/svg}"

HOSTILE = [
    'a"b',
    "a\\",
    'a\\"b',
    'x"]; evil [label="y',
    '"];n0->n0;"',
    "\\N \\G",
    "\\n\\l\\r",
    "a:b",
    "<b>x</b>",
    "<i>x</i>",
    "<lambda> <map>",
    "{|<f0>}",
    "--",
    "/*",
    "#",
    "é漢",
    "x\u202ey",
    "&lt;",
    "&amp;",
    "&#65;",
    "<script>alert(1)</script"[:24],
    '" onload="x',
    "]]>",
    "<!--",
    "' or '",
    "$(x) `x`",
    "%s {0}",
    "n0",
]


def groups(svg: str) -> dict[str, list[str]]:
    """The texts of every node, edge and cluster of an SVG, by id."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        name = group.get("id", "")
        if re.fullmatch(r"mg-.*", name):
            texts = ["".join(text.itertext()) for text in group.iter(f"{SVG}text")]
            found[name] = [text.replace("\xa0", " ") for text in texts]
    return found


def edges(source: str) -> list[str]:
    return re.findall(r"^\s*(\w+ -> \w+)", source, re.MULTILINE)


# --- The same text every time ---------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.dot")))
def test_golden(name, golden_drawings):
    expected = (GOLDEN / f"{name}.dot").read_text(encoding="utf-8")
    assert golden_drawings[name].source == expected


@pytest.fixture(scope="module")
def golden_drawings():
    return drawings()


def test_every_drawing_has_its_golden_text(golden_drawings):
    assert sorted(golden_drawings) == sorted(path.stem for path in GOLDEN.glob("*.dot"))


def test_the_same_text_in_every_process(golden_drawings):
    code = (
        "import hashlib, pictured; print(hashlib.sha256(''.join(drawing.source + str(drawing) "
        "for drawing in pictured.drawings().values()).encode()).hexdigest())"
    )
    here = "".join(d.source + str(d) for d in golden_drawings.values())
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{HERE}:{HERE.parent.parent}"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


def test_DRW_12_drawing_twice_gives_the_same_text():
    root = after_backward(network()[0])
    assert draw(root).source == draw(root).source


@pytest.mark.parametrize("name", ["neuron", "matrices", "network", "fanout_focus", "chain_elided"])
def test_every_box_and_edge_arrives_in_the_svg(name, golden_drawings):
    drawing = golden_drawings[name]
    wanted = re.findall(r'id="(mg-[^"]+)"', drawing.source)
    found = groups(drawing.svg())
    assert set(found) == set(wanted)
    assert len(wanted) == len(set(wanted))


# --- What a picture says --------------------------------------------------------------------------


def test_DRW_11_one_box_for_each_value_and_one_edge_for_each_use():
    drawing = draw(fanout()[0])
    assert edges(drawing.source) == [
        "n0 -> n1",
        "n0 -> n1",
        "n2 -> n3",
        "n0 -> n3",
        "n1 -> n4",
        "n3 -> n4",
    ]
    assert groups(drawing.svg())["mg-n0"] == ["x", "2"]


def test_DRW_12_before_backward_edges_show_local_derivatives_and_boxes_no_gradient():
    drawing = draw(neuron())
    assert "∂ 0.8556" in drawing.source
    assert ">grad" not in drawing.source
    assert "None" not in drawing.source


def test_the_products_on_the_edges_sum_to_the_gradient_in_the_box():
    for root in (fanout()[0], neuron(), tensor_neuron()):
        drawing = draw(after_backward(root))
        texts = groups(drawing.svg())
        sums: dict[str, float] = {}
        for (tail, head), position in uses(drawing.source):
            for product in texts[f"mg-{head}-{position}"]:
                upstream, local = product.split(" × ")
                sums[tail] = sums.get(tail, 0) + float(upstream) * float(local)
        printed = {
            name.removeprefix("mg-"): float(text.removeprefix("grad "))
            for name, lines in texts.items()
            for text in lines
            if text.startswith("grad ")
        }
        assert len(printed) >= 4
        for name, gradient in printed.items():
            if name in sums:
                assert sums[name] == pytest.approx(gradient, rel=2e-3)
        assert sorted(set(printed) - set(sums)) == [f"n{len(topological(root)) - 1}"]


def uses(source: str):
    found = re.findall(r'(\w+) -> (\w+) .*id="mg-\w+-(\d+)"', source)
    return [((tail, head), position) for tail, head, position in found]


def test_constants_and_inputs_have_no_gradient():
    texts = groups(draw(after_backward(tensor_neuron())).svg())
    assert texts["mg-n1"] == ["x1", "2"]
    assert texts["mg-n2-1"] == []
    assert texts["mg-n2-0"] == ["-2.361 × 2"]


def test_small_matrices_show_value_and_gradient():
    texts = groups(draw(after_backward(matrices())).svg())
    assert texts["mg-n0"][:2] == ["X", "(3, 2)"]
    assert texts["mg-n0"][2:4] == ["value", "grad"]
    assert texts["mg-n0"][4:10] == ["1", "2", "0", "-3", "2", "1"]
    assert "broadcast; back: sum axis 0" in texts["mg-n4-1"]


def test_large_tensors_show_statistics_and_fold_their_parameters():
    root = after_backward(network()[0])
    texts = groups(draw(root, depth=None).svg())
    assert texts["mg-n2"][:2] == ["@", "v2  (6, 6)"]
    assert texts["mg-n2"][2].startswith("mean ")
    assert texts["mg-n2"][3].startswith("grad norm ")
    assert "weight" in texts["mg-n2"]
    assert texts["mg-module-fc1"][0] == "fc1"


def test_modules_are_one_box_by_default():
    root = after_backward(network()[0])
    texts = groups(draw(root).svg())
    assert texts["mg-n4"][0] == "fc1"
    assert texts["mg-n4"][-1].startswith("2 ops, 30 parameters, grad norm ")
    assert "mg-module-fc1" not in texts


def test_values_all_shows_more_and_none_shows_nothing():
    root = after_backward(network()[0])
    assert "mean " not in draw(root, values="all", depth=None).source.replace("mean</b>", "")
    bare = draw(root, values="none", depth=None).source
    assert ">grad" not in bare
    assert "sd " not in bare


def test_focus_prints_the_sum_over_paths():
    f, x = fanout()
    drawing = draw(after_backward(f), focus=x)
    assert "∂f/∂x = 1 × 2 + 1 × 2 + 1 × 3 = 7" in drawing.source


def test_nan_and_inf_are_in_the_style_of_failures():
    source = draw(Value(float("nan"), "x") * Value(float("inf"), "y")).source
    failing = LIGHT.failure
    assert source.count(f'<font color="{failing}"><b>nan</b></font>') == 2
    assert f'<font color="{failing}"><b>inf</b></font>' in source
    matrix = draw(parameter([1.0, float("nan")], "m") * 2.0).source
    assert f'<font point-size="9" color="{failing}">nan</font>' in matrix


def test_DRW_13_huge_tensors_are_not_read():
    huge = Tensor(np.zeros(10**7, np.float32), name="huge", requires_grad=True)
    texts = groups(draw(after_backward((huge[:1] + huge[1:2]).sum())).svg())
    assert texts["mg-n0"] == ["huge", "(10000000,)", "float32"]
    folded = groups(draw(after_backward(huge[:1])).svg())
    assert folded["mg-n1"][-2:] == ["huge", "(10000000,)"]


def test_an_empty_tensor_is_drawn():
    empty = parameter(np.zeros((0, 3)), "empty")
    assert groups(draw((empty + empty).sum()).svg())["mg-n0"] == ["empty", "(0, 3)"]


def test_title_caption_and_legend():
    source = draw(chain(20), max_nodes=3, title="A chain <b>", legend=True).source
    assert "A chain &lt;b&gt;" in source
    assert "showing 3 of 21 nodes, the ones nearest to v20 (max_nodes=3)" in source
    assert "on an edge: local derivative" in source


def test_rankdir_follows_the_longest_path():
    assert "rankdir=LR" in draw(chain(7)).source
    assert "rankdir=TB" in draw(chain(8)).source
    assert "rankdir=BT" in draw(chain(2), rankdir="BT").source


# --- Drawing changes nothing ----------------------------------------------------------------------


def test_DRW_14_drawing_changes_no_number():
    root = after_backward(matrices())
    nodes = topological(root)
    state = [(x.data.copy(), None if x._grad is None else x._grad.data.copy()) for x in nodes]
    random = np.random.get_state()[1].copy()
    draw(root, edges="shape", values="all").svg()
    for node, (data, gradient) in zip(nodes, state):
        np.testing.assert_array_equal(node.data, data)
        assert (node._grad is None) == (gradient is None)
        if gradient is not None:
            np.testing.assert_array_equal(node._grad.data, gradient)
    np.testing.assert_array_equal(np.random.get_state()[1], random)


def test_drawing_before_backward_leaves_no_gradient():
    f, x = fanout()
    assert "grad 7" in draw(f, edges="chain").source
    assert [node.grad for node in topological(f)] == [0.0] * 5
    f.backward()
    draw(f)
    f.backward()
    assert x.grad == 14.0


def test_a_picture_keeps_the_numbers_of_its_time():
    x = parameter(2.0, "x")
    drawing = draw(x * 3.0)
    x.data = np.array(100.0)
    assert groups(drawing.svg())["mg-n0"] == ["x", "2"]


# --- Graphs in an unusual state -------------------------------------------------------------------


def test_DRW_12_a_freed_graph_is_drawn_as_far_as_it_goes():
    root = matrices()
    root.backward(retain_graph=False)
    drawing = draw(root)
    assert "history freed by backward" in drawing.source
    assert list(groups(drawing.svg())) == ["mg-n0"]


def stepped():
    """A graph whose parameter was changed after backward()."""
    w = parameter([1.0, 2.0], "w")
    loss = after_backward((w * w).sum())
    w.data = w.data - 0.1 * w.grad.data
    return loss


def test_after_an_optimizer_step_the_stored_gradients_are_shown():
    drawing = draw(stepped())
    assert "'w' was changed in place after multiply had used it" in str(drawing)
    assert drawing.source == draw(stepped()).source
    texts = groups(drawing.svg())
    assert texts["mg-n0"][-4:] == ["0.8", "1.6", "2", "4"]
    assert "grad" not in " ".join(texts["mg-n1"])


def test_a_root_that_is_no_number_shows_the_gradients_of_its_leaves():
    w = parameter([1.0, 2.0], "w")
    root = w * 3.0
    root.backward(np.array([1.0, 10.0]))
    drawing = draw(root)
    assert groups(drawing.svg())["mg-n0"][-4:] == ["1", "2", "3", "30"]
    assert "only gradients found in .grad are shown" in str(drawing)


def test_a_root_without_history_says_so():
    assert "no history" in draw(Tensor([1.0, 2.0]) * 2.0).source


def test_DRW_09_a_long_chain_is_elided_without_recursion():
    drawing = draw(after_backward(chain(5000)), max_nodes=50)
    assert "showing 50 of 5001 nodes" in drawing.source
    assert "4951 more" in drawing.source
    assert drawing.boxes == 50
    assert groups(drawing.svg())["mg-n5000"][0] == "+"


def test_what_does_not_fit_collapses_modules_first():
    root = network()[0]
    assert (
        "modules collapsed to depth 1 (max_nodes=8)" in draw(root, depth=None, max_nodes=8).source
    )


# --- Names from anywhere --------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_DRW_01_02_hostile_names_are_shown_as_they_are(name):
    x = parameter(2.0, name)
    y = x.tanh()
    y.name = name
    found = groups(draw(y, title=name).svg())
    assert sorted(found) == ["mg-n0", "mg-n1", "mg-n1-0"]
    assert found["mg-n0"][0] == name
    assert found["mg-n1"][1] == name


@pytest.mark.parametrize(
    "name, shown",
    [
        ("x" * 20_000, "x" * 23 + "…"),
        ("a\0b\ac", "a\ufffdb\ufffdc"),
        ("\ud800", "\ufffd"),
        ("one\ntwo", "one¶two"),
        ("", "v0"),
    ],
)
def test_DRW_03_04_05_names_that_cannot_be_shown_are_replaced(name, shown):
    x = parameter(2.0, name)
    assert groups(draw(x.tanh()).svg())["mg-n0"][0] == shown


def test_spaces_are_a_name_too():
    assert len(groups(draw(parameter(2.0, " ").tanh()).svg())["mg-n0"]) == 2


class Elements(HTMLParser):
    """Collects the elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attributes}


@pytest.mark.parametrize("theme", ["light", "auto"])
def test_DRW_06_a_page_holds_known_elements_only(theme):
    root = parameter(2.0, "<script>alert(1)</script>")
    for name in ('" onload="x', "</pre><img src=x>"):
        root = root * 2.0
        root.name = name
    page = Elements(draw(root, title="<iframe>", theme=theme, legend=True).to_html())
    assert page.elements <= {
        *("html", "head", "meta", "title", "style", "body", "details", "summary", "pre"),
        *("svg", "g", "path", "polygon", "polyline", "ellipse", "text", "a"),
    }
    assert {name for name in page.attributes if name.startswith("on")} == set()
    assert not page.attributes & {"href", "src", "xlink:href"}


# --- Forms of a picture ---------------------------------------------------------------------------


def test_a_notebook_gets_svg_and_png_and_text():
    bundle = draw(fanout()[0])._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"].startswith("x   parameter")


def test_large_pictures_have_no_png_in_notebooks():
    y = Value(1.0)
    for _ in range(60):
        y = y.tanh()
    assert sorted(draw(y)._repr_mimebundle_()) == ["image/svg+xml", "text/plain"]
    assert "image/png" in draw(y.inputs[0])._repr_mimebundle_()


def test_DRW_08_without_graphviz_notebooks_show_text(monkeypatch, tmp_path):
    monkeypatch.delenv(dot.VARIABLE)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(dot, "environment_scripts", lambda: str(tmp_path))
    drawing = draw(fanout()[0])
    bundle = drawing._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert bundle["text/plain"].splitlines()[-1] == (
        '(no picture without Graphviz: install one with  pip install "minigrad[dot]")'
    )
    with pytest.raises(minigrad.viz.DotNotFound, match=r"minigrad\[dot\]"):
        drawing.svg()
    drawing.save(tmp_path / "works.dot")
    assert (tmp_path / "works.dot").read_text(encoding="utf-8") == drawing.source


def test_DRW_10_a_hanging_program_is_an_error_that_says_what_to_do(monkeypatch, tmp_path):
    slow = tmp_path / "slow"
    slow.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    slow.chmod(0o755)
    monkeypatch.setenv(dot.VARIABLE, str(slow))
    with pytest.raises(RuntimeError, match=r"after 0.3 s at a picture of 5 boxes.*max_nodes="):
        draw(fanout()[0]).svg(timeout=0.3)


def test_a_failing_program_does_not_break_a_notebook(monkeypatch, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text(f"#!{sys.executable}\nraise SystemExit(2)\n")
    broken.chmod(0o755)
    monkeypatch.setenv(dot.VARIABLE, str(broken))
    text = draw(fanout()[0])._repr_mimebundle_()["text/plain"]
    assert text.splitlines()[-1].startswith("(no picture: broken failed with exit code 2")


@pytest.mark.parametrize(
    "suffix, start",
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("dot", b"digraph"), ("html", b"<!doc")],
)
def test_save_writes_one_file_in_the_form_of_its_suffix(suffix, start, tmp_path):
    draw(fanout()[0]).save(tmp_path / f"graph.{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == [f"graph.{suffix}"]
    assert (tmp_path / f"graph.{suffix}").read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["-o.svg", "two words.svg", "'q' \"q\".svg", "$(x).svg", "é.SVG"])
def test_DRW_07_file_names_are_taken_literally(name, tmp_path):
    draw(fanout()[0]).save(str(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["graph", "graph.gif", "graph.svg; rm x", ".svg"])
def test_other_suffixes_are_refused(name, tmp_path):
    with pytest.raises(ValueError, match="a picture's file name ends in"):
        draw(fanout()[0]).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_leaves_the_old_file(monkeypatch, tmp_path):
    path = tmp_path / "graph.pdf"
    path.write_text("old")
    with pytest.raises(minigrad.viz.DotNotFound, match="PDF"):
        draw(fanout()[0]).save(path)
    assert path.read_text() == "old"
    with pytest.raises(OSError):
        draw(fanout()[0]).save(tmp_path / "no" / "such" / "folder.dot")
    assert [p.name for p in tmp_path.iterdir()] == ["graph.pdf"]


def test_auto_theme_carries_a_style_and_others_do_not():
    assert "prefers-color-scheme" in draw(fanout()[0], theme="auto").svg()
    assert "<style" not in draw(fanout()[0]).svg()
    style = ElementTree.fromstring(draw(fanout()[0], theme="auto").svg())[0]
    assert style.tag == f"{SVG}style"


def test_the_style_of_auto_knows_every_colour_of_the_picture():
    svg = draw(after_backward(matrices()), theme="auto", title="t", legend=True).svg()
    used = {color.upper() for color in re.findall(r'(?:fill|stroke)="([^"]+)"', svg)}
    known = {light for light, _ in pairs(LIGHT, DARK)}
    assert used - {"NONE", "TRANSPARENT"} <= known


def test_dark_and_print_use_their_own_colours_only():
    for name, theme in (("dark", DARK), ("print", PRINT)):
        source = draw(after_backward(matrices()), theme=name).source
        used = set(re.findall(r"#[0-9A-F]{6}", source))
        known = {color for pair in pairs(theme, theme) for color in pair}
        assert used <= known


def test_the_digraph_can_be_changed():
    drawing = draw(fanout()[0])
    drawing.digraph.node("extra", "my note")
    assert "my note" in drawing.svg()


def test_png_refuses_a_senseless_dpi():
    with pytest.raises(ValueError, match="dpi must be a positive integer, got 0"):
        draw(fanout()[0]).png(0)


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, message",
    [
        ({"edges": "all"}, "edges must be one of 'auto', 'chain'"),
        ({"values": "some"}, "values must be one of"),
        ({"rankdir": "UP"}, "rankdir must be one of"),
        ({"fold": "all"}, "fold must be one of 'auto', 'none'"),
        ({"theme": "pink"}, "theme must be one of 'light'"),
        ({"depth": 0}, "depth must be 1 or more"),
        ({"max_nodes": 0}, "max_nodes must be 1 or more, got 0"),
        (
            {"expand": {"fc9"}},
            "expand='fc9' is no module .* no op .* there are: fc1, fc2",
        ),
        ({"focus": Value(1.0)}, "focus .* is not among the 14 nodes"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        draw(network()[0], **options)


def test_chain_needs_numbers():
    with pytest.raises(ValueError, match="edges='chain' writes numbers"):
        draw(parameter([1.0, 2.0], "w") * 2.0, edges="chain")


@pytest.mark.parametrize("root", [3.0, [1.0], np.ones(3), None, "x"])
def test_other_things_are_refused(root):
    with pytest.raises(TypeError, match="root must be a Tensor or a Value"):
        draw(root)
