"""The score card: what the tests hold, counted in the tests themselves.

    python -m tests.scores

writes it between two marks of the README. A test fails if it is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

import registry
from cases import listing
from judge import counted

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- scores -->", "<!-- end of scores -->"


def numbers() -> dict[str, int]:
    """All that is counted, by what it is."""
    held, left_out = listing.counts()
    cases = {"cases held": held, "cases left out": left_out}
    return {**cases, **registry.numbers(), **counted.numbers()}


def card() -> str:
    """The table of the README."""
    n = numbers()
    cases = n["cases held"] + n["cases left out"]
    rows = [
        ("hard cases with a known answer", f"{n['cases held']} of {cases}",
         "`python -m tests.cases`"),
        ("planted bugs that the tests catch", f"{n['bugs caught']} of {n['bugs planted']}",
         "`python -m tests.judge`"),
        ("samples, each checked to second order, in both precisions and all layouts",
         f"{n['samples']:,} of {n['functions with samples']} functions",
         "`tests/ops/test_samples.py`"),
        ("of these, results of another precision than their inputs", "0",
         "`test_float32_stays_float32`"),
        ("of these, gradients that share memory with anything", "0",
         "`test_gradients_own_their_memory_and_rules_change_nothing`"),
        ("properties, for whatever hypothesis draws", str(n["properties"]), "`tests/properties`"),
        ("kinds of fault and load survived", str(n["faults survived"]), "`tests/faults`"),
        ("deepest graph", "1,000,000 nodes", "`tests/test_value.py`, `tests/faults/test_load.py`"),
        ("growth of backward, for twice the nodes", "1.9 to 2.3 times the time",
         "`python -m tests.benchmarks growth`"),
    ]  # fmt: skip
    lines = [f"| {what} | {number} | {where} |" for what, number, where in rows]
    return "\n".join(["| | | held by |", "|---|---|---|", *lines])


def with_card(text: str) -> str:
    """The README with the card as it is now."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the README has no line {BEGIN} and, after it, {END}")
    return f"{before}{begin}\n{card()}\n{end}{after}"


if __name__ == "__main__":
    README.write_text(with_card(README.read_text(encoding="utf-8")), encoding="utf-8")
    print(card())
