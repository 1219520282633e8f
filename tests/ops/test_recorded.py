"""Every op against values and gradients recorded from PyTorch; see record.py."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from recorded_cases import CASES, Case, numbers

import minigrad as mg
from minigrad.ops.norm import Moments


def recordings() -> dict[str, list[np.ndarray]]:
    """For every case the value and the gradients, in PyTorch's numbers."""
    with np.load(Path(__file__).with_name("recorded.npz")) as file:
        shapes, entries = json.loads(str(file["shapes"])), file["entries"]
    found, start = {}, 0
    for key, of_case in shapes.items():
        found[key] = []
        for shape in of_case:
            stop = start + math.prod(shape)
            found[key].append(entries[start:stop].reshape(shape))
            start = stop
    return found


RECORDED = recordings()


def results(case: Case) -> list[np.ndarray]:
    """The value, then the gradient of each differentiable input, in minigrad's numbers."""
    wanted = case.differentiable()
    inputs = {k: mg.Tensor(x, True) if k in wanted else x for k, x in case.inputs.items()}
    y = eval(case.ours, {"mg": mg, "Moments": Moments, "inf": np.inf, **inputs})
    y.backward(numbers(*y.shape, seed=9))
    return [y.data, *(inputs[name].grad.data for name in wanted)]


def test_the_recording_is_of_these_cases():
    assert sorted(RECORDED) == sorted(case.key for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.ours)
def test_as_recorded(case):
    with np.errstate(all="ignore" if case.edge else "warn", under="ignore"):
        found = results(case)
    for name, got, wanted in zip(["the value", *case.differentiable()], found, RECORDED[case.key],
                                 strict=True):  # fmt: skip
        scale = 0 if case.edge else np.max(np.abs(wanted), initial=0)
        np.testing.assert_allclose(got, wanted, 1e-12, 1e-15 * scale, err_msg=name)
