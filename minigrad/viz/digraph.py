"""From a divided graph to DOT: boxes, edges, modules, stubs and what is written beside them.

Ids count in topological order, and everything is written in that order: one graph always gives
one text, in every process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from minigrad.viz.boxes import Boxes
from minigrad.viz.cells import SMALL, Cell, Row, Table, label, table
from minigrad.viz.edges import EdgeTexts
from minigrad.viz.lines import statement, tooltip
from minigrad.viz.marks import COLORS, fails
from minigrad.viz.modules import Modules
from minigrad.viz.order import Order
from minigrad.viz.parts import Division, Part, Use, stubs
from minigrad.viz.paths import kind, titled, told
from minigrad.viz.reading import Reading
from minigrad.viz.theme import Theme
from minigrad.viz.words import words

if TYPE_CHECKING:
    from graphviz import Digraph

FONT = "Arial"  # one name only: graphviz-pure reads a list of fonts as another font
STYLES = {
    "parameter": {"style": "filled,rounded", "penwidth": "2", "margin": "0.06,0.03"},
    "input": {"style": "filled"},
    "constant": {"style": "filled,dashed"},
    "result": {"style": "filled"},
    "root": {"style": "filled", "peripheries": "2", "penwidth": "1.5"},
}
FAILING = {"penwidth": "3", "margin": "0.06,0.05"}


@dataclass(frozen=True)
class Picture:
    """One drawing, ready to be written as DOT."""

    reading: Reading
    division: Division
    texts: EdgeTexts
    theme: Theme
    rankdir: str
    title: str = ""
    caption: Sequence[str] = ()
    legend: bool = False
    contents: Mapping[str, Table] = field(
        default_factory=dict
    )  # by id: written in place of its own
    bright: Mapping[str, str] = field(default_factory=dict)  # by id: colours of thick lines
    footer: Sequence[Row] = ()  # below all else
    written: dict[str, Table] = field(default_factory=dict, init=False)  # by id: what boxes say

    def digraph(self) -> Digraph:
        """The graph in the terms of the graphviz package."""
        import graphviz  # here: `import minigrad` needs no graphviz

        return graphviz.Digraph(
            "minigrad",
            graph_attr=self.frame(),
            node_attr=self.box(),
            edge_attr=self.line(),
            body=self.body(),
        )

    def body(self) -> Iterator[str]:
        """Boxes, stubs and edges, each a line of DOT."""
        yield from self.boxes(self.division.shown)
        for part, count in stubs(self.division, self.reading).items():
            yield from self.stub(part, count)
        for node, position in self.edges():
            yield self.edge(node, position)

    # --- What holds for all ---

    def frame(self) -> dict[str, str]:
        attributes = {
            "id": "mg",
            "rankdir": self.rankdir,
            "bgcolor": self.theme.background,
            "nodesep": "0.2",
            "ranksep": "0.3",
            "newrank": "true",  # without it frames, and inputs in order, are too much for some
            "fontname": FONT,
            "fontcolor": self.theme.value,
        }
        rows = [*words(self), *self.footer]
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

    # --- Boxes ---

    def boxes(self, parts: Sequence[Part], outer: str = "") -> Iterator[str]:
        """The boxes of one module; those of the modules inside it in dashed frames."""
        inner = self.modules.below(outer, parts)
        for part in parts:
            if part not in inner:
                yield self.part(part, outer)
        for path in dict.fromkeys(inner.values()):
            yield f'\tsubgraph "cluster_{path_id(path)}" {{\n'
            yield from self.module(path)
            yield from self.boxes([part for part in parts if inner.get(part) == path], path)
            yield "\t}\n"

    def module(self, path: str) -> Iterator[str]:
        """The frame around the boxes of a module."""
        text = table([[Cell(titled(path), self.theme.secondary, small=True)]])
        look = {"style": "dashed,rounded", "color": self.theme.result_border}
        place = {"labelloc": "t", "labeljust": "l"}  # else those of the picture's caption hold
        name = f"mg-module-{path_id(path)}"
        yield statement("graph", name, "mg-module", look | place | hint(path), label(text))

    @cached_property
    def modules(self) -> Modules:
        return Modules(self.reading, self.division)

    @cached_property
    def order(self) -> Order:
        return Order(self.reading.nodes, self.division, self.outer(self.division.shown))

    def outer(self, parts: Sequence[Part]) -> dict[Part, str]:
        """The module in whose frame each part is drawn."""
        return self.modules.outer(parts)

    def part(self, part: Part, frame: str) -> str:
        """A box."""
        name, role = self.box_id(part), self.reading.kind(part.face)
        text = self.contents.get(name) or self.content(part, frame)
        look = self.look(part, role) | self.order.look(part) | self.brightness(name)
        look |= hint(part.module or part.face.path)
        return statement(name.removeprefix("mg-"), name, f"mg-{role}", look, label(text))

    def box_id(self, part: Part) -> str:
        return f"mg-{self.reading.id(part.face)}"

    def content(self, part: Part, frame: str) -> Table:
        """What is written in a part's box: the numbers of the time when it was first asked for."""
        name = self.box_id(part)
        if name not in self.written:
            unseen = self.division.unseen(part, self.reading)
            self.written[name] = Boxes(self.reading, self.theme).content(part, frame, unseen)
        return self.written[name]

    def brightness(self, name: str) -> dict[str, str]:
        """A thick line for what is to be brought out."""
        return {"color": self.bright[name], "penwidth": "3"} if name in self.bright else {}

    def look(self, part: Part, kind: str) -> dict[str, str]:
        """Colours and border of a part's box."""
        if not fails(self.reading.marks, part.nodes):
            colors = {"fillcolor": self.theme.fill(kind), "color": self.theme.border(kind)}
            return colors | STYLES[kind]
        colors = {"fillcolor": self.theme.failure_fill, "color": self.theme.failure}
        style = STYLES[kind]["style"].removesuffix(",dashed") + ",dashed"
        return colors | STYLES[kind] | FAILING | {"style": style}

    def stub(self, part: Part, count: int) -> Iterator[str]:
        """A dashed box in place of all that is not drawn behind a part."""
        name, end = f"s{self.reading.place[part.face]}", self.reading.id(part.face)
        text = label(table([[Cell(f"… {count} more", self.theme.secondary, small=True)]]))
        look = {"fillcolor": self.theme.constant_fill, "color": self.theme.constant_border}
        yield statement(name, f"mg-{name}", "mg-stub", look | {"style": "filled,dashed"}, text)
        edge = f"mg-{name}-{end}"
        yield statement(f"{name} -> {end}", edge, "mg-stub", {"style": "dashed"}, "")

    # --- Edges ---

    def edges(self) -> Iterator[Use]:
        """One edge for each use, as node and position of the input: x * x has two."""
        return self.division.edges(self.reading.nodes)

    def edge(self, node: Any, position: int) -> str:
        x, home, name = node.inputs[position], self.division.home, self.edge_id(node, position)
        tail, head = self.reading.id(home[x].face), self.reading.id(home[node].face)
        look = {"tooltip": f"input {position + 1} of {len(node.inputs)}"}
        if self.reading.focus is not None and not self.reading.beside(x):
            look |= {"color": self.theme.gradient, "penwidth": "2"}
        mark = self.reading.marks.get((node, position)) if self.reading.marks else None
        if mark is not None:
            look["color"] = getattr(self.theme, COLORS[mark.kind])
            look |= {"style": "dashed", "penwidth": "2"} if mark.kind == "failure" else {}
        text = self.contents.get(name) or self.edge_text(node, position)
        markup = "" if text is None else label(text)
        return statement(f"{tail} -> {head}", name, "mg-edge", look | self.brightness(name), markup)

    def edge_id(self, node: Any, position: int) -> str:
        return f"mg-{self.reading.id(node)}-{position}"

    def edge_text(self, node: Any, position: int) -> Table | None:
        """What is written on an edge: what a mark says, else upstream × local derivative."""
        mark = self.reading.marks.get((node, position)) if self.reading.marks else None
        if mark is not None:
            return table([[Cell(mark.text, getattr(self.theme, COLORS[mark.kind]))]])
        told, order = self.texts.of(node, position), self.order.word(node, position)
        color = self.theme.gradient if told.gradient else self.theme.secondary
        role = "gradient" if told.gradient else ""
        rows = [[Cell(told.text, color, role=role)]] if told.text else []
        rows += [[Cell(order, self.theme.secondary, small=True)]] if order else []
        return table(rows, padding=1) if rows else None


def hint(path: str) -> dict[str, str]:
    """What a box or frame says when one points at it: its module, with all settings."""
    return {"tooltip": tooltip(told(path))} if kind(path) else {}


def path_id(path: str) -> str:
    """A module path as an id: letters, digits, dots and _; other characters by their code."""
    return "".join(
        c if c.isascii() and (c.isalnum() or c in "._") else f"-{ord(c):x}-" for c in path
    )
