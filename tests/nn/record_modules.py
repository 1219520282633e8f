"""Record what PyTorch gives for the modules, losses and functions of the case files, in float64.

    pip install torch==2.13.0
    PYTHONPATH=tests python tests/nn/record_modules.py

writes recorded_modules.npz beside this file. The tests do not need PyTorch.
"""

from __future__ import annotations

from pathlib import Path

import torch
from function_cases import FUNCTIONS
from loss_cases import LOSSES
from module_cases import MODULES
from recordings import record

FILE = Path(__file__).with_name("recorded_modules.npz")


if __name__ == "__main__":
    record(FILE, ((c.key, c.results(torch.nn, torch.tensor)) for c in MODULES + LOSSES + FUNCTIONS))
