"""Freed memory is kept: a training step does not fetch its pages from the system again."""

import platform
import subprocess
import sys

import numpy as np

from minigrad import heap

COUNT = """
import resource
import numpy as np
{before}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    arrays = [np.ones(10**6) for _ in range(4)]
    del arrays
start = faults()
for _ in range(20):
    arrays = [np.ones(10**6) for _ in range(4)]
    del arrays
print(faults() - start)
"""


def faults(before):
    run = [sys.executable, "-c", COUNT.format(before=before)]
    return int(subprocess.run(run, capture_output=True, text=True, check=True).stdout)


def test_pages_are_fetched_once():
    kept, plain = faults("import minigrad"), faults("")
    if platform.libc_ver()[0] == "glibc":
        assert kept < plain / 10
    else:
        assert kept <= 2 * plain


def test_too_little_memory_is_no_error(monkeypatch):
    def refuse(*size):
        raise MemoryError

    monkeypatch.setattr(np, "empty", refuse)
    heap.keep_freed_memory()
