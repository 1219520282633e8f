"""Gradient checkers compared: `python -m tests.benchmarks.checkers` from the project's root.

faults.py has functions with a wrong gradient, alarms.py functions whose gradient is right at
points where that is hard to see. peers.py hands them to each checker as its users would: as a
custom op, with the checker's defaults. Each works in a process of its own; one that is not there
is named as missing.
"""
