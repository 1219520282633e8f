"""The pros and cons that the lecture lists for each optimizer, judged by races and trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claims import Claim
from optimizer_forms import LECTURE, NAMES, RATES, form
from optimizer_race import Field, arrivals, fastest

if TYPE_CHECKING:
    from optimizer_trials import Trials

Races = dict[str, Field]


def claims_of(races: Races, trials: Trials) -> dict[str, list[Claim]]:
    """By optimizer."""
    return {
        "GD": gd(races),
        "momentum": momentum(races, trials),
        "AdaGrad": adagrad(races, trials),
        "RMSProp": rmsprop(races, trials),
        "AdaDelta": adadelta(races, trials),
        "Adam": adam(races, trials),
    }


def steps(races: Races, course: str, name: str) -> float:
    """Of the fastest rate of the literature's form; infinite if none arrives."""
    first = fastest(races[course][form(name)])
    return float("inf") if first is None else first[1]


def rates(races: Races, course: str, name: str) -> int:
    """How many learning rates arrive."""
    return len(arrivals(races[course][form(name)]))


def score(trials: Trials, trial: str, name: str, source: str = "literature") -> float:
    """Of the best rate."""
    return trials.scores[trial][form(name, source)].score


def gd(races: Races) -> list[Claim]:
    bowl, ravine = steps(races, "bowl", "GD"), steps(races, "ravine", "GD")
    rolling, valley = steps(races, "ravine", "momentum"), rates(races, "rosenbrock", "GD")
    lost = [len(RATES) - rates(races, course, "GD") for course in races]
    return [
        Claim(
            "Converges very slowly",
            f"{ravine:.0f} steps through the ravine, with momentum {rolling:.0f}; in Rosenbrock's "
            f"valley {valley} of {len(RATES)} rates arrive",
            (ravine > 1.5 * rolling, valley == 0),
        ),
        Claim(
            "Can work well with a well tuned learning rate",
            f"{bowl:.0f} steps on the bowl",
            (bowl < 10,),
        ),
        Claim(
            "Sensitive to choice of learning rate",
            f"of {len(RATES)} rates {', '.join(map(str, lost))} do not arrive on the five surfaces",
            (min(lost) > 0,),
        ),
    ]


def momentum(races: Races, trials: Trials) -> list[Claim]:
    none, half, usual, high = trials.rolls.values()
    plain, smooth = trials.jitter.values()
    through = [rates(races, "two_valleys", name) for name in ("GD", "momentum")]
    off = [steps(races, "saddle", name) for name in ("GD", "momentum")]
    travel = {name: trials.steps[form(name)].sum() for name in ("GD", "momentum")}
    return [
        Claim(
            "It can help the optimizer to move more efficiently through “flat” regions",
            f"in 1000 steps on an even slope it goes {travel['momentum']:.0f} rates far, GD "
            f"{travel['GD']:.0f}",
            (travel["momentum"] > 5 * travel["GD"],),
        ),
        Claim(
            "By using the momentum term, saddle points and local minima become less dangerous",
            f"through the first of two valleys with {through[1]} of {len(RATES)} rates, GD with "
            f"{through[0]}; off the saddle in {off[1]:.0f} steps, GD in {off[0]:.0f}",
            (through[1] > through[0], off[1] < off[0]),
        ),
        Claim(
            "The momentum term results in the individual gradients having less variance and thus "
            "less zig-zagging",
            f"on a noisy slope steps vary by {plain:.1f} of their mean, with momentum 0.9 by "
            f"{smooth:.1f}. In the ravine, where not noise is the cause, the way across is "
            f"{none.travel:.1f} without, {half.travel:.1f} with 0.5, but {usual.travel:.1f} with "
            "0.9",
            (smooth < plain / 3, half.travel < none.travel, usual.travel < none.travel),
        ),
        Claim(
            "Can overshoot good solutions if the momentum is too high",
            f"on the bowl it rolls beyond the minimum by {half.overshoot:.0%} of the distance with "
            f"0.5, {usual.overshoot:.0%} with 0.9, {high.overshoot:.0%} with 0.99",
            (none.overshoot == 0, half.overshoot < usual.overshoot < high.overshoot),
        ),
    ]


def adagrad(races: Races, trials: Trials) -> list[Claim]:
    slope = trials.steps[form("AdaGrad")]
    gd, ours = (score(trials, "rare features", name) for name in ("GD", "AdaGrad"))
    return [
        Claim(
            "It can work well with sparse data",
            f"the weights of rare features are wrong by {ours:.3f} on average, with GD by {gd:.3f}",
            (ours < gd / 2,),
        ),
        Claim(
            "Can converge too slowly. Can stop learning altogether if the learning rates become "
            "too small",
            f"on an even slope step 1000 is {slope[-1] / slope[0]:.3f} of the first, and in "
            "Rosenbrock's valley no rate arrives. But 1/√t adds up to any distance: it never stops",
            (
                slope[-1] < 0.05 * slope[0],
                rates(races, "rosenbrock", "AdaGrad") == 0,
                slope[-1] == 0,
            ),
        ),
    ]


def rmsprop(races: Races, trials: Trials) -> list[Claim]:
    pairs = [
        (course, steps(races, course, "RMSProp"), steps(races, course, "AdaGrad"))
        for course in ("bowl", "ravine", "saddle")
    ]
    losses = [score(trials, "digits", name) for name in ("RMSProp", "AdaGrad")]
    tilts = [trials.tilt[form(name)] for name in ("GD", "RMSProp")]
    return [
        Claim(
            "Can converge faster than Adagrad",
            "".join(
                f"{course}: {ours:.0f} steps against {its:.0f}; " for course, ours, its in pairs
            )
            + f"on the digits a loss of {losses[0]:.2f} against {losses[1]:.2f}",
            (*(ours < its for _, ours, its in pairs), losses[0] < losses[1]),
        ),
        Claim(
            "the nice property of speeding up the updating of the weights along one dimension and "
            "slowing down the motion along the other",
            f"the first step in the ravine goes {tilts[0]:.1f} times as far across as along with "
            f"GD, {tilts[1]:.1f} times with RMSProp",
            (tilts[0] > 2, abs(tilts[1] - 1) < 0.01),
        ),
        Claim(
            "It can still converge too slowly for some problems",
            f"in Rosenbrock's valley {rates(races, 'rosenbrock', 'RMSProp')} rates arrive, for it "
            "never takes smaller steps",
            (rates(races, "rosenbrock", "RMSProp") == 0,),
        ),
    ]


def adadelta(races: Races, trials: Trials) -> list[Claim]:
    first, last = trials.steps[form("AdaDelta")][[0, -1]]
    lectures = trials.steps[form("AdaDelta", LECTURE)][-1]
    return [
        Claim(
            "Can converge too slowly for some problems",
            f"with its own rate, 1, it takes {steps(races, 'bowl', 'AdaDelta'):.0f} steps on the "
            "bowl, and the ravine is too long for it",
            (steps(races, "bowl", "AdaDelta") > 500, rates(races, "ravine", "AdaDelta") == 0),
        ),
        Claim(
            "Can stop learning altogether if the learning rates become too small",
            f"that is AdaGrad's: on an even slope its steps grow, from {first:.3f} to {last:.3f}; "
            f"in the lecture's form, which is RMSProp's, step 1000 is {lectures:.2f}",
            (last < first, lectures < 0.5),
        ),
    ]


def adam(races: Races, trials: Trials) -> list[Claim]:
    wins = [c for c in races if steps(races, c, "Adam") <= min(steps(races, c, n) for n in NAMES)]
    losses = {name: score(trials, "digits", name) for name in NAMES}
    rests = {name: score(trials, "noisy bowl", name) for name in NAMES}
    arrive = {name: sum(rates(races, course, name) for course in races) for name in NAMES}
    others = ", ".join(f"{name} {n}" for name, n in arrive.items() if name != "Adam")
    calm, quick = min(rests, key=rests.__getitem__), sorted(losses, key=losses.__getitem__)
    return [
        Claim(
            "Can converge faster than other optimization algorithms",
            f"on the digits {losses['Adam']:.2f} after two epochs, next {quick[1]} with "
            f"{losses[quick[1]]:.2f}; but first on {len(wins)} of the {len(races)} surfaces",
            (quick[0] == "Adam", len(wins) > 0),
        ),
        Claim(
            "Can work well with noisy data",
            f"on the noisy bowl it gets from 5 to {rests['Adam']:.2f}, {calm} to {rests[calm]:.2f}",
            (rests["Adam"] < 0.5, rests["Adam"] <= 1.1 * rests[calm]),
        ),
        Claim(
            "It may require more tuning of hyperparameters than other algorithms",
            f"of {len(RATES) * len(races)} rates on surfaces {arrive['Adam']} arrive; {others}",
            (arrive["Adam"] < min(n for name, n in arrive.items() if name != "Adam"),),
        ),
    ]
