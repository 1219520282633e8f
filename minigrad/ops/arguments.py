"""What an op is called with: which arguments are inputs, what becomes of numbers and arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.graph import Node, Op, leaf
from minigrad.ops.complaints import REAL, holds_numbers, unusable

VARARGS = 0x04  # the flag of *args in a code object


def signature(function: Callable[..., Any]) -> tuple[list[str], list[str], bool]:
    """The names of a function's inputs and parameters, and whether inputs are *args."""
    code = function.__code__
    names = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    if code.co_flags & VARARGS:
        return [code.co_varnames[len(names)]], names, True
    inputs = code.co_posonlyargcount or code.co_argcount
    return names[:inputs], names[inputs:], False


def named(x: Any, name: str) -> Any:
    """x, the result of an op, by this name in pictures; an array stays what it is."""
    if isinstance(x, Node) and x.op is not None:
        x.name = name
    return x


def merged(op: Op, names: list[str], extra: Sequence[Any], given: dict[str, Any]) -> dict[str, Any]:
    """Parameters given by position join those given by name."""
    if len(extra) > len(names):
        wanted = len(op.inputs) + len(names)
        raise TypeError(
            f"{op.name} takes at most {wanted} arguments ({', '.join((*op.inputs, *names))}), "
            f"got {len(op.inputs) + len(extra)}"
        )
    both = set(names[: len(extra)]) & set(given)
    if both:
        raise TypeError(f"{op.name}: {', '.join(sorted(both))} given twice")
    return {**dict(zip(names, extra)), **given}


def as_numbers(op: Op, value: Any) -> Any:
    """An input in a call without tensors: lists and other libraries' arrays as arrays; an array, a
    number, or None for what is left out, as it is. Complex ones pass, for the complex step.

    Errors: a TypeError for what holds no numbers.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    array = value if isinstance(value, (np.ndarray, np.generic)) else np.asarray(value)
    if array.dtype.kind not in REAL + "c":
        raise unusable(op.name, value)
    return array


def operand(op: str, value: Any) -> Any:
    """What has a shape and a dtype: a node or an array as it is, a list or a number as an array.

    Errors: a TypeError for what holds no real numbers.
    """
    return value if isinstance(value, (Node, np.ndarray)) else real_array(op, value)


def real_array(op: str, value: Any) -> np.ndarray:
    """A number, lists of numbers or another library's array as an array; checked."""
    if not holds_numbers(value):
        raise unusable(op, value)
    return np.asarray(value)


def array_of(value: Any) -> Any:
    """The array of a node; anything else as it is."""
    return value._data if isinstance(value, Node) else value


def plain_parameter(op: Op, name: str, value: Any) -> Any:
    """A parameter is no input: a tensor given for one counts as its array, 2.0 is what 2.0 is."""
    if isinstance(value, np.generic):
        return value.item()  # a NumPy scalar would promote float32
    if not isinstance(value, Node):
        return value
    if value._needs:
        raise TypeError(
            f"{op.name}: no gradient flows through the parameter {name!r}; pass it detached"
        )
    return value._data


def constant(value: Any, like: Node, op: Op) -> Any:
    """A node for a number or array that meets a node; a number takes the node's dtype."""
    dtype = like._data.dtype
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (bool, int, float)):
        data = np.array(value, dtype if dtype.kind == "f" else np.result_type(dtype, value))
    else:
        data = real_array(op.name, value)
    return leaf(data)
