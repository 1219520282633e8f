"""Which cases there are, which tests hold them, and which are left out."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECTIONS = "CNV|DAT|DRW|ELE|ENG|GCK|LIM|LIN|LOS|NRM|OPT|POL|RED|SAV|SHP|VAL"
NUMBERS = re.compile(rf"(?<![A-Z])({SECTIONS})((?:_(?:and_)?\d\d(?!\d))+)")

# What the package does not have, so that no test can hold it.
LEFT_OUT = {
    "RED-13": "there is no median",
    "DAT-16": "loaders have no workers: a batch is made in the process that asks for it",
}


def titles() -> dict[str, str]:
    """What is tried in each case, by its number."""
    text = Path(__file__).with_name("cases.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines())


def cases_of(name: str) -> list[str]:
    """The numbers in the name of a test.

    >>> cases_of("test_ENG_22_24_no_grad_nests")
    ['ENG-22', 'ENG-24']
    """
    return [
        f"{section}-{number}"
        for section, numbers in NUMBERS.findall(name)
        for number in re.findall(r"\d\d", numbers)
    ]


@cache
def held() -> dict[str, list[str]]:
    """The tests of each case, as pytest finds them, long ones too: file::function."""
    files = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if NUMBERS.search(path.read_text(encoding="utf-8"))
    ]
    options = ["--collect-only", "-q", "-m", "", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"pytest could not collect the tests of the cases:\n{done.stdout}")
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        path, *parts = line.split("::")
        for case in cases_of("::".join(parts)):
            test = f"{path}::{parts[-1].partition('[')[0]}"
            if test not in found.setdefault(case, []):
                found[case].append(test)
    return found


def counts() -> tuple[int, int]:
    """How many cases are held, and how many are left out."""
    tests = held()
    return sum(case in tests for case in titles()), len(LEFT_OUT)
