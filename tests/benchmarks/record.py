"""What was measured, as JSON: with all samples, so that reports can be made of it later.

Runs of some workloads add to what earlier runs found, as long as machine and versions are the
same; so the whole can be measured in parts.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .harness import Outcome
from .workloads import WORKLOADS

LIBRARIES = (
    *("minigrad", "numpy", "torch", "jax", "tinygrad", "dezero", "smallpebble", "autograd"),
    *("mygrad", "micrograd"),
)


def libraries() -> dict[str, str]:
    """The versions of the libraries that are there."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "from its source" if name == "minigrad" else "missing"
    return found


def machine() -> str:
    """Python, system and processor."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        name = models[0].partition(": ")[2] if models else name
    return (
        f"Python {platform.python_version()}, {platform.system()}, {name}, {os.cpu_count()} cores"
    )


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "machine": machine(),
        "versions": libraries(),
        "workloads": {o.workload.name: outcome_json(o) for o in outcomes},
    }


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """One workload: the comparisons, and the samples that they came from."""
    return {
        "unit": outcome.workload.unit,
        "missing": outcome.missing,
        "comparisons": [
            {**pair._asdict(), **found._asdict(), "undisturbed": outcome.undisturbed(pair)}
            for pair, found in outcome.comparisons().items()
        ],
        "samples": outcome.samples,
    }


def write(outcomes: Sequence[Outcome], path: Path) -> None:
    """The file that `read` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(as_json(outcomes), indent=1), encoding="utf-8")


def read(path: Path) -> list[Outcome]:
    """The outcomes in the file, if it is there and of this machine and these versions."""
    if not path.exists():
        return []
    content = json.loads(path.read_text(encoding="utf-8"))
    if (content["machine"], content["versions"]) != (machine(), libraries()):
        return []
    return [
        Outcome(WORKLOADS[name], found["missing"], found["samples"])
        for name, found in content["workloads"].items()
        if name in WORKLOADS
    ]


def merged(earlier: Sequence[Outcome], later: Sequence[Outcome]) -> list[Outcome]:
    """All of them, the later ones in the place of earlier ones; in the order of the workloads."""
    found = {o.workload.name: o for o in (*earlier, *later)}
    return [found[name] for name in WORKLOADS if name in found]
