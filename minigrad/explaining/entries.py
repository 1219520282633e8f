"""One entry of an array: what was made from it, and how each entry of that depends on it.

The local derivatives ∂yₖ/∂xᵢ, for one i and all k, are found without a formula for them. A rule
gives ∂⟨u, y⟩/∂xᵢ for any u, which is linear in u; its derivative with respect to u is the row
of all ∂yₖ/∂xᵢ at once. That row is a graph too: its own derivatives tell where it is 0 by chance
and where always, and which of its entries is an entry of another input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.explaining.terms import Factor, Symbol, Symbols, Term, use_of
from minigrad.graph import Array, leaf, recorded
from minigrad.viz.aside import contributions
from minigrad.viz.reading import Reading
from minigrad.walk import gradients

Index = tuple[int, ...]
ONE_BY_ONE = 1024  # outputs of an op that cannot be differentiated twice, at most


def entry_terms(
    x: Any, index: Index, reading: Reading, symbols: Symbols, most: int
) -> tuple[list[Term], int, float]:
    """The largest terms upstream × local, in the order of the graph; the number and sum of all."""
    shares = [
        Share(node, slot, k, upstream, column)
        for node, slot in uses(x, reading)
        for column in [local_column(node, slot, index)]
        for k, upstream in each(column.there, reading.gradient(node))
    ]
    largest = sorted(range(len(shares)), key=lambda i: -abs(shares[i].value))[:most]
    by = symbols.of(x, index)
    terms = [shares[i].term(by, reading.root, symbols) for i in sorted(largest)]
    return terms, len(shares), sum(share.value for share in shares)


class Share(NamedTuple):
    """What comes to an entry through the k-th output of a node that it is an input of."""

    node: Any
    slot: int
    k: Index
    upstream: float
    column: Column

    @property
    def value(self) -> float:
        return self.upstream * float(self.column.values[self.k])

    def term(self, by: Symbol, root: Any, symbols: Symbols) -> Term:
        """∂root/∂yₖ · ∂yₖ/∂xᵢ; for the root itself the second factor alone."""
        node, slot, k, upstream, column = self
        of = symbols.of(node, k)
        local = Factor(
            of,
            by,
            float(column.values[k]),
            use_of(node, slot),
            column.entry(k, node, symbols),
            node,
        )
        if node is root:
            return Term((local,))
        return Term((Factor(symbols.of(root), of, upstream, node=root), local))


def uses(x: Any, reading: Reading) -> Iterator[tuple[Any, int]]:
    """Every node with a gradient that x is an input of, and at which place."""
    for node in reading.nodes:
        if reading.gradient(node) is not None and node.op is not None:
            yield from ((node, slot) for slot, given in enumerate(node.inputs) if given is x)


def each(there: Array, upstream: Any) -> Iterator[tuple[Index, float]]:
    """The places in an array where `there` is true, with the upstream gradient."""
    for place in np.argwhere(there):
        k = tuple(int(i) for i in place)
        yield k, float(upstream[k])


class Column:
    """∂yₖ/∂xᵢ for all k: values, and where yₖ depends on xᵢ at all."""

    def __init__(self, values: Array, there: Array) -> None:
        self.values, self.there = values, there

    def entry(self, k: Index, node: Any, symbols: Symbols) -> Symbol | None:
        """The entry of another input that ∂yₖ/∂xᵢ is, if it is one."""
        return None


class DerivableColumn(Column):
    """The same as a graph, whose derivatives are known."""

    def __init__(self, graph: Any, inputs: Sequence[Any]) -> None:
        self.graph, self.inputs = graph, inputs
        changes = along_random(graph, inputs)
        super().__init__(graph._data, (graph._data != 0) | (changes != 0))

    def entry(self, k: Index, node: Any, symbols: Symbols) -> Symbol | None:
        if not self.graph._needs:
            return None
        slopes = gradients([self.graph[k]], [None], self.inputs)
        places = [(i, j) for i, x in enumerate(self.inputs) if x in slopes
                  for j in map(tuple, np.argwhere(slopes[x]))]  # fmt: skip
        if len(places) != 1:
            return None
        ((i, j),) = places
        x = self.inputs[i]
        same = slopes[x][j] == 1 and x._data[j] == self.values[k]
        return symbols.of(node.inputs[i], j) if same else None


def local_column(node: Any, slot: int, index: Index) -> Column:
    """How the output of a node depends on one entry of one of its inputs."""
    try:
        return derivable_column(node, slot, index)
    except (TypeError, RuntimeError):  # a Function whose backward is plain NumPy
        return column_by_units(node, slot, index)


def derivable_column(node: Any, slot: int, index: Index) -> Column:
    """One backward pass through the op's own rule, and one through that."""
    inputs = [leaf(x._data, derivable(node, i)) for i, x in enumerate(node.inputs)]
    again = recorded(node._data, node.op, tuple(inputs), node.path, node.params, node.saved)
    u = leaf(np.ones_like(node._data), True)
    pulled = gradients([again], [u], [inputs[slot]], create_graph=True)
    share = pulled[inputs[slot]][index]
    row = gradients([share], [None], [u], create_graph=True)[u]
    return DerivableColumn(row, [x for x in inputs if x._needs])


def derivable(node: Any, slot: int) -> bool:
    """Whether the op has a derivative with respect to this input, wanted or not."""
    constant = node.op.input_name(slot) in node.op.constants
    return node.inputs[slot]._data.dtype.kind == "f" and not constant


def along_random(row: Any, inputs: Sequence[Any]) -> Array:
    """How a row changes when all inputs change a little, in no particular direction."""
    if not row._needs:
        return np.zeros_like(row._data)
    rng = np.random.default_rng(0)
    u = leaf(np.zeros_like(row._data), True)
    pulled = gradients([row], [u], inputs, create_graph=True)
    linear = [pulled[x] for x in inputs if x in pulled and pulled[x]._needs]
    if not linear:
        return np.zeros_like(row._data)
    directions = [rng.uniform(0.5, 1.5, y._data.shape) for y in linear]
    return gradients(linear, directions, [u]).get(u, np.zeros_like(row._data))


def column_by_units(node: Any, slot: int, index: Index) -> Column:
    """One backward pass for every entry of the output."""
    size = node._data.size
    if size > ONE_BY_ONE:
        raise ValueError(
            f"explain: {node.op.name} cannot be differentiated twice, so each of its {size} "
            f"outputs needs a backward pass; at most {ONE_BY_ONE} are tried: explain a smaller one"
        )
    units = np.eye(size, dtype=node._data.dtype).reshape(size, *node._data.shape)
    values = [contributions(node, unit)[slot][index] for unit in units]
    row = np.array(values).reshape(node._data.shape)
    return Column(row, row != 0)
