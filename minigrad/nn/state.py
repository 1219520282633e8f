"""State dicts: a module's numbers as {path: array}, out and in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from minigrad.ops.arguments import array_of
from minigrad.tensor import Tensor


class Keys(NamedTuple):
    """What load_state_dict did not find, and what it had no place for."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def snapshot(tensors: Iterable[tuple[str, Tensor]]) -> dict[str, np.ndarray]:
    """{path: a copy of the tensor's array}; one copy for a tensor with several paths."""
    copies: dict[int, np.ndarray] = {}
    return {path: copies.setdefault(id(t), t.data.copy(order="C")) for path, t in tensors}


def load(owner: str, targets: Mapping[str, Tensor], given: Mapping[str, Any], strict: bool) -> Keys:
    """Write the arrays of given into the targets of the same path: first all checks, then all
    writes, so that an error leaves every target as it was."""
    if not isinstance(given, Mapping):
        raise TypeError(
            f"{owner}.load_state_dict: wanted a dict of arrays, got {type(given).__name__}"
        )
    written = {id(target) for k, target in targets.items() if k in given}  # by any of its names
    missing = [k for k in targets if k not in given and id(targets[k]) not in written]
    keys = Keys(missing, [k for k in given if k not in targets])
    arrays = {k: np.asarray(array_of(given[k])) for k in targets if k in given}
    problems = [why for k, array in arrays.items() if (why := misfit(k, array, targets[k].data))]
    if strict:
        problems += [f"missing: {k!r} {targets[k].shape}" for k in keys.missing_keys]
        problems += [f"unexpected: {k!r} {kind(given[k])}" for k in keys.unexpected_keys]
    if problems:
        raise ValueError(f"{owner}.load_state_dict: nothing loaded;\n  " + "\n  ".join(problems))
    for k, array in arrays.items():
        targets[k].data[...] = array
        targets[k].touch()
    return keys


def misfit(key: str, array: np.ndarray, target: np.ndarray) -> str:
    """Why array cannot be written into target, or nothing."""
    if array.shape != target.shape:
        return f"wrong shape: {key!r} is {array.shape}, the module has {target.shape}"
    if not np.can_cast(array.dtype, target.dtype, "same_kind"):
        return f"wrong dtype: {key!r} is {array.dtype}, the module has {target.dtype}"
    return ""


def kind(value: Any) -> Any:
    """What to say of a value that is not wanted: its shape, or else its type."""
    return getattr(value, "shape", type(value).__name__)
