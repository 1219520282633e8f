"""The demo of a wrong backward pass: it learns, gradcheck names the mistake, a picture shows it."""

from __future__ import annotations

import html
import sys
from pathlib import Path

import numpy as np
import pytest

DEMOS = Path(__file__).parents[2] / "demos"
ADVICE = {
    "right": "",
    "σ constant": "variance path missing:",
    "μ constant": "mean path missing: over axis 0",
    "μ and σ constant": "mean path missing, and that of the variance:",
    "γ forgotten": "gamma missing:",
}


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMOS))
    import find_the_bug

    yield find_the_bug
    sys.modules.pop("find_the_bug", None)


def test_training_hides_what_gradcheck_finds(demo, tmp_path, capsys):
    result = demo.run(tmp_path)
    for name, one in result.found.items():
        assert one.advice.startswith(ADVICE[name])
        assert one.ok is (name == "right")
        assert one.losses[-1] < one.losses[0] / 2, name
    right = result.found["right"].accuracy
    assert right > 0.95
    assert result.found["γ forgotten"].accuracy > right - 0.02
    assert result.found["σ constant"].accuracy > right - 0.05
    assert "FAILED" in capsys.readouterr().out
    check_reports(result)
    check_pictures(result)


def check_reports(result):
    """Both report x of the student's op, and nothing else."""
    assert {failure.name for failure in result.report.failures} == {"input 0"}
    guilty = {failure.place.owner for failure in result.in_network.failures}
    assert len(guilty) == 2 and all("student_norm" in owner for owner in guilty)
    assert "find_the_bug.py" in str(result.in_network)


def check_pictures(result):
    """The graph of the network has the mistake written at both places."""
    svg = html.unescape(result.files["where it is, svg"].read_text())
    assert svg.count("FAIL rule for x: variance path missing") == 2
    assert "norm1" in svg and "norm2" in svg
    assert all(path.stat().st_size > 1000 for path in result.files.values())


def test_the_right_rule_is_the_librarys(demo):
    """Same values, same gradients, to the second order."""
    rng = np.random.default_rng(1)
    x, gamma, beta = rng.normal(size=(7, 4)), rng.uniform(0.5, 2, 4), rng.normal(size=4)
    ours = demo.batch_norm_with(demo.right)
    library = demo.nn.functional.batch_norm
    np.testing.assert_allclose(
        ours(x, gamma, beta), library(x, None, None, gamma, beta, training=True), rtol=1e-12
    )
    assert demo.mg.gradgradcheck(ours, (x, gamma, beta))
