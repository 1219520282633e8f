"""What a workload is: one task, its contestants, and what is compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

Results = dict[str, Any]  # outputs and gradients by name: numbers or arrays


class Case(NamedTuple):
    """What a contestant brings along.

    The time of step() is what counts; in a workload that is not about time, its return value.
    results() are the outputs and gradients of one step: they must agree with those of the other
    contestants or, where a contestant has no peer for its task, with what it is known to expect.
    """

    step: Callable[[], Any]
    results: Callable[[], Results]
    expected: Results | None = None


class Comparison(NamedTuple):
    """Ours beside a peer's: a ratio or a difference, and the target that it should stay under."""

    ours: str
    peer: str
    target: float | None = None
    difference: bool = False

    def of(self, ours: float, peer: float) -> float:
        """The figure for one sample of each."""
        return ours - peer if self.difference else ours / peer


class Group(NamedTuple):
    """Workloads of which the geometric mean counts, and the target that it should stay under."""

    name: str
    target: float


@dataclass(frozen=True)
class Workload:
    """A task, and who does it.

    build(contestant) makes the contestant's case, in a process of its own. A contestant is a
    library or any other way to do the task; a library that is not there is just not compared.
    """

    name: str
    about: str
    build: Callable[[str], Case]
    comparisons: tuple[Comparison, ...]
    rtol: float = 1e-9  # of results, relative to the largest entry of an array
    unit: str = "s"
    rounds: int | None = None  # None: as many as there is time for
    threads: int = 1  # of each contestant
    group: Group | None = None
    theory: float | None = None  # if contestants are sizes: time should grow with this power

    @property
    def contestants(self) -> list[str]:
        """All of them once, in the order in which the comparisons name them."""
        return list(dict.fromkeys(name for pair in self.comparisons for name in pair[:2]))
