"""Comparisons with other libraries: `python -m tests.benchmarks` from the project's root.

A workload is one task that several contestants do. harness.py lets each of them work in a process
of its own, by turns, and report.py sets their times side by side. To add a workload, write a file
in workloads/ and add its name to the list there.
"""
