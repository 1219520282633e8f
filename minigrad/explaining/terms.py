"""The pieces of a written-out chain rule: symbols, factors, terms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from minigrad.viz.reading import Reading

DIGITS = 9  # axes up to this length are counted as on a board: F11 is the first entry


@dataclass(frozen=True)
class Symbol:
    """A node, or one entry of its array."""

    name: str
    index: tuple[int, ...] = ()  # without leading axes of length 1
    on_board: bool = True  # F11, counted from 1; else F[0, 12], counted from 0


@dataclass(frozen=True)
class Factor:
    """∂of/∂by and its value.

    use counts from 1 where `of` uses `by` in more than one place. entry is the entry of another
    input that the derivative is equal to whatever the numbers are, such as X11 in a product.
    node is what `of` is, or is an entry of.
    """

    of: Symbol
    by: Symbol
    value: float
    use: int = 0
    entry: Symbol | None = None
    node: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Term:
    """One product of the sum: its factors from the root to the tensor asked about."""

    factors: tuple[Factor, ...]

    @property
    def value(self) -> float:
        return math.prod(factor.value for factor in self.factors)


class Symbols:
    """Names the nodes of a graph and their entries, all of them in one way."""

    def __init__(self, reading: Reading, arrays: Sequence[Any]) -> None:
        self.reading = reading
        shapes = [lengths(x.shape) for x in arrays]
        self.on_board = all(len(s) <= 2 and max(s, default=0) <= DIGITS for s in shapes)

    def of(self, node: Any, index: tuple[int, ...] = ()) -> Symbol:
        """The symbol of a node, or of its entry at an index into its whole shape."""
        inner = index[len(index) - len(lengths(node.shape)) :] if index else ()
        return Symbol(self.reading.name(node), tuple(map(int, inner)), self.on_board)


def lengths(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without its leading ones.

    >>> lengths((1, 1, 3, 3)), lengths((1, 1))
    ((3, 3), ())
    """
    while shape and shape[0] == 1:
        shape = shape[1:]
    return shape


def use_of(node: Any, slot: int) -> int:
    """The how many-th use of an input this slot is, from 1; 0 if it is the only one."""
    same = [i for i, x in enumerate(node.inputs) if x is node.inputs[slot]]
    return same.index(slot) + 1 if len(same) > 1 else 0


# --- What is said of nodes without a name --------------------------------------------------------

INFIX = "+−×÷@"


@dataclass(frozen=True)
class Made:
    """What made a node, by their names: v1 = x × x, v2 = tanh(z), O = conv2d(X, F)."""

    name: str
    op: str
    inputs: tuple[str, ...]

    @property
    def infix(self) -> bool:
        """Whether the op stands between its two inputs."""
        return self.op in INFIX and len(self.inputs) == 2


def unnamed(terms: Sequence[Term], reading: Reading) -> list[Made]:
    """What made the nodes that have no name of their own, in the order of the graph."""
    nodes = {factor.node for term in terms for factor in term.factors if not factor.node.name}
    found = []
    for node in sorted(nodes - {reading.root}, key=reading.place.__getitem__):
        inputs = tuple(reading.name(x) for x in node.inputs)
        op = node.op.symbol if node.op.symbol in INFIX and len(inputs) == 2 else node.op.name
        found.append(Made(reading.name(node), op, inputs))
    return found
