"""Reading what the record_*.py scripts wrote: many small arrays, end to end in one file."""

from __future__ import annotations

import json
import math
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
