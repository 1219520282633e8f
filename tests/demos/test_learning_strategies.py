"""The demo of learning strategies: what it counts, and what it claims."""

from __future__ import annotations

import sys
from math import ceil
from pathlib import Path

import numpy as np
import pytest

DEMOS = Path(__file__).parents[2] / "demos"


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMOS))
    import learning_strategies

    yield learning_strategies
    sys.modules.pop("learning_strategies", None)


def test_what_the_demo_claims(demo, tmp_path, capsys):
    result = demo.run(tmp_path)
    told = capsys.readouterr().out
    verdicts = {claim.says: claim.verdict for claim in demo.claims_of(result)}
    assert verdicts.pop("Learning on each sample may lead to slower convergence") == "partly"
    assert set(verdicts.values()) == {"holds"} and len(verdicts) == 4
    assert told.count("holds ") == 4 and told.count("partly ") == 1
    check_terms(demo, result)
    check_walks(result.walks)
    check_learning(demo, result.learned)
    check_drift(result.drift)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in result.files.values())


def check_terms(demo, result):
    """Iterations are samples over the size of a batch, rounded up."""
    assert result.samples == 1438
    for name, size in demo.STRATEGIES.items():
        rows = result.samples if size == "all" else size
        assert result.iterations[name] == ceil(result.samples / rows)


def check_walks(walks):
    """From one start; straight, nearly straight and dotted; the noise falls with the batch."""
    starts = [tuple(one.points[0]) for one in walks.values()]
    assert len(set(starts)) == 1
    assert walks["batch"].detour == pytest.approx(1, abs=1e-9)
    assert 1.001 < walks["mini-batch"].detour < 1.1 < walks["sequential"].detour
    assert walks["batch"].rest < 1e-9 < walks["mini-batch"].rest < walks["sequential"].rest


def check_learning(demo, learned):
    """Who is ahead depends on what is counted."""
    for one in learned.values():
        assert one.losses[-1] < demo.GOAL < one.losses[-2]
        assert one.losses[0] == learned["batch"].losses[0]
    by = {unit: {name: getattr(one, unit)[-1] for name, one in learned.items()}
          for unit in ("iterations", "epochs", "seconds")}  # fmt: skip
    assert (
        by["iterations"]["batch"] < by["iterations"]["mini-batch"] < by["iterations"]["sequential"]
    )
    assert by["epochs"]["sequential"] < by["epochs"]["mini-batch"] < by["epochs"]["batch"]
    assert by["seconds"]["sequential"] == max(by["seconds"].values())


def check_drift(drift):
    """Both fall when the pattern changes; one recovers, the other needs training anew."""
    for learner in ("sequential", "batch"):
        before, at, _ = drift.shares(learner)
        assert at < 0.5 < 0.85 < before
    assert drift.shares("sequential")[2] > 0.9 > 0.5 > drift.shares("batch")[2]
    assert drift.retrained > 0.9
    assert drift.retrain_seconds > 20 * drift.update_seconds


def test_the_minimum_of_the_line_is_where_the_slope_is_zero(demo):
    """Least squares, and batch learning, end in the same point."""
    dataset = demo.points_about_a_line()
    end = demo.walk(dataset, "all").points[-1]
    x, y = dataset.arrays
    residual = end[0] * x + end[1] - y
    np.testing.assert_allclose([residual @ x, residual.sum()], 0, atol=1e-9 * len(x))
