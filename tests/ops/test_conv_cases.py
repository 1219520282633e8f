"""Convolution: every combination of its parameters, layouts in memory, how much memory it takes."""

from __future__ import annotations

import tracemalloc
from itertools import product

import numpy as np
import pytest
from test_conv import random, with_gradients

import minigrad as mg
from minigrad.ops.conv import conv2d


def by_shifts(x, w, g, stride, padding, dilation, groups):
    """Output and gradients, summed up over the entries of the filter: O += F[i, j] · X shifted."""
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    into, of = np.split(padded, groups, 1), np.split(w, groups, 0)
    y, dw, dx = np.zeros(g.shape), np.zeros(w.shape), np.zeros(padded.shape)
    for part, upstream, to_x, to_w, shifted in zip(
        np.split(y, groups, 1), np.split(g, groups, 1), np.split(dx, groups, 1),
        np.split(dw, groups, 0), range(groups),
    ):  # fmt: skip
        for i, j in np.ndindex(*w.shape[2:]):
            at = (
                ...,
                slice(i * dilation, i * dilation + stride * g.shape[2], stride),
                slice(j * dilation, j * dilation + stride * g.shape[3], stride),
            )
            seen, tap = into[shifted][at], of[shifted][:, :, i, j]
            part += np.einsum("oc,nchw->nohw", tap, seen)
            to_w[:, :, i, j] += np.einsum("nohw,nchw->oc", upstream, seen)
            to_x[at] += np.einsum("oc,nohw->nchw", tap, upstream)
    inner = slice(padding, -padding or None)
    return y, dx[:, :, inner, inner], dw


@pytest.mark.parametrize("kernel", [(1, 1), (2, 2), (3, 3), (4, 4), (2, 3)], ids=str)
@pytest.mark.parametrize("stride, padding, dilation", [*product((1, 2, 3), (0, 1, 3), (1, 2))])
def test_CNV_19_every_combination(stride, padding, dilation, kernel):
    for groups, size in product((1, 2, 4), ((7, 7), (8, 8), (5, 9))):
        if dilation * (max(kernel) - 1) >= min(size) + 2 * padding:
            continue  # larger than the padded image
        x, w, b = random(2, 4, *size), random(4, 4 // groups, *kernel), random(4)
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        g = random(*conv2d(x, w, **options).shape, seed=1)
        y, dx, dw = by_shifts(x, w, g, **options)
        wanted = y + b[:, None, None], dx, dw, g.sum((0, 2, 3))
        found = with_gradients(lambda *xs, o=options: conv2d(*xs, **o), x, w, b, g=g)
        for got, want in zip(found, wanted):
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)


def other_layouts(x):
    """The same numbers: transposed in memory, backwards, every second one, in Fortran's order."""
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    backwards = np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    turned = np.ascontiguousarray(x.swapaxes(-1, -2)).swapaxes(-1, -2)
    return [turned, backwards, wide[..., ::2], np.asfortranarray(x)]


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1, "groups": 2}], ids=str)
def test_CNV_20_the_layout_in_memory_does_not_matter(options):
    x, w = random(2, 4, 7, 8), random(6, 4 // options.get("groups", 1), 3, 3)
    flat = np.broadcast_to(random(4, 1, 1), (2, 4, 7, 8))
    g = random(*conv2d(x, w, **options).shape, seed=1)

    def run(x, w, g):
        tensors = [mg.from_numpy(a).requires_grad_() for a in (x, w)]
        y = conv2d(*tensors, **options)
        y.backward(g)
        return [y.data, *(t.grad.data for t in tensors)]

    for image, others in ((x, other_layouts(x)), (flat.copy(), [flat])):
        wanted = run(image, w, g)
        for other in others:
            for filters, upstream in zip(other_layouts(w), other_layouts(g)):
                for got, want in zip(run(other, filters, upstream), wanted):
                    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    "images, channels, size", [(8, 16, 56), pytest.param(64, 64, 112, marks=pytest.mark.long)]
)
def test_CNV_21_no_more_memory_than_three_times_input_and_output(images, channels, size):
    x = np.ones((images, channels, size, size), np.float32)
    w = np.ones((channels, channels, 3, 3), np.float32)
    tracemalloc.start()
    try:
        y = conv2d(x, w)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (y == 9 * channels).all()
    assert peak <= 3 * (x.nbytes + y.nbytes)
