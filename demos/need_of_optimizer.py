"""Why plain gradient descent is not enough: flat places, ravines, and gradients full of noise.

    θ ← θ − ε ∇L(θ)

Lecture: "Optimizer", "Need of Optimizer", "Need of optimizer".
The one thing to see: the step is as long as the gradient. It fades out at a local minimum and at a
saddle point, it points across a ravine instead of along it, and each sample has its own.

    python demos/need_of_optimizer.py
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from claims import Claim, show_claims, show_files
from need_of_optimizer_pictures import draw_flat_places, draw_noise, draw_ravine

import minigrad as mg
from minigrad import data, nn, optim
from minigrad.data import surfaces

SIDES = (1e-1, 1e-2, 1e-4, 1e-8, 0.0)  # how far beside the ridge of the saddle a walk starts
STEEPNESS = (1, 2, 5, 10, 20, 50, 100)  # of ravines: the largest curvature over the smallest
SIZES = (1, 4, 16, 64, 256)  # of batches


@dataclass(frozen=True)
class Descent:
    """Points of a walk, and the gradient's length at each."""

    points: np.ndarray
    slopes: np.ndarray

    def distances(self, place: Any) -> np.ndarray:
        """How far each point is from a place."""
        return np.linalg.norm(self.points - place, axis=1)


@dataclass(frozen=True)
class Noise:
    """Gradients of single samples, compared with that of all."""

    along: np.ndarray  # how far each goes along the mean of all, in units of its length
    across: np.ndarray  # and how far across it
    spread: float  # √(mean of ‖g − mean‖²), in units of ‖mean‖
    spreads: list[float]  # the same of batches of SIZES samples

    @property
    def angles(self) -> np.ndarray:
        """Between each and the mean, in degrees."""
        return np.degrees(np.arctan2(self.across, self.along))

    @property
    def against(self) -> float:
        """How many of the samples would have the parameters moved back."""
        return float(np.mean(self.along < 0))


@dataclass(frozen=True)
class Result:
    """What was measured, and where the files are."""

    valley: Descent  # into a local minimum
    saddles: dict[float, Descent]  # by how far beside the ridge it starts
    escapes: dict[float, int | None]  # steps until the saddle is left behind
    ravine: Descent
    crossings: int  # steps in the ravine that end on the other side
    detour: float  # path length in the ravine, over the straight distance
    steps: dict[int, int]  # by steepness, until 1 % of the distance is left
    noise: dict[str, Noise]
    files: dict[str, Path]


def descend(
    f: Callable[..., Any], start: Any, lr: float, go_on: Callable[[np.ndarray], bool], most: int
) -> Descent:
    """Gradient descent on f from a start, as long as go_on says so of the point."""
    theta = mg.Tensor(start, requires_grad=True)
    optimizer = optim.GD([theta], lr=lr)
    points, slopes = [], []
    for _ in range(most):
        optimizer.zero_grad()
        f(*theta).backward()
        points.append(theta.data.copy())
        slopes.append(float(np.linalg.norm(theta.grad.data)))
        if not go_on(theta.data):
            break
        optimizer.step()
    return Descent(np.array(points), np.array(slopes))


def always(point: np.ndarray) -> bool:
    """Whatever the point is, go on."""
    return True


# --- Flat places ----------------------------------------------------------------------------------


def hollow() -> Descent:
    """Down into the first of two valleys: the local minimum at −1."""
    return descend(surfaces.two_valleys, surfaces.two_valleys.start, 0.05, always, 100)


def over_the_saddle(side: float) -> Descent:
    """Along the ridge of x² − y² to the saddle point at 0, and down beside it if it gets there."""
    return descend(surfaces.saddle, (-1.5, side), 0.05, lambda p: abs(p[1]) < 1.5, 300)


def escape(walk: Descent) -> int | None:
    """After how many steps the saddle is left behind; None: it was not."""
    return len(walk.points) - 1 if abs(walk.points[-1, 1]) >= 1.5 else None


# --- Ravines --------------------------------------------------------------------------------------


def along(steepness: float) -> Descent:
    """½ (x² + steepness · y²), with the learning rate that is best for it, until 1 % is left."""
    start = np.array([-9.0, 1.0])
    return descend(
        lambda x, y: 0.5 * x**2 + 0.5 * steepness * y**2,
        start,
        2 / (1 + steepness),
        lambda p: np.linalg.norm(p) > 0.01 * np.linalg.norm(start),
        2000,
    )


def crossings(walk: Descent) -> int:
    """How many steps changed the side of the ravine."""
    return int(np.count_nonzero(np.diff(np.sign(walk.points[:, 1]))))


def detour(walk: Descent) -> float:
    """The length of the path over the straight distance."""
    steps = np.linalg.norm(np.diff(walk.points, axis=0), axis=1)
    return float(steps.sum() / np.linalg.norm(walk.points[-1] - walk.points[0]))


# --- Noisy gradients ------------------------------------------------------------------------------


def single_gradients(net: nn.Module, dataset: data.TensorDataset) -> np.ndarray:
    """(samples, parameters): the gradient of each sample's loss, by itself."""
    rows = []
    for x, y in data.DataLoader(dataset, 1):
        net.zero_grad()
        mg.cross_entropy(net(x), y).backward()
        rows.append(np.concatenate([p.grad.data.ravel() for p in net.parameters()]))
    return np.array(rows)


def noise_of(gradients: np.ndarray) -> Noise:
    """How different they are in direction and length, alone and averaged over batches."""
    mean = gradients.mean(axis=0)
    along = gradients @ mean / (mean @ mean)
    across = np.linalg.norm(gradients - np.outer(along, mean), axis=1) / np.linalg.norm(mean)
    rng = np.random.default_rng(0)
    spreads = []
    for size in SIZES:
        chosen = rng.integers(len(gradients), size=(400, size))
        batches = np.array([gradients[rows].mean(axis=0) for rows in chosen])
        spreads.append(spread(batches, mean))
    return Noise(along, across, spread(gradients, mean), spreads)


def spread(gradients: np.ndarray, mean: np.ndarray) -> float:
    """√(mean of ‖g − mean‖²) / ‖mean‖"""
    return float(np.sqrt(np.mean(np.sum((gradients - mean) ** 2, axis=1))) / np.linalg.norm(mean))


def train(net: nn.Module, dataset: data.TensorDataset, epochs: int) -> None:
    """Mini-batches of 32."""
    optimizer = optim.GD(net.parameters(), lr=0.5)
    for _ in range(epochs):
        for x, y in data.DataLoader(dataset, 32, shuffle=True, rng=0):
            loss = mg.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward(retain_graph=False)
            optimizer.step()


def measure_noise() -> dict[str, Noise]:
    """Before and after training on the digits."""
    dataset = data.digits("train")
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10, rng=0))
    found = {"at the start": noise_of(single_gradients(net, dataset))}
    train(net, dataset, epochs=20)
    return found | {"after 20 epochs": noise_of(single_gradients(net, dataset))}


# --- All of it ------------------------------------------------------------------------------------


def claims_of(result: Result) -> list[Claim]:
    """The lecture's sentences, judged by the numbers."""
    valley, escapes = result.valley, result.escapes
    end = surfaces.two_valleys(*valley.points[-1])
    ratios = valley.slopes[-20:] / valley.distances(surfaces.two_valleys.local_minima[0])[-20:]
    early, trained = result.noise.values()
    return [
        Claim(
            "At the saddle points and the local minima the loss function becomes flat and the "
            "gradient at this point goes towards zero",
            "its length is in proportion to the distance: 2 times that from the saddle, "
            f"{ratios[-1]:.2f} times that from the local minimum",
            (bool(np.allclose(ratios, 3, rtol=1e-3)), slope_at_saddle(result)),
        ),
        Claim(
            "A gradient close to zero in a saddle point or in a local minimum does not improve the "
            "weight parameters and prevents the whole learning process",
            f"in the local minimum the loss stays at {end:.3f}, with "
            f"{surfaces.two_valleys.lowest:.3f} within reach. At the saddle learning is "
            f"delayed: by {escapes[1e-2]} steps for a start 0.01 beside the ridge, by "
            f"{escapes[1e-8]} for 1e-8; only exactly on it all ends",
            (end > -0.42, escapes[0.0] is None, escapes[1e-8] is None),
        ),
        Claim(
            "zig-zag motion towards the optimal weights and can slow down learning",
            f"{result.crossings} of {result.steps[20]} steps in the ravine end on its other side, "
            f"the path is {result.detour:.1f} times the straight one; a round bowl takes "
            f"{result.steps[1]} step, a ravine 100 times as steep across as along "
            f"{result.steps[100]}",
            (result.crossings > 0.9 * result.steps[20], result.steps[100] > 50 * result.steps[1]),
        ),
        Claim(
            "The gradients are “noisy” or have a large variance",
            f"a single sample's differs from the mean by {early.spread:.0f} times its length, "
            f"after training by {trained.spread:.0f} times; {early.against:.0%} and "
            f"{trained.against:.0%} point back. A batch of B samples divides that by √B",
            (early.spread > 1, trained.spread > early.spread),
        ),
    ]


def slope_at_saddle(result: Result) -> bool:
    """Whether the gradient at the saddle is twice the distance on every walk."""
    return all(np.allclose(w.slopes, 2 * w.distances((0, 0))) for w in result.saddles.values())


def show(result: Result) -> None:
    """The tables."""
    print("Over the saddle x² − y² along its ridge, started beside it")
    print("    beside by   smallest gradient   steps to leave")
    for side, walk in result.saddles.items():
        steps = result.escapes[side] or "never"
        print(f"    {side:9g} {walk.slopes.min():19.1e} {steps!s:>16}")
    print("\nAlong a ravine, each with its best learning rate: steps until 1 % is left")
    print("    steepness  " + "".join(f"{n:6}" for n in result.steps))
    print("    steps      " + "".join(f"{n:6}" for n in result.steps.values()))
    print("\nGradients of the digits: spread about their mean, in units of its length")
    print("    batch of        " + "".join(f"{n:7}" for n in SIZES) + "   point back")
    for when, noise in result.noise.items():
        spreads = "".join(f"{x:7.1f}" for x in noise.spreads)
        print(f"    {when:16}{spreads} {noise.against:12.0%}")


def run(out: Path) -> Result:
    """Walk into flat places and along ravines, look at single gradients; returns every number."""
    out.mkdir(parents=True, exist_ok=True)
    valley, ravine, noise = hollow(), along(20), measure_noise()
    saddles = {side: over_the_saddle(side) for side in SIDES}
    steps = {steepness: len(along(steepness).points) - 1 for steepness in STEEPNESS}
    files = {
        "flat places": draw_flat_places(valley, saddles, out / "flat_places.png"),
        "zig-zag": draw_ravine(ravine, steps, out / "ravine.png"),
        "noisy gradients": draw_noise(noise, SIZES, out / "noise.png"),
    }
    escapes = {side: escape(walk) for side, walk in saddles.items()}
    result = Result(
        valley, saddles, escapes, ravine, crossings(ravine), detour(ravine), steps, noise, files
    )
    show(result)
    show_claims(claims_of(result))
    show_files(files)
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/need_of_optimizer"))
    run(parser.parse_args().out)
