"""What goes wrong in the rules of convolution and pooling."""

import numpy as np
from planting import Site, normal, spaced

from minigrad.ops import conv, conv_transpose, pool

# --- Convolution, entry of the kernel by entry ----------------------------------------------


def windows(w, g, stride, dilation):
    """For each entry of the kernel, the rows and columns of the padded image that it sees."""
    for i, j in np.ndindex(w.shape[2:]):
        rows, columns = (
            slice(k * dilation, k * dilation + n * stride, stride)
            for k, n in zip((i, j), g.shape[2:])
        )
        yield i, j, np.s_[:, :, rows, columns]


def dx(g, x, w, stride=1, padding=0, dilation=1):
    """∂L/∂X, on a frame that is large enough also for wrong parameters."""
    n, c, height, width = x.shape
    frame = np.zeros((n, c, 4 * height, 4 * width))
    for i, j, seen in windows(w, g, stride, dilation):
        frame[seen] += np.einsum("nohw,oc->nchw", g, w[:, :, i, j])
    return frame[:, :, padding : padding + height, padding : padding + width]


def dw(g, x, w, stride=1, padding=0, dilation=1):
    """∂L/∂F, likewise."""
    _, _, height, width = x.shape
    room = (padding, 3 * height), (padding, 3 * width)
    frame = np.pad(x, ((0, 0), (0, 0), *room))
    share = np.empty_like(w)
    for i, j, seen in windows(w, g, stride, dilation):
        share[:, :, i, j] = np.einsum("nohw,nchw->oc", g, frame[seen])
    return share


def turned(w):
    """By 180°."""
    return w[..., ::-1, ::-1]


at = Site(conv.conv2d, normal(3, 2, 3, 3), normal(3, 2, 2, 2), normal(3))
at.wrong("x", "filter not turned", lambda g, y, x, w, b, **_: dx(g, x, turned(w)),
         "filter not turned")  # fmt: skip
at.wrong("x", "rows not turned", lambda g, y, x, w, b, **_: dx(g, x, w[:, :, ::-1]))
at.wrong("x", "kernel transposed", lambda g, y, x, w, b, **_: dx(g, x, w.swapaxes(2, 3)))
at.wrong("x", "channels exchanged", lambda g, y, x, w, b, **_: dx(g, x, w[:, ::-1]), "reversed")
at.wrong("x", "filters exchanged", lambda g, y, x, w, b, **_: dx(g, x, w[::-1]))
at.wrong("w", "turned", lambda g, y, x, w, b, **_: turned(dw(g, x, w)), "reversed")
at.wrong("w", "kernel transposed", lambda g, y, x, w, b, **_: dw(g, x, w).swapaxes(2, 3),
         "transposed")  # fmt: skip
at.wrong("w", "mean of the images", lambda g, y, x, w, b, **_: dw(g, x, w) / len(x),
         "mean for sum")  # fmt: skip
at.wrong("w", "first image only", lambda g, y, x, w, b, **_: dw(g[:1], x[:1], w),
         "broadcast sum missing")  # fmt: skip
at.wrong("b", "sum over images only", lambda g, y, x, w, b, **_: g.sum(0)[:, 0, 0],
         "broadcast sum missing")  # fmt: skip
at.wrong("b", "sum over places only", lambda g, y, x, w, b, **_: g[0].sum((1, 2)),
         "broadcast sum missing")  # fmt: skip
at.wrong("b", "mean", lambda g, y, x, w, b, **_: g.mean((0, 2, 3)), "mean for sum")
at.wrong("b", "mean of the images", lambda g, y, x, w, b, **_: g.mean(0).sum((1, 2)),
         "mean for sum")  # fmt: skip

SLIDING = {"stride": 2, "padding": 1, "dilation": 2}
at = Site(conv.conv2d, normal(1, 2, 5, 6), normal(2, 2, 2, 2), **SLIDING)
at.wrong("x", "stride forgotten", lambda g, y, x, w, **s: dx(g, x, w, 1, 1, 2))
at.wrong("x", "padding forgotten", lambda g, y, x, w, **s: dx(g, x, w, 2, 0, 2))
at.wrong("x", "dilation forgotten", lambda g, y, x, w, **s: dx(g, x, w, 2, 1, 1))
at.wrong("x", "remainder lost", lambda g, y, x, w, **s: dx(g[..., :-1], x, w, 2, 1, 2))
at.wrong("w", "stride forgotten", lambda g, y, x, w, **s: dw(g, x, w, 1, 1, 2))
at.wrong("w", "padding forgotten", lambda g, y, x, w, **s: dw(g, x, w, 2, 0, 2))
at.wrong("w", "dilation forgotten", lambda g, y, x, w, **s: dw(g, x, w, 2, 1, 1))


def exchanged(w, axis=0):
    """The two halves, those of the two groups, in each other's place."""
    return np.roll(w, w.shape[axis] // 2, axis)


at = Site(conv.conv2d, normal(1, 4, 3, 3), normal(4, 2, 2, 2), groups=2)
at.wrong("x", "groups exchanged",
         lambda g, y, x, w, groups: conv.conv2d_dx(g, y, x, exchanged(w), groups=2))  # fmt: skip
at.wrong("w", "groups exchanged",
         lambda g, y, x, w, groups: exchanged(conv.conv2d_dw(g, y, x, w, groups=2)))  # fmt: skip
at.wrong("w", "channels of the other group",
         lambda g, y, x, w, groups: conv.conv2d_dw(g, y, exchanged(x, 1), w, groups=2)
         )  # fmt: skip

at = Site(conv.conv1d, normal(3, 2, 6), normal(4, 2, 3), normal(4), padding=1)
at.wrong("x", "filter not turned",
         lambda g, y, x, w, b, **s: conv.conv1d_dx(g, y, x, w[..., ::-1], b, **s),
         "filter not turned")  # fmt: skip
at.wrong("x", "padding forgotten",
         lambda g, y, x, w, b, padding: conv.conv1d_dx(g[..., 1:-1], y, x, w, b))  # fmt: skip
at.spoiled("w", "turned", lambda share: share[..., ::-1], "reversed")
at.wrong("b", "sum over sequences only", lambda g, y, x, w, b, **s: g.sum(0)[:, 0],
         "broadcast sum missing")  # fmt: skip
at.wrong("b", "mean", lambda g, y, x, w, b, **s: g.mean((0, 2)), "mean for sum")

at = Site(
    conv_transpose.conv_transpose2d, normal(3, 2, 2, 2), normal(2, 4, 2, 2), normal(4), stride=2
)
at.wrong("x", "filter turned", lambda g, y, x, w, b, **s: conv.conv2d(g, turned(w), **s),
         "filter not turned")  # fmt: skip
at.wrong("x", "kernel transposed", lambda g, y, x, w, b, **s: conv.conv2d(g, w.swapaxes(2, 3), **s))
at.spoiled("w", "turned", turned, "reversed")
at.spoiled("w", "filters exchanged", lambda share: share[:, ::-1], "reversed")
at.wrong("b", "sum over places only", lambda g, y, x, w, b, **s: g[0].sum((1, 2)),
         "broadcast sum missing")  # fmt: skip

# The gradients of convolution are ops too: of their rules are second derivatives made.
at = Site(conv.conv2d_input_gradient, normal(3, 2, 2, 2), normal(2, 3, 2, 2), shape=(3, 3, 3, 3))
at.wrong("g", "filter turned", lambda u, y, g, w, shape: conv.conv2d(u, turned(w)),
         "filter not turned")  # fmt: skip
at.spoiled("w", "turned", turned, "reversed")
at.spoiled("w", "mean of the images", lambda share: share / 3, "mean for sum")

at = Site(conv.conv2d_filter_gradient, normal(3, 2, 3, 3), normal(3, 2, 2, 2), kernel=(2, 2))
at.wrong("g", "filter turned", lambda u, y, x, g, kernel: conv.conv2d(x, turned(u)))
at.wrong("x", "filter not turned", lambda u, y, x, g, kernel: dx(g, x, turned(u)),
         "filter not turned")  # fmt: skip

# --- Pooling, window by window --------------------------------------------------------------


def places(g, kernel, stride, outer=2):
    """The position of each window in the output, and what it sees of an image."""
    for place in np.ndindex(g.shape):
        corner = [stride * i for i in place[outer:]]
        yield place, (*place[:outer], *(slice(i, i + kernel) for i in corner))


def largest(window):
    """1 where the largest entry stands."""
    return window == window.max()


def pooled(g, x, kernel, stride, share, overwrite=False):
    """∂L/∂x, where share says what part of its g each entry of a window gets."""
    total = np.zeros_like(x)
    for place, seen in places(g, kernel, stride):
        part = g[place] * share(x[seen])
        total[seen] = np.where(part, part, total[seen]) if overwrite else total[seen] + part
    return total


def first(window):
    """1 at the first entry."""
    return np.arange(window.size).reshape(window.shape) == 0


def by_window(share, overwrite=False):
    """A rule for pooling that gives each entry of a window this part of its g."""
    return lambda g, y, x, kernel_size, stride, **_: pooled(
        g, x, kernel_size, stride, share, overwrite
    )


def to_all(window):
    return np.ones_like(window)


def evenly(window):
    return np.ones_like(window) / window.size


HILL = spaced(1, 2, 5, 5)
HILL[:, 0, 2, 2] = 20.0  # where all windows overlap

at = Site(pool.max_pool2d, HILL, kernel_size=3, stride=2)
at.wrong("x", "overlap overwritten", by_window(largest, overwrite=True), "overwritten")
at.wrong("x", "to all entries", by_window(to_all))
at.wrong("x", "evenly to all", by_window(evenly))
at.wrong("x", "to the first", by_window(first))
at.wrong("x", "to the smallest", by_window(lambda window: window == window.min()))

at = Site(pool.max_pool2d, spaced(1, 2, 4, 4), kernel_size=2, stride=2)
at.wrong("x", "without the stride", lambda g, y, x, **_: pooled(g, x, 2, 1, largest))

at = Site(pool.max_pool1d, spaced(2, 2, 6), kernel_size=2)
at.wrong("x", "to all entries", lambda g, y, x, kernel_size: np.repeat(g, 2, axis=2))
at.wrong("x", "to the second", lambda g, y, x, kernel_size: np.repeat(g, 2, axis=2)
         * np.tile([0, 1], 3))  # fmt: skip

at = Site(pool.avg_pool2d, normal(1, 2, 5, 5), kernel_size=3, stride=2)
at.wrong("x", "overlap overwritten", by_window(evenly, overwrite=True), "overwritten")
at.wrong("x", "not divided", by_window(to_all), "factor")
at.wrong("x", "divided by a side", by_window(lambda window: evenly(window) * 3), "factor")
at.wrong("x", "to the first", by_window(lambda window: first(window) / 9))

at = Site(pool.avg_pool2d, normal(1, 2, 4, 4), kernel_size=2, padding=1, count_include_pad=False)
at.wrong("x", "padding counted", lambda g, y, x, **s: pool.avg_pool2d_dx(
    g, y, x, **{**s, "count_include_pad": True}))  # fmt: skip

at = Site(pool.avg_pool2d, normal(1, 2, 4, 4), kernel_size=3, stride=2, ceil_mode=True)
at.wrong("x", "overhang counted", by_window(lambda window: np.ones_like(window) / 9))

at = Site(pool.avg_pool1d, normal(2, 2, 6), kernel_size=3)
at.wrong("x", "not divided", lambda g, y, x, kernel_size: np.repeat(g, 3, axis=2), "factor")
at.wrong("x", "to the first", lambda g, y, x, kernel_size: np.repeat(g, 3, axis=2)
         * np.tile([1, 0, 0], 2) / 3)  # fmt: skip

at = Site(pool.adaptive_avg_pool2d, normal(1, 2, 5, 4), output_size=(3, 2))
at.wrong("x", "equal windows", lambda g, y, x, output_size: np.repeat(
    np.repeat(g, 2, axis=2)[:, :, :5], 2, axis=3) / 4)  # fmt: skip
at.spoiled("x", "not divided", lambda share: 4 * share, "factor")

at = Site(pool.avg_pool2d_input_gradient, normal(2, 2, 2, 2), shape=(2, 2, 5, 5), kernel_size=3,
          stride=2)  # fmt: skip
at.wrong("g", "to the first", lambda u, y, g, **s: u[:, :, :3:2, :3:2] / 9)
at.spoiled("g", "not divided", lambda share: 9 * share, "factor")

at = Site(pool.adaptive_avg_pool2d_input_gradient, normal(2, 2, 3, 2), shape=(2, 2, 5, 4))
at.wrong("g", "first entries", lambda u, y, g, shape: u[:, :, :3, :2])
at.spoiled("g", "not divided", lambda share: 4 * share, "factor")
