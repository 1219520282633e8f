"""What the lecture says, beside what was measured, and whether the one follows from the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill


@dataclass(frozen=True)
class Claim:
    """A sentence of the lecture, the numbers about it, and what must be true of them."""

    says: str
    measured: str
    tests: tuple[bool, ...]

    @property
    def verdict(self) -> str:
        """holds: all is true; partly: some is; no: nothing is."""
        return "holds" if all(self.tests) else "partly" if any(self.tests) else "no"

    def __str__(self) -> str:
        said = fill(
            f"“{self.says}”", 96, initial_indent=f"{self.verdict:8}", subsequent_indent=INDENT
        )
        return f"{said}\n{fill(self.measured, 96, initial_indent=INDENT, subsequent_indent=INDENT)}"


INDENT = " " * 8


def show_claims(claims: Iterable[Claim], whose: str = "What the lecture says") -> None:
    """A paragraph for each."""
    print(f"\n{whose}, and what was measured:")
    for claim in claims:
        print(claim)


def show_files(files: dict[str, Path]) -> None:
    """Where the pictures are."""
    print()
    width = max(map(len, files)) + 1
    for what, path in files.items():
        print(f"{what + ':':{width}} {path}")
