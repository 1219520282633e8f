"""The pictures of the README: they are what the code draws today, small, and shown."""

from __future__ import annotations

import html
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMOS = ROOT / "demos"
README = (ROOT / "README.md").read_text(encoding="utf-8")
LARGEST = 200_000  # bytes


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMOS))
    import pictures

    yield pictures
    for name in ("pictures", "convolution_backward", "digits_cnn", "graph_of_an_expression"):
        sys.modules.pop(name, None)


def test_the_committed_pictures_are_what_the_code_draws(demo):
    told = json.loads((demo.FOLDER / demo.SOURCES).read_text())
    old = [
        name
        for name, make in demo.PICTURES.items()
        if told.get(name, {}).get("source") != demo.fingerprint(demo.source(make()))
    ]
    assert old == [], "run `python demos/pictures.py`, and look at them before you commit"


def test_the_files_are_those_that_the_script_wrote_and_small(demo):
    told = json.loads((demo.FOLDER / demo.SOURCES).read_text())
    assert {path.name for path in demo.FOLDER.iterdir()} == {*demo.PICTURES, demo.SOURCES}
    assert set(told) == set(demo.PICTURES)
    for name in told:
        content = (demo.FOLDER / name).read_bytes()
        assert told[name]["file"] == demo.digest(content), name
        assert len(content) <= LARGEST, name


def test_the_script_draws_them_all(demo, tmp_path, capsys):
    demo.write(tmp_path / "new")
    printed = capsys.readouterr().out
    told = json.loads((tmp_path / "new" / demo.SOURCES).read_text())
    committed = json.loads((demo.FOLDER / demo.SOURCES).read_text())
    for name in demo.PICTURES:
        path = tmp_path / "new" / name
        assert str(path) in printed
        assert told[name]["source"] == committed[name]["source"], name
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert (tmp_path / "new" / "neuron.png").read_bytes().startswith(b"\x89PNG")


def test_a_fingerprint_is_the_same_on_every_machine(demo):
    """What rounding left of a zero is noise; all other digits count."""
    one = "mean -5.55e-17   error 6.6e-13   grad 0.3843"
    assert demo.fingerprint(one) == demo.fingerprint("mean 0   error 0.0e+00   grad 0.3843")
    assert demo.fingerprint(one) != demo.fingerprint(one.replace("0.3843", "0.3844"))
    assert demo.fingerprint("grad 2.06e-04") != demo.fingerprint("grad 0")
    assert demo.digest(b"<svg>\r\n") == demo.digest(b"<svg>\n")


def test_the_readme_shows_each_with_the_line_that_makes_it(demo):
    shown = re.findall(r"demos/pictures/([\w.]+)", README)
    assert {Path(name).stem for name in shown} == {Path(name).stem for name in demo.PICTURES}
    gallery = README.partition("\n## Pictures\n")[2].partition("\n## ")[0]
    script = (DEMOS / "pictures.py").read_text(encoding="utf-8")
    lines = [html.unescape(line) for line in re.findall(r"<code>(.*?)</code>", gallery)]
    assert len(lines) == gallery.count("<img ")
    assert [line for line in lines if f"return {line}\n" not in script] == []
    assert all(alt.strip() for alt in re.findall(r'alt="(.*?)"', gallery))
    assert gallery.count('alt="') == gallery.count("<img ")
