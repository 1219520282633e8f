"""Run every wrong use of messages.txt, and write the message that it gets below its code."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from wrong_uses import FILE, INDENT, Use, blocks, read, run


def record(file: Path = FILE) -> None:
    """Write the file anew; a use that raises nothing gets "no error"."""
    text = file.read_text(encoding="utf-8")
    start, uses = read(text)
    by_line = {use.line: use for use in uses}
    with tempfile.TemporaryDirectory() as folder:
        before = os.getcwd()
        os.chdir(folder)
        try:
            written = [
                with_message(start, by_line[line]) if line in by_line else "\n".join(lines)
                for line, lines in blocks(text)
            ]
        finally:
            os.chdir(before)
    file.write_text("\n\n".join(written) + "\n", encoding="utf-8")


def with_message(start: str, use: Use) -> str:
    """A block as it should be: the code, and the message indented."""
    message, changed = run(start, use)
    if message == "no error" or changed:
        print(f"line {use.line}: {message}; changed: {changed}\n{use.code}\n")
    return "\n".join([use.code, *(INDENT + line for line in message.split("\n"))])


if __name__ == "__main__":
    record()
