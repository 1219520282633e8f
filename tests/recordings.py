"""Recordings of PyTorch's numbers: many small arrays, end to end in one file."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np


def recordings(path: Path) -> dict[str, Any]:
    """For every case its arrays: by name, or in order, as the script had them."""
    with np.load(path) as file:
        shapes, entries = json.loads(str(file["shapes"])), file["entries"]
    start = 0

    def taken(shape: list[int]) -> np.ndarray:
        nonlocal start
        start += math.prod(shape)
        return entries[start - math.prod(shape) : start].reshape(shape)

    return {
        key: {name: taken(shape) for name, shape in of_case.items()}
        if isinstance(of_case, dict)
        else [taken(shape) for shape in of_case]
        for key, of_case in shapes.items()
    }


def record(path: Path, cases: Iterable[tuple[str, Any]]) -> None:
    """Write the arrays of all cases, by name or in order, end to end, and their shapes."""
    shapes: dict[str, Any] = {}
    entries: list[np.ndarray] = []
    for key, arrays in cases:
        assert key not in shapes, f"twice in the list: {key}"
        named = isinstance(arrays, dict)
        shapes[key] = (
            {k: x.shape for k, x in arrays.items()} if named else [x.shape for x in arrays]
        )
        entries += [x.ravel().astype(float) for x in (arrays.values() if named else arrays)]
    np.savez_compressed(path, shapes=json.dumps(shapes), entries=np.concatenate(entries))
    print(f"{len(shapes)} cases, {path.stat().st_size // 1000} kB")
