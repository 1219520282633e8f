"""What goes wrong in the rules of functions that work entry by entry."""

import math

import numpy as np
from planting import Site, inside, normal, positive

import minigrad as mg
from minigrad.ops.erf import bell, normal_cdf

LN2, LN10 = math.log(2), math.log(10)

# --- Arithmetic -----------------------------------------------------------------------------

at = Site(mg.add, normal(4, 3), normal(3))
at.wrong("a", "as of a product", lambda g, y, a, b: g * b)
at.wrong("b", "the first row only", lambda g, y, a, b: g[0], "broadcast sum missing")
at.wrong("b", "averaged over the rows", lambda g, y, a, b: g.mean(axis=0), "mean for sum")

at = Site(mg.subtract, normal(4, 1), normal(4, 3))
at.wrong("b", "as of a sum", lambda g, y, a, b: g, "lost sign")
at.wrong("a", "the first column only", lambda g, y, a, b: g[:, :1], "broadcast sum missing")
at.wrong("a", "averaged", lambda g, y, a, b: g.mean(axis=1, keepdims=True), "mean for sum")

at = Site(mg.multiply, normal(3, 3), normal(3, 3))
at.wrong("a", "times itself", lambda g, y, a, b: g * a)
at.wrong("b", "times itself", lambda g, y, a, b: g * b)
at.wrong("a", "other factor forgotten", lambda g, y, a, b: g)
at.wrong("a", "times both", lambda g, y, a, b: g * (a + b))
at.wrong("a", "times the output", lambda g, y, a, b: g * y)
at.spoiled("b", "turned on its side", lambda share: share.T, "transposed")

at = Site(mg.multiply, normal(4, 3), normal(3))
at.wrong("b", "the last row only", lambda g, y, a, b: (g * a)[-1], "broadcast sum missing")
at.wrong("b", "averaged over the rows", lambda g, y, a, b: (g * a).mean(axis=0), "mean for sum")

at = Site(mg.divide, normal(3, 4), positive(3, 4))
at.wrong("a", "multiplied", lambda g, y, a, b: g * b)
at.wrong("a", "not divided", lambda g, y, a, b: g)
at.wrong("b", "without its sign", lambda g, y, a, b: g * y / b, "lost sign")
at.wrong("b", "denominator not squared", lambda g, y, a, b: -g * a / b)
at.wrong("b", "numerator forgotten", lambda g, y, a, b: -g / (b * b))
at.wrong("b", "operands exchanged", lambda g, y, a, b: -g * b / (a * a))

at = Site(mg.negative, normal(3, 4))
at.wrong("x", "without its sign", lambda g, y, x: g, "lost sign")

at = Site(mg.positive, normal(3, 4))
at.wrong("x", "as of minus", lambda g, y, x: -g, "lost sign")

at = Site(mg.power, positive(3, 1), normal(3, 4))
at.wrong("a", "without the exponent", lambda g, y, a, b: g * y / a)
at.wrong("a", "exponent not lowered", lambda g, y, a, b: g * b * y)
at.wrong("a", "as of an exponential", lambda g, y, a, b: g * y * np.log(a))
at.wrong("b", "without the logarithm", lambda g, y, a, b: g * y)
at.wrong("b", "logarithm to base 2", lambda g, y, a, b: g * y * np.log2(a), "factor")
at.wrong("b", "as of a power", lambda g, y, a, b: g * b * y / a)

at = Site(mg.square, normal(3, 4))
at.wrong("x", "counted once", lambda g, y, x: g * x, "factor")
at.wrong("x", "without x", lambda g, y, x: 2 * g)
at.wrong("x", "y for x", lambda g, y, x: 2 * g * y)

at = Site(mg.reciprocal, normal(3, 4))
at.wrong("x", "without its sign", lambda g, y, x: g * y * y, "lost sign")
at.wrong("x", "y not squared", lambda g, y, x: -g * y)
at.wrong("x", "x for y", lambda g, y, x: -g * x * x)

at = Site(mg.remainder, 3 * normal(3, 4), positive(3, 4))
at.wrong("b", "taken as constant", lambda g, y, a, b: 0 * g, "zero")
at.wrong("b", "without its sign", lambda g, y, a, b: g * np.floor(a / b), "lost sign")
at.wrong("b", "truncated", lambda g, y, a, b: -g * np.trunc(a / b))
at.wrong("b", "quotient not rounded", lambda g, y, a, b: -g * a / b)

at = Site(mg.fmod, 3 * normal(3, 4), positive(3, 4))
at.wrong("b", "rounded down", lambda g, y, a, b: -g * np.floor(a / b))
at.wrong("b", "rounded", lambda g, y, a, b: -g * np.round(a / b))

# --- Powers of e, logarithms, roots ---------------------------------------------------------

at = Site(mg.exp, normal(3, 4))
at.wrong("x", "x for y", lambda g, y, x: g * x)
at.wrong("x", "as of a power", lambda g, y, x: g * x * np.exp(x - 1))
at.wrong("x", "without y", lambda g, y, x: g)

at = Site(mg.exp2, normal(3, 4))
at.wrong("x", "without ln 2", lambda g, y, x: g * y, "factor")
at.wrong("x", "divided by ln 2", lambda g, y, x: g * y / LN2, "factor")
at.wrong("x", "logarithm of x", lambda g, y, x: g * y * np.log(np.abs(x)))

at = Site(mg.expm1, normal(3, 4))
at.wrong("x", "y without the 1", lambda g, y, x: g * y)
at.wrong("x", "y − 1", lambda g, y, x: g * (y - 1))

at = Site(mg.log, positive(3, 4))
at.wrong("x", "y for x", lambda g, y, x: g / y)
at.wrong("x", "multiplied", lambda g, y, x: g * x)
at.wrong("x", "derived twice", lambda g, y, x: -g / (x * x))

at = Site(mg.log1p, positive(3, 4))
at.wrong("x", "without the 1", lambda g, y, x: g / x)
at.wrong("x", "y for x", lambda g, y, x: g / (1 + y))

at = Site(mg.log2, positive(3, 4))
at.wrong("x", "without ln 2", lambda g, y, x: g / x, "factor")
at.wrong("x", "times ln 2", lambda g, y, x: g * LN2 / x, "factor")

at = Site(mg.log10, positive(3, 4))
at.wrong("x", "without ln 10", lambda g, y, x: g / x, "factor")
at.wrong("x", "ln 2 for ln 10", lambda g, y, x: g / (x * LN2), "factor")

at = Site(mg.sqrt, positive(3, 4))
at.wrong("x", "without the 2", lambda g, y, x: g / y, "factor")
at.wrong("x", "x for its root", lambda g, y, x: g / (2 * x))
at.wrong("x", "multiplied", lambda g, y, x: g * y / 2)

at = Site(mg.cbrt, normal(3, 4))
at.wrong("x", "without the 3", lambda g, y, x: g / (y * y), "factor")
at.wrong("x", "y not squared", lambda g, y, x: g / (3 * y))
at.wrong("x", "as of a square root", lambda g, y, x: g / (2 * y))

at = Site(mg.logaddexp, normal(3, 4), normal(3, 4))
at.wrong("a", "share of the other", lambda g, y, a, b: g * np.exp(b - y))
at.wrong("a", "not normalised", lambda g, y, a, b: g * np.exp(a))
at.wrong("b", "half for each", lambda g, y, a, b: g / 2)

# --- Angles and hyperbolas ------------------------------------------------------------------

at = Site(mg.sin, normal(3, 4))
at.wrong("x", "sign of the cosine's", lambda g, y, x: -g * np.cos(x), "lost sign")
at.wrong("x", "not derived", lambda g, y, x: g * y)
at.wrong("x", "cosine of y", lambda g, y, x: g * np.cos(y))

at = Site(mg.cos, normal(3, 4))
at.wrong("x", "without its sign", lambda g, y, x: g * np.sin(x), "lost sign")
at.wrong("x", "not derived", lambda g, y, x: -g * y)

at = Site(mg.tan, normal(3, 4))
at.wrong("x", "as of tanh", lambda g, y, x: g * (1 - y * y))
at.wrong("x", "cosine not squared", lambda g, y, x: g / np.cos(x))
at.wrong("x", "without the 1", lambda g, y, x: g * y * y)

at = Site(mg.arcsin, inside(3, 4))
at.wrong("x", "sign in the root", lambda g, y, x: g / np.sqrt(1 + x * x))
at.wrong("x", "without the root", lambda g, y, x: g / (1 - x * x))

at = Site(mg.arccos, inside(3, 4))
at.wrong("x", "as of arcsin", lambda g, y, x: g / np.sqrt(1 - x * x), "lost sign")
at.wrong("x", "y for x", lambda g, y, x: -g / np.sqrt(np.abs(1 - y * y)))

at = Site(mg.arctan, normal(3, 4))
at.wrong("x", "with a root", lambda g, y, x: g / np.sqrt(1 + x * x))
at.wrong("x", "y for x", lambda g, y, x: g / (1 + y * y))

at = Site(mg.arctan2, normal(3, 4), normal(3, 1))
at.wrong("a", "operands exchanged", lambda g, y, a, b: g * a / (a * a + b * b))
at.wrong("b", "without its sign", lambda g, y, a, b: g * a / (a * a + b * b), "lost sign")
at.wrong("a", "as of arctan(a / b)", lambda g, y, a, b: g / (1 + (a / b) ** 2))
at.wrong("a", "radius not squared", lambda g, y, a, b: g * b / np.hypot(a, b))

at = Site(mg.hypot, normal(3, 4), normal(3, 4))
at.wrong("a", "the other side", lambda g, y, a, b: g * b / y)
at.wrong("a", "not divided", lambda g, y, a, b: g * a)
at.wrong("b", "divided twice", lambda g, y, a, b: g * b / (y * y))

at = Site(mg.sinh, normal(3, 4))
at.wrong("x", "not derived", lambda g, y, x: g * y)

at = Site(mg.cosh, normal(3, 4))
at.wrong("x", "sign of the cosine's", lambda g, y, x: -g * np.sinh(x), "lost sign")
at.wrong("x", "not derived", lambda g, y, x: g * y)

at = Site(mg.tanh, normal(3, 4))
at.wrong("x", "x for y", lambda g, y, x: g * (1 - x * x))
at.wrong("x", "sign", lambda g, y, x: g * (1 + y * y))
at.wrong("x", "y not squared", lambda g, y, x: g * (1 - y))
at.wrong("x", "without the 1", lambda g, y, x: -g * y * y)
at.wrong("x", "as of the sigmoid", lambda g, y, x: g * y * (1 - y))

at = Site(mg.arcsinh, normal(3, 4))
at.wrong("x", "without the root", lambda g, y, x: g / (x * x + 1))

at = Site(mg.arccosh, 1 + positive(3, 4))
at.wrong("x", "as of arcsinh", lambda g, y, x: g / np.sqrt(x * x + 1))

at = Site(mg.arctanh, inside(3, 4))
at.wrong("x", "as of arctan", lambda g, y, x: g / (1 + x * x))
at.wrong("x", "with a root", lambda g, y, x: g / np.sqrt(1 - x * x))

# --- Areas under the bell curve -------------------------------------------------------------

BELL = 2 / math.sqrt(math.pi)

at = Site(mg.erf, normal(3, 4))
at.wrong("x", "without its factor", lambda g, y, x: g * np.exp(-x * x))
at.wrong("x", "density of the normal distribution", lambda g, y, x: g * BELL * np.exp(-x * x / 2))
at.wrong("x", "as of tanh", lambda g, y, x: g * (1 - y * y))

at = Site(mg.erfc, normal(3, 4))
at.wrong("x", "as of erf", lambda g, y, x: g * BELL * np.exp(-x * x), "lost sign")
at.wrong("x", "without its factor", lambda g, y, x: -g * np.exp(-x * x))

at = Site(normal_cdf, normal(3, 4))
at.wrong("x", "of another width", lambda g, y, x: g * np.exp(-x * x) / math.sqrt(math.pi))
at.wrong("x", "without its factor", lambda g, y, x: g * np.exp(-x * x / 2), "factor")
at.wrong("x", "as of the sigmoid", lambda g, y, x: g * y * (1 - y))

at = Site(bell, normal(3, 4), rate=0.5)
at.wrong("x", "without the rate", lambda g, y, x, rate: -2 * g * x * y, "factor")
at.wrong("x", "without x", lambda g, y, x, rate: -2 * rate * g * y)
at.wrong("x", "as of exp", lambda g, y, x, rate: g * y)
