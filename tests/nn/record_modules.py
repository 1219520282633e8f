"""Record what PyTorch's modules give for the cases of module_cases.py, in float64.

    pip install torch==2.13.0
    python tests/nn/record_modules.py

writes recorded_modules.npz beside this file. The tests do not need PyTorch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from module_cases import CASES, Case, numbers

FILE = Path(__file__).with_name("recorded_modules.npz")


def filled(module: Any) -> Any:
    """The module with numbers in its parameters that a test can repeat."""
    for i, parameter in enumerate(module.parameters()):
        parameter.data[...] = parameter.new_tensor(numbers(*parameter.shape, seed=20 + i))
    return module


def results(case: Case) -> dict[str, np.ndarray]:
    """Output, gradients of inputs and parameters, and the buffers afterwards."""
    import torch  # here: whoever collects tests imports this file too

    def tensor(values: list[float]) -> Any:
        return torch.tensor(values, dtype=torch.float64)

    module = filled(eval(f"nn.{case.module}", {"nn": torch.nn, "tensor": tensor}).double())
    inputs = [torch.from_numpy(x.copy()) for x in case.inputs]
    for _ in range(case.calls - 1):
        module(*inputs)
    module.train(case.training)
    for i in case.differentiable():
        inputs[i].requires_grad_()
    y = module(*inputs)
    y.backward(torch.from_numpy(numbers(*y.shape, seed=9)))
    found = {"output": y} | {f"input {i}": inputs[i].grad for i in case.differentiable()}
    found |= {name: p.grad for name, p in module.named_parameters()}
    found |= dict(module.named_buffers())
    return {name: x.detach().numpy().astype(np.float64) for name, x in found.items()}


def record() -> None:
    """Evaluate all cases, and write what they give into one flat array, with its shapes."""
    shapes: dict[str, dict[str, tuple[int, ...]]] = {}
    entries: list[np.ndarray] = []
    for case in CASES:
        assert case.key not in shapes, f"twice in the list: {case.key}"
        arrays = results(case)
        shapes[case.key] = {name: x.shape for name, x in arrays.items()}
        entries += [x.ravel() for x in arrays.values()]
    np.savez_compressed(FILE, shapes=json.dumps(shapes), entries=np.concatenate(entries))
    print(f"{len(shapes)} cases, {FILE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    record()
