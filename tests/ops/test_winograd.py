"""Convolution by pairs of columns against the plain form, row by row."""

from __future__ import annotations

import warnings
from itertools import product
from typing import Any

import numpy as np
import pytest

from minigrad.ops import rows, winograd
from minigrad.ops.conv import conv2d, conv2d_filter_gradient, conv2d_input_gradient
from minigrad.ops.conv_shapes import conv_axes
from minigrad.ops.window import Axis

# Width, rows of the kernel, padding, groups.
GEOMETRIES = list(product((3, 4, 7, 8), (1, 2, 3), (0, 1, 2, 5), (1, 2)))


def layer(width: int, kernel: int, padding: int, groups: int) -> tuple[Any, ...]:
    """Images, filters, a bias, a random ∂L/∂O, and the axes of images and windows."""
    rng = np.random.default_rng([width, kernel, padding, groups])
    down, across = conv_axes(
        "conv2d", (2, 2 * groups, 5, width), (3 * groups, 2, kernel, 3), 1, padding, 1, groups
    )
    shapes = (
        (5, groups, 2, width, 2),
        (groups, 3, 2, kernel, 3),
        (3 * groups,),
        (down.windows, groups, 3, across.windows, 2),
    )
    return *(rng.normal(size=shape) for shape in shapes), (down, across)


@pytest.mark.parametrize(("columns", "tile"), [(2, 1), (4, 200), (512, 1 << 18)])
@pytest.mark.parametrize(("width", "kernel", "padding", "groups"), GEOMETRIES)
def test_all_three_maps_are_those_of_rows(
    width, kernel, padding, groups, columns, tile, monkeypatch
):
    monkeypatch.setattr(winograd, "COLUMNS", columns)
    monkeypatch.setattr(winograd, "TILE", tile)
    image, filters, bias, g, axes = layer(width, kernel, padding, groups)
    close = {"rtol": 0, "atol": 1e-13 * image.size}
    for b in (None, bias):
        np.testing.assert_allclose(
            winograd.correlate(image, filters, b, *axes),
            rows.correlate(image, filters, b, *axes),
            **close,
        )
    for name, given in {"filter_gradient": (image, g), "input_gradient": (g, filters)}.items():
        ours, plain = (getattr(module, name)(*given, *axes) for module in (winograd, rows))
        np.testing.assert_allclose(ours, plain, **close)


# --- As everyone calls them -----------------------------------------------------------------


NAMES = ["correlate", "input_gradient", "filter_gradient"]


def large() -> list[np.ndarray]:
    """A layer of enough work: images, filters, a bias and ∂L/∂O."""
    rng = np.random.default_rng(0)
    shapes = (8, 64, 24, 25), (64, 64, 3, 3), (64,), (8, 64, 24, 25)
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def maps(x, w, b, g):
    """Convolution, and its gradients in the images and in the filters."""
    return (
        conv2d(x, w, b, padding=1),
        conv2d_input_gradient(g, w, shape=x.shape, padding=1),
        conv2d_filter_gradient(x, g, kernel=(3, 3), padding=1),
    )


def test_large_layers_go_by_pairs_and_round_no_worse(monkeypatch):
    exact = maps(*(a.astype(float) for a in large()))
    used = []
    for name in NAMES:
        way = getattr(winograd, name)
        monkeypatch.setattr(
            winograd, name, lambda *a, way=way, name=name: used.append(name) or way(*a)
        )
    by_pairs = maps(*large())
    assert used == NAMES
    monkeypatch.setattr(winograd, "pays", lambda *_: False)
    plain = maps(*large())
    assert len(used) == 3
    for ours, theirs, wanted in zip(by_pairs, plain, exact):
        assert ours.dtype == np.float32
        errors = [np.sqrt(np.mean((y - wanted) ** 2)) for y in (ours, theirs)]
        assert errors[0] < 1.5 * errors[1]


@pytest.mark.parametrize("which", range(4), ids=["images", "filters", "bias", "gradient"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_goes_where_it_belongs(which, value, monkeypatch):
    given = large()
    given[which].flat[given[which].size // 2] = value
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "invalid value encountered in matmul")  # ∞ · 0 of padding
        by_pairs = maps(*given)
        monkeypatch.setattr(winograd, "pays", lambda *_: False)
        for ours, plain in zip(by_pairs, maps(*given)):
            np.testing.assert_array_equal(np.isnan(ours), np.isnan(plain))
            np.testing.assert_array_equal(np.isposinf(ours), np.isposinf(plain))
            np.testing.assert_array_equal(np.isneginf(ours), np.isneginf(plain))


def test_sums_that_overflow_are_computed_plainly():
    image, filters, bias, _, axes = layer(7, 3, 1, 1)
    image = np.full_like(image, 1.5e308)
    np.testing.assert_array_equal(
        winograd.correlate(image, filters * 1e-10, bias, *axes),
        rows.correlate(image, filters * 1e-10, bias, *axes),
    )


# --- Where it pays --------------------------------------------------------------------------

AXIS = Axis(24, 3, 1, 1, 1, 24)
PAYS = {"dtype": np.float32, "channels": 64, "outputs": 64, "batch": 8, "down": AXIS,
        "across": AXIS}  # fmt: skip
NOT = {
    "double precision": {"dtype": np.float64},
    "few channels": {"channels": 16, "outputs": 512},
    "few filters": {"channels": 512, "outputs": 16},
    "short rows": {"batch": 7, "channels": 512},
    "little work": {"channels": 32, "outputs": 32},
    "five columns": {"across": AXIS._replace(kernel=5)},
    "a stride": {"down": AXIS._replace(stride=2)},
    "a stride across": {"across": AXIS._replace(stride=2)},
    "a dilation": {"down": AXIS._replace(dilation=2)},
    "a dilation across": {"across": AXIS._replace(dilation=2)},
}


def paying(dtype, channels, outputs, batch, down, across):
    image = np.empty((down.size, 1, channels, across.size, batch), dtype)
    return winograd.pays(image, outputs, down, across)


def test_where_it_pays():
    assert paying(**PAYS)
    assert paying(**PAYS | {"down": AXIS._replace(kernel=5)})


@pytest.mark.parametrize("change", NOT.values(), ids=NOT)
def test_where_it_does_not_pay(change):
    assert not paying(**PAYS | change)
