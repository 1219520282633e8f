"""A disk that is full while saving, and drawing programs that crash or answer garbage."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad.viz import dot


class FullDisk:
    """A file that takes so many bytes and no more."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def write(self, data):
        self.room -= len(data)
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(data)

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        self.file.__enter__()
        return self

    def __exit__(self, *error):
        return self.file.__exit__(*error)


@pytest.mark.parametrize("room", [0, 10, 300, 2000])
@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(ending, room, tmp_path, monkeypatch):
    file = tmp_path / f"net.{ending}"
    mg.save({"w": np.arange(5.0)}, file)
    before = file.read_bytes()
    opened = Path.open

    def short_of_room(path, mode="r", *args, **kwargs):
        made = opened(path, mode, *args, **kwargs)
        return FullDisk(made, room) if "w" in mode or "x" in mode else made

    monkeypatch.setattr(Path, "open", short_of_room)
    monkeypatch.setattr("builtins.open", lambda p, *a, **k: short_of_room(Path(p), *a, **k))
    monkeypatch.setattr(os, "fdopen", fdopen_short_of_room(room))
    with pytest.raises(OSError) as caught:
        mg.save({"w": np.arange(1000.0)}, file)
    monkeypatch.undo()
    assert caught.value.errno == errno.ENOSPC
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == [file.name]
    assert mg.load(file)["w"].tolist() == [0, 1, 2, 3, 4]


def fdopen_short_of_room(room):
    opened = os.fdopen
    return lambda *args, **kwargs: FullDisk(opened(*args, **kwargs), room)


PROGRAMS = {
    "crashes": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "fails silently": "raise SystemExit(3)",
    "prints garbage": "import sys; sys.stdout.buffer.write(bytes(range(256)) * 40)",
    "prints nothing": "pass",
    "prints half a picture": "print('<svg><g><text>')",
}


@pytest.fixture
def graph():
    x = mg.Value(2.0, label="x")
    y = x * x + 3 * x
    y.backward()
    return y


@pytest.mark.parametrize("does", PROGRAMS)
def test_a_broken_program_is_an_error_and_in_a_notebook_a_table(does, graph, tmp_path, monkeypatch):
    program = tmp_path / "dot"
    program.write_text(f"#!{sys.executable}\n{PROGRAMS[does]}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv(dot.VARIABLE, str(program))
    drawing = mg.draw(graph)
    with pytest.raises(RuntimeError, match=r"dot failed with|no whole svg"):
        drawing.svg()
    with pytest.raises(RuntimeError, match=r"dot failed with|no whole svg"):
        drawing.save(tmp_path / "graph.svg")
    assert not (tmp_path / "graph.svg").exists()
    shown = drawing._repr_mimebundle_()
    assert "multiply(x, x)" in shown["text/plain"]
    assert "image/svg+xml" not in shown
