"""Looking at a graph: its backward pass step by step, where nan began, where a path is cut."""

from __future__ import annotations

import functools
import linecache
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minigrad import graph, value, walk
from minigrad.graph import Extra, Node, topological
from minigrad.words import shown

PACKAGE = str(Path(__file__).parent) + os.sep


class Step(NamedTuple):
    """One node's turn in the backward pass."""

    node: Any
    gradient: Any  # its complete gradient, ∂root/∂node
    shares: tuple[Any, ...]  # what that contributes to each input; None where none is wanted
    sums: dict[Any, Any]  # the gradients of all nodes so far


def backward_steps(root: Any, gradient: Any = None) -> Iterator[Step]:
    """The backward pass of a Value or Tensor, one node at a time; no .grad is touched.

    >>> from minigrad import Value
    >>> x = Value(3.0, label="x")
    >>> for step in backward_steps(x * x):
    ...     print(step.node._op, step.gradient, step.shares, step.sums[x])
    * 1.0 (3.0, 3.0) 6.0
    """
    check_node("backward_steps", "root", root)
    sums: dict[Any, Any] = {}
    for node, g, shares in passes(root, gradient):
        sums.setdefault(node, g)
        for x, share in zip(node.inputs, shares):
            if share is not None:
                sums[x] = sums[x] + share if x in sums else share
        yield Step(node, g, tuple(shares), dict(sums))


def passes(root: Any, gradient: Any) -> Iterator[tuple[Any, Any, Any]]:
    """(node, gradient, shares) for every inner node, from the root down."""
    if isinstance(root, Node):
        visited: list[tuple[Any, Any, Any]] = []
        walk.gradients([root], [gradient], visit=lambda *step: visited.append(step))
        yield from visited
        return
    grads = {root: 1.0 if gradient is None else float(gradient)}
    for node in reversed(topological(root)):
        if node.inputs:
            shares = tuple(grads[node] * d for d in node.local_derivatives)
            for x, share in zip(node.inputs, shares):
                grads[x] = grads.get(x, 0.0) + share
            yield node, grads[node], shares


def check_node(function: str, argument: str, x: Any) -> None:
    """A TypeError for what is no part of a graph."""
    if not hasattr(x, "inputs"):
        raise TypeError(
            f"{function}: {argument} is {shown(x)} ({type(x).__name__}), wanted a Tensor or a Value"
        )


class detect_anomaly:
    """A `with` block in which the first nan or inf is an error that says where it came from.

    Forward: the op that made it and the line that called it. Backward: the op whose derivative
    made it, and the line where that op was called. Costs time; for looking into a problem.

    >>> from minigrad import Tensor
    >>> x = Tensor([0.0], requires_grad=True)
    >>> with np.errstate(divide="ignore"), detect_anomaly():
    ...     x.log()
    Traceback (most recent call last):
    RuntimeError: log made 1 of 1 entries not finite (-inf at [0]), called at ...:2: x.log()
    """

    def __enter__(self) -> None:
        graph.observers.append(check_forward)
        walk.watchers.append(check_backward)

    def __exit__(self, *exception: object) -> None:
        graph.observers.remove(check_forward)
        walk.watchers.remove(check_backward)


def check_forward(node: Any) -> None:
    """Note the line of a new node; complain if it is the first that is not finite."""
    if node._extra is None:
        node._extra = Extra()
    node._extra.line = calling_line()
    if all(np.isfinite(x._data).all() for x in node.inputs):
        complain(node._data, f"{node.op.name} made", f"called at {node._extra.line}")


def check_backward(node: Any, g: Any, shares: Any) -> None:
    """Complain if a derivative is not finite though the gradient it got was."""
    if not np.isfinite(graph_array(g)).all():
        return
    line = node._extra.line if node._extra else ""
    where = f"; the op was called at {line}" if line else ""
    for i, share in enumerate(shares):
        if share is not None:
            name = node.op.input_name(i)
            complain(graph_array(share), f"the derivative of {node.op.name} with respect to "
                     f"{name!r} made", f"in backward{where}")  # fmt: skip


def graph_array(g: Any) -> Any:
    return g._data if isinstance(g, Node) else np.asarray(g)


def complain(array: Any, what: str, where: str) -> None:
    """An error if some entry is nan or inf."""
    bad = ~np.isfinite(array)
    if bad.any():
        place = np.argwhere(bad)[0].tolist()
        raise RuntimeError(
            f"{what} {int(bad.sum())} of {array.size} entries not finite "
            f"({array[tuple(place)]} at {place}), {where}"
        )


# --- Lines of the program -------------------------------------------------------------------------


@contextmanager
def lines_noted() -> Iterator[dict[Any, str]]:
    """While the block runs: for each node that is made, the line of the program that called its op.

    >>> from minigrad import Value
    >>> with lines_noted() as lines:
    ...     y = Value(3.0) * 2
    >>> print(lines[y])
    <doctest ...>:2: y = Value(3.0) * 2
    """
    lines: dict[Any, str] = {}
    made = value.node

    def note(node: Any) -> None:
        lines[node] = calling_line()

    def made_and_noted(*args: Any) -> value.Value:
        y = made(*args)
        note(y)
        return y

    graph.observers.append(note)
    vars(value)["node"] = made_and_noted  # Values have no observers: they would cost each of them
    try:
        yield lines
    finally:
        graph.observers.remove(note)
        vars(value)["node"] = made


def calling_line() -> str:
    """The innermost line of code outside of minigrad, as "file:number: text"."""
    frame: Any = sys._getframe()
    while frame.f_back and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    file, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, number, frame.f_globals).strip()
    return f"{short_name(file)}:{number}: {text}".removesuffix(": ")


@functools.cache
def short_name(file: str) -> str:
    """A file's path, from the working directory if it lies in there."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file


def why_no_grad(x: Any, root: Any) -> str:
    """Why x gets no gradient from root.backward(): where the path between them is cut.

    >>> from minigrad import Tensor
    >>> x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> print(why_no_grad(x, (x.detach() * 2).sum()))
    root does not require grad, and it was made without recording: ...
    """
    check_node("why_no_grad", "x", x)
    check_node("why_no_grad", "root", root)
    nodes = topological(root)
    label = repr(x.name) if x.name else "x"
    if x in set(nodes):
        if not x.requires_grad:
            return f"{label} is part of root's graph, but its requires_grad is False: set it first"
        return f"nothing is cut: root depends on {label}, and backward() gives it a gradient"
    leaves = [n for n in nodes if not n.inputs]
    unknown = (
        f"root's graph has {len(leaves)} leaves, and {label} is none of them: what was computed "
        "from it went through"
    )
    if isinstance(x, value.Value) or isinstance(root, value.Value):
        return f"{unknown} .data or float() on the way, or was not used"
    copies = [n for n in nodes if np.shares_memory(n._data, x._data)]
    if copies:
        return (
            f"root was made from a tensor that shares the data of {label} but not its history: "
            "the path is cut by detach(), .data, .numpy() or from_numpy()"
        )
    if not root._needs:
        return (
            f"root does not require grad, and it was made without recording: no input of its last "
            f"op required grad, or it ran inside no_grad(); nothing leads back to {label}"
        )
    cut = [n for n in leaves if not n._needs and n._data.ndim]
    listed = ", ".join(n.name or f"shape {n._data.shape}" for n in (cut or leaves)[:5])
    return (
        f"{unknown} detach(), .data, item(), no_grad() or plain NumPy on the way. "
        f"Leaves without a gradient, where the cut may be: {listed}"
    )
