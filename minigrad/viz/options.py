"""Checking what `draw` was given, before anything is drawn."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from minigrad.viz.edges import is_number
from minigrad.viz.reading import Reading
from minigrad.viz.theme import THEMES

CHOICES = {
    "edges": ("auto", "chain", "local", "shape", "none"),
    "values": ("auto", "all", "stats", "none"),
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
    if depth is not None and (not isinstance(depth, int) or depth < 1):
        raise ValueError(f"draw: depth must be 1 or more, or None for every op, got {depth!r}")
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"draw: max_nodes must be 1 or more, got {max_nodes!r}")


def check_node(x: Any, argument: str) -> None:
    if not hasattr(x, "inputs") or not hasattr(x, "op"):
        raise TypeError(f"{argument} must be a Tensor or a Value, got {type(x).__name__}")


def check_focus(reading: Reading) -> None:
    check_node(reading.focus, "focus")
    if reading.focus not in reading.place:
        raise ValueError(
            f"draw: focus {reading.focus!r:.60} is not among the {len(reading.nodes)} nodes that "
            "the root was made from: give one of them"
        )


def check_modules(reading: Reading, expand: Collection[str]) -> set[str]:
    """The modules to open: those asked for, and those that the focus lies in."""
    opened = {expand} if isinstance(expand, str) else set(expand)
    known = {prefix for node in reading.nodes for prefix in prefixes(node.path)}
    for path in opened - known:
        listed = ", ".join(sorted(known)) or "none"
        raise ValueError(f"draw: expand={path!r} is no module of this graph; it has: {listed}")
    return opened if reading.focus is None else opened | prefixes(reading.focus.path)


def check_chain(edges: str, drawn: Collection[Any]) -> None:
    """Products on edges are for numbers."""
    if edges in ("chain", "local") and not any(x.op and is_number(x) for x in drawn):
        raise ValueError(
            f"draw: edges={edges!r} writes numbers on edges between single numbers, and this graph "
            "computes none: use edges='shape' or 'auto'"
        )


def prefixes(path: str) -> set[str]:
    """A module's path and those of the modules around it."""
    names = path.split(".") if path else []
    return {".".join(names[: n + 1]) for n in range(len(names))}
