"""Parameters laid end to end, so that one update rule runs over all of them in long strides.

A network has many small arrays, and NumPy is fastest on long ones that fit into the cache. So
what an optimizer remembers about parameters that it treats alike lies in flat arrays; these are
worked on block by block, and a block's gradients are gathered on the way. The parameters
themselves stay where they are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray

BLOCK = 65536  # entries; 256 KB in float32, so that a rule finds what it needs in the cache


class Piece(NamedTuple):
    """A part of one parameter, and where it lies in a block."""

    which: int
    own: slice  # in the parameter, read in C order
    place: slice  # in the block


class Block(NamedTuple):
    """A part of the flat arrays: several whole parameters, or a part of a large one."""

    span: slice
    pieces: list[Piece]


def cut(sizes: Sequence[int]) -> Iterator[Block]:
    """Blocks of at most BLOCK entries for parameters of these sizes, laid end to end.

    sizes: from large to small. A large parameter is cut, small ones share a block: only those
    have to be gathered.
    """
    start, used = 0, 0
    pieces: list[Piece] = []
    for index, size in enumerate(sizes):
        if size > BLOCK // 2:
            for own in parts(size):
                yield Block(slice(start + own.start, start + own.stop), whole_of(index, own))
            start += size
            continue
        if used + size > BLOCK:
            yield Block(slice(start, start + used), pieces)
            start, pieces, used = start + used, [], 0
        pieces.append(Piece(index, slice(0, size), slice(used, used + size)))
        used += size
    if used:
        yield Block(slice(start, start + used), pieces)


def parts(size: int) -> list[slice]:
    """Slices of equal length, at most BLOCK, that cover size entries."""
    count = -(-size // BLOCK)
    return [slice(size * k // count, size * (k + 1) // count) for k in range(count)]


def whole_of(index: int, own: slice) -> list[Piece]:
    return [Piece(index, own, slice(0, own.stop - own.start))]


def line(array: Array) -> Any:
    """The array's entries in C order, to be read and written by slices; never a copy."""
    return array.reshape(-1) if array.flags.c_contiguous else array.flat


class Flat:
    """Parameters of one dtype, and what is remembered about them, laid end to end."""

    def __init__(self, params: Sequence[Any]) -> None:
        self.key = tuple(map(id, params))
        self.params = sorted(params, key=lambda p: -p.data.size)
        self.data = [p.data for p in self.params]
        self.lines = [line(data) for data in self.data]
        self.shapes = [data.shape for data in self.data]
        self.dtype = self.data[0].dtype
        self.ends = list(accumulate((data.size for data in self.data), initial=0))
        self.blocks = list(cut([data.size for data in self.data]))
        self.arrays: dict[str, Array] = {}
        self.views: dict[str, list[Array]] = {}

    def fits(self) -> bool:
        """Whether the parameters' arrays still are those that were laid out here."""
        return all(p.data is data for p, data in zip(self.params, self.data))

    def remember(self, name: str, entries: Sequence[dict[str, Any]], start: float) -> Array:
        """The flat array of this name, of which every entries[i][name] is a view from now on.

        What an entry holds under this name is taken over; without it the values are start.
        """
        if name not in self.arrays:
            flat = np.full(self.ends[-1], start, self.dtype)
            spans = zip(pairwise(self.ends), self.shapes)
            self.views[name] = [flat[a:b].reshape(shape) for (a, b), shape in spans]
            self.arrays[name] = flat
        for entry, view in zip(entries, self.views[name]):
            held = entry.get(name)
            if held is not view:
                view[...] = start if held is None else held
                entry[name] = view
        return self.arrays[name]

    def read(self, block: Block, lines: Sequence[Any], buffer: Array) -> Array:
        """The block's entries of the lines: a view where one line has them, else in the buffer."""
        index, own, _ = block.pieces[0]
        if len(block.pieces) == 1:
            return lines[index][own]
        whole = [lines[piece.which][:] for piece in block.pieces]
        return np.concatenate(whole, out=buffer, casting="same_kind")

    def subtract(self, block: Block, step: Array, shrink: float) -> None:
        """θ ← shrink · θ − step, in the parameters' own memory."""
        for index, own, place in block.pieces:
            theta = self.lines[index][own]
            if shrink != 1:
                theta *= shrink
            theta -= step[place]
            if not isinstance(self.lines[index], Array):
                self.lines[index][own] = theta
