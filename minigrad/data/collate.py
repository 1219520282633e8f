"""Collation: many samples in, one batch out, in the same structure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minigrad.data.dataset import plain_array
from minigrad.words import shown

NUMERIC = (np.ndarray, np.generic, bool, int, float)
KINDS = (
    ("text", (str, bytes)),
    ("number or array", NUMERIC),
    ("dict", (Mapping,)),
    ("list", (list,)),
    ("tuple", (tuple,)),
)


def default_collate(samples: Sequence[Any]) -> Any:
    """One batch of a list of samples: what stood in each sample becomes an array over all.

    - arrays (Tensors count as their arrays) are stacked: n of shape s give (n, *s), C order
    - bool, int, float give an array of dtype bool, int64, float64: NumPy's own, and PyTorch's
    - strings and bytes give a list
    - tuples, named tuples, lists and dicts are collated entry by entry

    >>> default_collate([(1, {"name": "a"}), (2, {"name": "b"})])
    (array([1, 2]), {'name': ['a', 'b']})

    Raises ValueError if shapes, lengths or keys differ between samples, TypeError for other kinds.
    """
    if not samples:
        raise ValueError("collate: got no samples, wanted at least one")
    return collate(samples, range(len(samples)))


def collate(samples: Sequence[Any], indices: Sequence[int]) -> Any:
    """`default_collate`; indices names the samples in messages."""
    parts = [plain_array(sample) for sample in samples]
    first = parts[0]
    require_same_kind(parts, indices)
    if isinstance(first, str | bytes):
        return parts
    if isinstance(first, NUMERIC):
        return stacked(parts, indices)
    if isinstance(first, Mapping):
        require_equal("keys", [set(part) for part in parts], indices)
        return {key: collate([part[key] for part in parts], indices) for key in first}
    require_equal("length", [len(part) for part in parts], indices)
    columns = [collate(column, indices) for column in zip(*parts)]
    if hasattr(first, "_fields"):
        return type(first)(*columns)  # a named tuple
    return columns if isinstance(first, list) else tuple(columns)


def stacked(arrays: list[Any], indices: Sequence[int]) -> np.ndarray:
    """n arrays or numbers of shape s as one new array (n, *s)."""
    require_equal("shape", [np.shape(a) for a in arrays], indices)
    return np.ascontiguousarray(np.stack(arrays))


def require_same_kind(parts: list[Any], indices: Sequence[int]) -> None:
    """Raise TypeError unless all parts are of one kind that can be collated."""
    for part, index in zip(parts, indices):
        if kind_of(part) is None:
            raise TypeError(
                f"collate: sample {index} holds {shown(part)} of type {type(part).__name__}; "
                "wanted arrays, numbers, strings, or tuples, lists and dicts of them; other kinds "
                "need a collate_fn"
            )
    require_equal("kind", [kind_of(part) for part in parts], indices, TypeError)


def kind_of(part: Any) -> str | None:
    """The kind of a part of a sample, None if it cannot be collated."""
    return next((name for name, types in KINDS if isinstance(part, types)), None)


def require_equal(
    what: str, values: list[Any], indices: Sequence[int], error: type[Exception] = ValueError
) -> None:
    """Raise an error that names two samples unless all have the same."""
    for value, index in zip(values, indices):
        if value != values[0]:
            raise error(
                f"collate: sample {index} has {what} {value}, sample {indices[0]} has {what} "
                f"{values[0]}; a batch needs equal ones, or a collate_fn that makes them equal"
            )
