"""Which parameters an optimizer is given, and with which hyper-parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.optim.checks import Unsaid, check_group
from minigrad.words import shown

if TYPE_CHECKING:
    from minigrad.optim.optimizer import Optimizer

Group = dict[str, Any]

NEEDS = ("data", "grad", "requires_grad", "touch")


def as_groups(function: str, params: Any) -> list[Group]:
    """params as a list of groups: one group, unless they are groups already."""
    given = listed(function, params)
    if not given:
        raise ValueError(f"{function}: params is empty, so there is nothing to optimize")
    return given if isinstance(given[0], dict) else [{"params": given}]


def listed(function: str, params: Any) -> list[Any]:
    """params as a list; a TypeError for what has no order or is a single tensor."""
    if isinstance(params, (np.ndarray, set, frozenset)) or hasattr(params, "requires_grad"):
        hint = "sets have no order" if isinstance(params, (set, frozenset)) else "give [parameter]"
        raise TypeError(
            f"{function}: params must be an iterable of tensors, such as a list, got a "
            f"{type(params).__name__}; {hint}"
        )
    if not isinstance(params, Iterable):
        raise TypeError(
            f"{function}: params must be an iterable of tensors, got a {type(params).__name__}; "
            "give model.parameters()"
        )
    return list(params)


def checked_group(optimizer: Optimizer, param_group: Any) -> Group:
    """The group completed by the optimizer's defaults, if it can join the others."""
    function = type(optimizer).__name__
    if not isinstance(param_group, dict):
        raise TypeError(f"{function}: a group is a dict, got a {type(param_group).__name__}")
    if "params" not in param_group:
        raise ValueError(f"{function}: a group needs the entry 'params', got {list(param_group)}")
    given = param_group["params"]
    given = [given] if hasattr(given, "requires_grad") else listed(function, given)
    named = [item for item in given if isinstance(item, tuple) and len(item) == 2]
    group = {**param_group, "params": [item[1] for item in named] if named else given}
    if named:
        group["param_names"] = [str(name) for name, _ in named]
    check_names(function, group, len(given), optimizer.param_groups)
    check_params(function, group["params"], optimizer.param_groups)
    group = {**optimizer.defaults, **group}
    check_group(function, group)
    optimizer.check(group)
    return {name: float(x) if isinstance(x, Unsaid) else x for name, x in group.items()}


def check_names(function: str, group: Group, count: int, others: list[Group]) -> None:
    """Either all parameters come with names, or none."""
    mixed = len(group["params"]) != count
    if mixed or any(("param_names" in group) != ("param_names" in other) for other in others):
        raise ValueError(
            f"{function}: some parameters come with names and some without; "
            "give (name, tensor) pairs for all or for none"
        )


def check_params(function: str, params: list[Any], others: list[Group]) -> None:
    """Each is a parameter, and is there once."""
    seen = {id(p): f"group {i}" for i, other in enumerate(others) for p in other["params"]}
    for i, p in enumerate(params):
        check_param(function, i, p)
        if id(p) in seen:
            raise ValueError(
                f"{function}: parameter {i} of the group, of shape {p.data.shape}, is in "
                f"{seen[id(p)]} already; every parameter may be there once"
            )
        seen[id(p)] = "this group"


def check_param(function: str, index: int, p: Any) -> None:
    """A leaf with an array."""
    if not all(hasattr(type(p), name) or hasattr(p, name) for name in NEEDS):
        raise TypeError(
            f"{function}: can optimize tensors only, but parameter {index} is {shown(p)} of type "
            f"{type(p).__name__}{'; give model.parameters()' if callable(p) else ''}"
        )
    if not isinstance(p.data, np.ndarray):
        raise TypeError(
            f"{function}: parameter {index} has data of type {type(p.data).__name__}, "
            "wanted an array"
        )
    if not getattr(p, "is_leaf", True):
        raise ValueError(
            f"{function}: parameter {index}, of shape {p.data.shape}, is a non-leaf, it "
            "was computed: optimize what it was computed from, or detach() it"
        )
