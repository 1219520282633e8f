"""The keywords that give the lecture's own formulas: `Adam(params, lr=0.1, **DECK["Adam"])`."""

from __future__ import annotations

from typing import Any

DECK: dict[str, dict[str, Any]] = {
    "GD": {},
    "SGD": {},  # "SGD mit Impuls" is SGD with a momentum: the lecture's formula is PyTorch's
    "Adagrad": {"eps": 1e-5, "eps_inside_sqrt": True},  # on the slide "RMSProp": eps=1e-5, outside
    "RMSprop": {"alpha": 0.9, "eps": 1e-5},
    "Adadelta": {"rho": 0.9, "eps": 1e-5, "accumulate_updates": False},
    "Adam": {"eps": 1e-5, "bias_correction": False},
}
