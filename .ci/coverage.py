"""Exit with 1 if the default tests reach too little: python .ci/coverage.py coverage.json"""

from __future__ import annotations

import json
import sys
from pathlib import Path

FLOORS = {"lines": 98.0, "branches": 95.0}  # per cent of the package
SHOWN = 10  # files


def percentages(totals: dict[str, float]) -> dict[str, float]:
    """How much was reached, of the lines and of the branches."""
    return {
        "lines": 100 * totals["covered_lines"] / totals["num_statements"],
        "branches": 100 * totals["covered_branches"] / totals["num_branches"],
    }


def least_reached(files: dict[str, dict]) -> list[str]:
    """The files with most lines and branches that no test reaches, and which these are."""
    missing = {name: (f["missing_lines"], f["missing_branches"]) for name, f in files.items()}
    ordered = sorted(missing, key=lambda name: -sum(map(len, missing[name])))
    return [f"  {name}: lines {missing[name][0]}, jumps {missing[name][1]}" for name in ordered]


def main(path: str) -> int:
    report = json.loads(Path(path).read_text(encoding="utf-8"))
    reached = percentages(report["totals"])
    for what, floor in FLOORS.items():
        print(f"{what}: {reached[what]:.2f} % reached, {floor:g} % wanted")
    if all(reached[what] >= floor for what, floor in FLOORS.items()):
        return 0
    print(*least_reached(report["files"])[:SHOWN], sep="\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
