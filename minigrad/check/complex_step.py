"""The complex step: derivatives without differences.

    f(x + ih) = f(x) + i h f'(x) − h² f''(x) / 2 − …      so      f'(x) = Im f(x + ih) / h + O(h²)

Where f is analytic. No two near numbers are subtracted, so h may be so small that h² is nothing.
Source: Squire and Trapp, Using Complex Variables to Estimate Derivatives of Real Functions, SIAM
Review 40 (1998).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.check.judge import SURE
from minigrad.check.slopes import STEPS, Line, Outputs, joined, read, seen, typical
from minigrad.check.subject import name_of
from minigrad.graph import Array, Node

STEP = 2.0**-332  # 1e-100: its square is nothing, and slopes from 1e-200 to 1e200 are seen
EXACT = 1e-5  # relative error of differences that is not held against the complex step

REFUSED = (
    "numerical_jacobian: {name} does not go through complex numbers ({kind}: {error}). With "
    'method="complex" it gets plain complex arrays: write it in NumPy or in minigrad\'s functions '
    '(mg.exp(x), not x.exp()), or use method="4th"'
)
DROPPED = (
    "numerical_jacobian: somewhere in {name} the imaginary part is lost or changed, in which the "
    "derivative travels: the complex step gives a slope of {found:.6g} where differences show "
    "{wanted:.6g}. abs, sign, norm, round, conj, .real, float() and casts do so: write "
    'np.where(x < 0, -x, x) for abs(x), or use method="4th"'
)


def complex_jacobian(
    func: Callable[..., Any], arrays: Sequence[Any], k: int, eps: float | None
) -> Any:
    """The Jacobian with respect to input k; an error if func cannot be differentiated so."""
    x, h = arrays[k], eps or STEP
    y = called(func, arrays)
    outputs = arrays_of(y)
    check_analytic(func, arrays, k, joined(outputs))
    jacobians = [np.empty((*out.shape, *x.shape)) for out in outputs]
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1j * h
        there = arrays_of(called(func, [*arrays[:k], moved, *arrays[k + 1 :]]))
        for jacobian, out, z in zip(jacobians, outputs, there):
            jacobian[(..., *index)] = np.where(np.isfinite(out), z.imag / h, np.nan)
    return tuple(jacobians) if isinstance(y, (tuple, list)) else jacobians[0]


def check_analytic(func: Callable[..., Any], arrays: Sequence[Any], k: int, y: Outputs) -> None:
    """A ValueError if the slopes in one random direction are not those that differences show.

    Kinks, curvature and rounding are not held against them.
    """
    x, rng = arrays[k], np.random.default_rng(0)
    v = rng.uniform(0.5, 1.5, x.shape) * np.maximum(np.abs(x), typical(x))

    def outputs(moved: Array) -> list[Array]:
        return arrays_of(called(func, [*arrays[:k], np.asarray(moved), *arrays[k + 1 :]]))

    found = np.concatenate([z.imag.ravel() / STEP for z in outputs(x + 1j * STEP * v)] + [[]])
    line = Line(lambda t: seen(lambda: outputs(x + t * v), y), STEPS[4], STEPS[4], 1.0)
    near, far = (read(line, y, step) for step in (STEPS[4], 8 * STEPS[4]))
    unsure = near.noise + near.bend + np.abs(near.slope - far.slope)
    allowed = SURE * unsure + EXACT * np.maximum(np.abs(found), np.abs(near.slope))
    wrong = np.flatnonzero(np.abs(found - near.slope) > allowed)  # not where one is nan
    if wrong.size:
        name, i = name_of(func), wrong[0]
        raise ValueError(DROPPED.format(name=name, found=found[i], wanted=near.slope[i]))


def called(func: Callable[..., Any], arrays: Sequence[Any]) -> Any:
    """func of copies of the arrays. A TypeError if it does not take plain or complex ones."""
    copies = [a.copy(order="K") if isinstance(a, np.ndarray) else a for a in arrays]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            return func(*copies)
    except (TypeError, AttributeError, np.exceptions.ComplexWarning) as error:
        kind = type(error).__name__
        raise TypeError(REFUSED.format(name=name_of(func), kind=kind, error=error)) from error


def arrays_of(y: Any) -> list[Array]:
    several = y if isinstance(y, (tuple, list)) else [y]
    return [np.asarray(one._data if isinstance(one, Node) else one) for one in several]
