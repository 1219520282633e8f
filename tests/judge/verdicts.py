"""The table of verdicts, verdicts.md: written by the judge, read by the score card."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from .trial import Verdict

TABLE = Path(__file__).parent / "verdicts.md"
ROW = re.compile(r"^\| (\d+) \| (.*?) \| .* \| (.*?) \| [\d.]+ \|$", re.MULTILINE)
NOTHING = "nothing"

HEAD = """# The judge of the tests

Each bug was planted in a copy of the package by itself, and the tests were run, those first that
should see it. `python -m tests.judge` writes this table.

"""


def text(verdicts: Sequence[Verdict]) -> str:
    """The table in Markdown."""
    caught = sum(bool(v.caught_by) for v in verdicts)
    lines = [
        f"{caught} of {len(verdicts)} bugs caught.",
        "",
        "| # | bug | in the code | caught by | seconds |",
        "| --: | --- | --- | --- | --: |",
        *map(row, verdicts),
    ]
    return HEAD + "\n".join(lines) + "\n"


def row(verdict: Verdict) -> str:
    plant = verdict.plant
    texts = plant.bug, plant.difference(), verdict.caught_by or NOTHING
    cells = str(plant.number), *(text.replace("|", "\\|") for text in texts)
    return f"| {' | '.join(cells)} | {verdict.seconds:.1f} |"


def recorded() -> dict[int, tuple[str, str]]:
    """{number: (bug, the test that caught it)} from the table as it was last written."""
    found = ROW.findall(TABLE.read_text(encoding="utf-8"))
    return {int(number): (bug.replace("\\|", "|"), by) for number, bug, by in found}


def bugs_caught() -> tuple[int, int]:
    """(how many were caught, how many were planted) when the judge was last run."""
    caught_by = [by for _, by in recorded().values()]
    return len(caught_by) - caught_by.count(NOTHING), len(caught_by)
