"""Tensor: an array that remembers how it was made.

The class is an index: it says which op each operator and method is; nothing is computed here.
NumPy's own functions arrive through `__array_ufunc__` and `__array_function__`, and are looked up
in one table.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from minigrad.convertible import Convertible
from minigrad.differentiable import Differentiable
from minigrad.graph import Array, Node, as_leaf, nodes_are
from minigrad.ops import activation, elementwise, join, piecewise, products, reduce
from minigrad.ops import shape as shaping
from minigrad.ops.complaints import explained
from minigrad.ops.primitive import primitive
from minigrad.recording import recording


def swapped(op: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """The same op with its operands exchanged, for operators of which self is on the right."""

    def reflected(self: Any, other: Any) -> Any:
        return op(other, self)

    return reflected


def compared(ufunc: np.ufunc) -> Callable[[Any, Any], Array]:
    """A comparison: entry by entry, a plain array of bools."""

    def comparison(self: Any, other: Any) -> Array:
        try:
            return ufunc(self._data, other._data if isinstance(other, Node) else other)
        except Exception as error:
            pair = {"a": self, "b": other}
            raise explained(error, ufunc.__name__, pair, elementwise=True) from None

    return comparison


def in_place(operator: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operator such as +=. What is recorded must not change, so there x += y is x = x + y."""

    def change(self: Tensor, other: Any) -> Any:
        if self.op is not None:
            return operator(self, other)
        check_writable(self)
        try:
            result = operator(self._data, other._data if isinstance(other, Node) else other)
        except Exception as error:
            pair = {"x": self, "y": other}
            raise explained(error, "in-place change", pair, elementwise=True) from None
        if result.shape != self.shape:
            raise ValueError(
                f"in-place change of a tensor of shape {self.shape}: the result would have shape "
                f"{result.shape}; write x = x + ... to make a new tensor"
            )
        self._data[...] = result
        self.touch()
        return self

    return change


def check_writable(x: Tensor) -> None:
    """A leaf that requires grad may be written to only where nothing is recorded."""
    if x._needs and recording.path is not None:
        raise RuntimeError(
            "in-place change of a leaf that requires grad, while recording: do it inside "
            "no_grad(), or write x = x + ... to make a new tensor"
        )


def as_array(data: Any, dtype: Any, copy: bool) -> Array:
    """data as a real array of native byte order; a TypeError for anything else."""
    if isinstance(data, Node):
        data = data._data
    elif isinstance(data, (list, tuple)) and any(isinstance(x, Node) for x in data):
        data = [x._data if isinstance(x, Node) else x for x in data]
    try:
        array = np.array(data, dtype=dtype, copy=True if copy else None)
    except (TypeError, ValueError, OverflowError) as error:
        shown = " ".join(repr(data).split())
        raise type(error)(
            f"Tensor: cannot make an array of {shown:.80}: {str(error).partition('. The')[0]}; "
            "wanted real numbers, in rows of one length, and a dtype of NumPy's such as float"
        ) from None
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"Tensor: data must be real numbers or bools, got {type(data).__name__} of dtype "
            f"{array.dtype}: {' '.join(repr(data).split()):.80}"
        )
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


@primitive(symbol="copy", x=lambda g, _y, _x: g)
def clone(x: Any) -> Any:
    """y = x, in memory of its own"""
    return np.array(x)


def spelled(op: Callable[..., Any]) -> Callable[..., Any]:
    """A method that takes a shape or axes as one tuple or one by one: x.reshape(2, 3)."""

    @functools.wraps(op)
    def method(self: Any, *numbers: Any) -> Any:
        if len(numbers) == 1 and (numbers[0] is None or np.ndim(numbers[0])):
            return op(self, numbers[0])
        return op(self, numbers or None)

    return method


def arrays_of(value: Any) -> Any:
    """The same with arrays for tensors, also inside lists and tuples."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(arrays_of, value))
    return value._data if isinstance(value, Node) else value


class Tensor(Differentiable, Convertible):
    """An array of numbers, and a node of the graph.

    data: whatever np.array takes; it is copied (`from_numpy` shares). Only floating-point tensors
    can require a gradient. A number that meets a tensor takes its dtype; otherwise dtypes are
    promoted as in NumPy.

    >>> w = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="w")
    >>> loss = (w * w).sum()
    >>> loss.backward()
    >>> w.grad
    Tensor([2., 4., 6.])
    """

    __slots__ = ()

    # NumPy functions that take tensors: {np.exp: exp, ...}, and those that give plain arrays.
    numpy_functions: ClassVar[dict[Any, Callable[..., Any]]] = {}
    numpy_plain: ClassVar[frozenset[Any]] = frozenset()

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        *,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        as_leaf(self, as_array(data, dtype, copy=True), False, name)
        if requires_grad:
            self.requires_grad = True

    @property
    def T(self) -> Any:
        """The tensor with its axes reversed."""
        return shaping.transpose(self)

    # --- NumPy's functions ---

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if options.get("out") is not None:
            raise TypeError(
                f"np.{ufunc.__name__} cannot write a tensor's result into an array (out=, or "
                "array += tensor): write array = array + tensor, or use tensor.data"
            )
        if method != "__call__":
            raise TypeError(
                f"np.{ufunc.__name__}.{method} has no derivative in minigrad: use the functions of "
                "minigrad, such as sum, or tensor.data for a result without a gradient"
            )
        return self.__array_function__(ufunc, (), inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        op = self.numpy_functions.get(function)
        if op is not None:
            return op(*args, **options)
        if function in self.numpy_plain:
            return function(*map(arrays_of, args), **{k: arrays_of(v) for k, v in options.items()})
        name = getattr(function, "__name__", function)
        raise TypeError(
            f"np.{name} has no derivative in minigrad: use the functions of minigrad, or "
            "tensor.data for a result without a gradient"
        )

    # --- Operators ---

    __add__, __radd__ = elementwise.add, swapped(elementwise.add)
    __sub__, __rsub__ = elementwise.subtract, swapped(elementwise.subtract)
    __mul__, __rmul__ = elementwise.multiply, swapped(elementwise.multiply)
    __truediv__, __rtruediv__ = elementwise.divide, swapped(elementwise.divide)
    __floordiv__, __rfloordiv__ = piecewise.floor_divide, swapped(piecewise.floor_divide)
    __mod__, __rmod__ = elementwise.remainder, swapped(elementwise.remainder)
    __pow__, __rpow__ = elementwise.power, swapped(elementwise.power)
    __matmul__, __rmatmul__ = products.matmul, swapped(products.matmul)
    __neg__, __pos__, __abs__ = elementwise.negative, elementwise.positive, piecewise.abs
    __round__, __floor__, __ceil__ = piecewise.round, piecewise.floor, piecewise.ceil
    __lt__, __le__ = compared(np.less), compared(np.less_equal)
    __gt__, __ge__ = compared(np.greater), compared(np.greater_equal)
    __eq__, __ne__ = compared(np.equal), compared(np.not_equal)  # type: ignore[assignment]
    __hash__ = object.__hash__  # by identity: == goes entry by entry
    __iadd__, __isub__ = in_place(operator.add), in_place(operator.sub)
    __imul__, __itruediv__ = in_place(operator.mul), in_place(operator.truediv)
    __ipow__ = in_place(operator.pow)

    def __getitem__(self, index: Any) -> Any:
        return shaping.getitem(self, shaping.plain_index(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.op is not None:
            raise RuntimeError(
                "in-place change of a tensor that is part of a graph: use where(), concatenate() "
                "or a mask to make a new one"
            )
        check_writable(self)
        index = shaping.plain_index(index)
        try:
            self._data[index] = value._data if isinstance(value, Node) else value
        except Exception as error:
            given = {"x": self, "index": index, "value": value}
            raise explained(error, "assignment to x[index]", given) from None
        self.touch()

    # --- Methods ---

    abs, exp, exp2, expm1 = piecewise.abs, elementwise.exp, elementwise.exp2, elementwise.expm1
    log, log2, log10, log1p = (
        elementwise.log,
        elementwise.log2,
        elementwise.log10,
        elementwise.log1p,
    )
    clone = clone
    sqrt, square, sign = elementwise.sqrt, elementwise.square, piecewise.sign
    reciprocal, power, pow = elementwise.reciprocal, elementwise.power, elementwise.power
    sin, cos, tan = elementwise.sin, elementwise.cos, elementwise.tan
    arcsin, arccos, arctan = elementwise.arcsin, elementwise.arccos, elementwise.arctan
    sinh, cosh, tanh = elementwise.sinh, elementwise.cosh, elementwise.tanh
    maximum, minimum, clip = piecewise.maximum, piecewise.minimum, piecewise.clip
    floor, ceil, round, astype = (
        piecewise.floor,
        piecewise.ceil,
        piecewise.round,
        shaping.astype,
    )
    relu, sigmoid, softplus = activation.relu, activation.sigmoid, activation.softplus
    softmax, log_softmax = activation.softmax, activation.log_softmax

    sum, mean, prod = reduce.sum, reduce.mean, reduce.prod
    var, std, norm = reduce.var, reduce.std, reduce.norm
    max, min, amax, amin = reduce.max, reduce.min, reduce.amax, reduce.amin
    argmax, argmin = reduce.argmax, reduce.argmin
    cumsum, cumprod, logsumexp = reduce.cumsum, reduce.cumprod, reduce.logsumexp

    reshape, transpose = spelled(shaping.reshape), spelled(shaping.transpose)
    view, permute = reshape, transpose
    ravel, flatten = shaping.ravel, shaping.flatten
    squeeze, expand_dims, unsqueeze = shaping.squeeze, shaping.expand_dims, shaping.expand_dims
    swapaxes, moveaxis, flip, roll = shaping.swapaxes, shaping.moveaxis, shaping.flip, shaping.roll
    broadcast_to, repeat, tile = shaping.broadcast_to, shaping.repeat, shaping.tile
    take, take_along_axis, diagonal = shaping.take, shaping.take_along_axis, shaping.diagonal
    tril, triu, split = shaping.tril, shaping.triu, join.split

    matmul, dot, inner, outer = products.matmul, products.dot, products.inner, products.outer
    trace = products.trace


nodes_are(Tensor)
