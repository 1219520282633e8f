"""What is written in a box: the op, a name, a shape, the value, the gradient.

Rows from top to bottom: header (op left, name and shape right), value, gradient, the optimizer's
step, formula, folded parameters. Each function makes some rows of one box.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigrad.viz.cells import SMALL, Cell, Row, Table, table
from minigrad.viz.edges import broadcast, elementwise
from minigrad.viz.marks import COLORS, Mark, summary
from minigrad.viz.parts import Part
from minigrad.viz.paths import LONGEST_PATH, kind
from minigrad.viz.reading import Reading, flat
from minigrad.viz.text import (
    counted,
    exponent,
    formula,
    heading,
    number,
    shape,
    visible,
    visible_path,
)
from minigrad.viz.theme import Theme
from minigrad.viz.updates import Update

NO_NUMBERS = ("nan", "inf", "-inf")
BESIDE = 4  # columns up to which two matrices stand side by side
WHOLE = "biu"  # kinds of dtypes of whole numbers: labels, say, which are not larger or smaller
DIGIT = SMALL * 5 // 9  # points that a digit is wide


@dataclass(frozen=True)
class Boxes:
    """Writes the boxes of one picture."""

    reading: Reading
    theme: Theme

    def content(self, part: Part, frame: str = "", unseen: int = 0) -> Table:
        """The content of a part's box.

        frame is the module in whose frame it stands; unseen of its uses are not drawn.
        """
        rows = [*self.top(part, frame), *self.body(part.face), *self.stepped(part.face)]
        rows += [*self.bottom(part), *self.marked(part)]
        if unseen and not self.reading.beside(part.face):
            rows.append([self.small(f"{counted(unseen, 'use')} not drawn")])
        far = {self.reading.name(node.inputs[i]): None for node, i in part.unlinked}
        rows += [[self.small(f"← {name}")] for name in far]
        return table(rows or [[Cell()]])

    def top(self, part: Part, frame: str) -> list[Row]:
        """The header: a grey bar with the op for what was computed, else the name of the leaf."""
        node = part.face
        if node.op is None:
            return self.leaf_top(node)
        title = heading(node)
        if part.collapsed:
            title = kind(part.module) or visible_path(part.module, LONGEST_PATH)
        return [[Cell(title, fill=self.theme.header_fill, bold=True), self.top_right(part, frame)]]

    def top_right(self, part: Part, frame: str) -> Cell:
        """Module, name and shape, as far as neither the title nor the frame says it."""
        node, name = part.face, self.reading.name(part.face)
        path = part.module if part.collapsed else node.path
        untold = kind(path) if part.collapsed else path != frame and not node.name
        words = [visible_path(path)] if untold and path else []
        words += [f"… {visible_path(part.repeats[-1])}"] if part.repeats else []
        words += [name] if node.name or not words else []
        words += [shape(node.shape)] if node.shape else []
        text, small = "  ".join(words), not node.name and words == [name]
        color = self.theme.secondary if small else ""
        return Cell(text, color, self.theme.header_fill, small=small, align="right")

    def leaf_top(self, node: Any) -> list[Row]:
        """Name and shape; a constant without a name is its value and nothing else."""
        if (
            self.reading.kind(node) == "constant"
            and not node.name
            and self.reading.values != "none"
        ):
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
        rows: list[Row] = [[self.cell("", value, role="value")]]
        if gradient is not None:
            rows.append([self.cell("grad ", gradient, self.theme.gradient, role="gradient")])
        return rows

    def statistics(self, value: Any, gradient: Any) -> list[Row]:
        mean, text = statistics(value)
        seen = self.small(text) if np.isfinite(mean) else self.failing(text, small=True)
        rows: list[Row] = [[replace(seen, role="value")]]
        if gradient is not None:
            length, color = norm([gradient]), self.theme.gradient
            rows.append([self.cell("grad norm ", length, color, small=True, role="gradient")])
        return rows

    def matrices(self, value: Any, gradient: Any) -> Table:
        """The value, and the gradient beside it; below it if they are broad."""
        shown = [[replace(self.small("value"), role="value")]]
        shown[0].append(Cell(inner=self.matrix(value, "value")))
        if gradient is not None:
            title = Cell("grad", self.theme.gradient, small=True, role="gradient")
            shown.append([title, Cell(inner=self.matrix(gradient, "gradient"))])
        if flat(np.shape(value))[-1] > BESIDE:
            return table([[cell] for pair in shown for cell in pair])
        return table(list(zip(*shown)))

    def matrix(self, data: Any, role: str) -> Table:
        """Each number on a ground tinted by its sign and size."""
        grid = grid_of(data)
        sizes = (abs(x) for row in grid for x in row if math.isfinite(x))
        largest = 0 if np.asarray(data).dtype.kind in WHOLE else max(sizes, default=0)
        width = DIGIT * max(len(number(x)) for row in grid for x in row) + 6
        rows = [[replace(self.entry(x, largest, width), role=role) for x in row] for row in grid]
        return table(rows, padding=3, lines=self.theme.result_border)

    def entry(self, x: float, largest: float, width: int) -> Cell:
        color, fill = self.theme.failure, self.theme.failure_fill
        if math.isfinite(x):
            color, fill = "", self.theme.tint(x / largest if largest else 0)
        return Cell(number(x), color, fill, small=True, align="center", width=width)

    def stepped(self, node: Any) -> list[Row]:
        """What the optimizer does to a parameter; of the root its value after that."""
        updates, rows = self.reading.updates, list[Row]()
        if node in updates.of and self.reading.level(node) not in ("nothing", "dtype"):
            rows += self.update(updates.of[node], self.reading.level(node))
        if node is self.reading.root and updates.after is not None:
            rows.append([self.green("after step", updates.after)])
        return rows

    def update(self, update: Update, level: str) -> list[Row]:
        """What is remembered, then the step and the new value."""
        rows: list[Row] = [[self.green(name, x)] for name, x in update.state.items()]
        if level == "matrix":
            titles = [self.green("step"), self.green(f"new   ({update.title})")]
            arrays = [Cell(inner=self.matrix(x, "update")) for x in (update.step, update.new)]
            return [*rows, [Cell(inner=table([titles, arrays]))]]
        new = self.green("new", update.new)
        if level == "statistics":
            new = replace(new, text=f"new {statistics(update.new)[1]}")
        return [*rows, [self.green("step", update.step, f"   ({update.title})")], [new]]

    def bottom(self, part: Part) -> list[Row]:
        """The formula of an op and its parameters; of a module how much there is inside."""
        node, rows = part.face, list[Row]()
        if part.repeats:
            told = f"× {len(part.repeats) + 1}, the first shown"
            rows.append([Cell(told, bold=True, small=True)])
        if part.collapsed:
            return [*rows, [self.small(self.contents(part))], *self.step_of_all(part.folded)]
        if node.op is not None and wants_formula(node) and formula(node):
            rows.append([self.small(formula(node))])
        for leaf in part.folded:
            if leaf is not exponent(node):  # which the header says
                rows += self.parameter(leaf, part)
        return rows

    def contents(self, part: Part) -> str:
        """What a module's box hides: "2 ops, 9 parameters, grad norm 0.2382"."""
        told = [counted(len(part.nodes), "op")]
        parameters = [leaf for leaf in part.folded if leaf.requires_grad]
        if parameters:
            count = sum(math.prod(x.shape) for x in parameters)
            shared = any(self.shared(leaf, part) for leaf in parameters)
            told.append(counted(count, "shared parameter" if shared else "parameter"))
        found = [g for g in map(self.reading.gradient, parameters) if g is not None]
        if found and self.reading.values != "none":
            told.append(f"grad norm {number(norm(found))}")
        return ", ".join(told)

    def shared(self, leaf: Any, part: Part) -> bool:
        """Whether a parameter is used outside of the box too."""
        return not set(part.nodes).issuperset(self.reading.consumers[leaf])

    def parameter(self, leaf: Any, part: Part) -> list[Row]:
        """A folded parameter: name, shape, gradient; and how its gradient comes about."""
        user, fill, level = part.face, self.theme.parameter_fill, self.reading.level(leaf)
        name = leaf.name.removeprefix(f"{user.path}.") if leaf.name else self.reading.name(leaf)
        told = number(leaf.data) if level == "number" else shape(leaf.shape)
        row = [
            Cell(visible(name) + " (shared)" * self.shared(leaf, part), "", fill, True, True),
            Cell(told, "", fill, small=True, align="right"),
        ]
        gradient = self.reading.gradient(leaf)
        if gradient is not None and level not in ("nothing", "dtype"):
            word, size = (
                ("grad", gradient) if level == "number" else ("grad norm", norm([gradient]))
            )
            color = self.theme.gradient if np.isfinite(size) else self.theme.failure
            row.append(Cell(f"{word} {number(size)}", color, fill, small=True, align="right"))
        if leaf in self.reading.marks:
            row.append(replace(self.marking(self.reading.marks[leaf]), fill=fill, align="right"))
        how = broadcast(user, leaf)
        rows: list[Row] = [row]
        if how:
            rows.append([Cell(how, self.theme.secondary, fill, small=True)])
        for (cell,) in self.step_of_all([leaf]):
            rows.append([replace(cell, fill=fill, align="right")])
        return rows

    def step_of_all(self, leaves: Sequence[Any]) -> list[Row]:
        """The length of the step that the optimizer makes with some parameters together."""
        updates = [self.reading.updates.of[x] for x in leaves if x in self.reading.updates.of]
        if not updates or self.reading.values == "none":
            return []
        length = norm([update.step for update in updates])
        return [[self.green("step norm", length, f"   ({updates[0].title})")]]

    def green(self, word: str, data: Any = None, more: str = "") -> Cell:
        """What an optimizer does: a number, or the norm of an array."""
        text = word if data is None else sized(word, data)
        sound = data is None or np.isfinite(norm([data]))
        color = self.theme.update if sound else self.theme.failure
        return Cell(text + more, color, bold=True, small=True, role="update")

    def marked(self, part: Part) -> list[Row]:
        """What the marks of a part's nodes say, a row for each line."""
        marks, node = self.reading.marks, part.face
        if part.collapsed:
            said = summary(marks, part.nodes)
        else:
            said = [marks[node]] if node in marks else []
        return [
            [self.marking(replace(mark, lines=(line,)))] for mark in said for line in mark.lines
        ]

    def marking(self, mark: Mark) -> Cell:
        """A mark in one cell."""
        color = getattr(self.theme, COLORS[mark.kind])
        return Cell(mark.text, color, bold=mark.kind == "failure", small=True)

    def cell(self, word: str, x: Any, color: str = "", small: bool = False, role: str = "") -> Cell:
        """A number behind a word; in the style of failures if it is none."""
        text = number(x)
        if text in NO_NUMBERS:
            return self.failing(word + text, small, role)
        return Cell(word + text, color, small=small, role=role)

    def failing(self, text: str, small: bool = False, role: str = "") -> Cell:
        return Cell(text, self.theme.failure, bold=True, small=small, role=role)

    def small(self, text: str) -> Cell:
        return Cell(text, self.theme.secondary, small=True)


def wants_formula(node: Any) -> bool:
    """Whether the formula says more than the symbol: for ops on arrays that mix entries."""
    return any(math.prod(x.shape) > 1 for x in node.inputs) and not elementwise(node)


def statistics(data: Any) -> tuple[float, str]:
    """The mean; mean and standard deviation in words, of whole numbers how many there are."""
    if np.asarray(data).dtype.kind in WHOLE:
        return 0.0, whole_numbers(data)
    with np.errstate(all="ignore"):
        mean, deviation = np.mean(data), np.std(data)
    return float(mean), f"mean {number(mean)}   sd {number(deviation)}"


def whole_numbers(data: Any) -> str:
    """What describes many of them, such as labels: "10 different, 0 … 9"."""
    least, most = int(np.min(data)), int(np.max(data))
    return f"{len(np.unique(data))} different, {least} … {most}"


def sized(word: str, data: Any) -> str:
    """A number behind a word, or the norm of an array."""
    return f"{word} {number(data)}" if np.size(data) == 1 else f"{word} norm {number(norm([data]))}"


def norm(arrays: Sequence[Any]) -> float:
    """The length of the vector of all entries."""
    with np.errstate(all="ignore"):
        return math.sqrt(sum(float(np.sum(np.square(a, dtype=float))) for a in arrays))


def grid_of(data: Any) -> list[list[float]]:
    """A small array as rows of numbers; a vector is one row."""
    data = np.asarray(data, dtype=float)
    return data.reshape(-1, flat(data.shape)[-1]).tolist()
