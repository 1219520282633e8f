"""The same work twice: what comes out beside 1 is the noise of the machine."""

from __future__ import annotations

import numpy as np

from ..workload import Case, Comparison, Workload


def build(contestant: str) -> Case:
    """A product of two matrices, whoever asks."""
    a = np.random.default_rng(0).normal(size=(64, 64))
    return Case(lambda: a @ a, lambda: {"product": a @ a})


WORKLOADS = [
    Workload(
        "same",
        "a product of two 64×64 matrices, by two processes that do the same",
        build,
        (Comparison("one", "other"),),
    )
]
