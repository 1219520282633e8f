"""The picture of a report: the graph, with what the check found written into its boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minigrad.check.diagnosis import UNKNOWN
from minigrad.graph import topological
from minigrad.viz import Drawing, Mark, draw

if TYPE_CHECKING:
    from minigrad.check.findings import Failure, Row
    from minigrad.check.report import Report

Rows = Mapping[Any, Sequence["Row"]]  # of each node that was checked


def drawn(root: Any, rows: Rows, report: Report, **options: Any) -> Drawing:
    """The graph of root, with marks from rows and the failures of a report."""
    nodes = set(topological(root))
    marks = {node: passed(several) for node, several in rows.items() if several and node in nodes}
    marks |= failed(failure for failure in report.failures if failure.place.node in nodes)
    usual = {"depth": None, "values": "stats", "legend": True, "title": report.headline()}
    return draw(root, marks=marks, **{**usual, **options})


def passed(rows: Sequence[Row]) -> Mark:
    """How well a node did."""
    worst = max(rows, key=lambda row: row.worst)
    verdicts = dict.fromkeys(row.verdict for row in rows)
    verdict = max(verdicts, key=len)  # "ok, 2 not differentiable" says more than "ok"
    return Mark("ok", (f"{verdict}, error {worst.worst:.1e}",))


def failed(failures: Iterable[Failure]) -> dict[Any, Mark]:
    """Marks at ops, at the edges into them and at leaves; of each input the worst entry."""
    marks: dict[Any, Mark] = {}
    for failure in worst_of_each(failures):
        node = failure.place.node
        if failure.message:
            add(marks, node, f"FAIL {failure.kind}")
        elif node.op is None:
            add(marks, node, "FAIL its gradient", *numbers(failure))
        else:
            add_rule(marks, node, failure)
    return marks


def worst_of_each(failures: Iterable[Failure]) -> Iterable[Failure]:
    """Of the failures at one input of one node, or with one message, the worst."""
    worst: dict[Any, Failure] = {}
    for failure in failures:
        key = failure.place.node, failure.input, failure.message
        if key not in worst or failure.error > worst[key].error:
            worst[key] = failure
    return worst.values()


def add_rule(marks: dict[Any, Mark], node: Any, failure: Failure) -> None:
    """A wrong rule: marks at the op and at the edge; the numbers at the input if it is a leaf."""
    slot: Any = failure.input
    source, rule = node.inputs[slot], f"FAIL rule for {failure.name.removeprefix('input ')}"
    rule += f": {failure.pattern}" if failure.pattern not in ("", UNKNOWN) else ""
    marks[node, slot] = Mark("failure", ("FAIL",))
    if source.op is not None:
        add(marks, node, rule, *numbers(failure))
        return
    add(marks, node, rule)
    if source not in marks:
        add(marks, source, "FAIL its gradient", *numbers(failure))


def numbers(failure: Failure) -> list[str]:
    """A wrong entry in lines: analytic, numeric, error."""
    where = "in a random direction" if failure.index is None else f"at {list(failure.index)}"
    return [
        f"analytic {failure.analytic:.4g}   {where}",
        f"numeric {failure.numeric:.4g}",
        f"error {failure.error:.2g} of the largest slope",
    ]


def add(marks: dict[Any, Mark], node: Any, *lines: str) -> None:
    """Lines at the end of a node's mark of failure."""
    before = marks[node].lines if node in marks else ()
    marks[node] = Mark("failure", (*before, *lines))
