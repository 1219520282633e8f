"""Objects taken apart into arrays and JSON text.

A state dict is its arrays, one entry for each, and needs no text: NumPy (or safetensors, and with
it PyTorch) reads it too. Of anything else, such as an optimizer's state, the arrays are entries as
well, and the text says where they belong: {"$array": name} stands for an array.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from minigrad.errors import LoadError
from minigrad.graph import Array
from minigrad.ops.arguments import array_of
from minigrad.words import shown

DTYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")
TREE = "__tree__"  # the name under which npz files keep the text
RESERVED = (TREE, "__metadata__")  # never names of arrays; the second is safetensors' own
MAX_TEXT = 8 * 2**20


class Packing:
    """Takes the arrays out of an object; one that occurs twice is stored once."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}
        self.seen: dict[int, tuple[str, Any]] = {}  # name and array, by the array's id

    def text(self, obj: Mapping[Any, Any]) -> str | None:
        """Pack an object; the JSON text, unless the names of the arrays say it all."""
        try:
            tree = self.pack(obj, ())
        except RecursionError:
            raise ValueError(
                "save: the dict is nested too deeply, or contains itself: write its parts instead"
            ) from None
        plain = {name: {"$array": name} for name in self.arrays}
        text = "" if tree == plain else json.dumps(tree)
        if len(text) > MAX_TEXT:
            raise ValueError(
                f"save: {len(text)} bytes of plain values, at most {MAX_TEXT} can be written; "
                "put long lists of numbers into arrays"
            )
        return text or None

    def pack(self, value: Any, path: tuple[Any, ...]) -> Any:
        """The value as JSON has it, with references in place of arrays."""
        value = array_of(value)
        if hasattr(value, "__array__"):  # other libraries' arrays, too
            return {"$array": self.stored(value, path)}
        if isinstance(value, Mapping):
            return self.pack_dict(value, path)
        if isinstance(value, list | tuple):
            items = [self.pack(x, (*path, i)) for i, x in enumerate(value)]
            return items if isinstance(value, list) else {"$tuple": items}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise TypeError(
            f"save: cannot write {type(value).__name__} at {list(path)}; wanted arrays, tensors, "
            "numbers, strings, None, and lists, tuples and dicts of those"
        )

    def pack_dict(self, value: Mapping[Any, Any], path: tuple[Any, ...]) -> Any:
        """An object if all keys are strings, else pairs; "$" begins keys with a meaning here."""
        items = [(key, self.pack(x, (*path, key))) for key, x in value.items()]
        if all(isinstance(key, str) and key[:1] != "$" for key in value):
            return dict(items)
        for key in value:
            if not isinstance(key, str | int | float | None):
                raise TypeError(f"save: cannot write the key {key!r} at {list(path)}")
        return {"$dict": items}

    def stored(self, value: Any, path: tuple[Any, ...]) -> str:
        """The name under which an array is stored."""
        if id(value) in self.seen:
            return self.seen[id(value)][0]
        try:
            array = np.asarray(value, order="C")
        except (TypeError, ValueError, RuntimeError) as error:  # of another library's array
            raise TypeError(f"save: cannot write what is at {list(path)}: {error}") from None
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        if array.dtype.str[1:] not in DTYPES:
            raise TypeError(f"save: cannot write an array of {array.dtype} at {list(path)}")
        name = ".".join(map(str, path))
        while name in self.arrays or name in RESERVED:
            name += "'"
        self.arrays[name], self.seen[id(value)] = array, (name, value)
        return name


def assembled(text: str | None, arrays: dict[str, Array]) -> dict[Any, Any]:
    """The object of which text and arrays were made."""
    if text is None:
        return dict(arrays)
    if len(text) > MAX_TEXT:
        raise LoadError(f"{len(text)} bytes of plain values, at most {MAX_TEXT} are read")
    obj = unpack(json.loads(text, object_pairs_hook=unique), arrays)
    if not isinstance(obj, dict):
        raise LoadError(f"holds a {type(obj).__name__}, not a dict")
    return obj


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The dict of a JSON object, in which no key may occur twice."""
    if len(dict(pairs)) < len(pairs):
        raise LoadError(f"a key occurs twice among {shown([key for key, _ in pairs], 200)}")
    return dict(pairs)


def unpack(tree: Any, arrays: Mapping[str, Array]) -> Any:
    """The object that `Packing` took apart."""
    if isinstance(tree, list):
        return [unpack(x, arrays) for x in tree]
    if not isinstance(tree, dict):
        return tree
    if "$array" in tree:
        return arrays[tree["$array"]]
    if "$tuple" in tree:
        return tuple(unpack(x, arrays) for x in tree["$tuple"])
    items = tree["$dict"] if "$dict" in tree else tree.items()
    return {key: unpack(x, arrays) for key, x in items}
