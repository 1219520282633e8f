"""Record what PyTorch gives for the modules, losses and functions of the case files, in float64.

    pip install torch==2.13.0
    python tests/nn/record_modules.py

writes recorded_modules.npz beside this file. The tests do not need PyTorch.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from function_cases import FUNCTIONS
from loss_cases import LOSSES
from module_cases import MODULES

FILE = Path(__file__).with_name("recorded_modules.npz")


def record() -> None:
    """Evaluate all cases, and write what they give into one flat array, with its shapes."""
    shapes: dict[str, dict[str, tuple[int, ...]]] = {}
    entries: list[np.ndarray] = []
    for case in MODULES + LOSSES + FUNCTIONS:
        assert case.key not in shapes, f"twice in the list: {case.key}"
        arrays = case.results(torch.nn, torch.tensor)
        shapes[case.key] = {name: x.shape for name, x in arrays.items()}
        entries += [x.ravel().astype(np.float64) for x in arrays.values()]
    np.savez_compressed(FILE, shapes=json.dumps(shapes), entries=np.concatenate(entries))
    print(f"{len(shapes)} cases, {FILE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    record()
