"""How values stand in a sentence."""

from __future__ import annotations

from typing import Any


def shown(value: Any, most: int = 60) -> str:
    """A value as it is written, on one line; what is cut off ends in "…".

    >>> shown("a"), shown([1, 2, 3], most=6)
    ("'a'", '[1, 2…')
    """
    text = " ".join(repr(value).split())
    return text if len(text) <= most else text[: most - 1] + "…"
