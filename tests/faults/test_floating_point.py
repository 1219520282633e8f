"""Results that are finite raise no flag of the floating-point unit on their way."""

import sys
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg

sys.path.insert(0, str(Path(__file__).parents[1] / "ops"))
from samples import SAMPLES


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_sample_of_every_op(dtype):
    for sample in SAMPLES:
        xs = [
            mg.Tensor(
                x.astype(dtype) if x.dtype.kind == "f" else x,
                requires_grad=x.dtype.kind == "f" and i not in sample.constant,
            )
            for i, x in enumerate(sample.inputs)
        ]
        try:
            with np.errstate(all="raise"):
                y = sample(*xs)
                if y.requires_grad:
                    y.backward(np.ones(y.shape, y.dtype))
        except FloatingPointError as error:
            raise AssertionError(f"{sample.id}: {error}") from error
