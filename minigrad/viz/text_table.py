"""The graph as a text: one line for each node, inputs before what is made of them.

What terminals, logs and machines without Graphviz show in place of the picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from minigrad.viz.boxes import norm, statistics
from minigrad.viz.options import check_max_nodes, check_node
from minigrad.viz.reading import COSTLY, Reading, read
from minigrad.viz.text import number, shape, visible

LISTED = 4  # elements up to which a line shows them all


def table(root: Any, *, max_nodes: int = 120) -> str:
    """The graph that root was made from, one line for each node in topological order.

    Name, what made it, shape, value, gradient. Nodes without a name are v0, v1, …; the picture
    has the same names. Gradients are computed aside, as in `draw`. Of more than max_nodes nodes
    the last ones are listed.

    >>> from minigrad.value import Value
    >>> x = Value(2.0, label="x")
    >>> y = x * x + 3 * x
    >>> y.backward()
    >>> print(table(y))
    x   parameter       2   grad 7
    v1  multiply(x, x)  4   grad 1
    3   constant        3
    v3  multiply(3, x)  6   grad 1
    v4  add(v1, v3)     10  grad 1
    """
    check_node(root, "root", "table")
    check_max_nodes("table", max_nodes)
    return text_table(read(root), max_nodes)


def text_table(reading: Reading, max_nodes: int) -> str:
    """The table of a graph that was read already."""
    nodes = reading.nodes[-max_nodes:]
    left_out = len(reading.nodes) - len(nodes)
    lines = [f"… {left_out} earlier nodes (max_nodes={max_nodes})"] if left_out else []
    lines += aligned([row(reading, node) for node in nodes])
    return "\n".join(lines + [f"({note})" for note in map(one_line, reading.notes())])


def row(reading: Reading, node: Any) -> list[str]:
    """The columns of one node."""
    gradient, update = reading.gradient(node), reading.updates.of.get(node)
    return [
        reading.name(node),
        made(reading, node),
        visible(node.path),
        shape(node.shape) if node.shape else "",
        summary(node.data),
        "" if gradient is None else f"grad {summary(gradient, gradient=True)}",
        "" if update is None else f"new {summary(update.new)}",
        reading.marks[node].text if node in reading.marks else "",
    ]


def made(reading: Reading, node: Any) -> str:
    """What made a node: tanh(v6); for a leaf what it is."""
    if node.op is None:
        return reading.kind(node)
    names = ", ".join(reading.name(x) for x in node.inputs)
    return visible(f"{node.op.name}({names})", 60)


def summary(data: Any, gradient: bool = False) -> str:
    """A number, a few numbers, or what describes many."""
    data = np.asarray(data)
    if data.size == 1:
        return number(data)
    if data.size == 0:
        return "empty"
    if data.size >= COSTLY:
        return str(data.dtype)
    if data.size <= LISTED:
        return str([number(x) for x in data.ravel()]).replace("'", "")
    with np.errstate(all="ignore"):
        if gradient:
            return f"norm {number(norm([data]))}"
        return statistics(data)[1].replace("   ", " ")


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as lines with columns of equal width; empty columns are left out."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for columns in rows:
        cells = [text.ljust(width) for text, width in zip(columns, widths) if width]
        yield "  ".join(cells).rstrip()


def one_line(note: str) -> str:
    return visible(note, 400)
