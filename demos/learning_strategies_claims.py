"""What `learning_strategies` measured: its tables, and the lecture's sentences judged by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claims import Claim

if TYPE_CHECKING:
    from learning_strategies import Result

GOAL = 0.25  # a loss on the digits, in nats
NEAR = 0.1  # of the distance at the start
WINDOW = 100  # samples over which a share is taken


def claims_of(result: Result) -> list[Claim]:
    """The lecture's sentences, judged by the numbers."""
    one, all_ = result.walks["sequential"], result.walks["batch"]
    single, whole = result.learned["sequential"], result.learned["batch"]
    prices = {name: 1000 * x.seconds[-1] / x.epochs[-1] for name, x in result.learned.items()}
    drift = result.drift
    before, _, adapted = drift.shares("sequential")
    stale = drift.shares("batch")[-1]
    return [
        Claim(
            "The straight path can be achieved by Batch and dotted path by Sequential learning",
            f"path ÷ straight distance: {all_.detour:.3f} and {one.detour:.3f}",
            (all_.detour < 1.001, one.detour > 1.2),
        ),
        Claim(
            "Learning on each sample may lead to slower convergence",
            f"near after {one.updates} updates or {one.epochs:.1f} epochs, batch learning after "
            f"{all_.updates} or {all_.epochs:.0f}; but then it does not converge, it stays about "
            f"{one.rest:.1%} of the first distance away, batch learning {all_.rest:.1%}",
            (one.updates > 1.5 * all_.updates, one.epochs > all_.epochs, one.rest > all_.rest),
        ),
        Claim(
            "Requires frequent updation hence computationally intensive",
            f"an epoch takes {prices['sequential']:.0f} ms, in batch learning "
            f"{prices['batch']:.1f} ms; a loss of {GOAL} takes {single.seconds[-1]:.2f} s, in "
            f"batch learning {whole.seconds[-1]:.2f} s",
            (prices["sequential"] > prices["batch"], single.seconds[-1] > whole.seconds[-1]),
        ),
        Claim(
            "Adaptable to changing patterns in data",
            f"recognised of the last {WINDOW}: {before:.0%} before the change, {adapted:.0%} at "
            f"the end, at {1000 * drift.update_seconds:.2f} ms per sample",
            (adapted > before - 0.05,),
        ),
        Claim(
            "Require retraining on entire dataset to adapt changes",
            f"without it {stale:.0%} at the end, with it {drift.retrained:.0%}, in "
            f"{1000 * drift.retrain_seconds:.0f} ms",
            (stale < 0.5, drift.retrained > 0.9, drift.retrain_seconds > drift.update_seconds),
        ),
    ]


def show(result: Result) -> None:
    """The tables."""
    print(f"Digits: {result.samples} samples, until the loss is {GOAL}, each with its own rate")
    print("                batch  iterations/epoch  iterations  epochs  seconds  ms/epoch")
    for name, one in result.learned.items():
        i, epochs, seconds = one.iterations[-1], one.epochs[-1], one.seconds[-1]
        print(f"    {name:11} {one.size:>5} {result.iterations[name]:17}", end="")
        print(f"{i:12} {epochs:7.1f} {seconds:8.2f} {1000 * seconds / epochs:9.1f}")
    print(f"\nA line through 256 points, until {NEAR:.0%} of the way is left, one rate for all")
    print("                updates   epochs   path ÷ straight   rests at")
    for name, w in result.walks.items():
        print(f"    {name:11} {w.updates:7} {w.epochs:8.1f} {w.detour:17.3f} {w.rest:10.2%}")
    print(f"\nMirrored from half-way on: recognised of the last {WINDOW} before, first after, last")
    for name in result.drift.right:
        print(f"    {name:11}" + "".join(f"{x:8.0%}" for x in result.drift.shares(name)))
    print(f"    {'retrained':11}{result.drift.retrained:24.0%}")
