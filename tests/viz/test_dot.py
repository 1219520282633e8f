import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import graphviz
import pytest

import minigrad.viz
from minigrad.viz import dot
from minigrad.viz.dot import PURE, VARIABLE, complaint, dot_not_found, find_dot, run_dot

SOURCE = "digraph { a -> b }"


@pytest.fixture
def nothing(monkeypatch, tmp_path):
    """No program anywhere."""
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(dot, "environment_scripts", lambda: str(tmp_path))
    return tmp_path


def program(folder: Path, name: str, code: str) -> Path:
    """A fake Graphviz, written in Python."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{code}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_environment_variable_comes_first(monkeypatch, tmp_path):
    wanted = program(tmp_path, "mine", "")
    program(tmp_path, "dot", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(VARIABLE, str(wanted))
    assert find_dot() == (str(wanted), VARIABLE)
    monkeypatch.setenv(VARIABLE, "mine")
    assert find_dot() == (str(wanted), VARIABLE)


def test_then_dot_on_the_path(nothing):
    system = program(nothing, "dot", "")
    program(nothing, PURE, "")
    assert find_dot() == (str(system), "PATH")


def test_then_graphviz_pure_beside_python_with_an_empty_path(monkeypatch, pure):
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("PATH", "")
    path, origin = find_dot()
    assert (Path(path).stem, origin) == (PURE, PURE)
    assert run_dot(SOURCE, "svg").endswith(b"</svg>\n")


def test_DRW_08_no_program_names_the_extra_and_the_source(nothing):
    with pytest.raises(minigrad.viz.DotNotFound) as caught:
        find_dot()
    message = str(caught.value)
    assert 'pip install "minigrad[dot]"' in message
    assert "apt install graphviz" in message
    assert ".source" in message
    assert len(message.splitlines()) == 3


def test_a_wrong_variable_is_named(monkeypatch, tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("not a program")
    for wrong in (str(plain), "no-such-program"):
        monkeypatch.setenv(VARIABLE, wrong)
        with pytest.raises(
            minigrad.viz.DotNotFound, match=f"{VARIABLE} is '.*{plain.name}|no-such"
        ):
            find_dot()


def test_dot_not_found_is_what_the_graphviz_package_raises():
    error = minigrad.viz.DotNotFound("gone")
    assert isinstance(error, graphviz.ExecutableNotFound)
    assert minigrad.viz.DotNotFound is dot_not_found()
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == "gone"


def test_an_unknown_name_is_still_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        minigrad.viz.no_such_name  # noqa: B018  # asking for it is the test


def test_import_does_without_graphviz():
    code = "import sys, minigrad.viz; print('graphviz' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("format", ["svg; rm x", "../x", "-o", "gif", "SVG", ""])
def test_DRW_07_only_known_formats_reach_the_program(format):
    with pytest.raises(ValueError, match="format must be one of svg, png, pdf"):
        run_dot(SOURCE, format)


def test_pdf_needs_the_system_program():
    with pytest.raises(minigrad.viz.DotNotFound, match="PDF needs the system Graphviz"):
        run_dot(SOURCE, "pdf")


def test_dpi_scales_a_png():
    small, large = (run_dot(SOURCE, "png", dpi=dpi) for dpi in (50, 100))
    widths = [int.from_bytes(png[16:20], "big") for png in (small, large)]
    assert widths[1] == pytest.approx(2 * widths[0], abs=2)


def test_bad_dot_is_an_error_with_the_message_of_the_program():
    with pytest.raises(RuntimeError, match=r"failed with exit code [1-9]: \S"):
        run_dot("digraph { a -> ", "svg")


def test_failure_counts_even_when_a_picture_was_written(monkeypatch, tmp_path):
    code = "print('<svg></svg>'); sys.stderr.write('E' * 5000); sys.exit(3)"
    monkeypatch.setenv(VARIABLE, str(program(tmp_path, "fails", code)))
    with pytest.raises(RuntimeError, match="fails failed with exit code 3: E") as caught:
        run_dot(SOURCE, "svg")
    assert len(str(caught.value)) < 600


def test_DRW_07_arguments_are_a_list_and_the_source_goes_to_standard_input(monkeypatch, tmp_path):
    code = "sys.stdout.write(repr(sys.argv[1:]) + sys.stdin.read())"
    monkeypatch.setenv(VARIABLE, str(program(tmp_path, "a $(x) 'b'", code)))
    assert run_dot(SOURCE, "png", dpi=72).decode() == f"['-Tpng', '-Gdpi=72']{SOURCE}"


def test_DRW_10_a_program_that_hangs_is_killed(monkeypatch, tmp_path):
    note = tmp_path / "pid"
    code = f"import os; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    monkeypatch.setenv(VARIABLE, str(program(tmp_path, "hangs", code)))
    start = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        run_dot(SOURCE, "svg", timeout=1.0)
    assert time.monotonic() - start < 20
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_remarks_on_widths_are_dropped():
    told = b"Warning: no value for width of non-ASCII character 226.\nError: syntax\n"
    assert complaint(told) == "Error: syntax"
