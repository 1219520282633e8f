"""What a planted bug is: a few words in one file of the package, put in place of others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Plant:
    """A bug: in this file, the text on the left of each edit becomes the one on its right.

    seen_by are the test files, or parts of them, that are asked first.
    """

    number: int
    bug: str
    file: str
    edits: tuple[tuple[str, str], ...]
    seen_by: tuple[str, ...]

    def into(self, text: str) -> str:
        """The file's text with the bug in it.

        Errors: a ValueError unless what is to be replaced stands there exactly once.
        """
        for right, wrong in self.edits:
            if (found := text.count(right)) != 1:
                raise ValueError(
                    f"bug {self.number} ({self.bug}) cannot be planted: {self.file} holds "
                    f"{right!r} {found} times, wanted once; adapt the plant to the file"
                )
            text = text.replace(right, wrong)
        return text

    def plant(self, root: Path) -> None:
        """Put the bug into the copy of the project at root."""
        path = root / self.file
        path.write_text(self.into(path.read_text(encoding="utf-8")), encoding="utf-8")

    def difference(self) -> str:
        """The edits in a line each, as the table shows them."""
        return "; ".join(f"{one_line(right)} → {one_line(wrong)}" for right, wrong in self.edits)


def one_line(code: str) -> str:
    """Code of several lines in one, between marks of code."""
    shown = " ⏎ ".join(line.strip() for line in code.strip().splitlines())
    return f"`{shown}`" if shown else "nothing"
