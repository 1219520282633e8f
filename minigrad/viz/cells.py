"""Tables in the HTML-like labels of DOT: every text in a cell of its own.

Markup is made here and nowhere else, and all text in it is escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minigrad.viz.text import escaped

SMALL = 9


@dataclass(frozen=True)
class Cell:
    """One text in a table, or a table in a table."""

    text: str = " "
    color: str = ""
    fill: str = ""
    bold: bool = False
    small: bool = False
    align: str = "left"
    width: int = 0  # at least so many points
    inner: str = ""  # markup of a table, in place of the text

    def markup(self, columns: int = 1) -> str:
        """The cell, wide enough to cover some columns."""
        attributes = [f'align="{self.align}"']
        if columns > 1:
            attributes.append(f'colspan="{columns}"')
        if self.width:
            attributes.append(f'width="{self.width}"')
        if self.fill:
            attributes.append(f'bgcolor="{self.fill}"')
        return f"<td {' '.join(attributes)}>{self.inner or self.styled()}</td>"

    def styled(self) -> str:
        """The text in its font; never an empty element, which DOT refuses."""
        text = escaped(self.text) or " "
        if self.bold:
            text = f"<b>{text}</b>"
        font = [f'point-size="{SMALL}"'] * self.small + [f'color="{self.color}"'] * bool(self.color)
        return f"<font {' '.join(font)}>{text}</font>" if font else text


Row = Sequence[Cell]


def table(rows: Sequence[Row], *, padding: int = 2, lines: str = "") -> str:
    """A table; the last cell of a short row covers the columns that remain.

    lines is the colour of the lines between cells; without it there are none.
    """
    columns = max(map(len, rows))
    frame = f'border="0" cellspacing="0" cellpadding="{padding}" cellborder="{int(bool(lines))}"'
    color = f' color="{lines}"' if lines else ""
    body = "".join(
        "<tr>"
        + "".join(cell.markup() for cell in row[:-1])
        + row[-1].markup(columns - len(row) + 1)
        + "</tr>"
        for row in rows
    )
    return f"<table {frame}{color}>{body}</table>"


def label(markup: str) -> str:
    """Markup as the value of a label attribute."""
    return f"<{markup}>"
