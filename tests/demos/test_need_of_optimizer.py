"""The demo of flat places, ravines and noise: its numbers, and the claims it judges."""

from __future__ import annotations

import sys
from math import log
from pathlib import Path

import numpy as np
import pytest

DEMOS = Path(__file__).parents[2] / "demos"


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMOS))
    import need_of_optimizer

    yield need_of_optimizer
    sys.modules.pop("need_of_optimizer", None)


def test_what_the_demo_claims(demo, tmp_path, capsys):
    result = demo.run(tmp_path)
    verdicts = [claim.verdict for claim in demo.claims_of(result)]
    assert verdicts == ["holds", "partly", "holds", "holds"]
    check_flat_places(result)
    check_ravines(result)
    check_noise(demo, result.noise)
    assert "steps to leave" in capsys.readouterr().out
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in result.files.values())


def check_flat_places(result):
    """Stuck in the local minimum; over the saddle in log(1.5 / side) / log(1 + 2 lr) steps."""
    assert result.valley.points[-1, 0] == pytest.approx(-1, abs=1e-6)
    for side, steps in result.escapes.items():
        if side == 0:
            assert steps is None
            assert result.saddles[side].points[-1] == pytest.approx([0, 0], abs=1e-12)
        else:
            assert steps == pytest.approx(log(1.5 / side) / log(1.1), abs=1)


def check_ravines(result):
    """Each step shrinks the distance by (κ − 1) / (κ + 1) and changes the side."""
    assert result.steps[1] == 1
    for steepness in (10, 20, 50, 100):
        theory = log(100) / log((steepness + 1) / (steepness - 1))
        assert result.steps[steepness] == pytest.approx(theory, abs=2)
    assert result.crossings == result.steps[20]
    assert result.detour > 2


def check_noise(demo, noise):
    """Batches of B have √B times less of it; training makes it worse, for the mean fades."""
    start, trained = noise.values()
    for one in (start, trained):
        np.testing.assert_allclose(one.spreads, one.spread / np.sqrt(demo.SIZES), rtol=0.25)
        assert one.along.mean() == pytest.approx(1, rel=1e-3)
        assert np.mean(one.angles > 90) == one.against
    assert 5 < start.spread < 10 < 20 < trained.spread
    assert 0.1 < start.against < 0.4 < trained.against


def test_the_mean_of_single_gradients_is_the_gradient_of_the_mean(demo):
    dataset = demo.data.TensorDataset(*(array[:50] for array in demo.data.digits().arrays))
    net = demo.nn.Sequential(demo.nn.Flatten(), demo.nn.Linear(64, 10, rng=0)).double()
    single = demo.single_gradients(net, dataset)
    x, y = dataset.arrays
    net.zero_grad()
    demo.mg.cross_entropy(net(x), y).backward()
    whole = np.concatenate([p.grad.data.ravel() for p in net.parameters()])
    np.testing.assert_allclose(single.mean(axis=0), whole, rtol=1e-9, atol=1e-15)
