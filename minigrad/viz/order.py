"""The order of inputs, where it counts: a − b is not b − a.

Graphviz is told to lay the first input out above the second, or left of it. Where that cannot be,
if one picture has a − b and b − a, and where Graphviz does not do it, in frames, the edges say
which is which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from minigrad.viz.parts import Division, Part

# Ops of two inputs that are not to be exchanged.
ORDERED = {
    *("subtract", "divide", "power", "matmul", "floor_divide", "remainder", "fmod", "arctan2"),
    "solve",
}


class Order:
    """What keeps the inputs of one picture in order."""

    def __init__(
        self, nodes: Sequence[Any], division: Division, frames: Mapping[Part, str]
    ) -> None:
        self.division, self.frames = division, frames
        drawn = set(division.edges(node for node in nodes if fixed(node)))
        self.sources = {node: self.pair(node) for node, i in drawn if i == 0 and (node, 1) in drawn}
        self.known = set(self.sources.values())

    def pair(self, node: Any) -> tuple[Part, Part]:
        """The boxes that the two inputs of a node come from."""
        first, second = node.inputs
        return self.division.home[first], self.division.home[second]

    def look(self, part: Part) -> dict[str, str]:
        """What tells Graphviz to keep the order."""
        if part.collapsed or part.face not in self.sources or self.frames[part]:
            return {}
        first, second = self.sources[part.face]
        return {"ordering": "in"} if first is not second else {}

    def word(self, node: Any, position: int) -> str:
        """Says "1st" or "2nd" on an edge, where the layout cannot tell."""
        if node not in self.sources:
            return ""
        first, second = self.sources[node]
        unsure = (second, first) in self.known or self.frames[self.division.home[node]]
        return ("1st", "2nd")[position] if unsure and first is not second else ""


def fixed(node: Any) -> bool:
    """Whether the order of its two inputs counts."""
    return node.op is not None and node.op.name in ORDERED and len(node.inputs) == 2
