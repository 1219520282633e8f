"""Memory that training frees is kept for the next step, instead of being given back and fetched.

A step frees arrays of megabytes and asks for the same again. The C library on Linux (glibc) hands
such memory back to the system at once, and the next step pays for every page of it anew: a third
of the time of a small convolutional network. How much is kept goes by the largest block freed so
far; so freeing one, never touched, of the largest size that counts is enough. Elsewhere it does
nothing. Source: mallopt(3), M_MMAP_THRESHOLD ("dynamic mmap threshold").
"""

from __future__ import annotations

import contextlib

import numpy as np

LARGEST = 31 * 2**20  # bytes; blocks of 32 MiB and more do not count


def keep_freed_memory() -> None:
    """Free a block of the size up to which freed memory is kept from now on."""
    with contextlib.suppress(MemoryError):
        np.empty(LARGEST, np.uint8)


keep_freed_memory()
