"""An optimizer's state as plain dicts, and back. Always copies: what is saved stays as it is."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.optim.checks import check_group

if TYPE_CHECKING:
    from minigrad.optim.optimizer import Optimizer

StateDict = dict[str, Any]


def saved(optimizer: Optimizer) -> StateDict:
    """{"state": {number: what is remembered}, "param_groups": [...]}, parameters as numbers."""
    params = [p for group in optimizer.param_groups for p in group["params"]]
    number = {id(p): i for i, p in enumerate(params)}
    groups = []
    for group in optimizer.param_groups:
        packed = {name: copy.deepcopy(x) for name, x in group.items() if name != "params"}
        groups.append({**packed, "params": [number[id(p)] for p in group["params"]]})
    remembered = {i: optimizer.state.get(p) for i, p in enumerate(params)}
    state = {i: copy.deepcopy(entry) for i, entry in remembered.items() if entry}
    return {"state": state, "param_groups": groups}


def loaded(optimizer: Optimizer, state_dict: StateDict) -> tuple[list[Any], dict[Any, Any]]:
    """The groups and the state in state_dict, checked against the optimizer, as copies."""
    function = f"{type(optimizer).__name__}.load_state_dict"
    require_dict(function, state_dict)
    for key in ("state", "param_groups"):
        if key not in state_dict:
            raise ValueError(f"{function}: {key!r} is missing; the keys are {list(state_dict)}")
    given = as_numbers(state_dict["param_groups"])
    check_sizes(function, given, optimizer.param_groups)
    groups = [merged(optimizer, *pair) for pair in zip(given, optimizer.param_groups)]
    owner = {
        int(number): (p, group)
        for old, group in zip(given, groups)
        for number, p in zip(old["params"], group["params"])
    }
    state = {}
    for number, entry in state_dict["state"].items():
        if int(number) not in owner:
            raise ValueError(f"{function}: state of parameter {number}, which is in no group")
        p, group = owner[int(number)]
        state[p] = restored(optimizer, int(number), p, group, entry)
    return groups, state


def require_dict(function: str, state_dict: Any) -> None:
    """TypeError for what is no state dict."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(
            f"{function}: wanted the dict that state_dict() gave, got a {type(state_dict).__name__}"
        )


def as_numbers(value: Any) -> Any:
    """The same with Python's numbers for arrays without axes, as which files keep NumPy's."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    if isinstance(value, dict):
        return {key: as_numbers(x) for key, x in value.items()}
    return type(value)(map(as_numbers, value)) if type(value) in (list, tuple) else value


def check_sizes(function: str, given: list[Any], own: list[Any]) -> None:
    """As many groups, each with as many parameters."""
    if len(given) != len(own):
        raise ValueError(
            f"{function}: the state has {len(given)} parameter groups, the optimizer {len(own)}"
        )
    for i, (old, new) in enumerate(zip(given, own)):
        if "params" not in old:
            raise ValueError(f"{function}: 'params' is missing in group {i}, it has {list(old)}")
        if len(old["params"]) != len(new["params"]):
            raise ValueError(
                f"{function}: group {i} has {len(old['params'])} parameters in the state, "
                f"{len(new['params'])} in the optimizer"
            )


def merged(optimizer: Optimizer, old: StateDict, own: StateDict) -> StateDict:
    """The hyper-parameters of the saved group, with the parameters of the optimizer's own."""
    function = f"{type(optimizer).__name__}.load_state_dict"
    missing = [name for name in optimizer.defaults if name not in old]
    if missing:
        raise ValueError(
            f"{function}: {', '.join(map(repr, missing))} missing in a group with {sorted(old)}: "
            "was it saved by another kind of optimizer?"
        )
    check_group(function, old)
    optimizer.check(old)
    names = {"param_names": own["param_names"]} if "param_names" in own else {}
    return {**names, **copy.deepcopy(old), "params": own["params"]}


def restored(
    optimizer: Optimizer, number: int, p: Any, group: StateDict, entry: StateDict
) -> StateDict:
    """What is remembered about one parameter: arrays in its dtype, numbers as Python's."""
    if not entry:
        return {}
    where = f"{type(optimizer).__name__}.load_state_dict: parameter {number}"
    arrays, numbers = optimizer.remembers(group)
    missing = [name for name in (*numbers, *arrays) if name not in entry]
    if missing:
        raise ValueError(
            f"{where} has no {', '.join(map(repr, missing))}; its state has {sorted(entry)}"
        )
    state = copy.deepcopy(entry)
    for name in arrays:
        state[name] = np.array(entry[name], p.data.dtype)
        if state[name].shape != p.data.shape:
            raise ValueError(
                f"{where}: {name!r} has shape {state[name].shape}, the parameter {p.data.shape}"
            )
    return state | {name: type(start)(entry[name]) for name, start in numbers.items()}
