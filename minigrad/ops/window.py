"""Where windows lie: one axis of an image, and a kernel that slides along it.

Convolution and pooling ask the same questions of each image axis: how many windows there are,
what they see, and what to say if the numbers given make no sense.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import lru_cache
from math import gcd
from typing import Any, NamedTuple


class Run(NamedTuple):
    """So many positions: first, first + step, …; some may lie outside of the axis."""

    first: int
    step: int
    length: int

    def within(self, size: int) -> tuple[slice, slice]:
        """Those in 0 … size − 1: which of the run they are, and which of the axis.

        >>> Run(-1, 2, 4).within(5)
        (slice(1, 3, None), slice(1, 5, 2))
        """
        start = min(max(0, -(self.first // self.step)), self.length)
        stop = min(max(start, (size - 1 - self.first) // self.step + 1), self.length)
        at = self.first + self.step * start
        return slice(start, stop), slice(at, at + self.step * (stop - start), self.step)


class Axis(NamedTuple):
    """An axis of the given size, and the windows on it.

    Window o sees the positions o · stride − before + k · dilation for k = 0 … kernel − 1;
    what lies outside is padding.
    """

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    windows: int

    @property
    def plain(self) -> bool:
        """Whether window o is just position o."""
        return self == Axis.identity(self.size)

    @property
    def coprime(self) -> tuple[int, int]:
        """Stride and dilation without their common divisor."""
        shared = gcd(self.stride, self.dilation)
        return self.stride // shared, self.dilation // shared

    @property
    def covered(self) -> bool:
        """Whether no window looks outside."""
        end = (self.windows - 1) * self.stride + reach(self.kernel, self.dilation) - self.before
        return self.before <= 0 and end <= self.size

    @property
    def tiled(self) -> bool:
        """Whether the windows lie side by side, from the start on."""
        side_by_side = self.kernel == self.stride and self.dilation == 1
        return side_by_side and self.before == 0 and self.covered

    @property
    def paved(self) -> bool:
        """Whether they are tiled, and nothing of the axis is left over."""
        return self.tiled and self.kernel * self.windows == self.size

    @classmethod
    def tiles(cls, size: int, count: int) -> Axis:
        """So many windows of one length, side by side."""
        kernel = size // count
        return cls(size, kernel, kernel, 1, 0, count)

    @classmethod
    def identity(cls, size: int) -> Axis:
        """Each window sees the one position that has its number."""
        return cls(size, 1, 1, 1, 0, size)

    def taps(self, windows: slice | None = None) -> Sequence[tuple[slice, slice]]:
        """For each entry of the kernel: the windows in which it sees the image, and what.

        windows: a part of them; they are then counted from its start.
        """
        return taps(
            self, *((0, self.windows) if windows is None else (windows.start, windows.stop))
        )


@lru_cache(1024)  # a step asks the same as the last one
def taps(axis: Axis, start: int, stop: int) -> Sequence[tuple[slice, slice]]:
    """`Axis.taps` of the windows from start to before stop."""
    first = start * axis.stride - axis.before
    runs = [Run(first + k * axis.dilation, axis.stride, stop - start) for k in range(axis.kernel)]
    return tuple([run.within(axis.size) for run in runs])


def reach(kernel: int, dilation: int) -> int:
    """The length that a dilated kernel spans."""
    return dilation * (kernel - 1) + 1


def by(sizes: Sequence[int]) -> str:
    """Sizes as one says them: (3 x 3)."""
    return f"({' x '.join(map(str, sizes))})"


def whole_numbers(op: str, name: str, value: Any, axes: int, least: int) -> tuple[int, ...]:
    """A parameter with one int for each image axis; a single int stands for all of them."""
    if value.__class__ is int and value >= least:
        return (value,) * axes
    many = isinstance(value, (tuple, list))
    wanted = "an int" if axes == 1 else f"an int or {axes} ints"
    try:
        numbers = tuple(map(operator.index, value)) if many else (operator.index(value),) * axes
    except TypeError:
        raise TypeError(f"{op}: {name} must be {wanted}, got {value!r}") from None
    if len(numbers) != axes:
        raise ValueError(f"{op}: {name} must be {wanted}, got {value!r}")
    if min(numbers) < least:
        raise ValueError(f"{op}: {name} must be at least {least}, got {value!r}")
    return numbers


def check_images(op: str, shape: Sequence[int], axes: int) -> None:
    """Images have so many axes after N and C; a single one has no N."""
    if len(shape) not in (axes + 1, axes + 2):
        letters = "C, L" if axes == 1 else "C, H, W"
        raise ValueError(
            f"{op}: x must have shape (N, {letters}), or ({letters}) for a single one; "
            f"it has shape {tuple(shape)}"
        )
