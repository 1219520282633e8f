"""What is checked: a program, seen as a function from arrays to arrays with a gradient.

Whatever comes in (tensors, arrays, the parameters of a module), a check works on private copies in
float64. Parameters lend their place to the copies while it runs, and have their own arrays back
afterwards, also when the program raises.
"""

from __future__ import annotations

import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad import walk
from minigrad.functional import check_takes
from minigrad.graph import Array, Node, leaf, topological
from minigrad.recording import enable_grad
from minigrad.value import Value

NUMBERS = (int, float, np.integer, np.floating)


@dataclass
class Input:
    """Something with respect to which derivatives are checked."""

    label: str  # "input 0", "parameter conv.weight"
    array: Array  # its values in float64, a private copy
    given: np.dtype[Any]  # the dtype that it came in
    parameter: Any = None  # the parameter that lends its place
    name: str | None = None


class Subject(ABC):
    """A function of several arrays, with the gradient that is to be checked."""

    name = "the function"
    inputs: Sequence[Input] = ()

    @abstractmethod
    def values(self, arrays: Sequence[Array]) -> list[Array]:
        """The outputs for these values of the inputs."""

    @abstractmethod
    def gradients(
        self, arrays: Sequence[Array], cotangents: Sequence[Sequence[Array]]
    ) -> list[list[Array]]:
        """For each cotangent u (an array per output) ∂⟨u, outputs⟩/∂x for every input x."""

    def connected(self, arrays: Sequence[Array]) -> list[bool]:
        """Which outputs have an input in their graph."""
        return [True] * len(self.values(arrays))

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        """Everything that a call changes outside of its arguments is put back at the end."""
        yield


class Program(Subject):
    """Something that computes with tensors and records its graph."""

    @abstractmethod
    def call(self, arrays: Sequence[Array]) -> tuple[list[Any], list[Any]]:
        """The nodes of the inputs, and those of the outputs."""

    def values(self, arrays: Sequence[Array]) -> list[Array]:
        return [y._data for y in self.call(arrays)[1]]

    def gradients(
        self, arrays: Sequence[Array], cotangents: Sequence[Sequence[Array]]
    ) -> list[list[Array]]:
        nodes, outputs = self.call(arrays)
        return [backward(nodes, outputs, us) for us in cotangents]

    def connected(self, arrays: Sequence[Array]) -> list[bool]:
        nodes, outputs = self.call(arrays)
        sources = set(nodes)
        return [y._needs and not sources.isdisjoint(topological(y)) for y in outputs]


def backward(nodes: Sequence[Any], outputs: Sequence[Any], us: Sequence[Array]) -> list[Array]:
    """∂⟨us, outputs⟩/∂node for each node; zeros where nothing leads to it."""
    pairs = [(y, u) for y, u in zip(outputs, us) if y._needs]
    roots, upstream = [y for y, _ in pairs], [u for _, u in pairs]
    found = walk.gradients(roots, upstream, nodes)
    return [np.asarray(found[x]) if x in found else np.zeros_like(x._data) for x in nodes]


@dataclass
class FunctionCall(Program):
    """func(*arguments), where some of the arguments and some parameters vary."""

    func: Callable[..., Any]
    arguments: list[Any]
    inputs: list[Input] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)  # argument: the input that stands there
    modules: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name = name_of(self.func)

    def call(self, arrays: Sequence[Array]) -> tuple[list[Any], list[Any]]:
        nodes = [placed(x, array) for x, array in zip(self.inputs, arrays)]
        arguments = list(self.arguments)
        for i, k in self.places.items():
            arguments[i] = nodes[k]
        with enable_grad():
            y = self.func(*arguments)
        return nodes, tensors_of(y, self.name)

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        """Parameters, buffers and the attributes of modules come back as they were."""
        parameters = [x.parameter for x in self.inputs if x.parameter is not None]
        tensors = [*parameters, *(b for m in self.modules for _, b in buffers(m))]
        before = [(x, x._data, x._data.copy(), x._grad, x.order) for x in tensors]
        attributes = [(vars(m), dict(vars(m))) for m in parts(self.modules)]
        try:
            yield
        finally:
            for now, then in attributes:
                now.clear()
                now.update(then)
            for x, data, copy, grad, order in before:
                if data.flags.writeable:
                    data[...] = copy
                x._data, x._grad, x.order = data, grad, order


def placed(x: Input, array: Array) -> Any:
    """The node through which the program sees an array: a fresh leaf, or the parameter."""
    if x.parameter is None:
        node = leaf(array, True)
        node.name = x.name
        return node
    x.parameter._data = array
    return x.parameter


def tensors_of(y: Any, name: str) -> list[Any]:
    """The outputs of a program in which a derivative can be taken."""
    several = isinstance(y, (tuple, list, dict))
    outputs = [t for t in flattened(y) if isinstance(t, Node)]
    if not outputs:
        kind = "no tensor among several things" if several else type(y).__name__
        raise TypeError(
            f"gradcheck: {name} must return a Tensor or a tuple of them, got {kind}; "
            "float(), .item(), .data and np.asarray cut the graph"
        )
    return [t for t in outputs if t._data.dtype.kind == "f"]


def flattened(y: Any) -> Iterator[Any]:
    """What there is in nested tuples, lists and dicts: an LSTM returns (y, (h, c))."""
    if isinstance(y, (tuple, list, dict)):
        for part in y.values() if isinstance(y, dict) else y:
            yield from flattened(part)
    else:
        yield y


def parts(modules: Sequence[Any]) -> list[Any]:
    """The modules and all that they are made of."""
    return [part for m in modules for part in (m.modules() if hasattr(m, "modules") else [m])]


def buffers(module: Any) -> list[tuple[str, Any]]:
    return list(module.named_buffers()) if hasattr(module, "named_buffers") else []


def name_of(func: Any) -> str:
    """What messages call a function."""
    func = func.func if isinstance(func, functools.partial) else func
    owner = getattr(func, "__self__", None)  # of Function.apply: the op's class
    name = getattr(owner if isinstance(owner, type) else func, "__name__", type(func).__name__)
    return "the function" if name == "<lambda>" else name


# --- From what the caller gave to a subject ---------------------------------------------------


def bound(func: Callable[..., Any], inputs: Any) -> FunctionCall:
    """The call func(*inputs), with everything varied in it that can have a gradient.

    These are tensors that require one, arrays and NumPy's numbers of floating point, and all
    parameters of modules, be they inputs or func itself. Only if there is none of these, whole
    numbers and Python's are varied too: beside others they are labels, indices, settings.
    Errors: a ValueError if nothing is left to vary; a TypeError if func cannot be called.
    """
    if not callable(func):
        raise TypeError(f"gradcheck: func must be callable, got {type(func).__name__}")
    arguments = listed(inputs)
    call = FunctionCall(func, arguments)
    vary(call, is_floating)
    if not call.inputs:
        vary(call, is_number)
    if not call.inputs:
        raise ValueError(
            f"gradcheck of {call.name}: no input requires a gradient; make a tensor with "
            "requires_grad=True, or give arrays"
        )
    if call.modules and len(arguments) == len(call.modules) and takes_nothing(func):
        call.arguments, call.places = [], {}
    check_takes("gradcheck", func, len(call.arguments))
    return call


def listed(inputs: Any) -> list[Any]:
    """The arguments: a tuple of them, a list of tensors or arrays, or a single one."""
    if isinstance(inputs, tuple):
        return list(inputs)
    if isinstance(inputs, list):
        if all(isinstance(x, (Node, Value, np.ndarray)) or is_module(x) for x in inputs):
            return inputs
        return [np.asarray(inputs)]
    return [inputs]


def vary(call: FunctionCall, wanted: Callable[[Any], bool]) -> None:
    """Make inputs of the arguments that are wanted, and of the parameters of all modules."""
    call.modules = [x for x in (call.func, *call.arguments) if is_module(x)]
    for i, x in enumerate(call.arguments):
        if wanted(x):
            call.places[i] = len(call.inputs)
            call.inputs.append(private(f"input {i}", x))
    seen = set()
    for module in call.modules:
        for name, p in module.named_parameters():
            if p._needs and p not in seen:
                seen.add(p)
                call.inputs.append(private(f"parameter {name}", p, p))


def private(label: str, x: Any, parameter: Any = None) -> Input:
    """A copy of x in float64, with its axes in the same order in memory."""
    given = x._data if isinstance(x, Node) else np.asarray(x)
    check_memory(label, given)
    array = np.array(given, np.float64, order="K")
    if not np.isfinite(array).all():
        raise ValueError(f"gradcheck: {label} has non-finite values: nothing can be varied there")
    return Input(label, array, given.dtype, parameter, getattr(x, "name", None))


def check_memory(label: str, x: Array) -> None:
    """A RuntimeError if two entries share a place in memory: they cannot vary separately."""
    reach = 0
    steps = sorted((abs(s), n) for s, n in zip(x.strides, x.shape) if n > 1 and x.size)
    for stride, n in steps:
        if stride < reach + x.itemsize:
            raise RuntimeError(
                f"gradcheck: {label} of shape {x.shape} has overlapping memory (strides "
                f"{x.strides}): several entries share a place; pass a copy, np.array(x)"
            )
        reach += stride * (n - 1)


def is_module(x: Any) -> bool:
    return hasattr(x, "named_parameters") and not isinstance(x, type)


def is_floating(x: Any) -> bool:
    if isinstance(x, Node):
        return x._needs
    return isinstance(x, (np.ndarray, np.floating)) and x.dtype.kind == "f"


def is_number(x: Any) -> bool:
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "iu"
    return isinstance(x, NUMBERS) and not isinstance(x, bool)


def takes_nothing(func: Callable[..., Any]) -> bool:
    """Whether func is called without arguments: a closure over the module that was given."""
    try:
        return not inspect.signature(func).parameters
    except (TypeError, ValueError):
        return False
