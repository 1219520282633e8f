"""The demo of batch normalisation: its four benefits as measured, and both forms of ε."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

DEMOS = Path(__file__).parents[2] / "demos"
PARTS = ("batch_norm", "batch_norm_surface", "batch_norm_claims", "batch_norm_pictures")


@pytest.fixture(scope="module")
def demo():
    sys.path.insert(0, str(DEMOS))
    import batch_norm

    yield batch_norm
    sys.path.remove(str(DEMOS))
    for name in PARTS:
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def result(demo, tmp_path_factory):
    return demo.run(tmp_path_factory.mktemp("batch_norm"), seeds=2, points=9)


def test_the_benefits(demo, result):
    verdicts = [claim.verdict for claim in demo.claims_of(result)]
    assert verdicts == ["holds", "holds", "partly", "holds", "holds", "partly"]


def test_activations_drift_and_are_held(demo, result):
    """The default start loses what tells samples apart; BatchNorm gives mean 0, spread 1."""
    default, ours = (result.drifts[name] for name in (demo.DEFAULT, demo.BATCH_NORM))
    signals = [default.signal(layer) for layer in range(6)]
    assert signals == sorted(signals, reverse=True) and signals[-1] < 0.01
    for layer in ours.before:
        np.testing.assert_allclose(layer.mean(axis=0), 0, atol=1e-4)
        spread = layer.std(axis=0)
        assert np.all((np.abs(spread - 1) < 0.02) | (spread < 0.1))  # or the unit is dead
    assert max(ours.shift) < 0.05 < 0.5 < max(result.drifts[demo.KAIMING].shift)


def test_rates(demo, result):
    """At each rate from 0.01 to 1 BatchNorm learns; at most one of them is good without."""
    for name in (demo.BATCH_NORM, demo.LECTURES):
        for rate in (0.01, 0.03, 0.1, 0.3, 1.0):
            assert result.trainings[name][rate].accuracy > 0.8
    assert all(one.accuracy < 0.2 for one in result.trainings[demo.DEFAULT].values())
    plain = [one.accuracy for one in result.trainings[demo.KAIMING].values()]
    assert sum(accuracy > 0.8 for accuracy in plain) <= 2 and max(plain) > 0.8


def test_it_does_little_against_overfitting(result):
    for some in result.regularised.values():
        means = {name: np.mean(shares) for name, shares in some.items()}
        assert abs(means["BatchNorm"] - means["nothing"]) < 0.05


def test_the_loss_surface(demo, result):
    slopes = {name: both["before"].slope for name, both in result.slices.items()}
    assert slopes[demo.DEFAULT] < 0.05 < 0.2 < slopes[demo.BATCH_NORM] < 2 < slopes[demo.KAIMING]
    assert all(one.losses[1] < one.loss for one in result.cliffs[demo.BATCH_NORM])
    assert any(one.losses[1] > 2 * one.loss for one in result.cliffs[demo.KAIMING])


def test_both_forms_of_epsilon(demo, result):
    sigma, eps = np.array(demo.SIGMAS), 1e-5
    exact = {"var": sigma / np.sqrt(sigma**2 + eps), "std": sigma / (sigma + eps)}
    for mode, factors in result.factors.items():
        np.testing.assert_allclose(factors, exact[mode], rtol=1e-9)
    assert result.factors["std"][2] > 0.98 > 0.31 > result.factors["var"][2]


def test_probing_leaves_the_weights_as_they_were(demo):
    net = demo.network(demo.Kind(norm="var"))
    before = [p.data.copy() for p in net.parameters()]
    x, y = (array[:50] for array in demo.data.digits().arrays)
    demo.cliffs(net, x, y)
    demo.slice_of(net, x, y, points=3)
    assert all(np.array_equal(p.data, b) for p, b in zip(net.parameters(), before))


def test_the_pictures_and_the_tables(demo, result, capsys):
    demo.show(result)
    assert "σ + ε, the lecture" in capsys.readouterr().out
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in result.files.values())
