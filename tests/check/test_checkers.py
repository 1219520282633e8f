"""The comparison of gradient checkers: its tasks are what they say, and its tables add up."""

from __future__ import annotations

import json

import numpy as np
import pytest
from benchmarks.checkers import peers, tables, worker
from benchmarks.checkers.alarms import RIGHT
from benchmarks.checkers.faults import TASKS
from benchmarks.checkers.task import shares
from planting import only_found

FAULTS = [(task, mistake) for task in TASKS for mistake in task.faults]


def test_there_are_forty_faults():
    assert len(FAULTS) > 40
    assert len({task.name for task in (*TASKS, *RIGHT)}) == len(TASKS) + len(RIGHT)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_fault_is_one(task):
    xs = task.inputs(0)
    y = task.forward(np, *xs)
    g = np.random.default_rng(1).normal(size=y.shape)
    right = shares(task.vjp, np, g, y, *xs)
    assert [share.shape for share in right] == [x.shape for x in xs]
    for vjp in task.faults.values():
        wrong = shares(vjp, np, g, y, *xs)
        assert [share.shape for share in wrong] == [x.shape for x in xs]
        assert not all(np.array_equal(a, b) for a, b in zip(right, wrong))


@pytest.mark.parametrize(
    "name", ["minigrad, fast_mode", pytest.param("minigrad", marks=pytest.mark.long)]
)
def test_minigrad_catches_all_of_them_and_doubts_nothing(name, monkeypatch):
    only_found(monkeypatch)
    monkeypatch.setattr(worker, "SEEDS", range(1))
    said = worker.verdicts(name)
    assert [fault for fault, (message,) in said["faults"].items() if message is None] == []
    assert [task for task, (message,) in said["right"].items() if message] == []
    assert said["missing"] is None


def test_a_library_that_is_missing_is_named(monkeypatch):
    def absent():
        raise ModuleNotFoundError("none", name="no_such_library")

    monkeypatch.setitem(peers.CHECKERS, "nobody", absent)
    assert worker.verdicts("nobody") == {"missing": "no_such_library"}
    assert "| nobody  | no_such_library is missing |" in tables.summary(
        {"nobody": worker.verdicts("nobody")}
    )


FIRST, SECOND = tables.QUOTED
FOUND = {
    "strict": {
        "missing": None,
        "faults": {FIRST: ["two\n lines", "b"], SECOND: ["c", "d"]},
        "right": {"relu": [None, None]},
    },
    "lax": {
        "missing": None,
        "faults": {FIRST: ["x" * 500, None], SECOND: [None, None]},
        "right": {"relu": [None, "e"]},
    },
    "absent": {"missing": "jax"},
}


def test_what_counts():
    lines = [line.split() for line in tables.summary(FOUND).splitlines()]
    assert lines[2:] == [
        "| strict | 2 of 2 | 0 of 1 |".split(),
        "| lax | 0 of 2 | 1 of 1 |".split(),
        "| absent | jax is missing | |".split(),
    ]


def test_every_verdict_is_shown():
    told = tables.text(FOUND)
    assert f"| {SECOND} | caught | missed           |" in told
    assert "caught in 1 of 2" in told
    assert "doubted in 1 of 2" in told
    assert "All agree on nothing." in told
    assert "- strict: “two lines”" in told
    assert "- lax: “nothing”" in told
    assert "“" + "x" * (tables.WIDEST - 1) + "…”" in told


def test_what_all_agree_on_is_a_sentence():
    same = {"one": FOUND["strict"], "other": FOUND["strict"]}
    told = tables.details(same, "right", "gradient", "doubted", "accepted")
    assert told.splitlines()[-1] == "All agree on relu (accepted)."


def test_reports_are_written(tmp_path):
    tables.write(FOUND, tmp_path / "new")
    assert json.loads((tmp_path / "new" / "checkers.json").read_text())["checkers"] == FOUND
    assert (tmp_path / "new" / "checkers.md").read_text().startswith("# Gradient checkers")
