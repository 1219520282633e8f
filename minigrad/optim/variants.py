"""What came after Adam, and is not in the lecture: AdamW, NAdam, RAdam, Adamax.

As in lecture.py, m and v are Adam's moving averages of g and g², and t counts the steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.flat import Array
from minigrad.optim.lecture import Adam
from minigrad.optim.optimizer import Optimizer, Settings, hyperparameters
from minigrad.optim.rules import moving_average, root


class AdamW(Adam):
    """Adam with decoupled weight decay:

        θ ← θ − lr · λ · θ
        θ ← θ − lr · m̂ / (√v̂ + ε)

    In Adam the decay λ θ is part of g, and is divided by √v̂ like the rest of it: weights with
    large gradients hardly decay. Here all weights decay alike.

    Arguments and errors as for Adam; weight_decay is λ. Source: Loshchilov and Hutter (2019).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        bias_correction: bool = True,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            bias_correction=bias_correction,
            maximize=maximize,
            decoupled_weight_decay=True,
        )


class NAdam(Optimizer):
    """Adam with Nesterov's look ahead:

        μₜ = β₁ (1 − ½ · 0.96^(t ψ)),   Πₜ = μ₁ · μ₂ · … · μₜ
        θ ← θ − lr · [(1 − μₜ) / (1 − Πₜ) · g + μₜ₊₁ / (1 − Πₜ₊₁) · m] / (√v̂ + ε)

    To Adam this adds the present gradient beside the velocity, as in SGD with nesterov.

    momentum_decay: ψ ≥ 0. decoupled_weight_decay: as in AdamW. The rest as for Adam.
    Source: Dozat (2016).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, hyperparameters(locals()))

    def arrays(self, h: Settings) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def numbers(self, h: Settings) -> dict[str, float]:
        return {"step": 0, "mu_product": 1.0}

    def advance(self, numbers: dict[str, float], h: Settings) -> dict[str, float]:
        t = numbers["step"] + 1
        return {"step": t, "mu_product": numbers["mu_product"] * self.mu(t, h)}

    def mu(self, t: float, h: Settings) -> float:
        """The momentum in step t."""
        return h.betas[0] * (1 - 0.5 * 0.96 ** (t * h.momentum_decay))

    def update(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        (beta1, beta2), t, product = h.betas, s["step"], s["mu_product"]
        m = moving_average(s["exp_avg"], g, beta1, spare=a)
        v = moving_average(s["exp_avg_sq"], np.square(g, out=a), beta2, spare=a)
        mu, next_mu = self.mu(t, h), self.mu(t + 1, h)
        step = np.multiply(g, h.lr * (1 - mu) / (1 - product), out=a)
        step += np.multiply(m, h.lr * next_mu / (1 - product * next_mu), out=b)
        step /= root(np.divide(v, 1 - beta2**t, out=b), h.eps, out=b)
        return step


class RAdam(Optimizer):
    """Rectified Adam:

        ρ∞ = 2 / (1 − β₂) − 1,   ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)
        r² = (ρₜ − 4) (ρₜ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρₜ)
        θ ← θ − lr · r · m̂ · √(1 − β₂ᵗ) / (√v + ε)   if ρₜ > 5
        θ ← θ − lr · m̂                               otherwise

    v is unreliable while it averages few gradients (ρₜ of them, about). To Adam this adds
    the factor r, which grows to 1 as ρₜ does, and leaves v out at first: a warm-up of its own.

    Arguments and errors as for NAdam, without momentum_decay. Source: Liu et al. (2020).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, hyperparameters(locals()))

    def arrays(self, h: Settings) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def update(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        (beta1, beta2), t = h.betas, s["step"]
        m = moving_average(s["exp_avg"], g, beta1, spare=a)
        v = moving_average(s["exp_avg_sq"], np.square(g, out=a), beta2, spare=a)
        c1, c2 = 1 - beta1**t, 1 - beta2**t
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * t * beta2**t / c2
        if length <= 5:
            return np.multiply(m, h.lr / c1, out=a)
        step = np.divide(m, root(v, h.eps, out=a), out=a)
        step *= h.lr / c1 * c2**0.5 * rectification(length, longest)
        return step


def rectification(length: float, longest: float) -> float:
    """RAdam's r."""
    now = (length - 4) * (length - 2) / length
    at_last = (longest - 4) * (longest - 2) / longest
    return (now / at_last) ** 0.5


class Adamax(Optimizer):
    """Adam with the largest gradient in place of the mean square:

        u ← max(β₂ u, |g| + ε)
        θ ← θ − lr · m̂ / u

    u decays by β₂ until a larger gradient comes; it needs no correction.

    Arguments and errors as for Adam. Source: Kingma and Ba (2015), section 7.1.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, hyperparameters(locals()))

    def arrays(self, h: Settings) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    def update(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        beta1, beta2 = h.betas
        m, u = moving_average(s["exp_avg"], g, beta1, spare=a), s["exp_inf"]
        u *= beta2
        np.maximum(u, np.add(np.abs(g, out=a), h.eps, out=a), out=u)
        step = np.divide(m, u, out=a)
        step *= h.lr / (1 - beta1 ** s["step"])
        return step
