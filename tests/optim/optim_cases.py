"""The runs that record_optim.py makes with PyTorch and the tests repeat: one list for both.

A run needs of a library: its classes, its parameters, and how a gradient is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

STEPS = 100
RECORDED = (1, 2, 3, 5, 10, 20, 35, 50, 75, 100)
SHAPES = ((3, 2), (4,), ())
EPOCHS = 30


class Library(NamedTuple):
    """What a run needs of PyTorch or of minigrad."""

    optim: Any
    parameter: Callable[[np.ndarray], Any]  # an array as a parameter
    array: Callable[[Any], np.ndarray]  # a parameter's array
    set_grad: Callable[[Any, np.ndarray | None], None]


class Run(NamedTuple):
    """One configuration of one optimizer."""

    optimizer: str
    keywords: dict[str, Any]
    gaps: bool = False  # the second parameter has no gradient in every third step
    drop: bool = False  # lr falls to a tenth after 50 steps
    groups: bool = False  # the last parameter has a group of its own, with a third of the lr

    @property
    def name(self) -> str:
        flags = [f for f in ("gaps", "drop", "groups") if getattr(self, f)]
        words = [f"{k}={v}" for k, v in self.keywords.items()]
        return " ".join([self.optimizer, *words, *flags])


def runs() -> list[Run]:
    """At least six configurations of each optimizer, with and without each of its options."""
    found: list[Run] = []
    for optimizer, lr, variants in VARIANTS:
        base = {"lr": lr}
        found += [Run(optimizer, {**base, **keywords}) for keywords in variants]
        found += [
            Run(optimizer, {**base, **variants[-1]}, gaps=True),
            Run(optimizer, {**base, **variants[1]}, drop=True, groups=True),
        ]
    return found


VARIANTS: list[tuple[str, float, list[dict[str, Any]]]] = [
    (
        "SGD",
        0.05,
        [
            {},
            {"weight_decay": 0.1},
            {"momentum": 0.9},
            {"momentum": 0.8, "dampening": 0.4},
            {"momentum": 0.9, "nesterov": True},
            {"momentum": 0.7, "weight_decay": 0.05, "nesterov": True},
            {"momentum": 0.9, "dampening": 0.5, "weight_decay": 0.01},
        ],
    ),
    (
        "Adagrad",
        0.1,
        [
            {},
            {"lr_decay": 0.05},
            {"weight_decay": 0.1},
            {"initial_accumulator_value": 0.3},
            {"eps": 1e-3},
            {"lr_decay": 0.01, "weight_decay": 0.05, "initial_accumulator_value": 0.1, "eps": 0.1},
        ],
    ),
    (
        "RMSprop",
        0.01,
        [
            {},
            {"alpha": 0.9, "eps": 1e-4},
            {"weight_decay": 0.1},
            {"momentum": 0.6},
            {"centered": True, "eps": 1e-2},
            {"centered": True, "momentum": 0.5, "weight_decay": 0.05, "eps": 1e-2},
            {"momentum": 0.9, "weight_decay": 0.01, "alpha": 0.95},
        ],
    ),
    (
        "Adadelta",
        0.3,
        [
            {},
            {"rho": 0.95},
            {"eps": 1e-3},
            {"weight_decay": 0.1},
            {"rho": 0.8, "eps": 1e-4},
            {"rho": 0.7, "weight_decay": 0.05, "eps": 1e-2},
        ],
    ),
    (
        "Adam",
        0.03,
        [
            {},
            {"betas": (0.8, 0.99)},
            {"eps": 1e-3},
            {"weight_decay": 0.1},
            {"amsgrad": True},
            {"betas": (0.5, 0.9), "weight_decay": 0.05, "amsgrad": True, "eps": 1e-4},
        ],
    ),
    (
        "AdamW",
        0.03,
        [
            {},
            {"betas": (0.8, 0.99)},
            {"weight_decay": 0.0},
            {"weight_decay": 0.3},
            {"amsgrad": True},
            {"betas": (0.5, 0.9), "weight_decay": 0.2, "amsgrad": True, "eps": 1e-4},
        ],
    ),
    (
        "NAdam",
        0.02,
        [
            {},
            {"betas": (0.8, 0.99)},
            {"momentum_decay": 0.1},
            {"weight_decay": 0.1},
            {"weight_decay": 0.1, "decoupled_weight_decay": True},
            {"betas": (0.8, 0.98), "momentum_decay": 0.0, "weight_decay": 0.05, "eps": 1e-4},
        ],
    ),
    (
        "RAdam",
        0.03,
        [
            {},
            {"betas": (0.8, 0.99)},
            {"betas": (0.9, 0.8)},
            {"weight_decay": 0.1},
            {"weight_decay": 0.1, "decoupled_weight_decay": True},
            {"betas": (0.7, 0.98), "weight_decay": 0.05, "eps": 1e-4},
        ],
    ),
    (
        "Adamax",
        0.03,
        [
            {},
            {"betas": (0.8, 0.99)},
            {"eps": 1e-3},
            {"weight_decay": 0.1},
            {"betas": (0.7, 0.99)},
            {"betas": (0.8, 0.995), "weight_decay": 0.05, "eps": 1e-2},
        ],
    ),
]


class Problem:
    """L(θ) = mean of φ(r) over r = A θ − b, where θ are the entries of all parameters in a row."""

    def __init__(self, quadratic: bool) -> None:
        rng = np.random.default_rng(3)
        self.A = rng.standard_normal((12, 11))
        self.b = rng.standard_normal(12)
        self.start = [rng.standard_normal(shape) for shape in SHAPES]
        self.quadratic = quadratic

    def gradients(self, thetas: list[np.ndarray]) -> list[np.ndarray]:
        """φ(r) = r² / 2, or √(1 + r²), which is not quadratic."""
        r = self.A @ np.concatenate([theta.reshape(-1) for theta in thetas]) - self.b
        slope = r if self.quadratic else r / np.sqrt(1 + r * r)
        whole = self.A.T @ slope / len(r)
        ends = np.cumsum([theta.size for theta in thetas])[:-1]
        return [g.reshape(t.shape) for g, t in zip(np.split(whole, ends), thetas)]


PROBLEMS = {"quadratic": Problem(True), "pseudo-Huber": Problem(False)}


def path(library: Library, run: Run, problem: Problem) -> np.ndarray:
    """The parameters after the steps in RECORDED: (len(RECORDED), 11)."""
    params = [library.parameter(theta.copy()) for theta in problem.start]
    groups: Any = params
    if run.groups:
        groups = [{"params": params[:2]}, {"params": params[2:], "lr": run.keywords["lr"] / 3}]
    optimizer = getattr(library.optim, run.optimizer)(groups, **run.keywords)
    rows = []
    for step in range(1, STEPS + 1):
        gradients = problem.gradients([library.array(p) for p in params])
        for i, (p, g) in enumerate(zip(params, gradients)):
            library.set_grad(p, None if run.gaps and i == 1 and step % 3 == 0 else g)
        optimizer.step()
        if run.drop and step == STEPS // 2:
            for group in optimizer.param_groups:
                group["lr"] /= 10
        if step in RECORDED:
            rows.append(np.concatenate([library.array(p).reshape(-1) for p in params]))
    return np.array(rows)


def tenth_of(epoch: int) -> float:
    return 1 / (1 + epoch / 10)


Schedule = Callable[[Any, Any], Any]  # of the module lr_scheduler and an optimizer

SCHEDULES: dict[str, Schedule] = {
    "lambda": lambda s, o: s.LambdaLR(o, tenth_of),
    "lambda each": lambda s, o: s.LambdaLR(o, [tenth_of, lambda t: 0.9**t]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, lambda t: 1 - 1 / (t + 5)),
    "step": lambda s, o: s.StepLR(o, 2, 0.1),
    "step 7": lambda s, o: s.StepLR(o, step_size=7, gamma=0.3),
    "multistep": lambda s, o: s.MultiStepLR(o, [2, 4]),
    "multistep twice": lambda s, o: s.MultiStepLR(o, [20, 3, 11, 11], gamma=0.5),
    "multistep at 0": lambda s, o: s.MultiStepLR(o, [0, 6], gamma=0.5),
    "constant": lambda s, o: s.ConstantLR(o),
    "constant 9": lambda s, o: s.ConstantLR(o, factor=0.2, total_iters=9),
    "linear": lambda s, o: s.LinearLR(o, 0.25, total_iters=3),
    "linear down": lambda s, o: s.LinearLR(o, 1.0, 0.1, 12),
    "linear default": lambda s, o: s.LinearLR(o),
    "polynomial": lambda s, o: s.PolynomialLR(o, total_iters=20, power=2.0),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.5),
    "exponential slow": lambda s, o: s.ExponentialLR(o, gamma=0.95),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 3),
    "cosine low": lambda s, o: s.CosineAnnealingLR(o, T_max=10, eta_min=0.05),
    "cosine one": lambda s, o: s.CosineAnnealingLR(o, 1),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 2, 2),
    "restarts low": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=7, eta_min=0.1),
    "restarts 3": lambda s, o: s.CosineAnnealingWarmRestarts(o, 1, 3),
    "one cycle": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=31),
    "one cycle linear": lambda s, o: s.OneCycleLR(
        o, [0.5, 2.0], epochs=7, steps_per_epoch=5, pct_start=0.4, anneal_strategy="linear"
    ),
    "one cycle three": lambda s, o: s.OneCycleLR(
        o,
        1.0,
        31,
        three_phase=True,
        div_factor=10.0,
        final_div_factor=100.0,
        base_momentum=[0.6, 0.7],
        max_momentum=0.9,
    ),
    "one cycle without momentum": lambda s, o: s.OneCycleLR(o, 1.0, 30, cycle_momentum=False),
    "sequence": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 100), s.ExponentialLR(o, 0.9)], milestones=[6]
    ),
    "warm-up": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.2, total_iters=5), s.CosineAnnealingLR(o, 20)], [5]
    ),
    "three parts": lambda s, o: s.SequentialLR(
        o,
        [
            s.StepLR(o, 2),
            s.LinearLR(o, 0.5, total_iters=4),
            s.CosineAnnealingWarmRestarts(o, 3, 2),
        ],
        [5, 13],
    ),
    "sequence of lambdas": lambda s, o: s.SequentialLR(
        o, [s.LambdaLR(o, tenth_of), s.MultiStepLR(o, [0, 4])], [7]
    ),
    "chained": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.1, 10), s.ExponentialLR(o, 0.9)], o
    ),
    "plateau": lambda s, o: s.ReduceLROnPlateau(o, patience=2),
    "plateau max": lambda s, o: s.ReduceLROnPlateau(
        o, "max", factor=0.5, patience=1, threshold=0.05, threshold_mode="abs", cooldown=2
    ),
    "plateau rel": lambda s, o: s.ReduceLROnPlateau(
        o, mode="max", factor=0.7, patience=0, threshold=0.1, min_lr=[0.2, 0.0]
    ),
    "plateau eps": lambda s, o: s.ReduceLROnPlateau(
        o, factor=0.3, patience=0, threshold_mode="abs", eps=0.02
    ),
}


def metrics() -> np.ndarray:
    """What a plateau schedule is shown, falling and noisy."""
    rng = np.random.default_rng(5)
    return 1 / (1 + np.arange(EPOCHS) / 3) + 0.2 * rng.random(EPOCHS)


def scheduled(library: Library, make: Schedule) -> np.ndarray:
    """(EPOCHS + 1, 4): lr and momentum of two groups, at the start and after every step."""
    params = [library.parameter(np.ones(1)) for _ in range(2)]
    groups = [{"params": params[:1]}, {"params": params[1:], "lr": 0.3}]
    optimizer = library.optim.SGD(groups, lr=1.0, momentum=0.5)
    scheduler = make(library.optim.lr_scheduler, optimizer)
    return np.array([row(optimizer), *steps(optimizer, scheduler)])


def steps(optimizer: Any, scheduler: Any) -> Iterator[list[float]]:
    takes_metric = type(scheduler).__name__ == "ReduceLROnPlateau"
    for metric in metrics():
        optimizer.step()
        scheduler.step(*([metric] if takes_metric else []))
        assert scheduler.get_last_lr() == [group["lr"] for group in optimizer.param_groups]
        yield row(optimizer)


def row(optimizer: Any) -> list[float]:
    return [group[name] for group in optimizer.param_groups for name in ("lr", "momentum")]
