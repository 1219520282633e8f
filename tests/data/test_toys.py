"""Toy sets: their formulas, sizes and classes."""

import numpy as np
import pytest

from minigrad.data import blobs, moons, spirals, xor
from minigrad.rng import get_rng_state, manual_seed, set_rng_state

TOYS = [moons, spirals, blobs, xor]


@pytest.mark.parametrize("toy", TOYS)
@pytest.mark.parametrize("n", [1, 7, 100])
def test_shapes_and_dtypes(toy, n):
    X, y = toy(n, rng=0).arrays
    assert (X.shape, X.dtype) == ((n, 2), np.float32)
    assert (y.shape, y.dtype) == ((n,), np.int64)
    assert np.isfinite(X).all()


@pytest.mark.parametrize("toy", TOYS)
def test_a_seed_repeats_and_another_differs(toy):
    first, again, other = (toy(50, rng=seed).arrays for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("toy", TOYS)
def test_without_rng_manual_seed_drives(toy):
    before = get_rng_state()
    manual_seed(9)
    drawn = toy(20).arrays[0]
    np.testing.assert_array_equal(drawn, toy(20, rng=9).arrays[0])
    set_rng_state(before)


@pytest.mark.parametrize("toy", TOYS)
def test_classes_are_balanced_and_mixed(toy):
    _, y = toy(103, rng=0).arrays
    sizes = np.bincount(y)
    assert sizes.max() - sizes.min() <= (2 if toy is xor else 1)
    assert len(set(y[:20])) == len(sizes)


def test_moons_lie_on_two_half_circles():
    X, y = moons(200, noise=0, rng=0).arrays
    upper, lower = X[y == 0], X[y == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, rtol=1e-6)
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1, rtol=1e-6)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5


@pytest.mark.parametrize("classes", [1, 2, 3, 5])
def test_spirals_follow_their_formula(classes):
    X, y = spirals(300, classes, noise=0, rng=0).arrays
    radius = np.hypot(*X.T)
    turns = np.arctan2(X[:, 1], X[:, 0]) / (2 * np.pi) - radius - y / classes
    np.testing.assert_allclose(turns - np.round(turns), 0, atol=1e-6)
    assert 0.1 <= radius.min() < radius.max() <= 1
    assert set(y) == set(range(classes))


def test_blobs_stand_at_their_centres():
    X, y = blobs(60, [[0, 1], [5, 5], [-3, 2]], noise=0, rng=0).arrays
    np.testing.assert_array_equal(X, np.array([[0, 1], [5, 5], [-3, 2]])[y])
    X, y = blobs(60, centers=4, noise=0, rng=0).arrays
    np.testing.assert_allclose(X[y == 1], [[0, 4]] * 15, atol=1e-6)
    np.testing.assert_allclose(np.hypot(*X.T), 4, rtol=1e-6)


def test_xor_without_noise_is_the_truth_table():
    X, y = xor(4, noise=0, rng=0).arrays
    table = sorted((int(a), int(b), int(c)) for (a, b), c in zip(X, y))
    assert table == [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]


@pytest.mark.parametrize("toy", TOYS)
def test_noise_is_the_standard_deviation(toy):
    clean = toy(4000, noise=0.0, rng=5).arrays[0]
    noisy = toy(4000, noise=0.3, rng=5).arrays[0]
    moved = noisy - clean
    np.testing.assert_allclose(moved.std(axis=0), 0.3, rtol=0.05)
    np.testing.assert_allclose(moved.mean(axis=0), 0, atol=0.02)


@pytest.mark.parametrize("toy", TOYS)
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n": 0}, ValueError, "n is 0"),
        ({"n": 2.5}, ValueError, "n is 2.5"),
        ({"n": "10"}, TypeError, "n is '10'"),
        ({"noise": -0.1}, ValueError, "noise is -0.1"),
        ({"noise": float("inf")}, ValueError, "noise is inf"),
        ({"noise": None}, TypeError, "noise is None"),
        ({"rng": 1.5}, TypeError, "rng"),
    ],
)
def test_wrong_arguments_are_named(toy, arguments, error, message):
    with pytest.raises(error, match=message):
        toy(**arguments)


@pytest.mark.parametrize("centers", [0, [], [1.0, 2.0], [[1.0, 2.0, 3.0]]])
def test_wrong_centers_are_refused(centers):
    with pytest.raises(ValueError, match="blobs: centers"):
        blobs(10, centers)


def test_wrong_classes_are_refused():
    with pytest.raises(ValueError, match="spirals: classes is 0"):
        spirals(10, 0)
