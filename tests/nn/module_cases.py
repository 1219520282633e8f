"""Modules and losses whose outputs and gradients are recorded from PyTorch.

A case is an expression that both libraries understand, and what goes in. `record_modules.py`
evaluates it in PyTorch, `test_recorded_modules.py` in minigrad.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers in −1.5 … 1.5, all different: the same on every machine."""
    n = np.arange(1, math.prod(shape) + 1)
    return (1.5 * np.sin(n * (0.7 + 0.31 * seed) + seed)).reshape(shape)


def shares(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers between 0 and 1, without these."""
    return 0.5 + numbers(*shape, seed=seed) / 3.2


@dataclass(frozen=True)
class Case:
    """An expression after `nn.`; float inputs get a gradient."""

    module: str
    inputs: tuple[np.ndarray, ...]
    calls: int = 1  # how often the module is called before what is recorded
    training: bool = True

    @property
    def key(self) -> str:
        """Changes with the case, so that a recording of another one is never taken for it."""
        shapes = " ".join(str(x.shape) for x in self.inputs)
        content = zlib.crc32(b"".join(x.round(9).tobytes() for x in self.inputs))
        mode = "" if self.training else " eval"
        return f"{self.module}{mode} x{self.calls} of {shapes} {content:08x}"

    def differentiable(self) -> list[int]:
        """Which inputs get a gradient."""
        return [i for i, x in enumerate(self.inputs) if x.dtype.kind == "f"]


CASES: list[Case] = []


def case(module: str, *inputs: np.ndarray, calls: int = 1, training: bool = True) -> None:
    CASES.append(Case(module, inputs, calls, training))


# --- Layers ---------------------------------------------------------------------------------

for shape in ((5, 3), (2, 4, 3), (3,)):
    case("Linear(3, 4)", numbers(*shape))
case("Linear(3, 4, bias=False)", numbers(5, 3))
case("Flatten()", numbers(2, 3, 2, 2))
case("Flatten(0, -2)", numbers(2, 3, 2, 2))
case("Unflatten(1, (3, 2))", numbers(2, 6, 2))
case("Unflatten(-1, (-1, 2))", numbers(2, 3, 4))
case("Identity(54, unused=1)", numbers(2, 3))

case("Conv1d(2, 3, 3)", numbers(2, 2, 7))
case("Conv1d(4, 6, 3, 2, 2, 2, 2)", numbers(2, 4, 9))
case("Conv1d(2, 3, 4, padding='same', bias=False)", numbers(2, 2, 7))
case("Conv1d(2, 3, 3, padding=2, padding_mode='circular')", numbers(2, 2, 7))
case("Conv2d(2, 3, 3)", numbers(2, 2, 5, 6))
case("Conv2d(2, 3, 3)", numbers(2, 5, 6))
case("Conv2d(4, 6, (3, 2), (2, 1), (1, 2), (1, 2), 2)", numbers(2, 4, 6, 5))
case("Conv2d(2, 3, (2, 3), padding='same', bias=False)", numbers(2, 2, 4, 5))
case("Conv2d(2, 3, 3, padding='valid', dilation=2)", numbers(1, 2, 6, 5))
for mode in ("reflect", "replicate", "circular"):
    case(f"Conv2d(2, 3, 3, padding=(1, 2), padding_mode='{mode}')", numbers(2, 2, 4, 5))
case("Conv2d(2, 3, (2, 4), padding='same', padding_mode='reflect')", numbers(2, 2, 4, 5))
case("ConvTranspose2d(2, 3, 3)", numbers(2, 2, 4, 3))
case("ConvTranspose2d(4, 6, (3, 2), 3, (1, 2), (2, 1), 2, True, (1, 2))", numbers(2, 4, 4, 3))
case("ConvTranspose2d(2, 3, 2, stride=2, bias=False)", numbers(2, 2, 3, 3))

case("MaxPool1d(2)", numbers(2, 3, 7))
case("MaxPool1d(3, 2, 1, 2, ceil_mode=True)", numbers(2, 3, 8))
case("MaxPool2d(2)", numbers(2, 3, 6, 7))
case("MaxPool2d((3, 2), (2, 1), (1, 0), (1, 2), ceil_mode=True)", numbers(2, 3, 6, 7))
case("AvgPool2d(2)", numbers(2, 3, 6, 7))
case("AvgPool2d((3, 2), (2, 1), (1, 0), True, False)", numbers(2, 3, 6, 7))
case("AvgPool2d(3, 2, 1, divisor_override=5)", numbers(2, 3, 6, 7))

for options in ("", ", 0.1, 0.3", ", momentum=None", ", affine=False", ", 1e-5, 0.1, True, False"):
    for calls, training in ((1, True), (3, True), (2, False)):
        case(f"BatchNorm1d(3{options})", numbers(5, 3), calls=calls, training=training)
        case(f"BatchNorm2d(3{options})", numbers(2, 3, 2, 3), calls=calls, training=training)
case("BatchNorm1d(3)", numbers(4, 3, 2), calls=2)
case("LayerNorm(4)", numbers(2, 3, 4))
case("LayerNorm((3, 4), 0.1)", numbers(2, 3, 4))
case("LayerNorm([4], elementwise_affine=False)", numbers(2, 3, 4))
case("LayerNorm(4, bias=False)", numbers(2, 3, 4))
case("Dropout(0.5)", numbers(3, 4), training=False)
case("Dropout(0.0)", numbers(3, 4))
case("Dropout(1.0)", numbers(3, 4))

for name in (
    "ReLU()", "LeakyReLU()", "LeakyReLU(0.3)", "ELU()", "ELU(0.5)", "SiLU()",
    "Softplus()", "Softplus(3, 2)", "Sigmoid()", "Tanh()", "Hardtanh()", "Hardtanh(-0.5, 0.25)",
    "Softmax(0)", "Softmax(-1)", "LogSoftmax(1)",
):  # fmt: skip
    case(name, numbers(3, 4))

# --- Losses: input, target ------------------------------------------------------------------

for reduction in ("mean", "sum", "none"):
    r = f"reduction='{reduction}'"
    for name in (
        f"MSELoss({r})", f"L1Loss({r})", f"SmoothL1Loss({r})", f"SmoothL1Loss({r}, beta=0.3)",
        f"SmoothL1Loss({r}, beta=0.0)", f"HuberLoss({r})", f"HuberLoss({r}, delta=0.4)",
    ):  # fmt: skip
        case(name, numbers(4, 3), numbers(4, 3, seed=1))
    classes = np.array([0, 2, 1, 2])
    case(f"CrossEntropyLoss({r})", numbers(4, 3), classes)
    case(f"CrossEntropyLoss({r}, label_smoothing=0.2)", numbers(4, 3), shares(4, 3, seed=2))
    case(f"CrossEntropyLoss(tensor([1.0, 3.0, 0.5]), ignore_index=1, {r})", numbers(4, 3), classes)
    case(f"NLLLoss({r})", numbers(4, 3), classes)
    case(f"NLLLoss(tensor([1.0, 3.0, 0.5]), ignore_index=1, {r})", numbers(4, 3), classes)
    case(f"NLLLoss({r})", numbers(2, 3, 2, 2), np.arange(8).reshape(2, 2, 2) % 3)
    case(f"BCELoss({r})", shares(4, 3), shares(4, 3, seed=1))
    case(f"BCELoss(tensor([1.0, 3.0, 0.5]), {r})", shares(4, 3), shares(4, 3, seed=1))
    case(f"BCEWithLogitsLoss({r})", 3 * numbers(4, 3), shares(4, 3, seed=1))
    case(f"BCEWithLogitsLoss(tensor([1.0, 3.0, 0.5]), {r}, pos_weight=tensor([2.0, 1.0, 4.0]))",
         3 * numbers(4, 3), shares(4, 3, seed=1))  # fmt: skip
for reduction in ("mean", "sum", "none", "batchmean"):
    r = f"reduction='{reduction}'"
    case(f"KLDivLoss({r})", numbers(4, 3), shares(4, 3, seed=1))
    case(f"KLDivLoss({r}, log_target=True)", numbers(4, 3), numbers(4, 3, seed=1))
case("NLLLoss()", numbers(3), np.array(1))
