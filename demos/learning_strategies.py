"""Sequential, mini-batch and batch learning: counted, drawn, timed, and when the pattern changes.

Lecture: "Important Terms", "Learning Strategies", "Batch Learning & Sequential Learning",
"Sequential Learning", "Batch Learning", "Epoch vs iteration per Batch".
The one thing to see: all samples in one batch go straight to the minimum, sample by sample the path
is dotted and never comes to rest; which is faster depends on what one counts.

    python demos/learning_strategies.py
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from claims import show_claims, show_files
from learning_strategies_claims import GOAL, NEAR, WINDOW, claims_of, show
from learning_strategies_pictures import draw_drift, draw_learning, draw_walks

import minigrad as mg
from minigrad import data, nn, optim

STRATEGIES: dict[str, Any] = {"sequential": 1, "mini-batch": 32, "batch": "all"}  # batch sizes
RATES = {"sequential": 0.05, "mini-batch": 0.5, "batch": 2.0}  # that each can bear, on the digits


@dataclass(frozen=True)
class Walk:
    """One way to the minimum of a loss of two parameters."""

    points: np.ndarray  # (updates + 1, 2)
    distances: np.ndarray  # of every point from the minimum, in units of the first
    updates: int  # until NEAR for the first time
    epochs: float  # the same, in epochs
    detour: float  # the length of that path, over the straight distance
    rest: float  # mean distance in the last fifth


@dataclass(frozen=True)
class Learning:
    """The digits, until the loss is below GOAL. The last entries are where it got there."""

    size: Any  # of a batch
    losses: list[float]  # on all samples
    iterations: list[float]
    epochs: list[float]
    seconds: list[float]  # without those in which the loss was looked at


@dataclass(frozen=True)
class Drift:
    """A stream of samples that turns round half-way."""

    right: dict[str, np.ndarray]  # by learner: whether each sample was recognised when it came
    retrained: float  # accuracy on the last samples, of a network trained again on everything
    update_seconds: float  # to learn from one more sample
    retrain_seconds: float  # to learn everything again

    def shares(self, learner: str) -> list[float]:
        """Recognised of the last samples before the change, the first after it, and the last."""
        right, half = self.right[learner], len(self.right[learner]) // 2
        places = right[half - WINDOW : half], right[half : half + WINDOW], right[-WINDOW:]
        return [float(place.mean()) for place in places]


@dataclass(frozen=True)
class Result:
    """What was measured, and where the files are."""

    samples: int
    iterations: dict[str, int]  # in one epoch, counted
    walks: dict[str, Walk]
    learned: dict[str, Learning]
    drift: Drift
    files: dict[str, Path]


# --- Important terms, counted ---------------------------------------------------------------------


def count_iterations(dataset: data.TensorDataset) -> dict[str, int]:
    """How many batches make one epoch, by going through them."""
    loaders = {name: data.DataLoader(dataset, size) for name, size in STRATEGIES.items()}
    return {name: sum(1 for _ in loader) for name, loader in loaders.items()}


# --- The straight path and the dotted path --------------------------------------------------------


def points_about_a_line(n: int = 256) -> data.TensorDataset:
    """y = 0.8 x + 0.3 + noise, where x has mean 0 and variance 1: the loss is a round bowl."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=n)
    x = (x - x.mean()) / x.std()
    return data.TensorDataset(x, 0.8 * x + 0.3 + rng.normal(0, 0.5, n))


def walk(dataset: data.TensorDataset, size: Any, updates: int = 300) -> Walk:
    """Fit w x + b by gradient descent on (w x + b − y)²; one start and one rate for all."""
    theta = mg.Tensor([-1.6, -1.4], requires_grad=True)
    optimizer = optim.GD([theta], lr=0.05)
    loader = data.DataLoader(dataset, size, shuffle=True, rng=0)
    points = [theta.data.copy()]
    for x, y in islice(again_and_again(loader), updates):
        loss = ((theta[0] * x + theta[1] - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        points.append(theta.data.copy())
    x, y = dataset.arrays
    return measured(np.array(points), np.polyfit(x, y, 1), len(loader))


def again_and_again(loader: data.DataLoader) -> Iterator[Any]:
    """The batches of one epoch after the other."""
    while True:
        yield from loader


def measured(points: np.ndarray, minimum: np.ndarray, per_epoch: int) -> Walk:
    """How straight a path is, how soon it is near, and where it rests."""
    distances = np.linalg.norm(points - minimum, axis=1)
    distances /= distances[0]
    near = int(np.argmax(distances < NEAR))
    length = np.linalg.norm(np.diff(points[: near + 1], axis=0), axis=1).sum()
    detour = float(length / np.linalg.norm(points[near] - points[0]))
    rest = float(distances[-len(distances) // 5 :].mean())
    return Walk(points, distances, near, near / per_epoch, detour, rest)


# --- The digits -----------------------------------------------------------------------------------


def learn(dataset: data.TensorDataset, name: str) -> Learning:
    """Train until GOAL, each strategy with its own learning rate; look ten times in an epoch."""
    net = classifier()
    optimizer = optim.GD(net.parameters(), lr=RATES[name])
    loader = data.DataLoader(dataset, STRATEGIES[name], shuffle=True, rng=0)
    found = Learning(STRATEGIES[name], [loss_on(net, dataset)], [0], [0], [0])
    seconds, interval = 0.0, 1 + len(loader) // 10
    for i, (x, y) in enumerate(islice(again_and_again(loader), 100 * len(loader)), start=1):
        seconds += update(net, optimizer, x, y)
        if i % interval == 0:
            found.losses.append(loss_on(net, dataset))
            found.iterations.append(i)
            found.epochs.append(i / len(loader))
            found.seconds.append(seconds)
            if found.losses[-1] < GOAL:
                break
    return found


def classifier() -> nn.Module:
    """64 pixels → 10 digits, with the same start every time."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10, rng=0))


def update(net: nn.Module, optimizer: Any, x: np.ndarray, y: np.ndarray) -> float:
    """One iteration: output, loss, gradients, step. Returns its seconds."""
    began = perf_counter()
    loss = mg.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward(retain_graph=False)
    optimizer.step()
    return perf_counter() - began


@mg.no_grad()
def loss_on(net: nn.Module, dataset: data.TensorDataset) -> float:
    """The loss on all samples."""
    x, y = dataset.arrays
    return mg.cross_entropy(net(x), y).item()


# --- Patterns that change -------------------------------------------------------------------------


def live_through(dataset: data.TensorDataset, epochs: int = 100) -> Drift:
    """All samples one by one, then all of them mirrored; each is first recognised, then learned.

    The batch learner knows the samples as they were, and learns nothing on the way; when the
    stream is over it is trained again, on everything.
    """
    x, y = dataset.arrays
    stream = data.TensorDataset(np.concatenate([x, x[..., ::-1]]), np.concatenate([y, y]))
    net, seconds, said = classifier(), 0.0, []
    optimizer = optim.GD(net.parameters(), lr=RATES["sequential"])
    for image, digit in data.DataLoader(stream, 1):
        said.append(says(net, image).item())
        seconds += update(net, optimizer, image, digit)
    x, y = stream.arrays
    before, _ = train(dataset, epochs)
    everything, retrain_seconds = train(stream, epochs)
    right = {"sequential": np.array(said) == y, "batch": says(before, x) == y}
    retrained = float((says(everything, x) == y)[-WINDOW:].mean())
    return Drift(right, retrained, seconds / len(stream), retrain_seconds)


def train(dataset: data.TensorDataset, epochs: int) -> tuple[nn.Module, float]:
    """Batch learning, from the start; the network and the seconds."""
    net = classifier()
    optimizer = optim.GD(net.parameters(), lr=RATES["batch"])
    epochs_of_one = islice(again_and_again(data.DataLoader(dataset, "all")), epochs)
    return net, sum(update(net, optimizer, x, y) for x, y in epochs_of_one)


@mg.no_grad()
def says(net: nn.Module, x: np.ndarray) -> np.ndarray:
    """The digits that are recognised."""
    return net(x).data.argmax(axis=1)


# --- All of it ------------------------------------------------------------------------------------


def run(out: Path) -> Result:
    """Count, walk, learn, live through a change; returns every number."""
    out.mkdir(parents=True, exist_ok=True)
    digits, line = data.digits("train"), points_about_a_line()
    counts = count_iterations(digits)
    walks = {name: walk(line, size) for name, size in STRATEGIES.items()}
    learned = {name: learn(digits, name) for name in STRATEGIES}
    drift = live_through(digits)
    files = {
        "straight and dotted path": draw_walks(walks, line, out / "paths.png"),
        "iterations and epochs": draw_learning(learned, out / "digits.png"),
        "patterns that change": draw_drift(drift.right, WINDOW, out / "drift.png"),
    }
    result = Result(len(digits), counts, walks, learned, drift, files)
    show(result)
    show_claims(claims_of(result))
    show_files(files)
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/learning_strategies"))
    run(parser.parse_args().out)
