"""The score card: what the tests hold, counted in the tests themselves.

    python -m tests.scores

writes it between two marks of the README. A test fails if it is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.extend(str(Path(__file__).parent / folder) for folder in ("", "ops"))

import registry
from benchmarks.marks import between
from cases import listing
from faults.test_load import test_a_graph_of_many_tensors
from judge import counted
from sample import Sample, assert_float32, assert_memory
from samples import SAMPLES

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- scores -->", "<!-- end of scores -->"


def numbers() -> dict[str, int]:
    """All that is counted, by what it is."""
    held, left_out = listing.counts()
    everything = [sample for samples in registry.samples_of().values() for sample in samples]
    kept = [sample for sample in SAMPLES if sample.keeps_dtype]
    return {
        "cases held": held,
        "cases left out": left_out,
        **registry.numbers(),
        "samples of float32": len(kept),
        "of another precision": failing(assert_float32, kept),
        "sharing memory": failing(assert_memory, everything),
        **counted.numbers(),
        "nodes": max(counts(test_a_graph_of_many_tensors)),
    }


def failing(check: Callable[[Sample], None], samples: Iterable[Sample]) -> int:
    """How many of the samples do not pass."""
    found = 0
    for sample in samples:
        try:
            check(sample)
        except AssertionError:
            found += 1
    return found


def counts(test: Any) -> Iterator[int]:
    """The numbers that a test is run with."""
    for value in test.pytestmark[0].args[1]:
        yield value if isinstance(value, int) else value.values[0]


def card() -> str:
    """The table of the README."""
    n = numbers()
    cases = n["cases held"] + n["cases left out"]
    rows = [
        ("hard cases with a known answer", f"{n['cases held']} of {cases}",
         "`python -m tests.cases`"),
        ("planted bugs that the tests catch", f"{n['bugs caught']} of {n['bugs planted']}",
         "`python -m tests.judge`"),
        ("samples, each checked by finite differences",
         f"{n['samples']:,} of {n['functions with samples']} functions",
         "`tests/ops/test_samples.py`, `tests/nn/test_function_samples.py`"),
        ("of these ops in float32, results or gradients that leave it",
         f"{n['of another precision']} of {n['samples of float32']:,}",
         "`test_float32_stays_float32`"),
        ("of these, gradients that share memory with anything", str(n["sharing memory"]),
         "`test_gradients_own_their_memory_and_rules_change_nothing`"),
        ("properties, for whatever hypothesis draws", str(n["properties"]), "`tests/properties`"),
        ("kinds of fault and load survived", str(n["faults survived"]), "`tests/faults`"),
        ("nodes in the deepest graph", f"{n['nodes']:,}", "`tests/faults/test_load.py`"),
    ]  # fmt: skip
    lines = [f"| {what} | {number} | {where} |" for what, number, where in rows]
    return "\n".join(["| | | held by |", "|---|---|---|", *lines])


def with_card(text: str) -> str:
    """The README with the card as it is now."""
    return between(text, BEGIN, END, card())


if __name__ == "__main__":
    README.write_text(with_card(README.read_text(encoding="utf-8")), encoding="utf-8")
    print(card())
