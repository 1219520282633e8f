"""Record the values and gradients that PyTorch gives for the recorded cases, in float64.

    pip install torch==2.13.0
    PYTHONPATH=tests python tests/ops/record.py

writes recorded.npz beside this file. The upstream gradient of every case is given by a rule too
(`numbers`), and never all ones: a plain sum hides wrong rules. The tests do not need PyTorch.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from recorded_case import Case, numbers
from recorded_functions import FUNCTIONS
from recorded_layers import LAYERS
from recordings import record

FILE = Path(__file__).with_name("recorded.npz")


def results(case: Case) -> list[np.ndarray]:
    """The value, then the gradient of each differentiable input."""
    import torch  # here: whoever collects tests imports this file too

    inputs = {name: torch.from_numpy(x.copy()) for name, x in case.inputs.items()}
    wanted = [inputs[name].requires_grad_() for name in case.differentiable()]
    names = {"torch": torch, "F": torch.nn.functional, "inf": np.inf, **inputs}
    y = eval(case.torchs, names)
    grads = torch.autograd.grad(y, wanted, torch.from_numpy(numbers(*y.shape, seed=9)))
    assert all(x.dtype == torch.float64 for x in (y, *grads))
    return [x.detach().numpy() for x in (y, *grads)]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    record(FILE, ((case.key, results(case)) for case in FUNCTIONS + LAYERS))
