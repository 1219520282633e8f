"""Tables in the HTML-like labels of DOT: every text in a cell of its own.

Markup is made here and nowhere else, and all text in it is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from minigrad.viz.text import escaped

SMALL = 9


@dataclass(slots=True)  # never changed; frozen=True would treble the time to make one
class Cell:
    """One text in a table, or a table in a table."""

    text: str = " "
    color: str = ""
    fill: str = ""
    bold: bool = False
    small: bool = False
    align: str = "left"
    width: int = 0  # at least so many points
    inner: Table | None = None  # in place of the text
    frame: str = ""  # colour of a thick border
    role: str = ""  # "value", "gradient" or "update", where it shows one: these come step by step

    def markup(self, columns: int = 1) -> str:
        """The cell, wide enough to cover some columns."""
        attributes = f'align="{self.align}"'
        if columns > 1:
            attributes += f' colspan="{columns}"'
        if self.width:
            attributes += f' width="{self.width}"'
        if self.fill:
            attributes += f' bgcolor="{self.fill}"'
        if self.frame:
            attributes += f' border="2" color="{self.frame}"'
        return f"<td {attributes}>{self.inner or self.styled()}</td>"

    def styled(self) -> str:
        """The text in its font; never an empty element, which DOT refuses."""
        text = escaped(self.text) or " "
        if self.bold:
            text = f"<b>{text}</b>"
        if not (self.small or self.color):
            return text
        size = f' point-size="{SMALL}"' if self.small else ""
        color = f' color="{self.color}"' if self.color else ""
        return f"<font{size}{color}>{text}</font>"


Row = Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """Rows of cells; the last cell of a short row covers the columns that remain."""

    rows: Sequence[Row]
    padding: int = 2
    lines: str = ""  # the colour of the lines between cells; without it there are none

    def __str__(self) -> str:
        """The markup."""
        columns = max(map(len, self.rows))
        border = int(bool(self.lines))
        frame = f'border="0" cellspacing="0" cellpadding="{self.padding}" cellborder="{border}"'
        color = f' color="{self.lines}"' if self.lines else ""
        body = ""
        for row in self.rows:
            *front, last = row
            cells = "".join([cell.markup() for cell in front])
            body += f"<tr>{cells}{last.markup(columns - len(front))}</tr>"
        return f"<table {frame}{color}>{body}</table>"

    def texts(self) -> Iterator[Cell]:
        """The cells that hold texts, also those of inner tables, in the order of drawing."""
        for row in self.rows:
            for cell in row:
                if cell.inner is None:
                    yield cell
                else:
                    yield from cell.inner.texts()

    def with_texts(self, cells: Iterator[Cell]) -> Table:
        """The same table with other cells in the places of `texts`."""
        rows = [
            [
                next(cells)
                if cell.inner is None
                else replace(cell, inner=cell.inner.with_texts(cells))
                for cell in row
            ]
            for row in self.rows
        ]
        return replace(self, rows=rows)


def table(rows: Sequence[Row], *, padding: int = 2, lines: str = "") -> Table:
    """A table of cells."""
    return Table(rows, padding, lines)


def label(content: Table) -> str:
    """A table as the value of a label attribute."""
    return f"<{content}>"
