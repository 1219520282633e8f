"""The graph: what is recorded while a program computes.

A `Node` is plain data: an array, the op that made it, the nodes it was made from. An `Op` is a
named function with its derivatives beside it. Nothing here computes or differentiates; walk.py
carries the chain rule through what was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from minigrad.recording import recording

Array = np.ndarray
Rule = Callable[..., Any]

# Each node is stamped when it is made, and again when its data is changed in place, with a number
# that counts down: the youngest node has the smallest. Inputs are older than what was made from
# them; an input that is younger was changed in between.
tick = count(-1, -1).__next__
last_touch = 0  # the stamp of the latest change in place: what is younger needs no check

NO_PARAMS: dict[str, Any] = {}
EVEN = "even"  # saved by an op whose inputs and output have one shape and dtype: nothing to undo
observers: list[Callable[[Node], None]] = []  # called with every node that is recorded


class Op:
    """What a node remembers of the function that made it: its name and its derivatives.

    rules[i](g, y, *inputs, **params) is ∂L/∂inputs[i], given g = ∂L/∂y and the output y. Rules are
    arithmetic: fed arrays they give numbers, fed nodes they give the graph of the gradient.
    A faster rule for all inputs at once (`backward`) works on arrays and may use what forward
    saved; then the rules or, without rules, the definition are what is differentiated again.
    """

    elementwise = False  # whether it works entry by entry, and broadcasts its inputs

    def __init__(self, name: str, forward: Callable[..., Any], inputs: Sequence[str]) -> None:
        self.name = name
        self.symbol = name  # what one writes on a board
        self.formula = (forward.__doc__ or "").strip().partition("\n")[0]
        self.forward = forward
        self.inputs = tuple(inputs)  # their names
        self.rules: list[Any] = [None] * len(self.inputs)  # functions, once they are given
        self.constants: frozenset[str] = frozenset()  # inputs through which nothing flows back
        self.variadic = False  # any number of inputs, and one rule (i, g, y, *inputs) for them
        self.saves = False  # forward returns (y, saved)
        self.reads_values = True  # some rule looks at the values of the inputs
        self.backward: Callable[..., Sequence[Any]] | None = None
        self.definition: Callable[..., Any] | None = None

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def input_name(self, index: int) -> str:
        """The name of the input at this position, for messages and pictures."""
        return f"{self.inputs[0]}[{index}]" if self.variadic else self.inputs[index]

    def shares(
        self, node: Node, g: Any, on_nodes: bool, on_path: Collection[Node] | None
    ) -> Sequence[Any]:
        """What the node's gradient g contributes to each input; None where it is not wanted."""
        inputs, params = node.inputs, node.params
        wanted = [x._needs and (on_path is None or x in on_path) for x in inputs]
        y: Any = node if on_nodes else node._data
        args: Sequence[Any] = inputs if on_nodes else [x._data for x in inputs]
        if self.backward is not None and not on_nodes:
            shares = self.backward(g, y, *args, saved=node.saved, wanted=wanted, **params)
            return [share if want else None for share, want in zip(shares, wanted)]
        return [
            self.rule(i)(g, y, *args, **params) if want else None for i, want in enumerate(wanted)
        ]

    def pay(self, node: Node, g: Any, pay: Callable[[Node, Any], None]) -> None:
        """Pay each input of the node its share of the gradient g."""
        for x, share in zip(node.inputs, self.shares(node, g, False, None)):
            if share is not None:
                pay(x, share)

    def rule(self, index: int) -> Rule:
        """The derivative with respect to one input, or an error that says that there is none."""
        rule = self.rules[0 if self.variadic else index]
        if rule is not None:
            return (lambda *args, **params: rule(index, *args, **params)) if self.variadic else rule
        name = self.input_name(index)
        raise TypeError(
            f"{self.name} has no derivative with respect to its input {name!r}: pass "
            f"{name!r} detached, or give a rule with @{self.name}.wrt({name!r})"
        )


class Node:
    """One value of the graph: its array, and how it came about.

    op made it from inputs (one entry per use) with params; a leaf has op None. path names the
    module that was running. Nothing refers forward: dropping a root frees its graph at once.
    """

    # Underscored: read by the engine as they are, by users through the properties of Tensor.
    __slots__ = (  # noqa: RUF023 - in the order in which they are explained
        "_data",
        "_needs",  # whether a gradient is wanted here
        "_grad",
        "_extra",  # hooks and the like: seldom there
        "op",
        "inputs",
        "params",
        "saved",  # what forward left for the op's backward
        "path",
        "name",
        "order",
        "__weakref__",
    )
    _data: Array
    _needs: bool
    _grad: Any
    _extra: Extra | None
    op: Op | None
    inputs: tuple[Any, ...]
    params: dict[str, Any]
    saved: Any
    path: str
    name: str | None
    order: int

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded op made it."""
        return self.op is None

    def alias(self) -> Any:
        """A node of the same value, through which gradients flow unchanged."""
        if not self._needs:
            return self
        return recorded(self._data, ALIAS, (self,), recording.path or "")

    def touch(self) -> None:
        """Note that the data was changed in place: what was recorded before is out of date."""
        global last_touch
        last_touch = self.order = tick()


class Extra:
    """What few nodes have: hooks, a wish to keep the gradient, the line that made it."""

    def __init__(self) -> None:
        self.hooks: dict[int, Callable[[Any], Any]] = {}
        self.retain = False
        self.line = ""


def blank() -> Any:
    """An empty node; tensor.py says of which class."""
    return object.__new__(Node)


def nodes_are(kind: type[Node]) -> None:
    """From now on nodes are made of this class, also where ops meet a subclass of it."""
    global blank
    blank = partial(object.__new__, kind)  # a call from C: every result is made by it


def as_leaf(node: Any, data: Array, needs: bool, name: str | None = None) -> Any:
    """Make a new node a leaf: one without history."""
    node._data = data
    node._needs = needs
    node._grad = node._extra = node.op = node.saved = None
    node.inputs = ()
    node.params = NO_PARAMS
    node.path = ""
    node.name = name
    node.order = tick()
    return node


def leaf(data: Array, needs: bool = False) -> Any:
    """A new leaf."""
    return as_leaf(blank(), data, needs)


def recorded(
    data: Array,
    op: Op,
    inputs: tuple[Any, ...],
    path: str,
    params: dict[str, Any] = NO_PARAMS,
    saved: Any = None,
) -> Any:
    """A node that op made of inputs, in the module at path."""
    node = blank()
    node._data = data
    node._needs = True
    node._grad = node._extra = node.name = None
    node.op = op
    node.inputs = inputs
    node.params = params
    node.saved = saved
    node.path = path
    node.order = tick()
    if observers:
        for observer in observers:
            observer(node)
    return node


ALIAS = Op("alias", lambda x: x, ["x"])
ALIAS.rules[0] = lambda g, y, x: g


class Freed(Op):
    """The op of a node whose history was dropped."""

    def shares(self, node: Node, g: Any, on_nodes: bool, on_path: Any) -> Sequence[Any]:
        raise freed_error()


def freed_error() -> RuntimeError:
    """A second backward pass through a graph that the first one consumed."""
    return RuntimeError(
        "this graph was freed by backward(retain_graph=False): use retain_graph=True there, "
        "or compute the loss again"
    )


FREED = Freed("freed", lambda: None, [])


def topological(root: Any) -> list[Any]:
    """All nodes that root was made from and root itself, inputs before what is made of them.

    Asks nodes only for their inputs, so it serves Values and Tensors; in the order in which the
    inputs are written, so one program always gives one order.
    """
    order, seen, stack = [], {root}, [(root, iter(root.inputs))]
    while stack:
        node, rest = stack[-1]
        for x in rest:
            if x not in seen:
                seen.add(x)
                stack.append((x, iter(x.inputs)))
                break
        else:
            order.append(node)
            stack.pop()
    return order
