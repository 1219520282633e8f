"""A trial: a copy of the project with one bug in it, and what its tests say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .plant import ROOT, Plant

LEFT_OUT = (".*", "__pycache__", "out", "build", "dist")
ITSELF = "test_judge.py"  # would see every bug at once: it looks for what is replaced
PYTEST = ("-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "--no-header", "-p", "no:cacheprovider")
SECONDS = 1800  # for the whole suite

FAILED = re.compile(r"^FAILED (.+?)(?: - .*)?$", re.MULTILINE)
BROKEN = re.compile(r"^ERROR (.+)", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """What became of a bug: the test that caught it, or nothing if none did."""

    plant: Plant
    caught_by: str
    seconds: float


@contextmanager
def copy_of_the_project() -> Iterator[Path]:
    """A folder with all that the tests need, without the test of this judge."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*LEFT_OUT, ITSELF))
        yield root


def first_failure(root: Path, tests: Sequence[str]) -> str:
    """The first test that fails in the project at root, or nothing if all pass.

    Errors: a RuntimeError if the tests cannot be run at all, or come to no end.
    """
    environment = {**os.environ, "PYTHONPATH": str(root), "OPENBLAS_NUM_THREADS": "1"}
    try:
        run = subprocess.run(
            [sys.executable, *PYTEST, *tests],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"the tests came to no end in {SECONDS} s") from None
    if run.returncode == 0:
        return ""
    if found := FAILED.search(run.stdout):
        return found[1]
    if found := BROKEN.search(run.stdout):
        raise RuntimeError(f"the tests could not be read: {found[1]}")
    raise RuntimeError(
        f"pytest ended with {run.returncode}: {run.stdout[-500:]}{run.stderr[-500:]}"
    )


def check_sound(tests: Sequence[str]) -> None:
    """Raise RuntimeError unless these tests pass where no bug is planted."""
    with copy_of_the_project() as root:
        if failure := first_failure(root, tests):
            raise RuntimeError(f"{failure} fails without any bug: nothing can be judged")


def judged(plant: Plant) -> Verdict:
    """Plant the bug in a copy and run the tests, those first that should see it.

    They are taken to pass where no bug is; of any other test that fails this is checked.
    """
    start = time.perf_counter()
    with copy_of_the_project() as root:
        plant.plant(root)
        caught = first_failure(root, plant.seen_by)
        if not caught:
            caught = first_failure(root, [f"--ignore={file}" for file in plant.seen_by])
            if caught:
                check_sound([caught])
    return Verdict(plant, caught, time.perf_counter() - start)
