"""Dropout as a function."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.arguments import array_of
from minigrad.ops.primitive import primitive
from minigrad.rng import Rng, generator


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
    inplace is accepted as in PyTorch; the result is a new tensor all the same.

    Errors: a ValueError for p outside of 0…1. Source: Srivastava et al. (2014).
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p is {p}, wanted a probability between 0 and 1")
    if not training or p == 0:
        return input
    x = array_of(input)
    keep = generator(rng).random(x.shape, np.float32) >= p
    return masked(input, mask=np.multiply(keep, 1 / (1 - p) if p < 1 else 0, dtype=x.dtype))
