"""The demo of the learning rate: its parabola, its range test, its schedules."""

from __future__ import annotations

import sys
from math import ceil, log
from pathlib import Path

import numpy as np
import pytest

DEMOS = Path(__file__).parents[2] / "demos"


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMOS))
    import learning_rate

    yield learning_rate
    sys.modules.pop("learning_rate", None)


def test_what_the_demo_claims(demo, tmp_path):
    result = demo.run(tmp_path, seeds=2)
    assert [claim.verdict for claim in demo.claims_of(result)] == ["holds", "holds"]
    assert [claim.verdict for claim in demo.known_of(result)] == ["holds", "partly"]
    check_parabola(demo, result)
    check_range_test(result)
    check_schedules(demo, result)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in result.files.values())


def check_parabola(demo, result):
    """Each step multiplies w by 1 − 2 ε."""
    for name, rate in demo.REGIMES.items():
        factor = 1 - 2 * rate
        points = result.walks[name]
        np.testing.assert_allclose(points, -(factor ** np.arange(len(points))), rtol=1e-9)
        steps = ceil(log(0.01) / log(abs(factor))) if abs(factor) < 1 else None
        assert result.steps[name] == steps


def check_range_test(result):
    """The suggestion is between what learns nothing and what is too much."""
    test = result.test
    np.testing.assert_allclose(np.diff(np.log(test.rates)), np.log(1e5) / len(test.rates))
    assert 0.03 < test.suggested < 0.5 < test.limit
    accuracies = {rate: one.accuracy for rate, one in result.by_rate.items()}
    best = max(accuracies, key=accuracies.get)
    assert best / 4 < test.suggested < best * 4
    assert accuracies[min(accuracies)] < 0.2 and accuracies[max(accuracies)] < 0.2


def check_schedules(demo, result):
    """Each begins or peaks at the rate it was given, and only the constant one stays there."""
    for peak, by_name in result.schedules.items():
        for name, trainings in by_name.items():
            rates = trainings[0].rates
            assert max(rates) == pytest.approx(peak, rel=1e-3)
            assert rates[-1] == pytest.approx(peak) if name == "constant" else rates[-1] < peak / 50
    constant = demo.means(result.schedules[demo.HIGH]["constant"])[1]
    assert demo.means(result.schedules[demo.HIGH]["CosineAnnealingLR"])[1] < constant / 1.5
