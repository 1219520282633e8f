"""Functions with rules of one's own, for tests of what is said of wrong ones."""

import numpy as np

import minigrad as mg
from minigrad.nn import functional as F

RNG = np.random.default_rng(21)


def normal(*shape):
    """Random numbers of either sign, none near 0."""
    return RNG.uniform(0.3, 1.7, shape) * RNG.choice([-1.0, 1.0], shape)


def op(forward, **rules):
    """A function with these rules for its gradients."""
    return mg.primitive(**rules)(forward)


def exp(rule):
    return op(lambda x: np.exp(x), x=rule)


def product(rule):
    """a · b, with this rule for b."""
    return op(lambda a, b: a * b, a=lambda g, y, a, b: g * b, b=rule)


def matmul(rule):
    """a @ b, with this rule for a."""
    return op(lambda a, b: a @ b, a=rule, b=lambda g, y, a, b: a.T @ g)


def array(x):
    return x.data if isinstance(x, mg.Tensor) else x


def keep(x):
    return np.sum(x, axis=-1, keepdims=True)


def put(x, index, g):
    """g at these places of zeros: of several at one place the last one stays."""
    share = np.zeros_like(x)
    share[index] = g
    return share


ROWS = [0, 2, 2, 3, 0]


# --- Normalisation ----------------------------------------------------------------------------


def normalised(axis, gamma, mean=1.0, spread=1.0, scale=True, eps=0.01):
    """x normalised along an axis, with how much of each path, and with γ or without."""

    def parts(x):
        z = x - x.mean(axis, keepdims=True)
        return z, 1 / np.sqrt((z * z).mean(axis, keepdims=True) + eps)

    def forward(x):
        z, s = parts(x)
        return gamma * z * s

    def rule(g, y, x):
        z, s = parts(x)
        h = g * gamma if scale else g
        along = z * s * s * (h * z).mean(axis, keepdims=True)
        return s * (h - mean * h.mean(axis, keepdims=True) - spread * along)

    return op(forward, x=rule)


def layer_norm(rule):
    """Layer normalisation with γ as its second input."""

    def forward(x, gamma):
        return gamma * (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)

    return op(forward, x=rule, gamma=lambda g, y, x, gamma: (g * y / gamma).sum(0))


def layer_norm_rule(share):
    """The right rule for x, fed with another share of g and γ."""

    def rule(g, y, x, gamma):
        hat, h = y / gamma, share(g, gamma)
        inner = h - h.mean(-1, keepdims=True) - hat * (h * hat).mean(-1, keepdims=True)
        return inner / x.std(-1, keepdims=True)

    return rule


# --- Convolution ------------------------------------------------------------------------------


def correlate(rule):
    """Correlation of a sequence with a filter, with this rule for the sequence."""

    def forward(x, w):
        return np.correlate(x, w, "valid")

    return op(forward, x=rule, w=lambda g, y, x, w: np.correlate(x, g, "valid"))


def conv2d(rule, **params):
    """conv2d with another rule for its image."""

    def forward(x, w):
        return F.conv2d(x, w, **params)

    def image(g, y, x, w):
        return array(mg.vjp(lambda t: F.conv2d(t, rule(w), **params), x, g)[1])

    def filters(g, y, x, w):
        return array(mg.vjp(lambda t: F.conv2d(x, t, **params), w, g)[1])

    return op(forward, x=image, w=filters)


IMAGE, FILTER = normal(2, 2, 4, 5), normal(3, 2, 2, 3)
SHORT, LONG = normal(3), normal(8)


def normalised_by(x, gamma):
    """Batch normalisation, whose rule for x does as if γ were 1."""
    right = normalised(0, 1.0, eps=0.5)

    def rule(g, y, x, gamma):
        return array(mg.vjp(right, x, g)[1])

    def scale(g, y, x, gamma):
        return (g * right(x)).sum(0)

    return op(lambda x, gamma: gamma * right(x), x=rule, gamma=scale)(x, gamma)
