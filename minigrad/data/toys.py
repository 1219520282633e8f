"""Toy sets: points of the plane in a few classes, as many as one likes.

Each function gives a TensorDataset of points X (n, 2) float32 and classes y (n,) int64, in random
order, the classes of equal size up to one point. Each coordinate gets Gaussian noise of standard
deviation `noise`; with noise 0 the points lie exactly on the curves given here.

Raises everywhere: ValueError if a number is too small, TypeError if it is no number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.data.arguments import spread, whole
from minigrad.data.dataset import TensorDataset
from minigrad.rng import Rng, generator
from minigrad.words import shown

TAU = 2 * np.pi


def moons(n: int = 100, noise: float = 0.1, *, rng: Rng = None) -> TensorDataset:
    """Two interleaved half circles: no straight line separates them.

    class 0: (cos t, sin t),  class 1: (1 − cos t, ½ − sin t),  t uniform in 0…π

    >>> moons(200, rng=0)
    TensorDataset of 200 samples ((2,) float32, () int64)

    Source: `make_moons` of scikit-learn.
    """
    rng, y = classes_of("moons", n, 2, noise, rng)
    t = rng.uniform(0, np.pi, len(y))
    x1 = np.where(y == 0, np.cos(t), 1 - np.cos(t))
    x2 = np.where(y == 0, np.sin(t), 0.5 - np.sin(t))
    return with_noise(x1, x2, y, noise, rng)


def spirals(
    n: int = 100, classes: int = 2, noise: float = 0.02, *, rng: Rng = None
) -> TensorDataset:
    """Spiral arms, one for each class, that wind once around the origin.

    class k of K: t (cos φ, sin φ) with φ = 2π (t + k / K),  t uniform in 0.1…1

    >>> np.unique(spirals(30, classes=3, rng=0).arrays[1])
    array([0, 1, 2])

    Source: Lang and Witbrock, "Learning to tell two spirals apart" (1988), with fewer turns.
    """
    rng, y = classes_of("spirals", n, whole("spirals", "classes", classes), noise, rng)
    t = rng.uniform(0.1, 1, len(y))
    angle = TAU * (t + y / classes)
    return with_noise(t * np.cos(angle), t * np.sin(angle), y, noise, rng)


def blobs(n: int = 100, centers: Any = 3, noise: float = 1.0, *, rng: Rng = None) -> TensorDataset:
    """Round clouds of points: class k around c_k.

    centers: points (K, 2), or their number K; then they stand evenly on a circle of radius 4,
    c_k = 4 (cos 2πk/K, sin 2πk/K).

    >>> blobs(2, centers=[[0.0, 0.0], [5.0, 5.0]], noise=0.0, rng=0).arrays[0].sum()
    np.float32(10.0)
    """
    points = center_points(centers)
    rng, y = classes_of("blobs", n, len(points), noise, rng)
    return with_noise(points[y, 0], points[y, 1], y, noise, rng)


def xor(n: int = 100, noise: float = 0.1, *, rng: Rng = None) -> TensorDataset:
    """The corners (a, b) of the unit square, of class a ⊕ b: what one neuron cannot learn.

    All four corners are equally frequent up to one point; n=4, noise=0 is the truth table.

    >>> X, y = xor(4, noise=0, rng=0).arrays
    >>> bool(np.all(y == (X[:, 0] != X[:, 1])))
    True

    Source: Minsky and Papert, "Perceptrons" (1969).
    """
    rng, corner = classes_of("xor", n, 4, noise, rng)
    a, b = corner // 2, corner % 2
    return with_noise(a, b, a ^ b, noise, rng)


def classes_of(
    function: str, n: int, classes: int, noise: float, rng: Rng
) -> tuple[np.random.Generator, np.ndarray]:
    """The generator, and n class numbers in random order, each equally often up to one.

    Before anything is drawn, n and noise are checked.
    """
    n, _, resolved = whole(function, "n", n), spread(function, "noise", noise), generator(rng)
    return resolved, resolved.permutation(np.arange(n) % classes)


def with_noise(
    x1: np.ndarray,
    x2: np.ndarray,
    y: np.ndarray,
    noise: float,
    rng: np.random.Generator,
) -> TensorDataset:
    """The data set of the points (x1, x2), each moved a little."""
    points = np.stack([x1, x2], axis=1)
    moved = points + rng.normal(0, noise, points.shape)
    return TensorDataset(moved.astype(np.float32), y.astype(np.int64))


def center_points(centers: Any) -> np.ndarray:
    """The centres of `blobs` as an array (K, 2)."""
    if np.ndim(centers) == 0:
        count = whole("blobs", "centers", centers)
        angle = TAU * np.arange(count) / count
        return 4 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    try:
        points = np.asarray(centers, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(
            f"blobs: centers are {shown(centers)}, wanted K pairs of numbers, or a number K"
        ) from None
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(
            f"blobs: centers have shape {points.shape}, wanted (K, 2) with K ≥ 1, or a number K"
        )
    if not np.isfinite(points).all():
        raise ValueError(f"blobs: centers are {shown(centers)}, wanted finite numbers")
    return points
