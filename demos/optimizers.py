"""Six optimizers, in the lecture's and the literature's forms: races, trials, rolling balls.

Lecture: "Gradient Descent", "Stochastic Gradient Descent", "SGD Cont...",
"AdaGrad (Adaptive Gradient Descent)", "RMSProp (Root Mean Square Propagation)", "RMS Prop...",
"RMSProp Cont..", "AdaDelta", "ADAM (Adaptive Moment Estimation)", "ADAM Cont...", "Pros and Cons",
"Conclusion".
The one thing to see: there is no winner. Rates for each parameter cross ravines and learn from rare
features, velocity rolls through hollows and over saddles, and most learning rates are wrong.

    python demos/optimizers.py
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from claims import Claim, show_claims, show_files
from optimizer_claims import claims_of
from optimizer_forms import FORMS, LECTURE, RATES, Form, form
from optimizer_race import Field, arrivals, fastest, raced
from optimizer_trials import Trials, path_on, tried
from optimizers_pictures import draw_paths, draw_steps, draw_trials
from rolling_balls import BALLS, RATE, START, STEPS, draw_balls, hollows, place


@dataclass(frozen=True)
class Result:
    """What was measured, and where the files are."""

    races: dict[str, Field]  # by surface
    trials: Trials
    balls: dict[str, np.ndarray]  # paths on the surface with two hollows, in the lecture's forms
    claims: dict[str, list[Claim]]  # by optimizer
    files: dict[str, Path]


def roll_balls() -> dict[str, np.ndarray]:
    """From one start, with one rate, in the lecture's forms."""
    return {
        name: path_on(hollows, START, form(name, LECTURE).optimizer, RATE, STEPS) for name in BALLS
    }


def show_formulas() -> None:
    """One line for each form."""
    print("Formulas: g is the gradient, ε the learning rate")
    for one in FORMS:
        print(f"    {one}  {one.formula}")


def show_races(races: dict[str, Field]) -> None:
    """For every form and surface the steps of the best learning rate, and how many rates arrive."""
    print(f"\nRaces: steps of the best of {len(RATES)} rates, and how many of them arrive")
    print(" " * 26 + "".join(f"{course:>15}" for course in races))
    for one in FORMS:
        cells = [cell(field, one) for field in races.values()]
        print(f"    {one} " + "".join(f"{text:>15}" for text in cells))


def cell(field: Field, one: Form) -> str:
    """Steps, and the number of rates; a dash if none arrived."""
    first = fastest(field[one])
    return "—   " if first is None else f"{first[1]}  ({len(arrivals(field[one]))})"


def show_trials(trials: Trials) -> None:
    """For every form steps on a slope, and the score of the best learning rate in each trial."""
    print(
        "\nTrials: steps 1, 12 and 1000 on an even slope; then, with the best rate, distance after"
    )
    print("noise, error of the weights of rare features, loss on the digits (less is better)")
    print(" " * 26 + "      1     12   1000" + "".join(f"{name:>15}" for name in trials.scores))
    for one in FORMS:
        taken = "".join(f"{trials.steps[one][t - 1]:7.3f}" for t in (1, 12, 1000))
        scores = "".join(f"{scores[one].score:15.3f}" for scores in trials.scores.values())
        print(f"    {one} {taken}{scores}")
    steps = trials.steps[form("Adam", LECTURE)]
    print(f"    Adam without bias correction: up to {steps.max():.2f} times, in step ", end="")
    print(f"{steps.argmax() + 1}")


def show_balls(balls: dict[str, np.ndarray]) -> None:
    """Where each came to rest."""
    print(f"\nBalls: after {STEPS} steps with learning rate {RATE}, in the lecture's forms")
    for name, path in balls.items():
        x, y = path[-1]
        print(f"    {name:9} ({x:5.2f}, {y:5.2f})  {place(path[-1])}")


def run(out: Path, most: int = 1000) -> Result:
    """Race, try, roll; returns every number. most: steps of a race."""
    out.mkdir(parents=True, exist_ok=True)
    races, trials, balls = raced(most), tried(), roll_balls()
    draw_balls(balls, out / "balls.gif", out / "balls.png")
    files = {
        "rolling balls": out / "balls.gif",
        "their last picture": out / "balls.png",
        "paths": draw_paths(races, out / "paths.png"),
        "steps on a slope": draw_steps(trials.steps, out / "steps.png"),
        "trials": draw_trials(trials.scores, out / "trials.png"),
    }
    claims = claims_of(races, trials)
    show_formulas()
    show_races(races)
    show_trials(trials)
    show_balls(balls)
    for name, some in claims.items():
        show_claims(some, f"{name}: what the lecture says")
    show_files(files)
    return Result(races, trials, balls, claims, files)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/optimizers"))
    run(parser.parse_args().out)
