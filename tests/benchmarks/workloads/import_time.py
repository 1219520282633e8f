"""What `import minigrad` takes beyond `import numpy`: fresh processes, one after the other."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from ..workload import Case, Comparison, Workload


def build(contestant: str) -> Case:
    """A fresh Python that imports a package from bytecode, as it does from the second time on."""
    cache = tempfile.TemporaryDirectory()
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": cache.name}

    def step() -> tempfile.TemporaryDirectory[str]:
        subprocess.run([sys.executable, "-c", f"import {contestant}"], check=True, env=env)
        return cache  # which is there as long as the step is

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
