"""Hard cases of functions that work entry by entry: zeros of both signs, ±inf, nan, ties."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradients import assert_close, value_and_grads

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.ops import activation, elementwise, erf, piecewise
from minigrad.ops.primitive import Elementwise

inf, nan = np.inf, np.nan
LN2 = 0.6931471805599453


def double_where(x: Any) -> Any:
    return mg.where(x > 0, mg.sqrt(mg.where(x > 0, x, 1)), x)


# id, function, inputs, value, gradient of its sum with respect to each input
CASES: list[tuple[str, Callable[..., Any], list[Any], Any, list[Any]]] = [
    ("ELE_01_abs", mg.abs, [[0, -0.0, -2]], [0, 0, 2], [[0, 0, -1]]),
    ("ELE_02_sqrt", mg.sqrt, [[0, 4, -1]], [0, 2, nan], [[inf, 0.25, nan]]),
    ("ELE_03_reciprocal", mg.reciprocal, [[0, -0.0]], [inf, -inf], [[-inf, -inf]]),
    ("ELE_04_square", lambda x: x**2, [0], 0, [0]),
    ("ELE_04_power_0", lambda x: x**0, [[0, 3, -2]], [1, 1, 1], [[0, 0, 0]]),
    ("ELE_05_root", lambda x: x**0.5, [0], 0, [inf]),
    ("ELE_05_inverse", lambda x: x**-1, [0], inf, [-inf]),
    ("ELE_06_no_real_root", lambda x: x ** (1 / 3), [-8], nan, [nan]),
    ("ELE_06_cube", lambda x: x**3, [-2], -8, [12]),
    ("ELE_07_power_of_0", mg.power, [[0, 0, 0, 0], [0, 1, 2, -1]], [1, 0, 0, inf],
     [[0, 1, 0, -inf], [0, 0, 0, -inf]]),
    ("ELE_08_power_of_minus_2", mg.power, [-2, 3], -8, [12, nan]),
    ("ELE_09_exponent", lambda x: 2**x, [3], 8, [5.545177444479562]),
    ("ELE_09_exponent_of_0", lambda x: 0**x, [[0, 2]], [1, 0], [[0, 0]]),
    ("ELE_10_log", mg.log, [[0, 1, -1]], [-inf, 0, nan], [[inf, 1, -1]]),
    ("ELE_10_log1p", mg.log1p, [[-1, 1e-20]], [-inf, 1e-20], [[inf, 1]]),
    ("ELE_11_exp", mg.exp, [[1000, -1000]], [inf, 0], [[inf, 0]]),
    ("ELE_11_expm1", mg.expm1, [1e-20], 1e-20, [1]),
    # relu(−0) is 0 or −0, as the processor has it: NumPy's maximum does not tell them apart
    ("ELE_16_relu", mg.relu, [[0, -0.0, -1, 1, nan, inf, -inf]], [0, 0, 0, 1, nan, inf, 0],
     [[0, 0, 0, 1, 1, 1, 0]]),
    ("ELE_17_leaky_relu", mg.leaky_relu, [[0, -1]], [0, -0.01], [[0.01, 0.01]]),
    ("ELE_17_elu", mg.elu, [[0, -1, -1000]], [0, -0.6321205588285577, -1],
     [[1, 0.36787944117144233, 0]]),
    ("ELE_20_clip", lambda x: mg.clip(x, -1, 1), [[-1, 1, 2, nan]], [-1, 1, 1, nan],
     [[1, 1, 0, 0]]),
    ("ELE_20_clip_min", lambda x: mg.clip(x, min=0), [0], 0, [1]),
    ("ELE_21_hardtanh", mg.hardtanh, [[-1, 1]], [-1, 1], [[0, 0]]),
    ("ELE_21_relu6", F.relu6, [[0, 6]], [0, 6], [[0, 0]]),
    ("ELE_21_hardswish", F.hardswish, [[-3, 3]], [-0.0, 3], [[0, 1]]),
    ("ELE_21_prelu", activation.prelu, [[0, -2, 2], [0.5, 0.5, 0.5]], [0, -1, 2],
     [[0.5, 0.5, 1], [0, -2, 0]]),
    ("ELE_22_round", mg.round, [[0.5, 1.5, 2.5, -0.5]], [0, 2, 2, -0.0], [[0, 0, 0, 0]]),
    ("ELE_22_floor", mg.floor, [[0.5, -0.5, 2]], [0, -1, 2], [[0, 0, 0]]),
    ("ELE_22_ceil", mg.ceil, [[0.5, -0.5, 2]], [1, -0.0, 2], [[0, 0, 0]]),
    ("ELE_22_sign", mg.sign, [[0, -3, 2]], [0, -1, 1], [[0, 0, 0]]),
    ("ELE_23_maximum", mg.maximum, [1, 1], 1, [0.5, 0.5]),
    ("ELE_23_maximum_with_itself", lambda x: mg.maximum(x, x), [1], 1, [1]),
    ("ELE_24_minimum", mg.minimum, [1, 1], 1, [0.5, 0.5]),
    ("ELE_24_minimum_with_itself", lambda x: mg.minimum(x, x), [1], 1, [1]),
    ("ELE_25_maximum", mg.maximum, [[nan, 1, nan], [1, nan, nan]], [nan, nan, nan],
     [[1, 1, 1], [1, 1, 1]]),
    ("ELE_25_minimum", mg.minimum, [[nan, 1, nan], [1, nan, nan]], [nan, nan, nan],
     [[1, 1, 1], [1, 1, 1]]),
    ("ELE_26_where_overflow", lambda x: mg.where(x <= 0, mg.exp(x), 1 + x), [1000], 1001, [nan]),
    ("ELE_27_double_where", double_where, [[-1, 4]], [-1, 2], [[1, 0.25]]),
    ("ELE_28_x_over_x", lambda x: x / x, [0], nan, [nan]),
    ("ELE_28_1_over_0", mg.divide, [1, 0], inf, [inf, -inf]),
    ("ELE_28_0_over_0", mg.divide, [0, 0], nan, [inf, nan]),
    ("ELE_28_0_times_inf", mg.multiply, [0, inf], nan, [inf, 0]),
    ("ELE_29_arctan2", mg.arctan2, [0, 0], 0, [0, -0.0]),
    ("ELE_29_arctan2_tiny", mg.arctan2, [1e-250, 1e-250], np.pi / 4, [5e249, -5e249]),
    ("ELE_29_arctan2_large", mg.arctan2, [1e200, 1e200], np.pi / 4, [5e-201, -5e-201]),
    ("ELE_29_hypot", mg.hypot, [0, 0], 0, [nan, nan]),
    ("ELE_30_arcsin", mg.arcsin, [[1, 2]], [np.pi / 2, nan], [[inf, nan]]),
    ("ELE_30_arccos", mg.arccos, [1], 0, [-inf]),
    ("ELE_31_fmod", lambda x: mg.fmod(x, 3), [-7], -1, [1]),
    ("ELE_31_remainder", lambda x: mg.remainder(x, 3), [-7], 2, [1]),
    ("ELE_31_rounded_up", lambda x: mg.remainder(1.0, x), [0.1], 0.09999999999999995, [-9]),
    ("ELE_31_percent", lambda x: x % 3, [-7], 2, [1]),
    ("ELE_32_logaddexp", mg.logaddexp, [[1000, -inf], [1000, -inf]], [1000 + LN2, -inf],
     [[0.5, nan], [0.5, nan]]),
    ("ELE_33_x_log_x", lambda x: x * mg.log(x), [0], nan, [nan]),
    ("ELE_34_sin", mg.sin, [1e22], -0.8522008497671888, [0.523214785395139]),
    ("ELE_34_cos", mg.cos, [1e22], 0.523214785395139, [0.8522008497671888]),
]  # fmt: skip


@pytest.mark.parametrize(
    "f, inputs, value, grads", [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_value_and_gradient(f, inputs, value, grads):
    with np.errstate(all="ignore"):  # NumPy warns of inf and nan that are the right answer here
        y, *found = value_and_grads(f, *inputs)
    assert_close(y, value)
    for got, wanted in zip(found, grads, strict=True):
        assert_close(got, wanted)


# The same, but a warning would be wrong: nothing here is inf or nan (warnings are errors in tests).
SILENT: list[tuple[str, Callable[..., Any], Any, Any, Any]] = [
    ("ELE_12_sigmoid", mg.sigmoid, [1000, -1000, 0], [1, 0, 0.5], [0, 0, 0.25]),
    ("ELE_13_tanh", mg.tanh, [1000, -1000], [1, -1], [0, 0]),
    ("ELE_14_softplus", mg.softplus, [1000, -1000, 0, 20, 21],
     [1000, 0, LN2, 20.000000002061153, 21], [1, 0, 0.5, 0.9999999979388464, 1]),
    ("ELE_15_logsigmoid", mg.logsigmoid, [1000, -1000], [0, -1000], [0, 1]),
    ("ELE_18_gelu", mg.gelu, [0, 1, -100], [0, 0.841344746068543, -0.0],
     [0.5, 1.0833154705876864, 0]),
    ("ELE_18_gelu_tanh", lambda x: mg.gelu(x, approximate="tanh"), [0, 1, -100],
     [0, 0.8411919906082768, -0.0], [0.5, 1.0829640838457826, 0]),
    ("ELE_18_mish", activation.mish, [0, 1000, -1000], [0, 1000, -0.0], [0.6, 1, 0]),
    ("ELE_19_silu", mg.silu, [1000, -1000], [1000, -0.0], [1, 0]),
]  # fmt: skip


@pytest.mark.parametrize("f, x, value, grad", [c[1:] for c in SILENT], ids=[c[0] for c in SILENT])
def test_value_and_gradient_without_a_warning(f, x, value, grad):
    y, dx = value_and_grads(f, x)
    assert_close(y, value)
    assert_close(dx, grad)


def test_ELE_25_maximum_of_nan_is_nan():
    for f in (mg.maximum, mg.minimum):
        assert np.isnan(f(mg.Tensor([nan, 1]), mg.Tensor([1, nan])).data).all()


def test_ELE_26_the_docstring_of_where_gives_the_form_that_is_safe():
    assert re.search(r"where\(c, f\(where\(c, x, \d\)\)", mg.where.__doc__)


# --- dtype ---

OPS = {
    name: f
    for module in (elementwise, piecewise, activation, erf)
    for name, f in vars(module).items()
    if isinstance(getattr(f, "op", None), Elementwise) and f.__module__ == module.__name__
}
UNARY = {name: f for name, f in OPS.items() if len(f.op.inputs) == 1}
BINARY = {name: f for name, f in OPS.items() if len(f.op.inputs) == 2}
SCALARS = [2, 2.0, np.float64(2), np.float32(2), np.int64(2), np.int8(2)]

unary = pytest.mark.parametrize("name", UNARY)
binary = pytest.mark.parametrize("name", BINARY)


def inside(name: str) -> np.ndarray:
    """A few numbers in the domain of a function."""
    return np.array([1.1, 1.6, 2.3]) if name == "arccosh" else np.array([0.2, 0.5, 0.9])


@unary
def test_ELE_35_float32_stays(name):
    x = mg.Tensor(inside(name).astype(np.float32), requires_grad=True)
    y = UNARY[name](x)
    y.backward(np.ones(3))
    assert y.dtype == x.grad.dtype == np.float32


@binary
@pytest.mark.parametrize("scalar", SCALARS, ids=lambda s: type(s).__name__)
def test_ELE_35_float32_stays_beside_a_scalar(name, scalar):
    for f in (lambda x: BINARY[name](x, scalar), lambda x: BINARY[name](scalar, x)):
        x = mg.Tensor(inside(name).astype(np.float32), requires_grad=True)
        y = f(x)
        y.backward(np.ones(3))
        assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("name", "add sub mul truediv pow mod floordiv".split())
def test_ELE_35_operators_keep_float32_beside_a_scalar_on_either_side(name, scalar):
    f = getattr(operator, name)
    x = mg.Tensor(np.float32([1.5, 2.5]), requires_grad=True)
    for y in (f(x, scalar), f(scalar, x)):
        assert isinstance(y, mg.Tensor) and y.dtype == np.float32
        x.zero_grad()
        y.backward(np.ones(2))
        assert x.grad.dtype == np.float32


@unary
def test_ELE_35_a_python_number_is_float64(name):
    number = float(inside(name)[0])
    y = UNARY[name](number)
    assert np.result_type(y) == np.float64
    np.testing.assert_allclose(y, UNARY[name](np.array([number]))[0], rtol=1e-15)


WITH_PARAMETERS: dict[str, Callable[[Any, Any], Any]] = {
    "where": lambda x, k: mg.where(x > 2, x, k),
    "where_left": lambda x, k: mg.where(x > 2, k, x),
    "clip": lambda x, k: mg.clip(x, k, 9),
    "clip_max": lambda x, k: mg.clip(x, max=k),
    "softplus": lambda x, k: mg.softplus(x, beta=k),
    "leaky_relu": lambda x, k: mg.leaky_relu(-x, negative_slope=k),
    "elu": lambda x, k: mg.elu(-x, alpha=k),
    "bell": lambda x, k: erf.bell(x, rate=k),
    "hardtanh": lambda x, k: mg.hardtanh(x, -k, k),
}


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_ELE_35_float32_stays_whatever_kind_of_number_a_parameter_is(name, scalar):
    x = mg.Tensor(np.float32([1.5, 2.5]), requires_grad=True)
    y = WITH_PARAMETERS[name](x, scalar)
    y.backward(np.ones(2))
    assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize(
    "y, value, dtype",
    [
        (mg.Tensor([3]) / 2, 1.5, np.float64),
        (mg.Tensor([3]) // 2, 1, np.int64),
        (mg.Tensor([3]) * 1.5, 4.5, np.float64),
        (mg.Tensor([3]) * 2, 6, np.int64),
        (mg.Tensor([3], dtype=np.int8) + 1, 4, np.int8),
        (mg.Tensor([3], dtype=np.int16) + mg.Tensor([1], dtype=np.int32), 4, np.int32),
        (mg.Tensor([True]) + mg.Tensor([True]), 1, np.bool_),
        (mg.exp(mg.Tensor([0])), 1, np.float64),
        (mg.maximum(mg.Tensor([3]), 7), 7, np.int64),
    ],
)
def test_ELE_36_integers_are_promoted_as_in_numpy(y, value, dtype):
    assert y.dtype == dtype and y.tolist() == [value] and not y.requires_grad


@unary
def test_ELE_36_integers_give_the_dtype_that_floats_or_numpy_would(name):
    x = np.array([1, 2, 3]) if name == "arccosh" else np.array([0, 1])
    with np.errstate(divide="ignore"):
        y = UNARY[name](mg.Tensor(x))
        doubles = UNARY[name](mg.Tensor(x.astype(float)))
    np.testing.assert_array_equal(y.data, doubles.data)
    assert y.dtype.kind in "if"


def test_ELE_37_integers_to_a_negative_power():
    with pytest.raises(ValueError, match=r"(?i)negative integer power"):
        mg.Tensor([2]) ** -1


def test_ELE_38_integers_wrap_around_silently():
    y = mg.Tensor(np.array([2**31 - 1], np.int32)) + 1
    assert y.dtype == np.int32 and y.tolist() == [-(2**31)]


def test_ELE_38_an_integer_that_is_too_large():
    with pytest.raises((ValueError, OverflowError), match=r"(?i)overflow|too large|out of bounds"):
        mg.Tensor([2**63], dtype=np.int64)
    with pytest.raises((ValueError, TypeError, OverflowError)):
        mg.Tensor([2**64])


# --- layout, shapes ---


def in_other_layouts(x: np.ndarray) -> list[np.ndarray]:
    """Equal arrays: Fortran's order, a transposed view, negative strides, every second entry."""
    spaced = np.zeros((2 * x.shape[0], *x.shape[1:]))
    spaced[::2] = x
    return [np.asfortranarray(x), np.array(x.T).T, np.array(x[::-1, ::-1])[::-1, ::-1], spaced[::2]]


def shared_value_and_grads(f: Callable[..., Any], *arrays: np.ndarray) -> list[np.ndarray]:
    """Value and gradients of tensors that share these arrays, strides and all."""
    tensors = [mg.from_numpy(x).requires_grad_() for x in arrays]
    y = f(*tensors)
    y.backward(np.arange(1.0, y.size + 1).reshape(y.shape))
    return [y.data, *(x.grad.data for x in tensors)]


def assert_same_numbers(f: Callable[..., Any], *arrays: np.ndarray) -> None:
    """As for contiguous copies; to a few ulps, since NumPy has loops of its own for strides."""
    wanted = shared_value_and_grads(f, *map(np.array, arrays))
    for got, want in zip(shared_value_and_grads(f, *arrays), wanted):
        assert_close(got, want, rtol=1e-14)


@unary
def test_ELE_39_the_layout_in_memory_does_not_matter(name):
    x = np.tile(inside(name), (5, 2)) + np.arange(5)[:, None] * 0.015
    for other in in_other_layouts(x):
        assert_same_numbers(UNARY[name], other)


@binary
def test_ELE_39_the_layout_in_memory_does_not_matter_for_two(name):
    x = np.tile(inside(name), (5, 2)) + np.arange(5)[:, None] * 0.015
    for a, b in zip(in_other_layouts(x), reversed(in_other_layouts(x[::-1] * 0.8))):
        assert_same_numbers(BINARY[name], a, b)


@unary
def test_ELE_39_an_array_of_stride_0(name):
    assert_same_numbers(UNARY[name], np.broadcast_to(inside(name)[:, None], (3, 4)))


@pytest.mark.parametrize("shape", [(0,), (0, 3), ()], ids=str)
@pytest.mark.parametrize("name", {**UNARY, **BINARY})
def test_ELE_40_empty_and_0d(name, shape):
    f = OPS[name]
    inputs = [np.full(shape, inside(name)[i]) for i in range(len(f.op.inputs))]
    y, *grads = value_and_grads(f, *inputs)
    assert y.shape == shape and all(g.shape == shape for g in grads)


@binary
def test_ELE_41_an_empty_array_is_broadcast(name):
    y, da, db = value_and_grads(BINARY[name], np.ones((4, 0)), np.ones((4, 1)))
    assert y.shape == da.shape == (4, 0)
    assert_close(db, np.zeros((4, 1)))


@pytest.mark.parametrize("shape", [(), (2,)], ids=str)
def test_ELE_42_float32_with_a_float64_tensor_is_promoted(shape):
    a = mg.Tensor(np.float32([1, 2]), requires_grad=True)
    b = mg.Tensor(np.full(shape, 3.0), requires_grad=True)
    y = a + b
    y.backward(np.array([1.0, 2.0]))
    assert y.dtype == np.float64
    assert a.grad.dtype == np.float32 and b.grad.dtype == np.float64
    assert b.grad.shape == shape


# --- no floating point error where the result is finite ---

EDGES = [1e3, -1e3, 1e200, -1e300, inf, -inf, 0.0]
STABLE = """
    sigmoid tanh softplus logsigmoid silu elu leaky_relu relu hardtanh abs expm1
    gelu mish hardswish softsign erf erfc normal_cdf bell arctan arcsinh
""".split()


@pytest.mark.parametrize("x", EDGES)
@pytest.mark.parametrize("name", STABLE)
def test_ELE_43_nothing_is_raised_where_value_and_gradient_are_finite(name, x):
    with np.errstate(all="ignore"):
        wanted = value_and_grads(UNARY[name], [x])
    if np.isfinite(wanted).all():
        with np.errstate(all="raise"):
            value_and_grads(UNARY[name], [x])


@pytest.mark.parametrize("b", EDGES)
@pytest.mark.parametrize("a", EDGES)
@pytest.mark.parametrize("name", ["logaddexp", "hypot", "maximum", "minimum", "arctan2"])
def test_ELE_43_nothing_is_raised_for_two(name, a, b):
    with np.errstate(all="ignore"):
        wanted = value_and_grads(BINARY[name], [a], [b])
    if np.isfinite(wanted).all():
        with np.errstate(all="raise"):
            value_and_grads(BINARY[name], [a], [b])


@pytest.mark.parametrize("x", [[1000, 0], [0, -1000], [1000, 999], [-inf, 0]], ids=str)
@pytest.mark.parametrize("f", [mg.softmax, mg.log_softmax, mg.logsumexp], ids=lambda f: f.__name__)
def test_ELE_43_nothing_is_raised_along_an_axis(f, x):
    with np.errstate(all="ignore"):
        wanted = value_and_grads(f, x)
    if all(np.isfinite(array).all() for array in wanted):
        with np.errstate(all="raise"):
            value_and_grads(f, x)
