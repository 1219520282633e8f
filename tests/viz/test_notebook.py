"""What notebooks are handed, in every format and whatever goes wrong."""

import sys

import pytest
from pictured import after_backward, chain, fanout, matrices

import minigrad.viz
from minigrad.viz import dot, draw, notebook, set_notebook_format, steps
from minigrad.viz.notebook import bundle


@pytest.fixture(autouse=True)
def usual():
    yield
    set_notebook_format("svg+png")


SVG, PNG, TEXT = "image/svg+xml", "image/png", "text/plain"


@pytest.mark.parametrize(
    "format, small, large",
    [
        ("svg+png", [TEXT, SVG, PNG], [TEXT, SVG]),
        ("svg", [TEXT, SVG], [TEXT, SVG]),
        ("png", [TEXT, PNG], [TEXT, PNG]),
    ],
)
def test_formats(format, small, large):
    set_notebook_format(format)
    assert list(draw(fanout()[0])._repr_mimebundle_()) == small
    assert list(draw(chain(70))._repr_mimebundle_()) == large


@pytest.mark.parametrize("format", ["", "pdf", "SVG", None, 3])
def test_other_formats_are_refused(format):
    with pytest.raises(ValueError, match=r"must be one of 'svg\+png', 'svg', 'png', got"):
        set_notebook_format(format)
    assert notebook.chosen == "svg+png"


def program(folder, code):
    path = folder / "strange"
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{code}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


STRANGE = {
    "silent": "",
    "no picture": "print('hello')",
    "bytes": "sys.stdout.buffer.write(bytes(range(256)))",
    "half": "print('<svg'); sys.exit(1)",
    "crash": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "noise": "sys.stderr.buffer.write(bytes(range(128, 256)) * 9); sys.exit(2)",
    "mute": "sys.exit(3)",
    "slow": "time.sleep(60)",
}


@pytest.mark.parametrize("code", STRANGE.values(), ids=STRANGE)
def test_strange_programs_end_no_cell(code, monkeypatch, tmp_path):
    monkeypatch.setenv(dot.VARIABLE, program(tmp_path, code))
    monkeypatch.setattr(notebook, "PATIENCE", 2.0)
    for shown in (draw(fanout()[0]), *([steps(matrices())] * ("sleep" not in code))):
        found = shown._repr_mimebundle_()
        assert list(found) == [TEXT]
        *table, reason = found[TEXT].splitlines()
        assert table and reason.startswith("(no picture: ") and len(reason) > 20


@pytest.mark.parametrize("wanted", ["/no/such/program", "no such program", "/", "\0"])
def test_wrong_settings_end_no_cell(wanted, monkeypatch):
    if "\0" in wanted:
        monkeypatch.setattr(dot, "find_dot", lambda: (wanted, "test"))
    else:
        monkeypatch.setenv(dot.VARIABLE, wanted)
    found = draw(fanout()[0])._repr_mimebundle_()
    assert list(found) == [TEXT] and "(no picture" in found[TEXT]


def test_an_error_without_words_is_named():
    def fails():
        raise OSError

    assert bundle("text", {SVG: fails}) == {TEXT: "text\n(no picture: OSError)"}


def test_a_picture_without_its_png_is_still_shown(monkeypatch, pure, tmp_path):
    code = (
        f"import subprocess\nif '-Tpng' in sys.argv: sys.exit(1)\n"
        f"sys.exit(subprocess.run([{pure!r}, *sys.argv[1:]]).returncode)"
    )
    monkeypatch.setenv(dot.VARIABLE, program(tmp_path, code))
    found = draw(fanout()[0])._repr_mimebundle_()
    assert list(found) == [TEXT, SVG] and "(no picture: strange failed" in found[TEXT]


def test_a_graph_that_is_gone_is_still_shown():
    root = matrices()
    drawing = draw(root)
    root.backward(retain_graph=False)
    del root
    assert SVG in drawing._repr_mimebundle_()


def test_what_is_no_picture_is_an_error_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv(dot.VARIABLE, program(tmp_path, "print('hello')"))
    with pytest.raises(RuntimeError, match=f"Graphviz wrote no whole svg: set {dot.VARIABLE}"):
        draw(after_backward(fanout()[0])).svg()


def test_the_format_is_a_public_name():
    assert "set_notebook_format" in minigrad.viz.__all__
