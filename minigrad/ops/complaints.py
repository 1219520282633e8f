"""What an error says: NumPy's complaint in the words of the op, with what the op was given.

Nothing here runs unless a call has failed.
"""

from __future__ import annotations

import dis
import functools
import inspect
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.exceptions import AxisError

from minigrad.graph import Node, Op
from minigrad.words import shown

PACKAGE = str(Path(__file__).parent.parent) + os.sep
RAISE = dis.opmap["RAISE_VARARGS"]
KINDS = (  # of errors that are put in plain words; the special ones first
    AxisError,
    AttributeError,
    np.linalg.LinAlgError,
    TypeError,
    ValueError,
    IndexError,
    ZeroDivisionError,
    OverflowError,
)

PUBLIC = {  # ops that users know by the name of the function that calls them
    "getitem": "indexing",
    "joined": "concatenate",
    "stacked": "stack",
    "contracted": "einsum",
    "vector_norm": "norm",
}

WHOLE = "stands where a whole number is wanted"
NUMBERS = "wanted numbers, bools or tensors"
REWORDED = {  # what NumPy and Python say, and how it is put here
    r".*got an unexpected keyword argument 'dims?'.*": "there is no 'dim'; here it is called axis",
    r".*got an unexpected keyword argument 'keepdim'.*": (
        "there is no 'keepdim'; here it is called keepdims"
    ),
    r".*got an unexpected keyword argument ('\w+').*": r"there is no parameter \1",
    r".*missing \d+ required \S+ arguments?: (.*)": r"\1 is missing, or None",
    r"'(\w+)' object cannot be interpreted as an integer": rf"a \1 {WHOLE}",
    r"expected a sequence of integers or a single integer, got '?(.*?)'?": rf"\1 {WHOLE}",
    r"invalid literal for int\(\).*": f"a text {WHOLE}",
    r"(Cannot cast array data|`indices` must be an int|arrays used as ind).*": (
        "an index must be made of integers or bools"
    ),
    r"(ufunc|loop of ufunc|the resolved dtypes|.*operand).*(type|callable|compatible).*": NUMBERS,
    r"'.*' not supported between.*": NUMBERS,
    r"'NoneType' object has no attribute .*": "None stands where an array is wanted",
    r"'(\w+)' object has no attribute '(shape|size|ndim|dtype|astype)'": (
        r"a \1 stands where an array is wanted"
    ),
    r"(int\(\) argument must be|must be real number|type \w+ doesn't define).*": NUMBERS,
    r"[Tt]he numpy boolean .*|numpy boolean .*": "bools are no numbers here; use .astype(float)",
    r"could not convert string to float.*": NUMBERS,
    r"negative dimensions are not allowed": "a length is negative, wanted 0 or more",
    r"(tuple|list) index out of range": "an operand has too few axes",
    r"setting an array element with a sequence.*": "wanted rows of one length",
    r"shape-mismatch for sum": "the axes to be summed differ in length",
    r".*Input operand.*mismatch in its core dimension.*": "the lengths of the matrices do not fit",
    r"not enough values to unpack.*": "wanted a whole number, or a pair (axes of a, axes of b)",
    r"operands could not be broadcast together.*": "the lengths do not fit",
    r"cannot select an axis to squeeze out which has size not equal to one": (
        "only an axis of length 1 can be squeezed out"
    ),
    r"could not broadcast input array from shape (.*) into shape (.*)": (
        r"values of shape \1 do not fit into \2"
    ),
    r".*included output subscript ('.') which never.*": r"the output has \1, no input has it",
    r"invalid subscript ('.').*": r"\1 is no letter, and only letters name axes",
    r"shape mismatch: indexing arrays could not be broadcast together with shapes (.*)": (
        r"the index arrays have the shapes \1, which do not broadcast; give equal ones"
    ),
    r"axes don't match array": "axes must name every axis of x once",
    r"repeated axis.*|duplicate value in 'axis'": "a repeated axis; name each one once",
    r".*requires an array of at least two dimensions": "x needs two axes at least",
    r"1-dimensional array given.*": "wanted square matrices (…, n, n)",
    r"Singular matrix": "a matrix is singular: its determinant is 0",
    r"Matrix is not positive definite": (
        "a matrix is not positive definite; wanted a symmetric one, such as A Aᵀ + I"
    ),
    r"attempt to get \w+ of an empty sequence": "there are no entries, so none is the most extreme",
}


REAL = "fiub"  # the dtype kinds that can stand in a graph


def holds_numbers(value: Any) -> bool:
    """Whether an array of real numbers can be made of it."""
    try:
        return np.asarray(data_of(value)).dtype.kind in REAL
    except (RuntimeError, TypeError, ValueError):  # such as rows of different lengths
        return False


def unusable(op: str, value: Any) -> TypeError:
    """The error for what stands where a tensor is wanted, and holds no numbers."""
    if value is None:
        said = "got None for a tensor; does the function that made it end in return?"
    elif hasattr(value, "local_derivatives"):
        said = "a Value is no tensor; it has methods of its own, such as x.exp()"
    else:
        said = (
            f"cannot use {shown(value)} ({type(value).__name__}); give a tensor, a real array, a "
            "number, or lists of numbers in rows of one length"
        )
    return TypeError(f"{PUBLIC.get(op, op)}: {said}")


def op_error(error: Exception, op: Op, args: Sequence[Any], params: Mapping[str, Any]) -> Exception:
    """What a failed call of an op raises. The error of an op of the user's keeps its words."""
    if not op.forward.__module__.startswith("minigrad."):
        error.add_note(in_op(op.name, args))
        return error
    for value in args if of_python_or_numpy(error) else ():
        if value is not None and not holds_numbers(value):
            return unusable(op.name, value)
    return explained(error, op.name, called(op.forward, args, params), op.elementwise)


def explained(
    error: Exception, name: str, given: Mapping[str, Any], elementwise: bool = False
) -> Exception:
    """The same error in plain words: the name, what is wrong, what was given; shapes for arrays."""
    kind = next((kind for kind in KINDS if isinstance(error, kind)), None)
    if kind is None or raised_here(error) or not of_python_or_numpy(error):
        error.add_note(in_op(name, list(given.values())))
        return error
    name = PUBLIC.get(name, name)
    if kind is AttributeError:
        kind = TypeError  # what was given is no array
    shapes = shapes_of(given.values()) if elementwise and kind is ValueError else None
    if shapes and (clashing := clash(shapes)):
        return ValueError(f"{name}: {clashing}")
    if isinstance(error, AxisError) and error.axis is not None:
        return AxisError(f"{name}: {beyond(error, next(iter(given.values()), None))}")
    listed = ", ".join(described(key, value) for key, value in given.items())
    words = f"{name}: {reworded(str(error).strip())}"
    return kind(f"{words}; got {listed}" if listed else words)


def worded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, its errors in plain words."""

    @functools.wraps(function)
    def apply(*args: Any, **given: Any) -> Any:
        try:
            return function(*args, **given)
        except Exception as error:
            raise explained(error, function.__name__, called(function, args, given)) from None

    return apply


def of_python_or_numpy(error: Exception) -> bool:
    """Whether nobody else has made a class for this error."""
    return type(error).__module__.partition(".")[0] in ("builtins", "numpy")


def raised_here(error: Exception) -> bool:
    """Whether a `raise` of minigrad's own made it: then it is in plain words already."""
    last: Any = error.__traceback__
    while last.tb_next:
        last = last.tb_next
    code = last.tb_frame.f_code
    return code.co_filename.startswith(PACKAGE) and code.co_code[last.tb_lasti] == RAISE


def called(
    function: Callable[..., Any], args: Sequence[Any], params: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of a call by name; those of *args are numbered."""
    names: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{i}]" for i in range(len(args))]
        else:
            names.append(parameter.name)
    return {**dict(zip(names, args)), **params}


def described(name: str, value: Any) -> str:
    """An argument in a message: an array by its shape, anything else as it is written."""
    value = data_of(value)
    if isinstance(value, np.ndarray):
        return f"{name} of shape {value.shape}" if value.ndim else f"{name}={value}"
    return f"{name}={shown(value)}"


def in_op(name: str, inputs: Sequence[Any]) -> str:
    """The note on an error that keeps its words: where it was."""
    arrays = [x for x in map(data_of, inputs) if isinstance(x, np.ndarray)]
    shapes = [str(x.shape) for x in arrays]
    return f"in {name}, inputs of shape {', '.join(shapes)}" if shapes else f"in {name}"


def data_of(value: Any) -> Any:
    return value._data if isinstance(value, Node) else value


def reworded(said: str) -> str:
    """What NumPy or Python said, in plain words where there are some."""
    outside = re.fullmatch(
        r"index (-?\d+) is out of bounds for (?:axis (\d+) with )?size (\d+)", said
    )
    if outside:
        index, axis, size = outside.groups()
        where = f"axis {axis} of size {size}" if axis else f"{size} entries"
        return f"index {index} is out of bounds for {where}: wanted {span(int(size))}"
    for pattern, words in REWORDED.items():
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            return found.expand(words)
    return said


def span(size: int) -> str:
    """The indices there are."""
    return f"{-size} to {size - 1}" if size else "none, it is empty"


def beyond(error: AxisError, x: Any) -> str:
    """Which axis there is not, and which there are."""
    argument, ndim = str(error).rpartition(": axis ")[0], int(error.ndim or 0)
    axis = f"{argument or 'axis'} {error.axis} is out of bounds"
    shape = getattr(data_of(x), "shape", None)
    if shape is not None and len(shape) == ndim:
        return f"{axis} for x of shape {shape}: wanted {span(ndim)}"
    return f"{axis}: the result has {ndim} axes, wanted {span(ndim)}"


def shapes_of(values: Iterable[Any]) -> list[tuple[int, ...]] | None:
    """The shapes, unless something has none, such as rows of different lengths."""
    try:
        return [np.shape(data_of(value)) for value in values]
    except (RuntimeError, TypeError, ValueError):
        return None


def clash(shapes: Sequence[tuple[int, ...]]) -> str:
    """Which axis keeps shapes from being broadcast together; "" if they can be."""
    for axis in range(-1, -max(map(len, shapes)) - 1, -1):
        lengths = [shape[axis] for shape in shapes if len(shape) >= -axis]
        if len({n for n in lengths if n != 1}) > 1:
            return (
                f"shapes {' and '.join(map(str, shapes))} do not broadcast: along axis {axis} the "
                f"lengths are {' and '.join(map(str, lengths))}; they must be equal, or 1"
            )
    return ""
