"""Convolution layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from minigrad.nn import functional as F
from minigrad.nn.linear import start
from minigrad.nn.module import Module
from minigrad.nn.parameter import unfilled
from minigrad.ops.arguments import operand
from minigrad.ops.window import reach, whole_numbers
from minigrad.rng import Rng

Ints = int | Sequence[int]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class Convolution(Module):
    """What the convolution layers share: settings, parameters, repr.

    weight and bias start evenly distributed between ±1 / √fan_in, where fan_in is the number of
    weights behind one output.
    """

    axes: ClassVar[int]  # of an image, without N and C
    output_padding: tuple[int, ...] = ()

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Ints | str = 0,
        dilation: Ints = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        super().__init__()
        (self.in_channels,) = self._sizes("in_channels", in_channels, axes=1)
        (self.out_channels,) = self._sizes("out_channels", out_channels, axes=1)
        (self.groups,) = self._sizes("groups", groups, axes=1)
        self.kernel_size = self._sizes("kernel_size", kernel_size)
        self.stride = self._sizes("stride", stride)
        self.dilation = self._sizes("dilation", dilation)
        is_name = isinstance(padding, str)
        self.padding: Any = padding if is_name else self._sizes("padding", padding, 0)
        self.padding_mode = padding_mode
        self._check()
        self.weight = unfilled(*self._weight_shape(), dtype=dtype)
        self.register_parameter("bias", unfilled(self.out_channels, dtype=dtype) if bias else None)
        self.reset_parameters(rng)

    def _sizes(
        self, name: str, value: Any, least: int = 1, axes: int | None = None
    ) -> tuple[int, ...]:
        """An int for each image axis, or an error that names the setting."""
        return whole_numbers(type(self).__name__, name, value, axes or self.axes, least)

    def _check(self) -> None:
        """Raise ValueError for settings that do not fit together."""
        kind, groups = type(self).__name__, self.groups
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) % groups:
                raise ValueError(
                    f"{kind}: groups={groups} does not divide {name}={vars(self)[name]}"
                )
        if self.padding_mode not in PADDING_MODES:
            raise ValueError(
                f"{kind}: padding_mode is {self.padding_mode!r}, wanted one of {PADDING_MODES}"
            )
        if isinstance(self.padding, str) and self.padding not in ("same", "valid"):
            raise ValueError(f"{kind}: padding is {self.padding!r}, wanted ints, 'same' or 'valid'")
        if self.padding == "same" and max(self.stride) > 1:
            raise ValueError(
                f"{kind}: padding='same' needs stride 1, got stride={self.stride}: the output of a "
                "strided convolution is smaller; give the padding as ints"
            )

    def _weight_shape(self) -> tuple[int, ...]:
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    def reset_parameters(self, rng: Rng = None) -> None:
        """Draw weight and bias anew."""
        start(self.weight, self.bias, rng)

    def bordered(self, x: Any) -> tuple[Any, Any]:
        """x with the border of padding_mode, and the zeros that are still to be padded."""
        if self.padding_mode == "zeros":
            return x, self.padding
        widths = [self._border(axis) for axis in reversed(range(self.axes))]
        return F.pad(x, sum(widths, ()), mode=self.padding_mode), 0

    def _border(self, axis: int) -> tuple[int, int]:
        """How wide the border is before and after one image axis."""
        if isinstance(self.padding, tuple):
            return self.padding[axis], self.padding[axis]
        spare = self.dilation[axis] * (self.kernel_size[axis] - 1)
        return (0, 0) if self.padding == "valid" else (spare // 2, spare - spare // 2)

    def extra_repr(self) -> str:
        settings = {
            "padding": self.padding if self.padding != (0,) * self.axes else None,
            "dilation": self.dilation if max(self.dilation) > 1 else None,
            "output_padding": self.output_padding if any(self.output_padding) else None,
            "groups": self.groups if self.groups != 1 else None,
            "bias": False if self.bias is None else None,
            "padding_mode": self.padding_mode if self.padding_mode != "zeros" else None,
        }
        head = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        rest = [f"{name}={value}" for name, value in settings.items() if value is not None]
        return ", ".join([head, f"stride={self.stride}", *rest])


class Conv1d(Convolution):
    """O = X ∗ F + b, over sequences: x (N, C, L) or (C, L) → (N, O, OL) or (O, OL).

    weight (O, C / groups, K), bias (O,); everything else as for `Conv2d`, with one number where
    that takes two.
    """

    axes = 1

    def forward(self, x: Any) -> Any:
        x, padding = self.bordered(x)
        return F.conv1d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv2d(Convolution):
    """O = X ∗ F + b, over images: each filter slides over all channels of its group.

    x (N, C, H, W) or (C, H, W) → (N, O, OH, OW), where C = in_channels, O = out_channels and
    OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1. weight (O, C / groups, KH, KW),
    bias (O,). kernel_size, stride, padding, dilation: an int, or (rows, columns); padding also
    "same" or "valid". padding_mode: "zeros", "reflect", "replicate" or "circular".
    Errors: a ValueError for numbers that do not fit together.
    Lecture: "Forward Pass". What it calls convolution is a cross-correlation: no filter is turned.

    >>> Conv2d(1, 8, kernel_size=3, padding=1)
    Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    """

    axes = 2

    def forward(self, x: Any) -> Any:
        x, padding = self.bordered(x)
        return F.conv2d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class ConvTranspose2d(Convolution):
    """What Conv2d does to gradients, done to images: they become larger.

    x (N, C, H, W) → (N, O, OH, OW) with
    OH = (H − 1)·stride − 2·padding + dilation·(KH − 1) + 1 + output_padding.
    weight (C, O / groups, KH, KW), bias (O,). output_padding, below the stride or the dilation,
    says which of the sizes is meant that a strided convolution maps to H; `layer(x, output_size)`
    names it instead.
    Errors: a ValueError for numbers that do not fit together, or an output_size out of reach.
    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), 4.
    """

    axes = 2

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Ints = 0,
        output_padding: Ints = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Ints = 1,
        padding_mode: str = "zeros",
        *,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        if padding_mode != "zeros" or isinstance(padding, str):
            raise ValueError(
                f"ConvTranspose2d pads with a number of zeros only; got padding={padding!r}, "
                f"padding_mode={padding_mode!r}"
            )
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            bias=bias,
            dtype=dtype,
            rng=rng,
        )
        self.output_padding = self._sizes("output_padding", output_padding, 0)
        largest = map(max, self.stride, self.dilation)
        if any(more >= most for more, most in zip(self.output_padding, largest)):
            raise ValueError(
                f"ConvTranspose2d: output_padding={output_padding!r} must be smaller than "
                f"stride={stride!r} or dilation={dilation!r}"
            )

    def _weight_shape(self) -> tuple[int, ...]:
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    def forward(self, x: Any, output_size: Sequence[int] | None = None) -> Any:
        x = operand("ConvTranspose2d", x)
        extra = self.output_padding if output_size is None else self._extra(x, output_size)
        stride, padding, more, dilation = map(
            shortest, (self.stride, self.padding, extra, self.dilation)
        )
        return F.conv_transpose2d(
            x, self.weight, self.bias, stride, padding, more, self.groups, dilation
        )

    def _extra(self, x: Any, output_size: Sequence[int]) -> tuple[int, ...]:
        """The output_padding that gives images of output_size, which may come with N and C."""
        least = [
            (n - 1) * s - 2 * p + reach(k, d)
            for n, s, p, k, d in zip(
                x.shape[-2:], self.stride, self.padding, self.kernel_size, self.dilation
            )
        ]
        extra = tuple(n - m for n, m in zip(output_size[-2:], least))
        fits = len(output_size) in (2, x.ndim) and len(extra) == 2
        if not fits or any(not 0 <= more < s for more, s in zip(extra, self.stride)):
            most = [m + s - 1 for m, s in zip(least, self.stride)]
            raise ValueError(
                f"ConvTranspose2d: output_size is {tuple(output_size)}, wanted (OH, OW) from "
                f"{tuple(least)} to {tuple(most)} for x of shape {x.shape}"
            )
        return extra


def shortest(sizes: Any) -> Any:
    """(1, 1) as 1: so pictures, which leave out defaults, show what is special."""
    return sizes[0] if isinstance(sizes, tuple) and len(set(sizes)) == 1 else sizes
