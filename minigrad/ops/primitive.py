"""How an op is made: a function with its derivatives beside it.

    @primitive(x=lambda g, y, x: g * y)
    def exp(x):
        return np.exp(x)

`exp` then takes arrays, and is plain NumPy; or nodes, and is recorded. Left of a slash in the
signature (without one: left of the star) stand the inputs through which gradients flow, right of
it plain parameters. A rule gets g = ∂L/∂y, the output y, then all inputs and parameters.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, Protocol, TypeVar, cast, overload

import numpy as np

from minigrad.graph import EVEN, NO_PARAMS, Array, Node, Op, Rule, leaf, recorded
from minigrad.ops.arguments import (
    array_of,
    as_numbers,
    constant,
    merged,
    plain_parameter,
    signature,
)
from minigrad.ops.complaints import REAL, called, explained, op_error
from minigrad.ops.rules import set_part, set_rule, set_rules
from minigrad.recording import recording
from minigrad.walk import gradients
from minigrad.words import shown

P = ParamSpec("P")
R = TypeVar("R", bound=Rule)
Pay = Callable[[Node, Any], None]  # what the walk gives to an op, to hand each input its share


class Primitive(Protocol[P]):
    """A recorded function, as `primitive` makes it: call it on tensors, arrays or numbers."""

    op: Op
    __name__: str

    def __call__(self, *args: P.args, **params: P.kwargs) -> Any: ...

    def __get__(self, instance: object, owner: Any = None) -> Callable[..., Any]: ...

    def wrt(self, *names: str) -> Callable[[R], R]:
        """A decorator: this rule is the derivative with respect to the inputs named."""

    def fast(self, backward: R) -> R:
        """A decorator: backward(g, y, *inputs, saved, wanted) gives all shares, on arrays."""

    def definition(self, composed: R) -> R:
        """A decorator: the same function, composed of smaller ops."""

    def with_saved(self, *args: Any, **params: Any) -> tuple[Any, Any]:
        """The output, and what forward saved for backward."""


class Elementwise(Op):
    """An op that works entry by entry. One or two inputs are the hot path of the walk."""

    elementwise = True


class Unary(Elementwise):
    """One input: nothing to choose."""

    def pay(self, node: Node, g: Any, pay: Pay) -> None:
        (x,) = node.inputs
        pay(x, self.rules[0](g, node._data, x._data))


class Binary(Elementwise):
    """Two inputs, of which both or one may want a gradient."""

    def pay(self, node: Node, g: Any, pay: Pay) -> None:
        a, b = node.inputs
        left, right = self.rules
        y, xa, xb = node._data, a._data, b._data
        if a._needs:
            pay(a, left(g, y, xa, xb))
        if b._needs:
            pay(b, right(g, y, xa, xb))


class Fused(Op):
    """An op that is differentiated again through its definition."""

    def shares(self, node: Node, g: Any, on_nodes: bool, on_path: Any) -> Sequence[Any]:
        if not on_nodes or self.definition is None:
            return super().shares(node, g, on_nodes, on_path)
        aliases = [x.alias() for x in node.inputs]  # the walk ends here, not at the leaves behind
        targets = [x for x in aliases if x._needs and (on_path is None or x.inputs[0] in on_path)]
        composed = self.definition(*aliases, **node.params)
        found = gradients([composed], [g], targets, create_graph=True)
        return [found.get(x) for x in aliases]


@overload
def primitive(function: Callable[P, Any], /) -> Primitive[P]: ...


@overload
def primitive(
    function: None = None,
    /,
    *,
    symbol: str = "",
    kind: type[Op] = Op,
    saves: bool = False,
    **rules: Rule | None,
) -> Callable[[Callable[P, Any]], Primitive[P]]: ...


def primitive(
    function: Callable[..., Any] | None = None,
    /,
    *,
    symbol: str = "",
    kind: type[Op] = Op,
    saves: bool = False,
    **rules: Rule | None,
) -> Any:
    """Make a recorded op of a function on arrays; keywords are the derivatives by input name.

    A rule is called as rule(g, y, *inputs, **params) and returns ∂L/∂input for g = ∂L/∂y; it is
    written in operators and ops, so that it works on arrays and can be differentiated again.
    Un-broadcasting and dtype are taken care of. A longer rule has a name: `@op.wrt("x")`.
    None says that an input has no derivative (an index, a condition).

    >>> import minigrad as mg
    >>> import numpy as np
    >>> @mg.primitive(x=lambda g, y, x: g * 3 * x * x)
    ... def cube(x):
    ...     return x * x * x
    >>> x = mg.Tensor([1.0, 2.0], requires_grad=True)
    >>> cube(x).backward(np.array([1.0, 1.0]))
    >>> x.grad.tolist()
    [3.0, 12.0]
    """
    if function is not None and not hasattr(function, "__code__"):
        raise TypeError(
            f"primitive: got {shown(function)} ({type(function).__name__}), wanted a function; "
            "derivatives are keywords: @primitive(x=lambda g, y, x: ...)"
        )
    if function is None:
        return lambda function: made_of(function, symbol, kind, saves, rules)
    return made_of(function, symbol, kind, saves, rules)


def made_of(
    function: Callable[..., Any],
    symbol: str,
    kind: type[Op],
    saves: bool,
    rules: dict[str, Rule | None],
) -> Any:
    """The op of a function, and the function that records it."""
    inputs, params, variadic = signature(function)
    if kind is Elementwise and len(inputs) <= 2 and not (params or saves):
        kind = Unary if len(inputs) == 1 else Binary
    op = kind(function.__name__, function, inputs)
    op.symbol, op.saves, op.variadic = symbol or op.name, saves, variadic
    for name, rule in rules.items():
        set_rule(op, name, rule)

    def with_saved(*args: Any, **given: Any) -> tuple[Any, Any]:
        if len(args) > len(inputs) and not variadic:
            args, given = args[: len(inputs)], merged(op, params, args[len(inputs) :], given)
        while args and args[-1] is None:  # optional inputs, left out
            args = args[:-1]
        like = next((x for x in args if isinstance(x, Node)), None)
        if like is None:
            try:
                out = function(*[as_numbers(op, x) for x in args], **given)
            except Exception as error:
                raise op_error(error, op, args, given) from None
            return out if saves else (out, None)
        if given:
            given = {name: plain_parameter(op, name, value) for name, value in given.items()}
        nodes = tuple([x if isinstance(x, Node) else constant(x, like, op) for x in args])
        try:
            out = function(*[x._data for x in nodes], **given)
        except Exception as error:
            raise op_error(error, op, nodes, given) from None
        y, saved = out if saves else (out, None)
        return made(op, y, nodes, given or NO_PARAMS, saved), saved

    def apply(*args: Any, **given: Any) -> Any:
        return with_saved(*args, **given)[0]

    if kind is Unary or kind is Binary:
        apply = (unary if kind is Unary else binary)(op, only_ufunc(function, len(inputs)))
    face: Any = functools.wraps(function)(apply)
    face.op = op
    face.wrt = lambda *names: functools.partial(set_rules, op, names)
    face.fast = functools.partial(set_part, op, "backward")
    face.definition = functools.partial(set_part, op, "definition")
    face.with_saved = with_saved
    return face


def elementwise(
    symbol: str = "", **rules: Rule | None
) -> Callable[[Callable[P, Any]], Primitive[P]]:
    """Make a recorded op of a function that works entry by entry; see `primitive`."""
    return lambda function: made_of(function, symbol, Elementwise, False, rules)


def plain(function: Callable[P, Any]) -> Callable[P, Any]:
    """A function without a derivative: it takes tensors as arrays, and gives arrays."""

    @functools.wraps(function)
    def apply(*args: Any, **given: Any) -> Any:
        try:
            return function(*map(array_of, args), **{k: array_of(v) for k, v in given.items()})
        except Exception as error:
            raise explained(error, function.__name__, called(function, args, given)) from None

    return cast(Any, apply)


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands in for an array, to see what a function does with it."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return ufunc, method, inputs, options


def only_ufunc(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The ufunc that a function is, if all it does is to call one; else the function itself.

    Most elementwise ops are: `return a * b` is np.multiply. Called directly, it saves a call.
    """
    if function.__code__.co_exceptiontable:  # a `with` or `try` around the call belongs to it
        return function
    arrays = tuple(Traced() for _ in range(count))
    try:
        ufunc, method, inputs, options = function(*arrays)
    except Exception:  # whatever it does to its arguments, it is more than one ufunc
        return function
    in_order = len(inputs) == count and all(x is a for x, a in zip(inputs, arrays))
    return ufunc if method == "__call__" and in_order and not options else function


def unary(op: Op, function: Callable[..., Any]) -> Callable[..., Any]:
    """The call of an elementwise op of one input, without detours."""

    def apply(x: Any, /) -> Any:
        if not isinstance(x, Node):
            try:
                return function(as_numbers(op, x))
            except Exception as error:
                raise op_error(error, op, (x,), NO_PARAMS) from None
        try:
            y = function(x._data)
        except Exception as error:
            raise op_error(error, op, (x,), NO_PARAMS) from None
        if y.__class__ is not Array:
            y = np.asarray(y)  # NumPy turns 0-d results into scalars
        if x._needs:
            path = recording.path
            if path is not None:
                return recorded(y, op, (x,), path, NO_PARAMS, EVEN)
        return leaf(y)

    return apply


def binary(op: Op, function: Callable[..., Any]) -> Callable[..., Any]:
    """The call of an elementwise op of two inputs, without detours."""

    def apply(a: Any, b: Any, /) -> Any:
        if isinstance(a, Node):
            if not isinstance(b, Node):
                b = constant(b, a, op)
        elif isinstance(b, Node):
            a = constant(a, b, op)
        else:
            try:
                return function(as_numbers(op, a), as_numbers(op, b))
            except Exception as error:
                raise op_error(error, op, (a, b), NO_PARAMS) from None
        xa, xb = a._data, b._data
        try:
            y = function(xa, xb)
        except Exception as error:
            raise op_error(error, op, (a, b), NO_PARAMS) from None
        if y.__class__ is not Array:
            y = np.asarray(y)
        if a._needs or b._needs:
            path = recording.path
            if path is not None:
                even = EVEN if xa.shape == xb.shape and xa.dtype is xb.dtype else None
                return recorded(y, op, (a, b), path, NO_PARAMS, even)
        return leaf(y)

    return apply


def made(op: Op, y: Any, inputs: tuple[Any, ...], params: dict[str, Any], saved: Any) -> Any:
    """The node of an op's result: with its history if a gradient is wanted, else a leaf."""
    if y.__class__ is not Array:
        y = np.asarray(y)  # NumPy turns 0-d results into scalars
        if y.dtype.kind not in REAL:
            raise no_array(op, y)
    path = recording.path
    if path is not None and y.dtype.kind == "f":
        for x in inputs:
            if x._needs:
                return recorded(y, op, inputs, path, params, saved)
    return leaf(y)


def no_array(op: Op, y: Array) -> TypeError:
    """What an op returned is not made of real numbers."""
    return TypeError(
        f"{op.name} returned {shown(y.tolist())}, wanted an array of real numbers: does its "
        "function end in return?"
    )
