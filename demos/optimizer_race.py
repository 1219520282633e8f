"""A race down a surface: all optimizers with all learning rates, from one start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from optimizer_forms import FORMS, RATES, Form

import minigrad as mg
from minigrad.data import surfaces

NEAR = 0.05  # distance from a minimum that counts as being there, if it lasts for STAY steps
STAY = 10
FAR = 1e3  # from here nobody comes back

Goal = Callable[[np.ndarray], np.ndarray]  # of points (n, coordinates), whether they are there
Field = dict[Form, dict[float, "Runner"]]  # who runs, by form and learning rate


@dataclass
class Runner:
    """One optimizer with one learning rate on its way down."""

    theta: mg.Tensor
    optimizer: Any
    path: list[np.ndarray]
    there: int = 0  # how many steps in a row it has been at the goal

    @property
    def steps(self) -> int | None:
        """After how many it was there, to stay; None: it was not."""
        return len(self.path) - STAY if self.there == STAY else None

    def note(self, point: np.ndarray, at_goal: bool) -> None:
        """Where the last step led."""
        self.path.append(point)
        self.there = self.there + 1 if at_goal else 0


def race(surface: surfaces.Surface, goal: Goal, most: int) -> Field:
    """All forms with all rates from the surface's start, in one graph: a step of each, together."""
    field = {one: {rate: runner(surface, one, rate) for rate in RATES} for one in FORMS}
    running = [each for row in field.values() for each in row.values()]
    for _ in range(most):
        if not running:
            break
        thetas = mg.stack([each.theta for each in running])
        surface(*thetas.T).sum().backward()
        for each in running:
            each.optimizer.step()
            each.optimizer.zero_grad()
        points = np.array([each.theta.data for each in running])
        for each, point, at_goal in zip(running, points, goal(points)):
            each.note(point, at_goal)
        lost = ~(np.abs(points).max(axis=1) < FAR)
        running = [each for each, gone in zip(running, lost) if not gone and each.there < STAY]
    return field


def runner(surface: surfaces.Surface, one: Form, rate: float) -> Runner:
    """At the start."""
    theta = mg.Tensor(surface.start, requires_grad=True)
    return Runner(theta, one.optimizer([theta], rate), [theta.data.copy()])


def at_minimum(surface: surfaces.Surface) -> Goal:
    """Near one of the global minima."""
    minima = np.array(surface.minima)[:, None]  # (minima, 1, coordinates)
    return lambda points: np.linalg.norm(points - minima, axis=2).min(axis=0) < NEAR


def off_the_saddle(points: np.ndarray) -> np.ndarray:
    """Out of the box on its low side."""
    return np.abs(points[:, 1]) > 2


COURSES = {
    surfaces.bowl: at_minimum(surfaces.bowl),
    surfaces.ravine: at_minimum(surfaces.ravine),
    surfaces.saddle: off_the_saddle,
    surfaces.two_valleys: at_minimum(surfaces.two_valleys),
    surfaces.rosenbrock: at_minimum(surfaces.rosenbrock),
}


def raced(most: int) -> dict[str, Field]:
    """The race on every course, of so many steps at most."""
    with np.errstate(all="ignore"):  # the lost ones are lost far away
        return {surface.name: race(surface, goal, most) for surface, goal in COURSES.items()}


def arrivals(row: dict[float, Runner]) -> dict[float, int]:
    """The steps of those that arrived, by learning rate."""
    return {rate: each.steps for rate, each in row.items() if each.steps is not None}


def fastest(row: dict[float, Runner]) -> tuple[float, int] | None:
    """The learning rate that arrives first, and after how many steps; None: none arrives."""
    arrived = arrivals(row)
    rate = min(arrived, key=arrived.__getitem__, default=None)
    return None if rate is None else (rate, arrived[rate])
