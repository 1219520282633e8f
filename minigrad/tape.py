"""A graph of Values, compiled: run once, written out, and replayed with NumPy.

A graph is a program that has run; with new numbers in its leaves it can run again. Nodes of one op
that do not need each other make up a step, and a step is a NumPy call or two, however many nodes
it has. On the way back each edge of the graph has a box of its own in one long array, the mail. A
step puts each node's gradient times local derivative into the box of the edge to that input; the
boxes of one receiver lie side by side, and what it finds there, added up, is its gradient.

Values and derivatives come from the ops on arrays of the same name: there is one calculus.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby
from typing import Any

import numpy as np

from minigrad.graph import Array, Op
from minigrad.ops import activation, elementwise, piecewise
from minigrad.value import Value, require_numbers, topological
from minigrad.words import shown

OPS: dict[str, Op] = {  # by the sign that a Value carries in _op
    "+": elementwise.add.op,
    "-": elementwise.subtract.op,
    "*": elementwise.multiply.op,
    "/": elementwise.divide.op,
    "**": elementwise.power.op,
    "neg": elementwise.negative.op,
    "abs": piecewise.abs.op,
    "exp": elementwise.exp.op,
    "log": elementwise.log.op,
    "sqrt": elementwise.sqrt.op,
    "sin": elementwise.sin.op,
    "cos": elementwise.cos.op,
    "tanh": elementwise.tanh.op,
    "sigmoid": activation.sigmoid.op,
    "ReLU": activation.relu.op,
    "softplus": activation.softplus.op,
    "sum": elementwise.multiply.op,  # both of them are sums of products
    "dot": elementwise.multiply.op,
}
SUMS = ("sum", "dot")
ONE = Value(1.0)  # stands first on every tape, as the factor of what is only added


def compile(root: Value) -> Tape:
    """A `Tape` of all that root was made from: `tape()` is root for the leaves as they are now.

    The tape repeats the ops that were recorded; an `if` of the program is not among them.
    TypeError if root is no Value.

    >>> x, y = Value(2.0), Value(3.0)
    >>> tape = compile(x * y + x)
    >>> x.data = 5.0
    >>> tape(), x.grad, y.grad
    (20.0, 4.0, 5.0)
    """
    if not isinstance(root, Value):
        raise TypeError(
            f"compile: root must be a Value, got {shown(root)} ({type(root).__name__}); "
            "give the result of a computation with Values"
        )
    return Tape(root)


class Tape:
    """A compiled graph: `tape()` computes the root and sets (not adds to) every leaf's `.grad`.

    It reads the data of the leaves and writes their gradients, nothing else: what lies between
    keeps the numbers of its first run. IEEE 754 results, without warnings.
    """

    def __init__(self, root: Value) -> None:
        order = topological(root)
        groups = in_groups(order)
        self.leaves = [v for v in order if not v.inputs]
        places = {v: i for i, v in enumerate(chain([ONE], self.leaves, *groups))}
        self.root, self.length = places[root], len(places)

        reads = [sources(group, places) for group in groups]
        receivers = [np.array([self.root]), *chain(*reads)]  # of a seed, then of every edge
        boxes, first = side_by_side(receivers, self.length)
        self.seed, self.boxes = boxes[0], sum(map(len, boxes))
        writes = iter(boxes[1:])
        self.steps = [
            (Sums if group[0]._op in SUMS else Step)(
                group, read, [next(writes) for _ in read], Inbox(group, places, first)
            )
            for group, read in zip(groups, reads)
        ]
        self.inbox = Inbox(self.leaves, places, first)

    def __call__(self) -> float:
        require_numbers(self.leaves, "data")
        values, mail = np.empty(self.length), np.empty(self.boxes)
        values[0] = ONE.data
        values[self.inbox.places] = [v.data for v in self.leaves]
        mail[self.seed] = 1.0
        with np.errstate(all="ignore"):
            for step in self.steps:
                step.forward(values)
            for step in reversed(self.steps):
                step.backward(values, mail)
            grads = self.inbox.total(mail)
        for v, g in zip(self.leaves, grads.tolist()):
            v.grad = g
        return float(values[self.root])


class Inbox:
    """Where some neighbours on the tape stand, and the boxes with what is sent to them."""

    def __init__(self, group: Sequence[Value], places: dict[Value, int], first: Array) -> None:
        start, stop = places[group[0]], places[group[-1]] + 1
        self.places = slice(start, stop)
        self.boxes = slice(first[start], first[stop])
        self.firsts = first[start:stop] - first[start]

    def total(self, mail: Array) -> Array:
        """The gradient of each: the sum of what is in its boxes."""
        found = mail[self.boxes]
        return found if len(found) == len(self.firsts) else np.add.reduceat(found, self.firsts)


class Step:
    """Nodes of one op; for each of its inputs, where to read values and where to send shares."""

    def __init__(
        self, group: Sequence[Value], reads: list[Array], writes: list[Array], inbox: Inbox
    ) -> None:
        self.op = OPS[group[0]._op]
        self.rules = [self.op.rule(i) for i in range(len(reads))]
        self.reads, self.writes, self.inbox = reads, writes, inbox

    def forward(self, values: Array) -> None:
        values[self.inbox.places] = self.result(values)

    def backward(self, values: Array, mail: Array) -> None:
        self.send(self.inbox.total(mail), values, mail)

    def result(self, values: Array) -> Array:
        return self.op.forward(*[values[i] for i in self.reads])

    def send(self, g: Array, values: Array, mail: Array) -> None:
        y, inputs = values[self.inbox.places], [values[i] for i in self.reads]
        for rule, boxes in zip(self.rules, self.writes):
            mail[boxes] = rule(g, y, *inputs)


class Sums(Step):
    """Nodes that are sums of products, each of as many as it likes."""

    def __init__(self, group: Sequence[Value], *wiring: Any) -> None:
        super().__init__(group, *wiring)
        self.lengths = [len(terms(v)) for v in group]
        self.firsts = np.cumsum([0, *self.lengths[:-1]])

    def forward(self, values: Array) -> None:
        values[self.inbox.places] = np.add.reduceat(self.result(values), self.firsts)

    def backward(self, values: Array, mail: Array) -> None:
        self.send(np.repeat(self.inbox.total(mail), self.lengths), values, mail)


def in_groups(order: Sequence[Value]) -> list[list[Value]]:
    """The nodes that have inputs, in groups of one op, each group behind all that it needs."""
    depth: dict[Value, int] = {}
    for v in order:
        depth[v] = 1 + max([depth[x] for x in v.inputs], default=-1)

    def key(v: Value) -> tuple[int, str]:
        return depth[v], v._op

    inner = sorted([v for v in order if v.inputs], key=key)
    return [list(group) for _, group in groupby(inner, key)]


def sources(group: Sequence[Value], places: dict[Value, int]) -> list[Array]:
    """For each input of the group's op, where on the tape its nodes find it."""
    rows = [[places[x] for x in row] for v in group for row in terms(v)]
    return list(np.array(rows).T.copy())


def terms(v: Value) -> list[tuple[Value, ...]]:
    """Its inputs; of a sum or dot the two factors of each term."""
    if v._op not in SUMS:
        return [v.inputs]
    n = len(v.inputs) // 2 if v._op == "dot" else 0
    ws, xs, added = v.inputs[:n], v.inputs[n : 2 * n], v.inputs[2 * n :]
    return [*zip(ws, xs), *((x, ONE) for x in added)]


def side_by_side(receivers: list[Array], length: int) -> tuple[list[Array], Array]:
    """A box for every edge, such that those of one receiver are neighbours; the first of each."""
    order = np.argsort(np.concatenate(receivers), kind="stable")
    boxes = np.empty_like(order)
    boxes[order] = np.arange(len(order))
    first = np.searchsorted(np.concatenate(receivers), np.arange(length + 1), sorter=order)
    ends = np.cumsum([len(edges) for edges in receivers])
    return np.split(boxes, ends[:-1]), first
