"""Four small networks in which the mistakes of the catalogue are planted.

Lengths are chosen so that most of them show: a matrix left on its side still fits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from planting import Fault, planted

import minigrad as mg
from minigrad import nn
from minigrad.graph import Node
from minigrad.nn import functional as F

RNG = np.random.default_rng(3)
EXACT = np.float64


class Mlp(nn.Module):
    """Two hidden layers, one of them with dropout; the loss is a mean of squares."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 3, rng=0, dtype=EXACT)
        self.second = nn.Linear(3, 3, rng=1, dtype=EXACT)
        self.last = nn.Linear(3, 3, rng=2, dtype=EXACT)
        self.x, self.target = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 3))

    def forward(self) -> Any:
        h = self.first(self.x).tanh()
        h = F.dropout(self.second(h).sigmoid(), 0.3, rng=4)
        return F.mse_loss(self.last(h), self.target)


class Cnn(nn.Module):
    """Convolution, batch normalisation, pooling, and a classifier of what is left."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 2, 2, rng=0, dtype=EXACT)
        self.norm = nn.BatchNorm2d(2, eps=0.1, dtype=EXACT)
        self.second = nn.Conv2d(2, 3, 2, rng=1, dtype=EXACT)
        self.last = nn.Linear(3, 3, rng=2, dtype=EXACT)
        self.norm.weight.data[...] = [0.7, 1.6]
        self.x, self.labels = RNG.normal(size=(3, 1, 4, 5)), np.array([0, 2, 1])

    def forward(self) -> Any:
        h = F.silu(self.norm(self.first(self.x)))  # (3, 2, 3, 4)
        h = F.max_pool2d(h, 2, stride=1)  # (3, 2, 2, 3)
        h = F.relu(self.second(h))  # (3, 3, 1, 2)
        h = nn.Flatten()(F.avg_pool2d(h, (1, 2)))
        return F.cross_entropy(self.last(h), self.labels)


class Attention(nn.Module):
    """Embedded tokens, one head of attention, a residual connection, layer normalisation."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(RNG.normal(size=(5, 3)))
        self.query = nn.Linear(3, 3, rng=0, dtype=EXACT)
        self.key = nn.Linear(3, 3, rng=1, dtype=EXACT)
        self.value = nn.Linear(3, 3, rng=2, dtype=EXACT)
        self.norm = nn.LayerNorm(3, eps=0.1, dtype=EXACT)
        self.last = nn.Linear(3, 3, rng=3, dtype=EXACT)
        self.norm.weight.data[...] = [0.7, 1.6, 1.2]
        self.tokens, self.target = np.array([[0, 3, 3], [4, 1, 0]]), RNG.normal(size=(2, 3, 3))

    def forward(self) -> Any:
        x = self.table[self.tokens]  # (2, 3, 3): sequences, tokens, features
        scores = np.matmul(self.query(x), np.swapaxes(self.key(x), -1, -2))
        attended = np.matmul(F.softmax(3 * scores, dim=-1), self.value(x))
        h = self.last(self.norm(x + attended))
        return -np.sum(F.log_softmax(h, dim=-1) * self.target)


class Heads(nn.Module):
    """The library's own attention, of two heads; the bias is not 0, as it is at first."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True, rng=0, dtype=EXACT)
        self.attention.in_proj_bias.data[...] = 0.3 * RNG.normal(size=12)
        self.x, self.target = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 3, 4))

    def forward(self) -> Any:
        output, _ = self.attention(self.x, self.x, self.x, need_weights=False)
        return F.mse_loss(output, self.target)


NETWORKS = {"MLP": Mlp, "CNN": Cnn, "attention": Attention, "two heads": Heads}


def shows(fault: Fault, nodes: list[Node]) -> bool:
    """Whether a mistake can be made in a graph: its rule can be used there, and is wrong.

    A rule that knows nothing of batches cannot be; one that forgets the stride is right at 1.
    """
    try:
        found = [differs(fault, node) for node in nodes if node.op is fault.op]
    except (TypeError, ValueError, IndexError, AttributeError):
        return False
    return any(found)


def differs(fault: Fault, node: Any) -> bool:
    """Whether the node hands out other shares when the fault is planted."""
    g = RNG.uniform(0.5, 1.5, node.shape) * RNG.choice([-1.0, 1.0], node.shape)
    right = node.op.shares(node, g, False, None)
    with planted(fault):
        wrong = node.op.shares(node, g, False, None)
    pairs = [(a, b) for a, b in zip(right, wrong) if a is not None]
    if any(a.shape != b.shape for a, b in pairs):
        raise ValueError(f"{fault} gives a share of another shape")
    return any(np.abs(a - b).max() > 1e-6 * np.abs(a).max() for a, b in pairs)


def matters(fault: Fault, network: nn.Module) -> bool:
    """Whether the network's gradient is wrong with it: a sign that is lost twice is not lost."""
    right = gradients(network)
    with planted(fault):
        wrong = gradients(network)
    return any(np.abs(a - b).max() > 1e-6 * np.abs(a).max() for a, b in zip(right, wrong))


def gradients(network: nn.Module) -> list[np.ndarray]:
    return [g.data for g in mg.grad(network(), list(network.parameters()), np.array(-2.0))]
