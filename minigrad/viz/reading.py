"""What a picture tells of a graph, read once when it is drawn.

All numbers are taken now: what is changed in place later does not change the picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from minigrad.graph import FREED, topological
from minigrad.viz.aside import Gradients, gradients_aside, local_derivatives, stored_gradients
from minigrad.viz.marks import Marks
from minigrad.viz.paths import full_name
from minigrad.viz.text import number, visible, visible_path
from minigrad.viz.updates import Updates, check_optimizer, updates_aside

MATRIX = 16  # elements up to which values="auto" shows the matrix itself
BROAD = 8  # and columns that it has then at most
WHOLE = 400  # the same for values="all"
COSTLY = 10**7  # elements from which on not even the mean is computed


@dataclass
class Reading:
    """A graph as pictures and tables see it: its nodes in topological order, root last."""

    nodes: Sequence[Any]
    gradients: Gradients
    values: str = "auto"
    focus: Any = None
    marks: Marks = field(default_factory=dict)
    updates: Updates = field(default_factory=Updates)
    place: dict[Any, int] = field(init=False)  # in topological order
    consumers: dict[Any, list[Any]] = field(init=False)  # one entry per use
    names: dict[Any, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.place = {node: i for i, node in enumerate(self.nodes)}
        self.consumers = {node: [] for node in self.nodes}
        for node in self.nodes:
            for x in node.inputs:
                self.consumers[x].append(node)

    @property
    def root(self) -> Any:
        return self.nodes[-1]

    def id(self, node: Any) -> str:
        """n0, n1, … in topological order: the same in every process."""
        return f"n{self.place[node]}"

    def name(self, node: Any) -> str:
        """The user's name for a node, or v0, v1, … in topological order; a constant's value.

        The parameter of a module has the module's path in front.
        """
        if node not in self.names:
            self.names[node] = self.new_name(node)
        return self.names[node]

    def new_name(self, node: Any) -> str:
        if node.name:
            users = self.consumers[node] if node.op is None and node.requires_grad else ()
            full = full_name(node.name, users)
            return visible(full) if full == node.name else visible_path(full)
        constant = self.kind(node) == "constant"
        return number(node.data) if constant else f"v{self.place[node]}"

    def kind(self, node: Any) -> str:
        """Its role in the computation: the name of its colours in a theme."""
        if node.op is not None:
            return "root" if node is self.root else "result"
        if node.requires_grad and not self.beside(node):
            return "parameter"
        constant = not node.shape and (node.path or not node.name)  # a path: of the op's definition
        return "constant" if constant else "input"

    def beside(self, node: Any) -> bool:
        """Whether a leaf stands beside the paths of the focus: drawn in grey, without gradient."""
        return self.focus is not None and node.op is None and node is not self.focus

    def gradient(self, node: Any) -> Any:
        """∂root/∂node, or None where it is not known or not to be shown."""
        return None if self.beside(node) else self.gradients.of.get(node)

    def level(self, node: Any) -> str:
        """How much is shown of its data: number, matrix, statistics, dtype or nothing."""
        size = math.prod(node.shape)
        if self.values == "none" or size == 0:
            return "nothing"
        if size == 1:
            return "number"
        limit = {"auto": MATRIX, "all": WHOLE, "stats": 0}[self.values]
        rows = flat(node.shape)
        if size <= limit and len(rows) <= 2 and (rows[-1] <= BROAD or self.values == "all"):
            return "matrix"
        return "statistics" if size < COSTLY else "dtype"

    def notes(self) -> list[str]:
        """What a reader must know to understand this picture, and cannot see in it."""
        found, why = list[str](), self.gradients.trouble
        if why:
            found.append(f"only gradients found in .grad are shown: {why}")
        if any(node.op is FREED for node in self.nodes):
            found.append("history freed by backward(retain_graph=False): its inputs are gone")
        if self.root.op is None and not self.root.requires_grad:
            found.append("no history: no input requires a gradient, or recording was off (no_grad)")
        return [*found, *self.updates.notes]


def read(
    root: Any,
    values: str = "auto",
    focus: Any = None,
    slopes: bool = False,
    marks: Marks | None = None,
    optimizer: Any = None,
) -> Reading:
    """Everything a picture of root needs; gradients if backward() has run or slopes asks."""
    nodes = topological(root)
    gradients, updates = known_gradients(nodes, slopes), Updates()
    if optimizer is not None:
        check_optimizer(optimizer, nodes)
        updates = updates_aside(nodes, gradients, optimizer, slopes)
    return Reading(nodes, gradients, values, focus, marks or {}, updates)


def known_gradients(nodes: Sequence[Any], wanted: bool) -> Gradients:
    """Gradients computed aside once backward() has run; where that cannot be, those in .grad."""
    root, stored = nodes[-1], stored_gradients(nodes)
    if not (stored or wanted) or not root.requires_grad:
        return Gradients(stored)
    if math.prod(root.shape) != 1:
        why = f"a root of shape {root.shape} has no gradient of 1"
    else:
        try:
            return gradients_aside(nodes)
        except (RuntimeError, TypeError) as error:
            why = str(error)
    return Gradients(stored, trouble=why)


def known_slopes(nodes: Sequence[Any]) -> tuple[dict[Any, Sequence[Any]], str]:
    """The local derivatives of all nodes that are one number, and why there are none, if so."""
    single = [n for n in nodes if n.op is not None and math.prod(n.shape) == 1]
    try:
        return {node: local_derivatives(node) for node in single}, ""
    except (RuntimeError, TypeError) as error:
        return {}, f"no local derivatives are shown: {error}"


def flat(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without its leading ones."""
    while shape and shape[0] == 1:
        shape = shape[1:]
    return shape
