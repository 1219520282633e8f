"""Function: an op written as a class with forward and backward, as in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.graph import Array, Node, Op, leaf, recorded
from minigrad.ops.arguments import array_of
from minigrad.ops.complaints import REAL
from minigrad.recording import no_grad, recording
from minigrad.words import shown


class Context:
    """What forward leaves for backward."""

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self.saved_tensors: tuple[Any, ...] = ()

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors for backward, which finds them in saved_tensors."""
        self.saved_tensors = tensors


class Call(NamedTuple):
    """One call of a Function, as its node saves it: for backward, and to be made again."""

    context: Context
    args: tuple[Any, ...]  # None in the places of the tensors
    kwargs: dict[str, Any]
    positions: tuple[int, ...]  # of the tensors, the node's inputs, among the arguments
    shapes: list[tuple[int, ...]]  # of the outputs

    def arguments(self, tensors: Sequence[Any]) -> list[Any]:
        """The positional arguments, with these tensors in their places."""
        arguments = list(self.args)
        for i, tensor in zip(self.positions, tensors):
            arguments[i] = tensor
        return arguments


class FunctionOp(Op):
    """The op of a Function subclass: what its node saves is the Call."""

    def __init__(self, function: type[Function]) -> None:
        super().__init__(function.__name__, function.forward, ["inputs"])
        self.formula = (function.__doc__ or "").strip().partition("\n")[0]
        self.function, self.variadic = function, True

    def shares(self, node: Node, g: Any, on_nodes: bool, on_path: Any) -> Sequence[Any]:
        context, call = node.saved.context, node.saved
        gs = pieces(g if on_nodes else leaf(np.asarray(g)), call.shapes)
        if on_nodes:
            given = self.function.backward(context, *gs)
        else:
            with no_grad():
                given = self.function.backward(context, *gs)
        given = given if isinstance(given, tuple) else (given,)
        if len(given) != len(context.needs_input_grad):
            raise RuntimeError(
                f"{self.name}.backward returned {len(given)} gradients, forward took "
                f"{len(context.needs_input_grad)} inputs: return one for each, None where there "
                "is none"
            )
        shares = [given[i] for i in call.positions]
        if on_nodes:
            return [as_node(s) if x._needs else None for s, x in zip(shares, node.inputs)]
        return [
            None if s is None or not x._needs else np.asarray(array_of(s))
            for s, x in zip(shares, node.inputs)
        ]


class Function:
    """An op of your own, with PyTorch's interface: subclass it, call `MyOp.apply(...)`.

    forward(ctx, *inputs) gets tensors (not recorded) and returns one or a tuple of them.
    backward(ctx, *gradients) gets one gradient per output and returns one per input. Written in
    operators and ops, it can be differentiated again.

    >>> from minigrad import Tensor
    >>> class Cube(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return g * 3 * x**2
    >>> x = Tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    Tensor(12.)
    """

    @staticmethod
    def forward(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        """The output for these inputs."""
        raise TypeError("a Function needs a static method forward(ctx, *inputs)")

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """∂L/∂input for each input, given ∂L/∂output for each output."""
        raise TypeError("a Function needs a static method backward(ctx, *gradients)")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Call forward and record it."""
        nodes = [(i, x) for i, x in enumerate(args) if isinstance(x, Node)]
        context = Context(tuple(isinstance(x, Node) and x._needs for x in args))
        out, arrays = run(cls, context, args, kwargs)
        wanted = recording.path is not None and any(context.needs_input_grad)
        if not wanted:
            made = tuple(leaf(array) for array in arrays)
            return made if isinstance(out, tuple) else made[0]
        positions, inputs = zip(*nodes)
        rest = tuple(None if isinstance(x, Node) else x for x in args)
        call = Call(context, rest, kwargs, positions, [array.shape for array in arrays])
        op = cls.__dict__.get("_op") or FunctionOp(cls)
        cls._op = op
        node = recorded(joined(arrays), op, inputs, recording.path or "", {}, call)
        parts = pieces(node, call.shapes)
        return tuple(parts) if isinstance(out, tuple) else parts[0]

    _op: FunctionOp


def run(
    function: type[Function], context: Context, args: Sequence[Any], kwargs: dict[str, Any]
) -> tuple[Any, list[Array]]:
    """What forward returns, and its outputs as arrays; nothing is recorded."""
    with no_grad():
        out = function.forward(context, *args, **kwargs)
    outs = out if isinstance(out, tuple) else (out,)
    arrays = [np.asarray(array_of(y)) for y in outs]
    for array in arrays:
        if array.dtype.kind not in REAL:
            raise TypeError(
                f"{function.__name__}.forward returned {shown(out)}, wanted a tensor or an array "
                "of real numbers, or a tuple of them"
            )
    return out, arrays


def joined(outputs: Sequence[Array]) -> Array:
    """The outputs of a Function as one array: a single one as it is, several in a long vector."""
    return outputs[0] if len(outputs) == 1 else np.concatenate([y.ravel() for y in outputs])


def pieces(packed: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """The outputs cut out of what `joined` made of them.

    So an op has one output everywhere in minigrad, and outputs that nobody used get zeros.
    """
    if len(shapes) == 1:
        return [packed]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes]).tolist()
    return [packed[i:j].reshape(shape) for i, j, shape in zip([0, *ends], ends, shapes)]


def as_node(share: Any) -> Any:
    return share if share is None or isinstance(share, Node) else leaf(np.asarray(share))
