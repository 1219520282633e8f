"""Parts of the README that are written by a command, between two marks of their own."""

from __future__ import annotations


def between(text: str, begin: str, end: str, new: str) -> str:
    """The text with something new between the marks, which stay.

    Raises ValueError if they are not there.
    """
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"the README has no line {begin} and, after it, {end}")
    return f"{before}{begin}\n{new}\n{end}{after}"
