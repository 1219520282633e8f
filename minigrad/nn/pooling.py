"""Pooling layers: the largest or the mean entry of each window. They learn nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from minigrad.nn import functional as F
from minigrad.nn.module import Module
from minigrad.ops.pool_shapes import divisor_given, output_pair, window_settings

Ints = int | Sequence[int]


class MaxPool(Module):
    """What MaxPool1d and MaxPool2d share: the settings of the window."""

    axes: ClassVar[int]  # of an image, without N and C

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        dilation: Ints = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        window_settings(type(self).__name__, self.axes, kernel_size, stride, padding, dilation)
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def window(self) -> dict[str, Any]:
        """The settings of the window, as the function takes them."""
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        return {name: vars(self)[name] for name in names}

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.window().items())


class MaxPool1d(MaxPool):
    """The largest entry of each window of a sequence; x (N, C, L) or (C, L).

    return_indices: also where in the sequence it stands. Everything else as for MaxPool2d.
    """

    axes = 1

    def forward(self, x: Any) -> Any:
        return F.max_pool1d(x, **self.window(), return_indices=self.return_indices)


class MaxPool2d(MaxPool):
    """The largest entry of each window of an image.

    x (N, C, H, W) or (C, H, W) → (N, C, OH, OW) with
    OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1. stride None is kernel_size.
    The gradient goes to the largest entry; to the first of equal ones. return_indices: also where
    in the image it stands, as row · W + column.
    Errors: a ValueError for numbers that do not fit together, or a window larger than the image.
    """

    axes = 2

    def forward(self, x: Any) -> Any:
        return F.max_pool2d(x, **self.window(), return_indices=self.return_indices)


class AvgPool1d(Module):
    """The mean of each window of a sequence; x (N, C, L) or (C, L), sizes as for MaxPool2d.

    Padding counts as zeros in the mean, unless count_include_pad is False.
    """

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        settings = window_settings("AvgPool1d", 1, kernel_size, stride, padding)
        self.kernel_size, self.stride, self.padding = settings[:3]
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, x: Any) -> Any:
        return F.avg_pool1d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


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
        window_settings("AvgPool2d", 2, kernel_size, stride, padding)
        if divisor_override is not None:
            divisor_given("AvgPool2d", divisor_override)
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


class AdaptiveAvgPool2d(Module):
    """The means of so many windows that cover an image evenly, whatever its size.

    x (N, C, H, W) or (C, H, W) → (N, C, OH, OW) for output_size (OH, OW); an int stands for both,
    None for as many as the image has. Window i of n goes from ⌊i·H / n⌋ to ⌈(i + 1)·H / n⌉.
    Errors: a ValueError for a size below 1.
    """

    def __init__(self, output_size: int | Sequence[int | None] | None) -> None:
        super().__init__()
        output_pair("AdaptiveAvgPool2d", output_size)
        self.output_size = output_size

    def forward(self, x: Any) -> Any:
        return F.adaptive_avg_pool2d(x, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"
