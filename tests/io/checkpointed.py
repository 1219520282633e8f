"""Training runs that are stopped and resumed. As a program: resume all that are in a folder.

    python tests/io/checkpointed.py FOLDER

reads every checkpoint in FOLDER, trains to the end, and writes what came out beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import minigrad as mg
from minigrad import data, nn, optim
from minigrad.optim import lr_scheduler as schedules

STOPPED, EPOCHS, BATCHES = 2, 5, 4


@dataclass(frozen=True)
class Run:
    """One way to train; chance is one of the functions below."""

    optimizer: Callable[..., Any]
    keywords: dict[str, Any]
    schedule: Callable[[Any], Any]
    dtype: Any
    chance: Callable[[], Chance]
    suffix: str


@dataclass(frozen=True)
class Chance:
    """What dropout, loader and fit are given as rng, and the generators whose states to save."""

    dropout: Any = None
    loader: Any = None
    fit: Any = None


def default() -> Chance:
    """Everything draws from manual_seed's generator."""
    return Chance()


def one() -> Chance:
    """Everything draws from one generator of the user's."""
    rng = np.random.default_rng(12)
    return Chance(rng, rng)


def seeds() -> Chance:
    """Each has a generator of its own."""
    return Chance(13, 14)


def through_fit() -> Chance:
    """fit has the generator, of another kind."""
    return Chance(fit=np.random.Generator(np.random.MT19937(15)))


class Training:
    """Model, loader, optimizer, schedule and history of a run, ready to start."""

    def __init__(self, run: Run) -> None:
        mg.manual_seed(11)
        self.run, chance = run, run.chance()
        init = np.random.default_rng(0)
        self.model = nn.Sequential(
            nn.Linear(3, 8, rng=init), nn.BatchNorm1d(8), nn.ReLU(),
            nn.Dropout(0.3, rng=chance.dropout), nn.Linear(8, 2, rng=init),
        ).astype(run.dtype)  # fmt: skip
        X = np.random.default_rng(1).normal(size=(4 * BATCHES - 1, 3)).astype(run.dtype)
        table = data.TensorDataset(X, (X[:, 0] > 0).astype(np.int64))
        self.loader = data.DataLoader(table, 4, shuffle=True, rng=chance.loader)
        first, last = list(self.model[:2].parameters()), list(self.model[4].parameters())
        groups = [{"params": first}, {"params": last, "lr": 0.01}]
        self.optimizer = run.optimizer(groups, lr=0.03, **run.keywords)
        self.scheduler = run.schedule(self.optimizer)
        self.history, self.rng = mg.History(), chance.fit

    def generators(self) -> list[Any]:
        """Those that are drawn from; None is the default one."""
        return [self.model[3].rng, self.loader.rng, self.rng]

    def go_on(self, epochs: int) -> None:
        mg.fit(
            self.model, self.loader, nn.CrossEntropyLoss(), self.optimizer, epochs=epochs,
            scheduler=self.scheduler, progress=False, rng=self.rng, history=self.history,
        )  # fmt: skip

    def parts(self) -> dict[str, Any]:
        """What has a state_dict."""
        names = ("model", "optimizer", "scheduler", "history")
        return {name: getattr(self, name) for name in names}

    def save(self, path: Path) -> None:
        states = {name: part.state_dict() for name, part in self.parts().items()}
        states["rng"] = [mg.get_rng_state(rng) for rng in self.generators()]
        mg.save(states | {"epoch": len(self.history.epoch_loss)}, path)

    def resume(self, path: Path) -> None:
        states = mg.load(path)
        for name, part in self.parts().items():
            part.load_state_dict(states[name])
        for rng, state in zip(self.generators(), states["rng"]):
            mg.set_rng_state(state, rng)

    def outcome(self) -> dict[str, Any]:
        """All that has to be equal: also the batches and numbers that would come next."""
        states = {name: part.state_dict() for name, part in self.parts().items()}
        del states["history"]["seconds"]
        return states | {
            "batches": [list(batch) for batch in self.loader],
            "numbers": [np.asarray(mg.rand(3, rng=rng)) for rng in self.generators()],
        }


SCHEDULES: list[Callable[[Any], Any]] = [
    lambda o: schedules.LambdaLR(o, lambda t: np.exp(-0.1 * t)),
    lambda o: schedules.MultiplicativeLR(o, lambda t: 0.9),
    lambda o: schedules.StepLR(o, 2),
    lambda o: schedules.MultiStepLR(o, [1, 3]),
    lambda o: schedules.ConstantLR(o, 0.3, 3),
    lambda o: schedules.LinearLR(o, 0.3, total_iters=4),
    lambda o: schedules.PolynomialLR(o, 6),
    lambda o: schedules.ExponentialLR(o, 0.9),
    lambda o: schedules.CosineAnnealingLR(o, 4),
    lambda o: schedules.CosineAnnealingWarmRestarts(o, 3),
    lambda o: schedules.OneCycleLR(o, [0.1, 0.2], EPOCHS * BATCHES, cycle_momentum=False),
    lambda o: schedules.ReduceLROnPlateau(o, patience=0, threshold=0.5),
    lambda o: schedules.SequentialLR(
        o, [schedules.LinearLR(o, 0.1), schedules.CosineAnnealingLR(o, 4)], [3]
    ),
    lambda o: schedules.ChainedScheduler([schedules.ExponentialLR(o, 0.9), schedules.StepLR(o, 3)]),
]
OPTIMIZERS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (optim.SGD, {"momentum": 0.9, "nesterov": True}),
    (optim.Adam, {}),
    (optim.AdamW, {"amsgrad": True}),
    (optim.Adagrad, {"lr_decay": 0.1}),
    (optim.RMSprop, {"centered": True, "momentum": 0.5}),
    (optim.Adadelta, {}),
    (optim.NAdam, {}),
    (optim.RAdam, {}),
    (optim.Adamax, {"weight_decay": 0.1}),
    (optim.GD, {}),
]
CHANCES = [default, one, seeds, through_fit]

RUNS = [
    Run(
        *OPTIMIZERS[i % len(OPTIMIZERS)],
        SCHEDULES[i % len(SCHEDULES)],
        (np.float32, np.float64)[i // 2 % 2],
        CHANCES[i % len(CHANCES)],
        (".npz", ".safetensors")[i // 3 % 2],
    )
    for i in range(28)
]


def main(folder: Path) -> None:
    for i, run in enumerate(RUNS):
        training = Training(run)
        training.resume(folder / f"{i}{run.suffix}")
        training.go_on(EPOCHS - STOPPED)
        mg.save(training.outcome(), folder / f"resumed{i}.npz")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
