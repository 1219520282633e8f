"""What holds for all tests."""

from __future__ import annotations

from cases.listing import cases_of

# Scripts that record values from PyTorch: they are run by hand, and import it.
collect_ignore_glob = ["*/record.py", "*/record_*.py"]


def pytest_itemcollected(item):
    """A test is found by the number of a case that it holds: `pytest -k ELE-04`; see cases."""
    item.extra_keyword_matches.update(cases_of(item.name))
