"""The judge of the tests: `python -m tests.judge` from the project's root.

66 bugs that engines of this kind have had, or could have, each planted in a copy of the package:
the tests have to fail on every one. plants_*.py holds the bugs, plant.py says what one is,
trial.py runs the tests against a copy, verdicts.py keeps the table (verdicts.md) and reads from
it, counted.py has the numbers of a score card. Whether every bug can still be planted is tested
by default, in tests/test_judge.py.
"""
