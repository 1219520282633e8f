"""Tensor: an array that remembers how it was made.

The class is an index: it says which op each operator and method is; nothing is computed here.
NumPy's own functions arrive through `__array_ufunc__` and `__array_function__`, and are looked up
in one table.
"""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from minigrad import graph, walk
from minigrad.graph import NO_PARAMS, Array, Extra, Node, tick
from minigrad.ops import activation, elementwise, linalg, reduce
from minigrad.ops import shape as shaping
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
        return ufunc(self._data, other._data if isinstance(other, Node) else other)

    return comparison


def in_place(operator: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operator such as +=. What is recorded must not change, so there x += y is x = x + y."""

    def change(self: Tensor, other: Any) -> Any:
        if self.op is not None:
            return operator(self, other)
        check_writable(self)
        result = operator(self._data, other._data if isinstance(other, Node) else other)
        if result.shape != self.shape:
            raise ValueError(
                f"in-place change of a tensor of shape {self.shape}: the result would have shape "
                f"{result.shape}"
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
        raise type(error)(f"Tensor: cannot make an array of {data!r:.80}: {error}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"Tensor: data must be real numbers or bools, got {type(data).__name__} of dtype "
            f"{array.dtype}: {data!r:.80}"
        )
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def floating_point_only(dtype: Any) -> RuntimeError:
    return RuntimeError(
        f"only floating point tensors can require a gradient, this one is {dtype}: "
        "make it with dtype=float, or use .astype(float)"
    )


class Handle:
    """What register_hook returns."""

    def __init__(self, hooks: dict[int, Any], hook: Callable[[Any], Any]) -> None:
        self.hooks, self.key = hooks, tick()
        hooks[self.key] = hook

    def remove(self) -> None:
        """Take the hook out again; twice does no harm."""
        self.hooks.pop(self.key, None)


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


def restored(kind: type[Any], state: Any) -> Any:
    """A leaf from its pickled state."""
    tensor: Any = object.__new__(kind)
    tensor.__setstate__(state)
    return tensor


class Tensor(Node):
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
        array = as_array(data, dtype, copy=True)
        self._data, self._needs, self._grad, self._extra = array, False, None, None
        self.op, self.inputs, self.params, self.saved = None, (), NO_PARAMS, None
        self.path, self.name, self.order = "", name, tick()
        if requires_grad:
            self.requires_grad = True

    # --- What it holds ---

    @property
    def data(self) -> Array:
        """The tensor's own array; writing to it is up to you, and not recorded."""
        return self._data

    @data.setter
    def data(self, value: Any) -> None:
        array = np.asarray(value._data if isinstance(value, Node) else value)
        if array.shape != self._data.shape:
            raise ValueError(
                f"tensor.data has shape {self._data.shape}, the new array {array.shape}: they must "
                "be the same; make a new tensor for another shape"
            )
        if self._needs and array.dtype.kind != "f":
            raise floating_point_only(array.dtype)
        self._data = array
        self.touch()

    @property
    def grad(self) -> Any:
        """∂(root)/∂(this), added up over backward passes: a Tensor, or None before the first."""
        if self._grad is None and self.op is not None and not (self._extra and self._extra.retain):
            warnings.warn(
                "the .grad of a tensor that is not a leaf is not kept: call retain_grad() on it "
                "before backward()",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            if not isinstance(value, Node):
                value = Tensor(value, dtype=self._data.dtype)
            if value._data.shape != self._data.shape or value._data.dtype != self._data.dtype:
                raise RuntimeError(
                    f"a gradient of shape {value._data.shape}, {value._data.dtype}, does not fit "
                    f"a tensor of shape {self._data.shape}, {self._data.dtype}"
                )
        self._grad = value

    @property
    def requires_grad(self) -> bool:
        """Whether backward() computes a gradient here."""
        return self._needs

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if flag and self._data.dtype.kind != "f":
            raise floating_point_only(self._data.dtype)
        if self.op is not None and not flag:
            raise RuntimeError(
                "requires_grad can be switched off on a leaf only: this tensor was computed; "
                "use detach()"
            )
        self._needs = bool(flag)

    def requires_grad_(self, flag: bool = True) -> Tensor:
        """Set requires_grad, and return the tensor itself."""
        self.requires_grad = flag
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of every axis."""
        return self._data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of entries."""
        return self._data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries."""
        return self._data.dtype

    @property
    def T(self) -> Any:
        """The tensor with its axes reversed."""
        return shaping.transpose(self)

    # --- Differentiation ---

    def backward(
        self,
        gradient: Any = None,
        *,
        create_graph: bool = False,
        retain_graph: bool = True,
        inputs: Any = None,
    ) -> None:
        """Add ∂self/∂x to x.grad for every leaf x that requires a gradient.

        gradient: ∂L/∂self to start from, in self's shape; may be left out for a scalar.
        create_graph: record the gradients too, so that they can be differentiated again.
        retain_graph: False frees the graph during the walk, which saves memory.
        inputs: accumulate into these tensors only.
        Errors: a RuntimeError if self does not require grad, is no scalar and no gradient is
        given, or was freed; nothing has changed then.
        """
        walk.backward(
            self,
            gradient,
            create_graph=create_graph,
            retain_graph=retain_graph,
            inputs=[inputs] if isinstance(inputs, Node) else inputs,
        )

    def detach(self) -> Tensor:
        """A leaf that shares the data and has no history."""
        return graph.leaf(Tensor, self._data)

    clone = clone

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self._grad = None

    def retain_grad(self) -> None:
        """Keep the gradient of this tensor too when backward() passes, though it is no leaf."""
        if not self._needs:
            raise RuntimeError("retain_grad: this tensor does not require grad")
        if self.op is not None:
            self.extra().retain = True

    def register_hook(self, hook: Callable[[Any], Any]) -> Handle:
        """Call hook(gradient) whenever the gradient of this tensor is complete.

        What it returns, if not None, takes the gradient's place. `handle.remove()` undoes it.
        """
        if not self._needs:
            raise RuntimeError("register_hook: this tensor does not require grad")
        return Handle(self.extra().hooks, hook)

    def extra(self) -> Extra:
        """The place for hooks and the like, made when first needed."""
        if self._extra is None:
            self._extra = Extra()
        return self._extra

    # --- Out of the graph ---

    def numpy(self) -> Array:
        """The array, shared.

        Errors: a RuntimeError if the tensor requires grad: use .detach().numpy() or .data.
        """
        if self._needs:
            raise RuntimeError(
                "numpy() of a tensor that requires grad: use .detach().numpy(), or .data"
            )
        return self._data

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        array = self.numpy()
        return np.array(array, dtype=dtype) if copy else np.asarray(array, dtype=dtype)

    def item(self) -> Any:
        """The one entry as a Python number."""
        if self._data.size != 1:
            raise RuntimeError(
                f"a tensor with {self._data.size} elements cannot be converted to a scalar; "
                f"its shape is {self.shape}"
            )
        return self._data.item()

    def tolist(self) -> Any:
        """The entries as (nested) lists of Python numbers."""
        return self._data.tolist()

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise RuntimeError(
                f"the truth value of a tensor with {self._data.size} elements is ambiguous: "
                "use .data.any() or .data.all()"
            )
        return bool(self._data.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iu":
            raise TypeError(f"only a tensor of integers can be an index, got {self.dtype}")
        return int(self.item())

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self._data.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __repr__(self) -> str:
        text = np.array2string(self._data, prefix="Tensor(", separator=", ", threshold=100)
        notes = [text[:900]]
        if self._data.dtype not in (np.float64, np.int64, np.bool_):
            notes.append(f"dtype={self._data.dtype}")
        if self.op is not None:
            notes.append(f"op={self.op.name}")
        elif self._needs:
            notes.append("requires_grad=True")
        if self.name:
            notes.append(f"name={self.name[:40]!r}")
        return f"Tensor({', '.join(notes)})"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    # --- Copies of leaves ---

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if self.op is not None:
            raise RuntimeError(
                "deepcopy of a tensor that is not a leaf would copy its whole graph: detach() first"
            )
        other = type(self).__new__(type(self))
        memo[id(self)] = other
        other.__setstate__(self.__getstate__())
        return other

    def __copy__(self) -> Any:
        return self.detach().requires_grad_(self._needs) if self.op is None else self.clone()

    def __reduce__(self) -> Any:
        return restored, (type(self), self.__getstate__())

    def __getstate__(self) -> Any:
        if self.op is not None:
            raise RuntimeError(
                "pickling a tensor that is not a leaf would save its whole graph: detach() first"
            )
        grad = None if self._grad is None else self._grad._data.copy()
        return self._data.copy(), self._needs, self.name, grad, getattr(self, "__dict__", None)

    def __setstate__(self, state: Any) -> None:
        data, needs, name, grad, attributes = state
        Tensor.__init__(self, data, needs, name=name)
        self._grad = None if grad is None else Tensor(grad)
        if attributes:
            self.__dict__.update(attributes)

    # --- NumPy's functions ---

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if options.get("out") is not None:
            raise TypeError(
                f"np.{ufunc.__name__} cannot write a tensor's result into an array (out=, or "
                "array += tensor): write array = array + tensor, or use tensor.data"
            )
        if method != "__call__":
            raise TypeError(f"np.{ufunc.__name__}.{method} has no derivative in minigrad")
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
    __floordiv__, __rfloordiv__ = elementwise.floor_divide, swapped(elementwise.floor_divide)
    __mod__, __rmod__ = elementwise.remainder, swapped(elementwise.remainder)
    __pow__, __rpow__ = elementwise.power, swapped(elementwise.power)
    __matmul__, __rmatmul__ = linalg.matmul, swapped(linalg.matmul)
    __neg__, __pos__, __abs__ = elementwise.negative, elementwise.positive, elementwise.abs
    __round__, __floor__, __ceil__ = elementwise.round, elementwise.floor, elementwise.ceil
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
        self._data[shaping.plain_index(index)] = value._data if isinstance(value, Node) else value
        self.touch()

    # --- Methods ---

    abs, exp, exp2, expm1 = elementwise.abs, elementwise.exp, elementwise.exp2, elementwise.expm1
    log, log2, log10, log1p = (
        elementwise.log,
        elementwise.log2,
        elementwise.log10,
        elementwise.log1p,
    )
    sqrt, square, sign = elementwise.sqrt, elementwise.square, elementwise.sign
    reciprocal, power, pow = elementwise.reciprocal, elementwise.power, elementwise.power
    sin, cos, tan = elementwise.sin, elementwise.cos, elementwise.tan
    arcsin, arccos, arctan = elementwise.arcsin, elementwise.arccos, elementwise.arctan
    sinh, cosh, tanh = elementwise.sinh, elementwise.cosh, elementwise.tanh
    maximum, minimum, clip = elementwise.maximum, elementwise.minimum, elementwise.clip
    floor, ceil, round, astype = (
        elementwise.floor,
        elementwise.ceil,
        elementwise.round,
        elementwise.astype,
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
    tril, triu, split = shaping.tril, shaping.triu, shaping.split

    matmul, dot, inner, outer = linalg.matmul, linalg.dot, linalg.inner, linalg.outer
    trace = linalg.trace


Node.kind = Tensor
