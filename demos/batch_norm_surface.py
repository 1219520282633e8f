"""The loss as a landscape: along the gradient, and on a slice through the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import minigrad as mg
from minigrad import nn
from minigrad.nn import utils

STEPS = (0.03, 0.1, 0.3)  # against the gradient, in gradients


@dataclass(frozen=True)
class Cliff:
    """What waits one step of each length against the gradient.

    Source: Santurkar et al., "How does batch normalization help optimization?" (2018).
    """

    loss: float  # here
    losses: list[float]  # after each of STEPS
    turns: list[float]  # how much the gradient has changed there, ‖g' − g‖ / ‖g‖


@dataclass(frozen=True)
class Slice:
    """The loss on a square of the weights' space, ±1 norm of the weights along two directions."""

    side: np.ndarray
    loss: np.ndarray

    @property
    def slope(self) -> float:
        """The median steepness, in nats for one norm of the weights."""
        spacing = self.side[1] - self.side[0]
        return float(np.median(np.hypot(*np.gradient(self.loss, spacing))))


def cliffs(net: nn.Module, x: np.ndarray, y: np.ndarray) -> Cliff:
    """Walk a step of each length from here, look round, and come back."""
    here = utils.parameters_to_vector(net.parameters()).data.copy()
    loss, g = loss_and_gradient(net, x, y)
    losses, turns = [], []
    for step in STEPS:
        go(net, here - step * g)
        there, turned = loss_and_gradient(net, x, y)
        losses.append(there)
        turns.append(float(np.linalg.norm(turned - g) / np.linalg.norm(g)))
    go(net, here)
    return Cliff(loss, losses, turns)


def go(net: nn.Module, place: np.ndarray) -> None:
    """Set all weights."""
    utils.vector_to_parameters(mg.from_numpy(place), net.parameters())


def loss_and_gradient(net: nn.Module, x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """On all samples given, with the batch's own mean and spread."""
    net.zero_grad()
    loss = mg.cross_entropy(net(x), y)
    loss.backward(retain_graph=False)
    return loss.item(), np.concatenate([p.grad.data.ravel() for p in net.parameters()])


@mg.no_grad()
def slice_of(net: nn.Module, x: np.ndarray, y: np.ndarray, points: int) -> Slice:
    """Two random directions, in each parameter as long as the parameter itself.

    Source: Li et al., "Visualizing the loss landscape of neural nets" (2018).
    """
    rng = np.random.default_rng(0)
    here = utils.parameters_to_vector(net.parameters()).data.copy()
    along, across = direction(net, rng), direction(net, rng)
    side = np.linspace(-1, 1, points)
    loss = np.empty((points, points))
    for (i, j), _ in np.ndenumerate(loss):
        go(net, here + side[j] * along + side[i] * across)
        loss[i, j] = mg.cross_entropy(net(x), y).item()
    go(net, here)
    return Slice(side, loss)


def direction(net: nn.Module, rng: np.random.Generator) -> np.ndarray:
    """A random vector, in each parameter as long as the parameter."""
    pieces = [(rng.normal(size=p.shape), np.linalg.norm(p.data)) for p in net.parameters()]
    return np.concatenate([v.ravel() * (length / np.linalg.norm(v)) for v, length in pieces])
