"""Batch normalisation: how activations drift without it, and its four benefits, measured.

    μ = (1/m) Σ hᵢ,   σ = √((1/m) Σ (hᵢ − μ)²),   h ← γ (h − μ) / (σ + ε) + β

Lecture: "Batch Normalization", "Challenges..", "Normalization of the Input",
"Normalization of the Input.....", "Rescaling of Offsetting", "Benefits of Batch Normalization".
The one thing to see: from the start that nn.Linear gives by itself, six layers do not learn at all;
with BatchNorm they learn at any rate between 0.01 and 1. Other benefits are smaller than promised.

    python demos/batch_norm.py
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np
from batch_norm_claims import claims_of, show
from batch_norm_pictures import draw_drift, draw_learning, draw_surface
from batch_norm_surface import Cliff, Slice, cliffs, slice_of
from claims import show_claims, show_files

import minigrad as mg
from minigrad import data, nn, optim
from minigrad.nn import functional as F
from minigrad.nn import init

RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
FEW = (200, 400)  # samples to learn from, where overfitting is to be seen
SIGMAS = (1.0, 0.01, 0.001, 1e-5)


@dataclass(frozen=True)
class Kind:
    """How a network is made."""

    norm: str | None = None  # eps_mode of its BatchNorms
    kaiming: bool = False  # start weights by Kaiming's rule instead of nn.Linear's
    dropout: float = 0.0


DEFAULT, KAIMING, BATCH_NORM = "default start", "Kaiming's start", "BatchNorm"
LECTURES = "BatchNorm, σ + ε"
KINDS = {
    DEFAULT: Kind(),
    KAIMING: Kind(kaiming=True),
    BATCH_NORM: Kind(norm="var"),
    LECTURES: Kind(norm="std"),
}
REGULARISED = {
    "nothing": Kind(kaiming=True),
    "dropout 0.2": Kind(kaiming=True, dropout=0.2),
    "BatchNorm": Kind(norm="var", kaiming=True),
    "both": Kind(norm="var", kaiming=True, dropout=0.2),
}


@dataclass(frozen=True)
class Drift:
    """What enters the layers of one network."""

    before: list[np.ndarray]  # of each layer, before training: (samples, units)
    after: list[np.ndarray]
    shift: list[float]  # of each layer: how far its units' means move in an epoch, in their σ

    def signal(self, layer: int) -> float:
        """How much the activations of a unit differ between samples, before training."""
        return float(self.before[layer].std(axis=0).mean())


@dataclass(frozen=True)
class Training:
    """Five epochs on the digits."""

    losses: list[float]
    accuracy: float  # on the test
    seconds: float  # of an iteration


@dataclass(frozen=True)
class Result:
    """What was measured, and where the files are."""

    drifts: dict[str, Drift]
    trainings: dict[str, dict[float, Training]]  # by kind and learning rate
    jitter: float  # of one image's activation between batches, in σ
    regularised: dict[int, dict[str, list[float]]]  # test accuracies after learning so few samples
    cliffs: dict[str, list[Cliff]]
    slices: dict[str, dict[str, Slice]]  # by kind, before and after training
    factors: dict[str, list[float]]  # of σ, by eps_mode: what normalising makes of a spread of σ
    files: dict[str, Path]


# --- Networks and their training ------------------------------------------------------------------


def network(kind: Kind, depth: int = 6, width: int = 48, seed: int = 0) -> nn.Sequential:
    """64 → depth × (linear, normalisation, ReLU, dropout) → 10"""
    rng = np.random.default_rng(seed)
    layers: list[nn.Module] = [nn.Flatten()]
    for i in range(depth):
        linear = nn.Linear(width if i else 64, width, rng=rng)
        if kind.kaiming:
            init.kaiming_normal_(linear.weight, nonlinearity="relu", rng=rng)
        layers.append(linear)
        if kind.norm:
            layers.append(nn.BatchNorm1d(width, eps_mode=kind.norm))
        layers.append(nn.ReLU())
        if kind.dropout:
            layers.append(nn.Dropout(kind.dropout, rng=rng))
    return nn.Sequential(*layers, nn.Linear(width, 10, rng=rng))


def train(
    net: nn.Module,
    dataset: data.TensorDataset,
    lr: float,
    epochs: int,
    size: int = 64,
    seed: int = 0,
) -> list[float]:
    """SGD; the loss of every iteration."""
    optimizer = optim.SGD(net.parameters(), lr=lr)
    loader = data.DataLoader(dataset, size, shuffle=True, rng=seed)
    losses = []
    for _ in range(epochs):
        for x, y in loader:
            loss = mg.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward(retain_graph=False)
            optimizer.step()
            losses.append(loss.item())
    return losses


@mg.no_grad()
def accuracy(net: nn.Module) -> float:
    """On the test digits, with the running averages."""
    x, y = data.digits("test").arrays
    output = net.eval()(x)
    net.train()
    return float(np.mean(output.data.argmax(axis=1) == y))


# --- Internal covariate shift ---------------------------------------------------------------------


def watch_drift(kind: Kind, lr: float = 0.03, epochs: int = 5) -> Drift:
    """Train, and look after every epoch at what enters the ReLUs for the same 512 samples."""
    digits, net = data.digits("train"), network(kind)
    x = digits.arrays[0][:512]
    seen = [entering(net, x)]
    for epoch in range(epochs):
        train(net, digits, lr, epochs=1, seed=epoch)
        seen.append(entering(net, x))
    moves = [[moved(a, b) for a, b in zip(old, new)] for old, new in pairwise(seen)]
    return Drift(seen[0], seen[-1], np.mean(moves, axis=0).tolist())


def moved(old: np.ndarray, new: np.ndarray) -> float:
    """How far the means of the units have moved, in units of the old spread."""
    return float(np.mean(np.abs(new.mean(axis=0) - old.mean(axis=0)) / old.std(axis=0)))


@mg.no_grad()
def entering(net: nn.Sequential, x: np.ndarray) -> list[np.ndarray]:
    """The input of every ReLU; of a copy, for running a BatchNorm moves its averages."""
    found, h = [], mg.Tensor(x)
    for layer in copy.deepcopy(net):
        if isinstance(layer, nn.ReLU):
            found.append(h.data.copy())
        h = layer(h)
    return found


# --- Speed and learning rates, regularisation -----------------------------------------------------


def try_rates(kind: Kind, epochs: int = 5) -> dict[float, Training]:
    """One training with each learning rate."""
    found, digits = {}, data.digits("train")
    with np.errstate(all="ignore"):  # some rates are too large
        for lr in RATES:
            net, began = network(kind), perf_counter()
            losses = train(net, digits, lr, epochs)
            seconds = (perf_counter() - began) / len(losses)
            found[lr] = Training(losses, accuracy(net), seconds)
    return found


def jitter(batches: int = 100, size: int = 64) -> float:
    """How much an activation of one image depends on who else is in its batch, in σ."""
    x, _ = data.digits("train").arrays
    first = network(Kind(norm="var"))[:3]  # flatten, linear, normalise
    rng = np.random.default_rng(0)
    with mg.no_grad():
        seen = [
            first(np.concatenate([x[:1], x[rng.integers(1, len(x), size - 1)]])).data[0]
            for _ in range(batches)
        ]
    return float(np.std(seen, axis=0).mean())


def learn_from_few(kind: Kind, samples: int, seeds: int) -> list[float]:
    """Test accuracies of three layers that know a few samples by heart."""
    few = data.TensorDataset(*(array[:samples] for array in data.digits("train").arrays))
    accuracies = []
    for seed in range(seeds):
        net = network(kind, depth=3, seed=seed)
        train(net, few, lr=0.05, epochs=30, size=32, seed=seed)
        accuracies.append(accuracy(net))
    return accuracies


# --- Both forms of ε ------------------------------------------------------------------------------


def factors(eps_mode: str) -> list[float]:
    """The spread of activations whose spread was σ, after normalising: 1, but for ε = 1e-5."""
    z = np.array([[-1.0], [1.0]])  # mean 0, spread 1
    norms = [F.batch_norm(s * z, None, None, training=True, eps_mode=eps_mode) for s in SIGMAS]
    return [float(norm.std()) for norm in norms]


# --- All of it ------------------------------------------------------------------------------------


def surfaces(points: int) -> Iterator[tuple[str, list[Cliff], dict[str, Slice]]]:
    """For every kind but the lecture's, which is the same here, what the loss looks like."""
    digits = data.digits("train")
    x, y = (array[:256] for array in digits.arrays)
    for name in (DEFAULT, KAIMING, BATCH_NORM):
        net = network(KINDS[name])
        before, steps = slice_of(net, x, y, points), []
        for epoch in range(6):
            steps.append(cliffs(net, x, y))
            train(net, digits, 0.03, epochs=1, seed=epoch)
        yield name, steps, {"before": before, "after": slice_of(net, x, y, points)}


def run(out: Path, seeds: int = 3, points: int = 21) -> Result:
    """Watch, train, probe; returns every number.

    seeds: of the trainings on few samples. points: on each side of the slices.
    """
    out.mkdir(parents=True, exist_ok=True)
    drifts = {name: watch_drift(kind) for name, kind in KINDS.items()}
    trainings = {name: try_rates(kind) for name, kind in KINDS.items()}
    regularised = {
        samples: {name: learn_from_few(kind, samples, seeds) for name, kind in REGULARISED.items()}
        for samples in FEW
    }
    looks = {name: (steps, slices) for name, steps, slices in surfaces(points)}
    probes = {name: steps for name, (steps, _) in looks.items()}
    slices = {name: both for name, (_, both) in looks.items()}
    files = {
        "activations": draw_drift(drifts, out / "drift.png"),
        "learning": draw_learning(trainings, regularised, out / "learning.png"),
        "loss surface": draw_surface(probes, slices, out / "surface.png"),
    }
    modes = {mode: factors(mode) for mode in ("var", "std")}
    result = Result(drifts, trainings, jitter(), regularised, probes, slices, modes, files)
    show(result)
    show_claims(claims_of(result))
    show_files(files)
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/batch_norm"))
    run(parser.parse_args().out)
