"""The walk: reverse-mode differentiation, one node at a time.

The chain rule says: the gradient of a node is the sum, over all that was made from it, of
upstream gradient times local derivative. So a node's gradient is complete when everything made
from it has been visited. Going from young to old guarantees that; no recursion is needed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from minigrad import graph
from minigrad.graph import EVEN, FREED, NO_PARAMS, Node, Op, leaf, topological
from minigrad.ownership import taken
from minigrad.recording import enable_grad
from minigrad.words import shown

Visit = Callable[[Node, Any, Sequence[Any]], None]

watchers: list[Visit] = []  # told of every node that any walk visits

_writing = threading.Lock()  # two backward passes may add to the same leaf


def walk(
    seeds: dict[Node, Any],
    *,
    create_graph: bool = False,
    free: bool = False,
    keep: Collection[Node] = (),
    on_path: Collection[Node] | None = None,
    visit: Visit | None = None,
) -> dict[Node, Any]:
    """Carry the gradients of some roots, their seeds, down to the leaves: {node: gradient}.

    The youngest node goes first: by then all that was made from it has paid in. The result holds
    the leaves, the nodes in keep and those that retain their gradient. on_path limits the walk to
    these nodes; visit is told of every inner node, its gradient and the share of each input.
    With create_graph gradients are nodes. free drops each node's history once it is used.
    """
    grads, kept = dict(seeds), {}
    visits = [*watchers, visit] if visit is not None else watchers
    plain = not (create_graph or visits) and on_path is None
    ready = [(root.order, root) for root in seeds if root.op is not None]
    heapify(ready)

    def pay(x: Node, share: Any) -> None:
        """Add a share to what x has so far; after the first, x waits for its turn."""
        if x in grads:
            grads[x] = grads[x] + share
        else:
            grads[x] = share
            if x.op is not None:
                heappush(ready, (x.order, x))

    def fit_and_pay(x: Node, share: Any) -> None:
        pay(x, fitted(share, x, op))

    while ready:
        node = heappop(ready)[1]
        g = grads.pop(node)
        op: Any = node.op
        if node._extra is not None:
            g = run_hooks(node, g)
            if node._extra.retain:
                kept[node] = g
        if keep and node in keep:
            kept[node] = g
        if node.order > graph.last_touch:
            check_unchanged(node)
        if plain:
            op.pay(node, g, pay if node.saved is EVEN else fit_and_pay)
        else:
            shares = op.shares(node, g, create_graph, on_path)
            shares = [s if s is None else fitted(s, x, op) for x, s in zip(node.inputs, shares)]
            for watch in visits:
                watch(node, g, shares)
            for x, share in zip(node.inputs, shares):
                if share is not None:
                    pay(x, share)
        if free:
            node.op, node.inputs, node.params, node.saved = FREED, (), NO_PARAMS, None
    for x, g in grads.items():
        kept[x] = g if x._extra is None else run_hooks(x, g)
    return kept


def backward(
    root: Node,
    gradient: Any = None,
    *,
    create_graph: bool = False,
    retain_graph: bool = True,
    inputs: Sequence[Node] | None = None,
) -> None:
    """Add ∂root/∂x to the gradient of every leaf x, or of the inputs given.

    Nothing is written before the whole walk has succeeded.
    """
    found = gradients(
        [root],
        [gradient],
        inputs,
        create_graph=create_graph,
        free=not (retain_graph or create_graph),
    )
    with _writing:
        for x in found:
            accumulate(x, found)


def gradients(
    roots: Sequence[Node],
    upstream: Sequence[Any],
    inputs: Sequence[Node] | None = None,
    *,
    create_graph: bool = False,
    free: bool = False,
    visit: Visit | None = None,
) -> dict[Node, Any]:
    """The gradients of roots, weighted by upstream, at the leaves or at the inputs given."""
    seeds: dict[Node, Any] = {}
    for root, gradient in zip(roots, upstream):
        g = seed(root, gradient, create_graph)
        seeds[root] = seeds[root] + g if root in seeds else g
    if inputs is None:
        options: dict[str, Any] = {}
    else:
        options = {"keep": set(inputs), "on_path": between(roots, inputs)}
    if not create_graph:
        found = walk(seeds, free=free, visit=visit, **options)
    else:
        with enable_grad():
            found = walk(seeds, create_graph=True, visit=visit, **options)
    return found if inputs is None else {x: found[x] for x in inputs if x in found}


def seed(root: Node, gradient: Any, create_graph: bool) -> Any:
    """∂L/∂root to start from: the gradient given, or 1 for a scalar; checked."""
    data = root._data
    if not root._needs:
        raise RuntimeError(
            "backward of a tensor that does not require grad: none of what it was made from has "
            "requires_grad=True, or recording was off (no_grad)"
        )
    if gradient is None:
        if data.size != 1:
            raise RuntimeError(
                f"backward of a tensor of shape {data.shape}: a gradient is implied for a scalar "
                "only; pass gradient= of that shape, or reduce to a scalar (sum, mean) first"
            )
        g = np.ones_like(data)
    elif isinstance(gradient, Node):
        if create_graph and gradient._data.shape == data.shape:
            return gradient
        g = gradient._data
    else:
        g = np.asarray(gradient)
        if g.dtype.kind not in "fiub":
            raise TypeError(
                f"the gradient passed to backward is {shown(gradient)} "
                f"({type(gradient).__name__}), wanted real numbers of shape {data.shape}"
            )
    if g.shape != data.shape:
        raise ValueError(
            f"the gradient passed to backward has shape {g.shape}, the tensor {data.shape}: "
            "they must be the same"
        )
    g = g.astype(data.dtype, copy=False)
    return leaf(g) if create_graph else g


def accumulate(x: Node, found: dict[Node, Any]) -> None:
    """Add what was found to x.grad, which is x's own: nobody's change reaches another gradient."""
    if x._grad is None:
        x._grad = owned(x, found)
    elif isinstance(found[x], Node) or x._grad.op is not None:
        x._grad = x._grad + found[x]
    else:
        x._grad._data += found[x]
        x._grad.touch()


def owned(x: Node, found: dict[Node, Any]) -> Node:
    """The gradient found for x as a node, in memory of its own."""
    return found[x] if isinstance(found[x], Node) else leaf(taken(found, x))


def between(roots: Sequence[Node], inputs: Collection[Node]) -> set[Node]:
    """The nodes on a path from one of the inputs to one of the roots, both included."""
    found = set(inputs)
    for root in roots:
        for node in topological(root):
            if any(x in found for x in node.inputs):
                found.add(node)
    return found


def fitted(share: Any, x: Node, op: Op) -> Any:
    """Undo broadcasting and promotion: the share in the shape and dtype of its input x."""
    target = x._data
    try:
        if share.shape == target.shape and share.dtype is target.dtype:
            return share
    except AttributeError:
        raise TypeError(
            f"{op.name}: a derivative is {shown(share)} ({type(share).__name__}), wanted an array "
            f"of shape {target.shape}"
        ) from None
    if share.shape != target.shape:
        try:
            share = sum_to(share, target.shape)
        except ValueError:
            raise ValueError(
                f"{op.name}: a derivative has shape {share.shape}, its input {target.shape}; "
                "its rule must return the shape of the input"
            ) from None
    return share if share.dtype == target.dtype else share.astype(target.dtype)


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum g over the axes along which shape was copied to g.shape: broadcasting, undone."""
    lead = g.ndim - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, g.shape[lead:])):
        raise ValueError(f"{g.shape} is not {shape} broadcast")
    copied = tuple(lead + i for i, n in enumerate(shape) if n == 1 != g.shape[lead + i])
    return g.sum(axis=(*range(lead), *copied)).reshape(shape)


def run_hooks(node: Node, g: Any) -> Any:
    """Pass a node's complete gradient through its hooks; each may return another one."""
    extra: Any = node._extra
    on_nodes = isinstance(g, Node)
    for hook in list(extra.hooks.values()):
        given = g if on_nodes else leaf(np.array(g))
        changed = hook(given)
        if changed is None:
            continue
        if not isinstance(changed, Node):
            array = np.asarray(changed)
            if array.dtype.kind not in "fiub":
                raise TypeError(
                    f"a hook returned {shown(changed)}, wanted a gradient of shape "
                    f"{node._data.shape}, or None to leave it as it is"
                )
            changed = leaf(array.astype(node._data.dtype, copy=False))
        if changed._data.shape != node._data.shape:
            raise ValueError(
                f"a hook returned a gradient of shape {changed._data.shape} for a tensor of shape "
                f"{node._data.shape}: return one of that shape, or None to leave it as it is"
            )
        g = changed if on_nodes else changed._data
    return g


def check_unchanged(node: Node) -> None:
    """An error if an input was written to in place after the op had used it."""
    op: Any = node.op
    for x in node.inputs:
        if x.order < node.order and (x.op is not None or op.reads_values):
            raise changed_error(node, x)


def changed_error(node: Node, x: Node) -> RuntimeError:
    """An input was written to in place after the op had used it."""
    op: Any = node.op
    what = repr(x.name) if x.name else f"an input of shape {x._data.shape}"
    return RuntimeError(
        f"backward through {op.name}: {what} was changed in place (version {-x.order}, the op used "
        f"an earlier one, {-node.order}), so the gradient would be wrong: compute the loss again"
    )
