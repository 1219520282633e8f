"""check_graph: a recorded graph, op by op where it stands, and then as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from minigrad import walk
from minigrad.check.examine import Examination
from minigrad.check.findings import WRONG, Failure, Place, Row
from minigrad.check.picture import drawn
from minigrad.check.point import Settings, farthest
from minigrad.check.replay import Again, Replay
from minigrad.check.report import Report
from minigrad.check.scalars import ScalarAgain, ScalarReplay, applied, has_method
from minigrad.graph import FREED, Array, Node, freed_error, topological
from minigrad.inspection import lines_noted
from minigrad.replay import forward
from minigrad.value import Value

SINGLE = 100  # entries of an op's input that are varied one by one, at most
SINGLE_LEAF = 25  # of a leaf, when the whole graph runs each time
LOCATED = 5000  # entries of inputs among which the guilty one is looked for
FORWARD = 1e4  # rounding errors that a repeated forward pass may differ by
CANCELLED = 100  # and gradients, in roundings of the largest: where large terms cancel

RULE, STALE, WHOLE = "wrong rule", "changed after recording", "wrong whole"

CHANGED = (
    "{name}: what was recorded is not what the op makes of its inputs (off by {off:.3g}): its "
    "data, or that of an input ({inputs}), was changed in place after recording, or its op is "
    "random; compute the result again before backward()"
)
GUILTY = "the op to blame: {op}"
NO_LINES = (
    "the lines that called the ops were not recorded; they are if check_graph makes the graph: "
    "check_graph(lambda: ...), with what computes the root in place of the dots"
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

    root: a Tensor or a Value; or a function without arguments that computes one, such as
    `lambda: loss(model(x), y)`: then the report also names the line that called a wrong op.

    Each op is run again at its recorded inputs, in float64, and its rule compared with finite
    differences for random upstream gradients; inputs with more than 100 entries in random
    directions. Then the root is differentiated with respect to all leaves that require grad,
    through a copy of the graph. Works for graphs of Tensors and of Values.

    The report tells three answers apart: the rule of one op is wrong (which, with respect to what
    input, in which module); every rule is right but the whole is wrong (for instance because data
    was changed in place after it had been recorded); or all is well. It is returned, not raised.
    Errors: a TypeError if root is none of these; a RuntimeError if nothing was recorded or the
    graph was freed.

    >>> import minigrad as mg
    >>> x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> print(check_graph((x * x).sum()))  # doctest: +ELLIPSIS
    check_graph: ok, worst error ...
                  shape  elements  worst error  verdict
        multiply  1 op          4      ...  ok
        sum       1 op          2      ...  ok
        leaf x    (2,)          2      ...  ok
    """
    lines: Mapping[Any, str] = {}
    if callable(root):
        with lines_noted() as lines:
            root = root()
    check_recorded(root)
    return GraphCheck(topological(root), lines).run()


def check_recorded(root: Any) -> None:
    """Raise unless root has a graph that can be checked."""
    if not isinstance(root, (Node, Value)):
        raise TypeError(
            "check_graph: root must be a Tensor or a Value, or a function without arguments that "
            f"returns one, got {type(root).__name__}"
        )
    if root.op is None:
        raise RuntimeError(
            "check_graph: nothing was recorded: root has no history, because no input requires a "
            "gradient or recording was off (no_grad)"
        )
    if any(node.op is FREED for node in topological(root)):
        raise freed_error()


class GraphCheck:
    """The nodes of a graph, root last, and what is found about them.

    lines: for some nodes, the line of the program that called their op.
    """

    def __init__(self, order: Sequence[Any], lines: Mapping[Any, str]) -> None:
        self.order, self.lines = order, lines
        self.place = {node: i for i, node in enumerate(order)}
        self.scalars = isinstance(order[-1], Value)
        made = [node for node in order if node.op is not None]
        self.known = [node for node in made if not self.scalars or has_method(node)]
        self.unknown = set(made).difference(self.known)
        self.rows: dict[Any, list[Row]] = {}  # of each node
        self.report = Report("check_graph", picture=partial(drawn, order[-1], self.rows))

    def run(self) -> Report:
        with np.errstate(all="ignore"):
            for node in self.known:
                self.check_data(node)
            self.check_rules()
            if self.unknown:
                self.note_unknown()
            elif self.report.ok:
                self.check_whole()
        return self.report

    def name(self, node: Any) -> str:
        """The op, and where it stands: its number in topological order, and its module."""
        path = f" in {node.path}" if node.path else ""
        return f"{node.op.name} (node {self.place[node]}{path})"

    def called(self, node: Any) -> str:
        """The op, its module and, if it was noted, the line that called it."""
        path = f" in {node.path}" if node.path else ""
        line = f", {self.lines[node]}" if node in self.lines else ""
        return f"{node.op.name}{path}{line}"

    def note_unknown(self) -> None:
        names = ", ".join(sorted({node.op.name for node in self.unknown}))
        self.report.warnings.append(
            f"not checked, because Value has no method of this name: {names}; so the graph was not "
            "checked from end to end either; use gradcheck for these"
        )

    # --- Op by op ---------------------------------------------------------------------------------

    def check_data(self, node: Any) -> None:
        """Whether the recorded data is what the op gives for the recorded inputs."""
        data, again = np.asarray(node.data), recomputed(node)
        off = farthest(data, again)
        if data.shape != again.shape or off > FORWARD * rounding(data):
            inputs = ", ".join(x.name or f"node {self.place[x]}" for x in node.inputs)
            message = CHANGED.format(name=self.name(node), off=off, inputs=inputs)
            message += f"; called at {self.lines[node]}" if node in self.lines else ""
            place = Place(self.name(node), node=node)
            self.report.failures.append(Failure(STALE, place, message))

    def check_rules(self) -> None:
        """Every op's rule; in the table one row for all ops of a name."""
        rows: dict[str, list[Row]] = {}
        guilty = []
        for node in self.known:
            found = self.check_rule(node)
            rows.setdefault(node.op.name, []).extend(found.rows)
            self.rows[node] = found.rows
            if self.add(found, RULE):
                guilty.append(node)
        for name, several in rows.items():
            count = sum(node.op.name == name for node in self.known)
            self.report.rows.append(summed(name, count, several))
        self.blame(guilty)

    def blame(self, guilty: Sequence[Any]) -> None:
        """Name the ops with wrong rules."""
        called = dict.fromkeys(map(self.called, guilty))
        self.report.blame += [GUILTY.format(op=op) for op in called]
        if guilty and not self.lines:
            self.report.warnings.append(NO_LINES)

    def check_rule(self, node: Any) -> Report:
        """One op; if random directions show an error or a kink, then entry by entry."""
        again: Callable[..., Again | ScalarAgain] = ScalarAgain if self.scalars else Again
        subject = again(node, self.name(node))
        found = Examination(subject, Settings(single=SINGLE), node=node).run()
        entries = sum(x.array.size for x in subject.inputs)
        if (not found.ok or found.kinks) and entries <= LOCATED:
            found = Examination(subject, Settings(single=LOCATED), node=node).run()
        relocate(found, lambda place, k: replace(place, input=subject.slots[k]))
        return found

    def add(self, found: Report, kind: str) -> bool:
        """Take over what was found; a wrong gradient gets the kind that says whose it is."""
        wrong = [failure.kind == WRONG for failure in found.failures]
        self.report.failures += [
            replace(failure, kind=kind) if bad else failure
            for failure, bad in zip(found.failures, wrong)
        ]
        self.report.kinks += found.kinks
        return any(wrong)

    # --- From end to end --------------------------------------------------------------------------

    def check_whole(self) -> None:
        """The root with respect to all leaves, and the graph's own gradient against a copy's."""
        replay = ScalarReplay if self.scalars else Replay
        subject: Replay | ScalarReplay = replay(self.order, "the whole graph")
        found = Examination(subject, Settings(single=SINGLE_LEAF), node=self.order[-1]).run()
        relocate(found, lambda place, k: replace(place, node=subject.leaves[k]))
        self.rows |= {leaf: [row] for leaf, row in zip(subject.leaves, found.rows)}
        self.report.rows += found.rows
        self.report.warnings += found.warnings
        self.add(found, WHOLE)
        if not found.ok:
            self.report.warnings.append(RULES_RIGHT)
        elif isinstance(subject, Replay):
            self.check_walk(subject)

    def check_walk(self, subject: Replay) -> None:
        """Whether the recorded graph gives the gradient that its copy in float64 gives."""
        root = self.order[-1]
        g = np.random.default_rng(0).uniform(0.5, 1.5, root._data.shape)
        (copied,) = subject.gradients([x.array for x in subject.inputs], [[g]])
        try:
            own = walk.gradients([root], [g], subject.leaves)
        except RuntimeError as error:
            place = Place("the whole graph", node=root)
            self.report.failures.append(Failure(STALE, place, str(error)))
            return
        small = CANCELLED * max(rounding(g.astype(x.given)) for x, g in zip(subject.inputs, copied))
        for leaf, x, right in zip(subject.leaves, subject.inputs, copied):
            off = farthest(np.asarray(own.get(leaf, np.zeros_like(right))), right)
            if off > FORWARD * rounding(right.astype(x.given)) + small:
                message = OTHER_GRADIENT.format(label=x.label, off=off)
                place = Place("the whole graph", node=leaf)
                self.report.failures.append(Failure(WHOLE, place, message))


def recomputed(node: Any) -> Array:
    """What the op of a node makes of the inputs that are recorded."""
    if isinstance(node, Value):
        return np.asarray(applied(node, [Value(x.data) for x in node.inputs]).data)
    return forward(node, [x._data for x in node.inputs])[0]


def relocate(found: Report, moved: Callable[[Place, int], Place]) -> None:
    """Say where in the graph everything is that was found at an input of a subject."""

    def there(place: Any) -> Any:
        return place if place is None or place.input is None else moved(place, place.input)

    found.failures = [replace(one, place=there(one.place)) for one in found.failures]
    found.kinks = [replace(one, place=there(one.place)) for one in found.kinks]
    found.rows = [replace(one, at=there(one.at)) for one in found.rows]


def rounding(x: Array) -> float:
    """One rounding error of the largest entry."""
    return float(np.spacing(np.abs(x).max(initial=0)))


def summed(name: str, count: int, rows: Sequence[Row]) -> Row:
    """One row for all ops of a name."""
    worst = max(rows, key=lambda row: row.worst)
    bad = [row for row in rows if row.verdict != "ok"]
    return replace(
        worst,
        label=name,
        detail=f"{count} op" if count == 1 else f"{count} ops",
        elements=sum(row.elements for row in rows),
        compared=sum(row.compared for row in rows),
        verdict=bad[0].verdict if bad else "ok",
    )
