"""What the checkers said, side by side: Markdown tables, and all of it as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..record import machine
from ..report import table

Verdicts = dict[str, dict[str, Any]]  # by checker: what worker.py prints

LIBRARIES = ("numpy", "torch", "autograd", "jax")
QUOTED = ("sqrt: without the 2", "convolution: filter not turned")
WIDEST = 160  # characters of a quotation


def text(found: Verdicts) -> str:
    """The whole report, in Markdown that can be read as it stands."""
    versions = ", ".join(f"{k} {v}" for k, v in libraries().items())
    parts = [
        "# Gradient checkers",
        f"{versions}. {machine()}. Each function is a custom op with its gradient written by hand, "
        "checked with the library's defaults at five random points in float64. A fault counts as "
        "caught if it is caught at all of them, a right gradient as doubted if it is at any.",
        summary(found),
        details(found, "faults", "planted fault", "caught", "missed"),
        details(found, "right", "right gradient", "doubted", "accepted"),
        quotations(found),
    ]
    return "\n\n".join(parts) + "\n"


def summary(found: Verdicts) -> str:
    """How much each catches, and how often it is wrong itself."""
    rows = []
    for checker, verdicts in found.items():
        if verdicts["missing"]:
            rows.append((checker, f"{verdicts['missing']} is missing", ""))
            continue
        caught = [all(said) for said in verdicts["faults"].values()]
        doubted = [any(said) for said in verdicts["right"].values()]
        rows.append((checker, share(caught), share(doubted)))
    return table(("checker", "planted faults caught", "right gradients doubted"), rows)


def share(these: Sequence[bool]) -> str:
    return f"{sum(these)} of {len(these)}"


def details(found: Verdicts, part: str, heading: str, yes: str, no: str) -> str:
    """A row for every task on which the checkers that are there differ, then the others."""
    present = {k: v[part] for k, v in found.items() if not v["missing"]}
    rows, agreed = [], []
    for task in next(iter(present.values()), {}):
        cells = [cell(verdicts[task], yes, no) for verdicts in present.values()]
        if len(set(cells)) > 1:
            rows.append((task, *cells))
        else:
            agreed.append(f"{task} ({cells[0]})")
    return f"{table((heading, *present), rows)}\n\nAll agree on {'; '.join(agreed) or 'nothing'}."


def cell(said: Sequence[str | None], yes: str, no: str) -> str:
    """In how many of the points it complained."""
    count = sum(message is not None for message in said)
    if count in (0, len(said)):
        return yes if count else no
    return f"{yes} in {count} of {len(said)}"


def quotations(found: Verdicts) -> str:
    """What each says about one and the same fault, in a line."""
    present = {k: v["faults"] for k, v in found.items() if not v["missing"]}
    parts = []
    for fault in QUOTED:
        said = {checker: faults[fault][0] for checker, faults in present.items()}
        lines = [f"- {checker}: {quotation(message)}" for checker, message in said.items()]
        parts.append("\n".join([f"What is said about “{fault}”:", "", *lines]))
    return "\n\n".join(parts)


def quotation(message: str | None) -> str:
    """The beginning of a message, as one line."""
    line = " ".join((message or "nothing").split())
    return f"“{line if len(line) <= WIDEST else line[: WIDEST - 1] + '…'}”"


def libraries() -> dict[str, str]:
    """The versions of the libraries that are there."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def write(found: Verdicts, folder: Path) -> None:
    """checkers.md and checkers.json in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkers.md").write_text(text(found), encoding="utf-8")
    content = {"machine": machine(), "versions": libraries(), "checkers": found}
    (folder / "checkers.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
