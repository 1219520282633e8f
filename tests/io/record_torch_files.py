"""Let PyTorch write the models of torch_models.py into files, with what it computes.

    pip install torch==2.13.0 safetensors
    python tests/io/record_torch_files.py          # writes recorded_* beside this file
    python tests/io/record_torch_files.py --check  # PyTorch reads what minigrad writes

The tests do not need PyTorch; what they say of minigrad's files is checked against PyTorch itself
by the second command.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, load_model, save_file, save_model
from torch_models import MODELS, WORDS, Model, arrays_in, tied

import minigrad as mg

HERE = Path(__file__).parent


def built(model: Model) -> Any:
    """The module in the precision in which it computes."""
    module = eval(model.expression, {"nn": torch.nn})
    return module.to(getattr(torch, model.precision))


def outputs(module: Any, model: Model) -> list[np.ndarray]:
    """What the module gives in eval()."""
    with torch.no_grad():
        found = module.eval()(*map(torch.from_numpy, model.given()))
    return [x.numpy() for x in arrays_in(found)]


def record() -> None:
    """A file for each model, and one for what they compute."""
    torch.manual_seed(0)
    recorded = {}
    for name, model in MODELS.items():
        module = built(model)
        for _ in range(3):
            module.train()(*map(torch.from_numpy, model.given()))  # moves running statistics
        dtype = getattr(torch, model.dtype)
        state = {k: x.to(dtype) if x.is_floating_point() else x
                 for k, x in module.state_dict().items()}  # fmt: skip
        save_file(state, HERE / f"recorded_{name}.safetensors")
        module.load_state_dict(state)
        recorded |= {f"{name} {i}": y for i, y in enumerate(outputs(module, model))}
    module = tied(torch.nn)
    save_model(module, str(HERE / "recorded_tied.safetensors"))
    recorded["tied 0"] = module(torch.from_numpy(WORDS)).detach().numpy()
    np.savez_compressed(HERE / "recorded_torch_outputs.npz", **recorded)


def check() -> None:
    """PyTorch loads minigrad's files, strictly, and computes the same."""
    with TemporaryDirectory() as folder:
        for name, model in MODELS.items():
            ours = eval(model.expression, {"nn": mg.nn}).astype(model.precision)
            for _ in range(3):
                ours(*model.given())
            wanted = [y.data for y in arrays_in(ours.eval()(*model.given()))]
            for suffix in ("safetensors", "npz"):
                path = f"{folder}/{name}.{suffix}"
                mg.save(ours.state_dict(), path)
                theirs = built(model)
                theirs.load_state_dict(read(path), strict=True)
                tolerance = 1e-12 if model.precision == "float64" else 2e-6
                for y, z in zip(outputs(theirs, model), wanted, strict=True):
                    np.testing.assert_allclose(y, z, rtol=tolerance, atol=tolerance)
            print(f"{name}: PyTorch reads it and computes the same")
        ours, theirs = tied(mg.nn), tied(torch.nn)
        mg.save(ours.state_dict(), f"{folder}/tied.safetensors")
        assert load_model(theirs, f"{folder}/tied.safetensors") == (set(), [])
        y = theirs(torch.from_numpy(WORDS)).detach().numpy()
        np.testing.assert_allclose(y, ours(WORDS).data, rtol=1e-12)
        print("tied: PyTorch reads it and computes the same")


def read(path: str) -> dict[str, Any]:
    """A state dict of tensors."""
    if path.endswith("safetensors"):
        return load_file(path)
    with np.load(path) as file:
        return {name: torch.from_numpy(file[name]) for name in file.files}


if __name__ == "__main__":
    check() if "--check" in sys.argv else record()
