"""What holds for all tests."""

# Scripts that record values from PyTorch: they are run by hand, and import it.
collect_ignore_glob = ["*/record.py", "*/record_*.py"]
