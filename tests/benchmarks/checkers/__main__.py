"""The command: `python -m tests.benchmarks.checkers`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..harness import ROOT
from . import tables
from .peers import CHECKERS


def answer(checker: str) -> dict[str, Any]:
    """What a checker says, from a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.checkers.worker", checker],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(run.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.checkers",
        description="Compare gradient checkers. Those not installed are named as missing.",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=ROOT / "out" / "benchmarks",
        help="folder for checkers.md and checkers.json",
    )
    folder = parser.parse_args().out
    found = {checker: answer(checker) for checker in CHECKERS}
    tables.write(found, folder)
    print(tables.text(found))


if __name__ == "__main__":
    main()
