"""How times are taken: a process for each contestant, short samples by turns, ratios by rounds.

Two libraries in one process spoil each other, and a machine is never equally fast for long. So
each contestant has a process of its own, with one thread unless the workload is about threads;
they take their samples in turns, and what is compared is always two samples of one round: the
median of many ratios.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .workload import Comparison, Results, Workload

ROOT = Path(__file__).parents[2]
THREADED = ("OPENBLAS", "OMP", "MKL", "BLIS", "VECLIB", "NUMEXPR")
FEWEST, MOST = 9, 400  # rounds


class DisagreementError(AssertionError):
    """Contestants whose outputs or gradients differ are not timed."""


class Process:
    """A contestant in a process of its own; see worker.py for what it answers."""

    def __init__(self, workload: Workload, contestant: str) -> None:
        self.contestant = contestant
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.worker", workload.name, contestant],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **{f"{x}_NUM_THREADS": str(workload.threads) for x in THREADED}},
        )

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.communicate()  # ends its input, and waits

    def missing(self) -> str | None:
        """The library that it lacks, if it does; known once it has built its case."""
        return self.answer()["missing"]

    def ask(self, *request: Any) -> Any:
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended: then there is no answer either
            print(json.dumps(request), file=self.process.stdin, flush=True)
        return self.answer()

    def answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.contestant} has failed: its own message is above")
        return json.loads(line)


class Figure(NamedTuple):
    """The median, and how far apart the samples are: the 20th and 80th percentile."""

    median: float
    low: float
    high: float


def figure(samples: Iterable[float]) -> Figure:
    """The figure of some samples."""
    low, median, high = np.percentile(list(samples), [20, 50, 80])
    return Figure(float(median), float(low), float(high))


@dataclass
class Outcome:
    """What was measured: a sample of each contestant per round, and who was missing."""

    workload: Workload
    missing: dict[str, str] = field(default_factory=dict)  # contestant: library
    samples: dict[str, list[float]] = field(default_factory=dict)

    def figure(self, contestant: str) -> Figure:
        """What its samples come to."""
        return figure(self.samples[contestant])

    def compared(self, pair: Comparison) -> Figure:
        """What the comparison comes to: its value for each round, then their median."""
        return figure(map(pair.of, self.samples[pair.ours], self.samples[pair.peer]))

    def undisturbed(self, pair: Comparison) -> float:
        """The same of both contestants' 20th percentiles: of the samples that nothing slowed."""
        return pair.of(self.figure(pair.ours).low, self.figure(pair.peer).low)

    def comparisons(self) -> dict[Comparison, Figure]:
        """The comparisons for which both are there."""
        pairs = self.workload.comparisons
        return {p: self.compared(p) for p in pairs if {p.ours, p.peer} <= self.samples.keys()}


def measure(workload: Workload, seconds: float = 5.0, progress: bool = True) -> Outcome:
    """Check that the contestants of a workload agree, then take their samples."""
    outcome = Outcome(workload)
    with ExitStack() as stack:
        everyone = [stack.enter_context(Process(workload, x)) for x in workload.contestants]
        lacking = {p.contestant: p.missing() for p in everyone}
        outcome.missing = {x: library for x, library in lacking.items() if library}
        present = [p for p in everyone if p.contestant not in outcome.missing]
        check_agreement(workload, {p.contestant: p.ask("results") for p in present})
        longest = sum(p.ask("warm", seconds / 20) for p in present)
        rounds = workload.rounds or int(np.clip(seconds / longest, FEWEST, MOST))
        outcome.samples = take_turns(present, bar(rounds, workload.name, progress))
    return outcome


def take_turns(processes: Sequence[Process], rounds: Iterable[int]) -> dict[str, list[float]]:
    """Every round takes a sample of each, now in this order, now in the other."""
    samples: dict[str, list[float]] = {p.contestant: [] for p in processes}
    for i in rounds:
        for p in processes if i % 2 else reversed(processes):
            samples[p.contestant].append(p.ask("sample"))
    return samples


def check_agreement(workload: Workload, results: dict[str, Sequence[Results | None]]) -> None:
    """Each contestant's results against what it expects, or against those of the last one."""
    last = next(reversed(results.values()), None)
    for contestant, (found, expected) in results.items():
        wanted: Any = last and last[0] if expected is None else expected
        for name in wanted:
            error = distance(found[name], wanted[name]) if found else np.inf
            if not error <= workload.rtol:
                raise DisagreementError(
                    f"{workload.name}: {name} of {contestant} is off by {error:.1e} of its "
                    f"largest entry, allowed are {workload.rtol:.0e}"
                )


def distance(found: Any, wanted: Any) -> float:
    """The largest difference, relative to the largest number; inf for different shapes."""
    a, b = np.asarray(found), np.asarray(wanted)
    if a.shape != b.shape:
        return np.inf
    return float(np.max(np.abs(a - b), initial=0) / (np.max(np.abs(b), initial=0) or 1))


def bar(rounds: int, name: str, progress: bool) -> Iterable[int]:
    """The numbers of the rounds, with a progress bar if there is tqdm."""
    try:
        from tqdm import tqdm
    except ImportError:
        return range(rounds)
    return tqdm(
        range(rounds), desc=name, unit="round", leave=False, disable=None if progress else True
    )
