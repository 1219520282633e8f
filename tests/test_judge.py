"""The judge's bugs can all be planted, and the table holds what became of each of them."""

from __future__ import annotations

import pytest
from judge import counted, verdicts
from judge.bugs import BUGS
from judge.plant import ROOT, Plant
from judge.trial import Verdict


def test_every_bug_is_there_once():
    assert [bug.number for bug in BUGS] == list(range(1, 67))
    assert len({bug.bug for bug in BUGS}) == len(BUGS)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: f"{bug.number}")
def test_every_bug_can_be_planted_and_is_python(bug):
    text = (ROOT / bug.file).read_text(encoding="utf-8")
    planted = bug.into(text)
    assert planted != text
    compile(planted, bug.file, "exec")
    assert all((ROOT / file).exists() for file in bug.seen_by)


def test_what_cannot_be_planted_is_an_error():
    bug = Plant(0, "a bug", "a.py", (("x", "y"),), ())
    assert bug.into("a x b") == "a y b"
    for text, count in [("", 0), ("x x", 2)]:
        with pytest.raises(ValueError, match=f"{count} times, wanted once; adapt the plant"):
            bug.into(text)


def test_a_bug_is_planted_in_a_copy(tmp_path):
    (tmp_path / "a.py").write_text("x")
    Plant(0, "a bug", "a.py", (("x", "y"),), ()).plant(tmp_path)
    assert (tmp_path / "a.py").read_text() == "y"


def test_a_table_that_was_written_can_be_read(tmp_path, monkeypatch):
    bugs = [Plant(i, f"the bug |{i}|", "a.py", (("x |\n  y", ""),), ()) for i in (1, 22)]
    table = tmp_path / "verdicts.md"
    table.write_text(
        verdicts.text([Verdict(bugs[0], "a.py::b[x | y]", 1.25), Verdict(bugs[1], "", 20)])
    )
    monkeypatch.setattr(verdicts, "TABLE", table)
    assert "`x \\| ⏎ y` → nothing" in table.read_text()
    assert verdicts.recorded() == {
        1: ("the bug |1|", "a.py::b[x \\| y]"),
        22: ("the bug |22|", "nothing"),
    }
    assert verdicts.bugs_caught() == (1, 2)


def test_the_table_says_that_all_bugs_were_caught():
    recorded = verdicts.recorded()
    assert {n: bug for n, (bug, _) in recorded.items()} == {bug.number: bug.bug for bug in BUGS}
    assert verdicts.bugs_caught() == (66, 66)


def test_what_is_counted_for_the_score_card(tmp_path):
    (tmp_path / "test_a.py").write_text(
        "@repeatable\n@given(x)\ndef test_one(x): ...\n\ndef test_two(): ...\ndef three(): ...\n"
    )
    found = list(counted.tests_in(tmp_path))
    assert [test.name for test in found] == ["test_one", "test_two"]
    assert [counted.is_property(test) for test in found] == [True, False]
    numbers = counted.numbers()
    assert numbers["bugs caught"] == numbers["bugs planted"] == 66
    assert numbers["properties"] >= 40
    assert numbers["faults survived"] >= 10
