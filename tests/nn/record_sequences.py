"""Record what PyTorch gives for the cases of sequence_cases.py, in float64.

    pip install torch==2.13.0
    python tests/nn/record_sequences.py

writes recorded_sequences.npz beside this file. The tests do not need PyTorch.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from sequence_cases import CASES

FILE = Path(__file__).with_name("recorded_sequences.npz")


def record() -> None:
    """Evaluate all cases, and write what they give into one flat array, with its shapes."""
    shapes: dict[str, dict[str, tuple[int, ...]]] = {}
    entries: list[np.ndarray] = []
    for case in CASES:
        assert case.key not in shapes, f"twice in the list: {case.key}"
        arrays = case.results(torch.nn, lambda x: torch.tensor(x))
        shapes[case.key] = {name: x.shape for name, x in arrays.items()}
        entries += [x.ravel() for x in arrays.values()]
    np.savez_compressed(FILE, shapes=json.dumps(shapes), entries=np.concatenate(entries))
    print(f"{len(shapes)} cases, {FILE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    record()
