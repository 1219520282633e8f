"""Every op against values and gradients recorded from PyTorch; see record.py."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from recorded_case import Case, numbers
from recorded_functions import FUNCTIONS
from recorded_layers import LAYERS
from recordings import recordings

import minigrad as mg
from minigrad.ops import activation, conv, conv_transpose, pool
from minigrad.ops.embedding import embedding
from minigrad.ops.norm import Moments

CASES = FUNCTIONS + LAYERS
RECORDED = recordings(Path(__file__).with_name("recorded.npz"))  # values, gradients
NAMES = {"mg": mg, "activation": activation, "conv": conv, "conv_transpose": conv_transpose,
         "pool": pool, "embedding": embedding, "Moments": Moments, "inf": np.inf}  # fmt: skip


def results(case: Case) -> list[np.ndarray]:
    """The value, then the gradient of each differentiable input, in minigrad's numbers."""
    wanted = case.differentiable()
    inputs = {k: mg.Tensor(x, True) if k in wanted else x for k, x in case.inputs.items()}
    y = eval(case.ours, {**NAMES, **inputs})
    y.backward(numbers(*y.shape, seed=9))
    return [y.data, *(inputs[name].grad.data for name in wanted)]


def test_the_recording_is_of_these_cases():
    assert sorted(RECORDED) == sorted(case.key for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.ours)
def test_as_recorded(case):
    with np.errstate(all="ignore") if case.edge else nullcontext():
        found = results(case)
    names = ["the value", *case.differentiable()]
    for name, got, wanted in zip(names, found, RECORDED[case.key], strict=True):
        rounding = 0 if case.edge else 1e-14 * np.max(np.abs(wanted), initial=0)
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=rounding, err_msg=name)
