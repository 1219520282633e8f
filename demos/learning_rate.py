"""The learning rate: too small, good, too large, diverging; the range test; schedules.

    θ ← θ − ε ∇L(θ)

Lecture: "Learning rate", "Important Terms" (learning rate), "Gradient Descent" (pros and cons).
The one thing to see: between too slow and too far lies little room. A range test finds it in the
time of a few epochs; a schedule starts at its upper end and ends far below.

    python demos/learning_rate.py
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from claims import Claim, show_claims, show_files
from learning_rate_pictures import draw_parabolas, draw_ranges, draw_schedules

import minigrad as mg
from minigrad import data, nn, optim
from minigrad.optim import lr_scheduler

REGIMES = {"too small": 0.01, "good": 0.3, "too large": 0.95, "diverging": 1.05}  # for w²
RATES = tuple(float(rate) for rate in np.logspace(-4, 1.5, 12))  # for the digits
HIGH, LOW = 0.5, 0.05  # peaks of the schedules

Schedule = Callable[[Any, int], Any]  # of an optimizer and the number of iterations

SCHEDULES: dict[str, Schedule | None] = {
    "constant": None,
    "StepLR": lambda o, n: lr_scheduler.StepLR(o, n // 3, 0.1),
    "ExponentialLR": lambda o, n: lr_scheduler.ExponentialLR(o, 0.01 ** (1 / n)),
    "CosineAnnealingLR": lambda o, n: lr_scheduler.CosineAnnealingLR(o, n),
    "WarmRestarts": lambda o, n: lr_scheduler.CosineAnnealingWarmRestarts(o, n // 2),
    "OneCycleLR": lambda o, n: lr_scheduler.OneCycleLR(
        o, max_lr=o.param_groups[0]["lr"], total_steps=n + 1, cycle_momentum=False
    ),
}


@dataclass(frozen=True)
class Training:
    """What happened on the digits."""

    rates: list[float]  # of every iteration
    losses: list[float]
    accuracy: float  # on the test
    test_loss: float


@dataclass(frozen=True)
class RangeTest:
    """A rate that grows with every iteration, and what the loss says to it."""

    rates: list[float]
    losses: list[float]  # smoothed
    suggested: float  # where the loss falls fastest
    limit: float  # where it is back at twice its minimum


@dataclass(frozen=True)
class Result:
    """What was measured, and where the files are."""

    walks: dict[str, np.ndarray]  # on the parabola, by regime
    steps: dict[str, int | None]  # until 1 % is left
    test: RangeTest
    by_rate: dict[float, Training]
    schedules: dict[float, dict[str, list[Training]]]  # by peak, name and seed
    files: dict[str, Path]


# --- A parabola -----------------------------------------------------------------------------------


def descend(lr: float, steps: int = 300) -> np.ndarray:
    """Gradient descent on w² from −1: every step multiplies w by 1 − 2 ε."""
    w = mg.Tensor(-1.0, requires_grad=True)
    optimizer, points = optim.GD([w], lr=lr), [-1.0]
    for _ in range(steps):
        optimizer.zero_grad()
        (w**2).backward()
        optimizer.step()
        points.append(w.item())
    return np.array(points)


def until_near(points: np.ndarray) -> int | None:
    """After how many steps 1 % of the distance is left; None: never."""
    near = np.flatnonzero(np.abs(points) < 0.01)
    return int(near[0]) if len(near) else None


# --- The digits -----------------------------------------------------------------------------------


def train(lr: float, epochs: int, schedule: Schedule | None = None, seed: int = 0) -> Training:
    """SGD with momentum, a step of the schedule after every batch."""
    rng = np.random.default_rng(seed)
    net = network(rng)
    optimizer = optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    loader = data.DataLoader(data.digits("train"), 64, shuffle=True, rng=rng)
    scheduler = schedule(optimizer, epochs * len(loader)) if schedule else None
    rates, losses = [], []
    for _ in range(epochs):
        for x, y in loader:
            loss = mg.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward(retain_graph=False)
            optimizer.step()
            rates.append(optimizer.param_groups[0]["lr"])
            losses.append(loss.item())
            if scheduler:
                scheduler.step()
    return Training(rates, losses, *judged(net))


def network(rng: np.random.Generator) -> nn.Module:
    """64 → 32 → 10"""
    layers = nn.Flatten(), nn.Linear(64, 32, rng=rng), nn.ReLU(), nn.Linear(32, 10, rng=rng)
    return nn.Sequential(*layers)


@mg.no_grad()
def judged(net: nn.Module) -> tuple[float, float]:
    """Accuracy and loss on the test."""
    x, y = data.digits("test").arrays
    output = net(x)
    accuracy = float(np.mean(output.data.argmax(axis=1) == y))
    return accuracy, mg.cross_entropy(output, y).item()


def range_test(epochs: int = 6) -> RangeTest:
    """From 1e-4 to 10 in equal factors, in one training.

    Source: Smith, "Cyclical learning rates for training neural networks" (2017).
    """
    low, high = 1e-4, 10.0
    growing = train(
        low, epochs, lambda o, n: lr_scheduler.ExponentialLR(o, (high / low) ** (1 / n))
    )
    losses = smooth(growing.losses)
    fall = np.gradient(losses, np.log(growing.rates))
    bottom = int(np.argmin(losses))
    steepest = int(np.argmin(fall[:bottom]))
    back = bottom + int(np.argmax(losses[bottom:] > 2 * losses[bottom]))
    return RangeTest(growing.rates, list(losses), growing.rates[steepest], growing.rates[back])


def smooth(losses: list[float], memory: float = 0.9) -> np.ndarray:
    """m ← 0.9 m + 0.1 loss, corrected for its start as Adam's averages are."""
    average, smoothed = 0.0, []
    for t, loss in enumerate(losses, start=1):
        average = memory * average + (1 - memory) * loss
        smoothed.append(average / (1 - memory**t))
    return np.array(smoothed)


# --- All of it ------------------------------------------------------------------------------------


def means(trainings: list[Training]) -> tuple[float, float]:
    """Accuracy and loss on the test, over the seeds."""
    return (
        float(np.mean([one.accuracy for one in trainings])),
        float(np.mean([one.test_loss for one in trainings])),
    )


def claims_of(result: Result) -> list[Claim]:
    """The lecture's sentences, judged by the numbers."""
    shares = {rate: one.accuracy for rate, one in result.by_rate.items()}
    best = max(shares, key=shares.__getitem__)
    smaller, larger = (nearest(shares, best * factor) for factor in (0.1, 10))
    good = sum(share > 0.9 for share in shares.values())
    return [
        Claim(
            "Can work well with a well tuned learning rate",
            f"{shares[best]:.1%} of the test digits with {best:.2g}",
            (shares[best] > 0.9,),
        ),
        Claim(
            "Sensitive to choice of learning rate",
            f"{good} of {len(shares)} rates, each √10 times the one before, reach 90 %; a tenth of "
            f"the best gives {shares[smaller]:.0%}, ten times the best {shares[larger]:.0%}",
            (good <= 4, shares[larger] < 0.5),
        ),
    ]


def known_of(result: Result) -> list[Claim]:
    """What the lecture leaves to its lost figure."""
    test, shares = result.test, {rate: one.accuracy for rate, one in result.by_rate.items()}
    found = shares[nearest(shares, test.suggested)]
    high, low = (
        {name: means(several)[1] for name, several in result.schedules[peak].items()}
        for peak in (HIGH, LOW)
    )
    falling = [loss for name, loss in high.items() if name != "constant"]
    return [
        Claim(
            "A range test finds a good rate in one training",
            f"it suggests {test.suggested:.2g} ({found:.0%}), and warns of {test.limit:.2g}",
            (found > 0.9, max(shares, key=shares.__getitem__) < test.limit),
        ),
        Claim(
            "A schedule ends with less loss than a constant rate",
            f"from a peak of {HIGH} losses are {min(falling):.3f} to {max(falling):.3f}, constant "
            f"{high['constant']:.3f}; but from {LOW} no schedule is better than constant, "
            f"{low['constant']:.3f}: what is small already must not become smaller",
            (max(falling) < high["constant"], min(low.values()) < low["constant"]),
        ),
    ]


def nearest(rates: Iterable[float], rate: float) -> float:
    """The one whose quotient with a rate is nearest to 1."""
    return min(rates, key=lambda one: abs(np.log(one / rate)))


def show(result: Result) -> None:
    """The tables."""
    print("w² from −1: what is left after each step is multiplied by 1 − 2 ε")
    for name, rate in REGIMES.items():
        steps = result.steps[name] or "never"
        print(f"    {name:10} ε = {rate:<5} factor {1 - 2 * rate:5.2f}   1 % left after {steps}")
    print("\nDigits, five epochs: learning rate, loss and accuracy on the test")
    for rate, one in result.by_rate.items():
        print(f"    {rate:8.4f} {one.test_loss:9.3f} {one.accuracy:8.1%}")
    seeds = len(next(iter(result.schedules[HIGH].values())))
    print(f"\nSchedules, eight epochs, mean of {seeds} seeds: test loss and accuracy by peak")
    print(f"{'':22}" + "".join(f"{peak:>14}" for peak in result.schedules))
    for name in SCHEDULES:
        cells = [means(by_name[name]) for by_name in result.schedules.values()]
        print(f"    {name:18}" + "".join(f"{loss:7.3f} {share:6.1%}" for share, loss in cells))


def run(out: Path, seeds: int = 3) -> Result:
    """Descend, test the range, train; returns every number."""
    out.mkdir(parents=True, exist_ok=True)
    walks = {name: descend(rate) for name, rate in REGIMES.items()}
    with np.errstate(all="ignore"):  # some rates are too large
        by_rate = {rate: train(rate, epochs=5) for rate in RATES}
        test = range_test()
    schedules = {
        peak: {
            name: [train(peak, 8, schedule, seed) for seed in range(seeds)]
            for name, schedule in SCHEDULES.items()
        }
        for peak in (HIGH, LOW)
    }
    files = {
        "four rates": draw_parabolas(walks, REGIMES, out / "parabolas.png"),
        "range test": draw_ranges(test, by_rate, out / "range_test.png"),
        "schedules": draw_schedules(
            {name: several[0] for name, several in schedules[HIGH].items()},
            {name: smooth(several[0].losses) for name, several in schedules[HIGH].items()},
            out / "schedules.png",
        ),
    }
    steps = {name: until_near(points) for name, points in walks.items()}
    result = Result(walks, steps, test, by_rate, schedules, files)
    show(result)
    show_claims(claims_of(result))
    show_claims(known_of(result), "What is known besides")
    show_files(files)
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/learning_rate"))
    run(parser.parse_args().out)
