"""The generated tables are those of the source as it is now."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import tables

from minigrad.ops import activation, elementwise


def test_the_committed_tables_are_fresh():
    for path, text in tables.files():
        fresh = path.read_text(encoding="utf-8") == text
        assert fresh, f"{path.name} is stale: run python -m tests.tables"


def test_every_file_of_ops_is_there():
    has_ops = {
        path.stem
        for path in (tables.ROOT / "minigrad" / "ops").glob("*.py")
        if path.stem not in ("primitive", "rules") and tables.entries(path)
    }
    assert has_ops <= set(tables.FILES) | {"conv_lecture", "cells", "scatter", "moments"}


def test_rules_are_told():
    path = Path(elementwise.__file__)
    told = {entry.name: entry for entry in tables.entries(path)}
    assert told["exp"].formula == "y = eˣ"
    assert told["exp"].rules == {"x": "`g * y`"}
    assert set(told["power"].rules) == {"a", "b"}
    assert "relu" in {entry.name for entry in tables.entries(Path(activation.__file__))}


def test_both_forms_of_every_optimizer():
    lines = tables.optimizers().splitlines()[2:]
    assert len(lines) == 6
    assert "as the lecture" in lines[0]
    assert all(line.count("|") == 5 for line in lines)


def test_a_readme_without_marks_is_refused():
    with pytest.raises(ValueError, match="has no line"):
        tables.with_optimizers("no marks here")
