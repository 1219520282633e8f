"""Benchmarks are no tests: pytest passes them by. tests/test_benchmarks.py tests the harness."""

collect_ignore_glob = ["*"]
