"""Dropout layers: they disturb training so that no neuron can rely on another."""

from __future__ import annotations

from typing import Any

from minigrad.nn import functional as F
from minigrad.nn.module import Module
from minigrad.rng import Rng, generator


class Dropout(Module):
    """In training each entry is 0 with probability p, the others are divided by 1 − p.

    In `eval()` nothing happens. rng: a Generator, a seed, or None for manual_seed's.
    Errors: a ValueError for p outside of 0…1. Source: Srivastava et al. (2014).
    """

    def __init__(self, p: float = 0.5, inplace: bool = False, *, rng: Rng = None) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is {p}, wanted a probability between 0 and 1")
        self.p, self.rng = p, None if rng is None else generator(rng)

    def forward(self, x: Any) -> Any:
        return F.dropout(x, self.p, self.training, rng=self.rng)

    def extra_repr(self) -> str:
        return f"p={self.p}"
