"""Every optimizer and schedule against recorded runs of PyTorch 2.13 (see record_optim.py)."""

from pathlib import Path

import numpy as np
import pytest
from optim_cases import PROBLEMS, SCHEDULES, Library, path, runs, scheduled

from minigrad import Tensor, optim


def set_grad(p, g):
    p.grad = None if g is None else Tensor(g)


MINIGRAD = Library(
    optim=optim,
    parameter=lambda array: Tensor(array, requires_grad=True),
    array=lambda p: p.data,
    set_grad=set_grad,
)


@pytest.fixture(scope="module")
def recorded():
    with np.load(Path(__file__).with_name("recorded.npz")) as file:
        return dict(file)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("run", runs(), ids=lambda run: run.name)
def test_OPT_22_a_hundred_steps_as_in_pytorch(recorded, run, problem):
    expected = recorded[f"{run.name} {problem}"]
    error = np.abs(path(MINIGRAD, run, PROBLEMS[problem]) - expected).max(axis=1)
    assert (error <= 1e-12 * np.abs(expected).max(axis=1)).all()


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_as_in_pytorch(recorded, name):
    expected = recorded[f"schedule {name}"]
    np.testing.assert_allclose(scheduled(MINIGRAD, SCHEDULES[name]), expected, rtol=1e-12)


def test_nothing_recorded_is_left_out(recorded):
    names = {f"{run.name} {problem}" for run in runs() for problem in PROBLEMS}
    assert set(recorded) == names | {f"schedule {name}" for name in SCHEDULES}


def test_every_optimizer_has_six_configurations():
    of_pytorch = {"SGD", "Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW", "NAdam", "RAdam"}
    counts = {name: sum(r.optimizer == name for r in runs()) for name in of_pytorch | {"Adamax"}}
    assert min(counts.values()) >= 6
