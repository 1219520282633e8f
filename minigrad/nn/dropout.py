"""Dropout layers: they disturb training so that no neuron can rely on another."""

from __future__ import annotations

from typing import Any

from minigrad.nn import functional as F
from minigrad.nn.checks import PROBABILITY, require
from minigrad.nn.module import Module
from minigrad.rng import Rng, generator


class AnyDropout(Module):
    """What Dropout and Dropout2d share: p, and where chance comes from."""

    def __init__(self, p: float = 0.5, inplace: bool = False, *, rng: Rng = None) -> None:
        super().__init__()
        require(type(self).__name__, "p", p, PROBABILITY)
        self.p, self.rng = p, None if rng is None else generator(rng)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Dropout(AnyDropout):
    """In training each entry is 0 with probability p, the others are divided by 1 − p.

    In `eval()` nothing happens. rng: a Generator, a seed, or None for manual_seed's.
    Errors: a ValueError for p outside of 0…1. Source: Srivastava et al. (2014).
    """

    def forward(self, x: Any) -> Any:
        return F.dropout(x, self.p, self.training, rng=self.rng)


class Dropout2d(AnyDropout):
    """In training each channel of each image is 0 with probability p, the others are divided
    by 1 − p.

    x (N, C, H, W); three axes are taken for (N, C, L), with a warning, as in PyTorch. Otherwise
    like Dropout. Source: Tompson et al. (2015).
    """

    def forward(self, x: Any) -> Any:
        return F.dropout2d(x, self.p, self.training, rng=self.rng)
