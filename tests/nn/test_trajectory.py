"""200 steps of training a small CNN in float64: PyTorch's losses, step by step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from trajectory import OPTIMIZERS, STEPS, Library, trained

from minigrad import Tensor, nn, optim

MINIGRAD = Library(nn=nn, optim=optim, tensor=Tensor, array=np.asarray)


def recorded(optimizer):
    with np.load(Path(__file__).with_name("recorded_trajectory.npz")) as file:
        return {
            name.removeprefix(f"{optimizer} "): file[name]
            for name in file.files
            if name.startswith(f"{optimizer} ")
        }


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_loss_and_the_final_state_are_pytorchs(optimizer):
    wanted, found = recorded(optimizer), trained(MINIGRAD, optimizer)
    assert found.keys() == wanted.keys()
    assert found["losses"].shape == (STEPS,)
    assert found["losses"][-20:].mean() < 0.5 < 2 < found["losses"][0]  # something was learned
    for name, array in wanted.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_allclose(found[name], array, rtol=1e-9, atol=1e-9, err_msg=name)
