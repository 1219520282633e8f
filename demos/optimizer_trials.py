"""Trials of optimizers, for each pro and con of the lecture: slopes, ravines, noise, rare features.

Each trial takes a way to make an optimizer, and gives a number or the points of a path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from optimizer_forms import FORMS, RATES, Form

import minigrad as mg
from minigrad import data, nn, optim
from minigrad.data import surfaces

Make = Callable[[Iterable[Any], float], optim.Optimizer]  # of parameters and a learning rate


@dataclass(frozen=True)
class Best:
    """The best learning rate in a trial, and its score; less is better."""

    rate: float
    score: float


def best(trial: Callable[[Make, float], float], make: Make) -> Best:
    """Try all rates."""
    with np.errstate(all="ignore"):  # some of them are too large
        scores = {rate: trial(make, rate) for rate in RATES}
    rate = min(scores, key=lambda rate: np.nan_to_num(scores[rate], nan=np.inf))
    return Best(rate, scores[rate])


# --- Steps ----------------------------------------------------------------------------------------


def steps_on_a_slope(make: Make, count: int = 1000, noise: float = 0.0) -> np.ndarray:
    """The lengths of the steps where the gradient is 1 everywhere, with learning rate 1."""
    x, rng = mg.Tensor([0.0], requires_grad=True), np.random.default_rng(0)
    optimizer, places = make([x], 1.0), [0.0]
    for _ in range(count):
        x.grad = mg.Tensor([-1.0 + noise * rng.normal()])
        optimizer.step()
        places.append(x.item())
    return np.diff(places)


def path_on(f: Callable[..., Any], start: Any, make: Make, lr: float, count: int) -> np.ndarray:
    """The points of a walk on f."""
    theta = mg.Tensor(start, requires_grad=True)
    optimizer, points = make([theta], lr), [theta.data.copy()]
    for _ in range(count):
        optimizer.zero_grad()
        f(*theta).backward()
        optimizer.step()
        points.append(theta.data.copy())
    return np.array(points)


def momentum(rho: float) -> Make:
    """SGD with momentum ρ; plain descent for 0."""
    return lambda params, lr: optim.SGD(params, lr, momentum=rho)


@dataclass(frozen=True)
class Roll:
    """Momentum on the bowl and in the ravine."""

    overshoot: float  # on the bowl: how far beyond the minimum, in units of the start's distance
    crossings: int  # of the ravine
    travel: float  # in all, across it
    steps: int | None  # until 1 % of the distance is left for good; None: not in this time


def roll(rho: float, count: int = 100) -> Roll:
    """ρ of momentum; learning rate 0.1 on the bowl, 0.09 in the ravine, whose limit is 0.1."""
    x, _ = path_on(surfaces.bowl, surfaces.bowl.start, momentum(rho), 0.1, count).T
    ravine = path_on(surfaces.ravine, surfaces.ravine.start, momentum(rho), 0.09, count)
    far = np.linalg.norm(ravine, axis=1) > 0.01 * np.linalg.norm(ravine[0])
    y = ravine[:, 1]
    return Roll(
        max(0.0, float((x / -x[0]).max())),
        int(np.count_nonzero(np.diff(np.sign(y[:51])))),
        float(np.abs(np.diff(y)).sum()),
        None if far[-1] else int(np.flatnonzero(far)[-1]) + 1,
    )


def first_tilt(make: Make) -> float:
    """How steeply the first step in the ravine goes across it; the gradient does so by 2.2."""
    start, end = path_on(surfaces.ravine, surfaces.ravine.start, make, 0.01, 1)
    along, across = np.abs(end - start)
    return float(across / along)


def jitter(rho: float) -> float:
    """Spread ÷ mean of the steps on a slope whose gradient is 1 with noise of 4, once it rolls."""
    steps = steps_on_a_slope(momentum(rho), count=5000, noise=4.0)[100:]
    return float(steps.std() / steps.mean())


# --- Noise, rare features, digits -----------------------------------------------------------------


def noisy_bowl(make: Make, lr: float, noise: float = 4.0) -> float:
    """The distance from the minimum after 200 noisy gradients of x² + y²: 200 walks, of 5 each."""
    rng = np.random.default_rng(0)
    theta = mg.Tensor(np.tile([-4.0, 3.0], (200, 1)), requires_grad=True)
    optimizer = make([theta], lr)
    for _ in range(200):
        theta.grad = mg.Tensor(2 * theta.data + rng.normal(0, noise, theta.shape))
        optimizer.step()
    return float(np.sqrt((theta.data**2).sum(axis=1).mean()))


FREQUENCIES = (1.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)  # in how many samples a feature is not 0


def rare_features(make: Make, lr: float) -> float:
    """Error of the weights (±1) of the two rarest features, after 2000 samples in batches of 20.

    Of the two in every sample too, if they are worse: no rate may give up the one for the other.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 8)) * (rng.random((2000, 8)) < FREQUENCIES)
    weights = np.tile([1.0, -1.0], 4)
    y = x @ weights + rng.normal(0, 0.1, len(x))
    w = mg.Tensor(np.zeros(8), requires_grad=True)
    optimizer = make([w], lr)
    for batch, wanted in data.DataLoader(data.TensorDataset(x, y), 20):
        loss = ((mg.matmul(batch, w) - wanted) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    errors = np.abs(w.data - weights)
    return float(max(errors[:2].mean(), errors[-2:].mean()))


def digits(make: Make, lr: float) -> float:
    """The loss on the digits after two epochs, of a network with two hidden layers."""
    dataset, net = data.digits("train"), network()
    optimizer = make(net.parameters(), lr)
    loader = data.DataLoader(dataset, 64, shuffle=True, rng=0)
    for _ in range(2):
        for x, y in loader:
            loss = mg.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward(retain_graph=False)
            optimizer.step()
    x, y = dataset.arrays
    with mg.no_grad():
        return mg.cross_entropy(net(x), y).item()


def network() -> nn.Module:
    """64 → 32 → 32 → 10"""
    rng = np.random.default_rng(0)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(64, 32, rng=rng),
        nn.ReLU(),
        nn.Linear(32, 32, rng=rng),
        nn.ReLU(),
        nn.Linear(32, 10, rng=rng),
    )


TRIALS = {"noisy bowl": noisy_bowl, "rare features": rare_features, "digits": digits}


# --- All of them ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trials:
    """What came out."""

    steps: dict[Form, np.ndarray]  # on a slope
    tilt: dict[Form, float]  # of the first step in the ravine: across ÷ along
    rolls: dict[float, Roll]  # by momentum
    jitter: dict[float, float]  # spread ÷ mean of the steps on a noisy slope, by momentum
    scores: dict[str, dict[Form, Best]]  # of TRIALS


def tried() -> Trials:
    """All trials of all forms."""
    return Trials(
        steps={one: steps_on_a_slope(one.optimizer) for one in FORMS},
        tilt={one: first_tilt(one.optimizer) for one in FORMS},
        rolls={rho: roll(rho) for rho in (0.0, 0.5, 0.9, 0.99)},
        jitter={rho: jitter(rho) for rho in (0.0, 0.9)},
        scores={
            name: {one: best(trial, one.optimizer) for one in FORMS}
            for name, trial in TRIALS.items()
        },
    )
