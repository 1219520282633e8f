"""Dropout as a function: of single entries, or of whole channels."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from minigrad.nn.checks import PROBABILITY, require
from minigrad.ops.arguments import array_of, operand
from minigrad.ops.primitive import primitive
from minigrad.rng import Rng, generator

RANGE = 1 << 16  # of the random numbers that are compared with p


@primitive(symbol="dropout", x=lambda g, y, x, mask: g * mask)
def masked(x: Any, /, mask: Any) -> Any:
    """y = x · mask, where the mask is 0 for what is dropped and 1 / (1 − p) for the rest"""
    return x * mask


def dropout(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    rng: Rng = None,
) -> Any:
    """Set each entry to 0 with probability p, and divide the others by 1 − p.

    So the expected value stays the same, and at test time (training=False) nothing is to be done.
    p counts to the nearest 1/65536. inplace is accepted as in PyTorch; the result is a new tensor
    all the same.

    Errors: a ValueError for p outside of 0…1. Source: Srivastava et al. (2014).
    """
    require("dropout", "p", p, PROBABILITY)
    input = operand("dropout", input)
    return dropped(input, p, input.shape, rng) if training and p else input


def dropout2d(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    rng: Rng = None,
) -> Any:
    """Set each channel of each image to 0 with probability p, and divide the others by 1 − p.

    Neighbouring pixels are alike, so that dropping single ones would hide little. x (N, C, H, W);
    three axes are taken for (N, C, L), with a warning, as in PyTorch. Otherwise like `dropout`.

    Errors: a ValueError for p outside of 0…1, or another number of axes.
    Source: Tompson et al. (2015).
    """
    require("dropout2d", "p", p, PROBABILITY)
    input = operand("dropout2d", input)
    shape = input.shape
    if len(shape) not in (3, 4):
        raise ValueError(
            f"dropout2d: wanted x of shape (N, C, H, W), or (N, C, L); got {shape}; dropout takes "
            "any shape"
        )
    if len(shape) == 3:
        warnings.warn(
            f"dropout2d: x of shape {shape} is taken for (N, C, L), sequences of {shape[1]} "
            "channels; give a single image an axis for the batch, x[None]",
            UserWarning,
            stacklevel=2,
        )
    one_each = shape[:2] + (1,) * (len(shape) - 2)
    return dropped(input, p, one_each, rng) if training and p else input


def dropped(input: Any, p: float, shape: tuple[int, ...], rng: Rng) -> Any:
    """The input times a mask of this shape, in the input's order in memory."""
    x = array_of(input)
    mask = kept(x, p, shape, rng).astype(x.dtype)
    mask *= 1 / (1 - p) if p < 1 else 0
    return masked(input, mask=mask)


def kept(x: Any, p: float, shape: tuple[int, ...], rng: Rng) -> Any:
    """Of each entry whether it is kept: drawn in the order in which the entries of x lie.

    Fast because 16 random bits per entry are enough, and none is moved to another place.
    """
    keep = np.empty_like(x, bool, shape=shape)
    bits = generator(rng).integers(RANGE, size=keep.size, dtype=np.uint16)
    np.greater_equal(bits, round(p * RANGE), out=keep.ravel(order="K"))  # a view: it has no gaps
    return keep
