"""Checking what `draw` was given, before anything is drawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from minigrad.viz.edges import is_number
from minigrad.viz.marks import COLORS, Mark
from minigrad.viz.paths import enclosing
from minigrad.viz.reading import Reading
from minigrad.viz.theme import THEMES
from minigrad.words import shown

CHOICES = {
    "edges": ("auto", "chain", "local", "shape", "none"),
    "values": ("auto", "all", "stats", "none"),
    "fold": ("auto", "none"),
    "rankdir": ("auto", "LR", "TB", "RL", "BT"),
    "theme": tuple(THEMES),
}


def check_choices(given: dict[str, Any]) -> None:
    """Each named option is one of its choices."""
    for option, value in given.items():
        if value not in CHOICES[option]:
            known = ", ".join(map(repr, CHOICES[option]))
            raise ValueError(f"draw: {option} must be one of {known}, got {value!r}")


def check_counts(depth: Any, max_nodes: Any) -> None:
    check_max_nodes("draw", max_nodes)
    if depth is not None and (not isinstance(depth, int) or depth < 1):
        raise ValueError(f"draw: depth must be 1 or more, or None for every op, got {depth!r}")


def check_max_nodes(function: str, max_nodes: Any) -> None:
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"{function}: max_nodes must be 1 or more, got {max_nodes!r}")


def check_node(x: Any, argument: str, function: str = "draw") -> None:
    if not hasattr(x, "inputs") or not hasattr(x, "op"):
        raise TypeError(
            f"{function}: {argument} must be a Tensor or a Value, got {type(x).__name__}"
            f"{'; give what it returns' if callable(x) else ''}"
        )


def check_focus(reading: Reading) -> None:
    check_node(reading.focus, "focus")
    if reading.focus not in reading.place:
        raise ValueError(
            f"draw: focus {' '.join(repr(reading.focus).split()):.60} is not among the "
            f"{len(reading.nodes)} nodes that the root was made from: give one of them"
        )


def check_expand(nodes: Sequence[Any], expand: Collection[str]) -> set[str]:
    """What is to be opened: paths of modules, and names of ops that have a definition."""
    wanted = {expand} if isinstance(expand, str) else set(expand)
    modules = {path for node in nodes for path in enclosing(node.path)}
    ops = {node.op.name for node in nodes if getattr(node.op, "definition", None) is not None}
    for name in sorted(wanted - modules - ops):
        listed = ", ".join([*sorted(modules), *sorted(ops)]) or "none"
        raise ValueError(
            f"draw: expand={name!r} is no module of this graph, and no op in it that has a "
            f"definition; there are: {listed}"
        )
    return wanted


def check_marks(reading: Reading) -> None:
    """Each mark has a known kind and stands at a node, or at an edge between two."""
    for place, mark in reading.marks.items():
        if not isinstance(mark, Mark):
            raise TypeError(f"draw: marks must be Marks, got {type(mark).__name__}")
        if mark.kind not in COLORS:
            known = ", ".join(map(repr, COLORS))
            raise ValueError(f"draw: the kind of a mark is one of {known}, got {mark.kind!r}")
        node, position = place if isinstance(place, tuple) else (place, 0)
        edge = isinstance(place, tuple)
        if node not in reading.place or (edge and position not in range(len(node.inputs))):
            raise ValueError(
                f"draw: the mark {mark.text!r} is for {shown(place)}, which is no node of this "
                "graph, nor an edge (node, position of the input)"
            )


def check_chain(edges: str, drawn: Collection[Any]) -> None:
    """Products on edges are for numbers."""
    if edges in ("chain", "local") and not any(x.op and is_number(x) for x in drawn):
        raise ValueError(
            f"draw: edges={edges!r} writes numbers on edges between single numbers, and this graph "
            "computes none: use edges='shape' or 'auto'"
        )
