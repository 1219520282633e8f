"""Saving and loading: copies, exact resumption, nothing half-loaded."""

import copy
import math
import pickle

import numpy as np
import pytest
from test_optimizer import CONFIGURATIONS, each, parameter

from minigrad import Tensor
from minigrad.optim import SGD, Adam, NAdam, RMSprop, lr_scheduler


def model(seed=0, dtype=None):
    rng = np.random.default_rng(seed)
    return [parameter(rng.standard_normal(shape), dtype=dtype) for shape in ((3, 4), (4,), ())]


def train(params, optimizer, steps, scheduler=None, start=0):
    """Noisy gradients of ½‖θ‖², the same for the same step."""
    for step in range(start, start + steps):
        rng = np.random.default_rng(step)
        for p in params:
            p.grad = Tensor(p.data + 0.1 * rng.standard_normal(p.shape), dtype=p.dtype)
        if step % 3 == 1:
            params[1].grad = None
        optimizer.step()
        if scheduler is not None:
            scheduler.step()


def values(params):
    return [p.data.copy() for p in params]


def same(a, b):
    return all((x == y).all() for x, y in zip(a, b))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@each
def test_OPT_33_35_resuming_is_exact(cls, keywords, dtype):
    params = model(dtype=dtype)
    optimizer = cls(params, lr=0.02, **keywords)
    train(params, optimizer, 7)
    again = [parameter(p.data) for p in params]
    resumed = cls(again, lr=0.5)
    resumed.load_state_dict(optimizer.state_dict())
    train(params, optimizer, 50, start=7)
    train(again, resumed, 50, start=7)
    assert same(values(params), values(again))
    assert resumed.param_groups[0]["lr"] == 0.02


@each
def test_OPT_32_a_saved_state_is_a_copy(cls, keywords):
    params = model()
    optimizer = cls(params, lr=0.02, **keywords)
    train(params, optimizer, 3)
    saved = optimizer.state_dict()
    before = copy.deepcopy(saved)
    twin_params = [parameter(p.data) for p in params]
    twin = cls(twin_params, lr=0.02, **keywords)
    twin.load_state_dict(saved)
    start = values(twin_params)
    train(params, optimizer, 5, start=3)
    assert str(saved) == str(before)
    train(twin_params, twin, 5, start=3)
    assert str(saved) == str(before)
    assert not same(start, values(twin_params))
    assert same(values(params), values(twin_params))


@each
def test_what_is_remembered_is_converted_with_the_parameters(cls, keywords):
    """A model that was made float64 goes on as one into which the state was loaded."""
    params = model(dtype=np.float32)
    optimizer = cls(params, lr=0.02, **keywords)
    train(params, optimizer, 3)
    twins = [parameter(p.data, dtype=np.float64) for p in params]
    twin = cls(twins, lr=0.02, **keywords)
    twin.load_state_dict(optimizer.state_dict())
    for p in params:
        p.grad, p.data = None, p.data.astype(np.float64)
    train(params, optimizer, 3, start=3)
    train(twins, twin, 3, start=3)
    assert same(values(params), values(twins))
    arrays = [x for p in params for x in optimizer.state[p].values() if isinstance(x, np.ndarray)]
    assert {x.dtype for x in arrays} <= {np.dtype(np.float64)}


def test_form_of_the_state():
    params = model()
    optimizer = Adam([{"params": params[:1]}, {"params": params[1:], "lr": 0.5}], lr=0.1)
    train(params, optimizer, 2)
    saved = optimizer.state_dict()
    assert [group["params"] for group in saved["param_groups"]] == [[0], [1, 2]]
    assert [group["lr"] for group in saved["param_groups"]] == [0.1, 0.5]
    assert saved["state"][0]["step"] == 2 and saved["state"][1]["step"] == 1
    assert saved["state"][0]["exp_avg"].shape == (3, 4)
    assert saved["state"][2]["exp_avg_sq"].shape == ()
    assert SGD(params, lr=0.1).state_dict()["state"] == {}


def test_state_is_cast_to_the_parameters():
    params, single = model(dtype=np.float64), model(dtype=np.float32)
    optimizer = Adam(params)
    train(params, optimizer, 3)
    other = Adam(single)
    other.load_state_dict(optimizer.state_dict())
    assert other.state[single[0]]["exp_avg"].dtype == np.float32
    train(single, other, 1)
    assert single[0].dtype == np.float32


def saved_adam(shapes=((3, 4), (4,), ()), **keywords):
    params = [parameter(np.ones(shape), np.ones(shape)) for shape in shapes]
    optimizer = Adam(params, **keywords)
    optimizer.step()
    return optimizer.state_dict()


def without(state, *path):
    state = copy.deepcopy(state)
    inner = state
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return state


def altered(state, value, *path):
    state = without(state, *path)
    inner = state
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return state


WRONG = [
    (without(saved_adam(), "state"), r"'state' is missing"),
    (without(saved_adam(), "param_groups"), r"'param_groups' is missing"),
    (without(saved_adam(), "param_groups", 0), "0 parameter groups, the optimizer 1"),
    (without(saved_adam(), "param_groups", 0, "params"), "'params' is missing in group 0"),
    (without(saved_adam(), "param_groups", 0, "betas"), "'betas' missing"),
    (saved_adam(shapes=((3, 4), (4,))), "2 parameters in the state, 3 in the optimizer"),
    (saved_adam(shapes=((3, 4), (5,), ())), r"'exp_avg' has shape \(5,\), the parameter \(4,\)"),
    (without(saved_adam(), "state", 1, "exp_avg_sq"), "parameter 1 has no 'exp_avg_sq'"),
    (without(saved_adam(), "state", 0, "step"), "parameter 0 has no 'step'"),
    (altered(saved_adam(), {}, "state", 2) | {"state": {9: {}}}, "parameter 9"),
    (altered(saved_adam(), -1.0, "param_groups", 0, "lr"), "lr is -1.0"),
    (SGD(model(), lr=0.1).state_dict(), "'betas', 'eps'.* missing"),
]


@pytest.mark.parametrize(("state", "message"), WRONG, ids=[message for _, message in WRONG])
def test_OPT_34_a_state_that_does_not_fit_changes_nothing(state, message):
    params = model()
    optimizer = Adam(params, lr=0.3)
    train(params, optimizer, 2)
    before = str(optimizer.state_dict())
    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict(state)
    assert str(optimizer.state_dict()) == before


def test_a_parameter_may_have_nothing_to_remember():
    params = model()
    optimizer = Adam(params)
    train(params, optimizer, 2)
    optimizer.load_state_dict(altered(optimizer.state_dict(), {}, "state", 1))
    assert optimizer.state[params[1]] == {}
    train(params, optimizer, 2, start=2)
    assert [optimizer.state[p]["step"] for p in params] == [4, 2, 4]


def test_numbers_may_come_back_from_a_file_as_arrays_and_strings():
    params = model()
    optimizer = NAdam(params)
    train(params, optimizer, 2)
    saved = optimizer.state_dict()
    state = {
        str(i): {name: np.asarray(x) for name, x in entry.items()}
        for i, entry in saved["state"].items()
    }
    groups = [{**group, "betas": list(group["betas"])} for group in saved["param_groups"]]
    again = [parameter(p.data) for p in params]
    resumed = NAdam(again)
    resumed.load_state_dict({"state": state, "param_groups": groups})
    assert type(resumed.state[again[0]]["step"]) is int
    train(params, optimizer, 3, start=2)
    train(again, resumed, 3, start=2)
    assert same(values(params), values(again))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@each
def test_copies_go_on_by_themselves(cls, keywords, duplicate):
    params = model()
    optimizer = cls(params, lr=0.02, **keywords)
    train(params, optimizer, 3)
    other = duplicate(optimizer)
    others = other.param_groups[0]["params"]
    train(params, optimizer, 4, start=3)
    train(others, other, 4, start=3)
    assert same(values(params), values(others))
    assert params[0] is not others[0]


SCHEDULES = {
    "lambda": lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + t)),
    "builtin": lambda o: lr_scheduler.LambdaLR(o, math.cos),
    "multiplicative": lambda o: lr_scheduler.MultiplicativeLR(o, lambda t: 0.9),
    "step": lambda o: lr_scheduler.StepLR(o, 3),
    "multistep": lambda o: lr_scheduler.MultiStepLR(o, [5, 9, 20]),
    "constant": lambda o: lr_scheduler.ConstantLR(o, 0.3, 9),
    "linear": lambda o: lr_scheduler.LinearLR(o, 0.3, total_iters=20),
    "polynomial": lambda o: lr_scheduler.PolynomialLR(o, 30),
    "exponential": lambda o: lr_scheduler.ExponentialLR(o, 0.97),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, 10),
    "restarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2),
    "one cycle": lambda o: lr_scheduler.OneCycleLR(o, 0.1, 60),
    "sequence": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.LinearLR(o, 0.1), lr_scheduler.CosineAnnealingLR(o, 30)], [12]
    ),
    "chained": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.ExponentialLR(o, 0.99), lr_scheduler.StepLR(o, 4, 0.9)]
    ),
}


@pytest.mark.parametrize("make", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize(("cls", "keywords"), [CONFIGURATIONS[2], CONFIGURATIONS[9]])
def test_OPT_33_resuming_with_a_schedule_is_exact(cls, keywords, make):
    params = model()
    optimizer = cls(params, lr=0.02, **keywords)
    scheduler = make(optimizer)
    train(params, optimizer, 7, scheduler)
    again = [parameter(p.data) for p in params]
    resumed = cls(again, lr=0.5, **keywords)
    rescheduled = make(resumed)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    rescheduled.load_state_dict(scheduler.state_dict())
    train(params, optimizer, 50, scheduler, start=7)
    train(again, resumed, 50, rescheduled, start=7)
    assert same(values(params), values(again))
    assert scheduler.get_last_lr() == rescheduled.get_last_lr()
    assert scheduler.state_dict() == rescheduled.state_dict()


def test_resuming_with_a_plateau_is_exact():
    rng = np.random.default_rng(0)
    optimizers = [RMSprop(model(), lr=0.1) for _ in range(2)]
    first, second = (lr_scheduler.ReduceLROnPlateau(o, patience=1, cooldown=2) for o in optimizers)
    for metric in rng.random(9):
        first.step(metric)
    optimizers[1].load_state_dict(optimizers[0].state_dict())
    second.load_state_dict(first.state_dict())
    for metric in rng.random(20):
        first.step(metric)
        second.step(metric)
        assert first.get_last_lr() == second.get_last_lr()


@pytest.mark.parametrize("state", [None, [1], "path.npz"])
def test_what_is_no_state_dict(state):
    optimizer = Adam(model())
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer)
    for part in (optimizer, plateau, *(make(optimizer) for make in SCHEDULES.values())):
        match = rf"{type(part).__name__}.load_state_dict: wanted the dict .* got a \w+"
        with pytest.raises(TypeError, match=match):
            part.load_state_dict(state)
