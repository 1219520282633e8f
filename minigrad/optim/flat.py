"""Parameters laid end to end, so that one update rule runs over all of them in long strides.

A network has many small arrays, and NumPy is fastest on long ones that fit into the cache. So
what an optimizer remembers about parameters that it treats alike lies in flat arrays; these are
worked on block by block, and a block's gradients are gathered on the way. The parameters
themselves stay where they are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from operator import is_
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray

BLOCK = 262144  # entries; 1 MB in float32, so that a rule finds what it needs in the cache
LARGE = BLOCK // 4  # a parameter of more entries has blocks of its own


class Block(NamedTuple):
    """A part of the flat arrays: some parameters, one after the other, or a part of a large one."""

    span: slice  # in the flat arrays
    members: slice  # which parameters
    own: slice  # which of their entries


def cut(sizes: Sequence[int]) -> Iterator[Block]:
    """Blocks of at most BLOCK entries for parameters of these sizes, laid end to end.

    sizes: from large to small. A large parameter is cut, small ones share a block: only those
    have to be gathered.
    """
    ends = list(accumulate(sizes, initial=0))
    large = sum(size > LARGE for size in sizes)
    for i in range(large):
        count = -(-sizes[i] // BLOCK)
        marks = [sizes[i] * k // count for k in range(count + 1)]
        for lo, hi in pairwise(marks):
            yield Block(slice(ends[i] + lo, ends[i] + hi), slice(i, i + 1), slice(lo, hi))
    first = large
    for i in range(large + 1, len(sizes) + 1):
        if i == len(sizes) or ends[i + 1] - ends[first] > BLOCK:
            yield Block(slice(ends[first], ends[i]), slice(first, i), slice(None))
            first = i


def writeable(data: Array) -> Array:
    """The array, if it can be updated in place."""
    if not data.flags.writeable:
        raise ValueError(
            f"step: the array of a parameter of shape {data.shape} is read-only, so it cannot be "
            "updated in place; make the parameter of a copy"
        )
    return data


class Flat:
    """Parameters of one dtype, and what is remembered about them, laid end to end."""

    def __init__(self, params: Sequence[Any]) -> None:
        self.key = tuple(map(id, params))
        self.order = sorted(range(len(params)), key=lambda i: -params[i].data.size)
        self.params = [params[i] for i in self.order]
        self.data = [writeable(p.data) for p in self.params]
        self.dtype = self.data[0].dtype
        self.lines = [data.reshape(-1) for data in self.data]  # a copy of what has gaps
        pairs = zip(self.data, self.lines)
        self.copied = [(data, line) for data, line in pairs if not np.may_share_memory(data, line)]
        self.ends = list(accumulate((data.size for data in self.data), initial=0))
        self.blocks = list(cut([data.size for data in self.data]))
        self.longest = max(block.span.stop - block.span.start for block in self.blocks)
        self.arrays: dict[str, Array] = {}
        self.views: dict[str, list[Array]] = {}

    def fits(self) -> bool:
        """Whether the parameters' arrays still are those that were laid out here."""
        return all(map(is_, [p.data for p in self.params], self.data))

    def fetch(self) -> None:
        """Bring lines that are copies up to date."""
        for data, line in self.copied:
            line[:] = data.reshape(-1)

    def deliver(self) -> None:
        """Write lines that are copies back."""
        for data, line in self.copied:
            data[...] = line.reshape(data.shape)

    def remember(self, name: str, entries: Sequence[dict[str, Any]], start: float) -> Array:
        """The flat array of this name, of which every entries[i][name] is a view from now on.

        What an entry holds under this name is taken over; without it the values are start.
        """
        if name not in self.arrays:
            flat = np.full(self.ends[-1], start, self.dtype)
            spans = zip(pairwise(self.ends), self.data)
            self.views[name] = [flat[a:b].reshape(data.shape) for (a, b), data in spans]
            self.arrays[name] = flat
        for entry, view in zip(entries, self.views[name]):
            held = entry.get(name)
            if held is not view:
                view[...] = start if held is None else held
                entry[name] = view
        return self.arrays[name]

    def read(self, block: Block, lines: Sequence[Array], buffer: Array) -> Array:
        """The block's entries of the lines: a view where one line has them, else in the buffer."""
        members = lines[block.members]
        if len(members) == 1:
            return members[0][block.own]
        return np.concatenate(members, out=buffer, casting="same_kind")

    def subtract(self, block: Block, step: Array, shrink: float) -> None:
        """θ ← shrink · θ − step, in the parameters' own memory."""
        lo = 0
        for line in self.lines[block.members]:
            theta = line[block.own]
            if shrink != 1:
                theta *= shrink
            hi = lo + len(theta)
            theta -= step[lo:hi]
            lo = hi
