"""The error of a numeric derivative against its step: the V that every course shows.

    error ≈ C hᵖ + ε |f| / h

From the right the formula gets better with the p-th power of the step, its order; from the left
rounding, ε = 2⁻⁵², divided by ever smaller steps. The complex step subtracts nothing, and has no
left branch.
Source: Press et al., Numerical Recipes, 3rd ed., section 5.7 (2007).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.check.numeric import METHODS, ORDERS, array_of, numerical_jacobian
from minigrad.check.slopes import STEPS, power_of_two, typical
from minigrad.functional import jacobian
from minigrad.graph import Array

EPSILON = float(np.finfo(float).eps)
DECADES = np.logspace(-16, 0, 97)  # steps, in sizes of x
LEAST = 1e-17  # smaller errors are drawn here

# Okabe and Ito's colours, which colour-blind people can tell apart; each also has its own sign.
STYLES = {
    "forward": ("#D55E00", "o", "-"),
    "central": ("#0072B2", "s", "-"),
    "4th": ("#009E73", "^", "-"),
    "complex": ("#CC79A7", "D", "--"),
}
GREY = "#595959"
CHOSEN = {"ms": 10}  # a filled sign,
BEST = {"ms": 18, "mew": 2.5, "mfc": "none"}  # which fits into an open one


@dataclass(frozen=True)
class StepErrors:
    """Errors of numeric derivatives, relative to the largest true one, by method.

    steps: the steps h. errors: for each method as many errors. chosen: for each method of
    differences the step that minigrad takes by itself, and its error. best: the step that theory
    recommends, ε^(1/(p+1)) times the size of x, and its error.
    """

    steps: Array
    errors: dict[str, Array]
    chosen: dict[str, tuple[float, float]]
    best: dict[str, tuple[float, float]]


def step_size_errors(
    func: Callable[..., Any],
    x: Any,
    *,
    gradient: Any = None,
    steps: Sequence[float] | None = None,
    methods: Sequence[str] = METHODS,
) -> StepErrors:
    """How far numeric derivatives of func at x are from the true one, for many steps h.

    The error is max |numeric − true| / max |true| over all entries of the Jacobian.
    x: a number, array or tensor. gradient: the true derivative of func at x, or a function of x
    that gives it; by default it is computed by backward. steps: by default from 1e-16 to 1 times
    the size of x. methods: those of `numerical_jacobian`; "complex" is left out if func does not
    go through complex numbers.
    Errors: a ValueError if the derivative is 0 or not finite; as for `numerical_jacobian`.

    >>> import numpy as np
    >>> found = step_size_errors(np.sin, 1.0, steps=[0.1, 0.01])
    >>> for method, (large, small) in found.errors.items():  # a tenth of the step
    ...     print(f"{method}: error / {large / small:.1e}")
    forward: error / 1.0e+01
    central: error / 1.0e+02
    4th: error / 1.0e+04
    complex: error / 1.0e+02
    """
    x = np.array(array_of(x), np.float64)
    size, true = typical(x), true_jacobian(func, x, gradient)
    hs = size * DECADES if steps is None else np.asarray(steps, np.float64)

    def error(method: str, h: float) -> float:
        numeric = numerical_jacobian(func, x, eps=h, method=method)
        return float(np.abs(numeric - true).max() / np.abs(true).max())

    errors = {method: curve for method in methods if (curve := errors_of(error, method, hs)).size}
    chosen, best = {}, {}
    for method, p in ORDERS.items():
        if method in errors:
            taken, advised = float(STEPS[p] * power_of_two(size)), EPSILON ** (1 / (p + 1)) * size
            chosen[method] = taken, error(method, taken)
            best[method] = advised, error(method, advised)
    return StepErrors(hs, errors, chosen, best)


def step_size_figure(
    func: Callable[..., Any],
    x: Any,
    *,
    gradient: Any = None,
    steps: Sequence[float] | None = None,
    methods: Sequence[str] = METHODS,
) -> Any:
    """A matplotlib figure of `step_size_errors`, which explains the arguments.

    Filled signs: the steps that minigrad takes by itself. Open signs: those that theory
    recommends. Errors below 1e-17, and 0, are drawn at 1e-17.
    Errors: an ImportError without matplotlib; as for `step_size_errors`.
    """
    from matplotlib import pyplot

    found = step_size_errors(func, x, gradient=gradient, steps=steps, methods=methods)
    with pyplot.rc_context({"font.size": 16, "axes.linewidth": 1.2}):
        figure, axes = pyplot.subplots(figsize=(12, 6.5), layout="constrained")
        for method in found.errors:
            draw_method(axes, found, method)
        draw_guides(axes, found)
        finish(axes, found)
    return figure


def draw_method(axes: Any, found: StepErrors, method: str) -> None:
    """The curve of one method, with the step that is taken and the one that is best in theory."""
    color, sign, line = STYLES[method]
    name = f"{method}, order {ORDERS[method]}" if method in ORDERS else f"{method} step"
    axes.plot(found.steps, visible(found.errors[method]), line, color=color, lw=2, label=name)
    if method in ORDERS:
        look = {"marker": sign, "color": color, "ls": "", "zorder": 3}
        for place, kind in ((found.best[method], BEST), (found.chosen[method], CHOSEN)):
            axes.plot(place[0], visible(place[1]), **look, **kind)


def visible(error: Any) -> Any:
    return np.maximum(error, LEAST)


def draw_guides(axes: Any, found: StepErrors) -> None:
    """Dotted lines beside the branches, with the powers that they follow."""
    hs = found.steps
    for method, errors in found.errors.items():
        if method in ORDERS:
            p = ORDERS[method]
            right = hs > 10 * found.best[method][0]
            draw_power(axes, hs[right], errors[right], p, {1: "∝ h", 2: "∝ h²", 4: "∝ h⁴"}[p])
    if "forward" in found.errors:
        left = hs < found.best["forward"][0] / 10
        draw_power(axes, hs[left], found.errors["forward"][left], -1, "rounding ∝ 1/h")


def draw_power(axes: Any, hs: Array, errors: Array, power: int, text: str) -> None:
    """A line of this power of h a little above the errors."""
    seen = errors > 0
    if seen.any():
        constant = 4 * np.median(errors[seen] / hs[seen] ** power)
        axes.plot(hs, constant * hs**power, ":", color=GREY, lw=2)
        h, side, shift = (hs[0], "right", -4) if power > 0 else (hs[len(hs) // 2], "left", 12)
        ground = {"fc": "white", "ec": "none", "pad": 1}
        place = {"xytext": (shift, 0), "textcoords": "offset points", "va": "center", "ha": side}
        axes.annotate(text, (h, constant * h**power), color=GREY, bbox=ground, **place)


def finish(axes: Any, found: StepErrors) -> None:
    """Scales, labels, and a legend beside the data."""
    axes.set(xscale="log", yscale="log", ylim=(LEAST / 3, 10))
    axes.set(xlabel="step h", ylabel="relative error of the derivative")
    axes.grid(alpha=0.3)
    for kind, text in ((CHOSEN, "step of minigrad"), (BEST, "best in theory, ε^(1/(p+1))")):
        axes.plot([], [], marker="o", color=GREY, ls="", **kind, label=text)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)


# --- The numbers ------------------------------------------------------------------------------


def true_jacobian(func: Callable[..., Any], x: Array, gradient: Any) -> Array:
    """The derivative that the numeric ones are compared with."""
    if gradient is None:
        try:
            gradient = jacobian(func, x)
        except Exception as error:
            error.add_note("step_size_errors: for functions without backward, give gradient=")
            raise
    true = np.asarray(array_of(gradient(x) if callable(gradient) else gradient), np.float64)
    if not np.isfinite(true).all() or not np.abs(true).max(initial=0) > 0:
        raise ValueError(
            "step_size_errors: the derivative at x must be finite and not 0 everywhere, for errors "
            "are relative to it: take another x"
        )
    return true


def errors_of(error: Callable[[str, float], float], method: str, steps: Array) -> Array:
    """The errors of a method at all steps; none if func does not go through complex numbers."""
    try:
        return np.array([error(method, float(h)) for h in steps])
    except (TypeError, ValueError):
        if method == "complex":
            return np.empty(0)
        raise
