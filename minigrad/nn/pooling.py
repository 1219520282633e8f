"""Pooling layers: the largest or the mean entry of each window. They learn nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad.nn import functional as F
from minigrad.nn.module import Module

Ints = int | Sequence[int]


class MaxPool(Module):
    """What MaxPool1d and MaxPool2d share: the settings of the window."""

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        dilation: Ints = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.dilation, self.ceil_mode = padding, dilation, ceil_mode

    def window(self) -> dict[str, Any]:
        """The settings, as the function takes them."""
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        return {name: vars(self)[name] for name in names}

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.window().items())


class MaxPool1d(MaxPool):
    """The largest entry of each window of a sequence; x (N, C, L) or (C, L)."""

    def forward(self, x: Any) -> Any:
        return F.max_pool1d(x, **self.window())


class MaxPool2d(MaxPool):
    """The largest entry of each window of an image.

    x (N, C, H, W) or (C, H, W) → (N, C, OH, OW) with
    OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1. stride None is kernel_size.
    The gradient goes to the largest entry; to the first of equal ones.
    """

    def forward(self, x: Any) -> Any:
        return F.max_pool2d(x, **self.window())


class AvgPool2d(Module):
    """The mean of each window of an image; sizes as for MaxPool2d.

    Padding counts as zeros in the mean, unless count_include_pad is False; divisor_override is
    divided by instead of the size of the window.
    """

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, x: Any) -> Any:
        return F.avg_pool2d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
