"""Two threads, beside a measure of whether two cores were there to run them.

Two processes that spin take half as long as one for the same work, if each has a core of its own.
Where other programs have one of the cores, the times of two threads mean little.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from ..workload import Case, Comparison, Workload
from . import step

ALONE, BOTH = "one process", "two processes"
TURNS = 200_000
SPIN = """
import sys
def spin(turns):
    for _ in range(turns):
        pass
"""
ANSWER = """
for line in sys.stdin:
    spin(int(line))
    print(flush=True)
"""


def spinning(together: bool) -> Case:
    """The same number of turns in one process, or in halves in two of them."""
    code: dict[str, object] = {}
    exec(SPIN, code)
    spin = code["spin"]
    assert callable(spin)
    if not together:
        return Case(partial(spin, 2 * TURNS), dict, expected={})
    other = subprocess.Popen(
        [sys.executable, "-c", SPIN + ANSWER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def both() -> None:
        assert other.stdin is not None
        assert other.stdout is not None
        print(TURNS, file=other.stdin, flush=True)
        spin(TURNS)
        other.stdout.readline()

    return Case(both, dict, expected={})


def build(name: str, contestant: str) -> Case:
    """A spinning contestant, or a library."""
    if contestant in (ALONE, BOTH):
        return spinning(contestant == BOTH)
    return step.build(step.NETWORKS[name][0], contestant)


def workload(name: str) -> Workload:
    """A training step with two threads."""
    pairs = (
        Comparison(BOTH, ALONE),
        Comparison("minigrad", "torch"),
        Comparison("minigrad", step.TUNED),
    )
    about = f"with two threads: {step.NETWORKS[name][1]}"
    return Workload(f"threads/{name}", about, partial(build, name), pairs, 1e-3, threads=2)


WORKLOADS = [workload(name) for name in ("mlp-128", "lenet-64", "cifar-64")]
