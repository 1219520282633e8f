"""What a score card says of the tests, counted in their source and in the judge's table.

python -m tests.judge.counted
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from . import verdicts
from .plant import ROOT

TESTS = ROOT / "tests"


def tests_in(folder: Path) -> Iterator[ast.FunctionDef]:
    """All test functions below a folder."""
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node


def is_property(test: ast.FunctionDef) -> bool:
    """Whether hypothesis draws its arguments: it is decorated with @given(...)."""
    names = [d.func for d in test.decorator_list if isinstance(d, ast.Call)]
    return any(isinstance(name, ast.Name) and name.id == "given" for name in names)


def properties() -> int:
    """How many properties hold, each for all that hypothesis draws."""
    return sum(map(is_property, tests_in(TESTS)))


def faults() -> int:
    """How many kinds of fault and load are survived: the tests in tests/faults."""
    return sum(1 for _ in tests_in(TESTS / "faults"))


def numbers() -> dict[str, int]:
    """All of them, by what they are."""
    caught, planted = verdicts.bugs_caught()
    return {
        "bugs planted": planted,
        "bugs caught": caught,
        "properties": properties(),
        "faults survived": faults(),
    }


if __name__ == "__main__":
    for name, number in numbers().items():
        print(f"{name}: {number}")
