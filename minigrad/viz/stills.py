"""Frames as DOT, for pictures that only Graphviz can make, such as PNG.

All of them have one layout: what is not there yet is written in the colour of its ground, and a
text that changes has room for the longest.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from minigrad.viz.cells import SMALL, Cell, Row, Table
from minigrad.viz.digraph import Picture
from minigrad.viz.frames import Frame
from minigrad.viz.stage import COLORS
from minigrad.viz.text import visible, width
from minigrad.viz.words import CAPTION_WIDTH

NORMAL = 11  # points: the size of text that is not small
PADDING = 6  # points that a cell has on both sides together, at most
LONGEST_CAPTION = 600


def roomy(picture: Picture, frames: Sequence[Frame]) -> Picture:
    """The picture of the last frame, with room for the texts of the others."""
    contents = {}
    for name, final in tables(picture).items():
        histories = zip(*(frame.cells[name] for frame in frames))
        contents[name] = final.with_texts(map(with_room, final.texts(), histories))
    return replace(picture, contents=contents)


def tables(picture: Picture) -> dict[str, Table]:
    """What is written in each box and on each edge, by id."""
    outer = picture.outer(picture.division.shown)
    found = {picture.box_id(part): picture.content(part, outer[part]) for part in outer}
    for node, position in picture.edges():
        text = picture.edge_text(node, position)
        if text is not None:
            found[picture.edge_id(node, position)] = text
    return found


def with_room(cell: Cell, history: Sequence[Cell | None]) -> Cell:
    """A cell that is wide enough for all that it will show; what grows, grows to the right."""
    texts = {other.text for other in history if other is not None}
    if len(texts) < 2:
        return cell
    size = SMALL if cell.small else NORMAL
    needed = math.ceil(max(width(text, size) for text in texts)) + PADDING
    align = "left" if cell.align == "right" else cell.align
    return replace(cell, width=max(cell.width, needed), align=align)


def still_picture(picture: Picture, frames: Sequence[Frame], index: int) -> Picture:
    """One frame of a roomy picture, with its caption."""
    frame, theme = frames[index], picture.theme
    grounds = {
        picture.box_id(part): theme.fill(picture.reading.kind(part.face))
        for part in picture.division.shown
    }
    contents = {
        name: veiled(final, iter(frame.cells[name]), grounds.get(name, theme.background))
        for name, final in picture.contents.items()
    }
    bright = dict.fromkeys(frame.highlighted, getattr(theme, COLORS.get(frame.phase, "update")))
    return replace(picture, contents=contents, bright=bright, footer=footer(frames, index))


def veiled(final: Table, shown: Iterator[Cell | None], ground: str) -> Table:
    """A table with what is shown of it; the rest in the colour of the ground."""
    framed = bool(final.lines)
    rows = [[veiled_cell(cell, shown, ground, framed) for cell in row] for row in final.rows]
    hidden = framed and all(cell.color == ground for cell in Table(rows).texts())
    return replace(final, rows=rows, lines=ground if hidden else final.lines)


def veiled_cell(cell: Cell, shown: Iterator[Cell | None], ground: str, framed: bool) -> Cell:
    if cell.inner is not None:
        return replace(cell, inner=veiled(cell.inner, shown, ground))
    now = next(shown)
    if now is not None:
        return replace(now, width=cell.width, align=cell.align)
    if framed:
        return replace(cell, color=ground, fill=ground)
    return replace(cell, color=cell.fill or ground)


def footer(frames: Sequence[Frame], index: int) -> list[Row]:
    """The caption of one frame in as many lines, and as wide, as the longest of them all."""
    captions = [lines(frame, i, len(frames)) for i, frame in enumerate(frames, start=1)]
    high = max(map(len, captions))
    wide = math.ceil(max(width(line, SMALL) for caption in captions for line in caption))
    told = [*captions[index], *[" "] * (high - len(captions[index]))]
    return [[Cell(line, small=True, width=wide)] for line in told]


def lines(frame: Frame, number: int, count: int) -> list[str]:
    """A caption behind its number, cut into lines."""
    text = visible(frame.caption.replace("\n", "; "), LONGEST_CAPTION)
    return textwrap.wrap(f"{number} / {count}   {text}", CAPTION_WIDTH)
