"""The README does what it says: its code runs, what it prints is what it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What every block printed; all run in one namespace, from top to bottom, in a fresh folder."""
    import contextlib
    import io
    import os

    before, space, outputs = os.getcwd(), {}, []
    os.chdir(tmp_path_factory.mktemp("readme"))
    try:
        for block in blocks("python"):
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(block, "README.md", "exec"), space)
            outputs.append(out.getvalue())
        yield outputs, Path.cwd()
    finally:
        os.chdir(before)


def test_the_blocks_run_and_write_their_pictures(printed):
    outputs, folder = printed
    assert len(outputs) == len(blocks("python"))
    assert "<svg" in (folder / "neuron.svg").read_text()
    assert "<svg" in (folder / "network.svg").read_text()


def test_the_numbers_beside_the_first_expression(printed):
    said = re.findall(r"# (-?\d[-\d. ]*\d),", blocks("python")[0])
    assert printed[0][0].split() == " ".join(said).split()


@pytest.mark.parametrize("shown", blocks("text"), ids=lambda text: text.partition("\n")[0][:30])
def test_what_is_shown_is_what_is_printed(printed, shown):
    assert shown.strip() in [output.strip() for output in printed[0]]


def test_two_commands():
    marked = README.split("<!-- commands -->")[1].split("<!-- end -->")[0]
    commands = [line for line in marked.splitlines() if line.startswith("pip install")]
    assert len(commands) == 2
    assert commands[0].endswith("python demos/digits_cnn.py")
    assert commands[1].endswith("python -m pytest")


def test_every_file_that_is_named_exists():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_the_lecture_table_names_all_chapters_of_the_package():
    for part in ("value", "graph", "walk", "tensor", "check", "nn", "optim", "data", "training"):
        assert f"minigrad/{part}" in README
