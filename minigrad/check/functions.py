"""gradcheck and gradgradcheck: are the derivatives of a function what finite differences say?"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Real
from typing import Any

import numpy as np

from minigrad import walk
from minigrad.check.blame import with_blame
from minigrad.check.examine import Examination
from minigrad.check.looks import Rules
from minigrad.check.point import Settings
from minigrad.check.report import GradcheckError, Report
from minigrad.check.scalars import ScalarCall
from minigrad.check.subject import FunctionCall, Input, Program, Subject, bound, listed, name_of
from minigrad.graph import Array, Node, leaf
from minigrad.rng import Rng, generator
from minigrad.value import Value
from minigrad.words import shown


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float | None = None,
    atol: float | None = None,
    rtol: float | None = None,
    raise_exception: bool = True,
    fast_mode: bool = False,
    nondet_tol: float = 0.0,
    check_kinks: bool = True,
    rng: Rng = None,
    gradient: Callable[..., Any] | None = None,
) -> Report:
    """Compare the gradients of func(*inputs) with finite differences, entry by entry.

    ∂⟨u, f(x)⟩/∂x by backward, against (f(x−2h) − 8 f(x−h) + 8 f(x+h) − f(x+2h)) / 12h weighted
    by u, for random u. An error of 1e-7 of a slope is found, or as little as rounding allows.

    inputs: a tensor that requires grad, an array, a Value, a module (all of its parameters), or a
    tuple of them; a module as func adds its parameters. With a module alone as input, func takes
    it or nothing. Everything is computed in float64 on private copies; nothing is left changed.
    eps: the step; by default it is chosen from the size of each entry.
    atol, rtol: accept |analytic − numeric| ≤ atol + rtol |numeric| instead, for each entry of the
    Jacobian, as PyTorch does (whose values, 1e-5 and 1e-3, one has if only the other is given).
    fast_mode: random directions in place of single entries, for large inputs.
    nondet_tol: how far two calls may differ.
    check_kinks: compare the slopes from left and right too. Where they differ, as for |x| at 0, the
    report says so, and every value between them is accepted.
    rng: a seed or generator for the random weights; by default they are the same in every call.
    gradient: for a plain function of arrays, the function that somebody wrote for its gradient (for
    several inputs: a tuple); that is checked instead. If func returns one number it is called as
    gradient(*inputs); if func returns an array y, as gradient(*inputs, g) with g = ∂L/∂y.

    Errors: GradcheckError, an AssertionError with the report as its message, if something is wrong
    (raise_exception=False: the report is returned, and false); ValueError if no input requires a
    gradient, if a full check would be too large, or for non-finite inputs; RuntimeError if entries
    of an input share memory; TypeError if func returns no tensor; whatever func raises.

    >>> import numpy as np
    >>> import minigrad as mg
    >>> print(gradcheck(mg.tanh, np.array([0.5, -2.0])))  # doctest: +ELLIPSIS
    gradcheck of tanh: ok, worst error ... at input 0, element (1,)
                 shape  elements  worst error  verdict
        input 0  (2,)          2      ...  ok
    """
    rules = Rules(atol, rtol, check_kinks)
    settings = settled(rules, eps, fast_mode, nondet_tol, rng)
    subject: Subject
    if any(isinstance(x, Value) for x in listed(inputs)):
        subject = ScalarCall(func, inputs)
    elif gradient is not None:
        if not callable(gradient):
            raise TypeError(
                f"gradcheck: gradient is {shown(gradient)}, wanted the function that computes it"
            )
        subject = Formula(bound(func, inputs), gradient)
    else:
        subject = bound(func, inputs)
    return concluded(with_blame(Examination(subject, settings).run(), subject), raise_exception)


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float | None = None,
    atol: float | None = None,
    rtol: float | None = None,
    raise_exception: bool = True,
    fast_mode: bool = False,
    nondet_tol: float = 0.0,
    check_kinks: bool = True,
    rng: Rng = None,
) -> Report:
    """Compare second derivatives with finite differences of the first.

    The gradient ∂⟨u, f(x)⟩/∂x is itself a function of x and of u; it is computed with
    create_graph=True and checked by `gradcheck` with respect to both. grad_outputs: u, one array
    per output; random by default. The other arguments, and the errors, are those of `gradcheck`.
    """
    rules = Rules(atol, rtol, check_kinks)
    settings = settled(rules, eps, fast_mode, nondet_tol, rng)
    program = bound(func, inputs)
    with program.borrowed(), np.errstate(all="ignore"):
        subject = Gradient(program, cotangents(program, grad_outputs, settings.rng))
    report = Examination(subject, settings, "gradgradcheck").run()
    return concluded(with_blame(report, subject), raise_exception)


def settled(
    rules: Rules, eps: float | None, fast: bool, nondet_tol: float, rng: Rng
) -> Settings:  # fmt: skip
    """The settings, if they make sense."""
    named = {"eps": eps, "atol": rules.atol, "rtol": rules.rtol, "nondet_tol": nondet_tol}
    for name, value in named.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, Real)):
            raise TypeError(f"gradcheck: {name} must be a number, got {shown(value)}")
        if value is not None and not (value >= 0 and (value > 0 or name != "eps")):
            sign = "positive" if name == "eps" else "0 or more"
            raise ValueError(f"gradcheck: {name} must be {sign}, got {value!r}")
    source = generator(0 if rng is None else rng)
    return Settings(rules, eps, fast, nondet_tol=nondet_tol, rng=source)


def concluded(report: Report, raise_exception: bool) -> Report:
    """The report; or as an error, if it is bad and that is wanted."""
    if raise_exception and not report.ok:
        raise GradcheckError(report)
    return report


# --- Second derivatives -----------------------------------------------------------------------


class Gradient(Program):
    """The gradient of a program, as a function of its inputs and of the cotangents."""

    def __init__(self, program: FunctionCall, cotangents: Sequence[Input]) -> None:
        self.program, self.name = program, program.name
        self.inputs = [*program.inputs, *cotangents]

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        with self.program.borrowed():
            yield

    def call(self, arrays: Sequence[Array]) -> tuple[list[Any], list[Any]]:
        count = len(self.program.inputs)
        nodes, outputs = self.program.call(arrays[:count])
        us = [leaf(array, True) for array in arrays[count:]]
        pairs = [(y, u) for y, u in zip(outputs, us) if y._needs]
        roots, upstream = [y for y, _ in pairs], [u for _, u in pairs]
        found = walk.gradients(roots, upstream, nodes, create_graph=True)
        zeros = [leaf(np.zeros_like(x._data)) for x in nodes]
        return [*nodes, *us], [found.get(x, zero) for x, zero in zip(nodes, zeros)]

    def connected(self, arrays: Sequence[Array]) -> list[bool]:
        """A gradient that depends on nothing may be right: that of a step function is 0."""
        live = super().connected(arrays)
        return live if any(live) else [True] * len(live)


def cotangents(program: FunctionCall, given: Any, rng: np.random.Generator) -> list[Input]:
    """The cotangents of a program's outputs as inputs: given, or random."""
    outputs = program.values([x.array for x in program.inputs])
    if given is None:
        arrays = [np.asarray(rng.choice([-1, 1], y.shape) * rng.uniform(1, 2, y.shape))
                  for y in outputs]  # fmt: skip
    else:
        several = given if isinstance(given, (tuple, list)) else [given]
        arrays = [np.array(u._data if isinstance(u, Node) else u, np.float64) for u in several]
    if [u.shape for u in arrays] != [y.shape for y in outputs]:
        raise ValueError(
            f"gradgradcheck: grad_outputs have shapes {[u.shape for u in arrays]}, the outputs "
            f"{[y.shape for y in outputs]}: give one of the same shape for each output"
        )
    return [Input(f"grad_output {k}", u, u.dtype) for k, u in enumerate(arrays)]


# --- Gradients that somebody wrote down -------------------------------------------------------


class Formula(Subject):
    """A plain function of arrays, with its gradient given as another function."""

    def __init__(self, call: FunctionCall, gradient: Callable[..., Any]) -> None:
        self.call_, self.gradient, self.inputs = call, gradient, call.inputs
        self.name = name_of(call.func)

    def arguments(self, arrays: Sequence[Array]) -> list[Any]:
        arguments = list(self.call_.arguments)
        for i, k in self.call_.places.items():
            arguments[i] = arrays[k]
        return arguments

    def values(self, arrays: Sequence[Array]) -> list[Array]:
        y = self.call_.func(*self.arguments(arrays))
        return [np.asarray(y._data if isinstance(y, Node) else y, np.float64)]

    def gradients(
        self, arrays: Sequence[Array], cotangents: Sequence[Sequence[Array]]
    ) -> list[list[Array]]:
        arguments = self.arguments(arrays)
        if all(u.size == 1 for (u,) in cotangents):
            found = self.checked(self.called(*arguments))
            return [[u.item() * g for g in found] for (u,) in cotangents]
        return [self.checked(self.called(*arguments, u)) for (u,) in cotangents]

    def called(self, *arguments: Any) -> Any:
        """What gradient gives, if it takes so many arguments."""
        try:
            inspect.signature(self.gradient).bind(*arguments)
        except TypeError as error:
            raise TypeError(
                f"gradcheck: gradient was called with {len(arguments)} arguments, but {error}; "
                "wanted gradient(*inputs) if func returns one number, else gradient(*inputs, g) "
                "with g = ∂L/∂y"
            ) from None
        except ValueError:  # a function written in C says nothing of its arguments
            pass
        return self.gradient(*arguments)

    def checked(self, given: Any) -> list[Array]:
        """What gradient returned, one array for each input and of its shape."""
        given = given if isinstance(given, tuple) else (given,)
        found = [np.asarray(g._data if isinstance(g, Node) else g, np.float64) for g in given]
        shapes, wanted = [g.shape for g in found], [x.array.shape for x in self.inputs]
        if shapes != wanted:
            raise ValueError(
                f"gradcheck: gradient returned shapes {shapes}, the inputs have {wanted}"
            )
        return found
