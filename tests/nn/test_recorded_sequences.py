"""Recurrent layers and attention against outputs and gradients recorded from PyTorch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recordings import recordings
from sequence_cases import CASES

from minigrad import Tensor, nn


def largest(x: np.ndarray) -> float:
    """The largest entry by size that is no nan, or 1 if all are smaller."""
    return np.max(np.abs(x), initial=1, where=~np.isnan(x))


RECORDED = recordings(Path(__file__).with_name("recorded_sequences.npz"))
by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)


def test_the_recording_is_of_these_cases():
    assert sorted(RECORDED) == sorted(case.key for case in CASES)


@by_case
def test_as_recorded(case):
    found, recorded = case.results(nn, Tensor), RECORDED[case.key]
    assert list(found) == list(recorded)  # parameters in the same order, too
    for name, wanted in recorded.items():
        rounding = 1e-14 * largest(wanted)
        np.testing.assert_allclose(found[name], wanted, rtol=1e-12, atol=rounding, err_msg=name)


@by_case
def test_float32_stays_float32_and_differs_by_rounding(case):
    found, recorded = case.results(nn, Tensor, np.float32), RECORDED[case.key]
    for name, wanted in recorded.items():
        assert found[name].dtype == np.float32
        rounding = 1e-5 * largest(wanted)
        np.testing.assert_allclose(found[name], wanted, rtol=1e-5, atol=rounding, err_msg=name)
