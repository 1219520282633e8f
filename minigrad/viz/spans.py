"""Edges that lead too far: Graphviz needs minutes for thousands of ranks, and nobody can follow.

They are left out, and the box that they would lead to names its input instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from minigrad.viz.parts import Division, Part
from minigrad.viz.reading import Reading
from minigrad.viz.text import counted

LONGEST_SUM = 600  # ranks that all edges together may cross
LONGEST_ROW = 8  # boxes that still fit side by side on a page
FAR = 4  # ranks that each of them may cross, where the sum is longer


def unlink_far(division: Division, reading: Reading, rank: Mapping[Part, int]) -> list[str]:
    """Replace far edges by words, those of leaves first, where all together are too long."""
    home = division.home
    far, of_leaves, total, by_leaves = [], [], 0, 0
    for node, i in division.edges(reading.nodes):
        x = node.inputs[i]
        span = rank[home[node]] - rank[home[x]]
        total += span
        if span > FAR:
            far.append((node, i))
            if x.op is None:
                of_leaves.append((node, i))
                by_leaves += span
    if total <= LONGEST_SUM:
        return []
    left_out = of_leaves if total - by_leaves <= LONGEST_SUM else far
    for node, i in left_out:
        home[node].unlinked[node, i] = None
    count = counted(len(left_out), "edge")
    return [f"in place of {count} over more than {FAR} rows, boxes say ← input"] * bool(left_out)


def ranks(division: Division) -> dict[Part, int]:
    """The row of each box: behind all of its inputs; what has none is just before its first use."""
    rank = dict.fromkeys(division.shown, 0)
    before = {part: [x for x in division.inputs(part) if x in rank] for part in division.shown}
    inner = [(part, inputs) for part, inputs in before.items() if inputs]
    moved = True
    while moved:  # boxes stand nearly in order: two or three rounds
        moved = False
        for part, inputs in inner:
            row = 1 + max([rank[x] for x in inputs])
            if row != rank[part]:
                rank[part], moved = row, True
    first_use: dict[Part, int] = {}
    for part, inputs in inner:
        for x in inputs:
            if not before[x]:
                first_use[x] = min(rank[part], first_use.get(x, rank[part]))
    return rank | {part: row - 1 for part, row in first_use.items()}


def direction(rank: Mapping[Part, int]) -> str:
    """Left to right while the longest path fits on a page, else top to bottom.

    A box that holds an array takes the place of two.
    """
    broad = {row for part, row in rank.items() if math.prod(part.face.shape) > 1}
    return "LR" if max(rank.values()) + 1 + len(broad) <= LONGEST_ROW else "TB"
