"""The demo of optimizers: races, trials, rolling balls, and the pros and cons that they judge."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DEMOS = Path(__file__).parents[2] / "demos"
PARTS = ("optimizers", "optimizer_race", "optimizer_trials", "optimizer_forms", "rolling_balls")


@pytest.fixture(scope="module")
def demo():
    sys.path.insert(0, str(DEMOS))
    import optimizers

    yield optimizers
    sys.path.remove(str(DEMOS))
    for name in PARTS:
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def result(demo, tmp_path_factory):
    """With shorter races: what takes longer than this counts as not arriving."""
    return demo.run(tmp_path_factory.mktemp("optimizers"), most=400)


def test_pros_and_cons(result):
    verdicts = {name: [claim.verdict for claim in some] for name, some in result.claims.items()}
    assert verdicts == {
        "GD": ["holds", "holds", "holds"],
        "momentum": ["holds", "holds", "partly", "holds"],
        "AdaGrad": ["holds", "partly"],
        "RMSProp": ["holds", "holds", "holds"],
        "AdaDelta": ["holds", "no"],
        "Adam": ["partly", "partly", "no"],
    }


def test_both_forms_race_and_only_momentums_are_the_same(demo, result):
    race = result.races["ravine"]
    lecture, literature = (race[demo.form("momentum", s)] for s in ("lecture", "literature"))
    for rate, each in lecture.items():
        np.testing.assert_allclose(each.path, literature[rate].path, rtol=1e-9, atol=1e-12)
    for name in ("AdaGrad", "RMSProp", "AdaDelta", "Adam"):
        ours, theirs = (race[demo.form(name, s)][0.01].path[1] for s in ("lecture", "literature"))
        assert np.abs(ours - theirs).max() > 1e-10


def test_who_arrives(demo, result):
    for course, field in result.races.items():
        for row in field.values():
            for rate, steps in demo.arrivals(row).items():
                assert 0 < steps <= 400, (course, rate)
    valleys = result.races["two_valleys"]
    for name in ("AdaGrad", "RMSProp", "AdaDelta"):
        assert demo.fastest(valleys[demo.form(name)]) is None
    rate, steps = demo.fastest(result.races["bowl"][demo.form("GD")])
    assert (rate, steps) == (0.3, 6)  # 5 · 0.4⁶ is the first below 0.05


def test_steps_on_an_even_slope(demo, result):
    """Each has a formula."""
    t = np.arange(1, 1001)
    expected = {
        "GD": np.ones(1000),
        "momentum": (1 - 0.9**t) / (1 - 0.9),
        "AdaGrad": 1 / np.sqrt(t),
        "RMSProp": 1 / np.sqrt(1 - 0.99**t),
        "Adam": np.ones(1000),
    }
    for name, lengths in expected.items():
        np.testing.assert_allclose(result.trials.steps[demo.form(name)], lengths, rtol=1e-6)
    uncorrected = result.trials.steps[demo.form("Adam", "lecture")]
    exact = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    np.testing.assert_allclose(uncorrected, exact, rtol=1e-3)
    assert uncorrected.argmax() + 1 == 12 and uncorrected.max() == pytest.approx(6.57, abs=0.01)
    growing = result.trials.steps[demo.form("AdaDelta")]
    assert all(a < b for a, b in pairwise(growing[::50]))


def test_momentum_rolls_beyond(result):
    rolls = list(result.trials.rolls.values())
    assert rolls[0].overshoot == 0
    assert all(a.overshoot < b.overshoot for a, b in pairwise(rolls))
    assert rolls[1].steps < rolls[0].steps < rolls[2].steps


def test_rare_features_favour_rates_of_their_own(demo, result):
    errors = {one: best.score for one, best in result.trials.scores["rare features"].items()}
    for name in ("AdaGrad", "RMSProp", "Adam"):
        assert errors[demo.form(name)] < errors[demo.form("GD")] / 3


def test_the_balls_and_their_moving_picture(result, capsys):
    from rolling_balls import GLOBAL, LOCAL, hollows, place

    ends = {name: place(path[-1]) for name, path in result.balls.items()}
    assert ends == {
        "GD": "local minimum",
        "momentum": "global minimum",
        "AdaGrad": "local minimum",
        "RMSProp": "local minimum",
        "Adam": "global minimum",
    }
    assert hollows(*GLOBAL) < hollows(*LOCAL) - 1
    moving = result.files["rolling balls"]
    assert moving.stat().st_size <= 200_000
    with Image.open(moving) as picture:
        assert picture.n_frames > 40 and picture.info["loop"] == 0


def test_the_colours_of_the_balls_are_the_lectures(result):
    """Each ball is on the last picture, in its colour."""
    from optimizers_pictures import COLOURS
    from rolling_balls import BALLS

    with Image.open(result.files["their last picture"]) as picture:
        pixels = {colour for _, colour in picture.getcolors(1 << 20)}
    for name in BALLS:
        colour = COLOURS[name].removeprefix("#")
        assert tuple(bytes.fromhex(colour)) in pixels


def test_the_other_pictures(result):
    for name in ("paths", "steps on a slope", "trials"):
        assert result.files[name].read_bytes().startswith(b"\x89PNG")
