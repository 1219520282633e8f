"""What an optimizer's next step does to the parameters of a graph, computed aside.

The optimizer is copied with its state, and the copy steps over copies of the parameters: neither
they nor their gradients, nor what the optimizer remembers, are touched.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from minigrad.graph import FREED, Array, Node
from minigrad.replay import replayed
from minigrad.viz.aside import Gradients
from minigrad.viz.text import number, visible

# What lecture and papers call what is remembered about a parameter.
REMEMBERED = {
    "momentum_buffer": "velocity",
    "exp_avg": "m",
    "exp_avg_sq": "v",
    "max_exp_avg_sq": "max v",
    "exp_inf": "u",
    "sum": "sum g²",
    "square_avg": "mean g²",
    "grad_avg": "mean g",
    "acc_delta": "mean Δ²",
}
NAMED = 3  # parameters that a note lists by name


@dataclass(frozen=True)
class Update:
    """One parameter's part in a step."""

    title: str  # "SGD, lr 0.1"
    step: Array  # new − old
    new: Array
    state: dict[str, Array]  # what is remembered, after the step


@dataclass(frozen=True)
class Updates:
    """The step as far as it concerns one graph."""

    of: dict[Any, Update] = field(default_factory=dict)
    after: float | None = None  # the root's value for the new parameters, if it is one number
    notes: tuple[str, ...] = ()


class Copied:
    """Stands in for a parameter: its own data and gradient, and nothing that hears of a change."""

    def __init__(self, p: Any, gradient: Any) -> None:
        self.data = np.array(p.data)
        self.grad = None if gradient is None else SimpleNamespace(data=np.array(gradient))
        self.requires_grad = p.requires_grad

    def touch(self) -> None:
        """The graph need not know."""


def check_optimizer(optimizer: Any, nodes: Sequence[Any]) -> None:
    """It has what a step takes, and a parameter among the nodes."""
    if not all(hasattr(optimizer, name) for name in ("param_groups", "state", "step")):
        raise TypeError(
            f"optimizer: got {type(optimizer).__name__}, wanted an Optimizer, with param_groups, "
            "state and step"
        )
    if set(parameters(optimizer)).isdisjoint(nodes):
        raise ValueError(
            f"optimizer: none of its {len(parameters(optimizer))} parameters is among the "
            f"{len(nodes)} nodes that the root was made from: give the one that trains this graph"
        )


def updates_aside(
    nodes: Sequence[Any], gradients: Gradients, optimizer: Any, expected: bool = False
) -> Updates:
    """What optimizer.step() would do now, with the gradients in .grad.

    Where no parameter of the graph has one, expected says whether those of the picture take their
    place. Errors: RuntimeError if the optimizer cannot be copied; whatever its step raises.
    """
    ours = [p for p in parameters(optimizer) if p in set(nodes)]
    stored = {p: p.grad.data for p in parameters(optimizer) if p.grad is not None}
    notes = []
    if not any(p in stored for p in ours):
        if not expected:
            return Updates(notes=("no step is shown: the parameters have no gradient yet",))
        stored |= {p: gradients.of[p] for p in ours if p in gradients.of}
        notes.append("backward() has not run: the step uses the gradients shown here")
    notes += [note for note in [other_gradients(ours, stored, gradients.of)] if note]
    stand_ins, stepped = step_aside(optimizer, stored)
    of = {p: update(p, stand_ins[p], stepped) for p in ours if p in stored}
    after, trouble = value_after(nodes, {p: u.new for p, u in of.items()})
    return Updates(of, after, tuple(filter(None, [*notes, trouble])))


def parameters(optimizer: Any) -> list[Any]:
    return [p for group in optimizer.param_groups for p in group["params"]]


def step_aside(optimizer: Any, stored: Mapping[Any, Any]) -> tuple[dict[Any, Copied], Any]:
    """The stand-ins after a step, and the copy of the optimizer that made it."""
    stand_ins = {p: Copied(p, stored.get(p)) for p in parameters(optimizer)}
    try:
        stepped = copy.deepcopy(optimizer, {id(p): copied for p, copied in stand_ins.items()})
    except Exception as error:
        raise RuntimeError(
            f"optimizer: {type(optimizer).__name__} cannot be copied, so its step cannot be "
            f"computed aside: {error}"
        ) from error
    stepped.step()
    return stand_ins, stepped


def update(p: Any, stand_in: Copied, stepped: Any) -> Update:
    """What the step has done to one parameter."""
    (group,) = [g for g in stepped.param_groups if any(q is stand_in for q in g["params"])]
    entry = stepped.state.get(stand_in, {})
    state = {
        visible(REMEMBERED.get(name, name)): np.array(value)
        for name, value in entry.items()
        if name != "step" and isinstance(value, np.ndarray)
    }
    told = [type(stepped).__name__]
    told += [f"lr {number(group['lr'])}"] if "lr" in group else []
    told += [f"t = {entry['step']:.0f}"] if "step" in entry else []
    old = np.asarray(p.data)
    with np.errstate(all="ignore"):
        return Update(", ".join(told), stand_in.data - old, stand_in.data, state)


def other_gradients(
    ours: Sequence[Any], stored: Mapping[Any, Any], shown: Mapping[Any, Any]
) -> str:
    """A note, if what the optimizer would use is not what the picture shows."""
    differ = [
        visible(p.name or "a parameter")
        for p in ours
        if p in stored and p in shown and not close(stored[p], shown[p])
    ]
    if not differ:
        return ""
    more = f" and {len(differ) - NAMED} more" if len(differ) > NAMED else ""
    return (
        "the step uses the gradients in .grad, which are not those shown here (accumulated, "
        f"clipped or changed), for {', '.join(differ[:NAMED])}{more}"
    )


def close(a: Any, b: Any) -> bool:
    """Whether two gradients are the same up to the rounding of their sums."""
    a, b = np.asarray(a), np.asarray(b)
    room = np.sqrt(np.finfo(a.dtype).eps) * np.abs(b).max(initial=0)
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=0, atol=room, equal_nan=True))


def value_after(nodes: Sequence[Any], new: Mapping[Any, Any]) -> tuple[float | None, str]:
    """The root for new values of some leaves, or why it cannot be told."""
    root = nodes[-1]
    if not isinstance(root, Node) or root._data.size != 1 or root.op is FREED:
        return None, ""
    try:
        return replayed(nodes, new).item(), ""
    except Exception as error:  # an op of the user's may do anything
        return None, f"{visible(root.name or 'the root')} after the step is not known: {error}"
