"""Who is to blame: a function whose gradient is wrong is run again and looked at op by op.

In the graph of a composite function one wrong rule spoils the gradients of everything below it.
Checked where it stands, with a random gradient from above, only the guilty op fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from minigrad.check.findings import WRONG, Failure
from minigrad.check.graphs import GraphCheck
from minigrad.check.hints import NO_PATTERN
from minigrad.check.picture import drawn
from minigrad.check.point import copies
from minigrad.check.report import Report
from minigrad.check.scalars import ScalarCall
from minigrad.check.subject import Program, Subject
from minigrad.graph import Op, recorded, topological
from minigrad.inspection import lines_noted
from minigrad.value import Value
from minigrad.viz import Drawing

LONGEST = 1000  # ops that are looked at one by one

NOBODY = (
    "every op's rule is right where it stands: look at what happens between ops, such as detach(), "
    ".data, hooks, data changed in place, or an input that also gets in by another way"
)
TOO_MANY = (
    f"the function has {{count}} ops, more than {LONGEST}: to find the one to blame, check a "
    "smaller part, or use check_graph(lambda: ...)"
)
FAILED_AGAIN = "the ops could not be checked one by one: {kind}: {error}"


class Run(NamedTuple):
    """One call of a function at the point of the check."""

    inputs: Sequence[Any]
    outputs: Sequence[Any]
    lines: Mapping[Any, str]


@contextmanager
def rerun(subject: Program | ScalarCall) -> Iterator[Run]:
    """The function called again; what it changes is put back at the end."""
    with subject.borrowed(), lines_noted() as lines, np.errstate(all="ignore"):
        inputs, outputs = subject.call(copies(subject))
        yield Run(inputs, outputs, lines)


def with_blame(report: Report, subject: Subject) -> Report:
    """The report, with the ops whose rules are wrong, and with a picture to draw."""
    if isinstance(subject, (Program, ScalarCall)):
        report.picture = partial(drawn_again, subject)
        if has_wrong_gradient(report):
            find_guilty(report, subject)
    return report


def has_wrong_gradient(report: Report) -> bool:
    return any(failure.kind == WRONG for failure in report.failures)


def find_guilty(report: Report, subject: Program | ScalarCall) -> None:
    """Enter into a report which op's rule is wrong, or that none is."""
    try:
        with rerun(subject) as run:
            nodes = ops(run.outputs)
            if [node.op.name for node in nodes] == [subject.name]:
                return  # the function is the op
            if len(nodes) > LONGEST:
                report.blame.append(TOO_MANY.format(count=len(nodes)))
                return
            check = checked(run)
    except Exception as error:  # a function may fail when it is called again: the report stands
        report.warnings.append(FAILED_AGAIN.format(kind=type(error).__name__, error=error))
        return
    report.blame += check.report.blame or [NOBODY] * (check.report.ok and not check.unknown)
    known = [group for group in check.report.groups() if group[0].diagnosis != NO_PATTERN]
    report.blame += dict.fromkeys(map(advice, known))


def advice(group: Sequence[Failure]) -> str:
    """What is wrong with the rule of an op, for one of its inputs."""
    first = group[0]
    op, slot = first.place.node.op.name, first.name.removeprefix("input ")
    return f"{op}, its rule for {slot}: {first.diagnosis}"


def checked(run: Run) -> GraphCheck:
    """Every op of a run, checked where it stands."""
    check = GraphCheck(list(nodes_of(run.outputs)), run.lines)
    check.check_rules()
    return check


def ops(outputs: Sequence[Any]) -> list[Any]:
    """The nodes of the outputs' graph that an op made."""
    return [node for node in nodes_of(outputs) if node.op is not None]


def nodes_of(outputs: Sequence[Any]) -> dict[Any, None]:
    """All nodes of the outputs' graph, in topological order."""
    return dict.fromkeys(node for y in outputs for node in topological(y))


# --- Its picture ------------------------------------------------------------------------------


def drawn_again(subject: Program | ScalarCall, report: Report, **options: Any) -> Drawing:
    """The graph of the function at the point of the check; if it failed, with every op checked."""
    with rerun(subject) as run:
        rows = {node: [row] for node, row in zip(run.inputs, report.rows)}
        failures = [
            replace(failure, place=replace(failure.place, node=run.inputs[failure.input]))
            for failure in report.failures
            if failure.input is not None
        ]
        if has_wrong_gradient(report) and len(ops(run.outputs)) <= LONGEST:
            check = checked(run)
            rows |= check.rows
            failures += check.report.failures
        name_inputs(run.inputs, subject)
        shown = {"title": report.headline(), **options}
        return drawn(one_root(run.outputs), rows, Report(report.title, failures=failures), **shown)


def name_inputs(nodes: Sequence[Any], subject: Subject) -> None:
    """Give the inputs without a name that of the report: "input 0"."""
    for node, x in zip(nodes, subject.inputs):
        if x.parameter is None and not node.name:
            setattr(node, "label" if isinstance(node, Value) else "name", x.label)


def one_root(outputs: Sequence[Any]) -> Any:
    """A single output as it is; several brought together in one node."""
    if len(outputs) == 1:
        return outputs[0]
    if isinstance(outputs[0], Value):
        return Value.sum(outputs)
    return recorded(joined(*[y._data for y in outputs]), OUTPUTS, tuple(outputs), "")


def joined(*arrays: Any) -> Any:
    """All outputs of the function."""
    return np.concatenate([array.ravel() for array in arrays])


OUTPUTS = Op("outputs", joined, ["outputs"])
OUTPUTS.variadic = True
