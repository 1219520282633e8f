"""Recorded cases: softmax, cross-entropy, normalisation, convolution, pooling."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from recorded_case import Table, numbers, positive

LAYERS = Table()
case = LAYERS.add

# --- Softmax, cross-entropy, normalisation --------------------------------------------------

for name, axis in itertools.product(("softmax", "log_softmax"), (0, 1, -1)):
    case(f"mg.{name}(x, axis={axis})", x=numbers(2, 3, 4) * 3)

PROBABILITIES = positive(5, 3, seed=7)
TARGETS = [
    (np.array([0, 2, 1, 2, 2]), ""),
    (np.array([0, 2, 1, 2, 2]), ", ignore_index=2"),
    (np.array([0, -100, 1, 2, -100]), ""),
    (PROBABILITIES, ""),
]
for reduction, smoothing, weight in itertools.product(
    ("mean", "sum", "none"), (0.0, 0.2), ("None", "W")
):
    options = f"{weight}, reduction='{reduction}', label_smoothing={smoothing}"
    for t, more in TARGETS:
        case(f"mg.cross_entropy(x, t, {options}{more})", f"F.cross_entropy(x, t, {options}{more})",
             x=numbers(5, 3) * 2, t=t, W=positive(3, seed=5))  # fmt: skip
    for t in (np.arange(20).reshape(2, 2, 5) % 3, positive(2, 3, 2, 5, seed=3)):
        case(f"mg.cross_entropy(x, t, {options})", f"F.cross_entropy(x, t, {options})",
             x=numbers(2, 3, 2, 5), t=t, W=positive(3, seed=5))  # fmt: skip
for t in (np.array(1), positive(3)):
    case("mg.cross_entropy(x, t)", "F.cross_entropy(x, t)", x=numbers(3), t=t)
for x, t in [
    ([[1000.0, 0]], [0]),
    ([[1000.0, 0]], [1]),
    ([[0, -1000.0]], [1]),
    ([[1.0, 0]], [-100]),
]:
    for reduction in ("mean", "sum", "none"):
        case(f"mg.cross_entropy(x, t, reduction='{reduction}')",
             f"F.cross_entropy(x, t, reduction='{reduction}')",
             x=np.array(x), t=np.array(t))  # fmt: skip

for shape in ((5, 3), (4, 3, 2), (2, 3, 2, 2)):
    affine = {"a": positive(3, seed=1), "b": numbers(3, seed=2)}
    moments = {"M": numbers(3, seed=3), "V": positive(3, seed=4)}
    case("mg.batch_norm(x, a, b, eps=0.01)",
         "F.batch_norm(x, None, None, a, b, training=True, eps=0.01)",
         x=numbers(*shape), **affine)  # fmt: skip
    case("mg.batch_norm(x)", "F.batch_norm(x, None, None, training=True)", x=numbers(*shape))
    case("mg.batch_norm(x, a, b, eps=0.01, moments=Moments(M, V))",
         "F.batch_norm(x, M, V, a, b, training=False, eps=0.01)",
         x=numbers(*shape), **affine, **moments)  # fmt: skip
    case("mg.batch_norm(x, moments=Moments(M, V))", "F.batch_norm(x, M, V, training=False)",
         x=numbers(*shape), **moments)  # fmt: skip
case("mg.batch_norm(x)", "F.batch_norm(x, None, None, training=True)", x=np.full((3, 1), 7.0))
for shape, ndim in (((5, 3), 1), ((2, 3, 4), 1), ((2, 3, 4), 2), ((2, 3, 2, 2), 3), ((4,), 1)):
    inner = shape[len(shape) - ndim :]
    case(f"mg.layer_norm(x, a, b, ndim={ndim}, eps=0.01)", f"F.layer_norm(x, {inner}, a, b, 0.01)",
         x=numbers(*shape), a=positive(*inner, seed=1), b=numbers(*inner, seed=2))  # fmt: skip
    case(f"mg.layer_norm(x, ndim={ndim})", f"F.layer_norm(x, {inner})", x=numbers(*shape))
for shape, groups in (((4, 6), 2), ((3, 6, 4), 3), ((2, 6, 2, 3), 1), ((2, 4, 3, 2), 4)):
    affine = {"a": positive(shape[1], seed=1), "b": numbers(shape[1], seed=2)}
    case(f"mg.group_norm(x, a, b, num_groups={groups}, eps=0.01)",
         f"F.group_norm(x, {groups}, a, b, 0.01)", x=numbers(*shape), **affine)  # fmt: skip
    case(f"mg.group_norm(x, num_groups={groups})", f"F.group_norm(x, {groups})", x=numbers(*shape))
for options in ("", ", padding_idx=1", ", scale_grad_by_freq=True"):
    for indices in ([0, 3, 3, 1], [[1, 1], [2, 0]]):
        case(f"embedding(w, I{options})", f"F.embedding(I, w{options})", w=numbers(4, 3), I=indices)

# --- Convolution and pooling ----------------------------------------------------------------


def convolution(
    name: str, x: tuple[int, ...], w: tuple[int, ...], *, bias: int = 0, **options: Any
) -> None:
    """A case for an image and filters of these shapes, and a bias of that many entries if any."""
    inputs = {"x": numbers(*x), "w": numbers(*w, seed=1)}
    if bias:
        inputs["b"] = numbers(bias, seed=2)
    arguments = ", ".join([*inputs, *(f"{k}={v!r}" for k, v in options.items())])
    module = "conv_transpose" if name == "conv_transpose2d" else "conv"
    case(f"{module}.{name}({arguments})", f"F.{name}({arguments})", **inputs)


SIZES = [(7, 7), (8, 6), (5, 9)]
KERNELS = [(1, 1), (2, 2), (3, 3), (2, 3)]
STRIDES, PADDINGS, DILATIONS, GROUPS = [1, 2, 3, (2, 1)], [0, 1, (3, 2)], [1, 2], [1, 2, 4]
for i, (k, s, p, d) in enumerate(itertools.product(range(4), range(4), range(3), range(2))):
    if (k + s + p + d) % 2:  # half of all combinations
        groups = GROUPS[i % 3]
        convolution("conv2d", (2, 4, *SIZES[(k + s) % 3]), (4, 4 // groups, *KERNELS[k]),
                    bias=4 * (i % 4 < 2), stride=STRIDES[s], padding=PADDINGS[p],
                    dilation=DILATIONS[d], groups=groups)  # fmt: skip
convolution("conv2d", (2, 3, 6, 5), (2, 3, 3, 3), padding="same", bias=2)
convolution("conv2d", (2, 3, 6, 5), (2, 3, 2, 4), padding="same", dilation=(1, 2))
convolution("conv2d", (2, 3, 6, 5), (2, 3, 2, 3), padding="valid", bias=2)
convolution("conv2d", (3, 6, 5), (2, 3, 2, 3), stride=2, padding=1, bias=2)
convolution("conv2d", (1, 1, 1, 1), (1, 1, 1, 1), padding=2, bias=1)
convolution("conv2d", (1, 1, 16, 16), (1, 1, 7, 7), stride=3, padding=2)
convolution("conv2d", (3, 1, 4, 4), (2, 1, 4, 4))

convolution("conv1d", (2, 4, 9), (6, 4, 3), bias=6)
convolution("conv1d", (2, 4, 9), (6, 2, 3), stride=2, padding=1, groups=2)
convolution("conv1d", (2, 4, 9), (4, 1, 2), stride=3, padding=2, dilation=2, groups=4, bias=4)
convolution("conv1d", (4, 9), (2, 4, 3), padding=1, bias=2)
convolution("conv1d", (2, 2, 6), (3, 2, 4), padding="same", bias=3)
convolution("conv1d", (2, 2, 8), (3, 2, 3), padding="same", dilation=2)

convolution("conv_transpose2d", (2, 3, 4, 5), (3, 2, 3, 3), bias=2)
convolution("conv_transpose2d", (2, 3, 4, 5), (3, 2, 3, 2), stride=2, padding=1, output_padding=1)
convolution("conv_transpose2d", (2, 4, 3, 4), (4, 3, 2, 3), stride=(2, 3), padding=(0, 1),
            output_padding=(1, 2), groups=2, bias=6)  # fmt: skip
convolution("conv_transpose2d", (2, 4, 3, 4), (4, 1, 3, 3), stride=2, padding=2, groups=4,
            dilation=2, bias=4)  # fmt: skip
convolution("conv_transpose2d", (2, 3, 5, 4), (3, 2, 2, 2), stride=3, output_padding=(2, 0),
            dilation=(1, 2), bias=2)  # fmt: skip
convolution("conv_transpose2d", (3, 4, 5), (3, 2, 2, 2), stride=2)
for padding, more in ((0, 1), ((1, 2), 1), (3, (2, 0)), (0, (1, 2))):  # not below the stride
    convolution("conv_transpose2d", (2, 4, 3, 4), (4, 1, 3, 2), padding=padding, groups=2,
                output_padding=more, dilation=3, bias=2)  # fmt: skip
convolution("conv_transpose2d", (2, 3, 4), (2, 3, 2, 2), stride=2, output_padding=(3, 4),
            padding=(0, 2), dilation=5)  # fmt: skip

WINDOWS = [
    (2, None, 0, False), (3, None, 1, False), (2, 1, 0, False), (3, 2, 1, False), (3, 1, 1, False),
    (2, 3, 1, False), ((2, 3), (2, 1), (1, 0), False), (2, 2, 0, True), (3, 2, 1, True),
    (2, 3, 0, True), (3, 3, 1, True), (1, 2, 0, True), ((3, 2), (1, 2), (0, 1), True),
]  # fmt: skip
for (kernel, stride, padding, ceil), shape in itertools.product(WINDOWS, [(2, 2, 7, 6), (2, 5, 8)]):
    window = f"x, {kernel}, {stride}, {padding}"
    case(f"pool.max_pool2d({window}, ceil_mode={ceil})",
         f"F.max_pool2d({window}, ceil_mode={ceil})", x=numbers(*shape))  # fmt: skip
    for inside in (True, False):
        case(f"pool.avg_pool2d({window}, {ceil}, {inside})",
             f"F.avg_pool2d({window}, {ceil}, {inside})", x=numbers(*shape))  # fmt: skip
for dilation in (2, (1, 3)):
    case(f"pool.max_pool2d(x, 2, 1, 1, {dilation})", f"F.max_pool2d(x, 2, 1, 1, {dilation})",
         x=numbers(2, 2, 7, 6))  # fmt: skip
    case(f"pool.max_pool2d(x, 3, 2, 0, {dilation}, True)",
         f"F.max_pool2d(x, 3, 2, 0, {dilation}, True)", x=numbers(2, 2, 9, 8))  # fmt: skip
case("pool.avg_pool2d(x, 2, divisor_override=3)", "F.avg_pool2d(x, 2, divisor_override=3)",
     x=numbers(2, 2, 5, 4))  # fmt: skip
EQUALS = [np.ones((1, 1, 4, 4)), np.round(numbers(2, 2, 6, 6)), np.full((1, 2, 2), -np.inf)]
for x in (*EQUALS, np.array([[[1, np.nan, 3], [2, 0, 5]]])):
    for window in ("2", "2, 1", "2, 1, 1"):
        case(f"pool.max_pool2d(x, {window})", f"F.max_pool2d(x, {window})", x=x, edge=True)
for window in ("2", "3, 2, 1", "2, 1, 0"):
    case(f"pool.max_pool1d(x, {window})", f"F.max_pool1d(x, {window})", x=numbers(2, 3, 8))
    case(f"pool.avg_pool1d(x, {window})", f"F.avg_pool1d(x, {window})", x=numbers(2, 3, 8))
for size in ("1", "3", "(2, 5)", "(7, 6)", "(None, 2)", "(8, 1)"):
    case(f"pool.adaptive_avg_pool2d(x, {size})", f"F.adaptive_avg_pool2d(x, {size})",
         x=numbers(2, 2, 7, 6))  # fmt: skip
