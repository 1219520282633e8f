"""Files in which anything was changed: the right data or a LoadError, in little memory."""

from __future__ import annotations

import random
import tracemalloc

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import LoadError

CONTENT = {
    "w": np.arange(12, dtype=np.float32).reshape(3, 4),
    "b": np.array([1.5, -2.5]),
    "steps": 7,
    "names": ["a", "é"],
}
LIMIT = 32 * 2**20  # bytes that reading a file of a few kB may take


def right(found):
    return (
        list(found) == list(CONTENT)
        and np.array_equal(found["w"], CONTENT["w"])
        and np.array_equal(found["b"], CONTENT["b"])
        and (found["steps"], list(found["names"])) == (7, ["a", "é"])
    )


def mutated(whole, pick):
    """The bytes with one to four changes of any kind."""
    data = bytearray(whole)
    for _ in range(pick.randint(1, 4)):
        at, n = pick.randrange(len(data) + 1), pick.choice([1, 1, 2, 4, 8, 64])
        kind = pick.randrange(6)
        if kind == 0:
            data[at : at + n] = pick.randbytes(len(data[at : at + n]))
        elif kind == 1:
            data[at:at] = pick.randbytes(n)
        elif kind == 2:
            del data[at : at + n]
        elif kind == 3 and at < len(data):
            data[at] ^= 1 << pick.randrange(8)
        elif kind == 4:
            data[at:at] = data[pick.randrange(len(data) + 1) :][:n]
        else:
            extreme = pick.choice([b"\x00", b"\xff", b"\x7f", b"9"])
            data[at : at + n] = extreme * len(data[at : at + n])
        if not data:
            break
    return bytes(data)


@pytest.mark.parametrize("count", [400, pytest.param(50_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_whatever_was_changed_in_a_file(ending, count, tmp_path):
    file = tmp_path / f"net.{ending}"
    mg.save(CONTENT, file)
    whole, pick, refused = file.read_bytes(), random.Random(count), 0
    tracemalloc.start()
    try:
        for _ in range(count):
            data = mutated(whole, pick)
            file.write_bytes(data)
            try:
                assert right(mg.load(file)), data
            except LoadError:
                refused += 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < LIMIT
    assert refused > count / 2
