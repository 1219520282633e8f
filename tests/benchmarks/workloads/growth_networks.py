"""Training steps of larger and larger convolutional networks: in each direction as theory says."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from ..networks import CLASSES, Conv, Flatten, Linear, Network, ReLU, modules
from ..workload import Case, Workload
from .sizes import doublings, number


class Size(NamedTuple):
    """How large a network is, and its batch."""

    images: int = 16
    pixels: int = 16  # wide and high
    channels: int = 16
    layers: int = 2

    def network(self) -> Network:
        """Convolutions of 3×3 with ReLU, then one linear layer."""
        c, side = self.channels, self.pixels
        hidden = (Conv(c, c, 3, 1), ReLU()) * self.layers
        last = Flatten(), Linear(c * side * side, CLASSES)
        return Network((*hidden, *last), (self.images, c, side, side))


DIRECTIONS = {"images": (256, 1), "pixels": (128, 2), "channels": (128, 2), "layers": (32, 1)}


def build(direction: str, contestant: str) -> Case:
    """A step of `fit`'s own loop; what it gives cannot be compared from size to size."""
    size = Size()._replace(**{direction: number(contestant)})
    return Case(modules.ours(size.network()).step, dict)


def workload(direction: str, largest: int, theory: int) -> Workload:
    """Growth in one direction, the others as they are in `Size`."""
    start = getattr(Size(), direction)
    return Workload(
        f"growth/{direction}",
        f"training step of a CNN with more and more {direction}",
        partial(build, direction),
        doublings(start, largest, direction, theory),
        theory=theory,
    )


WORKLOADS = [workload(name, *end) for name, end in DIRECTIONS.items()]
