"""Memory: what a million Values take, and what a training step adds at its peak.

Each figure comes from a fresh process.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from importlib import import_module
from pathlib import Path

from ..workload import Case, Comparison, Workload
from .step import TUNED

MILLION = 1_000_000
STATUS = Path("/proc/self/status")
MEGABYTES = """
def megabytes(entry):  # ru_maxrss would begin with the peak of the process that started this one
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in file if line.startswith(entry))
"""
VALUES = (
    MEGABYTES
    + """
from minigrad import Value
y, x = Value(1.0), Value(0.5)
for _ in range({values}):
    y = y + x
{then}
print(megabytes("VmHWM"))
"""
)
SCRIPTS = {
    "nothing": VALUES.format(values=0, then=""),
    "recorded": VALUES.format(values=MILLION, then=""),
    "recorded and walked": VALUES.format(values=MILLION, then="y.backward()"),
}
STEP = (
    MEGABYTES
    + """
from tests.benchmarks.workloads.step import NETWORKS, build
case = build(NETWORKS["cifar-64"][0], "{contestant}")
before = megabytes("VmRSS")
for _ in range(3):
    case.step()
print(megabytes("VmHWM") - before)
"""
)


def of_values(contestant: str) -> Case:
    """The peak of a process that makes Values."""
    return measured(SCRIPTS[contestant])


def of_step(contestant: str) -> Case:
    """What three steps add to a process that has made the network."""
    module_of(contestant)
    return measured(STEP.format(contestant=contestant))


def module_of(contestant: str) -> None:
    """Import its library, so that one that is missing is named."""
    import_module(contestant.partition(",")[0])


def measured(script: str) -> Case:
    """A fresh process that tells a number of MB."""
    if not STATUS.exists():
        raise ModuleNotFoundError("only Linux tells what a process has now", name=str(STATUS))

    def megabytes() -> float:
        run = subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE)
        return float(run.stdout)

    return Case(megabytes, dict)


in_megabytes = partial(Workload, unit="MB", rounds=3)

WORKLOADS = [
    in_megabytes(
        "memory/values",
        "a chain of a million Values, and backward through it",
        of_values,
        (
            Comparison("recorded", "nothing", 600, difference=True),
            Comparison("recorded and walked", "nothing", 600, difference=True),
        ),
    ),
    in_megabytes(
        "memory/cifar-64",
        "what three training steps of the CIFAR network add at their peak",
        of_step,
        (Comparison("minigrad", "torch", 1.0), Comparison("minigrad", TUNED)),
    ),
]
