"""The six optimizers of the lecture, each in its form and in the literature's.

Lecture: "Gradient Descent", "Stochastic Gradient Descent", "AdaGrad (Adaptive Gradient Descent)",
"RMSProp (Root Mean Square Propagation)", "AdaDelta", "ADAM (Adaptive Moment Estimation)".
g is the gradient and ε the learning rate; the small number that keeps a division safe is written
out. (The lecture writes ε, α and η for the rate, and on some slides ε for the small number.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from minigrad import optim
from minigrad.optim import DECK

NAMES = ("GD", "momentum", "AdaGrad", "RMSProp", "AdaDelta", "Adam")
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # that each of them tries
LECTURE, LITERATURE, BOTH = "lecture", "literature", "both"


@dataclass(frozen=True)
class Form:
    """An optimizer as one source writes it."""

    name: str
    source: str
    formula: str
    kind: Any
    options: dict[str, Any] = field(default_factory=dict, hash=False)

    def optimizer(self, params: Iterable[Any], lr: float) -> optim.Optimizer:
        """One to train these parameters."""
        return self.kind(params, lr, **self.options)

    def __str__(self) -> str:
        return f"{self.name:9} {self.source:10}"


FORMS = (
    Form("GD", BOTH, "θ ← θ − ε g", optim.GD),
    Form("momentum", LECTURE, "v ← 0.9 v + g;  θ ← θ − ε v", optim.SGD, {"momentum": 0.9}),
    Form(
        "momentum",
        LITERATURE,
        "v ← 0.9 v − ε g;  θ ← θ + v",  # the same as long as ε is
        optim.SGD,
        {"momentum": 0.9, "lr_in_velocity": True},
    ),
    Form(
        "AdaGrad",
        LECTURE,
        "a ← a + g²;  θ ← θ − ε g / √(a + 1e-5)",
        optim.Adagrad,
        DECK["Adagrad"],
    ),
    Form("AdaGrad", LITERATURE, "a ← a + g²;  θ ← θ − ε g / (√a + 1e-10)", optim.Adagrad),
    Form(
        "RMSProp",
        LECTURE,
        "s ← 0.9 s + 0.1 g²;  θ ← θ − ε g / (√s + 1e-5)",
        optim.RMSprop,
        DECK["RMSprop"],
    ),
    Form("RMSProp", LITERATURE, "s ← 0.99 s + 0.01 g²;  θ ← θ − ε g / (√s + 1e-8)", optim.RMSprop),
    Form(
        "AdaDelta",
        LECTURE,
        "s ← 0.9 s + 0.1 g²;  θ ← θ − ε g / √(s + 1e-5)",
        optim.Adadelta,
        DECK["Adadelta"],
    ),
    Form(
        "AdaDelta",
        LITERATURE,
        "s as before;  Δ = g √(d + 1e-6) / √(s + 1e-6);  d ← 0.9 d + 0.1 Δ²;  θ ← θ − ε Δ",
        optim.Adadelta,
    ),
    Form(
        "Adam",
        LECTURE,
        "m ← 0.9 m + 0.1 g;  v ← 0.999 v + 0.001 g²;  θ ← θ − ε m / (√v + 1e-5)",
        optim.Adam,
        DECK["Adam"],
    ),
    Form(
        "Adam",
        LITERATURE,
        "m, v as before;  m̂ = m / (1 − 0.9ᵗ);  v̂ = v / (1 − 0.999ᵗ);  θ ← θ − ε m̂ / (√v̂ + 1e-8)",
        optim.Adam,
    ),
)


def form(name: str, source: str = LITERATURE) -> Form:
    """An optimizer as a source writes it."""
    return next(one for one in FORMS if one.name == name and one.source in (source, BOTH))
