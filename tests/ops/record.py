"""Record the values and gradients that PyTorch gives for the recorded cases, in float64.

    pip install torch==2.13.0
    python tests/ops/record.py

writes recorded.npz beside this file. The upstream gradient of every case is given by a rule too
(`numbers`), and never all ones: a plain sum hides wrong rules. The tests do not need PyTorch.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
from recorded_case import Case, numbers
from recorded_functions import FUNCTIONS
from recorded_layers import LAYERS

FILE = Path(__file__).with_name("recorded.npz")


def results(case: Case) -> list[np.ndarray]:
    """The value, then the gradient of each differentiable input."""
    import torch  # here: whoever collects tests imports this file too

    inputs = {name: torch.from_numpy(x.copy()) for name, x in case.inputs.items()}
    wanted = [inputs[name].requires_grad_() for name in case.differentiable()]
    names = {"torch": torch, "F": torch.nn.functional, "inf": np.inf, **inputs}
    y = eval(case.torchs, names)
    grads = torch.autograd.grad(y, wanted, torch.from_numpy(numbers(*y.shape, seed=9)))
    return [x.detach().numpy() for x in (y, *grads)]


def record() -> None:
    """Evaluate all cases, and write what they give into one flat array, with its shapes."""
    shapes: dict[str, list[tuple[int, ...]]] = {}
    entries: list[np.ndarray] = []
    for case in FUNCTIONS + LAYERS:
        arrays = results(case)
        assert case.key not in shapes, f"twice in the list: {case.key}"
        assert all(x.dtype == np.float64 for x in arrays), case.key
        shapes[case.key] = [x.shape for x in arrays]
        entries += [x.ravel() for x in arrays]
    np.savez_compressed(FILE, shapes=json.dumps(shapes), entries=np.concatenate(entries))
    print(f"{len(shapes)} cases, {FILE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    record()
