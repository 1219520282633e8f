"""Activations as modules. Formulas and derivatives stand in ops/activation.py.

`inplace` is accepted as in PyTorch; the result is a new tensor all the same.
"""

from __future__ import annotations

from typing import Any

from minigrad.nn import functional as F
from minigrad.nn import init as initial
from minigrad.nn.checks import NOT_ZERO, NUMBER, check_inplace, require, require_int, require_one_of
from minigrad.nn.functional.activation import check_bounds
from minigrad.nn.module import Module
from minigrad.nn.parameter import unfilled
from minigrad.ops.window import whole_numbers


class ReLU(Module):
    """max(x, 0), entry by entry."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        check_inplace(type(self).__name__, inplace)

    def forward(self, x: Any) -> Any:
        return F.relu(x)


class ReLU6(Module):
    """x held between 0 and 6. Source: Krizhevsky (2010)."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        check_inplace(type(self).__name__, inplace)

    def forward(self, x: Any) -> Any:
        return F.relu6(x)


class LeakyReLU(Module):
    """x for x > 0, negative_slope · x otherwise."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        require("LeakyReLU", "negative_slope", negative_slope, NUMBER)
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        return F.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}"


class PReLU(Module):
    """x for x > 0, weight · x otherwise: LeakyReLU with a slope that is learned.

    num_parameters: 1, or the number of channels (axis 1), each with a slope of its own. weight
    (num_parameters,) starts as init.
    Errors: a ValueError if x has another number of channels. Source: He, Zhang, Ren and Sun (2015).
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: Any = None) -> None:
        super().__init__()
        (self.num_parameters,) = whole_numbers("PReLU", "num_parameters", num_parameters, 1, 1)
        require("PReLU", "init", init, NUMBER)
        self.init = init
        self.weight = unfilled(self.num_parameters, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """The slope it started with."""
        initial.constant_(self.weight, self.init)

    def forward(self, x: Any) -> Any:
        return F.prelu(x, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class ELU(Module):
    """x for x > 0, α (eˣ − 1) otherwise. Source: Clevert, Unterthiner and Hochreiter (2016)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        require("ELU", "alpha", alpha, NUMBER)
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        return F.elu(x, self.alpha)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}"


class GELU(Module):
    """x Φ(x), where Φ(x) is how often a normal number is less than x.

    approximate="tanh" takes ½ (1 + tanh(√(2/π) (x + 0.044715 x³))) for Φ(x), which is faster.
    Errors: a ValueError for another approximation. Source: Hendrycks and Gimpel (2016).
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        require_one_of("GELU", "approximate", approximate, ("none", "tanh"))
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        return F.gelu(x, self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """x σ(x), also called swish."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        check_inplace(type(self).__name__, inplace)

    def forward(self, x: Any) -> Any:
        return F.silu(x)


class Mish(Module):
    """x tanh(ln(1 + eˣ)). Source: Misra (2019)."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        check_inplace(type(self).__name__, inplace)

    def forward(self, x: Any) -> Any:
        return F.mish(x)


class Hardswish(Module):
    """x · clip(x + 3, 0, 6) / 6: SiLU in straight lines. Source: Howard et al. (2019)."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        check_inplace(type(self).__name__, inplace)

    def forward(self, x: Any) -> Any:
        return F.hardswish(x)


class Softplus(Module):
    """ln(1 + eᵝˣ) / β, a smooth ReLU; x itself where βx > threshold."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        require("Softplus", "beta", beta, NOT_ZERO)
        require("Softplus", "threshold", threshold, NUMBER)
        self.beta, self.threshold = beta, threshold

    def forward(self, x: Any) -> Any:
        return F.softplus(x, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ), between 0 and 1."""

    def forward(self, x: Any) -> Any:
        return F.sigmoid(x)


class LogSigmoid(Module):
    """ln σ(x), without overflow."""

    def forward(self, x: Any) -> Any:
        return F.logsigmoid(x)


class Tanh(Module):
    """(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), between −1 and 1."""

    def forward(self, x: Any) -> Any:
        return F.tanh(x)


class Softsign(Module):
    """x / (1 + |x|), between −1 and 1."""

    def forward(self, x: Any) -> Any:
        return F.softsign(x)


class Hardtanh(Module):
    """x held between min_val and max_val."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        check_bounds("Hardtanh", min_val, max_val)
        self.min_val, self.max_val = min_val, max_val

    def forward(self, x: Any) -> Any:
        return F.hardtanh(x, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        return f"min_val={self.min_val}, max_val={self.max_val}"


class Softmax(Module):
    """exp xᵢ / Σⱼ exp xⱼ along dim: positive numbers of sum 1."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = require_int("Softmax", "dim", dim)

    def forward(self, x: Any) -> Any:
        return F.softmax(x, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """xᵢ − ln Σⱼ exp xⱼ along dim: the logarithm of Softmax."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = require_int("LogSoftmax", "dim", dim)

    def forward(self, x: Any) -> Any:
        return F.log_softmax(x, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
