"""What `import minigrad` takes beyond `import numpy`: fresh processes, one after the other."""

from __future__ import annotations

import subprocess
import sys

from ..workload import Case, Comparison, Workload


def build(contestant: str) -> Case:
    """A fresh Python that imports a package."""

    def step() -> None:
        subprocess.run([sys.executable, "-c", f"import {contestant}"], check=True)

    return Case(step, lambda: {})


WORKLOADS = [
    Workload(
        "import",
        "a fresh process that imports the package and ends",
        build,
        (Comparison("minigrad", "numpy", 0.05, difference=True),),
        rounds=25,
    )
]
