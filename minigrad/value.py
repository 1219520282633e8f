"""Value: one number that remembers how it was made. Chapter one: no arrays yet.

While a program computes y = f(a, b), each op also notes its local derivatives ∂y/∂a and ∂y/∂b:
two plain numbers, on the edges from y back to its inputs. After that a gradient needs no calculus
any more. Along a path from the loss back to a Value the numbers are multiplied; where paths meet,
they are added. That is the chain rule, and all there is to backpropagation.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from itertools import repeat
from operator import add, attrgetter, eq, ge, gt, le, lt, mul, ne
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np

from minigrad import ieee
from minigrad.ieee import Number
from minigrad.words import shown

Method = TypeVar("Method", bound=Callable[..., Any])


class Op(NamedTuple):
    """What made a Value: in words, on the board, as a formula."""

    name: str
    symbol: str
    formula: str


OPS: dict[str, Op] = {}  # by the sign that a Value carries in _op


def sign(text: str, name: str = "", symbol: str = "") -> Callable[[Method], Method]:
    """A decorator: the method makes Values of this sign; its docstring starts with the formula."""

    def register(method: Method) -> Method:
        OPS[text] = Op(name or text, symbol or text, str(method.__doc__).partition("\n")[0])
        return method

    return register


def swapped(op: Callable[[Value, Any], Value]) -> Callable[[Value, Any], Value]:
    """The same op with the operands exchanged: 2 - x is subtract(Value(2), x)."""
    return lambda self, other: op(as_value(other), self)


def by_value(compare: Callable[[Any, Any], bool]) -> Callable[[Value, object], bool]:
    """A comparison of Values and numbers."""
    return lambda self, other: compare(self.data, other.data if isinstance(other, Value) else other)


class Value:
    """A number `data`, its gradient `grad` after `backward()`, and a `label` for people.

    Ops follow IEEE 754: inf and nan, never an exception. Comparisons are by value, and so is
    `v in values`; as a key of a dict or set each Value is only itself. TypeError for anything but
    real numbers.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> y = a * b + a
    >>> y.backward()
    >>> y.data, a.grad, b.grad
    (-4.0, -2.0, 2.0)
    """

    # Made from a, or from a and b; da and db are ∂self/∂a and ∂self/∂b. The few ops of more
    # inputs have all of them in `many`, then all of the derivatives. A leaf was made from nothing.
    __slots__ = ("__weakref__", "_op", "a", "b", "da", "data", "db", "grad", "label", "many")
    data: float
    grad: float
    a: Value | None
    da: float
    b: Value | None
    db: float
    many: tuple[tuple[Value, ...], tuple[float, ...]]

    def __init__(self, data: Number, label: str = "") -> None:
        if not isinstance(label, str):
            raise TypeError(f"Value: label must be a string, got {shown(label)}")
        self.data, self.grad, self.label = ieee.real(data), 0.0, label
        self.a, self.b, self.many, self._op = None, None, NOTHING, ""

    # --- Arithmetic: the result, the sign, then each input with its local derivative ------------

    @sign("+", "add")
    def __add__(self, other: Value | Number) -> Value:
        """y = a + b"""
        b = other if type(other) is Value else as_value(other)
        return node(self.data + b.data, "+", self, 1.0, b, 1.0)

    @sign("-", "subtract", "−")
    def __sub__(self, other: Value | Number) -> Value:
        """y = a − b"""
        b = other if type(other) is Value else as_value(other)
        return node(self.data - b.data, "-", self, 1.0, b, -1.0)

    @sign("*", "multiply", "×")
    def __mul__(self, other: Value | Number) -> Value:
        """y = a · b"""
        b = other if type(other) is Value else as_value(other)
        u, v = self.data, b.data
        return node(u * v, "*", self, v, b, u)

    @sign("/", "divide", "÷")
    def __truediv__(self, other: Value | Number) -> Value:
        """y = a / b"""
        b = other if type(other) is Value else as_value(other)
        u, v = self.data, b.data
        y = ieee.divide(u, v)
        return node(y, "/", self, ieee.divide(1.0, v), b, ieee.divide(-y, v))

    @sign("**", "power", "xʸ")
    def __pow__(self, other: Value | Number) -> Value:
        """y = aᵇ; nan where a < 0 and b is not a whole number."""
        b = other if type(other) is Value else as_value(other)
        u, v = self.data, b.data
        y = ieee.power(u, v)
        da = 0.0 if v == 0 else v * ieee.power(u, v - 1.0)
        db = 0.0 if u == 0 and v >= 0 else y * ieee.log(u)
        return node(y, "**", self, da, b, db)

    @sign("neg", "negative", "−")
    def __neg__(self) -> Value:
        """y = −x"""
        return node(-self.data, "neg", self, -1.0)

    @sign("abs", symbol="| |")
    def __abs__(self) -> Value:
        """y = |x|; a kink at 0, where the derivative is taken as 0."""
        x = self.data
        return node(abs(x), "abs", self, 1.0 if x > 0 else -1.0 if x < 0 else x)

    __radd__, __rsub__, __rmul__ = swapped(__add__), swapped(__sub__), swapped(__mul__)
    __rtruediv__, __rpow__ = swapped(__truediv__), swapped(__pow__)

    # --- Functions --------------------------------------------------------------------------------

    @sign("exp")
    def exp(self) -> Value:
        """y = eˣ"""
        y = ieee.exp(self.data)
        return node(y, "exp", self, y)

    @sign("log")
    def log(self) -> Value:
        """y = ln x; −inf at 0, nan below."""
        x = self.data
        return node(ieee.log(x), "log", self, ieee.divide(1.0, x))

    @sign("sqrt", symbol="√")
    def sqrt(self) -> Value:
        """y = √x; the derivative 1 / (2√x) is inf at 0."""
        y = ieee.sqrt(self.data)
        return node(y, "sqrt", self, ieee.divide(0.5, y))

    @sign("sin")
    def sin(self) -> Value:
        """y = sin x, x in radians."""
        x = self.data
        return node(ieee.sin(x), "sin", self, ieee.cos(x))

    @sign("cos")
    def cos(self) -> Value:
        """y = cos x, x in radians."""
        x = self.data
        return node(ieee.cos(x), "cos", self, -ieee.sin(x))

    @sign("tanh")
    def tanh(self) -> Value:
        """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)"""
        y = math.tanh(self.data)
        return node(y, "tanh", self, 1.0 - y * y)

    @sign("sigmoid", symbol="σ")
    def sigmoid(self) -> Value:
        """y = 1 / (1 + e⁻ˣ)"""
        y = ieee.sigmoid(self.data)
        return node(y, "sigmoid", self, y * (1.0 - y))

    @sign("ReLU", "relu")
    def relu(self) -> Value:
        """y = max(x, 0); a kink at 0, where the derivative is taken as 0."""
        x = self.data
        return node(0.0 if x <= 0 else x, "ReLU", self, 0.0 if x <= 0 else 1.0)

    @sign("softplus")
    def softplus(self) -> Value:
        """y = ln(1 + eˣ); above 20, as in PyTorch, x itself."""
        x = self.data
        y, dx = (x, 1.0) if x > 20 else (math.log1p(math.exp(x)), ieee.sigmoid(x))
        return node(y, "softplus", self, dx)

    # --- Many inputs: one node in place of a chain of them ----------------------------------------

    @staticmethod
    @sign("sum", symbol="Σ")
    def sum(xs: Iterable[Value | Number]) -> Value:
        """y = Σ xᵢ"""
        inputs = values_of("Value.sum: xs", xs)
        y = sum([x.data for x in inputs], 0.0)
        return node_of_many(y, "sum", inputs, [1.0] * len(inputs))

    @staticmethod
    @sign("dot", symbol="·")
    def dot(
        ws: Iterable[Value | Number], xs: Iterable[Value | Number], bias: Value | Number = 0
    ) -> Value:
        """y = Σ wᵢ xᵢ + bias

        A neuron before its activation. ValueError if there are not as many weights as inputs.
        """
        w, x = values_of("Value.dot: ws", ws), values_of("Value.dot: xs", xs)
        b = as_value(bias)
        if len(w) != len(x):
            raise ValueError(f"Value.dot: {len(w)} ws, but {len(x)} xs; give one w for each x")
        dw, dx = [v.data for v in x], [v.data for v in w]
        y = sum(map(mul, dx, dw), b.data)
        return node_of_many(y, "dot", [*w, *x, b], [*dw, *dx, 1.0])

    # --- Backpropagation --------------------------------------------------------------------------

    def backward(self) -> None:
        """Add ∂self/∂v to v.grad for every Value v that self was made from, and for self.

        The chain rule: ∂L/∂v is the sum, over everything made from v, of its own gradient times
        its derivative at v. Going back from the result, a node's gradient is complete when its
        turn comes. A second call adds the same again: set `grad` to 0 between training steps.
        TypeError, before anything is changed, if a `data` or `grad` was set to what is no number.
        Lecture: "Loss gradient w.r.t filter" (expanding the chain rule).
        """
        order = topological(self)
        require_numbers(order, "data")
        require_numbers(order, "grad")
        grads = dict.fromkeys(order, 0.0)
        grads[self] = 1.0
        for y in reversed(order):
            g = grads[y]
            if y.a is None:
                for x, dx in zip(*y.many):
                    grads[x] += g * dx
            else:
                grads[y.a] += g * y.da
                if y.b is not None:
                    grads[y.b] += g * y.db
        sums = map(add, map(attrgetter("grad"), grads), grads.values())
        deque(
            map(setattr, grads, repeat("grad"), sums), maxlen=0
        )  # in C: all or none, even on Ctrl-C

    # --- A number among numbers -------------------------------------------------------------------

    __eq__, __ne__ = by_value(eq), by_value(ne)
    __lt__, __le__ = by_value(lt), by_value(le)
    __gt__, __ge__ = by_value(gt), by_value(ge)
    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """np.exp(v) is v.exp(), np.float64(2) * v is 2.0 * v: so NumPy treats entries that are
        objects. TypeError for arrays, and for what a Value cannot do."""
        entries = [np.array(as_value(x), dtype=object) for x in inputs]
        try:
            return getattr(ufunc, method)(*entries, **options)
        except (TypeError, AttributeError):
            raise TypeError(
                f"np.{ufunc.__name__}: a Value cannot do this; take its number, x.data, where no "
                "gradient is wanted, or a Tensor, which has more ops"
            ) from None

    def __bool__(self) -> bool:
        return self.data != 0

    def __float__(self) -> float:
        return float(self.data)

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    # --- A node of the graph: what pictures and explanations read, of Values as of Tensors --------

    requires_grad = True
    shape = ()
    path = ""
    params: ClassVar[dict[str, Any]] = {}

    @property
    def inputs(self) -> tuple[Value, ...]:
        """What it was made from, one entry per use; () for a leaf."""
        if self.a is None:
            return self.many[0]
        return (self.a,) if self.b is None else (self.a, self.b)

    @property
    def local_derivatives(self) -> tuple[float, ...]:
        """∂self/∂x for each of the inputs x."""
        if self.a is None:
            return self.many[1]
        return (self.da,) if self.b is None else (self.da, self.db)

    @property
    def op(self) -> Op | None:
        """What made it, with `.name`, `.symbol` and `.formula`; None for a leaf."""
        return OPS.get(self._op)

    @property
    def name(self) -> str | None:
        """The label, if it has one; what Tensors call it."""
        return self.label or None

    @name.setter
    def name(self, name: str | None) -> None:
        self.label = name or ""

    _prev = inputs


class Constant(Value):
    """A number that met a Value: a leaf whose gradient nobody asked for."""

    __slots__ = ()
    requires_grad = False


NOTHING: tuple[tuple[Value, ...], tuple[float, ...]] = ((), ())

_new = object.__new__


def node(data: float, sign: str, a: Any, da: float, b: Any = None, db: float = 0.0) -> Value:
    """A Value that the op of this sign made of a, or of a and b."""
    y = _new(Value)
    y.data, y.grad, y.label = data, 0.0, ""
    y.a, y.da, y._op = a, da, sign
    y.b, y.db, y.many = b, db, NOTHING
    return y


def node_of_many(data: float, sign: str, inputs: list[Value], derivatives: list[float]) -> Value:
    """A Value that the op of this sign made of any number of inputs."""
    y = node(data, sign, None, 0.0)
    y.many = tuple(inputs), tuple(derivatives)
    return y


def values_of(argument: str, many: Any) -> list[Value]:
    """The items of an argument as Values."""
    try:
        return [as_value(x) for x in iter(many)]
    except TypeError:
        if hasattr(many, "__iter__"):
            raise
        raise TypeError(
            f"{argument} must be a list of Values or numbers, got {shown(many)} "
            f"({type(many).__name__})"
        ) from None


def as_value(x: Any) -> Value:
    """x itself, or a constant."""
    return x if isinstance(x, Value) else Constant(x)


def require_numbers(values: list[Value], field: str) -> None:
    """TypeError if this field of a Value, data or grad, was set to what is no number."""
    kinds = set(map(type, map(attrgetter(field), values)))
    if all(issubclass(kind, Number) for kind in kinds):
        return
    wrong = next(v for v in values if not isinstance(getattr(v, field), Number))
    found = getattr(wrong, field)
    raise TypeError(
        f"backward: {field} of {wrong.label or 'a Value'} has to be a number, and was set to "
        f"{shown(found)} ({type(found).__name__}); of a Value take its .data, and where there is "
        "no gradient write 0.0"
    )


def topological(root: Value) -> list[Value]:
    """Everything that root was made from, and root: each Value behind its inputs."""
    order: list[Any] = []
    seen: set[Any] = set()
    stack: list[Any] = [root]
    while stack:
        v = stack.pop()
        if v is None:  # all inputs of the one below have their places
            order.append(stack.pop())
        elif v not in seen:
            seen.add(v)
            stack += v, None
            stack += v.inputs
    return order
