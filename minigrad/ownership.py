"""Whether an array is held by one holder only: then it can be handed over and need not be copied.

A gradient that is kept must have memory of its own. To copy each of them takes 5 % of the step of a
linear network with one sample, and mostly there is nothing to protect: what a derivative rule has
just computed, nobody else has. Python's count of references proves it. Whoever has the array
counts: an input of an op, a saved array, a variable; a view, for the array it looks into, its base.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray
SMALL = 4096  # entries: they are copied in the time that it takes to ask


def taken(arrays: Mapping[Any, Any], key: Any) -> Array:
    """arrays[key], in memory that nobody has but arrays: itself if that is so, else a copy.

    >>> held = {"g": np.ones(10_000)}
    >>> taken(held, "g") is held["g"]
    True
    >>> kept = held["g"]
    >>> taken(held, "g") is kept
    False
    """
    x = arrays[key]
    if x.size <= SMALL or x.__class__ is not Array or not is_whole(x):
        return np.array(x)
    del x  # or it would count
    return arrays[key] if holders(arrays, key) in ALONE else np.array(arrays[key])


def is_whole(x: Array) -> bool:
    """Whether x can be written to and is an array, or all of one with its axes in another order."""
    base = x.base
    if base is None or not x.flags.writeable:
        return x.flags.writeable
    if base.__class__ is not Array or base.size != x.size or not base.flags.owndata:
        return False
    return x.transpose(np.argsort(x.strides)[::-1]).flags.c_contiguous  # else some entries repeat


def holders(arrays: Mapping[Any, Any], key: Any) -> tuple[int, int]:
    """How many references there are to an array, and to its base if it has one.

    Among them are those of the mapping, of the view to its base and of the call, always as many.
    """
    base = 0 if arrays[key].base is None else sys.getrefcount(arrays[key].base)
    return sys.getrefcount(arrays[key]), base


ALONE: set[tuple[int, int]] = set()  # what holders() says of arrays that nobody else has
if hasattr(sys, "getrefcount"):  # not every Python counts
    ALONE = {holders({0: np.empty(1)}, 0), holders({0: np.empty(1)[:]}, 0)}
