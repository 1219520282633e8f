"""Pictures in tests are drawn by graphviz-pure, which the test extra brings along."""

from __future__ import annotations

import shutil

import pytest

from minigrad.viz.dot import PURE, VARIABLE, environment_scripts


@pytest.fixture(autouse=True)
def pure(monkeypatch: pytest.MonkeyPatch) -> str:
    program = shutil.which(PURE, path=environment_scripts())
    assert program, "install the test extra: it has graphviz-pure"
    monkeypatch.setenv(VARIABLE, program)
    return program
