"""The places where the ops of a program use one of its inputs, each by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np

from minigrad.check.subject import Program
from minigrad.graph import Array, topological
from minigrad.replay import forward

MOST = 6  # uses that are told apart
LONGEST = 1000  # ops that run again for each of them


class Uses:
    """The uses of input k in one call; each is a node and the position of the input there."""

    def __init__(self, program: Program, arrays: Sequence[Array], k: int) -> None:
        nodes, self.outputs = program.call([x.copy(order="K") for x in arrays])
        known = dict.fromkeys(chain.from_iterable(map(topological, self.outputs)))
        self.order = [node for node in known if node.op is not None]
        self.data = dict(zip(nodes, arrays))
        self.places = [
            (node, i) for node in self.order for i, x in enumerate(node.inputs) if x is nodes[k]
        ]

    def subsets(self) -> Iterator[tuple[list[int], str]]:
        """Some of the uses: each by itself, then all but one."""
        count = len(self.places)
        if not 1 < count <= MOST or len(self.order) > LONGEST:
            return
        for i, place in enumerate(self.places):
            yield [i], self.name(place)
        for i, place in enumerate(self.places if count > 2 else []):
            yield [j for j in range(count) if j != i], f"all but {self.name(place)}"

    def name(self, place: tuple[Any, int]) -> str:
        node, i = place
        return f"{node.op.name}, input {node.op.input_name(i)}"

    def values_by(self, some: Sequence[int]) -> Callable[[Array], list[Array]]:
        """The outputs where some uses of the input, and no others, get another array."""
        places = {self.places[i] for i in some}

        def values(x: Array) -> list[Array]:
            made: dict[Any, Array] = {}
            for node in self.order:
                changed = [(node, i) in places for i in range(len(node.inputs))]
                if any(changed) or any(source in made for source in node.inputs):
                    given = [made.get(n, self.data.get(n, n._data)) for n in node.inputs]
                    made[node], _ = forward(
                        node, [x if new else old for new, old in zip(changed, given)]
                    )
            return [np.asarray(made.get(y, y._data)) for y in self.outputs]

        return values
