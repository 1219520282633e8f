"""Memory of a million Values: the peak of a fresh process, over that of one that makes none."""

from __future__ import annotations

import subprocess
import sys

from ..workload import Case, Comparison, Workload

MILLION = 1_000_000
SCRIPT = """
import resource, sys
from minigrad import Value
y, x = Value(1.0), Value(0.5)
for _ in range({values}):
    y = y + x
{then}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak / (1e6 if sys.platform == "darwin" else 1e3))  # bytes there, kilobytes elsewhere
"""
SCRIPTS = {
    "nothing": SCRIPT.format(values=0, then=""),
    "recorded": SCRIPT.format(values=MILLION, then=""),
    "recorded and walked": SCRIPT.format(values=MILLION, then="y.backward()"),
}


def build(contestant: str) -> Case:
    """A fresh process that tells its peak, in MB."""
    import resource  # noqa: F401  (not on Windows: there it is what is missing)

    def peak() -> float:
        command = [sys.executable, "-c", SCRIPTS[contestant]]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    return Case(peak, lambda: {})


WORKLOADS = [
    Workload(
        "memory",
        "a chain of a million Values, and backward through it",
        build,
        (
            Comparison("recorded", "nothing", 600, difference=True),
            Comparison("recorded and walked", "nothing", 600, difference=True),
        ),
        unit="MB",
        rounds=3,
    )
]
