"""Every module and loss against outputs, gradients and buffers recorded from PyTorch."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from module_cases import CASES, Case, numbers

from minigrad import Tensor, nn


def recordings() -> dict[str, dict[str, np.ndarray]]:
    """For every case the arrays that PyTorch gives, by name."""
    with np.load(Path(__file__).with_name("recorded_modules.npz")) as file:
        shapes, entries = json.loads(str(file["shapes"])), file["entries"]
    found: dict[str, dict[str, np.ndarray]] = {}
    start = 0
    for key, of_case in shapes.items():
        found[key] = {}
        for name, shape in of_case.items():
            stop = start + math.prod(shape)
            found[key][name] = entries[start:stop].reshape(shape)
            start = stop
    return found


RECORDED = recordings()


def results(case: Case) -> dict[str, Any]:
    """Output, gradients of inputs and parameters, and the buffers afterwards."""
    module = eval(f"nn.{case.module}", {"nn": nn, "tensor": Tensor}).double()
    for i, parameter in enumerate(module.parameters()):
        parameter.data[...] = numbers(*parameter.shape, seed=20 + i)
    inputs = [Tensor(x, i in case.differentiable()) for i, x in enumerate(case.inputs)]
    for _ in range(case.calls - 1):
        module(*inputs)
    module.train(case.training)
    y = module(*inputs)
    y.backward(numbers(*y.shape, seed=9))
    found = {"output": y} | {f"input {i}": inputs[i].grad for i in case.differentiable()}
    found |= {name: p.grad for name, p in module.named_parameters()}
    found |= dict(module.named_buffers())
    return {name: x.data for name, x in found.items()}


def test_the_recording_is_of_these_cases():
    assert sorted(RECORDED) == sorted(case.key for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key.rpartition(" ")[0])
def test_as_recorded(case):
    found, recorded = results(case), RECORDED[case.key]
    assert found.keys() == recorded.keys()
    for name, wanted in recorded.items():
        rounding = 1e-14 * np.max(np.abs(wanted), initial=1)
        np.testing.assert_allclose(found[name], wanted, rtol=1e-12, atol=rounding, err_msg=name)
