"""Record what PyTorch gives for the cases of sequence_cases.py, in float64.

    pip install torch==2.13.0
    PYTHONPATH=tests python tests/nn/record_sequences.py

writes recorded_sequences.npz beside this file. The tests do not need PyTorch.
"""

from __future__ import annotations

from pathlib import Path

import torch
from recordings import record
from sequence_cases import CASES

FILE = Path(__file__).with_name("recorded_sequences.npz")


if __name__ == "__main__":
    record(FILE, ((c.key, c.results(torch.nn, lambda x: torch.tensor(x))) for c in CASES))
