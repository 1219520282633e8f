"""What is written in a box: the op, a name, a shape, the value, the gradient.

Rows from top to bottom: header (op left, name and shape right), value, gradient, formula,
folded parameters. Each function makes some rows of one box.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigrad.viz.cells import SMALL, Cell, Row, table
from minigrad.viz.edges import broadcast, elementwise
from minigrad.viz.parts import Part
from minigrad.viz.reading import Reading, flat
from minigrad.viz.text import counted, formula, heading, number, shape, visible
from minigrad.viz.theme import Theme

DIGIT = SMALL * 5 // 9  # points that a digit is wide


@dataclass(frozen=True)
class Boxes:
    """Writes the boxes of one picture."""

    reading: Reading
    theme: Theme

    def label(self, part: Part, frame: str = "", unseen: int = 0) -> str:
        """The content of a part's box, as markup.

        frame is the module in whose frame it stands; unseen of its uses are not drawn.
        """
        rows = [*self.top(part, frame), *self.body(part.face), *self.bottom(part)]
        if unseen and not self.reading.beside(part.face):
            rows.append([self.small(f"{counted(unseen, 'use')} not drawn")])
        return table(rows or [[Cell()]])

    def top(self, part: Part, frame: str) -> list[Row]:
        """The header: a grey bar with the op for what was computed, else the name of the leaf."""
        node = part.face
        if node.op is None:
            return self.leaf_top(node)
        fill = self.theme.header_fill
        title = visible(part.module) if part.collapsed else heading(node.op, node.params)
        return [[Cell(title, fill=fill, bold=True), self.top_right(part, frame)]]

    def top_right(self, part: Part, frame: str) -> Cell:
        """Name and shape. An op without a name has that of its module, if no frame shows it."""
        node, fill, module = part.face, self.theme.header_fill, ""
        if not node.name and not part.collapsed and node.path != frame:
            module = visible(node.path)
        if node.name or module or node.shape:
            words = [module or self.reading.name(node)] + [shape(node.shape)] * bool(node.shape)
            return Cell("  ".join(words), fill=fill, align="right")
        return replace(self.small(self.reading.name(node)), fill=fill, align="right")

    def leaf_top(self, node: Any) -> list[Row]:
        """Name and shape; a constant is its value and nothing else."""
        if self.reading.kind(node) == "constant" and self.reading.values != "none":
            return []
        text = self.reading.name(node)
        name = Cell(text, bold=True) if node.name else self.small(text)
        room = [Cell(shape(node.shape), align="right")] if node.shape else []
        return [[name, *room]]

    def body(self, node: Any) -> list[Row]:
        """Value and gradient, as far as the size of the data allows."""
        level, gradient = self.reading.level(node), self.reading.gradient(node)
        if level == "number":
            return self.numbers(node.data, gradient)
        if level == "matrix":
            return [[Cell(inner=self.matrices(node.data, gradient))]]
        if level == "statistics":
            return self.statistics(node.data, gradient)
        return [[self.small(str(node.dtype))]] if level == "dtype" else []

    def numbers(self, value: Any, gradient: Any) -> list[Row]:
        rows: list[Row] = [[self.cell("", value)]]
        if gradient is not None:
            rows.append([self.cell("grad ", gradient, self.theme.gradient)])
        return rows

    def statistics(self, value: Any, gradient: Any) -> list[Row]:
        with np.errstate(all="ignore"):
            mean, deviation = np.mean(value), np.std(value)
        text = f"mean {number(mean)}   sd {number(deviation)}"
        sound = bool(np.isfinite(mean))
        rows: list[Row] = [[self.small(text) if sound else self.failing(text, small=True)]]
        if gradient is not None:
            length = norm([gradient])
            rows.append([self.cell("grad norm ", length, self.theme.gradient, small=True)])
        return rows

    def matrices(self, value: Any, gradient: Any) -> str:
        """The value, and the gradient beside it."""
        titles, cells = [self.small("value")], [Cell(inner=self.matrix(value))]
        if gradient is not None:
            titles.append(Cell("grad", self.theme.gradient, small=True))
            cells.append(Cell(inner=self.matrix(gradient)))
        return table([titles, cells])

    def matrix(self, data: Any) -> str:
        """Each number on a ground tinted by its sign and size."""
        grid = grid_of(data)
        largest = max((abs(x) for row in grid for x in row if math.isfinite(x)), default=0)
        width = DIGIT * max(len(number(x)) for row in grid for x in row) + 6
        rows = [[self.entry(x, largest, width) for x in row] for row in grid]
        return table(rows, padding=3, lines=self.theme.result_border)

    def entry(self, x: float, largest: float, width: int) -> Cell:
        color, fill = self.theme.failure, self.theme.failure_fill
        if math.isfinite(x):
            color, fill = "", self.theme.tint(x / largest if largest else 0)
        return Cell(number(x), color, fill, small=True, align="center", width=width)

    def bottom(self, part: Part) -> list[Row]:
        """The formula of an op and its parameters; of a module how much there is inside."""
        if part.collapsed:
            return [[self.small(self.contents(part))]]
        node, rows = part.face, list[Row]()
        if node.op is not None and wants_formula(node):
            rows.append([self.small(formula(node.op))])
        for leaf in part.folded:
            rows += self.parameter(leaf, node)
        return rows

    def contents(self, part: Part) -> str:
        """What a module's box hides: "2 ops, 9 parameters, grad norm 0.2382"."""
        told = [counted(len(part.nodes), "op")]
        parameters = [leaf for leaf in part.folded if leaf.requires_grad]
        if parameters:
            told.append(counted(sum(math.prod(x.shape) for x in parameters), "parameter"))
        found = [g for g in map(self.reading.gradient, parameters) if g is not None]
        if found and self.reading.values != "none":
            told.append(f"grad norm {number(norm(found))}")
        return ", ".join(told)

    def parameter(self, leaf: Any, user: Any) -> list[Row]:
        """A folded parameter: name, shape, gradient; and how its gradient comes about."""
        fill, level = self.theme.parameter_fill, self.reading.level(leaf)
        name = leaf.name.removeprefix(f"{user.path}.") if leaf.name else self.reading.name(leaf)
        told = number(leaf.data) if level == "number" else shape(leaf.shape)
        color, gradient = "", self.reading.gradient(leaf)
        if gradient is not None and level not in ("nothing", "dtype"):
            word, size = (
                ("grad", gradient) if level == "number" else ("grad norm", norm([gradient]))
            )
            told = f"{told}  {word} {number(size)}"
            color = self.theme.gradient if np.isfinite(size) else self.theme.failure
        row = [
            Cell(visible(name), fill=fill, bold=True, small=True),
            Cell(told, color, fill, small=True, align="right"),
        ]
        how = broadcast(user, leaf)
        return [row, [Cell(how, self.theme.secondary, fill, small=True)]] if how else [row]

    def cell(self, word: str, x: Any, color: str = "", small: bool = False) -> Cell:
        """A number behind a word; in the style of failures if it is none."""
        text = word + number(x)
        return Cell(text, color, small=small) if np.isfinite(x) else self.failing(text, small)

    def failing(self, text: str, small: bool = False) -> Cell:
        return Cell(text, self.theme.failure, bold=True, small=small)

    def small(self, text: str) -> Cell:
        return Cell(text, self.theme.secondary, small=True)


def wants_formula(node: Any) -> bool:
    """Whether the formula says more than the symbol: for ops on arrays that mix entries."""
    return not elementwise(node) and any(math.prod(x.shape) > 1 for x in node.inputs)


def norm(arrays: Sequence[Any]) -> float:
    """The length of the vector of all entries."""
    with np.errstate(all="ignore"):
        return math.sqrt(sum(float(np.sum(np.square(a, dtype=float))) for a in arrays))


def grid_of(data: Any) -> list[list[float]]:
    """A small array as rows of numbers; a vector is one row."""
    data = np.asarray(data, dtype=float)
    return data.reshape(-1, flat(data.shape)[-1]).tolist()
