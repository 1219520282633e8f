"""Drawing: the DOT text of 10,000 nodes, the same graphs elided, and a network as SVG."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from ..workload import Case, Comparison, Workload

NODES = 10_000
NOTHING = "nothing"  # what a picture takes beyond doing nothing


def chain() -> Any:
    """x + x + x + …: one leaf with thousands of uses."""
    from minigrad import Value

    x = y = Value(1.0, "x")
    for _ in range(NODES - 1):
        y = y + x
    y.backward()
    return y


def layers() -> Any:
    """A network of Values, 16 inputs and two layers of 48 neurons each."""
    from minigrad import Value

    pick, xs = random.Random(0), [Value(i / 16, f"x{i}") for i in range(16)]
    for layer, width in enumerate((48, 48, 8)):
        units = []
        for j in range(width):
            total = Value(0.1, f"b{layer}_{j}")
            for i, x in enumerate(xs):
                total = total + Value(pick.gauss(0, 1), f"w{layer}_{j}_{i}") * x
            units.append(total.tanh())
        xs = units
    loss = sum(xs, Value(0.0))
    loss.backward()
    return loss


def network() -> Any:
    """Two blocks of convolution, batch normalisation, ReLU and pooling, then a linear layer."""
    import numpy as np

    from minigrad import Tensor, cross_entropy, nn

    def block(before: int, after: int) -> nn.Sequential:
        conv = nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False, rng=0)
        return nn.Sequential(conv, nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2))

    net = nn.Sequential(block(1, 16), block(16, 32), nn.Flatten(), nn.Linear(128, 10, rng=0))
    images = np.random.default_rng(0).standard_normal((64, 1, 8, 8)).astype(np.float32)
    loss = cross_entropy(net(Tensor(images)), np.arange(64) % 10)
    loss.backward()
    return loss


def case(
    make: Callable[[], Any], picture: Callable[[Any], str], boxes: int
) -> Callable[[str], Case]:
    """Drawing a graph again and again; results are how many boxes there are."""

    def build(contestant: str) -> Case:
        if contestant == NOTHING:
            return Case(int, dict)
        root = make()

        def results() -> dict[str, Any]:
            return {"boxes": len(re.findall(r'id="mg(-|&#45;)n\d+"', picture(root)))}

        return Case(lambda: picture(root), results, {"boxes": boxes})

    return build


def whole(root: Any) -> str:
    from minigrad import draw

    return draw(root, max_nodes=10 * NODES).source


def elided(root: Any) -> str:
    from minigrad import draw

    return draw(root).source


def as_svg(root: Any) -> str:
    from minigrad import draw

    return draw(root, depth=None).svg()


def workload(name: str, about: str, build: Callable[[str], Case], target: float) -> Workload:
    pair = Comparison("draw", NOTHING, target, difference=True)
    return Workload(f"drawing/{name}", about, build, (pair,), rounds=15)


WORKLOADS = [
    workload("chain", "the DOT text of a chain of 10,000 nodes", case(chain, whole, NODES), 0.5),
    workload("layers", "the DOT text of 10,601 Values", case(layers, whole, 10_601), 0.5),
    workload("chain-elided", "the same chain, 120 boxes of it", case(chain, elided, 120), 1.0),
    workload("layers-elided", "the same Values, 120 boxes of them", case(layers, elided, 120), 1.0),
    workload("network", "a convolutional network as SVG", case(network, as_svg, 13), 0.3),
]
