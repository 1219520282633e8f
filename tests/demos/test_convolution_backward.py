"""The convolution demo: three ways to the same gradients, and the sums of the slides."""

from __future__ import annotations

import html
import sys
from pathlib import Path

import numpy as np
import pytest

DEMOS = Path(__file__).parents[2] / "demos"


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMOS))
    import convolution_backward

    yield convolution_backward
    sys.modules.pop("convolution_backward", None)


def test_the_summary_slide_is_right(demo, tmp_path, capsys):
    result = demo.run(tmp_path)
    for name, gradient in result.by_engine.items():
        np.testing.assert_allclose(result.by_chain_rule[name], gradient, rtol=1e-12)
        np.testing.assert_allclose(result.by_convolution[name], gradient, rtol=1e-12)
    told = capsys.readouterr().out
    assert told.count("∂L/∂F") > 4 and told.count("= ∂L/∂O11·F11\n") == 1
    for sum_ in (
        "∂L/∂O11·X11 + ∂L/∂O12·X12 + ∂L/∂O21·X21 + ∂L/∂O22·X22",
        "∂L/∂O11·X12 + ∂L/∂O12·X13 + ∂L/∂O21·X22 + ∂L/∂O22·X23",
        "∂L/∂O11·X21 + ∂L/∂O12·X22 + ∂L/∂O21·X31 + ∂L/∂O22·X32",
        "∂L/∂O11·X22 + ∂L/∂O12·X23 + ∂L/∂O21·X32 + ∂L/∂O22·X33",
        "∂L/∂O11·F22 + ∂L/∂O12·F21 + ∂L/∂O21·F12 + ∂L/∂O22·F11",
    ):
        assert sum_ in told


def test_the_four_paths_are_drawn(demo, tmp_path):
    files = demo.run(tmp_path).files
    paths = html.unescape(files["four_paths.svg"].read_text())
    assert "∂L/∂F11 = -3 × 1 + 11 × 2 + 3 × 0 + -1 × 1 = 18" in paths
    assert files["gradients.png"].read_bytes().startswith(b"\x89PNG")
