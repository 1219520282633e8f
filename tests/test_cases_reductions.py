"""Hard cases of sums, products, extremes and softmax: nothing to reduce, ties, inf, nan, zeros."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradients import assert_close, value_and_grads

import minigrad as mg

inf, nan = np.inf, np.nan
LN2 = 0.6931471805599453


def root_of_squares(x: Any) -> Any:
    return mg.sqrt((x**2).sum())


# id, function, input, upstream gradient, value, gradient
CASES: list[tuple[str, Callable[[Any], Any], Any, Any, Any, Any]] = [
    ("RED_01_sum", mg.sum, [], 1, 0, []),
    ("RED_01_sum_axis", lambda x: mg.sum(x, axis=0), np.ones((0, 3)), 1, [0, 0, 0],
     np.ones((0, 3))),
    ("RED_02_mean", mg.mean, [], 1, nan, []),
    ("RED_02_mean_axis", lambda x: mg.mean(x, axis=0), np.ones((0, 2)), 1, [nan, nan],
     np.ones((0, 2))),
    ("RED_04_prod_empty", mg.prod, [], 1, 1, []),
    ("RED_04_prod_one_zero", mg.prod, [0, 2, 3], 1, 0, [6, 0, 0]),
    ("RED_04_prod_two_zeros", mg.prod, [0, 0, 3], 1, 0, [0, 0, 0]),
    ("RED_05_cumprod", mg.cumprod, [2, 0, 3, 4], 1, [2, 0, 0, 0], [1, 32, 0, 0]),
    ("RED_06_cumsum", mg.cumsum, [1, 2, 3], 1, [1, 3, 6], [3, 2, 1]),
    ("RED_07_max", mg.max, [1, 3, 3], 1, 3, [0, 0.5, 0.5]),
    ("RED_07_min", mg.min, [1, 3, 1], 1, 1, [0.5, 0, 0.5]),
    ("RED_08_max_axis_0", lambda x: mg.max(x, axis=0), [1, 3, 3], 1, 3, [0, 0.5, 0.5]),
    ("RED_08_min_axis_0", lambda x: mg.min(x, axis=0), [1, 1, 3], 1, 1, [0.5, 0.5, 0]),
    ("RED_09_amax", mg.amax, [1, 3, 3], 1, 3, [0, 0.5, 0.5]),
    ("RED_09_amin", mg.amin, [1, 1, 3], 1, 1, [0.5, 0.5, 0]),
    ("RED_10_max_of_nan", mg.max, [1, nan, 3], 1, nan, [0, 1, 0]),
    ("RED_10_min_of_nan", mg.min, [1, nan, 3], 1, nan, [0, 1, 0]),
    ("RED_12_max_of_stack", lambda x: mg.max(mg.stack([x, x])), 2, 1, 2, 1),
    ("RED_14_var_of_one", lambda x: mg.var(x, ddof=1), [5], 1, nan, [nan]),
    ("RED_14_var_of_one_biased", mg.var, [5], 1, 0, [0]),
    ("RED_15_var", lambda x: mg.var(x, ddof=1), [1, 2, 4], 1, 2.333333333333333,
     [-4 / 3, -1 / 3, 5 / 3]),
    ("RED_15_std", lambda x: mg.std(x, ddof=1), [1, 2, 4], 1, 1.5275252316519465,
     [-0.4364357804719848, -0.10910894511799625, 0.5455447255899809]),
    ("RED_16_std_of_equals", mg.std, [2, 2, 2], 1, 0, [0, 0, 0]),
    ("RED_16_std_of_equals_unbiased", lambda x: mg.std(x, ddof=1), [2, 2, 2], 1, 0, [0, 0, 0]),
    ("RED_17_norm", mg.norm, [0, 0], 1, 0, [0, 0]),
    ("RED_17_norm_squared", lambda x: mg.norm(x) ** 2, [0, 0], 1, 0, [0, 0]),
    ("RED_17_root_of_squares", root_of_squares, [0, 0], 1, 0, [nan, nan]),
    ("RED_18_norm_1", lambda x: mg.norm(x, 1), [0, -3], 1, 3, [0, -1]),
    ("RED_18_norm_inf", lambda x: mg.norm(x, inf), [3, -3, 1], 1, 3, [0.5, -0.5, 0]),
    ("RED_19_logsumexp", mg.logsumexp, [1000, 1000], 1, 1000.6931471805599, [0.5, 0.5]),
    ("RED_19_logsumexp_minus_inf", mg.logsumexp, [-inf, 0], 1, 0, [0, 1]),
    ("RED_19_logsumexp_all_minus_inf", mg.logsumexp, [-inf, -inf], 1, -inf, [nan, nan]),
    ("RED_20_softmax", mg.softmax, [1000, 1001], [1, 0], [0.2689414213699951, 0.7310585786300049],
     [0.1966119332414818, -0.1966119332414818]),
    ("RED_21_softmax_minus_inf", mg.softmax, [-inf, 0], [1, 0], [0, 1], [0, 0]),
    ("RED_21_softmax_all_minus_inf", mg.softmax, [-inf, -inf], 1, [nan, nan], [nan, nan]),
    ("RED_22_log_softmax", mg.log_softmax, [0, 1e4], [1, 0], [-10000, 0], [1, -1]),
    ("RED_24_centred", lambda x: x - mg.mean(x), [3, 1, 4, 1], [1, 0, 0, 0],
     [0.75, -1.25, 1.75, -1.25], [0.75, -0.25, -0.25, -0.25]),
    ("RED_24_centred_ones", lambda x: x - mg.mean(x), [3, 1, 4, 1], 1,
     [0.75, -1.25, 1.75, -1.25], [0, 0, 0, 0]),
]  # fmt: skip
UNDEFINED = ("RED_17_root_of_squares", "RED_19_logsumexp_all", "RED_21_softmax_all")


@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_value_and_gradient(case):
    name, f, x, g, value, grad = case
    # NumPy may warn only where the answer is undefined; elsewhere a warning is an error.
    undefined = "ignore" if name.startswith(UNDEFINED) else "warn"
    with np.errstate(divide=undefined, invalid=undefined, over="warn"):
        y, dx = value_and_grads(f, x, g=g)
    assert_close(y, value)
    assert_close(dx, grad)


@pytest.mark.parametrize("name", ["max", "min", "amax", "amin"])
def test_RED_03_the_largest_of_nothing(name):
    f = getattr(mg, name)
    with pytest.raises(ValueError, match=r"axis"):
        f(mg.Tensor([]))
    with pytest.raises(ValueError, match=r"axis 0|axis=0"):
        f(mg.Tensor(np.ones((0, 3))), axis=0)
    assert f(mg.Tensor(np.ones((0, 3))), axis=1).shape == (0,)


@pytest.mark.parametrize("f", [mg.argmax, mg.argmin], ids=["argmax", "argmin"])
def test_RED_03_the_place_of_the_largest_of_nothing(f):
    with pytest.raises(ValueError):
        f(mg.Tensor([]))


def test_RED_10_argmax_of_nan():
    assert mg.argmax(mg.Tensor([1, nan, 3])) == 1


def test_RED_11_argmax_and_argmin_are_plain_integers():
    x = mg.Tensor([1.0, 3.0, 3.0], requires_grad=True)
    y = mg.Tensor([1.0, 1.0, 3.0], requires_grad=True)
    for got, wanted in ((x.argmax(), 1), (mg.argmax(x), 1), (mg.argmin(y), 0), (y.argmin(), 0)):
        assert got == wanted
        assert np.asarray(got).dtype == np.int64 and not isinstance(got, mg.Tensor)


@pytest.mark.parametrize("f", [mg.sum, mg.mean, mg.max, mg.prod, mg.var, mg.logsumexp, mg.norm])
def test_RED_23_axes_that_are_wrong(f):
    x = mg.Tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(ValueError, match=r"(?i)duplicate|multiple times|repeated"):
        f(x, axis=(0, 0))
    with pytest.raises(ValueError, match=r"(?i)duplicate|multiple times|repeated"):
        f(x, axis=(0, -2))
    for axis in (2, -3):
        with pytest.raises(IndexError, match=rf"axis {axis}\b.*\b2\b"):
            f(x, axis=axis)
    assert f(x, axis=(-1, 0)).shape == ()


def test_RED_25_the_mean_of_integers_is_numpys():
    y = mg.mean(mg.Tensor([1, 2]))
    assert y.dtype == np.float64 and y.item() == 1.5


WITH_NUMPY_SCALARS: dict[str, Callable[[Any], Any]] = {
    "mean_axes": lambda x: mg.mean(x, axis=(0, 1)),
    "var_ddof": lambda x: mg.var(x, ddof=np.int64(1)),
    "std_ddof": lambda x: mg.std(x, ddof=np.float64(1)),
    "norm_ord": lambda x: mg.norm(x, ord=np.float64(3), axis=0),
    "norm_ord_int": lambda x: mg.norm(x, ord=np.int64(4), axis=1),
}
NAMES = (
    """sum mean var std max min prod cumsum cumprod norm logsumexp softmax log_softmax""".split()
)
FLOAT32 = {name: getattr(mg, name) for name in NAMES} | WITH_NUMPY_SCALARS


@pytest.mark.parametrize("name", FLOAT32)
def test_RED_26_float32_stays(name):
    x = mg.Tensor(np.float32([[1, 2, 4], [3, 0.5, 1]]), requires_grad=True)
    y = FLOAT32[name](x)
    y.backward(np.ones(y.shape))
    assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.long
def test_RED_27_a_long_sum_in_float32_is_numpys_unless_another_dtype_is_wanted():
    ones = np.ones((2**24 + 8, 2), np.float32)
    assert "dtype=np.float64" in mg.sum.__doc__
    np.testing.assert_array_equal(mg.sum(mg.from_numpy(ones), axis=0).data, ones.sum(axis=0))
    exact = mg.sum(mg.from_numpy(ones), axis=0, dtype=np.float64)
    assert exact.tolist() == [2**24 + 8] * 2


def test_RED_28_the_mean_of_many_float16():
    x = mg.Tensor(np.ones(70_000, np.float16), requires_grad=True)
    y = mg.mean(x)
    assert y.item() == 1 and y.dtype == np.float16
    y.backward()
    assert x.grad.dtype == np.float16
    np.testing.assert_allclose(x.grad.data, 1 / 70_000, rtol=0.01)


def test_RED_28_the_sum_of_bools():
    y = mg.sum(mg.Tensor([True, False, True]))
    assert y.dtype == np.int64 and y.item() == 2


# --- keepdims and axis: every combination against the formula, written with NumPy ---


def axes_of(ndim: int) -> list[Any]:
    """None, single axes, negative ones, tuples in any order, all."""
    single = [*range(-ndim, ndim)]
    pairs = list(itertools.permutations(range(ndim), 2))
    return [None, *single, *pairs, tuple(range(ndim)), tuple(range(-ndim, 0))]


SHAPES = [(), (24,), (4, 6), (2, 4, 3), (2, 3, 1, 4)]
GRID = [
    (ndim, axis, keepdims)
    for ndim in range(5)
    for axis in dict.fromkeys(axes_of(ndim))
    for keepdims in (False, True)
]


def extremes(x: np.ndarray, y: np.ndarray, n: int) -> np.ndarray:
    return (x == y).astype(float)


# ∂y/∂x entry by entry, of x, the kept y, and the number of entries that go into one y
SLOPES: dict[str, Callable[[np.ndarray, np.ndarray, int], Any]] = {
    "sum": lambda x, y, n: np.ones_like(x),
    "mean": lambda x, y, n: np.full_like(x, 1 / n),
    "prod": lambda x, y, n: y / x,
    "max": extremes,
    "min": extremes,
}


@pytest.mark.parametrize("ndim, axis, keepdims", GRID, ids=str)
def test_RED_29_keepdims_and_axis(ndim, axis, keepdims):
    rng = np.random.default_rng(ndim)
    x = np.array(rng.permutation(np.linspace(0.5, 2, 24))[: math.prod(SHAPES[ndim])])
    x = x.reshape(SHAPES[ndim])
    for name, slope in SLOPES.items():
        wanted = getattr(np, name)(x, axis=axis, keepdims=keepdims)
        kept = getattr(np, name)(x, axis=axis, keepdims=True)
        g = rng.normal(size=np.shape(wanted))
        f = functools.partial(getattr(mg, name), axis=axis, keepdims=keepdims)
        y, dx = value_and_grads(f, x, g=g)
        assert_close(y, wanted, rtol=1e-13)
        n = x.size // max(np.size(wanted), 1)
        assert_close(dx, g.reshape(kept.shape) * slope(x, kept, n), rtol=1e-12)


@pytest.mark.parametrize("axis", [None, 0, -1, ()], ids=str)
@pytest.mark.parametrize("name", ["sum", "prod", "max", "min"])
def test_RED_30_the_reduction_of_a_number(name, axis):
    y, dx = value_and_grads(lambda x: getattr(mg, name)(x, axis=axis), 3.0)
    assert_close(y, 3.0)
    assert_close(dx, 1.0)
