"""Derivatives of functions: what backward() does, without touching anybody's .grad.

Inputs may be tensors or arrays, one or several in a tuple or list; results are Tensors in the
structure of the inputs. All of these are built on one thing, the vector-Jacobian product of the
walk; the other direction (`jvp`) is the derivative of that product, which is linear.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad import walk
from minigrad.graph import Node, tick
from minigrad.recording import enable_grad
from minigrad.tensor import Tensor
from minigrad.words import shown

ORDERS = "²³⁴"


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Any, ...]:
    """∂outputs/∂x for every x of inputs, weighted by grad_outputs and summed over the outputs.

    outputs, inputs, grad_outputs: one tensor or several. A scalar output needs no grad_outputs.
    create_graph: the results can be differentiated again.
    Errors: a RuntimeError for an input that the outputs do not depend on; with allow_unused it
    gets None instead.

    >>> x = Tensor(2.0, requires_grad=True)
    >>> (first,) = grad(x**3, x, create_graph=True)
    >>> (second,) = grad(first, x)
    >>> first.item(), second.item()
    (12.0, 12.0)
    """
    roots, targets = as_list(outputs), as_list(inputs)
    for i, y in enumerate(roots):
        if not isinstance(y, Node):
            hint = "; call it first: grad(f(x), x)" if callable(y) else other_graph(y)
            raise TypeError(
                f"grad: output {i} is {shown(y)} ({type(y).__name__}), wanted a tensor{hint}"
            )
    upstream = [None] * len(roots) if grad_outputs is None else as_list(grad_outputs)
    if len(upstream) != len(roots):
        raise ValueError(
            f"grad: {len(roots)} outputs, but {len(upstream)} grad_outputs; give one for each"
        )
    for i, x in enumerate(targets):
        if not isinstance(x, Node):
            raise TypeError(
                f"grad: input {i} is {shown(x)} ({type(x).__name__}), "
                f"wanted a tensor{other_graph(x)}"
            )
        if not x._needs:
            raise RuntimeError(
                f"grad: input {i} does not require grad, so nothing leads to it: make it with "
                "requires_grad=True before the outputs are computed"
            )
    start = tick()
    found = walk.gradients(roots, upstream, targets, create_graph=create_graph)
    unused = [i for i, x in enumerate(targets) if x not in found]
    if unused and not allow_unused:
        raise RuntimeError(
            f"grad: the outputs do not depend on input {unused[0]}; pass allow_unused=True to get "
            "None for it"
        )
    if create_graph and len(roots) == 1:
        name_slopes(roots[0], found, start)
    return tuple(walk.owned(x, found) if x in found else None for x in targets)


def other_graph(x: Any) -> str:
    """What to do instead with a Value, whose graph is another one."""
    return "; of Values call loss.backward(), and read x.grad" if hasattr(x, "inputs") else ""


def name_slopes(y: Node, found: dict[Node, Any], start: int) -> None:
    """Call the gradients that were made since start what they are, for pictures: ∂y/∂x, ∂²y/∂x²."""
    for x, g in found.items():
        if y.name and x.name and g.op is not None and g.name is None and g.order < start:
            g.name = slope_name(y.name, x.name)


def slope_name(y: str, x: str) -> str:
    """The derivative of y by x; y may be one itself.

    >>> slope_name("y", "x"), slope_name("∂y/∂x", "x"), slope_name("∂y/∂x", "w")
    ('∂y/∂x', '∂²y/∂x²', '∂(∂y/∂x)/∂w')
    """
    for lower, higher in zip(("", *ORDERS), ORDERS):
        if y.startswith(f"∂{lower}") and y.endswith(f"/∂{x}{lower}"):
            of = y.removeprefix(f"∂{lower}").removesuffix(f"/∂{x}{lower}")
            return f"∂{higher}{of}/∂{x}{higher}"
    return f"∂({y})/∂{x}" if y.startswith("∂") else f"∂{y}/∂{x}"


def value_and_grad(f: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """A function that returns f's value and its gradient with respect to all of its arguments.

    f must return a scalar. One argument gives one gradient, several a tuple.

    >>> import numpy as np
    >>> value, gradient = value_and_grad(lambda x: (x * x).sum())(np.array([1.0, 3.0]))
    >>> value.item(), gradient.tolist()
    (10.0, [2.0, 6.0])
    """

    if not callable(f):
        raise TypeError(f"value_and_grad: got {shown(f)}, wanted a function of tensors")

    def both(*inputs: Any) -> tuple[Any, Any]:
        xs = [fresh(x) for x in inputs]
        y = recorded_call("value_and_grad", f, xs)
        gs = grad_or_zeros(y, xs, None)
        return y.detach(), gs[0] if len(gs) == 1 else tuple(gs)

    return both


def vjp(f: Callable[..., Any], inputs: Any, v: Any = None) -> tuple[Any, Any]:
    """(f(x), vᵀ J): the vector-Jacobian product, one backward pass.

    v has the structure of the output; it may be left out for a scalar.
    """
    xs = [fresh(x) for x in as_list(inputs)]
    y = recorded_call("vjp", f, xs)
    ys = as_list(y)
    vs = [None] * len(ys) if v is None else as_list(v)
    gs = grad_or_zeros(ys, xs, vs)
    return detached(y), like(inputs, gs)


def jvp(f: Callable[..., Any], inputs: Any, v: Any) -> tuple[Any, Any]:
    """(f(x), J v): the derivative of f in the direction v, which has the structure of inputs.

    uᵀ J is linear in u, so its derivative with respect to u, weighted with v, is J v.
    """
    xs, directions = [fresh(x) for x in as_list(inputs)], as_list(v)
    check_alike("jvp", xs, directions)
    y = recorded_call("jvp", f, xs)
    ys = as_list(y)
    us = [Tensor(np.zeros_like(node._data), requires_grad=True) for node in ys]
    pulled = grad_or_zeros(ys, xs, us, create_graph=True)
    linear = [(p, d) for p, d in zip(pulled, directions) if p._needs]
    if not linear:
        return detached(y), like(y, [Tensor(np.zeros_like(node._data)) for node in ys])
    products, weights = zip(*linear)
    return detached(y), like(y, grad_or_zeros(list(products), us, list(weights)))


def jacobian(f: Callable[..., Any], inputs: Any) -> Any:
    """∂yᵢ/∂xⱼ: for one output and one input a Tensor of shape y.shape + x.shape.

    Several inputs give a tuple, one entry each; several outputs a tuple of those. It takes one
    backward pass for every entry of the output.
    """
    xs = [fresh(x) for x in as_list(inputs)]
    y = recorded_call("jacobian", f, xs)
    rows = [like(inputs, jacobian_of(node, xs)) for node in as_list(y)]
    return tuple(rows) if isinstance(y, (tuple, list)) else rows[0]


def hessian(f: Callable[..., Any], inputs: Any) -> Any:
    """∂²y/∂xᵢ∂xⱼ of a scalar function: a Tensor of shape x.shape + x.shape.

    Several inputs give a tuple of tuples.
    """
    xs = [fresh(x) for x in as_list(inputs)]
    y = recorded_call("hessian", f, xs)
    firsts = grad_or_zeros(y, xs, None, create_graph=True)
    return like(inputs, [like(inputs, jacobian_of(first, xs)) for first in firsts])


def hvp(f: Callable[..., Any], inputs: Any, v: Any) -> tuple[Any, Any]:
    """(f(x), H v): the Hessian of a scalar function times v, without building H."""
    xs, directions = [fresh(x) for x in as_list(inputs)], as_list(v)
    check_alike("hvp", xs, directions)
    y = recorded_call("hvp", f, xs)
    firsts = grad_or_zeros(y, xs, None, create_graph=True)
    pairs = [(first, d) for first, d in zip(firsts, directions) if first._needs]
    if not pairs:
        return detached(y), like(inputs, [Tensor(np.zeros_like(x._data)) for x in xs])
    slopes, weights = zip(*pairs)
    return detached(y), like(inputs, grad_or_zeros(list(slopes), xs, list(weights)))


# --- Parts ----------------------------------------------------------------------------------


def as_list(value: Any) -> list[Any]:
    """One thing or several, as a list."""
    return list(value) if isinstance(value, (tuple, list)) else [value]


def like(structure: Any, values: Sequence[Any]) -> Any:
    """The values in a tuple, or alone, as structure has it."""
    return tuple(values) if isinstance(structure, (tuple, list)) else values[0]


def fresh(x: Any) -> Tensor:
    """A leaf of the same value that requires grad: what f is differentiated at."""
    array = x._data if isinstance(x, Node) else np.asarray(x)
    if array.dtype.kind in "iub":
        array = array.astype(float)
    return Tensor(array, requires_grad=True)


def recorded_call(name: str, f: Callable[..., Any], xs: Sequence[Tensor]) -> Any:
    """f(*xs), recorded also inside no_grad; a TypeError if the result is not of tensors."""
    check_takes(name, f, len(xs))
    with enable_grad():
        y = f(*xs)
    for node in as_list(y):
        if not isinstance(node, Node):
            raise TypeError(
                f"{name}: the function must return a Tensor or a tuple of them, got "
                f"{type(node).__name__}; compute it from the inputs with minigrad's functions"
            )
    return y


def check_takes(name: str, f: Callable[..., Any], n: int) -> None:
    """A TypeError if f is no function, or does not take n inputs."""
    if not callable(f):
        raise TypeError(
            f"{name}: got {shown(f)} ({type(f).__name__}), wanted a function of tensors"
        )
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):  # some functions written in C do not tell
        return
    try:
        signature.bind(*range(n))
    except TypeError as error:
        title = getattr(f, "__name__", type(f).__name__)
        raise TypeError(
            f"{name}: the function {title}{signature} does not take {n} inputs ({error}); several "
            "inputs are given as a tuple"
        ) from None


def grad_or_zeros(outputs: Any, xs: Sequence[Any], v: Any, create_graph: bool = False) -> list[Any]:
    """Like grad, with zeros where an output does not depend on an input."""
    outputs = as_list(outputs)
    v = [None] * len(outputs) if v is None else v
    paired = [(y, u) for y, u in zip(outputs, v) if y._needs]
    found: dict[Node, Any] = {}
    if paired:
        roots, upstream = zip(*paired)
        found = walk.gradients(roots, upstream, xs, create_graph=create_graph)
    return [walk.owned(x, found) if x in found else Tensor(np.zeros_like(x._data)) for x in xs]


def jacobian_of(y: Any, xs: Sequence[Tensor]) -> list[Tensor]:
    """The Jacobian of one output for each of xs: one backward pass per entry of y."""
    rows: list[list[Any]] = [[] for _ in xs]
    for unit in np.eye(y._data.size, dtype=y._data.dtype):
        for row, g in zip(rows, grad_or_zeros([y], xs, [unit.reshape(y._data.shape)])):
            row.append(g._data)
    return [
        Tensor(np.reshape(row, y._data.shape + x._data.shape), dtype=x._data.dtype)
        for row, x in zip(rows, xs)
    ]


def detached(y: Any) -> Any:
    return like(y, [node.detach() for node in as_list(y)])


def check_alike(name: str, xs: Sequence[Node], vs: Sequence[Any]) -> None:
    """A direction has to have the structure and shapes of the inputs."""
    shapes, given = [x._data.shape for x in xs], [np.shape(v) for v in vs]
    if shapes != given:
        raise ValueError(f"{name}: v must have the shapes of the inputs, {shapes}; got {given}")
