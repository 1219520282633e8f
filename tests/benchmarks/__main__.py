"""The command: `python -m tests.benchmarks [names...]`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from . import readme, record, report
from .harness import ROOT, DisagreementError, measure
from .workload import Workload
from .workloads import WORKLOADS
from .workloads.epoch import FOLDER


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Compare minigrad with other libraries. Those not installed are left out.",
        epilog="workloads: " + ", ".join(WORKLOADS),
    )
    add = parser.add_argument
    add("names", nargs="*", help="workloads, or the beginnings of their names (default: all)")
    add("--seconds", type=float, default=5.0, help="time for a workload (default: %(default)s)")
    add("--out", type=Path, default=ROOT / "out" / "benchmarks", help="folder for the reports")
    add("--mnist", metavar="FOLDER", help="where MNIST's files are (default: random pixels)")
    add("--markdown", action="store_true", help="write the README's tables from all that is there")
    add("--only-report", action="store_true", help="measure nothing: report what is there")
    add("--quiet", action="store_true", help="no progress bar")
    chosen = parser.parse_args()
    for name in chosen.names:
        if not any(w.startswith(name) for w in WORKLOADS):
            parser.error(f"no workload begins with {name!r}; there are {', '.join(WORKLOADS)}")
    return chosen


def chosen_workloads(names: list[str]) -> list[Workload]:
    """Those whose names begin with one of the names; all if none is given."""
    return [w for w in WORKLOADS.values() if not names or w.name.startswith(tuple(names))]


def main() -> int:
    given, outcomes, wrong = arguments(), [], 0
    if given.mnist:
        os.environ[FOLDER] = str(Path(given.mnist).resolve())
    earlier = record.read(given.out / "benchmarks.json")
    for workload in [] if given.only_report else chosen_workloads(given.names):
        try:
            outcomes.append(measure(workload, given.seconds, progress=not given.quiet))
        except DisagreementError as error:
            print(f"not timed: {error}", file=sys.stderr)
            wrong = 1
        report.write(record.merged(earlier, outcomes), given.out)
    everything = record.merged(earlier, outcomes)
    if given.markdown:
        readme.write(everything)
    print(report.text(everything if given.only_report else outcomes))
    return wrong


if __name__ == "__main__":
    sys.exit(main())
