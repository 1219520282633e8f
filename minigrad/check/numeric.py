"""Derivatives by evaluation alone: whole Jacobians, and gradients.

Differences of nearby values lose digits where they cancel; the complex step takes none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.check.complex_step import complex_jacobian
from minigrad.check.slopes import STEPS, power_of_two, typical
from minigrad.check.subject import NUMBERS, check_memory, listed, name_of
from minigrad.graph import Array, Node, leaf

# f'(x) ≈ Σ weight · f(x + offset · h) / h
STENCILS = {
    1: {0: -1.0, 1: 1.0},
    2: {-1: -1 / 2, 1: 1 / 2},
    4: {-2: 1 / 12, -1: -8 / 12, 1: 8 / 12, 2: -1 / 12},
}
ORDERS = {"forward": 1, "central": 2, "4th": 4}  # the methods that take differences
METHODS = (*ORDERS, "complex")
USUAL = 4  # order


def numerical_jacobian(
    func: Callable[..., Any],
    inputs: Any,
    *,
    input: int = 0,
    eps: float | None = None,
    order: int = USUAL,
    method: str | None = None,
) -> Any:
    """∂yᵢ/∂xⱼ by evaluating func near x: an array of shape y.shape + x.shape.

    "forward", order 1: (f(x+h) − f(x)) / h;   "central", order 2: (f(x+h) − f(x−h)) / 2h;
    "4th", order 4: (f(x−2h) − 8 f(x−h) + 8 f(x+h) − f(x+2h)) / 12h;
    "complex": Im f(x + ih) / h.

    method names one of them; without it, order does. "complex" has no order to choose: nothing
    cancels, so h is so small (1e-100) that no error is left but the rounding of f itself.

    inputs: a tensor, an array or a tuple of them; x is the one with number `input`. func gets
    copies in float64, as tensors; for "complex" as plain arrays, x of them complex, because tensors
    are real. There func must be written in NumPy or in minigrad's functions (as functions:
    mg.exp(x), not x.exp()), and in such that are analytic: abs, norm, round, float() or a cast drop
    the imaginary part, in which the derivative travels. A func that does so is an error.
    eps: the step h; by default it is chosen for each entry of x, from its size and the method.
    Several outputs give a tuple of arrays.

    Errors: ValueError for another order or method, for two that contradict each other, for an eps
    that is not positive, and if func drops the imaginary part; IndexError for an input that is not
    there; TypeError for one that is no array, and if func refuses complex numbers.
    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 25.3.6 (1964). Squire and
    Trapp, Using Complex Variables to Estimate Derivatives of Real Functions, SIAM Review 40 (1998).

    >>> import numpy as np
    >>> numerical_jacobian(lambda x: x * x, np.array([1.0, 3.0])).round(6) + 0.0
    array([[2., 0.],
           [0., 6.]])
    >>> float(numerical_jacobian(np.exp, 1.0, method="complex") - np.exp(1.0))
    0.0
    """
    order = chosen_order(order, method)
    check_step(eps)
    arrays = [in_float64(i, x) for i, x in enumerate(listed(inputs))]
    place = chosen(arrays, input)
    with np.errstate(all="ignore"):
        if method == "complex":
            return complex_jacobian(func, arrays, place, eps)
        return difference_jacobian(func, arrays, place, eps, order)


def numerical_gradient(
    func: Callable[..., Any],
    inputs: Any,
    *,
    input: int = 0,
    eps: float | None = None,
    order: int = USUAL,
    method: str | None = None,
) -> Array:
    """∂y/∂x of a function that returns one number, by evaluating it: an array like x.

    Arguments and errors as for `numerical_jacobian`; a ValueError if y is not one number.

    >>> import numpy as np
    >>> numerical_gradient(lambda x: (x * x).sum(), np.array([1.0, 3.0])).round(6)
    array([2., 6.])
    """
    jacobian = numerical_jacobian(func, inputs, input=input, eps=eps, order=order, method=method)
    shape = np.shape(array_of(listed(inputs)[input]))
    if isinstance(jacobian, tuple) or jacobian.ndim != len(shape):
        raise ValueError(
            f"numerical_gradient: {name_of(func)} must return a single number, a 0-d tensor; for "
            "other functions there is numerical_jacobian"
        )
    return jacobian


def difference_jacobian(
    func: Callable[..., Any], arrays: Sequence[Any], k: int, eps: float | None, order: int
) -> Any:
    """The Jacobian with respect to input k by differences of an order."""
    x = arrays[k]
    y = called(func, arrays)
    jacobians = [np.empty((*out.shape, *x.shape)) for out in arrays_of(y)]
    for index in np.ndindex(x.shape):
        h = eps or STEPS[order] * power_of_two(max(abs(float(x[index])), typical(x)))
        for jacobian, slope in zip(jacobians, slopes(func, arrays, k, index, h, order)):
            jacobian[(..., *index)] = slope
    return tuple(jacobians) if isinstance(y, (tuple, list)) else jacobians[0]


def slopes(
    func: Callable[..., Any],
    arrays: Sequence[Any],
    k: int,
    index: tuple[int, ...],
    h: float,
    order: int,
) -> list[Array]:
    """The derivatives of all outputs with respect to one entry of input k."""
    total: list[Any] = []
    for offset, weight in STENCILS[order].items():
        moved = arrays[k].copy(order="K")
        moved[index] += offset * h
        outputs = arrays_of(called(func, [moved if i == k else x for i, x in enumerate(arrays)]))
        terms = [weight / h * y for y in outputs]
        total = [a + b for a, b in zip(total, terms)] if total else terms
    return total


def called(func: Callable[..., Any], arrays: Sequence[Any]) -> Any:
    """func of tensors made from the arrays; what is no array is passed on."""
    copies = [x.copy(order="K") if isinstance(x, np.ndarray) else x for x in arrays]
    return func(*[leaf(x) if isinstance(x, np.ndarray) else x for x in copies])


def arrays_of(y: Any) -> list[Array]:
    """The outputs as arrays in float64."""
    several = y if isinstance(y, (tuple, list)) else [y]
    return [np.asarray(array_of(one), np.float64) for one in several]


def array_of(x: Any) -> Any:
    return x._data if isinstance(x, Node) else x


def in_float64(i: int, x: Any) -> Any:
    """A floating-point input as an array in float64; anything else as it is."""
    array = array_of(x)
    if not isinstance(array, (np.ndarray, np.generic, float)):
        return array
    check_memory(f"input {i}", np.asarray(array))
    floating = np.asarray(array).dtype.kind == "f"
    return np.array(array, np.float64 if floating else None, order="K")


# --- Checking the arguments -------------------------------------------------------------------


def chosen(arrays: list[Any], k: int) -> int:
    """The place of the input that is varied; whole numbers there are put into float64."""
    if not -len(arrays) <= k < len(arrays):
        raise IndexError(f"numerical_jacobian: input={k}, but there are {len(arrays)} inputs")
    if not isinstance(arrays[k], (np.ndarray, *NUMBERS)):
        kind = type(arrays[k]).__name__
        raise TypeError(f"numerical_jacobian: input {k} is a {kind}, not a tensor or array")
    k %= len(arrays)
    arrays[k] = np.array(arrays[k], np.float64, order="K")
    return k


def chosen_order(order: int, method: str | None) -> int:
    """The order of the differences: that of the method, if one is given."""
    if order not in STENCILS:
        raise ValueError(f"numerical_jacobian: order must be 1, 2 or 4, got {order!r}")
    if method is None:
        return order
    if method not in METHODS:
        known = ", ".join(map(repr, METHODS))
        raise ValueError(f"numerical_jacobian: method must be one of {known}, got {method!r}")
    if order not in (USUAL, ORDERS.get(method)):
        raise ValueError(
            f"numerical_jacobian: order={order} and method={method!r} contradict each other: give "
            "one of them"
        )
    return ORDERS.get(method, order)


def check_step(eps: float | None) -> None:
    if eps is not None and not eps > 0:
        raise ValueError(f"numerical_jacobian: eps must be positive, got {eps!r}")
