"""What is written on an edge: upstream × local derivative, or how a shape was broadcast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from minigrad.viz.reading import Reading, known_slopes
from minigrad.viz.text import number, shape


@dataclass(frozen=True)
class EdgeText:
    """The text on an edge, and whether it speaks of a gradient."""

    text: str = ""
    gradient: bool = False


class EdgeTexts:
    """Writes on the edges between the nodes drawn; mode as `fitting_mode` gives it."""

    def __init__(self, reading: Reading, mode: str, drawn: Sequence[Any]) -> None:
        self.reading, self.mode = reading, mode
        self.slopes: dict[Any, Sequence[Any]] = {}
        self.trouble = ""
        if mode == "local" or (mode == "chain" and not reading.gradients.trouble):
            self.slopes, self.trouble = known_slopes(drawn)

    def of(self, node: Any, position: int) -> EdgeText:
        """The text on the edge to a node from its input at this position."""
        x = node.inputs[position]
        if not x.requires_grad or self.reading.beside(x):
            return EdgeText(shape(x.shape) if self.mode == "shape" else "")
        if self.mode in ("chain", "local") and is_number(node) and is_number(x):
            return self.slope(node, position)
        told = [shape(x.shape)] if self.mode == "shape" else []
        told += [broadcast(node, x)] if self.mode != "none" else []
        return EdgeText("  ".join(filter(None, told)))

    def slope(self, node: Any, position: int) -> EdgeText:
        """The local derivative; in a chain the upstream gradient times it."""
        slopes = self.slopes.get(node)
        if slopes is None or slopes[position] is None:
            return EdgeText()
        local = number(slopes[position])
        if self.mode == "local":
            return EdgeText(f"∂ {local}")
        upstream = self.reading.gradient(node)
        if upstream is None or node not in self.reading.gradients.shares:
            return EdgeText()
        return EdgeText(f"{number(upstream)} × {local}", gradient=True)


def fitting_mode(reading: Reading, nodes: Sequence[Any], edges: str) -> str:
    """chain, local, shape, broadcast or none: for "auto" what fits the nodes drawn."""
    if edges != "auto":
        return edges
    if reading.values == "none" or reading.gradients.trouble or not all(map(is_number, nodes)):
        return "broadcast"
    return "chain" if reading.gradients.shares else "local"


def elementwise(node: Any) -> bool:
    """Whether the op works entry by entry on arrays; the ops of Values have no arrays."""
    return getattr(node.op, "elementwise", False)


def broadcast(node: Any, x: Any) -> str:
    """How the gradient comes back where an entry-by-entry op has copied an input along axes."""
    if not elementwise(node) or x.shape == node.shape:
        return ""
    lead = len(node.shape) - len(x.shape)
    copied = [*range(lead)]
    copied += [lead + i for i, n in enumerate(x.shape) if n == 1 != node.shape[lead + i]]
    if is_number(x):
        return "broadcast; back: sum"
    axes = "axis" if len(copied) == 1 else "axes"
    return f"broadcast; back: sum {axes} {', '.join(map(str, copied))}"


def is_number(node: Any) -> bool:
    """Whether a node holds one number."""
    return math.prod(node.shape) == 1
