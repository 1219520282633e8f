"""Which ops there are."""

import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

import minigrad as mg
from minigrad import graph
from minigrad.graph import Node, Op


def ops_of_the_library() -> set[Op]:
    """Every op that stands in some module of minigrad, and has a derivative."""
    modules = [import_module(m.name) for m in pkgutil.walk_packages(mg.__path__, "minigrad.")]
    ops = {getattr(face, "op", None) for module in modules for face in vars(module).values()}
    return {op for op in ops if isinstance(op, Op) and (any(op.rules) or op.backward)}


def ops_used(work: Callable[[], Any]) -> set[Op]:
    """The ops that are recorded meanwhile."""
    seen: list[Node] = []
    graph.observers.append(seen.append)
    try:
        work()
    finally:
        graph.observers.remove(seen.append)
    return {node.op for node in seen if node.op is not None}
