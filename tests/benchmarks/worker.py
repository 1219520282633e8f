"""One contestant at work, in a process of its own.

`python -m tests.benchmarks.worker WORKLOAD CONTESTANT` builds the contestant's case and says so,
then answers requests. Requests and answers are JSON, one to a line, on stdin and stdout.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .workload import Case, Results, Workload
from .workloads import WORKLOADS

SAMPLE = 0.003  # seconds: a sample should be short, so that little else can come in between


MOST = 20_000  # entries of an array that are compared


def lists(results: Results | None) -> Results | None:
    """Results as JSON can carry them, which is exact; of long arrays every n-th entry."""
    return results and {k: thinned(np.asarray(v, dtype=float)) for k, v in results.items()}


def thinned(x: np.ndarray) -> Any:
    """The array as lists; if it is long some of its entries, in reading order."""
    if x.size <= MOST:
        return x.tolist()
    return x.ravel()[:: x.size // MOST | 1].tolist()  # odd: entries of all columns come in


class Worker:
    """Answers the requests of the harness: `results`, `warm`, `sample`."""

    def __init__(self, case: Case, timed: bool) -> None:
        self.case, self.timed = case, timed
        self.repeat = 1  # how many steps make a sample

    def results(self) -> list[Results | None]:
        """The outputs and gradients, and what was expected."""
        return [lists(self.case.results()), lists(self.case.expected)]

    def warm(self, seconds: float) -> float:
        """Work for some time, fit the size of a sample, and return the time that one takes."""
        end, fastest = time.perf_counter() + seconds, self.clock(1)
        while time.perf_counter() < end:
            fastest = min(fastest, self.clock(1))
        if self.timed:
            self.repeat = max(1, int(SAMPLE / fastest))
        return fastest * self.repeat

    def sample(self) -> float:
        """Seconds per step; or, if it is not about time, what a step returns."""
        if not self.timed:
            return float(self.case.step())
        if self.repeat > 1:
            self.case.step()  # others had the caches since the last sample
        return self.clock(self.repeat) / self.repeat

    def clock(self, repeat: int) -> float:
        """Seconds for some steps. Python's collector is on, as users have it."""
        step, start = self.case.step, time.perf_counter()
        for _ in range(repeat):
            step()
        return time.perf_counter() - start


def built(workload: Workload, contestant: str) -> Case | str:
    """The contestant's case, or the name of the library that it lacks."""
    try:
        case = workload.build(contestant)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("minigrad"):
            raise
        return error.name
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(workload.threads)
    return case


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer

    def answer(value: Any) -> None:
        print(json.dumps(value), file=answers, flush=True)

    workload = WORKLOADS[sys.argv[1]]
    case = built(workload, sys.argv[2])
    if isinstance(case, str):
        return answer({"missing": case})
    worker = Worker(case, timed=workload.unit == "s")
    requests: dict[str, Callable[..., Any]] = {
        "results": worker.results,
        "warm": worker.warm,
        "sample": worker.sample,
    }
    answer({"missing": None})
    for line in sys.stdin:
        request, *args = json.loads(line)
        answer(requests[request](*args))


if __name__ == "__main__":
    main()
