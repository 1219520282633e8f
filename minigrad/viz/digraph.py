"""From a divided graph to DOT: boxes, edges, modules, stubs and what is written beside them.

Ids count in topological order, and everything is written in that order: one graph always gives
one text, in every process.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from minigrad.viz.boxes import Boxes
from minigrad.viz.cells import SMALL, Cell, label, table
from minigrad.viz.edges import EdgeTexts
from minigrad.viz.parts import Division, Part, stubs
from minigrad.viz.reading import Reading
from minigrad.viz.text import LONGEST_TITLE, visible
from minigrad.viz.theme import Theme

if TYPE_CHECKING:
    from graphviz import Digraph

FONT = "Arial"  # one name only: graphviz-pure reads a list of fonts as another font
CAPTION_WIDTH = 90  # characters
LONGEST_ROW = 8  # boxes that still fit side by side on a page
STYLES = {
    "parameter": {"style": "filled,rounded", "penwidth": "2", "margin": "0.06,0.03"},
    "input": {"style": "filled"},
    "constant": {"style": "filled,dashed"},
    "result": {"style": "filled"},
    "root": {"style": "filled", "peripheries": "2", "penwidth": "1.5"},
}
LEGEND = {
    "parameter": "rounded: parameter",
    "input": "square, no header: input",
    "constant": "dashed: constant",
    "result": "header: the op",
    "root": "double border: result",
}


@dataclass(frozen=True)
class Picture:
    """One drawing, ready to be written as DOT."""

    reading: Reading
    division: Division
    texts: EdgeTexts
    theme: Theme
    rankdir: str = "auto"
    title: str = ""
    caption: Sequence[str] = ()
    legend: bool = False

    def digraph(self) -> Digraph:
        """The graph in the terms of the graphviz package."""
        import graphviz  # here: `import minigrad` needs no graphviz

        dot = graphviz.Digraph(
            "minigrad", graph_attr=self.frame(), node_attr=self.box(), edge_attr=self.line()
        )
        hidden = stubs(self.division, self.reading)
        self.add_boxes(dot, self.division.shown)
        for part, count in hidden.items():
            self.add_stub(dot, part, count)
        self.add_edges(dot)
        return dot

    # --- What holds for all ---

    def frame(self) -> dict[str, str]:
        attributes = {
            "id": "mg",
            "rankdir": direction(self.division) if self.rankdir == "auto" else self.rankdir,
            "bgcolor": self.theme.background,
            "nodesep": "0.2",
            "ranksep": "0.3",
            "fontname": FONT,
            "fontcolor": self.theme.value,
        }
        rows = list(self.lines_of_text())
        if rows:
            place = {"labelloc": "t" if self.title else "b", "labeljust": "l"}
            attributes |= {"label": label(table(rows)), **place}
        return attributes

    def box(self) -> dict[str, str]:
        common = {"shape": "box", "fontname": FONT, "fontsize": "11", "margin": "0.03"}
        return {**common, "width": "0", "height": "0", "fontcolor": self.theme.value}

    def line(self) -> dict[str, str]:
        look = {"fontname": FONT, "fontsize": str(SMALL), "arrowsize": "0.6"}
        colors = {"color": self.theme.result_border, "fontcolor": self.theme.secondary}
        return {**look, **colors}

    def lines_of_text(self) -> Iterator[list[Cell]]:
        """Title, caption and legend, each in rows of its own."""
        if self.title:
            yield [Cell(visible(self.title, LONGEST_TITLE), bold=True)]
        for note in self.caption:
            for line in textwrap.wrap(visible(note, 400), CAPTION_WIDTH):
                yield [Cell(line, self.theme.secondary, small=True)]
        if self.legend:
            yield [Cell(self.legend_text(), self.theme.secondary, small=True)]

    def legend_text(self) -> str:
        """What the signs in this picture mean."""
        kinds = {self.reading.kind(part.face) for part in self.division.shown}
        told = [meaning for kind, meaning in LEGEND.items() if kind in kinds]
        if any(part.folded and not part.collapsed for part in self.division.shown):
            told.append("shaded row: parameter")
        if self.reading.gradients.of:
            told.append(f"grad: ∂{self.reading.name(self.reading.root)}/∂(this)")
        told += {
            "chain": ["on an edge: upstream × local derivative"],
            "local": ["on an edge: local derivative"],
        }.get(self.texts.mode, [])
        return "    ".join(told)

    # --- Boxes ---

    def add_boxes(self, dot: Digraph, parts: Sequence[Part], outer: str = "") -> None:
        """The boxes of one module; those of the modules inside it in dashed frames."""
        inner = self.clusters(parts, outer)
        for part in parts:
            if part not in inner:
                self.add_box(dot, part, outer)
        for path in dict.fromkeys(inner.values()):
            members = [part for part in parts if inner.get(part) == path]
            with dot.subgraph(name=f"cluster_{path_id(path)}") as cluster:
                cluster.attr(**self.module(path))
                self.add_boxes(cluster, members, path)

    def clusters(self, parts: Sequence[Part], outer: str) -> dict[Part, str]:
        """The module just below outer that a part is drawn in, where it has two boxes or more."""
        depth = outer.count(".") + 1 if outer else 0
        found: dict[str, list[Part]] = {}
        for part in parts:
            path = self.path(part).split(".")
            if len(path) > depth and path != [""]:
                found.setdefault(".".join(path[: depth + 1]), []).append(part)
        return {p: path for path, members in found.items() if len(members) > 1 for p in members}

    def path(self, part: Part) -> str:
        """The module that a part is drawn in; a parameter stands beside what uses it."""
        node = part.face
        if part.module:
            return part.module.rpartition(".")[0]
        if self.reading.kind(node) != "parameter":
            return str(node.path)
        users = {self.division.home[user]: None for user in self.reading.consumers[node]}
        return common_path([self.path(user) for user in users])

    def module(self, path: str) -> dict[str, str]:
        """The frame around the boxes of a module."""
        name = label(table([[Cell(visible(path), self.theme.secondary, small=True)]]))
        look = {"style": "dashed,rounded", "color": self.theme.result_border}
        place = {"labelloc": "t", "labeljust": "l"}  # else those of the picture's caption hold
        marks = {"id": f"mg-module-{path_id(path)}", "class": "mg-module"}
        return {"label": name, **marks, **look, **place}

    def add_box(self, dot: Digraph, part: Part, frame: str) -> None:
        node, kind = part.face, self.reading.kind(part.face)
        name = self.reading.id(node)
        colors = {"fillcolor": self.theme.fill(kind), "color": self.theme.border(kind)}
        marks = {"id": f"mg-{name}", "class": f"mg-{kind}"}
        unseen = self.division.unseen(part, self.reading)
        text = label(Boxes(self.reading, self.theme).label(part, frame, unseen))
        dot.node(name, text, **marks, **colors, **STYLES[kind])

    def add_stub(self, dot: Digraph, part: Part, count: int) -> None:
        """A dashed box in place of all that is not drawn behind a part."""
        name, end = f"s{self.reading.place[part.face]}", self.reading.id(part.face)
        text = label(table([[Cell(f"… {count} more", self.theme.secondary, small=True)]]))
        fill, border = self.theme.constant_fill, self.theme.constant_border
        marks = {"id": f"mg-{name}", "class": "mg-stub"}
        dot.node(name, text, **marks, fillcolor=fill, color=border, style="filled,dashed")
        dot.edge(name, end, id=f"mg-{name}-{end}", style="dashed", **{"class": "mg-stub"})

    # --- Edges ---

    def add_edges(self, dot: Digraph) -> None:
        """One edge for each use: x * x has two."""
        shown, home = set(self.division.shown), self.division.home
        for node in self.reading.nodes:
            for position, x in enumerate(node.inputs):
                source, target = home[x], home[node]
                if source is not target and source in shown and target in shown:
                    self.add_edge(dot, node, position)

    def add_edge(self, dot: Digraph, node: Any, position: int) -> None:
        x, home = node.inputs[position], self.division.home
        tail, head = self.reading.id(home[x].face), self.reading.id(home[node].face)
        attributes = {
            "id": f"mg-{self.reading.id(node)}-{position}",
            "class": "mg-edge",
            "tooltip": f"input {position + 1} of {len(node.inputs)}",
        }
        told = self.texts.of(node, position)
        if told.text:
            color = self.theme.gradient if told.gradient else self.theme.secondary
            attributes["label"] = label(table([[Cell(told.text, color)]], padding=1))
        if self.reading.focus is not None and not self.reading.beside(x):
            attributes |= {"color": self.theme.gradient, "penwidth": "2"}
        dot.edge(tail, head, **attributes)


def direction(division: Division) -> str:
    """Left to right while the longest path fits on a page, else top to bottom."""
    shown, length = set(division.shown), dict.fromkeys(division.shown, 1)
    for part in division.shown:
        before = [length[other] for other in division.inputs(part) if other in shown]
        length[part] = 1 + max(before, default=0)
    return "LR" if max(length.values()) <= LONGEST_ROW else "TB"


def common_path(paths: Sequence[str]) -> str:
    """The innermost module that all paths are in.

    >>> common_path(["block.conv", "block.bn"]), common_path(["a", "b"])
    ('block', '')
    """
    names = [path.split(".") for path in paths]
    common = []
    for level in zip(*names):
        if len(set(level)) > 1:
            break
        common.append(level[0])
    return ".".join(common)


def path_id(path: str) -> str:
    """A module path as an id: letters, digits, dots and _; other characters by their code."""
    return "".join(
        c if c.isascii() and (c.isalnum() or c in "._") else f"-{ord(c):x}-" for c in path
    )
