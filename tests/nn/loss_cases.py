"""Losses whose values and gradients are recorded from PyTorch: see module_cases.py."""

from __future__ import annotations

import numpy as np
from module_cases import Case, numbers, shares

LOSSES: list[Case] = []
ROW = "tensor([1.0, 3.0, 0.5])"  # a weight for each class


def case(module: str, input: np.ndarray, target: np.ndarray) -> None:
    """Add a case of a loss."""
    LOSSES.append(Case(f"nn.{module}", {"input": input, "target": target}))


def distances(reduction: str) -> list[str]:
    """Losses that compare numbers with numbers."""
    return [f"{name}(reduction='{reduction}')" for name in ("MSELoss", "L1Loss", "HuberLoss")] + [
        f"SmoothL1Loss(reduction='{reduction}', beta={beta})" for beta in (1.0, 0.3, 0.0)
    ]


for reduction in ("mean", "sum", "none"):
    for shape in ((4, 3), (5,), (2, 2, 3)):
        for name in distances(reduction):
            case(name, numbers(*shape), numbers(*shape, seed=1))
        case(f"BCELoss(reduction='{reduction}')", shares(*shape), shares(*shape, seed=1))
        case(f"BCEWithLogitsLoss(reduction='{reduction}')", 3 * numbers(*shape),
             shares(*shape, seed=1))  # fmt: skip
    r = f"reduction='{reduction}'"
    case(f"HuberLoss({r}, delta=0.4)", numbers(4, 3), numbers(4, 3, seed=1))
    classes = np.array([0, 2, 1, 2])
    case(f"CrossEntropyLoss({r})", numbers(4, 3), classes)
    case(f"CrossEntropyLoss({r}, label_smoothing=0.2)", numbers(4, 3), shares(4, 3, seed=2))
    case(f"CrossEntropyLoss({ROW}, ignore_index=1, {r})", numbers(4, 3), classes)
    case(f"CrossEntropyLoss({r})", numbers(2, 3, 2, 2), np.arange(8).reshape(2, 2, 2) % 3)
    case(f"NLLLoss({r})", numbers(4, 3), classes)
    case(f"NLLLoss({ROW}, ignore_index=1, {r})", numbers(4, 3), classes)
    case(f"NLLLoss({r})", numbers(2, 3, 2, 2), np.arange(8).reshape(2, 2, 2) % 3)
    case(f"BCELoss({ROW}, {r})", shares(4, 3), shares(4, 3, seed=1))
    case(f"BCEWithLogitsLoss({ROW}, {r}, pos_weight=tensor([2.0, 1.0, 4.0]))",
         3 * numbers(4, 3), shares(4, 3, seed=1))  # fmt: skip
for reduction in ("mean", "sum", "none", "batchmean"):
    r = f"reduction='{reduction}'"
    case(f"KLDivLoss({r})", numbers(4, 3), shares(4, 3, seed=1))
    case(f"KLDivLoss({r}, log_target=True)", numbers(4, 3), numbers(4, 3, seed=1))
for name in ("NLLLoss()", "CrossEntropyLoss()"):
    case(name, numbers(3), np.array(1))
case("HuberLoss('sum', 2.0)", 3 * numbers(5), numbers(5, seed=1))
case("MSELoss()", numbers(), numbers(seed=1))
