"""What is made of measurements: means, exponents, the record, the README's tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks import growth_report, readme, record, report, worker
from benchmarks.harness import Outcome, check_agreement
from benchmarks.workload import Case, Comparison, Group, Workload
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.sizes import doublings

PAIR = Comparison("minigrad", "torch", 1.6)


def outcome(name: str, ours: float, peer: float, **options: object) -> Outcome:
    task = Workload(name, "a task", lambda contestant: Case(int, dict), (PAIR,), **options)
    return Outcome(task, samples={"minigrad": [ours] * 3, "torch": [peer] * 3})


def growing(*times: float) -> Outcome:
    """Times of 100, 200, 400 … nodes."""
    pairs = doublings(100, 100 * 2 ** (len(times) - 1), "nodes")
    task = Workload("growth", "a task", lambda contestant: Case(int, dict), pairs, theory=1)
    names = [f"{100 * 2**i} nodes" for i in range(len(times))]
    return Outcome(task, samples={name: [t] for name, t in zip(names, times)})


# --- Means and exponents ---


def test_the_mean_of_ratios_is_geometric():
    group = Group("convolutions", 0.9)
    both = outcome("a", 1, 2, group=group), outcome("b", 2, 1, group=group)
    (row,) = report.mean_rows([*both, outcome("c", 5, 1)])
    assert row == ("convolutions (2)", "minigrad", "torch", "1", "1", "≤ 0.9", "missed")


def test_the_exponent_of_growth():
    assert growth_report.exponent(growing(1, 2, 4, 8)) == pytest.approx(1)
    assert growth_report.exponent(growing(1, 4, 16)) == pytest.approx(2)
    (row,) = growth_report.rows([growing(1, 4, 16), outcome("a", 1, 2)])
    assert row == ("growth", "100 – 400", "2.00", "1")


def test_a_doubling_may_cost_a_fifth_more_than_theory():
    pairs = doublings(4, 16, "layers", theory=2)
    assert [pair[:2] for pair in pairs] == [("8 layers", "4 layers"), ("16 layers", "8 layers")]
    assert {pair.target for pair in pairs} == {4 * 1.2}


def test_growth_is_drawn(tmp_path: Path):
    assert growth_report.draw([growing(1, 2, 4)], tmp_path / "growth.png")
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")
    assert not growth_report.draw([outcome("a", 1, 2)], tmp_path / "none.png")


# --- The record ---


def measured(name: str) -> Outcome:
    contestants = WORKLOADS[name].contestants
    return Outcome(WORKLOADS[name], samples={contestants[0]: [0.5], contestants[1]: [1.0]})


def test_what_is_written_can_be_read(tmp_path: Path):
    path = tmp_path / "folder" / "benchmarks.json"
    assert record.read(path) == []
    record.write([measured("moons"), measured("step/mlp-1")], path)
    assert record.read(path) == [measured("moons"), measured("step/mlp-1")]


def test_figures_of_another_machine_are_not_mixed_in(tmp_path: Path):
    path = tmp_path / "benchmarks.json"
    record.write([measured("moons")], path)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"machine": "another one"}))
    assert record.read(path) == []


def test_later_figures_take_the_place_of_earlier_ones():
    earlier, later = [measured("moons"), measured("step/mlp-1")], [measured("moons")]
    found = record.merged(earlier, later)
    assert [o.workload.name for o in found] == ["step/mlp-1", "moons"]
    assert found[1] is later[0]


def test_long_results_are_thinned():
    short, long = range(worker.MOST), range(10 * worker.MOST)
    found = worker.lists({"short": short, "long": long})
    assert found["short"] == list(short)
    assert len(found["long"]) <= worker.MOST
    assert set(found["long"]) <= set(long)


def test_a_contestant_may_have_nothing_to_compare():
    task = Workload("w", "a task", lambda contestant: Case(int, dict), (PAIR,))
    check_agreement(task, {"a": [{}, {}], "b": [{"g": [1.0]}, None]})


# --- The README ---


def test_the_readme_has_the_tables_that_the_command_writes():
    text = readme.README.read_text(encoding="utf-8")
    between = text.partition(readme.BEGIN)[2].partition(readme.END)[0]
    assert readme.form(between) == readme.form(readme.block([]))


def test_only_what_stands_between_the_marks_is_written():
    text = f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n"
    found = readme.replaced(text, [])
    assert found == f"before\n{readme.BEGIN}\n{readme.block([])}\n{readme.END}\nafter\n"
    with pytest.raises(ValueError, match="no line"):
        readme.replaced("a README without marks", [])


def test_every_row_of_the_readme_is_measured_by_a_workload():
    everything = [
        Outcome(w, samples={name: [1.0] for name in w.contestants}) for w in WORKLOADS.values()
    ]
    for wanted in readme.TABLES:
        for row in wanted.rows:
            cells = [readme.cell(row, peers, everything) for peers in wanted.columns.values()]
            assert set(cells) <= {"1", readme.NONE}
            assert "1" in cells, row.label
        for peers in wanted.columns.values():
            assert any(readme.cell(row, peers, everything) == "1" for row in wanted.rows), peers


def test_the_readme_shows_ratios_of_20th_percentiles():
    row = readme.Row("a step", "step/mlp-1")
    assert readme.cell(row, ("torch",), [measured("step/mlp-1")]) == "0.5"
    assert readme.cell(row, ("jax",), [measured("step/mlp-1")]) == readme.NONE
    assert [readme.shown(x) for x in (0.00213, 0.654, 1.25, 41.3)] == [
        "0.0021",
        "0.65",
        "1.2",
        "41",
    ]
