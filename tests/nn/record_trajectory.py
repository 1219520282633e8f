"""Record how PyTorch trains the network of trajectory.py, in float64.

    pip install torch==2.13.0
    python tests/nn/record_trajectory.py

writes recorded_trajectory.npz beside this file. The tests do not need PyTorch.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from trajectory import OPTIMIZERS, Library, trained

FILE = Path(__file__).with_name("recorded_trajectory.npz")

TORCH = Library(
    nn=torch.nn,
    optim=torch.optim,
    tensor=torch.from_numpy,
    array=lambda x: x.detach().numpy(),
)


def record() -> None:
    found = {
        f"{optimizer} {name}": array
        for optimizer in OPTIMIZERS
        for name, array in trained(TORCH, optimizer).items()
    }
    np.savez_compressed(FILE, **found)
    print(f"{FILE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    record()
