"""What `batch_norm` measured: its tables, and the lecture's sentences judged by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from claims import Claim

if TYPE_CHECKING:
    from batch_norm import Result, Training

DEFAULT, KAIMING, BATCH_NORM = "default start", "Kaiming's start", "BatchNorm"
LEARNED = 0.8  # accuracy from which a training counts as learning
GOAL = 0.5  # nats
SIGMAS = ("1", "0.01", "0.001", "1e-5")


def show(result: Result) -> None:
    """The tables."""
    print("What enters each layer before training: how much a unit differs between samples (σ)")
    for name, drift in result.drifts.items():
        print(f"    {name:17}" + "".join(f"{drift.signal(i):8.3f}" for i in range(6)))
    print("How far a unit's mean moves in an epoch of training, in its σ")
    for name, drift in result.drifts.items():
        print(f"    {name:17}" + "".join(f"{shift:8.3f}" for shift in drift.shift))
    print("\nTest accuracy after five epochs, by learning rate")
    rates = result.trainings[BATCH_NORM]
    print(f"    {'':17}" + "".join(f"{rate:8g}" for rate in rates))
    for name, by_rate in result.trainings.items():
        print(f"    {name:17}" + "".join(f"{one.accuracy:8.1%}" for one in by_rate.values()))
    print("\nTest accuracy of three layers that learned few samples, by seed, and the mean")
    for samples, trainings in result.regularised.items():
        for name, some in trainings.items():
            row = "".join(f"{x:8.1%}" for x in some) + f"{np.mean(some):10.1%}"
            print(f"    {samples} samples, {name:12}{row}")
    print("\nA step against the gradient, epoch by epoch: loss here → after 0.1 gradients")
    for name, cliffs in result.cliffs.items():
        steps = "  ".join(f"{one.loss:.2f} → {one.losses[1]:.2f}" for one in cliffs)
        print(f"    {name:17} {steps}")
    print("\nA spread of σ, normalised with ε = 1e-5, becomes")
    print(f"    {'σ':17}" + "".join(f"{sigma:>10}" for sigma in SIGMAS))
    for mode, name in (("var", "√(σ² + ε)"), ("std", "σ + ε, the lecture")):
        print(f"    {name:17}" + "".join(f"{x:10.6f}" for x in result.factors[mode]))


def claims_of(result: Result) -> list[Claim]:
    """In the lecture's order."""
    return [
        scale(result),
        shift(result),
        regularises(result),
        rates(result),
        smooths(result),
        plateau(result),
    ]


def scale(result: Result) -> Claim:
    before, after = (result.drifts[name] for name in (DEFAULT, BATCH_NORM))
    return Claim(
        "Although our input X was normalized with time the output will no longer be on the same "
        "scale",
        f"from layer 1 to 6 what tells samples apart shrinks from {before.signal(0):.3f} to "
        f"{before.signal(5):.4f}; with BatchNorm it is {after.signal(0):.2f} and "
        f"{after.signal(5):.2f}",
        (before.signal(5) < 0.05 * before.signal(0), abs(after.signal(5) - 1) < 0.05),
    )


def shift(result: Result) -> Claim:
    kaiming, ours = (result.drifts[name].shift for name in (KAIMING, BATCH_NORM))
    quick, slow = (first_below(best(result, name)) for name in (BATCH_NORM, KAIMING))
    seconds = [best(result, name).seconds for name in (BATCH_NORM, KAIMING)]
    return Claim(
        "Speeds up learning: By reducing internal covariate shift, it helps the model train faster",
        f"a loss of {GOAL} after {said(quick)} iterations, without it after {said(slow)} from "
        f"Kaiming's start and never from nn.Linear's, each with its best rate (an iteration takes "
        f"{seconds[0] / seconds[1]:.1f} times as long). In an epoch means move by {max(ours):.2f} "
        f"σ, without it by up to {max(kaiming):.2f} σ",
        (
            quick is not None and (slow is None or quick < slow),
            first_below(best(result, DEFAULT)) is None,
            max(ours) < max(kaiming) / 10,
        ),
    )


def best(result: Result, name: str) -> Training:
    """The training with the lowest loss in its last epoch."""
    finite = result.trainings[name].values()
    return min(finite, key=lambda one: np.nan_to_num(np.mean(one.losses[-20:]), nan=np.inf))


def first_below(training: Training) -> int | None:
    """The iteration from which the mean of ten losses is below GOAL; None: there is none."""
    means = np.convolve(training.losses, np.full(10, 0.1), "valid")
    below = np.flatnonzero(means < GOAL)
    return int(below[0]) + 10 if len(below) else None


def said(iterations: int | None) -> str:
    return "never" if iterations is None else str(iterations)


def regularises(result: Result) -> Claim:
    gains, spreads, told = [], [], []
    for samples, some in result.regularised.items():
        mean = {name: float(np.mean(shares)) for name, shares in some.items()}
        gains.append(mean["BatchNorm"] - mean["nothing"])
        spreads.append(float(np.mean([np.std(shares) for shares in some.values()])))
        told.append(
            f"after {samples} samples {mean['BatchNorm']:.1%} of the test is right, without "
            f"it {mean['nothing']:.1%}, with dropout {mean['dropout 0.2']:.1%}"
        )
    return Claim(
        "Regularizes the model: It adds a little noise to your model, and in some cases, you might "
        "not even need to use dropout",
        f"noise: an activation varies by {result.jitter:.2f} σ with the rest of its batch. But "
        f"{'; '.join(told)}. Hardly more than seeds differ, by {np.mean(spreads):.1%}",
        (result.jitter > 0.05, all(gain > 2 * s for gain, s in zip(gains, spreads))),
    )


def rates(result: Result) -> Claim:
    learn = {
        name: [rate for rate, one in by_rate.items() if one.accuracy > LEARNED]
        for name, by_rate in result.trainings.items()
    }
    ours, kaiming = max(learn[BATCH_NORM]), max(learn[KAIMING], default=0.0)
    return Claim(
        "Allows higher learning rates",
        f"it learns with up to {ours:g}, from Kaiming's start {kaiming:g} is the largest, from "
        f"nn.Linear's {len(learn[DEFAULT])} of {len(result.trainings[DEFAULT])} rates work",
        (ours >= 3 * kaiming, not learn[DEFAULT]),
    )


def smooths(result: Result) -> Claim:
    ours, kaiming = (result.cliffs[name][1:] for name in (BATCH_NORM, KAIMING))
    up, down = (
        float(np.mean([one.losses[1] > one.loss for one in several])) for several in (kaiming, ours)
    )
    turns = [float(np.median([one.turns[1] for one in several])) for several in (kaiming, ours)]
    return Claim(
        "Batch normalization smoothens the loss function",
        f"a step of 0.1 gradients makes the loss larger in {up:.0%} of the epochs without it, in "
        f"{down:.0%} with it; the gradient changes by {turns[0]:.1f} and {turns[1]:.1f} of its "
        f"length on the way",
        (down < up, turns[1] < turns[0] / 2),
    )


def plateau(result: Result) -> Claim:
    slopes = {name: both["before"].slope for name, both in result.slices.items()}
    return Claim(
        "BN greatly reduces the plateau of loss function and makes updating easier for optimizer",
        f"around the start the loss is as steep as {slopes[DEFAULT]:.3f} from nn.Linear's start, "
        f"{slopes[BATCH_NORM]:.2f} with BatchNorm; but from Kaiming's start {slopes[KAIMING]:.1f}: "
        "there is no plateau there, there are cliffs",
        (slopes[BATCH_NORM] > 10 * slopes[DEFAULT], slopes[BATCH_NORM] > slopes[KAIMING]),
    )
