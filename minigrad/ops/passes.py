"""Passes over large arrays without NumPy's buffers.

Where an operand is broadcast, as the mean of a channel is to all its pixels, NumPy copies what it
works on into buffers of 8192 entries, unless the runs that it finds in memory are longer than
such a buffer. With short buffers they always are, and the pass takes a third of the time. The
same buffers slow down what has to convert its operands on the way.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import numpy as np

from minigrad.graph import Array

SHORT = 256  # entries of a buffer
LARGE = 1 << 16  # entries of an array from which on it pays: setting the size takes 1 µs


class ShortBuffers:
    """Within this, NumPy's buffers are short. What comes out of a pass does not depend on it."""

    def __enter__(self) -> None:
        self.before = np.setbufsize(SHORT)

    def __exit__(self, *exception: object) -> None:
        np.setbufsize(self.before)


AS_IT_IS = nullcontext()


def long_passes(x: Array) -> AbstractContextManager[None]:
    """For passes over x: short buffers if it is large."""
    return ShortBuffers() if x.size >= LARGE else AS_IT_IS


def masked(x: Array, mask: Array) -> Array:
    """x where the mask is true, else 0; for large arrays.

    The truth values are made numbers first, and their memory takes the product: x * mask, which
    converts them on the way, takes a third longer.
    """
    numbers = mask.astype(x.dtype)
    return np.multiply(x, numbers, out=numbers)
