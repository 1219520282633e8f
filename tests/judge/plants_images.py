"""Bugs of convolution and pooling."""

from __future__ import annotations

from .plant import Plant

CONV = ("tests/ops/test_conv.py", "tests/ops/test_rows.py")
POOL = ("tests/ops/test_pool.py",)
ROWS = "minigrad/ops/rows.py"

PLANTS = [
    Plant(
        43,
        "convolution: the filter is turned",
        ROWS,
        (
            (
                "split[...] = filters.transpose(0, 1, 3, 4, 2)",
                "split[...] = filters[..., ::-1, ::-1].transpose(0, 1, 3, 4, 2)",
            ),
        ),
        CONV,
    ),
    Plant(
        44,
        "convolution: ∂L/∂X without turning the filter",
        ROWS,
        (("filters[:, :, :, taps][:, :, :, ::-1].transpose", "filters[:, :, :, taps].transpose"),),
        CONV,
    ),
    Plant(
        45,
        "convolution: ∂L/∂X only where the stride leaves no remainder",
        ROWS,
        (("for k in range(min(k_step, rows.kernel)):", "for k in range(1):"),),
        CONV,
    ),
    Plant(
        46,
        "convolution: ∂L/∂F ignores the dilation",
        ROWS,
        (
            (
                "groups, channels, outputs = image.shape[1], image.shape[2], g.shape[2]",
                "rows, columns = rows._replace(dilation=1), columns._replace(dilation=1)\n"
                "    groups, channels, outputs = image.shape[1], image.shape[2], g.shape[2]",
            ),
        ),
        CONV,
    ),
    Plant(
        47,
        "convolution: groups and filters swapped",
        ROWS,
        (
            (
                "w.reshape(groups, w.shape[0] // groups, *w.shape[1:])",
                "w.reshape(w.shape[0] // groups, groups, *w.shape[1:]).swapaxes(0, 1)",
            ),
        ),
        CONV,
    ),
    Plant(
        48,
        "convolution: ∂L/∂b summed over the batch only",
        ROWS,
        (
            (
                "return (each_row @ np.ones(each_row.shape[-1], x.dtype)).sum(0)",
                "return batched(x).sum(0)[:, 0, 0]",
            ),
        ),
        CONV,
    ),
    Plant(
        49,
        "max-pool: windows that overlap overwrite each other",
        "minigrad/ops/pool_axis.py",
        (("dx[seen] += share", "dx[seen] = share"),),
        POOL,
    ),
    Plant(
        50,
        "max-pool: padding counts as 0",
        "minigrad/ops/pool_axis.py",
        (('lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min', "lowest = 0"),),
        POOL,
    ),
    Plant(
        51,
        "average pool: what hangs over the padding is divided by as well",
        "minigrad/ops/pool_shapes.py",
        (
            (
                "stop = np.minimum(start + axis.kernel, axis.size + padded)",
                "stop = start + axis.kernel",
            ),
        ),
        POOL,
    ),
    Plant(
        52,
        "padding 'same': an odd number has the last on the left",
        "minigrad/ops/conv_shapes.py",
        (("((r - 1) // 2, r // 2)", "(r // 2, (r - 1) // 2)"),),
        CONV,
    ),
]
