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
    loss = demo.run(tmp_path).loss
    assert loss.data == pytest.approx((-0.3799489622552249 - 1) ** 2)
    svg = html.unescape((tmp_path / "neuron.svg").read_text())
    assert "grad -4.723" in svg and "-2.361 × 2" in svg
    assert (tmp_path / "neuron.png").read_bytes().startswith(b"\x89PNG")
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("w1"))
    assert row.split() == ["w1", "parameter", "-0.7", "grad", "-4.723"]


def test_only_a_walk_that_waits_is_right_and_quick(demo, tmp_path):
    result = demo.run(tmp_path)
    assert result.gradient == 8.0
    assert result.impatient == 2.0
    assert result.visits["every path"] == [2 ** (n + 1) - 1 for n in demo.DEPTHS]
    assert result.visits["in topological order"] == [n + 1 for n in demo.DEPTHS]
    assert all(path.stat().st_size > 1000 for path in result.files.values())


def test_the_three_walks_agree_where_paths_have_one_length(demo):
    root = demo.squares(3)
    walks = (demo.impatient, demo.every_path, demo.in_order)
    gradients = [walk(root)[0] for walk in walks]
    x = demo.topological(root)[0]
    assert [found[x] for found in gradients] == [8.0, 8.0, 8.0]
