"""Which ops go into one box: those of one call of a module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from minigrad.viz.text import heading


def runs(nodes: Sequence[Any], modules: dict[Any, str | None]) -> Iterable[list[Any]]:
    """The nodes that go into one box: connected ops of one call of a module; others are alone.

    No two boxes may depend on each other. What a call made without interruption can always be one
    box. A call that was interrupted by other ops is put together again as far as its pieces have
    one stage, which grows along every edge except those inside of a call.
    """
    call = calls(nodes, modules)
    run = {node: [node] for node in nodes}
    if not call:
        return run.values()
    stage = {node: 0 for node in nodes if node.op is None}
    made = sorted((node for node in nodes if node.op is not None), key=age)
    for own, group in groupby(made, key=call.get):
        members = list(group)
        if own is not None:
            join_connected(run, members)
        for piece in {id(run[node]): run[node] for node in members}.values():
            before = {x: None for node in piece for x in node.inputs if run[x] is not piece}
            inside = {x for x in before if own is not None and call.get(x) == own}
            level = max((stage[x] + (x not in inside) for x in before), default=0)
            stage.update(dict.fromkeys(piece, level))
            for x in inside:
                if stage[x] == level:
                    join(run, x, piece[0])
    return {id(group): group for group in run.values()}.values()


def join_connected(run: dict[Any, list[Any]], members: Sequence[Any]) -> None:
    """Make one run of members that are made of each other."""
    ours = set(members)
    for node in members:
        for x in ours.intersection(node.inputs):
            join(run, x, node)


def join(run: dict[Any, list[Any]], a: Any, b: Any) -> None:
    """Make one run of those of two nodes; the shorter one moves."""
    if run[a] is not run[b]:
        small, large = sorted((run[a], run[b]), key=len)
        large.extend(small)
        run.update(dict.fromkeys(small, large))


def age(node: Any) -> int:
    """A key that sorts nodes as they were made; Values, which are not numbered, stay in order."""
    return -getattr(node, "order", 0)


def calls(nodes: Sequence[Any], modules: dict[Any, str | None]) -> dict[Any, tuple[str, int]]:
    """For each op in a module: the module, and which of its calls it is.

    Nobody counts calls while a program runs. But a call uses a parameter only once in the same
    way: where an op does so again, as in each step of a recurrent cell, the next call has begun.
    """
    found: dict[Any, tuple[str, int]] = {}
    count: dict[str, int] = {}
    used: dict[str, set[Any]] = {}
    inside = [node for node in nodes if modules.get(node)]
    for node in sorted(inside, key=age):
        module: Any = modules[node]
        uses = {
            (x, node.op, heading(node)) for x in node.inputs if x.op is None and x.requires_grad
        }
        if not uses.isdisjoint(used.setdefault(module, set())):
            count[module] = count.get(module, 0) + 1
            used[module] = set()
        used[module] |= uses
        found[node] = module, count.get(module, 0)
    return found
