"""What goes wrong in the rules of activations, and of other functions with kinks and steps."""

import numpy as np
from planting import Site, normal, positive, spaced

import minigrad as mg
from minigrad.ops import activation
from minigrad.ops.erf import bell, normal_cdf


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# --- Kinks ----------------------------------------------------------------------------------

at = Site(mg.abs, normal(3, 4))
at.wrong("x", "without the sign", lambda g, y, x: g)
at.wrong("x", "sign of g", lambda g, y, x: np.abs(g), "not linear in the upstream gradient")
at.wrong("x", "times x", lambda g, y, x: g * x)

at = Site(mg.maximum, spaced(3, 4), normal(4) / 9)
at.wrong("a", "as of the minimum", lambda g, y, a, b: g * (a < b))
at.wrong("a", "to both", lambda g, y, a, b: g)
at.wrong("a", "half to each", lambda g, y, a, b: g / 2)
at.wrong("b", "the first row only", lambda g, y, a, b: (g * (b > a))[0], "broadcast sum missing")

at = Site(mg.minimum, spaced(3, 4), normal(3, 4) / 9)
at.wrong("a", "as of the maximum", lambda g, y, a, b: g * (a > b))
at.wrong("b", "to both", lambda g, y, a, b: g)

at = Site(mg.clip, spaced(3, 4), a_min=-1.0, a_max=0.5)
at.wrong("x", "not clipped", lambda g, y, x, a_min, a_max: g)
at.wrong("x", "above only", lambda g, y, x, a_min, a_max: g * (x < a_max))
at.wrong("x", "mask inverted", lambda g, y, x, a_min, a_max: g * ((x < a_min) | (x > a_max)))
at.wrong("x", "g clipped", lambda g, y, x, a_min, a_max: np.clip(g, a_min, a_max))

MASK = np.array([[True, False, True, True], [False, True, False, True]])
at = Site(mg.where, MASK, normal(2, 4), normal(4), constant=(0,))
at.wrong("a", "to both", lambda g, y, condition, a, b: g)
at.wrong("b", "to both", lambda g, y, condition, a, b: g)
at.wrong("a", "branches exchanged", lambda g, y, condition, a, b: np.where(condition, 0, g))
at.wrong("b", "branches exchanged", lambda g, y, condition, a, b: np.where(condition, g, 0))

# --- Steps ----------------------------------------------------------------------------------

for step in (mg.sign, mg.floor, mg.ceil, mg.trunc):
    at = Site(step, spaced(3, 4) * 1.7, flat=True)
    at.wrong("x", "straight through", lambda g, y, x: g)
at = Site(mg.round, spaced(3, 4) * 1.7, flat=True, decimals=1)
at.wrong("x", "straight through", lambda g, y, x, decimals: g)
at = Site(mg.floor_divide, 3 * normal(3, 4), positive(3, 4), flat=True)
at.wrong("a", "as of a quotient", lambda g, y, a, b: g / b)
at.wrong("b", "as of a quotient", lambda g, y, a, b: -g * a / (b * b))

# --- Activations ----------------------------------------------------------------------------

at = Site(mg.relu, normal(3, 4))
at.wrong("x", "all of g", lambda g, y, x: g)
at.wrong("x", "mask of g", lambda g, y, x: g * (g > 0), "not linear in the upstream gradient")
at.wrong("x", "times y", lambda g, y, x: g * y)
at.wrong("x", "mask inverted", lambda g, y, x: g * (x < 0))
at.wrong("x", "leaking", lambda g, y, x: np.where(x > 0, g, 0.01 * g))
at.wrong(
    "x", "guided", lambda g, y, x: g * (g > 0) * (x > 0), "not linear in the upstream gradient"
)

at = Site(mg.sigmoid, normal(3, 4))
at.wrong("x", "x for y", lambda g, y, x: g * x * (1 - x))
at.wrong("x", "y only", lambda g, y, x: g * y)
at.wrong("x", "1 − y only", lambda g, y, x: g * (1 - y))
at.wrong("x", "as of tanh", lambda g, y, x: g * (1 - y * y))
at.wrong("x", "sign", lambda g, y, x: g * y * (1 + y))
at.wrong("x", "sigmoid of y", lambda g, y, x: g * sigmoid(y) * (1 - sigmoid(y)))

at = Site(mg.softplus, 2 * normal(3, 4), beta=2.5, threshold=3.0)
at.wrong("x", "without beta", lambda g, y, x, beta, threshold: g * sigmoid(x))
at.wrong("x", "times beta", lambda g, y, x, beta, threshold: g * beta * sigmoid(beta * x))
at.wrong("x", "without the threshold", lambda g, y, x, beta, threshold: g * sigmoid(beta * x))
at.wrong("x", "y for x", lambda g, y, x, beta, threshold: g * sigmoid(beta * y))

at = Site(mg.logsigmoid, normal(3, 4))
at.wrong("x", "sign of x", lambda g, y, x: g * sigmoid(x))
at.wrong("x", "y for 1 − σ", lambda g, y, x: g * (1 - y))
at.wrong("x", "as of the sigmoid", lambda g, y, x: g * sigmoid(x) * sigmoid(-x))

at = Site(mg.leaky_relu, normal(3, 4), negative_slope=0.3)
at.wrong("x", "as of ReLU", lambda g, y, x, negative_slope: g * (x > 0))
at.wrong("x", "another slope", lambda g, y, x, negative_slope: np.where(x > 0, g, 0.01 * g))
at.wrong("x", "sides exchanged", lambda g, y, x, negative_slope: np.where(x < 0, g, 0.3 * g))

at = Site(mg.elu, normal(3, 4), alpha=0.7)
at.wrong("x", "without alpha", lambda g, y, x, alpha: np.where(x > 0, g, g * np.exp(x)))
at.wrong("x", "y only", lambda g, y, x, alpha: np.where(x > 0, g, g * y))
at.wrong("x", "y + 1", lambda g, y, x, alpha: np.where(x > 0, g, g * (y + 1)))
at.wrong("x", "exponential on both sides", lambda g, y, x, alpha: g * alpha * np.exp(x))

at = Site(mg.silu, normal(3, 4))
at.wrong("x", "sigmoid only", lambda g, y, x: g * sigmoid(x))
at.wrong("x", "without the sigmoid", lambda g, y, x: g * x * sigmoid(x) * (1 - sigmoid(x)))
at.wrong("x", "sign", lambda g, y, x: g * (sigmoid(x) - y * (1 - sigmoid(x))))

at = Site(mg.gelu, 2 * normal(3, 4))
at.wrong("x", "Φ only", lambda g, y, x: g * normal_cdf(x))
at.wrong("x", "density only", lambda g, y, x: g * x * bell(x, 0.5) / np.sqrt(2 * np.pi))
at.wrong("x", "density without its factor", lambda g, y, x: g * (normal_cdf(x) + x * bell(x, 0.5)))
at.wrong("x", "density of another width", lambda g, y, x: g * (
    normal_cdf(x) + x * bell(x) / np.sqrt(np.pi)))  # fmt: skip
at.wrong("x", "as of SiLU", lambda g, y, x: g * sigmoid(x) * (1 + x * (1 - sigmoid(x))))

at = Site(mg.gelu, 2 * normal(3, 4), approximate="tanh")
at.wrong("x", "as without tanh", lambda g, y, x, approximate: g * (
    normal_cdf(x) + x * bell(x, 0.5) / np.sqrt(2 * np.pi)))  # fmt: skip
at.wrong("x", "y / x only", lambda g, y, x, approximate: g * y / x)

at = Site(activation.mish, normal(3, 4))
at.wrong("x", "first term only", lambda g, y, x: g * y / x)
at.wrong("x", "without the sigmoid", lambda g, y, x: g * (y / x + x * (1 - (y / x) ** 2)))
at.wrong("x", "as of SiLU", lambda g, y, x: g * sigmoid(x) * (1 + x * (1 - sigmoid(x))))

at = Site(activation.hardswish, 2 * spaced(3, 4))
at.wrong("x", "as of ReLU", lambda g, y, x: g * (x > 0))
at.wrong("x", "the gate only", lambda g, y, x: g * np.clip(x / 6 + 0.5, 0, 1))
at.wrong("x", "without its bounds", lambda g, y, x: g * (x / 3 + 0.5))

at = Site(activation.softsign, normal(3, 4))
at.wrong("x", "not squared", lambda g, y, x: g / (1 + np.abs(x)))
at.wrong("x", "without the size", lambda g, y, x: g / (1 + x) ** 2)
at.wrong("x", "as of tanh", lambda g, y, x: g * (1 - y * y))

at = Site(activation.prelu, normal(2, 3, 4), np.array([[0.2], [-0.4], [0.7]]))
at.wrong("x", "as of ReLU", lambda g, y, x, slope: g * (x > 0))
at.wrong("x", "sides exchanged", lambda g, y, x, slope: np.where(x < 0, g, g * slope))
at.wrong("slope", "on both sides", lambda g, y, x, slope: g * x)
at.wrong("slope", "without x", lambda g, y, x, slope: np.where(x > 0, 0, g))
at.wrong("slope", "the first sample", lambda g, y, x, slope: np.where(x > 0, 0, g * x)[0],
         "broadcast sum missing")  # fmt: skip

at = Site(mg.hardtanh, spaced(3, 4), min_val=-0.5, max_val=0.9)
at.wrong("x", "default bounds", lambda g, y, x, min_val, max_val: g * (np.abs(x) < 1))
at.wrong("x", "all of g", lambda g, y, x, min_val, max_val: g)
at.wrong("x", "as of tanh", lambda g, y, x, min_val, max_val: g * (1 - y * y))

# --- Softmax --------------------------------------------------------------------------------

at = Site(mg.softmax, normal(4, 3), axis=0)
at.wrong("x", "without the sum", lambda g, y, x, axis: g * y * (1 - y))
at.wrong("x", "the first term only", lambda g, y, x, axis: g * y)
at.wrong("x", "the sum only", lambda g, y, x, axis: -y * (g * y).sum(axis, keepdims=True))
at.wrong("x", "sum of g", lambda g, y, x, axis: y * (g - g.sum(axis, keepdims=True)))
at.wrong("x", "mean for sum", lambda g, y, x, axis: y * (g - (g * y).mean(axis, keepdims=True)))
at.wrong("x", "sum over everything", lambda g, y, x, axis: y * (g - (g * y).sum()))
at.wrong("x", "another axis", lambda g, y, x, axis: y * (g - (g * y).sum(1, keepdims=True)))
at.wrong("x", "without y", lambda g, y, x, axis: g - (g * y).sum(axis, keepdims=True))
at.wrong("x", "sign of the sum", lambda g, y, x, axis: y * (g + (g * y).sum(axis, keepdims=True)))

at = Site(mg.log_softmax, normal(3, 4), axis=1)
at.wrong("x", "y not exponentiated", lambda g, y, x, axis: g - y * g.sum(axis, keepdims=True))
at.wrong("x", "without the sum", lambda g, y, x, axis: g)
at.wrong("x", "without the softmax", lambda g, y, x, axis: g - g.sum(axis, keepdims=True))
at.wrong("x", "another axis", lambda g, y, x, axis: g - np.exp(y) * g.sum(0))
at.wrong("x", "g not summed", lambda g, y, x, axis: g - np.exp(y) * g)
at.wrong("x", "mean for sum", lambda g, y, x, axis: g - np.exp(y) * g.mean(axis, keepdims=True))
