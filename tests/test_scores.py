"""The README's score card says what the tests say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import scores


def test_the_score_card_is_fresh():
    text = scores.README.read_text(encoding="utf-8")
    assert scores.with_card(text) == text, "stale: run python -m tests.scores"


def test_a_readme_without_marks_is_refused():
    with pytest.raises(ValueError, match="has no line"):
        scores.with_card("no marks here")
