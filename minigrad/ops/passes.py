"""Passes over large arrays, without NumPy's buffers and without its guesses.

Where an operand is broadcast, as the mean of a channel is to all its pixels, NumPy copies what it
works on into buffers of 8192 entries, unless the runs that it finds in memory are longer than
such a buffer. With short buffers they always are, and the pass takes a third of the time. The
same buffers slow down what has to convert its operands on the way.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from minigrad.graph import Array

SHORT = 256  # entries of a buffer
LARGE = 1 << 16  # entries of an array from which on it pays: setting the size takes 1 µs
MANY = 4096  # entries of an array that is large enough to be gone through twice
NUMBERS = (int, float)
WHOLE = {"e": np.int16, "f": np.int32, "d": np.int64}  # as wide as the float of that letter


class ShortBuffers:
    """Within this, NumPy's buffers are short. What comes out of a pass does not depend on it."""

    def __enter__(self) -> None:
        self.before = np.setbufsize(SHORT)

    def __exit__(self, *exception: object) -> None:
        np.setbufsize(self.before)


AS_IT_IS = nullcontext()


def long_passes(x: Array) -> AbstractContextManager[None]:
    """For passes over x: short buffers if it is large, and its rows longer than them.

    The row is the last axis of more than one entry, along which all operands are in one piece.
    """
    row = next((n for n in reversed(x.shape) if n > 1), 1)
    return ShortBuffers() if x.size >= LARGE and row > SHORT else AS_IT_IS


def kept(x: Any, mask: Any) -> Any:
    """x where the mask is true, else 0; of one shape.

    In a large array the truth values are made numbers first, and their memory takes the product:
    x * mask, which converts them on the way, takes a third longer.
    """
    if x.__class__ is not Array or x.size < MANY:
        return x * mask
    numbers = mask.astype(x.dtype)
    return np.multiply(x, numbers, out=numbers)


def at_least(x: Any, low: float) -> Any:
    """The larger of x and a number.

    np.clip has a loop for bounds that are numbers, np.maximum has not: on large arrays the same
    comparison takes it three to four times as long.
    """
    if x.__class__ is Array and x.size >= MANY and x.dtype.char in WHOLE:
        return x.clip(low, math.inf)
    return np.maximum(x, low)


def at_most(x: Any, high: float) -> Any:
    """The smaller of x and a number, as quickly."""
    if x.__class__ is Array and x.size >= MANY and x.dtype.char in WHOLE:
        return x.clip(-math.inf, high)
    return np.minimum(x, high)


def chosen(mask: Any, a: Any, b: Any) -> Any:
    """a where the mask is true, else b: `np.where`, and three to six times as fast on large arrays.

    np.where asks at every entry which way to go, and the processor, which guesses the answer, is
    wrong half of the time. Here the bits of both sides are looked at as whole numbers, and
    b ^ ((a ^ b) & m) is a if all bits of m are 1, and b if all are 0; nothing is guessed.
    """
    like = b if a.__class__ in NUMBERS else a
    if not (mask.__class__ is like.__class__ is Array and mask.dtype == bool and mask.size >= MANY):
        return np.where(mask, a, b)
    dtype = like.dtype
    if dtype.char not in WHOLE or not (fits(a, mask, dtype) and fits(b, mask, dtype)):
        return np.where(mask, a, b)
    whole = WHOLE[dtype.char]
    a, b = np.asarray(a, dtype).view(whole), np.asarray(b, dtype).view(whole)
    bits = np.negative(mask.view(np.int8)).astype(whole)  # −1 has all bits 1
    bits &= a ^ b
    bits ^= b
    return bits.view(dtype)


def fits(x: Any, mask: Array, dtype: np.dtype[Any]) -> bool:
    """Whether x is a number, or an array of that shape and dtype."""
    if x.__class__ in NUMBERS:
        return True
    return x.__class__ is Array and x.dtype == dtype and x.shape in (mask.shape, ())
