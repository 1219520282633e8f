"""One checker at work, in a process of its own: `python -m tests.benchmarks.checkers.worker NAME`.

It prints what it said to every task as JSON: a message for each of some seeds, null where it had
nothing to say.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from .alarms import RIGHT
from .faults import TASKS
from .peers import CHECKERS

SEEDS = range(5)


def verdicts(name: str) -> dict[str, Any]:
    """All that a checker says about faults and right functions; or which library is missing."""
    try:
        check = CHECKERS[name]()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("minigrad"):
            raise
        return {"missing": error.name}
    faults = {
        f"{task.name}: {mistake}": [check(task, vjp, task.inputs(seed)) for seed in SEEDS]
        for task in TASKS
        for mistake, vjp in task.faults.items()
    }
    right = {
        task.name: [check(task, task.vjp, task.inputs(seed)) for seed in SEEDS]
        for task in [*TASKS, *RIGHT]
    }
    return {"missing": None, "faults": faults, "right": right}


def main() -> None:
    answer, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    json.dump(verdicts(sys.argv[1]), answer)


if __name__ == "__main__":
    main()
