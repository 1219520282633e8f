"""Writes recorded.npz: what PyTorch does in the runs of optim_cases.py.

pip install torch==2.13.0 numpy
python tests/optim/record_optim.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from optim_cases import PROBLEMS, SCHEDULES, Library, path, runs, scheduled


def set_grad(p: torch.nn.Parameter, g: np.ndarray | None) -> None:
    p.grad = None if g is None else torch.from_numpy(np.array(g))


TORCH = Library(
    optim=torch.optim,
    parameter=lambda array: torch.nn.Parameter(torch.from_numpy(np.array(array))),
    array=lambda p: p.detach().numpy(),
    set_grad=set_grad,
)


def main() -> None:
    torch.set_default_dtype(torch.float64)  # NAdam keeps its product of momenta in this dtype
    recorded = {
        f"{run.name} {name}": path(TORCH, run, problem)
        for run in runs()
        for name, problem in PROBLEMS.items()
    }
    recorded |= {f"schedule {name}": scheduled(TORCH, make) for name, make in SCHEDULES.items()}
    np.savez_compressed(Path(__file__).with_name("recorded.npz"), **recorded)


if __name__ == "__main__":
    main()
