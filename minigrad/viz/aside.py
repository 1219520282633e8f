"""Gradients for a picture, computed aside: drawing changes nothing.

The chain rule once more, into a dictionary of its own: no `.grad` is written and no hook called.
It serves tensors and Values alike, and keeps what each input gets through each single use: the
products that stand on the edges of a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.graph import FREED, Node, freed_error
from minigrad.walk import fitted

Shares = Sequence[Any]  # one for each input; None where no gradient flows


@dataclass(frozen=True)
class Gradients:
    """∂root/∂node of the nodes of a graph; trouble says why some are missing."""

    of: dict[Any, Any] = field(default_factory=dict)
    shares: dict[Any, Shares] = field(default_factory=dict)
    trouble: str = ""


def gradients_aside(nodes: Sequence[Any]) -> Gradients:
    """∂root/∂node for all nodes, given in topological order with the root last; ∂root/∂root = 1.

    shares[node][i] is what the i-th input of node gets through it: upstream × local derivative.
    The gradient of a node is the sum of the shares that it gets. Errors: a RuntimeError if the
    graph was freed, or changed in place since it was computed.
    """
    root = nodes[-1]
    of, shares = {root: one(root)}, {}
    with np.errstate(all="ignore"):
        for node in reversed(nodes):
            if node not in of or node.op is None:
                continue
            shares[node] = contributions(node, of[node])
            for x, share in zip(node.inputs, shares[node]):
                if share is not None:
                    of[x] = of[x] + share if x in of else share
    return Gradients(of, shares)


def local_derivatives(node: Any) -> Shares:
    """∂node/∂input for each input of a node that is one number."""
    with np.errstate(all="ignore"):
        return contributions(node, one(node))


def contributions(node: Any, g: Any) -> Shares:
    """What the gradient g of a node contributes to each of its inputs."""
    if not isinstance(node, Node):  # a Value knows its local derivatives as numbers
        return [
            g * slope if x.requires_grad else None
            for x, slope in zip(node.inputs, node.local_derivatives)
        ]
    op: Any = node.op
    if op is FREED:
        raise freed_error()
    for x in node.inputs:
        if x.order < node.order and (x.op is not None or op.reads_values):
            what = repr(x.name) if x.name else f"an input of shape {x.shape}"
            raise RuntimeError(f"{what} was changed in place after {op.name} had used it")
    shares = op.shares(node, g, False, None)
    return [
        fitted(share, x, op) if x.requires_grad and share is not None else None
        for x, share in zip(node.inputs, shares)
    ]


def one(node: Any) -> Any:
    """1, of the kind of a node's data."""
    return np.ones_like(node._data) if isinstance(node, Node) else 1.0


def stored_gradients(nodes: Sequence[Any]) -> dict[Any, Any]:
    """What backward() has left in .grad, by node; a Value that it never reached has 0.0 there."""
    tensors = {n: n._grad._data for n in nodes if isinstance(n, Node) and n._grad is not None}
    values = {n: n.grad for n in nodes if not isinstance(n, Node)}
    return {**tensors, **(values if any(values.values()) else {})}
