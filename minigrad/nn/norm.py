"""Normalisation layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.checks import FROM_ZERO, SHARE, lengths, require, require_one_of
from minigrad.nn.module import Module
from minigrad.nn.parameter import unfilled
from minigrad.ops.arguments import operand
from minigrad.ops.norm import EPS_MODES
from minigrad.ops.window import whole_numbers


def start_plain(layer: Any) -> None:
    """γ = 1, β = 0, where there are any: the layer starts by normalising alone."""
    if layer.weight is not None:
        init.ones_(layer.weight)
    if layer.bias is not None:
        init.zeros_(layer.bias)


class BatchNorm(Module):
    """ĥ = (h − μ) / √(σ² + ε), then γ ĥ + β, for each channel: what the batch norms share.

    In training μ and σ² are those of the batch; running_mean and running_var follow them,
    r ← (1 − momentum) r + momentum · new (the variance over n − 1), also inside of no_grad, and
    take their place after `eval()`. momentum None gives the mean over all batches so far.
    weight is γ, bias is β, both (num_features,); affine=False leaves them out, bias=False only β.
    track_running_stats=False keeps no running arrays: then the batch counts in `eval()` too.
    eps_mode="std" divides by σ + ε.

    Errors: a ValueError for another number of axes or channels, and in training for a single
    value per channel, which has no spread.
    Lecture: "Normalization of the Input", "Rescaling of Offsetting". It divides by σ + ε
    (eps_mode="std"), says that m counts neurons where it counts the samples of the batch, and has
    no rule for test time. Source: Ioffe and Szegedy (2015).
    """

    wanted: ClassVar[dict[int, str]]  # numbers of axes that x may have

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        eps_mode: str = "var",
        dtype: Any = None,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        (self.num_features,) = whole_numbers(kind, "num_features", num_features, 1, least=0)
        require(kind, "eps", eps, FROM_ZERO)
        if momentum is not None:
            require(kind, "momentum", momentum, SHARE)
        require_one_of(kind, "eps_mode", eps_mode, EPS_MODES)
        self.eps, self.momentum, self.affine = eps, momentum, affine
        self.track_running_stats, self.eps_mode = track_running_stats, eps_mode
        n, dtype = self.num_features, np.dtype(np.float32 if dtype is None else dtype)
        self.register_parameter("weight", unfilled(n, dtype=dtype) if affine else None)
        self.register_parameter("bias", unfilled(n, dtype=dtype) if affine and bias else None)
        tracked = track_running_stats
        self.register_buffer("running_mean", np.zeros(n, dtype) if tracked else None)
        self.register_buffer("running_var", np.ones(n, dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", np.zeros((), np.int64) if tracked else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget what was measured: mean 0, variance 1, no batches."""
        if self.track_running_stats:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
            init.zeros_(self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """γ = 1, β = 0, and nothing measured."""
        self.reset_running_stats()
        start_plain(self)

    def forward(self, x: Any) -> Any:
        x = operand(type(self).__name__, x)
        if x.ndim not in self.wanted:
            shapes = " or ".join(self.wanted.values())
            raise ValueError(
                f"{type(self).__name__}: expected {shapes}, got {x.ndim}D input of shape {x.shape}"
            )
        tracked = self.running_mean is not None
        if not (self.training and tracked):
            return self._normalized(x, training=self.training or not tracked, momentum=0.0)
        batches = self.num_batches_tracked.item() + 1
        momentum = 1 / batches if self.momentum is None else self.momentum
        y = self._normalized(x, training=True, momentum=momentum)
        self.num_batches_tracked.data[...] = batches
        return y

    def _normalized(self, x: Any, training: bool, momentum: float) -> Any:
        return F.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training,
            momentum,
            self.eps,
            eps_mode=self.eps_mode,
        )

    def extra_repr(self) -> str:
        mode = "" if self.eps_mode == "var" else f", eps_mode={self.eps_mode!r}"
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}{mode}"
        )


class BatchNorm1d(BatchNorm):
    """γ (h − μ) / √(σ² + ε) + β, with μ and σ² over the batch; x (N, C) or (N, C, L).

    Running statistics, arguments, errors and sources as in the class `BatchNorm` above it.
    """

    wanted: ClassVar = {2: "2D input (N, C)", 3: "3D input (N, C, L)"}


class BatchNorm2d(BatchNorm):
    """γ (h − μ) / √(σ² + ε) + β, with μ and σ² over the batch and all pixels; x (N, C, H, W).

    Running statistics, arguments, errors and sources as in the class `BatchNorm` above it.
    """

    wanted: ClassVar = {4: "4D input (N, C, H, W)"}


class LayerNorm(Module):
    """γ (x − μ) / √(σ² + ε) + β, with μ and σ² over the last axes of each sample by itself.

    normalized_shape: the lengths of these axes, or of the last one; the shape of weight (γ) and
    bias (β). elementwise_affine=False leaves both out, bias=False only β.
    Errors: a ValueError if x does not end in these axes.
    Lecture: "Normalization of the Input" reads like this where it says that m counts the neurons
    of the layer. Source: Ba, Kiros and Hinton (2016).
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = lengths("LayerNorm", "normalized_shape", normalized_shape, 1)
        require("LayerNorm", "eps", eps, FROM_ZERO)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        has_bias = elementwise_affine and bias
        shape = self.normalized_shape
        self.register_parameter(
            "weight", unfilled(*shape, dtype=dtype) if elementwise_affine else None
        )
        self.register_parameter("bias", unfilled(*shape, dtype=dtype) if has_bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """γ = 1, β = 0"""
        start_plain(self)

    def forward(self, x: Any) -> Any:
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class GroupNorm(Module):
    """γ (x − μ) / √(σ² + ε) + β, with μ and σ² over a group of channels of each sample by itself.

    x (N, C, …), C = num_channels: the channels are cut into num_groups, one after the other.
    One group of all channels is a layer norm, groups of one channel are instance norm. weight is
    γ, bias is β, both (num_channels,); affine=False leaves both out, bias=False only β.
    Errors: a ValueError if num_groups does not divide num_channels, or x has other channels.
    Source: Wu and He (2018).
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        (self.num_groups,) = whole_numbers("GroupNorm", "num_groups", num_groups, 1, least=1)
        (self.num_channels,) = whole_numbers("GroupNorm", "num_channels", num_channels, 1, least=0)
        if self.num_channels % self.num_groups:
            raise ValueError(
                f"GroupNorm: num_groups={num_groups} does not divide num_channels={num_channels}"
            )
        require("GroupNorm", "eps", eps, FROM_ZERO)
        self.eps, self.affine, n = eps, affine, self.num_channels
        self.register_parameter("weight", unfilled(n, dtype=dtype) if affine else None)
        self.register_parameter("bias", unfilled(n, dtype=dtype) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """γ = 1, β = 0"""
        start_plain(self)

    def forward(self, x: Any) -> Any:
        x = operand("GroupNorm", x)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ValueError(
                f"GroupNorm: expected x of shape (N, {self.num_channels}, ...), got {x.shape}"
            )
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )
