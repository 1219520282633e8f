"""What goes wrong in the rules of functions that shrink or accumulate along an axis."""

import math

import numpy as np
from planting import Site, normal, positive, spaced

import minigrad as mg
from minigrad.ops import reduce


def flipped_sum(g, axis):
    """A running sum from the other end."""
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis)


# --- Sums and averages ----------------------------------------------------------------------

at = Site(mg.sum, normal(3, 3), axis=1)
at.wrong("x", "copied along the other axis", lambda g, y, x, axis: g + 0 * x, "transposed")
at.wrong("x", "averaged", lambda g, y, x, axis: g[:, None] / 3 + 0 * x, "mean for sum")
at.wrong("x", "to the first of each row", lambda g, y, x, axis: g[:, None] * [1, 0, 0])
at.wrong("x", "times x", lambda g, y, x, axis: g[:, None] * x)
at.wrong("x", "everything summed", lambda g, y, x, axis: g.sum() + 0 * x)

at = Site(mg.sum, normal(3, 4))
at.wrong("x", "averaged", lambda g, y, x: g / x.size + 0 * x, "mean for sum")

at = Site(mg.mean, normal(3, 4, 5), axis=(0, 2))
at.wrong("x", "summed", lambda g, y, x, axis: g[:, None] + 0 * x, "mean for sum")
at.wrong("x", "count of one axis", lambda g, y, x, axis: g[:, None] / 3 + 0 * x, "mean for sum")
at.wrong("x", "count of everything", lambda g, y, x, axis: g[:, None] / 60 + 0 * x, "mean for sum")
at.wrong("x", "divided by n − 1", lambda g, y, x, axis: g[:, None] / 14 + 0 * x, "factor")

at = Site(mg.mean, normal(3, 4))
at.wrong("x", "summed", lambda g, y, x, **_: g + 0 * x, "mean for sum")
at.wrong("x", "divided twice", lambda g, y, x, **_: g / x.size**2 + 0 * x, "mean for sum")


def about_mean(x, axis=None):
    return x - x.mean(axis, keepdims=True)


at = Site(mg.var, normal(3, 5), axis=1, ddof=1)
at.wrong("x", "n for n − 1", lambda g, y, x, axis, ddof: g[:, None] * about_mean(x, 1) * 2 / 5,
         "factor")  # fmt: skip
at.wrong("x", "without the 2", lambda g, y, x, axis, ddof: g[:, None] * about_mean(x, 1) / 4,
         "factor")  # fmt: skip
at.wrong("x", "not divided", lambda g, y, x, axis, ddof: g[:, None] * about_mean(x, 1) * 2,
         "factor")  # fmt: skip
at.wrong("x", "not centred", lambda g, y, x, axis, ddof: g[:, None] * x * 2 / 4)
at.wrong("x", "mean of everything", lambda g, y, x, axis, ddof: g[:, None] * about_mean(x) * 2 / 4)
at.wrong("x", "mean of columns", lambda g, y, x, axis, ddof: g[:, None] * about_mean(x, 0) * 2 / 4)

at = Site(mg.std, normal(5, 3), axis=0, ddof=1)
at.wrong("x", "as of the variance", lambda g, y, x, axis, ddof: g * about_mean(x, 0) * 2 / 4)
at.wrong("x", "with the variance's 2", lambda g, y, x, axis, ddof: g * about_mean(x, 0) / y / 2,
         "factor")  # fmt: skip
at.wrong("x", "n for n − 1", lambda g, y, x, axis, ddof: g * about_mean(x, 0) / y / 5, "factor")
at.wrong("x", "not centred", lambda g, y, x, axis, ddof: g * x / y / 4)
at.wrong("x", "y squared", lambda g, y, x, axis, ddof: g * about_mean(x, 0) / (y * y) / 4)

at = Site(mg.logsumexp, normal(3, 4), axis=1)
at.wrong("x", "not normalised", lambda g, y, x, axis: g[:, None] * np.exp(x))
at.wrong("x", "as of a sum", lambda g, y, x, axis: g[:, None] + 0 * x)
at.wrong("x", "other axis", lambda g, y, x, axis: g[:, None] * np.exp(x) / np.exp(x).sum(0))
at.wrong("x", "not exponentiated", lambda g, y, x, axis: g[:, None] * (x - y[:, None]))
at.wrong("x", "to the largest only", lambda g, y, x, axis: g[:, None] * (x == x.max(1)[:, None]))

# --- Extremes -------------------------------------------------------------------------------

at = Site(mg.max, spaced(3, 4), axis=0, keepdims=True)
at.wrong("x", "to all", lambda g, y, x, axis, keepdims: g + 0 * x)
at.wrong("x", "as of the minimum", lambda g, y, x, axis, keepdims: g * (x == x.min(0)))
at.wrong("x", "largest of the rows", lambda g, y, x, axis, keepdims: g * (x == x.max(1)[:, None]))
at.wrong("x", "evenly to all", lambda g, y, x, axis, keepdims: g / 3 + 0 * x)

at = Site(mg.min, -np.sort(spaced(3, 4)), axis=1)
at.wrong("x", "to all", lambda g, y, x, axis: g[:, None] + 0 * x)
at.wrong("x", "as of the maximum", lambda g, y, x, axis: g[:, None] * (x == x.max(1)[:, None]))
at.wrong("x", "to the first", lambda g, y, x, axis: g[:, None] * (np.arange(4) == 0))

# --- Products and running totals ------------------------------------------------------------

at = Site(mg.prod, normal(3, 4), axis=1)
at.wrong("x", "not divided", lambda g, y, x, axis: (g * y)[:, None] + 0 * x)
at.wrong("x", "divided by y", lambda g, y, x, axis: g[:, None] * x / y[:, None])
at.wrong("x", "everything multiplied", lambda g, y, x, axis: g[:, None] * x.prod() / x)
at.wrong("x", "as of a sum", lambda g, y, x, axis: g[:, None] + 0 * x)

at = Site(mg.cumsum, normal(4, 3), axis=0)
at.wrong("x", "not from the end", lambda g, y, x, axis: np.cumsum(g, axis))
at.wrong("x", "left in reversed order", lambda g, y, x, axis: np.flip(flipped_sum(g, 0), 0),
         "reversed")  # fmt: skip
at.wrong("x", "along the other axis", lambda g, y, x, axis: flipped_sum(g, 1))
at.wrong("x", "not summed", lambda g, y, x, axis: g)
at.wrong("x", "everything summed", lambda g, y, x, axis: g.sum(axis) + 0 * x)
at.wrong("x", "itself left out", lambda g, y, x, axis: flipped_sum(g, 0) - g)

at = Site(mg.cumprod, normal(3, 4), axis=1)
at.wrong("x", "as of a running sum", lambda g, y, x, axis: flipped_sum(g, 1))
at.wrong("x", "not divided", lambda g, y, x, axis: flipped_sum(g * y, 1))
at.wrong("x", "not from the end", lambda g, y, x, axis: np.cumsum(g * y, 1) / x)
at.wrong("x", "the last factor only", lambda g, y, x, axis: g * y / x)

# --- Norms ----------------------------------------------------------------------------------

at = Site(reduce.vector_norm, normal(3, 4), ord=3, axis=1)
at.wrong("x", "as of the norm of order 2", lambda g, y, x, ord, axis: (g / y)[:, None] * x)
at.wrong("x", "without the sign", lambda g, y, x, ord, axis: g[:, None] * (x / y[:, None]) ** 2)
at.wrong("x", "order not lowered", lambda g, y, x, ord, axis: g[:, None] * (x / y[:, None]) ** 3)
at.wrong("x", "without the root", lambda g, y, x, ord, axis: 3 * g[:, None] * x * np.abs(x))

at = Site(reduce.vector_norm, normal(3, 4))
at.wrong("x", "without the root", lambda g, y, x: 2 * g * x, "factor")
at.wrong("x", "not divided", lambda g, y, x: g * x, "factor")
at.wrong("x", "y squared", lambda g, y, x: g * x / (y * y), "factor")

at = Site(reduce.vector_norm, spaced(3, 4), ord=math.inf, axis=0)
at.wrong("x", "without the sign", lambda g, y, x, ord, axis: g * (np.abs(x) == y))
at.wrong("x", "as of the norm of order 1", lambda g, y, x, ord, axis: g * np.sign(x))

at = Site(reduce.vector_norm, positive(3, 4) - 1.1, ord=1)
at.wrong("x", "without the sign", lambda g, y, x, ord: g + 0 * x)
