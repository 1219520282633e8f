"""What stands above or below a picture: title, remarks, legend."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from minigrad.viz.cells import Cell, Row
from minigrad.viz.marks import fails
from minigrad.viz.text import LONGEST_TITLE, slope, visible

if TYPE_CHECKING:
    from minigrad.viz.digraph import Picture

CAPTION_WIDTH = 90  # characters
LEGEND = {
    "parameter": "rounded: parameter",
    "input": "square, no header: input",
    "constant": "dashed: constant",
    "result": "header: the op",
    "root": "double border: result",
}


def words(picture: Picture) -> Iterator[Row]:
    """Title, caption and legend, each in rows of its own."""
    secondary = picture.theme.secondary
    if picture.title:
        yield [Cell(visible(picture.title, LONGEST_TITLE), bold=True)]
    for note in picture.caption:
        for line in textwrap.wrap(visible(note, 400), CAPTION_WIDTH):
            yield [Cell(line, secondary, small=True)]
    if picture.legend:
        yield [Cell(legend(picture), secondary, small=True)]


def legend(picture: Picture) -> str:
    """What the signs in a picture mean."""
    reading, shown = picture.reading, picture.division.shown
    kinds = {reading.kind(part.face) for part in shown}
    told = [meaning for kind, meaning in LEGEND.items() if kind in kinds]
    rows = [leaf for part in shown if not part.collapsed for leaf in part.folded]
    if any(leaf.requires_grad for leaf in rows):
        told.append("bold row: parameter")
    if any(fails(reading.marks, part.nodes) for part in shown):
        told.append("thick dashes: FAIL")
    if reading.gradients.of:
        told.append(f"grad: {slope(reading.name(reading.root), '(this)')}")
    told += {
        "chain": ["on an edge: upstream × local derivative"],
        "local": ["on an edge: local derivative"],
    }.get(picture.texts.mode, [])
    return "    ".join(told)
