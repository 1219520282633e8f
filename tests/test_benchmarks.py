"""The benchmarks' own machinery. Nothing here depends on how long anything takes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from benchmarks import harness, report
from benchmarks.harness import DisagreementError, Outcome, check_agreement, measure
from benchmarks.workload import Case, Comparison, Workload
from benchmarks.workloads import WORKLOADS


def workload(*comparisons: Comparison, unit: str = "s") -> Workload:
    return Workload("w", "a task", lambda contestant: Case(int, dict), comparisons, unit=unit)


@pytest.fixture(scope="module")
def measured() -> Outcome:
    """Three rounds of a real workload, of which one peer is not to be found."""
    pairs = Comparison("minigrad", "no_such_library", 0.5), Comparison("minigrad", "no_other")
    few = dataclasses.replace(WORKLOADS["tiny-op/unary"], comparisons=pairs, rounds=3)
    return measure(few, seconds=0.1, progress=False)


def test_a_figure_is_the_median_between_percentiles():
    assert harness.figure([5, 1, 4, 2, 3, 6]) == (3.5, 2, 5)


def test_ratios_are_taken_round_by_round():
    pair = Comparison("a", "b")
    slow_rounds = Outcome(workload(pair), samples={"a": [1, 10, 100], "b": [2, 30, 100]})
    assert slow_rounds.compared(pair).median == 0.5  # the ratio of the medians would be 1/3


def test_a_difference_is_taken_round_by_round():
    pair = Comparison("a", "b", difference=True)
    found = Outcome(workload(pair), samples={"a": [3, 40, 5], "b": [1, 36, 2]})
    assert found.compared(pair).median == 3


def test_every_contestant_is_named_once():
    task = workload(Comparison("a", "c"), Comparison("b", "c"))
    assert task.contestants == ["a", "c", "b"]


def test_contestants_must_agree():
    task = workload(Comparison("a", "b"))
    right, wrong = {"g": [1.0, 2.0]}, {"g": [1.0, 2.1]}
    check_agreement(task, {"a": [right, None], "b": [right, None]})
    with pytest.raises(DisagreementError, match=r"w: g of a is off by 5\.0e-02"):
        check_agreement(task, {"a": [wrong, None], "b": [right, None]})
    with pytest.raises(DisagreementError, match="w: g of b"):
        check_agreement(task, {"a": [right, right], "b": [wrong, right]})


@pytest.mark.parametrize("found", [[1.0], [1.0, float("nan")]], ids=["shape", "nan"])
def test_another_shape_or_nan_is_no_agreement(found: list[float]):
    with pytest.raises(DisagreementError):
        check_agreement(workload(), {"a": [{"g": found}, {"g": [1.0, 2.0]}]})


def test_a_sample_per_round_of_those_that_are_there(measured: Outcome):
    assert list(measured.samples) == ["minigrad"]
    assert len(measured.samples["minigrad"]) == 3
    assert all(seconds > 0 for seconds in measured.samples["minigrad"])


def test_missing_peers_are_named(measured: Outcome):
    assert set(measured.missing.values()) == {"no_such_library", "no_other"}
    assert "no_such_library is missing" in report.text([measured])


def test_a_contestant_that_fails_is_an_error(capfd: pytest.CaptureFixture[str]):
    broken = dataclasses.replace(
        WORKLOADS["growth/value-chain"], comparisons=(Comparison("none", "few"),)
    )
    with pytest.raises(RuntimeError, match="none has failed"):
        measure(broken, progress=False)
    assert "invalid literal for int" in capfd.readouterr().err


def test_the_report_says_if_a_target_was_met():
    pairs = Comparison("a", "b", 0.6), Comparison("b", "a", 0.6), Comparison("a", "a")
    found = Outcome(workload(*pairs), samples={"a": [0.001], "b": [0.002]})
    rows = {row[1:3]: row[3:] for row in report.comparison_rows(found)}
    assert rows["a", "b"] == ("0.5", "0.5 – 0.5", "0.5", "≤ 0.6", "met", "2")
    assert rows["b", "a"] == ("2", "2 – 2", "2", "≤ 0.6", "missed", "")
    assert rows["a", "a"] == ("1", "1 – 1", "1", "", "", "1")


def test_quantities_have_fitting_units():
    assert [report.quantity(x, "s") for x in (2.5, 0.0123, 4.56e-5)] == [
        "2.5 s", "12.3 ms", "45.6 µs"
    ]  # fmt: skip
    assert report.quantity(138.2, "MB") == "138 MB"


def test_tables_stand_in_line():
    lines = report.table(("a", "long"), [("wide one", "1")]).splitlines()
    assert lines == ["| a        | long |", "| -------- | ---- |", "| wide one | 1    |"]


def test_reports_are_written(measured: Outcome, tmp_path: Path):
    report.write([measured], tmp_path / "new" / "folder")
    written = json.loads((tmp_path / "new" / "folder" / "benchmarks.json").read_text())
    assert written["workloads"]["tiny-op/unary"]["samples"] == measured.samples
    assert written["versions"]["numpy"]
    assert (tmp_path / "new" / "folder" / "benchmarks.md").read_text().startswith("# Benchmarks")
