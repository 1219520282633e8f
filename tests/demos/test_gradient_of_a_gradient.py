"""The demo of second derivatives: its numbers, and the claims it prints."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

DEMOS = Path(__file__).parents[2] / "demos"


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMOS))
    import gradient_of_a_gradient

    yield gradient_of_a_gradient
    sys.modules.pop("gradient_of_a_gradient", None)


def test_what_the_demo_claims(demo, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "STEPS", 300)
    result = demo.run(tmp_path)
    y = np.tanh(0.5)
    assert result.second == pytest.approx(-2 * y * (1 - y * y), rel=1e-12)
    assert len(result.newton) <= 10 and result.newton[-1] < demo.CLOSE
    assert result.descent[-1] > 0.1
    assert result.slopes["gradient penalty"] < 0.7 * result.slopes["no penalty"]
    assert min(result.accuracies.values()) > 0.95
    assert all(path.stat().st_size > 1000 for path in result.files.values())
