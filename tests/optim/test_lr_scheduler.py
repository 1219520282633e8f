"""What schedules give, refuse and save; test_recorded.py holds them against PyTorch."""

import copy

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.optim import GD, SGD, Adam, Optimizer, lr_scheduler
from minigrad.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)


def optimizer(lr=1.0, groups=1, cls=SGD, **keywords):
    params = [{"params": [Tensor([1.0], requires_grad=True)]} for _ in range(groups)]
    return cls(params, lr=lr, **keywords)


def rates(scheduler, count):
    """The learning rate before each of count steps."""
    found = []
    for _ in range(count):
        found.append(scheduler.optimizer.param_groups[0]["lr"])
        scheduler.optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda o: StepLR(o, 2, 0.1), [1, 1, 0.1, 0.1, 0.01, 0.01, 0.001]),
        (lambda o: CosineAnnealingLR(o, 3), [1, 0.75, 0.25, 0, 0.25, 0.75, 1]),
        (lambda o: ExponentialLR(o, 0.5), [1, 0.5, 0.25, 0.125]),
        (lambda o: MultiStepLR(o, [2, 4]), [1, 1, 0.1, 0.1, 0.01]),
        (lambda o: LinearLR(o, 0.25, total_iters=3), [0.25, 0.5, 0.75, 1, 1]),
        (
            lambda o: CosineAnnealingWarmRestarts(o, 2, 2),
            [1, 0.5, 1, 0.853553390593, 0.5, 0.146446609407, 1],
        ),
        (lambda o: ConstantLR(o, 0.5, 2), [0.5, 0.5, 1, 1]),
        (lambda o: PolynomialLR(o, 4), [1, 0.75, 0.5, 0.25, 0, 0]),
        (lambda o: LambdaLR(o, lambda t: t * t), [0, 1, 4, 9]),
        (lambda o: MultiplicativeLR(o, lambda t: t), [1, 1, 2, 6]),
        (
            lambda o: SequentialLR(o, [ConstantLR(o, 0.1, 9), StepLR(o, 2)], [3]),
            [0.1, 0.1, 0.1, 1, 1, 0.1],
        ),
    ],
)
def test_OPT_40_learning_rates(make, expected):
    found = rates(make(optimizer()), len(expected))
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-13)


def test_chainable_schedules_multiply():
    shared = optimizer()
    first, second = ExponentialLR(shared, 0.5), StepLR(shared, 2, 0.1)
    found = []
    for _ in range(4):
        found.append(shared.param_groups[0]["lr"])
        shared.step()
        first.step()
        second.step()
    assert found == pytest.approx([1, 0.5, 0.025, 0.0125])
    chained = optimizer()
    both = ChainedScheduler([ExponentialLR(chained, 0.5), StepLR(chained, 2, 0.1)])
    assert rates(both, 4) == found


def test_a_rate_set_by_hand_is_multiplied_on():
    scheduler = ExponentialLR(optimizer(), 0.5)
    rates(scheduler, 2)
    scheduler.optimizer.param_groups[0]["lr"] = 8.0
    assert rates(scheduler, 3) == [8.0, 4.0, 2.0]


def test_every_group_has_its_rate():
    o = optimizer(groups=2)
    o.param_groups[1]["lr"] = 0.5
    scheduler = ExponentialLR(o, 0.1)
    o.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [0.1, 0.05]
    assert [group["initial_lr"] for group in o.param_groups] == [1.0, 0.5]


def test_OPT_41_stepping_before_the_optimizer_warns():
    scheduler = StepLR(optimizer(), 2)
    with pytest.warns(UserWarning, match="call optimizer.step\\(\\) first"):
        scheduler.step()
    scheduler.step()


def test_steps_before_the_schedule_do_not_count():
    o = optimizer()
    o.step()
    with pytest.warns(UserWarning, match="first learning rate of the schedule is never used"):
        StepLR(o, 2).step()


def test_an_optimizer_with_its_own_step_is_not_warned_of():
    class Own(Optimizer):
        def step(self, closure=None):
            pass

    scheduler = StepLR(Own([Tensor([1.0], requires_grad=True)], {"lr": 1.0}), 1)
    assert rates(scheduler, 2) == [1.0, 0.1]


def test_going_on_from_last_epoch():
    o = optimizer()
    first = StepLR(o, 3)
    rates(first, 5)
    second = StepLR(o, 3, last_epoch=first.last_epoch - 1)
    assert second.last_epoch == 5
    cycled = optimizer()
    rates(OneCycleLR(cycled, 1.0, 10), 4)
    resumed = OneCycleLR(cycled, 1.0, 10, last_epoch=3)
    assert resumed.last_epoch == 4
    assert resumed.get_last_lr() == [cycled.param_groups[0]["lr"]]
    with pytest.raises(ValueError, match="'initial_lr'"):
        StepLR(optimizer(), 3, last_epoch=4)


def test_warm_restarts_go_to_any_epoch():
    o = optimizer()
    scheduler = CosineAnnealingWarmRestarts(o, 2, 2)
    o.step()
    for epoch, rate in ((0.5, 0.853553390593), (2, 1), (4, 0.5), (1, 0.5), (6, 1), (10, 0.5)):
        scheduler.step(epoch)
        assert o.param_groups[0]["lr"] == pytest.approx(rate)
        assert scheduler.last_epoch == int(epoch)
    scheduler.step()
    assert scheduler.T_cur == 5 and scheduler.T_i == 8
    with pytest.raises(ValueError, match="epoch is -1"):
        scheduler.step(-1)
    assert CosineAnnealingWarmRestarts(o, 2, 2, last_epoch=8).T_cur == 3


def test_one_cycle_of_momentum():
    for cls, momentum in ((SGD, lambda g: g["momentum"]), (Adam, lambda g: g["betas"][0])):
        o = optimizer(cls=cls)
        scheduler = OneCycleLR(o, max_lr=1.0, total_steps=10)
        found = []
        for _ in range(10):
            found.append((o.param_groups[0]["lr"], momentum(o.param_groups[0])))
            o.step()
            scheduler.step()
        assert found[0] == pytest.approx((1 / 25, 0.95))
        assert found[2] == pytest.approx((1.0, 0.85))
        assert found[9] == pytest.approx((1 / 25e4, 0.95))
        before = scheduler.state_dict()
        with pytest.raises(ValueError, match="step 11, but the cycle has 10 steps"):
            scheduler.step()
        assert scheduler.state_dict() == before


def test_one_cycle_whose_rise_is_one_step():
    scheduler = OneCycleLR(optimizer(), 1.0, total_steps=10, pct_start=0.1)
    assert rates(scheduler, 2)[0] == 1.0


def test_a_plateau():
    o = optimizer()
    scheduler = ReduceLROnPlateau(o, patience=1, cooldown=1, min_lr=0.05)
    found = []
    for loss in (1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9):
        scheduler.step(Tensor(loss))
        found.append(o.param_groups[0]["lr"])
    assert found == [1, 1, 1, 0.1, 0.1, 0.1, 0.05, 0.05]
    assert scheduler.best == 0.9


def test_a_sequence_starts_each_part_at_its_beginning():
    o = optimizer()
    parts = [ConstantLR(o, 0.5, 100), LinearLR(o, 0.2, total_iters=4), ExponentialLR(o, 0.5)]
    scheduler = SequentialLR(o, parts, milestones=[2, 4])
    assert rates(scheduler, 6) == pytest.approx([0.5, 0.5, 0.2, 0.4, 1.0, 0.5])


def test_a_sequence_in_a_sequence():
    o = optimizer()
    inner = SequentialLR(o, [ConstantLR(o, 0.5, 100), ExponentialLR(o, 0.1)], [1])
    scheduler = SequentialLR(o, [ConstantLR(o, 0.25, 100), inner], [2])
    assert rates(scheduler, 5) == pytest.approx([0.25, 0.25, 0.5, 1, 0.1])


# --- State ---


def test_a_saved_state_is_a_copy():
    scheduler = MultiStepLR(optimizer(), [1, 3])
    saved = scheduler.state_dict()
    before = copy.deepcopy(saved)
    rates(scheduler, 3)
    assert saved == before
    assert saved["last_epoch"] == 0 and saved["_last_lr"] == [1.0]
    scheduler.load_state_dict(saved)
    scheduler.milestones.append(7)
    assert saved == before


class Scale:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, t):
        return self.factor**t


def test_of_callable_objects_the_attributes_are_saved():
    first = LambdaLR(optimizer(groups=2), [Scale(0.5), lambda t: 1.0])
    saved = first.state_dict()
    assert saved["lr_lambdas"] == [{"factor": 0.5}, None]
    second = LambdaLR(optimizer(groups=2), [Scale(0.9), lambda t: 1.0])
    second.load_state_dict(saved)
    assert rates(second, 2) == [1.0, 0.5]


def test_a_state_that_does_not_fit_changes_nothing():
    scheduler = StepLR(optimizer(), 2)
    before = scheduler.state_dict()
    with pytest.raises(ValueError, match=r"T_max, eta_min, gamma, step_size missing or unknown"):
        scheduler.load_state_dict(CosineAnnealingLR(optimizer(), 2).state_dict())
    assert scheduler.state_dict() == before
    o = optimizer()
    composed = SequentialLR(o, [StepLR(o, 2), StepLR(o, 3)], [4])
    before = composed.state_dict()
    with pytest.raises(ValueError, match="0 schedulers in the state, 2 here"):
        composed.load_state_dict(StepLR(o, 2).state_dict())
    wrong = copy.deepcopy(before)
    del wrong["_schedulers"][1]["gamma"]
    with pytest.raises(ValueError, match="gamma"):
        composed.load_state_dict({**wrong, "last_epoch": 3})
    assert composed.state_dict() == before


# --- What is refused ---


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: StepLR(o, 0), "StepLR: step_size is 0"),
        (lambda o: StepLR(o, 1.5), "StepLR: step_size is 1.5"),
        (lambda o: StepLR(o, 2, -0.1), "StepLR: gamma is -0.1"),
        (lambda o: MultiStepLR(o, [1, -2]), "MultiStepLR: milestones is -2"),
        (lambda o: ConstantLR(o, 1.5), "ConstantLR: factor is 1.5"),
        (lambda o: ConstantLR(o, 0), "ConstantLR: factor is 0"),
        (lambda o: LinearLR(o, 0.0), "LinearLR: start_factor is 0.0"),
        (lambda o: LinearLR(o, 0.5, 2.0), "LinearLR: end_factor is 2.0"),
        (lambda o: LinearLR(o, total_iters=0), "LinearLR: total_iters is 0"),
        (lambda o: PolynomialLR(o, 0), "PolynomialLR: total_iters is 0"),
        (lambda o: PolynomialLR(o, power=-1), "PolynomialLR: power is -1"),
        (lambda o: ExponentialLR(o, float("nan")), "ExponentialLR: gamma is nan"),
        (lambda o: CosineAnnealingLR(o, 0), "CosineAnnealingLR: T_max is 0"),
        (lambda o: CosineAnnealingLR(o, 1, -1), "CosineAnnealingLR: eta_min is -1"),
        (lambda o: CosineAnnealingWarmRestarts(o, 0), "T_0 is 0"),
        (lambda o: CosineAnnealingWarmRestarts(o, 1, 0), "T_mult is 0"),
        (lambda o: OneCycleLR(o, 1.0), "number of steps is missing"),
        (lambda o: OneCycleLR(o, 1.0, 0), "total_steps is 0"),
        (lambda o: OneCycleLR(o, 1.0, epochs=0, steps_per_epoch=1), "epochs is 0"),
        (lambda o: OneCycleLR(o, -1.0, 9), "max_lr is -1.0"),
        (lambda o: OneCycleLR(o, [1.0, 2.0], 9), "max_lr has 2 values, the optimizer 1 groups"),
        (lambda o: OneCycleLR(o, 1.0, 9, pct_start=2), "pct_start is 2"),
        (lambda o: OneCycleLR(o, 1.0, 9, div_factor=0), "div_factor is 0"),
        (lambda o: OneCycleLR(o, 1.0, 9, max_momentum=1.5), "max_momentum is 1.5"),
        (lambda o: OneCycleLR(o, 1.0, 9, anneal_strategy="sin"), "anneal_strategy is 'sin'"),
        (lambda o: OneCycleLR(optimizer(cls=GD), 1.0, 9), "GD has no momentum to cycle"),
        (lambda o: ReduceLROnPlateau(o, factor=1.0), "factor is 1.0"),
        (lambda o: ReduceLROnPlateau(o, "low"), "mode is 'low', wanted 'min' or 'max'"),
        (lambda o: ReduceLROnPlateau(o, threshold_mode="x"), "threshold_mode is 'x'"),
        (lambda o: ReduceLROnPlateau(o, patience=-1), "patience is -1"),
        (lambda o: ReduceLROnPlateau(o, min_lr=[0, 0]), "min_lr has 2 values"),
        (lambda o: LambdaLR(o, [abs, abs]), "lr_lambda has 2 values"),
        (lambda o: SequentialLR(o, [], []), "schedulers is empty"),
        (lambda o: SequentialLR(o, [StepLR(o, 1)], [1]), "wanted 0 rising steps"),
        (
            lambda o: SequentialLR(o, [StepLR(o, 1), StepLR(o, 1), StepLR(o, 1)], [3, 2]),
            "wanted 2 rising steps",
        ),
        (lambda o: SequentialLR(o, [ReduceLROnPlateau(o)], []), "needs a metric"),
        (lambda o: SequentialLR(o, [StepLR(optimizer(), 1)], []), "belongs to another optimizer"),
        (lambda o: ChainedScheduler([]), "schedulers is empty"),
        (
            lambda o: ChainedScheduler([StepLR(o, 1), StepLR(optimizer(), 1)]),
            "belongs to another optimizer",
        ),
    ],
)
def test_values_that_are_refused(make, message):
    o = optimizer()
    with pytest.raises(ValueError, match=message):
        make(o)
    assert o.param_groups[0]["lr"] in (1.0, 1 / 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: StepLR("Adam", 2), "optimizer is a str, wanted an Optimizer"),
        (lambda o: StepLR(o, "2"), "step_size is '2' of type str"),
        (lambda o: StepLR(o, 2, None), "gamma is None"),
        (lambda o: LambdaLR(o, 0.5), "lr_lambda is a float, wanted a function"),
        (lambda o: OneCycleLR(None, 1.0, 9), "optimizer is a NoneType"),
        (lambda o: ReduceLROnPlateau(None), "optimizer is a NoneType"),
        (lambda o: SequentialLR(o, [3], []), r"schedulers\[0\] is a int"),
    ],
)
def test_kinds_that_are_refused(make, message):
    with pytest.raises(TypeError, match=message):
        make(optimizer())


def test_the_base_class_has_no_formula():
    with pytest.raises(NotImplementedError, match="get_lr"):
        LRScheduler(optimizer())


def test_all_names_are_public():
    for name in lr_scheduler.__all__:
        assert isinstance(getattr(lr_scheduler, name), type)


def test_repr_tells_where_it_stands():
    schedule = StepLR(optimizer(lr=0.5, groups=2), 1)
    schedule.optimizer.step()
    schedule.step()
    assert repr(schedule) == "StepLR(t=1, lr=0.05, 0.05)"
