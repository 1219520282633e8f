"""Drawing a graph: options in, a picture out, in whatever form is asked for."""

from __future__ import annotations

import contextlib
import html
import os
import subprocess
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigrad.viz import notebook
from minigrad.viz.composing import Options, composed
from minigrad.viz.digraph import Picture
from minigrad.viz.dot import TIMEOUT, VARIABLE, run_dot
from minigrad.viz.marks import Marks
from minigrad.viz.mermaid import mermaid
from minigrad.viz.text_table import text_table
from minigrad.viz.theme import THEMES, switching_style
from minigrad.words import shown

if TYPE_CHECKING:
    from graphviz import Digraph

FILES = ("svg", "png", "pdf", "dot", "html", "mmd")
MARKS = {  # what such a file has at its beginning and end
    "svg": (b"<svg", b"</svg>"),
    "png": (b"\x89PNG", b"IEND"),
    "pdf": (b"%PDF", b"%%EOF"),
}
PNG_BOXES = 60  # a notebook gets a PNG beside the SVG up to here
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>minigrad graph</title>
<style>body {{ margin: 1em; font-family: Arial, sans-serif; {page} }}</style>
</head>
<body>
{svg}
<details><summary>The graph as text</summary><pre>{text}</pre></details>
</body>
</html>
"""


def draw(
    root: Any,
    *,
    edges: str = "auto",
    values: str = "auto",
    depth: int | None = 1,
    expand: Collection[str] = (),
    fold: str = "auto",
    focus: Any = None,
    rankdir: str = "auto",
    max_nodes: int = 120,
    theme: str = "light",
    legend: bool = False,
    title: str | None = None,
    marks: Marks | None = None,
    optimizer: Any = None,
) -> Drawing:
    """The graph that root, a Tensor or a Value, was made from, as a picture.

    One box for each node, with the op, name, value and gradient; one edge for each use. Gradients
    appear once backward() has run, or with marks. They are computed aside from ∂root/∂root = 1, so
    drawing changes nothing; for a root that is not one number those found in .grad are shown.

    edges: "chain" upstream × local derivative, "local" the local derivative, "shape" the shapes,
        "none"; "auto" is chain (before backward() local) where only single numbers are drawn, and
        else tells where a shape was broadcast.
    values: "auto" arrays of up to 16 elements in full and larger ones as mean and standard
        deviation, "all" in full up to 400 elements, "stats" none in full, "none" shapes only.
    depth: a module at this depth is one box; None shows every op, modules as dashed frames.
    expand: what to open in spite of that: paths of modules, such as {"block1"}, and names of fused
        ops, such as {"batch_norm"}, which are then drawn as their definition. A module that is
        nothing but one fused op ("block1.norm") opens likewise.
    fold: "auto" draws three or more modules in a row that are alike, such as layers.0 to layers.11,
        as one box with "× 12", and weights that a module uses several times as rows of each of its
        boxes; "none" draws them all.
    focus: a node; drawn are only its paths to the root, with the sum of their products.
    rankdir: "LR" left to right, "TB" top to bottom; "auto" by the length of the longest path.
    max_nodes: boxes at most. Beyond, deeper modules are collapsed, then the boxes nearest to the
        root are shown, and stubs count the rest.
    theme: "light", "dark", "print" (no colours) or "auto" (SVG that follows the reader's choice).
    legend: explain the signs. title: a line above the picture.
    marks: what to say about nodes, {node: Mark}, or about edges, {(node, position of input): Mark}.
    optimizer: what its next step would do to each parameter, and to the root: computed aside too,
        from the gradients in .grad.

    Errors: TypeError for a root or focus that is no node, or a mark that is no Mark; ValueError for
    an option out of range, or an optimizer of other parameters.

    >>> from minigrad.value import Value
    >>> x = Value(2.0, label="x")
    >>> drawing = draw(x * x)
    >>> "n0 -> n1" in drawing.source
    True
    """
    options = Options(
        edges=edges,
        values=values,
        depth=depth,
        expand=expand,
        fold=fold,
        focus=focus,
        rankdir=rankdir,
        max_nodes=max_nodes,
        theme=theme,
        legend=legend,
        title=title,
        marks=marks,
        optimizer=optimizer,
    )
    picture = composed(root, options)
    text = text_table(picture.reading, max_nodes)
    return Drawing(picture.digraph(), text, theme, len(picture.division.shown), picture)


class Drawing:
    """A picture of a graph, as it was when it was drawn.

    Notebooks show it by themselves, as SVG and PNG; without Graphviz they show the text table,
    which is also what print() writes. `.digraph` is a plain graphviz.Digraph: what is changed
    there changes the picture.
    """

    def __init__(
        self, digraph: Digraph, text: str, theme: str, boxes: int, picture: Picture | None = None
    ) -> None:
        self.digraph = digraph
        self.picture = picture
        self.text = text
        self.theme = theme
        self.boxes = boxes

    @property
    def source(self) -> str:
        """The picture as DOT text, the same in every process."""
        return str(self.digraph.source)

    def svg(self, *, timeout: float = TIMEOUT) -> str:
        """The picture as SVG. Errors: DotNotFound; RuntimeError if Graphviz fails or is slow."""
        text = self.rendered("svg", timeout).decode(errors="replace")
        start = text.index("<svg")
        if self.theme != "auto":
            return text[start:]
        inside = text.index(">", start) + 1
        return text[start:inside] + switching_style() + text[inside:]

    def png(self, dpi: int = 96, *, timeout: float = TIMEOUT) -> bytes:
        """The picture as PNG, with dpi dots per inch. Errors: as for svg()."""
        if not isinstance(dpi, int) or dpi < 1:
            raise ValueError(f"dpi must be a positive integer, got {dpi!r}")
        return self.rendered("png", timeout, dpi)

    def to_html(self) -> str:
        """A page of its own that holds the picture and the text table, and refers to nothing."""
        colors = THEMES[self.theme]
        page = f"background: {colors.background}; color: {colors.value};"
        if self.theme == "auto":
            page = "color-scheme: light dark;"
        return PAGE.format(page=page, svg=self.svg(), text=html.escape(str(self)))

    def mermaid(self) -> str:
        """The picture as Mermaid text: names, values and gradients, without matrices.

        GitHub draws it, in Markdown between ```mermaid and ```, without any program. Errors:
        ValueError for more than Mermaid draws, which is 500 edges or 50,000 characters, and for a
        picture that is no graph.
        """
        if self.picture is None:
            raise ValueError("mermaid: this picture is no graph of boxes; save it as .svg")
        return mermaid(self.picture)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file: .svg, .png, .pdf, .dot, .html or .mmd, by its suffix.

        The file appears when it is complete. Errors: ValueError for another suffix; as for svg()
        and, for .mmd, as for mermaid().
        """
        path = checked_path(path)
        suffix = path.suffix.lower().lstrip(".")
        if suffix not in FILES:
            known = ", ".join(f".{name}" for name in FILES)
            raise ValueError(f"save: a picture's file name ends in {known}, got {str(path)!r}")
        write_whole(path, self.encoded(suffix))

    def encoded(self, suffix: str) -> bytes:
        """The content of a file."""
        if suffix == "png":
            return self.png()
        if suffix == "pdf":
            return self.rendered("pdf", TIMEOUT)
        if suffix == "dot":
            return self.source.encode()
        return {"svg": self.svg, "html": self.to_html, "mmd": self.mermaid}[suffix]().encode()

    def rendered(self, format: str, timeout: float, dpi: int | None = None) -> bytes:
        """What Graphviz makes of the source."""
        try:
            image = run_dot(self.source, format, dpi=dpi, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise RuntimeError(
                f"Graphviz was stopped after {timeout:g} s at a picture of {self.boxes} boxes: "
                "draw fewer with depth=, focus= or max_nodes="
            ) from None
        if not all(mark in image for mark in MARKS[format]):
            raise RuntimeError(
                f"Graphviz wrote no whole {format}: set {VARIABLE} to another program"
            )
        return image

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows: the picture, or the table and a hint; never an exception."""
        pictures: dict[str, Callable[[], Any]] = {}
        if notebook.chosen != "png":
            pictures["image/svg+xml"] = lambda: self.svg(timeout=notebook.PATIENCE)
        if notebook.chosen == "png" or (notebook.chosen == "svg+png" and self.boxes <= PNG_BOXES):
            pictures["image/png"] = lambda: self.png(timeout=notebook.PATIENCE)
        return notebook.bundle(self.text, pictures)


def checked_path(path: Any) -> Path:
    """The path, if it is one, in a folder that is there."""
    try:
        checked = Path(path)
    except TypeError:
        raise TypeError(f"save: path is {shown(path)}, wanted a file name") from None
    if not checked.parent.is_dir():
        raise FileNotFoundError(f"save: there is no folder {checked.parent}; make it first")
    return checked


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is either complete or not there."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
