"""What notebooks are handed: the picture in the formats wanted, a text, and never an exception."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minigrad.viz.dot import ADVICE, dot_not_found
from minigrad.viz.text import visible

FORMATS = ("svg+png", "svg", "png")
PATIENCE = 20.0  # seconds that a cell waits for Graphviz

chosen = FORMATS[0]


def set_notebook_format(format: str) -> None:
    """How notebooks show drawings from now on: as "svg+png", "svg" or "png".

    "svg+png": front ends take the SVG, which is sharp at every size; where a notebook is not
        trusted they show the PNG. The PNG is left out of pictures of more than 60 boxes.
    "svg": small files. "png": for notebooks on GitHub, whose preview does not show every SVG.

    Errors: ValueError for another format.
    """
    global chosen
    if format not in FORMATS:
        known = ", ".join(map(repr, FORMATS))
        raise ValueError(f"set_notebook_format: format must be one of {known}, got {format!r}")
    chosen = format


def bundle(text: str, pictures: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """The text, and each picture by its media type; where one cannot be made, why."""
    shown: dict[str, Any] = {"text/plain": text}
    try:
        for kind, make in pictures.items():
            shown[kind] = make()
    except Exception as error:  # a display hook must not end a cell with a traceback
        shown["text/plain"] += f"\n({reason(error)})"
    return shown


def reason(error: Exception) -> str:
    """Why there is no picture, in one line."""
    if isinstance(error, dot_not_found()):
        return f"no picture without Graphviz: {ADVICE.splitlines()[0]}"
    return f"no picture: {visible(str(error), 400) or type(error).__name__}"
