"""The judge is no test: pytest passes it by. tests/test_judge.py tests it."""

collect_ignore_glob = ["*"]
