"""The lecture's convolution: both gradients as the chain rule gives them, in plain NumPy.

Written to be read, and to test against: conv.py computes the same, faster. Forward and ∂L/∂F are
cross-correlations, they do not turn the filter; only ∂L/∂X does.

>>> X = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
>>> F = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
>>> dO = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
>>> filter_gradient(X, dO, (2, 2))[0, 0].tolist()
[[37.0, 47.0], [67.0, 77.0]]
>>> input_gradient(dO, F, (3, 3))[0, 0].tolist()
[[1.0, 4.0, 4.0], [6.0, 20.0, 16.0], [9.0, 24.0, 16.0]]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = np.ndarray


def convolution(X: Array, F: Array, stride: int = 1, padding: int = 0, dilation: int = 1) -> Array:
    """O = X ∗ F

    The filter slides over the image; where it lies, entries that meet are multiplied and summed:

        O11 = X11 F11 + X12 F12 + X21 F21 + X22 F22
        O12 = X12 F11 + X13 F12 + X22 F21 + X23 F22

    X (N, C, H, W), F (O, C, KH, KW) → (N, O, OH, OW). Zeros frame the image, the filter is spread
    by the dilation, and of the places where it can lie each stride-th is taken.
    Lecture: "Forward Pass".
    """
    everywhere = correlation(framed(X, padding, padding), spread(F, dilation))
    return everywhere[:, :, ::stride, ::stride]


def filter_gradient(
    X: Array,
    dO: Array,
    kernel: Sequence[int],
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> Array:
    """∂L/∂F = convolution (X, ∂L/∂O)

    F11 is used in every output, ∂O11/∂F11 = X11, ∂O12/∂F11 = X12, …, and F12 one column further:

        ∂L/∂F11 = ∂L/∂O11 · X11 + ∂L/∂O12 · X12 + ∂L/∂O21 · X21 + ∂L/∂O22 · X22
        ∂L/∂F12 = ∂L/∂O11 · X12 + ∂L/∂O12 · X13 + ∂L/∂O21 · X22 + ∂L/∂O22 · X23

    So ∂L/∂O slides over X as a filter would, and is not turned. Outputs lie a stride apart, so it
    is spread; filter entries lie a dilation apart, so each such place is taken. The sum over the
    images takes the part that the sum over channels has in the forward pass: they change places.
    Lecture: "Loss gradient w.r.t filter".
    """
    dF = correlation(swapped(framed(X, padding, padding)), swapped(spread(dO, stride)))
    return swapped(dF)[:, :, ::dilation, ::dilation][:, :, : kernel[0], : kernel[1]]


def input_gradient(
    dO: Array,
    F: Array,
    size: Sequence[int],
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> Array:
    """∂L/∂X = full convolution (F turned by 180°, ∂L/∂O), for X of the given size (H, W)

    X22 is under F22 for O11, under F21 for O12, under F12 for O21, under F11 for O22; a corner is
    in one output only:

        ∂L/∂X11 = ∂L/∂O11 · F11
        ∂L/∂X22 = ∂L/∂O11 · F22 + ∂L/∂O12 · F21 + ∂L/∂O21 · F12 + ∂L/∂O22 · F11

    As the outputs go forward the filter entries go backward: F meets ∂L/∂O turned by 180°. Rows
    and columns that no window reached get zeros, and the frame of zeros around X is cut off.
    Lecture: "Rotating filter by 180 degrees", "Summarising Back Propagation".
    """
    full = full_convolution(spread(F, dilation), spread(dO, stride))
    (n, c, rows, columns), (h, w) = full.shape, size
    whole = np.zeros((n, c, h + 2 * padding, w + 2 * padding), full.dtype)
    whole[:, :, :rows, :columns] = full
    return whole[:, :, padding : padding + h, padding : padding + w]


def full_convolution(F: Array, dO: Array) -> Array:
    """∂L/∂O convolved with F wherever they meet at all, be it in one corner; F turned by 180°."""
    kh, kw = F.shape[2:]
    return correlation(framed(dO, kh - 1, kw - 1), swapped(turned(F)))


def correlation(X: Array, F: Array) -> Array:
    """O[n, o, h, w] = Σ over c, i, j of X[n, c, h + i, w + j] · F[o, c, i, j]"""
    windows = sliding_window_view(X, F.shape[2:], axis=(2, 3))  # (N, C, OH, OW, KH, KW)
    return np.einsum("nchwij,ocij->nohw", windows, F)


def turned(F: Array) -> Array:
    """The filters turned by 180°: rows and columns backwards."""
    return F[:, :, ::-1, ::-1]


def swapped(A: Array) -> Array:
    """The first two axes in each other's place: images and channels, or filters and channels."""
    return A.swapaxes(0, 1)


def framed(X: Array, rows: int, columns: int) -> Array:
    """The images with rows of zeros above and below, columns of zeros left and right."""
    return np.pad(X, ((0, 0), (0, 0), (rows, rows), (columns, columns)))


def spread(A: Array, step: int) -> Array:
    """The rows and columns step apart, zeros between them."""
    n, c, h, w = A.shape
    wide = np.zeros((n, c, (h - 1) * step + 1, (w - 1) * step + 1), A.dtype)
    wide[:, :, ::step, ::step] = A
    return wide
