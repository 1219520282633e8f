"""The first picture of the README, and the numbers that stand in it."""

from __future__ import annotations

import html
import sys
from pathlib import Path

import pytest

DEMOS = Path(__file__).parents[2] / "demos"


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMOS))
    import graph_of_an_expression

    yield graph_of_an_expression
    sys.modules.pop("graph_of_an_expression", None)


def test_the_neuron_is_drawn_with_its_value_and_gradients(demo, tmp_path, capsys):
    loss = demo.run(tmp_path)
    assert loss.data == pytest.approx((-0.3799489622552249 - 1) ** 2)
    svg = html.unescape((tmp_path / "neuron.svg").read_text())
    assert "grad -4.723" in svg and "-2.361 × 2" in svg
    assert (tmp_path / "neuron.png").read_bytes().startswith(b"\x89PNG")
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("w1"))
    assert row.split() == ["w1", "parameter", "-0.7", "grad", "-4.723"]
