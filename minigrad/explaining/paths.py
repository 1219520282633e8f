"""All paths from a number to the root, when everything between them is a number.

There may be 2ⁿ of them in a graph of n nodes. They are counted and summed without being walked,
one node after the other; only the largest are written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, NamedTuple

from minigrad.explaining.terms import Factor, Symbol, Symbols, Term, use_of
from minigrad.viz.aside import local_derivatives
from minigrad.viz.reading import Reading


class Path(NamedTuple):
    """A path that ends at some node: its product, its last step, and the path before that."""

    product: float
    step: tuple[Any, int, float] | None = None  # node, slot of its input, local derivative
    before: Path | None = None

    @property
    def size(self) -> float:
        """By which paths are ranked; a nan is the first thing to be seen."""
        return float("inf") if self.product != self.product else abs(self.product)


@dataclass
class Sums:
    """What is known of the paths from the number asked about to one node."""

    count: int
    total: float
    largest: list[Path]


def path_terms(
    x: Any, reading: Reading, on_path: Sequence[Any], symbols: Symbols, most: int
) -> tuple[list[Term], int, float]:
    """The terms of the largest paths, in the order of the graph, the number of all, their sum."""
    if x is reading.root:  # ∂L/∂L = 1: no step, so nothing to multiply
        return [], 0, 1.0
    known = {x: Sums(1, 1.0, [Path(1.0)])}
    for node in on_path:
        if node is not x:
            known[node] = sums(node, known, most)
    end = known[reading.root]
    paths = sorted(map(steps, end.largest), key=lambda path: [reading.place[n] for n, *_ in path])
    return [term(path, symbols) for path in paths], end.count, end.total


def sums(node: Any, known: dict[Any, Sums], most: int) -> Sums:
    """Every path to a node is a path to one of its inputs and one step more."""
    count, total, longer = 0, 0.0, []
    for slot, (x, slope) in enumerate(zip(node.inputs, local_derivatives(node))):
        if x in known and slope is not None:
            local = float(slope.item() if hasattr(slope, "item") else slope)
            count += known[x].count
            total += known[x].total * local
            step = (node, slot, local)
            longer += [Path(path.product * local, step, path) for path in known[x].largest]
    return Sums(count, total, nlargest(most, longer, key=lambda path: path.size))


def steps(path: Path) -> list[tuple[Any, int, float]]:
    """The steps of a path, from the root back."""
    found, rest = [], path
    while rest.step is not None and rest.before is not None:
        found.append(rest.step)
        rest = rest.before
    return found


def term(path: list[tuple[Any, int, float]], symbols: Symbols) -> Term:
    """A path as a product of local derivatives."""
    return Term(
        tuple(
            Factor(
                of=symbols.of(node),
                by=symbols.of(node.inputs[slot]),
                value=local,
                use=use_of(node, slot),
                entry=other_factor(node, slot, symbols),
                node=node,
            )
            for node, slot, local in path
        )
    )


def other_factor(node: Any, slot: int, symbols: Symbols) -> Symbol | None:
    """In a product of two, the derivative by one of them is the other."""
    return symbols.of(node.inputs[1 - slot]) if node.op.symbol == "×" else None
