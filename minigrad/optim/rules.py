"""Two formulas that most update rules are made of, computed in given memory."""

from __future__ import annotations

import numpy as np

from minigrad.optim.flat import Array


def moving_average(average: Array, x: Array, beta: float, spare: Array) -> Array:
    """average ← β · average + (1 − β) · x, in place; x itself may be the spare array."""
    average *= beta
    average += np.multiply(x, 1 - beta, out=spare)
    return average


def root(x: Array, eps: float, inside: bool = False, *, out: Array) -> Array:
    """√x + ε, or with inside √(x + ε)."""
    if inside:
        return np.sqrt(np.add(x, eps, out=out), out=out)
    out = np.sqrt(x, out=out)
    out += eps
    return out
