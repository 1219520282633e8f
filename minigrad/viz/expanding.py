"""Fused ops, opened: a graph in which some of them are replaced by their definition.

The graph itself stays as it is. What is made of an expanded op is copied onto the new nodes; all
else, and every leaf, belongs to both graphs.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from minigrad.graph import Node
from minigrad.recording import ModulePath, enable_grad, inside
from minigrad.viz.marks import Mark, Marks
from minigrad.viz.paths import enclosing


def expandable(nodes: Sequence[Any], wanted: Collection[str]) -> dict[Any, str]:
    """The nodes that are to be replaced, each with the path of the module to draw it in.

    wanted holds names of ops, and paths of modules: of such as hold one kind of op.
    """
    kinds: dict[str, set[Any]] = {}
    for node in nodes:
        for around in enclosing(node.path) if node.op is not None else ():
            kinds.setdefault(around, set()).add(node.op)
    found: dict[Any, str] = {}
    for node in nodes:
        if getattr(node.op, "definition", None) is None:
            continue
        if node.path in wanted and len(kinds[node.path]) == 1:
            found[node] = node.path
        elif node.op.name in wanted:
            found[node] = framed(node, found)
    return found


def framed(node: Any, taken: Collection[Any]) -> str:
    """A path for the definition of an op that has no module for itself."""
    name = str(node.op.name)
    count = sum(other.op is node.op and other.path == node.path for other in taken)
    path = ModulePath(".".join(filter(None, [node.path, f"{name} {count + 1}" if count else name])))
    path.kind, path.outer, path.parameters = "its definition", node.path, frozenset()
    return path


def expanded(nodes: Sequence[Any], chosen: dict[Any, str]) -> dict[Any, Any]:
    """Each node that differs in the opened graph, with what stands there for it."""
    new: dict[Any, Any] = {}
    for node in nodes:
        inputs = tuple(new.get(x, x) for x in node.inputs)
        if node in chosen:
            new[node] = composed(node, inputs, chosen[node])
        elif any(x in new for x in node.inputs):
            new[node] = copied(node, inputs)
    return new


def composed(node: Any, inputs: tuple[Any, ...], path: str) -> Any:
    """The node's value, composed of smaller ops."""
    with enable_grad(), inside(path):
        result = node.op.definition(*inputs, **node.params)
    for made in fresh(result, inputs):
        made.order = node.order  # so that a change in place since then is noticed
        if made.op is None and not made.shape and made.data == epsilon(node):
            made.name, made.path = "ε", path
    if result.op is None or any(result is x for x in inputs):
        return copied(node, inputs)
    result.name, result._grad = node.name, node._grad
    return result


def epsilon(node: Any) -> Any:
    """The ε of a normalisation, None for other ops."""
    usual = inspect.signature(node.op.forward).parameters.get("eps")
    return node.params.get("eps", usual and usual.default)


def fresh(result: Any, inputs: tuple[Any, ...]) -> Iterator[Any]:
    """The nodes between inputs and result, with the constants made on the way."""
    seen, stack = set(inputs), [result]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node.inputs)
            yield node


def copied(node: Any, inputs: tuple[Any, ...]) -> Any:
    """The same node, made of other inputs."""
    twin: Any = object.__new__(type(node))
    for slot in Node.__slots__:
        if slot != "__weakref__":
            setattr(twin, slot, getattr(node, slot))
    twin.inputs, twin._extra = inputs, None
    return twin


def moved(marks: Marks, new: dict[Any, Any], chosen: Collection[Any]) -> dict[Any, Mark]:
    """The marks in the opened graph. An edge into an expanded op is gone: its node says it."""
    found: dict[Any, Mark] = {}
    for place, mark in marks.items():
        node, *position = place if isinstance(place, tuple) else (place,)
        here = new.get(node, node)
        key = (here, *position) if position and node not in chosen else here
        found[key] = joined(found[key], mark) if key in found else mark
    return found


def joined(a: Mark, b: Mark) -> Mark:
    """Two marks in one box; a failure stays one."""
    kind = "failure" if "failure" in (a.kind, b.kind) else a.kind
    return Mark(kind, (*a.lines, *b.lines))
