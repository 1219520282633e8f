"""The command: `python -m tests.judge`."""

from __future__ import annotations

import argparse
import sys

from . import verdicts
from .bugs import BUGS
from .trial import check_sound, judged


def main() -> int:
    """Judge, print, write the table if all bugs were judged; 1 if one was not caught."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.judge",
        description="Plant each of the bugs in a copy of the package: the tests must see it.",
    )
    parser.add_argument("numbers", nargs="*", type=int, help="of the bugs; all of them by default")
    numbers = parser.parse_args().numbers
    chosen = [bug for bug in BUGS if not numbers or bug.number in numbers]
    if unknown := set(numbers) - {bug.number for bug in BUGS}:
        parser.error(f"no bugs {sorted(unknown)}: they are numbered 1 to {len(BUGS)}")
    check_sound(list(dict.fromkeys(file for bug in chosen for file in bug.seen_by)))
    found = []
    for bug in chosen:
        found.append(judged(bug))
        print(verdicts.row(found[-1]), flush=True)
    if not numbers:
        verdicts.TABLE.write_text(verdicts.text(found), encoding="utf-8")
    return 0 if all(verdict.caught_by for verdict in found) else 1


if __name__ == "__main__":
    sys.exit(main())
