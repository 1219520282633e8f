"""Every wrong use of messages.txt gets the message that stands there, and changes nothing.

python tests/errors/record_messages.py writes the messages anew, to be read before they are kept.
"""

from __future__ import annotations

import pytest
from wrong_uses import FILE, read, run

START, USES = read(FILE.read_text(encoding="utf-8"))

# What NumPy and Python say by themselves, of which a student cannot tell what to do.
RAW = (
    "broadcast together",
    "could not convert",
    "' object has no attribute",
    "core dimension",
    "index out of range",
    "inhomogeneous",
    "is not callable",
    "is not iterable",
    "no error",
    "not supported between",
    "not supported for the input",
    "object cannot be interpreted",
    "object does not support",
    "unsupported operand",
)


@pytest.mark.parametrize("use", USES, ids=lambda use: f"line{use.line}")
def test_a_wrong_use_gets_its_message_and_changes_nothing(use, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message, changed = run(START, use)
    assert message == use.message, f"messages.txt, line {use.line}:\n{use.code}"
    assert not changed, f"changed by a call that failed, line {use.line}:\n{use.code}"


def test_the_table_is_long_and_nothing_stands_in_it_twice():
    codes = [use.code for use in USES]
    assert len(codes) >= 450
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("words", RAW)
def test_no_message_is_a_raw_one(words):
    assert [use.code for use in USES if words in use.message] == []
