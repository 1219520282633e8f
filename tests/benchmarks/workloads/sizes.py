"""Contestants that are sizes of one task: each should take no longer than the theory says."""

from __future__ import annotations

from ..workload import Comparison

SLACK = 1.2  # times what a doubling should cost


def size(n: int, unit: str) -> str:
    """The name of a contestant."""
    return f"{n:,} {unit}"


def number(contestant: str) -> int:
    """What its name says."""
    return int(contestant.split()[0].replace(",", ""))


def doublings(
    smallest: int, largest: int, unit: str, theory: float = 1.0
) -> tuple[Comparison, ...]:
    """Each size against half of it, which should take 1 / 2^theory of the time."""
    sizes = [smallest]
    while sizes[-1] < largest:
        sizes.append(2 * sizes[-1])
    limit = 2**theory * SLACK
    return tuple(Comparison(size(2 * n, unit), size(n, unit), limit) for n in sizes[:-1])
