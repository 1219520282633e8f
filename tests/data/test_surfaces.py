"""Test functions: values, minima, gradients."""

import dataclasses

import numpy as np
import pytest

import minigrad as mg
from minigrad.data import surfaces
from minigrad.tensor import Tensor
from minigrad.value import Value

each = pytest.mark.parametrize("surface", surfaces.ALL, ids=lambda surface: surface.name)


def gradient(surface, point, h=1e-5):
    """∂f/∂x_i by central differences."""
    point = np.array(point, dtype=float)
    steps = h * np.eye(len(point))
    return np.array([(surface(*(point + d)) - surface(*(point - d))) / (2 * h) for d in steps])


def curvatures(surface, point, h=1e-4):
    """The eigenvalues of the Hessian, by differences of gradients."""
    point = np.array(point, dtype=float)
    steps = h * np.eye(len(point))
    columns = [gradient(surface, point + d) - gradient(surface, point - d) for d in steps]
    hessian = np.array(columns) / (2 * h)
    return np.linalg.eigvalsh((hessian + hessian.T) / 2)


def random_points(surface, n=1000):
    rng = np.random.default_rng(0)
    return [rng.uniform(low, high, n) for low, high in surface.box]


@each
def test_the_name_is_the_attribute(surface):
    assert getattr(surfaces, surface.name) is surface
    assert surface.formula
    assert surface.source


@each
def test_the_gradient_vanishes_at_every_special_point(surface):
    for point in (*surface.minima, *surface.local_minima, *surface.saddles):
        np.testing.assert_allclose(gradient(surface, point), 0, atol=1e-5)


@each
def test_minima_curve_upward_and_saddles_both_ways(surface):
    for point in (*surface.minima, *surface.local_minima):
        assert curvatures(surface, point).min() > 0.01
    for point in surface.saddles:
        low, high = curvatures(surface, point)
        assert low < -0.01 < 0.01 < high


@each
def test_the_value_at_the_minima_is_the_lowest(surface):
    for point in surface.minima:
        assert surface(*point) == pytest.approx(surface.lowest, abs=1e-12)
    assert np.all(surface(*random_points(surface)) > surface.lowest)
    assert (surface.lowest == -np.inf) == (not surface.minima)


@each
def test_local_minima_are_higher_than_the_lowest_but_lower_than_around(surface):
    for point in surface.local_minima:
        assert surface(*point) > surface.lowest
        for shift in np.random.default_rng(0).normal(0, 0.05, (50, len(point))):
            assert surface(*(np.array(point) + shift)) > surface(*point)


@each
def test_points_of_interest_lie_in_the_box(surface):
    points = (surface.start, *surface.minima, *surface.local_minima, *surface.saddles)
    for point in points:
        assert all(low <= x <= high for x, (low, high) in zip(point, surface.box, strict=True))


@each
def test_a_descent_has_something_to_do_at_the_start(surface):
    assert surface(*surface.start) > surface.lowest
    assert np.abs(gradient(surface, surface.start)).max() > 1e-3


@each
def test_arrays_are_taken_elementwise(surface):
    points = random_points(surface, 6)
    expected = [surface(*map(float, point)) for point in zip(*points)]
    np.testing.assert_allclose(surface(*points), expected, rtol=1e-12)
    in_float32 = [p.astype(np.float32) for p in points]
    assert surface(*in_float32).dtype == np.float32


@each
@pytest.mark.parametrize("kind", [Value, lambda x: Tensor(x, requires_grad=True)])
def test_values_and_tensors_are_differentiated(surface, kind):
    point = [low + 0.3 * (high - low) for low, high in surface.box]
    nodes = [kind(x) for x in point]
    result = surface(*nodes)
    result.backward()
    assert float(result.data) == pytest.approx(surface(*point), rel=1e-12)
    analytic = [float(getattr(node.grad, "data", node.grad)) for node in nodes]
    np.testing.assert_allclose(analytic, gradient(surface, point), rtol=1e-6, atol=1e-6)


@each
def test_first_and_second_derivatives_pass_the_gradient_check(surface):
    points = tuple(random_points(surface, 20))
    assert mg.gradcheck(surface, points, rng=0)
    assert mg.gradgradcheck(surface, points, rng=0)


@each
def test_a_vector_of_parameters_can_be_unpacked(surface):
    w = Tensor(surface.start, requires_grad=True)
    surface(*w).backward()
    np.testing.assert_allclose(w.grad.data, gradient(surface, surface.start), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("surface", "point", "value"),
    [
        (surfaces.bowl, (3.0, 4.0), 25.0),
        (surfaces.ravine, (2.0, 1.0), 12.0),
        (surfaces.saddle, (3.0, 2.0), 5.0),
        (surfaces.rosenbrock, (-1.2, 1.0), 24.2),
        (surfaces.beale, (0.0, 0.0), 14.203125),
        (surfaces.himmelblau, (0.0, 0.0), 170.0),
        (surfaces.rastrigin, (0.5, 0.5), 40.5),
        (surfaces.two_valleys, (-1.0,), -5 / 12),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_known_values(surface, point, value):
    assert surface(*point) == pytest.approx(value, rel=1e-12)


def test_plain_descent_stops_in_the_nearer_valley_and_momentum_finds_the_deeper():
    def descend(momentum):
        (x,), velocity = surfaces.two_valleys.start, 0.0
        for _ in range(500):
            velocity = momentum * velocity - 0.05 * gradient(surfaces.two_valleys, [x])[0]
            x += velocity
        return x

    assert descend(0.0) == pytest.approx(-1, abs=1e-3)
    assert descend(0.9) == pytest.approx(2, abs=1e-3)


def test_the_number_of_arguments_is_checked():
    with pytest.raises(TypeError, match="two_valleys: got 2 arguments, wanted 1"):
        surfaces.two_valleys(1.0, 2.0)
    with pytest.raises(TypeError, match="bowl: got 1 arguments, wanted 2"):
        surfaces.bowl(1.0)


def test_surfaces_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        surfaces.bowl.start = (0.0, 0.0)
