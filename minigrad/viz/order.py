"""The order of inputs, where it counts: a − b is not b − a.

Graphviz is told to lay the first input out above the second, or left of it. Where that cannot be,
the edges say which is which: if one picture has a − b and b − a, or if there are frames, in which
some versions of Graphviz end with a failed assertion when they are told so.
"""

from __future__ import annotations

from typing import Any

from minigrad.viz.parts import Division, Part
from minigrad.viz.reading import Reading

# Ops of two inputs that are not to be exchanged.
ORDERED = {
    *("subtract", "divide", "power", "matmul", "floor_divide", "remainder", "fmod", "arctan2"),
    "solve",
}


class Order:
    """What keeps the inputs of one picture in order."""

    def __init__(self, reading: Reading, division: Division, framed: bool) -> None:
        self.reading, self.division, self.framed = reading, division, framed
        drawn = set(division.edges(node for node in reading.nodes if fixed(node)))
        self.sources = {node: self.pair(node) for node, i in drawn if i == 0 and (node, 1) in drawn}
        self.known = set(self.sources.values())

    def pair(self, node: Any) -> tuple[Part, Part]:
        """The boxes that the two inputs of a node come from."""
        first, second = node.inputs
        return self.division.home[first], self.division.home[second]

    def look(self, part: Part) -> dict[str, str]:
        """What tells Graphviz to keep the order."""
        if self.framed or part.collapsed or part.face not in self.sources:
            return {}
        first, second = self.sources[part.face]
        return {"ordering": "in"} if first is not second else {}

    def word(self, node: Any, position: int) -> str:
        """Says "1st" or "2nd" on an edge, where the layout cannot tell."""
        if node not in self.sources:
            return ""
        first, second = self.sources[node]
        opposed = first is not second and (second, first) in self.known
        place = self.reading.place  # inputs are laid out in the order in which they were reached
        turned = self.framed and place[first.face] > place[second.face]
        return ("1st", "2nd")[position] if opposed or turned else ""


def fixed(node: Any) -> bool:
    """Whether the order of its two inputs counts."""
    return node.op is not None and node.op.name in ORDERED and len(node.inputs) == 2
