"""The optimizers of the lecture, in its order, each adding one idea to those before.

    GD        a step against the gradient
    SGD       + velocity: past gradients keep pushing
    Adagrad   a step size for each parameter, by the sum of its squared gradients
    RMSprop   the sum becomes a moving average: the past is forgotten
    Adadelta  + the same average of the updates, which takes the place of the learning rate
    Adam      RMSprop's step size for SGD's velocity

g is the gradient, lr the learning rate (the lecture's ε or α), θ a parameter; all goes entry by
entry. Where lecture and literature differ the defaults are PyTorch's; `DECK` has the lecture's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.checks import Unsaid
from minigrad.optim.flat import Array
from minigrad.optim.optimizer import Optimizer, Settings, hyperparameters
from minigrad.optim.rules import moving_average, root


class GD(Optimizer):
    """Gradient descent:  θ ← θ − lr · g, of all rows or of mini-batches, as the loader gives them.

    >>> from minigrad import Tensor
    >>> w = Tensor([1.0], requires_grad=True)
    >>> optimizer = GD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.8]

    Raises ValueError if lr is negative. Lecture: "Gradient Descent".
    """

    def __init__(self, params: Iterable[Any], lr: float, *, maximize: bool = False) -> None:
        super().__init__(params, hyperparameters(locals()))

    def update(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        return np.multiply(g, h.lr, out=a)


class SGD(Optimizer):
    """Stochastic gradient descent with momentum:

        v ← ρ v + (1 − dampening) g     (v = g in the first step)
        θ ← θ − lr · v                  (nesterov: θ ← θ − lr · (g + ρ v))

    To GD this adds the velocity v: what gradients have in common builds up, the rest cancels.

    momentum: ρ ≥ 0, 0.9 for example. nesterov: looks one step of velocity ahead.
    lr_in_velocity: v ← ρ v + lr · g, θ ← θ − v: the same until lr changes; a new lr then acts on
    new gradients only.

    Raises ValueError if lr, momentum or weight_decay is negative, or for nesterov without
    momentum or with dampening. Lecture: "Stochastic Gradient Descent", as here. Source: PyTorch;
    with lr_in_velocity Polyak (1964), Sutskever et al. (2013), who write v for −v.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        lr_in_velocity: bool = False,
    ) -> None:
        super().__init__(params, hyperparameters(locals()))

    def check(self, group: dict[str, Any]) -> None:
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError(
                f"SGD: nesterov needs momentum above 0 and dampening 0, got momentum "
                f"{group['momentum']} and dampening {group['dampening']}"
            )

    def arrays(self, h: Settings) -> dict[str, float]:
        return {"momentum_buffer": 0.0} if h.momentum else {}

    def update(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        if h.lr_in_velocity:
            g = np.multiply(g, h.lr, out=b)
        direction = self.velocity(g, s, h, a) if h.momentum else g
        return direction if h.lr_in_velocity else np.multiply(direction, h.lr, out=a)

    def velocity(self, g: Array, s: dict[str, Any], h: Settings, a: Array) -> Array:
        """v, or with nesterov g + ρ v."""
        v = s["momentum_buffer"]
        v *= h.momentum
        v += g if s["step"] == 1 or not h.dampening else np.multiply(g, 1 - h.dampening, out=a)
        return np.add(g, np.multiply(v, h.momentum, out=a), out=a) if h.nesterov else v


class Adagrad(Optimizer):
    """Adaptive gradients:

        α ← α + g²
        θ ← θ − lr' · g / (√α + ε)      with lr' = lr / (1 + (t − 1) · lr_decay) in step t

    To GD this adds a step size for each entry: what has seldom had a gradient moves further.
    The sum only grows, so learning slows down, in the end to a stop.

    eps_inside_sqrt: √(α + ε) instead of √α + ε. initial_accumulator_value: where α starts.

    Raises ValueError if a number is negative. Lecture: "AdaGrad (Adaptive Gradient Descent)" has
    ε inside, the slide "RMSProp" repeats it with 1e-5 outside. Source: Duchi, Hazan and Singer
    (2011), outside.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        eps_inside_sqrt: bool = False,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, hyperparameters(locals()))

    def arrays(self, h: Settings) -> dict[str, float]:
        return {"sum": h.initial_accumulator_value}

    def update(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        alpha = s["sum"]
        alpha += np.square(g, out=a)
        step = np.divide(g, root(alpha, h.eps, h.eps_inside_sqrt, out=a), out=a)
        step *= h.lr / (1 + (s["step"] - 1) * h.lr_decay)
        return step


class RMSprop(Optimizer):
    """Root mean square propagation:

        s ← α s + (1 − α) g²
        θ ← θ − lr · g / (√s + ε)

    In place of Adagrad's sum this has a moving average: old gradients are forgotten, and
    learning does not come to a stop.

    alpha: α, 0 to 1, near 1. eps_inside_sqrt: √(s + ε) instead of √s + ε, as TensorFlow.
    centered: s − m² in place of s, with m ← α m + (1 − α) g: the variance of the gradient.
    momentum: v ← μ v + g / (√s + ε), θ ← θ − lr · v.

    Raises ValueError if a number is negative or alpha above 1. Lecture: "RMSProp (Root Mean Square
    Propagation)", α = 0.9, ε = 1e-5; what it calls a sum there is this average. Source: Hinton,
    Neural Networks for Machine Learning, lecture 6e (2012), α = 0.9; centered: Graves (2013).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        eps_inside_sqrt: bool = False,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, hyperparameters(locals()))

    def arrays(self, h: Settings) -> dict[str, float]:
        centered = {"grad_avg": 0.0} if h.centered else {}
        momentum = {"momentum_buffer": 0.0} if h.momentum else {}
        return {"square_avg": 0.0, **centered, **momentum}

    def update(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        average = moving_average(s["square_avg"], np.square(g, out=a), h.alpha, spare=a)
        average = self.variance(g, s, h, a, b) if h.centered else average
        step = np.divide(g, root(average, h.eps, h.eps_inside_sqrt, out=a), out=a)
        if h.momentum:
            v = s["momentum_buffer"]
            v *= h.momentum
            v += step
            step = v
        return np.multiply(step, h.lr, out=a)

    def variance(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        """s − m², which rounding may not make negative."""
        mean = moving_average(s["grad_avg"], g, h.alpha, spare=a)
        variance = np.subtract(s["square_avg"], np.square(mean, out=b), out=b)
        return np.maximum(variance, 0, out=b)


class Adadelta(Optimizer):
    """Adaptive learning rates without a learning rate:

        S ← ρ S + (1 − ρ) g²
        Δ = √(D + ε) / √(S + ε) · g
        D ← ρ D + (1 − ρ) Δ²
        θ ← θ − lr · Δ

    To RMSprop this adds D, the average of the squared updates: their root stands where the
    learning rate was, and gives Δ the unit of θ. lr = 1 leaves it at that.

    rho: ρ, 0 to 1. eps: ε > 0; the first updates are about √ε.
    accumulate_updates: False for the lecture's form without D: Δ = g / √(S + ε). Then lr must be
    given: with 1.0 each entry would move by 1 / √(1 − ρ) = 3.16 in the first step.

    Raises ValueError if a number is negative, rho above 1, or lr left out where it must be given.
    Lecture: "AdaDelta", β for ρ; the cons there are Adagrad's. Source: Zeiler (2012), ρ = 0.95.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = Unsaid(1.0),
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        accumulate_updates: bool = True,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, hyperparameters(locals()))

    def check(self, group: dict[str, Any]) -> None:
        if isinstance(group["lr"], Unsaid) and not group["accumulate_updates"]:
            raise ValueError(
                "Adadelta: lr must be given with accumulate_updates=False, the default 1.0 is far "
                "too large for it; try lr=0.01"
            )

    def arrays(self, h: Settings) -> dict[str, float]:
        return {"square_avg": 0.0, **({"acc_delta": 0.0} if h.accumulate_updates else {})}

    def update(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        average = moving_average(s["square_avg"], np.square(g, out=a), h.rho, spare=a)
        delta = np.divide(g, root(average, h.eps, inside=True, out=a), out=a)
        if h.accumulate_updates:
            delta *= root(s["acc_delta"], h.eps, inside=True, out=b)
            moving_average(s["acc_delta"], np.square(delta, out=b), h.rho, spare=b)
        delta *= h.lr
        return delta


class Adam(Optimizer):
    """Adaptive moment estimation:

        m ← β₁ m + (1 − β₁) g
        v ← β₂ v + (1 − β₂) g²
        θ ← θ − lr · m̂ / (√v̂ + ε)      with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ) in step t

    RMSprop's step size (v) for SGD's velocity (m). Both averages start from 0 and are too small
    at first; m̂ and v̂ put that right. Weight decay enters both; see AdamW.

    betas: (β₁, β₂), from 0 to below 1. eps: ε ≥ 0; with 0, entries without gradient become nan.
    bias_correction: False for m and v in place of m̂ and v̂, as in the lecture: the steps are then
    (1 − β₁ᵗ) / √(1 − β₂ᵗ) times as long: 3.2 times in step 1, 6.6 in step 12, 1.3 in step 1000.
    amsgrad: the largest v so far in place of v (Reddi, Kale and Kumar 2018).

    Raises ValueError if a number is out of range. Lecture: "ADAM (Adaptive Moment Estimation)", no
    correction and ε = 1e-5. Source: Kingma and Ba (2015).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        bias_correction: bool = True,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(params, hyperparameters(locals()))

    def arrays(self, h: Settings) -> dict[str, float]:
        largest = {"max_exp_avg_sq": 0.0} if h.amsgrad else {}
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0, **largest}

    def update(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        beta1, beta2 = h.betas
        m = moving_average(s["exp_avg"], g, beta1, spare=a)
        v = moving_average(s["exp_avg_sq"], np.square(g, out=a), beta2, spare=a)
        if h.amsgrad:
            v = np.maximum(s["max_exp_avg_sq"], v, out=s["max_exp_avg_sq"])
        c1, c2 = (1 - beta1 ** s["step"], 1 - beta2 ** s["step"]) if h.bias_correction else (1, 1)
        # m/c₁ / (√(v/c₂) + ε) = √c₂/c₁ · m / (√v + ε√c₂): numbers take the place of two arrays
        step = np.divide(m, root(v, h.eps * c2**0.5, out=a), out=a)
        step *= h.lr * c2**0.5 / c1
        return step
