"""A shortcut to the outputs: running again only what depends on the input that is varied.

A full check evaluates the function four times for every entry of every input, and an entry of the
last layer's weights changes nothing in the layers before. So one call is recorded; when an input
moves, only the ops that it reaches run again, and what else they need is as recorded.

Is this still the same function? Not if it branches on values, or takes a detour around the graph
(`x.data`, plain NumPy): no recording sees that, the gradient may be wrong, and what runs again is
wrong in the same way. So a shortcut is taken only after it gave the function's own bits where all
inputs were moved at once, each entry as far as the check moves it but in random proportions, there
and back. That is enough: where two functions agree along a random line v through a point, ∇f · v =
∇f' · v there, which for a random v means ∇f = ∇f'; and bits show smaller differences than slopes.
A branch that is taken elsewhere does not matter to the gradient. One that begins at the very point,
as at a kink, is taken by v or by −v. Besides, what looks wrong by the shortcut is looked at again
by calls of the function: no input is called wrong without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minigrad.check.slopes import STEPS, power_of_two, typical
from minigrad.check.subject import Program
from minigrad.graph import Array, topological
from minigrad.replay import forward


class Shortcut:
    """The outputs of a program near a point, by the ops that one call there recorded."""

    def __init__(
        self, program: Program, arrays: Sequence[Array], eps: float | None, rng: np.random.Generator
    ) -> None:
        self.program, self.arrays, self.eps, self.rng = program, arrays, eps, rng
        self.inputs, self.outputs = program.call([x.copy(order="K") for x in arrays])
        # parameters themselves hold what the function was called with last
        self.given: dict[Any, Array] = dict(zip(self.inputs, arrays))
        self.recorded = [y._data for y in self.outputs]
        self.order = list(dict.fromkeys(node for y in self.outputs for node in topological(y)))
        self.plans: dict[tuple[int, ...], list[Any]] = {}
        self.known: dict[float, bool] = {}

    def values(self, moved: Mapping[int, Array]) -> list[Array]:
        """The outputs with these arrays in the places of some inputs."""
        changed = {self.inputs[k]: x for k, x in moved.items()}
        return self.outputs_of(self.run(self.plan(tuple(moved)), changed))

    def run(self, nodes: Sequence[Any], changed: dict[Any, Array]) -> dict[Any, Array]:
        """The data of nodes that run again, and of those before them that have changed."""
        data = self.given | changed
        for node in nodes:
            data[node], _ = forward(node, [data.get(x, x._data) for x in node.inputs])
        return data

    def outputs_of(self, data: Mapping[Any, Array]) -> list[Array]:
        return [data.get(y, y._data) for y in self.outputs]

    def plan(self, moved: tuple[int, ...]) -> list[Any]:
        """The nodes that depend on these inputs, in the order in which they were made."""
        if moved not in self.plans:
            reached = {self.inputs[k] for k in moved}
            for node in self.order:
                if not reached.isdisjoint(node.inputs):
                    reached.add(node)
            self.plans[moved] = [node for node in self.order if node in reached and node.inputs]
        return self.plans[moved]

    # --- Is it the same function? -----------------------------------------------------------------

    def trusted(self, wider: float) -> bool:
        """Whether it gives the function's own bits, with steps so many times as wide as usual."""
        if wider not in self.known:
            try:
                self.known[wider] = self.stands_still() and self.follows(wider)
            except Exception:  # an op that cannot run again, or a function that ends here
                self.known[wider] = False
        return self.known[wider]

    def stands_still(self) -> bool:
        """Whether each input, left where it is, gives what was recorded."""
        moves = [{k: x.copy("K")} for k, x in enumerate(self.arrays)]
        return all(alike(self.values(moved), self.recorded) for moved in moves)

    def follows(self, wider: float) -> bool:
        """Whether it agrees with the function where all inputs are moved, there and back."""
        for steps in (1, 2):
            way = [steps * wider * self.random_step(x) for x in self.arrays]
            for sign in (1, -1):
                there = [x + sign * v for x, v in zip(self.arrays, way)]
                if not alike(self.values(dict(enumerate(there))), self.program.values(there)):
                    return False
        return True

    def random_step(self, x: Array) -> Array:
        """Up to one step for each entry: none is moved farther than when it is moved by itself."""
        usual = STEPS[4] * power_of_two(np.maximum(np.abs(x), typical(x)))
        signs = self.rng.choice([-1.0, 1.0], x.shape)
        return signs * self.rng.uniform(0.5, 1.0, x.shape) * (self.eps or usual)


def alike(a: Sequence[Array], b: Sequence[Array]) -> bool:
    """Whether two lists of arrays are the same, bit for bit."""
    return len(a) == len(b) and all(
        x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()
        for x, y in zip(a, b)
    )
