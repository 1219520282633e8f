"""Many entries in one call: an entry of a filter changes one channel, and no other.

What depends on a layer's weights runs again for all of its filters, though one entry of one filter
has moved. But many ops treat the slices of an array one by one: a filter makes a channel, a channel
is normalised and pooled by itself, a sample goes through most layers alone. Such an op can be given
other slices, and more of them, than it was recorded with. So it is called once for many entries,
each of which brings the one slice that it has changed. Where an op needs all slices together, every
entry goes on alone, with its slice in its place and the others as recorded.

No list tells which ops these are. An op is one of them if for slices in any order, some of them
several times and some not at all, it gives these slices of its output, bit for bit, at a random
point close to the one that is examined. What holds there holds for derivatives too (shortcut.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

import numpy as np

from minigrad.check.shortcut import Shortcut, alike
from minigrad.graph import Array
from minigrad.replay import forward

TOGETHER = 64  # slices in one call, at most,
WIDER = 4  # and so many times as many as there are: this bounds the memory
TRIED = 16  # ways in which an op may take slices

Index = tuple[int, ...]
Axes = Sequence[int | None]  # for each input of an op, along which its slices lie; None: no slices


class Chosen:
    """Some slices, and what ops make of them; where they take no slices, the data of the whole."""

    def __init__(self, rows: Array, whole: Mapping[Any, Array]) -> None:
        self.rows, self.whole = rows, whole
        self.made: dict[Any, Array] = {}

    def fed(self, x: Any, axis: int | None) -> Array:
        """What an op gets for its input x."""
        if x in self.made:
            return self.made[x]
        data = self.whole.get(x, x._data)
        return data if axis is None else data.take(self.rows, axis)

    def result(self, node: Any, axes: Axes) -> Array:
        return forward(node, [self.fed(x, axis) for x, axis in zip(node.inputs, axes)])[0]


class Slices:
    """One input of a shortcut, whose entries act through slices: those along its first axis."""

    def __init__(self, shortcut: Shortcut, k: int) -> None:
        self.shortcut, self.leaf, self.x = shortcut, shortcut.inputs[k], shortcut.arrays[k]
        # always as many slices: in arrays of other sizes sums may be rounded in another way
        self.count = min(TOGETHER, WIDER * len(self.x))
        self.axes: dict[Any, int] = {self.leaf: 0}  # of each node, along which its slices lie
        self.apart: list[tuple[Any, Axes]] = []  # the ops that take slices
        self.rest = list(shortcut.plan((k,)))
        self.find_ops()
        needed = {x for node in self.rest for x in node.inputs} | set(shortcut.outputs)
        self.border = [node for node in self.axes if node in needed]

    # --- Which ops take slices --------------------------------------------------------------------

    def find_ops(self) -> None:
        """Go through the ops from the input on, up to the first that takes no slices."""
        rng, whole = self.shortcut.rng, self.beside()
        rows = rng.permutation(len(self.x))
        groups = [rows, *np.array_split(rows, 2)]
        tests = [Chosen(rng.choice(group, self.count), whole) for group in groups]
        for test in tests:
            test.made[self.leaf] = test.fed(self.leaf, 0)
        while self.rest and self.takes_slices(self.rest[0], tests):
            self.rest.pop(0)

    def beside(self) -> dict[Any, Array]:
        """The data of all nodes at a random point close to that of the examination."""
        shortcut = self.shortcut
        moved = {x: a + shortcut.random_step(a) for x, a in shortcut.given.items()}
        return shortcut.run(shortcut.plan(tuple(range(len(moved)))), moved)

    def takes_slices(self, node: Any, tests: Sequence[Chosen]) -> bool:
        """Whether an op does, in one of the ways in which it may; which one is noted."""
        for *axes, axis in islice(self.ways(node), TRIED):
            try:
                results = [test.result(node, axes) for test in tests]
            except Exception:  # an op may say anything about shapes that it does not like
                continue
            wanted = [test.whole[node].take(test.rows, axis) for test in tests]
            if alike(results, wanted):
                for test, result in zip(tests, results):
                    test.made[node] = result
                self.axes[node] = axis
                self.apart.append((node, axes))
                return True
        return False

    def ways(self, node: Any) -> Iterator[tuple[Any, ...]]:
        """The axes along which slices may lie: those of the op's inputs, and then its own."""
        known = self.axes
        options = [[known[x]] if x in known else [*self.fitting(x), None] for x in node.inputs]
        return product(*options, self.fitting(node))

    def fitting(self, x: Any) -> list[int]:
        """The axes that have an entry for each slice."""
        return [axis for axis, n in enumerate(x._data.shape) if n == len(self.x)]

    # --- Using them -------------------------------------------------------------------------------

    def outputs(self, indices: Sequence[Index], steps: Array) -> Iterator[list[Array]]:
        """The outputs when one entry goes a step: for each of these entries."""
        for i in range(0, len(indices), self.count):
            yield from self.together(indices[i : i + self.count], steps[i : i + self.count])

    def together(self, indices: Sequence[Index], steps: Array) -> Iterator[list[Array]]:
        """The same for no more entries than slices go into one call; any others fill it up."""
        rows = np.resize([index[0] for index in indices], self.count)
        chosen = Chosen(rows, self.shortcut.given)
        slices = chosen.made[self.leaf] = chosen.fed(self.leaf, 0)
        for i, (index, step) in enumerate(zip(indices, steps)):
            slices[(i, *index[1:])] += step
        for node, axes in self.apart:
            chosen.made[node] = chosen.result(node, axes)
        for i, (row, *_) in enumerate(indices):
            moved = {node: self.with_slice(node, row, chosen.made[node], i) for node in self.border}
            yield self.shortcut.outputs_of(self.shortcut.run(self.rest, moved))

    def with_slice(self, node: Any, row: int, slices: Array, i: int) -> Array:
        """A node's data with slice i of some others in the place of one of its own."""
        data = self.shortcut.given.get(node, node._data).copy("K")
        before: Any = (slice(None),) * self.axes[node]
        data[(*before, row)] = slices[(*before, i)]
        return data
