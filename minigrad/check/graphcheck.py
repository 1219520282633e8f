"""check_graph: a recorded graph, op by op where it stands, and then as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from minigrad import walk
from minigrad.check.examine import Examination
from minigrad.check.point import Settings
from minigrad.check.replay import (
    Again,
    Replay,
    ScalarAgain,
    ScalarReplay,
    can_be_replayed,
    forward,
    recomputed,
)
from minigrad.check.report import WRONG, Failure, Place, Report, Row
from minigrad.check.subject import Subject
from minigrad.graph import FREED, Array, Node, topological
from minigrad.value import Value
from minigrad.walk import freed_error

SINGLE = 100  # entries of an op's input that are varied one by one, at most
SINGLE_LEAF = 25  # of a leaf, when the whole graph runs each time
LOCATED = 5000  # entries of inputs among which the guilty one is looked for
FORWARD = 1e4  # rounding errors that a repeated forward pass may differ by

RULE, STALE, WHOLE = "wrong rule", "changed after recording", "wrong whole"

CHANGED = (
    "{name}: what was recorded is not what the op makes of its inputs (off by {off:.3g}): its data, "
    "or that of an input ({inputs}), was changed in place after recording, or its op is random; "
    "compute the result again before backward()"
)
RULES_RIGHT = (
    "every rule is right where it stands, but from end to end the gradient is wrong: look at what "
    "happens between ops, such as accumulation, order, broadcasting and hooks"
)
OTHER_GRADIENT = (
    "every rule is right, but at {label} the graph gives another gradient than a fresh copy of it "
    "(off by {off:.3g}): look for hooks, and for data that was changed in place after recording"
)


def check_graph(root: Any) -> Report:
    """Check every op of a recorded graph where it stands, then the graph as a whole.

    Each op is run again at its recorded inputs, in float64, and its rule compared with finite
    differences for random upstream gradients; inputs with more than 100 entries in random
    directions. Then the root is differentiated with respect to all leaves that require grad,
    through a copy of the graph. Works for graphs of Tensors and of Values.

    The report tells three answers apart: the rule of one op is wrong (which, with respect to what
    input, in which module); every rule is right but the whole is wrong (for instance because data
    was changed in place after it had been recorded); or all is well. It is returned, not raised.
    Errors: a TypeError if root is neither Tensor nor Value; a RuntimeError if nothing was recorded
    or the graph was freed.

    >>> import minigrad as mg
    >>> x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> print(check_graph((x * x).sum()))  # doctest: +ELLIPSIS
    check_graph: ok, worst error ... at ...
                  shape  elements  worst error  verdict
        multiply  1 op          4      ...  ok
        sum       1 op          2      ...  ok
        leaf x    (2,)          2      ...  ok
    """
    check_recorded(root)
    return GraphCheck(topological(root)).run()


def check_recorded(root: Any) -> None:
    """Raise unless root has a graph that can be checked."""
    if not isinstance(root, (Node, Value)):
        raise TypeError(f"check_graph: root must be a Tensor or a Value, got {type(root).__name__}")
    if root.op is None or not root.requires_grad:
        raise RuntimeError(
            "check_graph: nothing was recorded: root has no history, because no input requires a "
            "gradient or recording was off (no_grad)"
        )
    if any(node.op is FREED for node in topological(root)):
        raise freed_error()


class GraphCheck:
    """The nodes of a graph, root last, and what is found about them."""

    def __init__(self, order: Sequence[Any]) -> None:
        self.order = order
        self.scalars = isinstance(order[-1], Value)
        self.report = Report("check_graph")
        self.rows: dict[str, list[Row]] = {}

    def run(self) -> Report:
        nodes = [node for node in self.order if node.op is not None]
        replayable = [node for node in nodes if self.can_be_replayed(node)]
        for node in replayable:
            self.check_data(node)
        for node in replayable:
            self.check_rule(node)
        self.report.rows = [summed(name, rows) for name, rows in self.rows.items()]
        if len(replayable) < len(nodes):
            names = sorted({self.name(node) for node in nodes} - set(map(self.name, replayable)))
            self.report.warnings.append(NOT_REPLAYED.format(names=", ".join(names)))
        elif self.report.ok:
            self.check_whole()
        return self.report

    def can_be_replayed(self, node: Any) -> bool:
        if self.scalars:
            return hasattr(Value, node.op.name) or node._op in OPERATORS
        return can_be_replayed(node)

    # --- One op -----------------------------------------------------------------------------------

    def name(self, node: Any) -> str:
        """The op, and where it stands: its number in topological order, and its module."""
        path = f" of {node.path}" if node.path else ""
        return f"{node.op.name} (node {self.order.index(node)}{path})"

    def check_data(self, node: Any) -> None:
        """Whether the recorded data is what the op gives for the recorded inputs."""
