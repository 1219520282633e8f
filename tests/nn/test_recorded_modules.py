"""Every module, loss and function against outputs and gradients recorded from PyTorch."""

from __future__ import annotations

import inspect
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from function_cases import FUNCTIONS
from loss_cases import LOSSES
from module_cases import MODULES
from recordings import recordings

from minigrad import Tensor, nn

CASES = MODULES + LOSSES + FUNCTIONS
ROUNDING = 50 * np.finfo(np.float32).eps  # a few roundings for each of the terms of a sum

# What is no layer, and computes nothing by itself.
CONTAINERS = {"Module", "ModuleList", "ModuleDict"}
# These have cases in sequence_cases.py, and are held by test_recorded_sequences.py.
SEQUENCES = {"RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell", "MultiheadAttention",
             "scaled_dot_product_attention"}  # fmt: skip


RECORDED = recordings(Path(__file__).with_name("recorded_modules.npz"))
by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)


def test_the_recording_is_of_these_cases():
    assert sorted(RECORDED) == sorted(case.key for case in CASES)


def modules() -> set[str]:
    """The names of all layers and losses."""
    found = {name: getattr(nn, name) for name in nn.__all__}
    return {k for k, v in found.items() if inspect.isclass(v) and issubclass(v, nn.Module)}


def test_every_module_and_every_function_is_recorded_in_eight_configurations():
    count = Counter(case.name for case in CASES)
    seldom = {name for name in modules() | set(nn.functional.__all__) if count[name] < 8}
    assert seldom == CONTAINERS | SEQUENCES


@by_case
def test_as_recorded(case):
    found, recorded = case.results(nn, Tensor), RECORDED[case.key]
    assert list(found) == list(recorded)  # parameters in the same order, too
    for name, wanted in recorded.items():
        rounding = 1e-14 * np.max(np.abs(wanted), initial=1)
        np.testing.assert_allclose(found[name], wanted, rtol=1e-12, atol=rounding, err_msg=name)


@by_case
def test_float32_stays_float32_and_differs_by_rounding(case):
    found, recorded = case.results(nn, Tensor, np.float32), RECORDED[case.key]
    for name, wanted in recorded.items():
        asked_for = "float64" in case.expression and name == "output 0"
        assert found[name].dtype in (np.float64 if asked_for else np.float32, np.int64)
        rounding = ROUNDING * np.max(np.abs(wanted), initial=1)
        np.testing.assert_allclose(found[name], wanted, rtol=0, atol=rounding, err_msg=name)
