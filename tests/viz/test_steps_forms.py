"""The forms of a story: player, animation, still pictures, notebook output."""

import base64
import hashlib
import html
import re
import struct
import sys
import xml.etree.ElementTree as ElementTree
from importlib.resources import files

import pytest
from pictured import after_backward, fanout, matrices, network, parameters, tensor_neuron
from test_drawing import HOSTILE, Elements, groups

import minigrad.viz
from minigrad import optim
from minigrad.value import Value
from minigrad.viz import dot, steps
from minigrad.viz.stage import outline, parsed, runs, slots, stage
from minigrad.viz.stills import still_picture
from minigrad.viz.theme import DARK, LIGHT, PRINT, pairs

SVG = "{http://www.w3.org/2000/svg}"


def stepping():
    """A story of every phase, with partial sums of matrices and folded parameters."""
    root = after_backward(network()[0])
    return steps(root, depth=None, optimizer=optim.Adam(parameters(root), lr=0.1))


STORIES = {
    "fanout": lambda: steps(fanout()[0]),
    "neuron": lambda: steps(tensor_neuron(), title="A neuron"),
    "matrices": lambda: steps(matrices()),
    "network": stepping,
    "collapsed": lambda: steps(network()[0]),
}


@pytest.fixture(scope="module", params=sorted(STORIES))
def story(request):
    return STORIES[request.param]()


# --- Still pictures -------------------------------------------------------------------------------


def test_each_picture_shows_what_its_frame_says(story):
    for frame, svg in zip(story.frames, story.svgs()):
        found = groups(svg)
        for box, texts in frame.visible.items():
            assert list(texts) == found[box]


def test_nothing_moves(story):
    """A text has its place for good; but numbers of a matrix stay in the middle of their cells."""
    last = places(story.svgs()[-1])
    for svg in story.svgs():
        for box, found in places(svg).items():
            assert found <= last[box]


def places(svg: str) -> dict[str, set[tuple[str, str]]]:
    """Where in each box texts stand: from where, at what height."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if group.get("id", "").startswith("mg-n"):
            texts = [t for t in group.iter(f"{SVG}text") if t.get("text-anchor") != "middle"]
            found[group.get("id")] = {(str(t.get("x")), str(t.get("y"))) for t in texts}
    return found


def test_a_sum_in_a_matrix_changes_in_the_middle_of_its_cell():
    w = minigrad.Tensor([[1.0, -2.0]], requires_grad=True, name="w")
    svg = steps((w * w).sum() + (w * 3.0).sum()).svgs()
    index = next(i for i, s in enumerate(svg) if groups(s)["mg-n0"][-2:] == ["3", "3"])
    middle = [
        t for t in ElementTree.fromstring(svg[index]).iter() if t.get("text-anchor") == "middle"
    ]
    assert [t.text for t in middle] == ["3", "3"]


def test_captions_stand_below_with_their_number(story):
    for i, (frame, svg) in enumerate(zip(story.frames, story.svgs()), start=1):
        texts = ["".join(t.itertext()) for t in ElementTree.fromstring(svg).iter(f"{SVG}text")]
        assert f"{i} / {len(story)}" in texts
        words = " ".join(texts).replace("\xa0", " ").split()
        assert not [word for word in frame.caption.split() if word not in words]


def test_what_is_at_work_is_outlined_in_the_colour_of_its_phase():
    story = steps(tensor_neuron())
    svgs = story.svgs()
    assert thick(svgs[5]) == {("mg-n9", LIGHT.update), ("mg-n9-0", LIGHT.update)}
    backward = {(name, LIGHT.gradient) for name in ("mg-n9", "mg-n8", "mg-n9-0")}
    assert thick(svgs[11]) == backward
    assert thick(svgs[-1]) == set()


def thick(svg: str) -> set[tuple[str, str]]:
    found = set()
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        name = group.get("id", "")
        if name.startswith("mg-n"):
            lines = [e for e in group.iter() if e.get("stroke-width") == "3"]
            found |= {(name, str(line.get("stroke"))) for line in lines}
    return found


def test_a_still_picture_holds_nothing_hidden(story):
    for svg in (story.svgs()[0], story.svgs()[-1]):
        assert "visibility" not in svg
        assert "data-" not in svg


def test_a_folder_of_svg(tmp_path, story):
    story.save(f"{tmp_path}/new/")
    names = [f"{i:02}.svg" for i in range(1, len(story) + 1)]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names
    assert (tmp_path / "new" / "02.svg").read_text(encoding="utf-8") == story.svgs()[1]


def test_a_folder_of_png(tmp_path):
    story = steps(fanout()[0])
    story.save(tmp_path, images="png")
    contents = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    assert len(set(contents)) == len(contents) == len(story)
    assert all(content.startswith(b"\x89PNG") for content in contents)
    assert len({struct.unpack(">II", content[16:24]) for content in contents}) == 1


def test_pictures_for_png_have_one_layout_and_hide_by_colour(story):
    """Their DOT is laid out anew for each frame: all that is written stands where it ends up."""
    last = corners(story, len(story) - 1)
    for i in (0, len(story) // 2, len(story) - 2):
        assert corners(story, i) == last


def corners(story, index: int) -> dict[str, str]:
    """The outlines of all boxes in the still picture of a frame."""
    picture = still_picture(story.picture, story.frames, index)
    svg = dot.run_dot(picture.digraph().source, "svg").decode()
    groups_ = parsed(svg[svg.index("<svg") :]).iter("g")
    boxes = [g for g in groups_ if "node" in g.get("class", "").split()]
    return {g.get("id"): outline(g).get("points") or outline(g).get("d") for g in boxes}


def test_more_than_99_frames_have_three_digits(tmp_path):
    y = Value(0.5, "x")
    for _ in range(49):
        y = y.tanh()
    steps(y).save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir())[::100] == ["001.svg", "101.svg"]


def test_pictures_follow_the_reader_in_the_auto_theme():
    story = steps(matrices(), theme="auto")
    known = {light for light, _ in pairs(LIGHT, DARK)}
    for svg in (story.svgs()[9], story.to_svg()):
        assert "prefers-color-scheme:dark" in svg
        used = {color.upper() for color in re.findall(r'(?:fill|stroke)="([^"]+)"', svg)}
        assert used - {"NONE", "TRANSPARENT"} <= known


def test_dark_and_print_use_their_own_colours_only():
    for name, theme in (("dark", DARK), ("print", PRINT)):
        story = steps(matrices(), theme=name)
        known = {color for pair in pairs(theme, theme) for color in pair}
        for text in (*story.svgs(), story.to_html()):
            used = {color.upper() for color in re.findall(r"#[0-9a-fA-F]{6}\b", text)}
            assert used <= known


# --- The animation --------------------------------------------------------------------------------


def test_the_animation_shows_every_frame_in_its_time(story):
    root = ElementTree.fromstring(story.to_svg(seconds=2))
    style = root[0].text
    assert style.startswith("@media screen and (prefers-reduced-motion:no-preference){")
    whole = len(story) + 1  # the last frame stays for two
    assert f"animation:{2 * whole}s step-end infinite" in style
    for group in root.iter(f"{SVG}g"):
        if (group.get("class") or "").startswith("mg-timed"):
            start, stop = map(int, group.get("class").rpartition(" mg-")[2].split("-"))
            steps_of = re.search(rf"@keyframes mg-{start}-{stop}{{(.*?)}}}}", style).group(1) + "}"
            assert f"{100 * start / whole:.4g}%{{visibility:visible}}" in steps_of
            assert (f"{100 * stop / whole:.4g}%{{visibility:hidden}}" in steps_of) == (
                stop < len(story)
            )


def test_without_motion_the_animation_is_its_last_frame(story):
    root = ElementTree.fromstring(story.to_svg())
    for parent in list(root.iter()):
        for child in list(parent):
            if child.get("visibility") == "hidden":
                parent.remove(child)
    still = groups(ElementTree.tostring(root, "unicode"))
    for box, texts in story.frames[-1].visible.items():
        assert list(texts) == still[box]


def test_an_svg_refers_to_nothing_outside(story):
    for svg in (story.to_svg(), story.svgs()[0]):
        assert not re.search(r"(?:href|src)=|url\(|@import|<script", svg)


# --- The player -----------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_a_page_holds_known_elements_only(theme):
    root = tensor_neuron()
    root.name = "<script>alert(1)</script>"
    page = Elements(steps(root, title="<iframe>", theme=theme, legend=True).to_html())
    assert page.elements <= {
        *("html", "head", "meta", "title", "style", "body", "main", "section", "h1", "div", "p"),
        *("button", "input", "span", "label", "select", "option", "b"),
        *("details", "summary", "ol", "li", "a", "script"),
        *("svg", "g", "path", "polygon", "polyline", "ellipse", "text"),
    }
    assert {name for name in page.attributes if name.startswith("on")} == set()
    assert not page.attributes & {"src", "xlink:href", "style"}


def test_a_page_may_load_nothing_and_run_its_own_script_only(story):
    page = story.to_html()
    policy = html.unescape(re.search(r'Content-Security-Policy" content="(.*?)"', page).group(1))
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert set(re.findall(r'href="(.*?)"', page)) == {f"#{i}" for i in range(1, len(story) + 1)}
    assert not re.search(r"https?://(?!www\.w3\.org/)", page)


def test_a_page_lists_every_step(story):
    page = story.to_html()
    items = re.findall(r"<li>(.*?)</li>", page, re.DOTALL)
    captions = [html.unescape(re.sub("<[^>]*>", "", item)) for item in items]
    assert captions == [frame.caption for frame in story.frames]


def test_a_page_at_rest_shows_the_last_frame(story):
    svg = re.search(r"<svg.*</svg>", story.to_html(), re.DOTALL).group(0)
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.get("visibility") == "hidden":
                parent.remove(child)
    still = groups(ElementTree.tostring(root, "unicode"))
    for box, texts in story.frames[-1].visible.items():
        assert list(texts) == still[box]


def test_the_files_of_the_player_are_in_the_package():
    names = {path.name for path in (files("minigrad.viz") / "player").iterdir()}
    assert names == {"page.html", "player.css", "player.js"}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_they_are(name):
    x = minigrad.Tensor(2.0, requires_grad=True, name=name)
    y = x.tanh()
    y.name = name
    story = steps(y, title=name)
    assert groups(story.svgs()[0])["mg-n0"][0] == name
    assert groups(story.svgs()[-1])["mg-n1"][1] == name
    page = story.to_html()
    assert page.count("<script>") == page.count("</script>") == 1
    captions = [html.unescape(re.sub("<[^>]*>", "", item)) for item in
                re.findall(r"<li>(.*?)</li>", page, re.DOTALL)]  # fmt: skip
    assert captions == [frame.caption for frame in story.frames]
    assert f"∂{name}/∂{name}" in captions[2]
    ElementTree.fromstring(story.to_svg())


def test_line_separators_and_nul_do_no_harm():
    x = minigrad.Tensor(2.0, requires_grad=True, name="a\u2028b\0c\ud800")
    page = steps(x.tanh(), title="t\0\u2029").to_html()
    assert "\0" not in page
    page.encode()


# --- In notebooks ---------------------------------------------------------------------------------


def test_a_notebook_gets_the_player_in_a_frame_over_a_sentence():
    story = steps(fanout()[0], title="x² + 3x")
    bundle = story._repr_mimebundle_()
    assert sorted(bundle) == ["text/html", "text/plain"]
    assert bundle["text/plain"] == str(story)
    markup = bundle["text/html"]
    assert story._repr_html_() == markup
    assert "<p>Run this cell, or trust the notebook, to see the picture.</p>" in markup
    assert re.findall(r'sandbox="(.*?)"', markup) == ["allow-scripts"]
    (inner,) = re.findall(r'srcdoc="([^"]*)"', markup)
    assert html.unescape(inner) == story.to_html()
    assert 'title="x² + 3x"' in markup
    assert "<script" not in markup


def test_without_graphviz_notebooks_show_text(monkeypatch, tmp_path):
    monkeypatch.delenv(dot.VARIABLE)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(dot, "environment_scripts", lambda: str(tmp_path))
    story = steps(fanout()[0])
    bundle = story._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert bundle["text/plain"].startswith("x   parameter")
    assert "backward ×: ∂f/∂x += " in bundle["text/plain"]
    assert bundle["text/plain"].endswith('install one with  pip install "minigrad[dot]")')
    assert story._repr_html_() is None
    with pytest.raises(minigrad.viz.DotNotFound, match=r"minigrad\[dot\]"):
        story.save(tmp_path / "story.html")
    assert list(tmp_path.iterdir()) == []


def test_a_failing_program_does_not_break_a_notebook(monkeypatch, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text(f"#!{sys.executable}\nraise SystemExit(2)\n")
    broken.chmod(0o755)
    monkeypatch.setenv(dot.VARIABLE, str(broken))
    bundle = steps(fanout()[0])._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "(no picture: broken failed with exit code 2" in bundle["text/plain"]


# --- Saving ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, start", [("x.html", b"<!doctype html>"), ("X.SVG", b"<svg")])
def test_save_writes_one_file_in_the_form_of_its_suffix(name, start, tmp_path):
    steps(fanout()[0]).save(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes().startswith(start)


def test_seconds_are_those_of_a_step(tmp_path):
    story = steps(fanout()[0])
    story.save(tmp_path / "x.html", seconds=0.5)
    assert 'data-seconds="0.5"' in (tmp_path / "x.html").read_text(encoding="utf-8")
    story.save(tmp_path / "x.svg", seconds=0.5)
    assert "animation:5s step-end" in (tmp_path / "x.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name, options, message",
    [
        ("x.gif", {}, "the name of a player ends in .html"),
        ("x.html", {"seconds": 0}, "seconds must be above 0, got 0"),
        ("x.svg", {"seconds": float("nan")}, "seconds must be above 0, got nan"),
        ("folder/", {"images": "gif"}, "images must be 'svg' or 'png', got 'gif'"),
    ],
)
def test_what_save_refuses(name, options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        steps(fanout()[0]).save(f"{tmp_path}/{name}", **options)
    assert list(tmp_path.iterdir()) == []


# --- How the texts are found ----------------------------------------------------------------------


def test_runs_of_equal_cells():
    assert [(cell, start, stop) for cell, start, stop in runs("aabccc")] == [
        ("a", 0, 2),
        ("b", 2, 3),
        ("c", 3, 6),
    ]


def test_a_number_in_a_matrix_has_its_ground_and_lines():
    group = ElementTree.fromstring(
        "<g><title/><polygon id='outline'/><polygon id='header'/><text id='a'/>"
        "<polygon id='fill'/><polygon id='line' fill='none'/><text id='b'/><text id='c'/>"
        "<polygon id='shade'/><text id='d'/></g>"
    )
    found = [[element.get("id") for element in slot] for slot in slots(group)]
    assert found == [["a"], ["fill", "line", "b"], ["c"], ["d"]]


def test_an_unknown_graphviz_is_named():
    group = ElementTree.fromstring("<g id='mg-n0'><text/></g>")
    with pytest.raises(RuntimeError, match="1 texts in mg-n0, wanted 2: this version of Graphviz"):
        stage(group, [(None, None)], LIGHT)
