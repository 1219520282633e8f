"""DOT, line by line. The graphviz package could write it too, but not ten thousand boxes at once.

Markup in labels comes from cells.py, where its text is escaped; all other text is quoted here.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Mapping

PLAIN = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*|-?(\.[0-9]+|[0-9]+(\.[0-9]*)?)")
KEYWORDS = {"node", "edge", "graph", "digraph", "subgraph", "strict"}


def statement(subject: str, name: str, group: str, look: Mapping[str, str], label: str) -> str:
    """A node or an edge with its id, class, attributes and label; label is markup."""
    text = f"label={label} " if label else ""
    return f'\t{subject} [{text}id="{name}" class="{group}"{attributes(tuple(look.items()))}]\n'


@functools.lru_cache(maxsize=1000)  # many boxes share a look
def attributes(look: tuple[tuple[str, str], ...]) -> str:
    return "".join(f" {key}={quoted(value)}" for key, value in look)


def quoted(value: str) -> str:
    """An attribute's value, in quotes unless it is a plain word or number.

    >>> quoted("filled"), quoted("0.06,0.03"), quoted('a "b"')
    ('filled', '"0.06,0.03"', '"a \\\\"b\\\\""')
    """
    if PLAIN.fullmatch(value) and value.lower() not in KEYWORDS:
        return value
    return '"' + value.replace('"', '\\"') + '"'


def tooltip(text: str) -> str:
    """A text for a tooltip, where DOT reads entities and \\N."""
    return html.escape(text, quote=False).replace("\\", "\\\\\\\\")
