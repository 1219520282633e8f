"""Comparisons with other libraries: `python -m tests.benchmarks` from the project's root.

A workload is one task that several contestants do. harness.py lets each of them work in a process
of its own, by turns; report.py sets their times side by side, record.py keeps them, and readme.py
writes the README's tables. networks/ holds the networks to train, in every library. To add a
workload, write a file in workloads/ and add its name to the list there.
"""
