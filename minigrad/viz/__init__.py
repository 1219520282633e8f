"""Pictures of graphs: draw, steps, table, and the program that turns DOT into images."""

from __future__ import annotations

from typing import Any

from minigrad.viz.dot import dot_not_found, find_dot
from minigrad.viz.drawing import Drawing, draw
from minigrad.viz.marks import Mark
from minigrad.viz.notebook import set_notebook_format
from minigrad.viz.story import Steps, steps
from minigrad.viz.text_table import table

__all__ = [
    "DotNotFound",
    "Drawing",
    "Mark",
    "Steps",
    "draw",
    "find_dot",
    "set_notebook_format",
    "steps",
    "table",
]


def __getattr__(name: str) -> Any:
    """DotNotFound, made when it is first asked for: it needs the graphviz package."""
    if name == "DotNotFound":
        return dot_not_found()
    raise AttributeError(f"minigrad has no attribute {name!r}")
