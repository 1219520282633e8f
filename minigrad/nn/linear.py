"""Layers of neurons, and layers that only arrange what passes through them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.checks import lengths, require_axis, require_int
from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter, unfilled
from minigrad.ops.arguments import operand
from minigrad.ops.shape import flatten, reshape
from minigrad.ops.window import whole_numbers
from minigrad.rng import Rng, generator


class Identity(Module):
    """y = x; takes any arguments, and ignores them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Any) -> Any:
        return x


class Linear(Module):
    """y = x Wᵀ + b

    x (…, in_features) → (…, out_features). weight W (out_features, in_features) and bias b
    (out_features,), or None, start evenly distributed between ±1 / √in_features.
    Errors: a ValueError if the last axis of x is not in_features long.

    >>> layer = Linear(3, 2, rng=0)
    >>> layer
    Linear(in_features=3, out_features=2, bias=True)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        super().__init__()
        (self.in_features,) = whole_numbers("Linear", "in_features", in_features, 1, least=0)
        (self.out_features,) = whole_numbers("Linear", "out_features", out_features, 1, least=0)
        self.weight = unfilled(self.out_features, self.in_features, dtype=dtype)
        self.register_parameter("bias", unfilled(self.out_features, dtype=dtype) if bias else None)
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Rng = None) -> None:
        """Draw weight and bias anew."""
        start(self.weight, self.bias, rng)

    def forward(self, x: Any) -> Any:
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        has_bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={has_bias}"


def start(weight: Parameter, bias: Parameter | None, rng: Rng) -> None:
    """Both evenly between ±1 / √fan_in, as PyTorch starts linear and convolution layers."""
    if not weight.size:
        return
    rng = generator(rng)
    init.kaiming_uniform_(weight, a=math.sqrt(5), rng=rng)
    if bias is not None:
        bound = 1 / math.sqrt(init.fans("bias", weight)[0])
        init.uniform_(bias, -bound, bound, rng=rng)


class Bilinear(Module):
    """yₖ = Σ x1ᵢ Aₖᵢⱼ x2ⱼ + bₖ

    x1 (…, in1_features), x2 (…, in2_features) → (…, out_features). weight A (out_features,
    in1_features, in2_features) and bias b (out_features,), or None, start evenly distributed
    between ±1 / √in1_features.
    Errors: a ValueError if the last axes of x1 and x2 are not that long, or the others differ.
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        super().__init__()
        (self.in1_features,) = whole_numbers("Bilinear", "in1_features", in1_features, 1, 1)
        (self.in2_features,) = whole_numbers("Bilinear", "in2_features", in2_features, 1, 0)
        (self.out_features,) = whole_numbers("Bilinear", "out_features", out_features, 1, 0)
        shape = (self.out_features, self.in1_features, self.in2_features)
        self.weight = unfilled(*shape, dtype=dtype)
        self.register_parameter("bias", unfilled(self.out_features, dtype=dtype) if bias else None)
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Rng = None) -> None:
        """Draw weight and bias anew."""
        rng, bound = generator(rng), 1 / math.sqrt(self.in1_features)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, rng=rng)

    def forward(self, x1: Any, x2: Any) -> Any:
        return F.bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


class Flatten(Module):
    """The axes from start_dim to end_dim become one: images (N, C, H, W) → (N, C·H·W).

    Errors: a ValueError if x has no such axes, or start_dim comes after end_dim.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = require_int("Flatten", "start_dim", start_dim)
        self.end_dim = require_int("Flatten", "end_dim", end_dim)

    def forward(self, x: Any) -> Any:
        x = operand("Flatten", x)
        require_axis("Flatten", "start_dim", self.start_dim, x.shape)
        require_axis("Flatten", "end_dim", self.end_dim, x.shape)
        return flatten(x, start_dim=self.start_dim, end_dim=self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """The axis dim becomes several of the lengths unflattened_size, one of which may be −1.

    Errors: a ValueError if they do not make up the length of the axis, or there is no such axis.
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        self.dim = require_int("Unflatten", "dim", dim)
        self.unflattened_size = lengths("Unflatten", "unflattened_size", unflattened_size, -1)
        if self.unflattened_size.count(-1) > 1:
            raise ValueError(
                f"Unflatten: unflattened_size is {unflattened_size!r}, of which only one length "
                "may be -1"
            )

    def forward(self, x: Any) -> Any:
        x = operand("Unflatten", x)
        if not x.ndim:
            raise ValueError("Unflatten: x is a single number, which has no axis to be cut up")
        dim = require_axis("Unflatten", "dim", self.dim, x.shape) % x.ndim
        length, parts = x.shape[dim], math.prod(n for n in self.unflattened_size if n != -1)
        if length != parts and not (-1 in self.unflattened_size and parts and not length % parts):
            raise ValueError(
                f"Unflatten: unflattened_size={self.unflattened_size} does not make up axis "
                f"{self.dim} of x of shape {x.shape}, which is {length} long"
            )
        return reshape(x, shape=(*x.shape[:dim], *self.unflattened_size, *x.shape[dim + 1 :]))

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
