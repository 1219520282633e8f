"""Samples of softmax, normalisation, cross-entropy, convolution and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np
from sample_rows import normal, positive, row

import minigrad as mg

for f in (mg.softmax, mg.log_softmax):
    for s, axis in [((3,), -1), ((2, 3), 1), ((2, 3), 0), ((2, 3, 4), 1), ((1,), 0),
                    ((2, 1, 3), -2), ((0, 3), 1), ((2, 2, 3), 2)]:  # fmt: skip
        row(f, normal(*s), axis=axis)
for mode in ("var", "std"):
    for s in ((4, 3), (3, 2, 4), (2, 3, 2, 2), (5, 1)):
        c = s[1]
        row(mg.batch_norm, normal(*s), positive(c), normal(c), eps_mode=mode, eps=1e-2)
        row(mg.batch_norm, normal(*s), eps_mode=mode, eps=1e-3)
        moments = mg.ops.norm.Moments(normal(c), positive(c))
        row(mg.batch_norm, normal(*s), positive(c), normal(c), eps_mode=mode, eps=1e-2,
            moments=moments)  # fmt: skip
for s, n in [((2, 3), 1), ((2, 3, 4), 2), ((2, 3, 4), 1), ((4,), 1)]:
    inner = s[len(s) - n :]
    row(mg.layer_norm, normal(*s), positive(*inner), normal(*inner), ndim=n, eps=1e-3)
    row(mg.layer_norm, normal(*s), positive(*inner), ndim=n)
    row(mg.layer_norm, normal(*s), ndim=n)
for s, n in [((3, 4), 1), ((3, 4), 2), ((2, 4, 3), 2), ((2, 4, 2, 2), 2), ((1, 3, 4), 3)]:
    row(mg.group_norm, normal(*s), positive(s[1]), normal(s[1]), num_groups=n, eps=1e-3)
    row(mg.group_norm, normal(*s), positive(s[1]), num_groups=n, eps=1e-2)
    row(mg.group_norm, normal(*s), num_groups=n, eps=1e-3)
for reduction in ("mean", "sum", "none"):
    for smoothing in (0.0, 0.1):
        opts: dict[str, Any] = {"reduction": reduction, "label_smoothing": smoothing}
        target = np.array([0, 2, 1, 2])
        row(mg.cross_entropy, normal(4, 3), target, constant=(1,), **opts)
        row(mg.cross_entropy, normal(4, 3), target, positive(3), constant=(1, 2), **opts)
        row(mg.cross_entropy, normal(4, 3), target, constant=(1,), ignore_index=2, **opts)
        row(mg.cross_entropy, normal(4, 3), np.abs(normal(4, 3)), **opts)
        row(
            mg.cross_entropy, normal(4, 3), np.abs(normal(4, 3)), positive(3), constant=(2,), **opts
        )
        row(
            mg.cross_entropy, normal(2, 3, 4), np.arange(8).reshape(2, 4) % 3, constant=(1,), **opts
        )
row(mg.cross_entropy, normal(3), np.array(1), constant=(1,))

# --- Convolution and pooling ---

for x, w, options in (
    ((1, 1, 3, 3), (1, 1, 2, 2), {}), ((2, 2, 4, 3), (3, 2, 2, 2), {"padding": 1}),
    ((1, 2, 5, 4), (2, 1, 3, 2), {"stride": (2, 1), "groups": 2}),
    ((2, 4, 4), (3, 2, 1, 3), {"padding": "same"}),
    ((1, 1, 6, 5), (1, 1, 2, 3), {"dilation": (3, 1)}), ((0, 1, 3, 3), (2, 1, 2, 2), {}),
    ((1, 1, 1, 1), (1, 1, 1, 1), {"padding": 2}),
    ((1, 2, 4, 4), (4, 1, 3, 3), {"stride": 2, "padding": 1, "groups": 2}),
):  # fmt: skip
    row(mg.conv2d, normal(*x), normal(*w), **options)
    row(mg.conv2d, normal(*x), normal(*w), normal(w[0]), **options)
for x, w, options in (
    ((1, 1, 5), (1, 1, 2), {}), ((2, 2, 6), (3, 2, 3), {"stride": 2, "padding": 1}),
    ((2, 4, 7), (4, 2, 2), {"groups": 2, "dilation": 2}), ((3, 5), (2, 3, 4), {"padding": "same"}),
    ((0, 1, 3), (2, 1, 3), {}),
):  # fmt: skip
    row(mg.conv1d, normal(*x), normal(*w), **options)
    row(mg.conv1d, normal(*x), normal(*w), normal(w[0]), **options)
for x, w, options in (
    ((1, 1, 2, 2), (1, 1, 2, 2), {}), ((2, 2, 2, 3), (2, 3, 3, 2), {"stride": 2, "padding": 1}),
    ((1, 4, 2, 2), (4, 1, 2, 3), {"groups": 2, "stride": 3, "output_padding": 2}),
    ((2, 3, 3), (2, 2, 2, 2), {"dilation": 3, "output_padding": (1, 2)}),
    ((0, 2, 2, 2), (2, 1, 2, 2), {}),
):  # fmt: skip
    outputs = w[1] * options.get("groups", 1)
    row(mg.conv_transpose2d, normal(*x), normal(*w), **options)
    row(mg.conv_transpose2d, normal(*x), normal(*w), normal(outputs), **options)
for options in (
    {"kernel_size": 2}, {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "stride": 1}, {"kernel_size": 3, "stride": 2, "ceil_mode": True},
):  # fmt: skip
    for f in (mg.max_pool1d, mg.avg_pool1d):
        row(f, normal(2, 2, 8), **options)
        row(f, normal(3, 7), **options)
    for f in (mg.max_pool2d, mg.avg_pool2d):
        row(f, normal(1, 2, 6, 5), **options)
        row(f, normal(2, 4, 4), **options)
for f in (mg.max_pool2d, mg.avg_pool2d):
    row(f, normal(2, 1, 4, 5), kernel_size=(1, 2), stride=(3, 2))
    row(f, normal(0, 1, 3, 4), kernel_size=2)
row(mg.max_pool2d, normal(1, 1, 7, 6), kernel_size=2, dilation=(3, 2))
row(mg.max_pool1d, normal(1, 1, 9), kernel_size=3, dilation=2, padding=1)
row(mg.avg_pool2d, normal(1, 2, 4, 4), kernel_size=3, padding=1, count_include_pad=False)
row(mg.avg_pool2d, normal(1, 2, 4, 4), kernel_size=2, divisor_override=3)
for size in (1, 2, 3, (2, 3), (None, 2), (5, 1), (4, 6), (7, 7)):
    row(mg.adaptive_avg_pool2d, normal(2, 2, 5, 6), output_size=size)
