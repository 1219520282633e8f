"""Recorded ops, run again on other numbers. What was recorded is not touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minigrad.function import Call, Context, FunctionOp, joined, run
from minigrad.graph import Array, leaf


def forward(node: Any, arrays: Sequence[Array]) -> tuple[Array, Any]:
    """The output of a node's op for these arrays, and what it saved for backward."""
    op = node.op
    if isinstance(op, FunctionOp):
        return forward_of_function(node, arrays)
    y = op.forward(*arrays, **node.params)
    y, saved = y if op.saves else (y, None)
    return np.asarray(y), saved


def forward_of_function(node: Any, arrays: Sequence[Array]) -> tuple[Array, Call]:
    """The same for a Function, whose forward takes tensors and a context."""
    call = node.saved
    fresh = call._replace(context=Context(call.context.needs_input_grad))
    arguments = fresh.arguments([leaf(x) for x in arrays])
    _, outputs = run(node.op.function, fresh.context, arguments, fresh.kwargs)
    return joined(outputs), fresh


def replayed(nodes: Sequence[Any], new: Mapping[Any, Array]) -> Array:
    """The last of some nodes, given in topological order, for new data of some leaves.

    Only what depends on these leaves is computed again.
    """
    data = dict(new)
    with np.errstate(all="ignore"):
        for node in nodes:
            if any(x in data for x in node.inputs):
                data[node] = forward(node, [data.get(x, x._data) for x in node.inputs])[0]
    return data.get(nodes[-1], nodes[-1]._data)
