"""Marks: what somebody has to say about nodes of a picture, such as the verdict of a check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COLORS = {"failure": "failure", "ok": "update", "note": "secondary"}  # of each kind, in a theme


@dataclass(frozen=True)
class Mark:
    """Lines of text for the box of a node, or one for an edge, in the style of their kind.

    kind: "failure" (also a thick dashed border), "ok" or "note". Colour is never the only sign:
    say in the text too what is the matter.
    """

    kind: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it in one line."""
        return ", ".join(self.lines)


# By node, or for an edge by (node, position): the input of the node that it leads from.
Marks = Mapping[Any, Mark]


def fails(marks: Marks, nodes: Sequence[Any]) -> bool:
    """Whether one of the nodes is marked as a failure."""
    return any(node in marks and marks[node].kind == "failure" for node in nodes)


def summary(marks: Marks, nodes: Sequence[Any]) -> list[Mark]:
    """The marks of several nodes in one box: failures in full, with their op; others counted."""
    marked = [(node, marks[node]) for node in nodes if node in marks]
    failures = [
        Mark("failure", (f"{node.op.name}: {mark.lines[0]}", *mark.lines[1:]))
        for node, mark in marked
        if mark.kind == "failure"
    ]
    others = Counter(mark.kind for _, mark in marked if mark.kind != "failure")
    return failures + [Mark(kind, (f"{count} {kind}",)) for kind, count in others.items()]
