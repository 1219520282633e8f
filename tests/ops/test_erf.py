"""erf, erfc and Φ against Python's math module, and against 60 digits in the tails."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest

import minigrad as mg
from minigrad.ops.erf import (
    FAR,
    NEAR,
    PIECE,
    SINGLE,
    ZERO,
    bell,
    erf,
    erfc,
    normal_bell,
    normal_cdf,
    normal_density,
    powers,
    scaled_tail,
)

EPS = {np.float64: 2.0**-53, np.float32: 2.0**-24}  # half of the distance from 1 to the next
# Both sides of every place where another fraction takes over, and around the pieces of bell.
CORNERS = np.array([k * c for c in (NEAR, FAR, 1 / 16, 2.0) for k in (1, 1 - 1e-9, 1 + 1e-9)])
GRID = np.concatenate([np.linspace(-6.5, 27, 100_001), np.linspace(-1, 1, 40_001), CORNERS,
                       -CORNERS, np.geomspace(1e-300, 1, 4001)])  # fmt: skip


def worst(found: np.ndarray, wanted: np.ndarray, tiny: float) -> float:
    """The largest relative error where the result is a normal number."""
    normal = np.abs(wanted) > tiny
    return np.max(np.abs(found[normal] - wanted[normal]) / np.abs(wanted[normal]))


@pytest.mark.parametrize(("ours", "maths", "bound"), [(erf, math.erf, 6), (erfc, math.erfc, 10)])
@pytest.mark.parametrize("dtype", EPS)
def test_on_a_fine_grid(ours, maths, bound, dtype):
    x = GRID.astype(dtype)
    wanted = np.array([maths(float(v)) for v in x])
    found = ours(x)
    assert found.dtype == dtype
    assert worst(found, wanted, 4 * float(np.finfo(dtype).tiny)) < bound * EPS[dtype]


def erfc_of(t: Decimal, n: int = 400) -> Decimal:
    """erfc t for t ≥ 2, e^(−t²)/√π by its continued fraction t + (1/2)/(t + (2/2)/(t + …))."""
    fraction = t
    for k in range(n, 0, -1):
        fraction = t + Decimal(k) / 2 / fraction
    return (-t * t).exp() / fraction / PI.sqrt()


getcontext().prec = 60
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")


@pytest.mark.parametrize("dtype", EPS)
def test_the_far_tails_have_all_digits(dtype):
    lowest = -37.0 if dtype is np.float64 else -12.9
    x = np.linspace(lowest, -3, 101).astype(dtype)
    exact = [Decimal(float(v)) for v in x]
    cdf = [float(erfc_of(-v / Decimal(2).sqrt()) / 2) for v in exact]
    assert worst(normal_cdf(x), np.array(cdf), 0) < 8 * EPS[dtype]
    tails = np.array([float(erfc_of(-v * Decimal("0.7"))) for v in exact])
    assert worst(erfc(-x * dtype(0.7)), tails, 0) < 2 * EPS[dtype] * lowest**2  # of 0.7 x
    curve = [float((-v * v / 2).exp()) for v in exact]
    assert worst(bell(x, rate=0.5), np.array(curve), 0) < 5 * EPS[dtype]


def test_the_distribution_is_symmetric_about_one_half():
    x = np.linspace(0, 8, 10_001)
    np.testing.assert_allclose(normal_cdf(x) + normal_cdf(-x), 1, rtol=2e-16)
    np.testing.assert_allclose(normal_cdf(x), [0.5 * (1 + math.erf(v / 2**0.5)) for v in x],
                               rtol=1e-15)  # fmt: skip
    np.testing.assert_array_equal(erf(-x), -erf(x))


@pytest.mark.parametrize(("f", "wanted"), [
    (erf, [0, -0.0, 1, -1, np.nan, 1, -1]),
    (erfc, [1, 1, 0, 2, np.nan, 0, 2]),
    (normal_cdf, [0.5, 0.5, 1, 0, np.nan, 1, 0]),
    (bell, [1, 1, 0, 0, np.nan, 0, 0]),
])  # fmt: skip
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_at_the_ends(f, wanted, dtype):
    x = np.array([0, -0.0, np.inf, -np.inf, np.nan, 6e4, -6e4], dtype)
    with np.errstate(all="raise"):
        y = f(x)
    np.testing.assert_array_equal(y, np.array(wanted, dtype))
    assert y.dtype == dtype
    assert np.signbit(erf(x)[1])


def test_underflow_is_silent():
    x = np.linspace(20, ZERO + 1, 500)
    with np.errstate(all="raise"):
        for f in (erf, erfc, normal_cdf, bell):
            f(x), f(-x), f(x.astype(np.float32))


@pytest.mark.parametrize("f", [erf, erfc, normal_cdf, bell])
def test_float16_is_computed_in_float32(f):
    x = np.linspace(-3, 3, 101).astype(np.float16)
    np.testing.assert_array_equal(f(x), f(x.astype(np.float32)).astype(np.float16))


@pytest.mark.parametrize("f", [erf, erfc, normal_cdf, bell])
def test_memory_order_stays_and_pieces_fit_together(f):
    x = np.random.default_rng(0).normal(size=(3, PIECE // 4, 5)).transpose(2, 0, 1)
    y = f(x)
    assert y.strides == x.strides
    rows = np.array([f(row) for row in x.reshape(-1, x.shape[-1])])
    np.testing.assert_array_equal(y.reshape(rows.shape), rows)
    assert f(np.zeros((0, 3))).shape == (0, 3)
    assert f(np.float32(0.3)).shape == ()


@pytest.mark.parametrize("f", [erf, erfc, normal_cdf, bell])
def test_derivatives(f):
    x = np.array([-30.0, -5.9, -2.3, -0.6, -0.1, 0.0, 0.2, 0.66, 1.4, 4.2, 5.7])
    assert mg.gradcheck(f, x)
    assert mg.gradgradcheck(f, x)


def test_the_derivative_of_the_distribution_is_the_density():
    x = mg.Tensor([-37.0, -10.0, 0.0, 3.0], requires_grad=True)
    (density,) = mg.grad(normal_cdf(x), [x], np.ones(4), create_graph=True)
    exact = [math.exp(-v * v / 2) / math.sqrt(2 * math.pi) for v in x.tolist()]
    np.testing.assert_allclose(density.data, exact, rtol=1e-13)
    (slope,) = mg.grad(density, [x], np.ones(4))
    np.testing.assert_allclose(slope.data, -x.data * exact, rtol=1e-13)


def test_the_polynomial_of_float32_is_as_near_as_it_says():
    x = np.linspace(0, 12, 100_001)
    wanted = np.where(x < NEAR, np.exp(x * x) * erfc(x), scaled_tail(x))
    found = powers(SINGLE.astype(float), 1 / (1 + x / 2))
    assert np.max(np.abs(found / wanted - 1)) < 9e-8
    assert scaled_tail(np.zeros(1, np.float32)) == 1


def test_both_sides_of_the_bell_in_one_go():
    x = np.linspace(-9, 9, 3 * PIECE).reshape(3, -1)
    for values in (x, x.astype(np.float32), x.astype(np.float16), x[:, :5].T):
        found = normal_bell(values)
        for y, alone in zip(found, (normal_cdf(values), normal_density(values))):
            assert y.dtype == alone.dtype and y.strides == alone.strides
            tolerance = {"e": (2e-3, 1e-7), "f": (3e-6,), "d": (3e-16,)}[y.dtype.char]
            np.testing.assert_allclose(y, alone, *tolerance)


def test_of_the_bell_in_float32_only_the_last_digits_of_the_square_are_missing():
    x = np.linspace(-12, 12, 3 * PIECE).astype(np.float32)
    exact = x.astype(float)
    for y, wanted in zip(normal_bell(x), (normal_cdf(exact), normal_density(exact))):
        assert np.all(np.abs(y / wanted - 1) < (10 + exact**2 / 2) * EPS[np.float32])
