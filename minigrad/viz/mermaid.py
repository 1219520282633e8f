"""The picture as Mermaid text, which GitHub, GitLab and many editors draw without any program.

A convenience with limits: plain boxes without matrices, and not for large graphs.
Syntax: https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from minigrad.viz.cells import Table
from minigrad.viz.parts import Part, stubs
from minigrad.viz.paths import enclosing, titled
from minigrad.viz.words import words

if TYPE_CHECKING:
    from minigrad.viz.digraph import Picture

MOST_EDGES = 500  # what Mermaid draws unless it is told otherwise
MOST_TEXT = 50_000  # characters, likewise
# What may mean something to Mermaid or Markdown; numbers such as -0.5 do not.
SPECIAL = re.compile(r"(?!(?<=\d)\.\d|-\d)[^\w\s+=,:;@/()²³√∂Σ×÷−·…←]|_")
SHAPES = {
    "parameter": ("(", ")"),
    "input": ("[", "]"),
    "constant": ("[", "]"),
    "result": ("[", "]"),
    "root": ("[[", "]]"),
}
WIDTHS = {"parameter": "2px", "root": "3px"}


def mermaid(picture: Picture) -> str:
    """A flowchart. Errors: ValueError beyond what Mermaid draws, 500 edges or 50,000 characters."""
    text = "\n".join(lines(picture)) + "\n"
    edges = text.count("-->") + text.count("-.->")
    if edges > MOST_EDGES or len(text) > MOST_TEXT:
        raise ValueError(
            f"mermaid: this picture has {edges} edges and {len(text)} characters, and Mermaid "
            f"draws at most {MOST_EDGES} and {MOST_TEXT}: draw less with depth=, focus= or "
            "max_nodes=, or save it as .svg"
        )
    return text


def lines(picture: Picture) -> Iterator[str]:
    reading, division = picture.reading, picture.division
    for (cell,) in words(picture):
        yield f"%% {escaped(cell.text)}"
    yield f"flowchart {picture.frame()['rankdir']}"
    yield from boxes(picture, division.shown, "", "  ")
    for part, count in stubs(division, reading).items():
        stub = f"s{reading.place[part.face]}"
        yield f'  {stub}["{escaped(f"… {count} more")}"]:::stub'
        yield f"  {stub} -.-> {reading.id(part.face)}"
    for node, position in division.edges(reading.nodes):
        tail, head = (reading.id(division.home[x].face) for x in (node.inputs[position], node))
        content = picture.edge_text(node, position)
        text = f'|"{text_of(content)}"|' if content is not None else ""
        yield f"  {tail} -->{text} {head}"
    yield from looks(picture)


def boxes(picture: Picture, parts: Sequence[Part], outer: str, indent: str) -> Iterator[str]:
    """The boxes of one module; those of the modules inside it in a frame."""
    inner = picture.modules.below(outer, parts)
    for part in parts:
        if part not in inner:
            name, kind = picture.reading.id(part.face), picture.reading.kind(part.face)
            start, end = SHAPES[kind]
            text = text_of(picture.content(part, outer))
            yield f'{indent}{name}{start}"{text}"{end}:::{kind}'
    for path in dict.fromkeys(inner.values()):
        members = [part for part in parts if inner.get(part) == path]
        name = f"m{picture.reading.place[members[0].face]}_{len(enclosing(path))}"
        yield f'{indent}subgraph {name}["{escaped(titled(path))}"]'
        yield from boxes(picture, members, path, indent + "  ")
        yield f"{indent}end"
        border = picture.theme.result_border
        yield f"{indent}style {name} fill:none,stroke:{border},stroke-dasharray:4"


def text_of(content: Table) -> str:
    """The texts of a table, a line for each row; matrices are left out."""
    rows = [[cell.text for cell in row if cell.inner is None] for row in content.rows]
    return "<br>".join(escaped("  ".join(row)) for row in rows if row) or " "


def escaped(text: str) -> str:
    """Text for a quoted label: whatever may mean something to Mermaid as an entity.

    >>> escaped('a "b" <c>')
    'a #34;b#34; #60;c#62;'
    """
    return SPECIAL.sub(lambda match: entity(match[0]), text)


def entity(character: str) -> str:
    """A character by its number; a space without width keeps \\n and $$ from being understood."""
    return f"#{ord(character)};" + "#8203;" * (character in "\\$")


def looks(picture: Picture) -> Iterator[str]:
    """The colours of the kinds of boxes."""
    theme, kinds = (
        picture.theme,
        {picture.reading.kind(part.face) for part in picture.division.shown},
    )
    for kind in SHAPES:
        if kind in kinds:
            colors = f"fill:{theme.fill(kind)},stroke:{theme.border(kind)},color:{theme.value}"
            yield f"  classDef {kind} {colors},stroke-width:{WIDTHS.get(kind, '1px')}"
    if len(picture.division.shown) < len(picture.division.parts):
        fill, stroke = theme.constant_fill, theme.constant_border
        yield f"  classDef stub fill:{fill},stroke:{stroke},stroke-dasharray:4"
