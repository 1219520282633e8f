"""Drawing a graph: options in, a picture out, in whatever form is asked for."""

from __future__ import annotations

import contextlib
import html
import os
import subprocess
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigrad.viz.digraph import Picture
from minigrad.viz.dot import ADVICE, TIMEOUT, dot_not_found, run_dot
from minigrad.viz.edges import EdgeTexts, fitting_mode
from minigrad.viz.options import (
    check_chain,
    check_choices,
    check_counts,
    check_focus,
    check_modules,
    check_node,
)
from minigrad.viz.parts import Division, divided, focused, nearest
from minigrad.viz.reading import Reading, read
from minigrad.viz.text import number
from minigrad.viz.text_table import text_table
from minigrad.viz.theme import THEMES, switching_style

if TYPE_CHECKING:
    from graphviz import Digraph

FILES = ("svg", "png", "pdf", "dot", "html")
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
    focus: Any = None,
    rankdir: str = "auto",
    max_nodes: int = 120,
    theme: str = "light",
    legend: bool = False,
    title: str | None = None,
) -> Drawing:
    """The graph that root, a Tensor or a Value, was made from, as a picture.

    One box for each node, with the op, name, value and gradient; one edge for each use. Gradients
    appear once backward() has run. They are computed aside from ∂root/∂root = 1, so drawing
    changes nothing; for a root that is not one number those found in .grad are shown.

    edges: "chain" upstream × local derivative, "local" the local derivative, "shape" the shapes,
        "none"; "auto" is chain (before backward() local) where only single numbers are drawn, and
        else tells where a shape was broadcast.
    values: "auto" arrays of up to 16 elements in full and larger ones as mean and standard
        deviation, "all" in full up to 400 elements, "stats" none in full, "none" shapes only.
    depth: a module at this depth is one box; None shows every op, modules as dashed frames.
    expand: paths of modules to open in spite of that, such as {"block1"}.
    focus: a node; drawn are only its paths to the root, with the sum of their products.
    rankdir: "LR" left to right, "TB" top to bottom; "auto" by the length of the longest path.
    max_nodes: boxes at most. Beyond, deeper modules are collapsed, then the boxes nearest to the
        root are shown, and stubs count the rest.
    theme: "light", "dark", "print" (no colours) or "auto" (SVG that follows the reader's choice).
    legend: explain the signs. title: a line above the picture.

    Errors: TypeError for a root or focus that is no node; ValueError for an option out of range.

    >>> from minigrad.value import Value
    >>> x = Value(2.0, label="x")
    >>> drawing = draw(x * x)
    >>> "n0 -> n1" in drawing.source
    True
    """
    given = {"edges": edges, "values": values, "rankdir": rankdir, "theme": theme}
    check_choices(given)
    check_counts(depth, max_nodes)
    check_node(root, "root")
    reading = read(root, values, focus, slopes=edges == "chain")
    if focus is not None:
        check_focus(reading)
    opened = check_modules(reading, expand)
    division, caption = divided_to_fit(reading, depth, opened, max_nodes)
    drawn = [node for part in division.shown for node in (*part.nodes, *part.folded)]
    check_chain(edges, drawn)
    texts = EdgeTexts(reading, fitting_mode(reading, drawn, edges), drawn)
    caption += [note for note in (*reading.notes(), texts.trouble) if note]
    heading = path_sum(reading, texts) if title is None and focus is not None else title or ""
    picture = Picture(
        reading, division, texts, THEMES[theme], rankdir, heading, tuple(caption), legend
    )
    return Drawing(picture.digraph(), text_table(reading, max_nodes), theme, len(division.shown))


class Drawing:
    """A picture of a graph, as it was when it was drawn.

    Notebooks show it by themselves, as SVG and PNG; without Graphviz they show the text table,
    which is also what print() writes. `.digraph` is a plain graphviz.Digraph: what is changed
    there changes the picture.
    """

    def __init__(self, digraph: Digraph, text: str, theme: str, boxes: int) -> None:
        self.digraph = digraph
        self.text = text
        self.theme = theme
        self.boxes = boxes

    @property
    def source(self) -> str:
        """The picture as DOT text, the same in every process."""
        return str(self.digraph.source)

    def svg(self, *, timeout: float = TIMEOUT) -> str:
        """The picture as SVG. Errors: DotNotFound; RuntimeError if Graphviz fails or is slow."""
        text = self.rendered("svg", timeout).decode()
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

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file: .svg, .png, .pdf, .dot or .html, by its suffix.

        The file appears when it is complete. Errors: ValueError for another suffix; as for svg().
        """
        path = Path(path)
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
        makers = {"svg": self.svg, "html": self.to_html, "dot": lambda: self.source}
        return makers[suffix]().encode()

    def rendered(self, format: str, timeout: float, dpi: int | None = None) -> bytes:
        """What Graphviz makes of the source."""
        try:
            return run_dot(self.source, format, dpi=dpi, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise RuntimeError(
                f"Graphviz was stopped after {timeout:g} s at a picture of {self.boxes} boxes: "
                "draw fewer with depth=, focus= or max_nodes="
            ) from None

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows: the picture, or the table and a hint; never an exception."""
        bundle: dict[str, Any] = {"text/plain": self.text}
        try:
            bundle["image/svg+xml"] = self.svg()
            if self.boxes <= PNG_BOXES:
                bundle["image/png"] = self.png()
        except dot_not_found():
            bundle["text/plain"] += f"\n(no picture without Graphviz: {ADVICE.splitlines()[0]})"
        except Exception as error:  # a display hook must not end a cell with a traceback
            bundle["text/plain"] += f"\n(no picture: {str(error).splitlines()[0]})"
        return bundle


# --- Choosing what is drawn ---------------------------------------------------------------------


def divided_to_fit(
    reading: Reading, depth: int | None, expand: Collection[str], limit: int
) -> tuple[Division, list[str]]:
    """The parts to draw, at most limit; and what the caption says about the others."""
    deepest = max((n.path.count(".") + 1 for n in reading.nodes if n.path), default=0)
    tried = [depth, *range(min(depth or deepest + 1, deepest + 1) - 1, 0, -1)]
    for level in tried:
        division = divided(reading, level, expand)
        if reading.focus is not None:
            division.shown = focused(division, reading)
        if len(division.shown) <= limit:
            break
    told = [] if level == depth else [f"modules collapsed to depth {level} (max_nodes={limit})"]
    if len(division.shown) > limit:
        whole = len(division.shown)
        division.shown = nearest(division, reading, limit)
        told.append(
            f"showing {limit} of {whole} nodes, the ones nearest to "
            f"{reading.name(reading.root)} (max_nodes={limit})"
        )
    return division, told


def path_sum(reading: Reading, texts: EdgeTexts) -> str:
    """The chain rule at the focus, in numbers: ∂L/∂w = -3 × 1 + 11 × 2 = 19."""
    focus, terms = reading.focus, []
    for node in dict.fromkeys(reading.consumers[focus]):
        for position, x in enumerate(node.inputs):
            told = texts.of(node, position)
            if x is focus and told.gradient:
                terms.append(told.text)
    root, name = reading.name(reading.root), reading.name(focus)
    if not terms:
        return f"paths from {name} to {root}"
    return f"∂{root}/∂{name} = {' + '.join(terms)} = {number(reading.gradient(focus))}"


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
