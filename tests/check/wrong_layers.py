"""What goes wrong in the rules of normalisation, dropout and losses."""

import numpy as np
from planting import Site, inside, normal, positive, spaced

import minigrad as mg
from minigrad.nn.functional.dropout import masked
from minigrad.nn.functional.loss import bent_square, bernoulli, bernoulli_of_logits
from minigrad.ops.activation import sigmoid
from minigrad.ops.embedding import embedding
from minigrad.ops.norm import Moments

# --- Normalisation --------------------------------------------------------------------------


class Batch:
    """The parts of the rule: s (h − mean(h) − z s² mean(h z)), with h = γ g, z = x − μ."""

    def __init__(self, g, x, gamma, axes, eps):
        self.axes = axes
        self.h = g * gamma
        self.z = x - self.mean(x)
        self.variance = self.mean(self.z * self.z)
        self.s = 1 / np.sqrt(self.variance + eps)

    def mean(self, v):
        return v.mean(self.axes, keepdims=True)

    def dx(self, mean=1.0, spread=1.0):
        """mean and spread: how much of the paths through μ and σ is there."""
        by_spread = self.z * self.s**2 * self.mean(self.h * self.z)
        return self.s * (self.h - mean * self.mean(self.h) - spread * by_spread)


def per_channel(p, x):
    """γ along axis 1 of x."""
    return p.reshape(-1, *[1] * (x.ndim - 2))


def of_batch(change, axes=None):
    """A rule of batch_norm for x, from the parts of the right one."""

    def rule(g, y, x, gamma, beta, eps, **_):
        over = axes or others(x)
        return change(Batch(g, x, per_channel(gamma, x), over, eps), per_channel(gamma, x))

    return rule


def others(x):
    """All axes but that of the channels."""
    return (0, *range(2, x.ndim))


def without_gamma(p, gamma):
    return p.dx() / gamma  # for γ is constant within a channel


at = Site(mg.batch_norm, normal(4, 3, 2), positive(3) + 0.3, normal(3), eps=0.1)
at.wrong("x", "without the mean", of_batch(lambda p, _: p.dx(mean=0)), "mean path missing")
at.wrong("x", "without the variance", of_batch(lambda p, _: p.dx(spread=0)),
         "variance path missing")  # fmt: skip
at.wrong("x", "without both", of_batch(lambda p, _: p.dx(mean=0, spread=0)))
at.wrong("x", "sign of the mean", of_batch(lambda p, _: p.dx(mean=-1)))
at.wrong("x", "variance counted twice", of_batch(lambda p, _: p.dx(spread=2)))
at.wrong("x", "unbiased variance", of_batch(lambda p, _: p.dx(spread=8 / 7)))
at.wrong("x", "not divided by the spread", of_batch(lambda p, _: p.dx() / p.s))
at.wrong("x", "without gamma", of_batch(without_gamma), "gamma missing")
at.wrong("x", "gamma squared", of_batch(lambda p, gamma: gamma * p.dx()))
at.wrong("x", "mean over samples only", of_batch(lambda p, _: p.dx(), axes=(0,)))
at.wrong("x", "without eps", lambda g, y, x, gamma, beta, eps, **_: Batch(
    g, x, per_channel(gamma, x), others(x), 0.0).dx())  # fmt: skip
at.wrong("gamma", "x not normalised", lambda g, y, x, *_, **__: (g * x).sum(others(x)))
at.wrong("gamma", "y for x̂", lambda g, y, x, *_, **__: (g * y).sum(others(x)))
at.spoiled("gamma", "mean", lambda share: share / 8, "mean for sum")
at.wrong("beta", "mean", lambda g, y, x, *_, **__: g.mean(others(x)), "mean for sum")
at.wrong("beta", "first sample", lambda g, y, x, *_, **__: g[:1].sum(others(x)),
         "broadcast sum missing")  # fmt: skip
at.wrong("beta", "times gamma", lambda g, y, x, gamma, *_, **__: gamma * g.sum(others(x)))


def lecture(mean=1.0, spread=1.0):
    """A rule where the spread is σ + ε; the keywords are those of Batch.dx."""

    def rule(g, y, x, gamma, beta, eps, **_):
        p = Batch(g, x, per_channel(gamma, x), others(x), eps)
        sigma = np.sqrt(p.variance)
        s = 1 / (sigma + eps)
        by_spread = p.z * s / sigma * p.mean(p.h * p.z)
        return s * (p.h - mean * p.mean(p.h) - spread * by_spread)

    return rule


at = Site(mg.batch_norm, normal(5, 3), positive(3) + 0.3, normal(3), eps=0.1, eps_mode="std")
at.wrong("x", "without the mean", lecture(mean=0), "mean path missing")
at.wrong("x", "without the variance", lecture(spread=0), "variance path missing")
at.wrong("x", "as of √(σ² + ε)", of_batch(lambda p, _: p.dx()))

MOMENTS = Moments(normal(3), positive(3))
at = Site(mg.batch_norm, normal(5, 3), positive(3) + 0.3, normal(3), eps=0.1, moments=MOMENTS)
at.wrong("x", "as in training", of_batch(lambda p, _: p.dx()))
at.wrong("x", "without gamma", lambda g, y, x, gamma, beta, eps, moments: g
         / np.sqrt(moments.var + eps), "gamma missing")  # fmt: skip


def of_layer(change):
    """A rule of layer_norm for x, from the parts of the right one."""
    return lambda g, y, x, gamma, beta, eps, **_: change(Batch(g, x, gamma, (-1,), eps))


def before(x):
    """All axes but the last."""
    return tuple(range(x.ndim - 1))


at = Site(mg.layer_norm, normal(4, 5), positive(5) + 0.3, normal(5), eps=0.1)
at.wrong("x", "without the mean", of_layer(lambda p: p.dx(mean=0)), "mean path missing")
at.wrong("x", "without the variance", of_layer(lambda p: p.dx(spread=0)), "variance path missing")
at.wrong("x", "without both", of_layer(lambda p: p.dx(mean=0, spread=0)))
at.wrong("x", "without gamma", lambda g, y, x, gamma, beta, eps, **_: Batch(
    g, x, 1, (-1,), eps).dx(), "gamma missing")  # fmt: skip
at.wrong("x", "over the samples", lambda g, y, x, gamma, beta, eps, **_: Batch(
    g, x, gamma, (0,), eps).dx())  # fmt: skip
at.wrong("x", "gamma afterwards", lambda g, y, x, gamma, beta, eps, **_: gamma
         * Batch(g, x, 1, (-1,), eps).dx())  # fmt: skip
at.wrong("gamma", "x not normalised", lambda g, y, x, *_, **__: (g * x).sum(before(x)))
at.spoiled("gamma", "mean", lambda share: share / 4, "mean for sum")
at.wrong("beta", "mean", lambda g, y, x, *_, **__: g.mean(before(x)), "mean for sum")
at.wrong("beta", "first sample", lambda g, y, x, *_, **__: g[:1].sum(before(x)),
         "broadcast sum missing")  # fmt: skip


def of_groups(change):
    """A rule of group_norm for x, from the parts of the right one: rows are groups."""

    def rule(g, y, x, gamma, beta, num_groups, eps):
        rows = (len(x), num_groups, -1)
        h, scaled = g * per_channel(gamma, x), x.reshape(rows)
        return change(Batch(h.reshape(rows), scaled, 1, (-1,), eps)).reshape(x.shape)

    return rule


at = Site(mg.group_norm, normal(3, 4, 3), positive(4) + 0.3, normal(4), num_groups=2, eps=0.1)
at.wrong("x", "without the mean", of_groups(lambda p: p.dx(mean=0)), "mean path missing")
at.wrong("x", "without the variance", of_groups(lambda p: p.dx(spread=0)), "variance path missing")
at.wrong("x", "without both", of_groups(lambda p: p.dx(mean=0, spread=0)))
at.wrong("x", "as of the batch", of_batch(lambda p, _: p.dx()))
at.wrong("gamma", "x not normalised", lambda g, y, x, *_, **__: (g * x).sum(others(x)))
at.wrong("beta", "mean", lambda g, y, x, *_, **__: g.mean(others(x)), "mean for sum")

# --- Embedding ------------------------------------------------------------------------------

WORDS = np.array([[0, 3, 3], [1, 3, 0]])


def rows_of(add):
    """A rule of embedding; add puts g into the table."""

    def rule(g, y, weight, indices):
        share = np.zeros(weight.shape)
        add(share, indices, g)
        return share

    return rule


at = Site(embedding, normal(5, 2), indices=WORDS)
at.wrong("weight", "one of each kept", rows_of(lambda share, i, g: share.__setitem__(i, g)))
at.wrong("weight", "the first sample", rows_of(lambda share, i, g: np.add.at(share, i[0], g[0])))
at.wrong("weight", "the next row", rows_of(lambda share, i, g: np.add.at(share, i + 1, g)))

# --- Dropout --------------------------------------------------------------------------------

KEPT = np.array([[1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0]]) / 0.6
at = Site(masked, normal(3, 4), mask=KEPT)
at.wrong("x", "nothing dropped", lambda g, y, x, mask: g)
at.wrong("x", "not divided by 1 − p", lambda g, y, x, mask: g * (mask > 0), "factor")
at.wrong("x", "the others", lambda g, y, x, mask: g * (mask == 0) / 0.6)
at.wrong("x", "another mask", lambda g, y, x, mask: g * mask[::-1])

# --- Losses ---------------------------------------------------------------------------------

CLASSES, WEIGHT = np.array([0, 2, 1, 2, 0]), np.array([0.5, 2.0, 1.3])


def softmax(x):
    e = np.exp(x)
    return e / e.sum(1, keepdims=True)


def hot(target, weight=1.0):
    """1 at the class, weighted."""
    return (np.eye(3) * weight)[target]


def of_logits(share):
    """A rule of cross_entropy for x, from softmax and target; the mean over the samples."""
    return lambda g, y, x, t, **_: g * share(softmax(x), hot(t)) / len(x)


at = Site(mg.cross_entropy, normal(5, 3), CLASSES, constant=(1,))
at.spoiled("x", "not averaged", lambda share: share * 5, "mean for sum")
at.spoiled("x", "averaged over classes too", lambda share: share / 3, "mean for sum")
at.wrong("x", "without the target", of_logits(lambda p, q: p))
at.wrong("x", "without the softmax", of_logits(lambda p, q: -q))
at.wrong("x", "at the target only", of_logits(lambda p, q: (p - 1) * q))
at.wrong("x", "target minus softmax", of_logits(lambda p, q: q - p), "lost sign")
at.wrong("x", "of one sigmoid per class", of_logits(lambda p, q: p * (1 - p) - q))
at.wrong("x", "x for the softmax", lambda g, y, x, t, **_: g * (x - hot(t)) / len(x))
at.wrong("x", "softmax of the columns", lambda g, y, x, t, **_: g * (
    softmax(x.T).T - hot(t)) / len(x))  # fmt: skip
at.wrong("x", "the next class", lambda g, y, x, t, **_: g * (softmax(x) - hot(t - 1)) / len(x))

at = Site(mg.cross_entropy, normal(5, 3), CLASSES, WEIGHT, constant=(1, 2), label_smoothing=0.2,
          ignore_index=1)  # fmt: skip
at.wrong("x", "ignored sample counted", lambda g, y, x, t, w, **_: g * (
    softmax(x) * w[t][:, None] - hot(t, w)) / w[t].sum())  # fmt: skip
at.spoiled("x", "divided by all", lambda share: share * 4 / 5, "factor")
at.wrong("x", "without weights", lambda g, y, x, t, w, **_: g * (
    softmax(x) - 0.8 * hot(t) - 0.2 / 3) * (t != 1)[:, None] / 4)  # fmt: skip
at.spoiled("x", "not averaged", lambda share: share * WEIGHT[[0, 2, 2, 0]].sum(), "factor")

at = Site(mg.cross_entropy, normal(4, 3), positive(4, 3), reduction="none")
at.wrong("x", "without the target's sum", lambda g, y, x, t, **_: g[:, None] * (softmax(x) - t))
at.wrong("x", "averaged", lambda g, y, x, t, **_: g[:, None] * (
    softmax(x) * t.sum(1, keepdims=True) - t) / 4, "mean for sum")  # fmt: skip
at.wrong("target", "logits for log p", lambda g, y, x, t, **_: -g[:, None] * x)
at.wrong("target", "without its sign", lambda g, y, x, t, **_: g[:, None] * np.log(softmax(x)),
         "lost sign")  # fmt: skip
at.wrong("target", "p for log p", lambda g, y, x, t, **_: -g[:, None] * softmax(x))

at = Site(bernoulli, 0.5 + 0.4 * inside(3, 4), 0.5 + 0.4 * inside(3, 4))
at.wrong("p", "as of logits", lambda g, y, p, t: g * (p - t))
at.wrong("p", "without its sign", lambda g, y, p, t: g * (t - p) / (p * (1 - p)), "lost sign")
at.wrong("p", "of one class only", lambda g, y, p, t: -g * t / p)
at.wrong("t", "taken as constant", lambda g, y, p, t: 0 * g, "zero")
at.wrong("t", "of one class only", lambda g, y, p, t: -g * np.log(p))
at.wrong("t", "without its sign", lambda g, y, p, t: g * np.log(p / (1 - p)), "lost sign")

at = Site(bernoulli_of_logits, normal(3, 4), 0.5 + 0.4 * inside(3, 4))
at.wrong("x", "as of probabilities", lambda g, y, x, t: g * (x - t))
at.wrong("x", "without its sign", lambda g, y, x, t: g * (t - sigmoid(x)), "lost sign")
at.wrong("x", "without the target", lambda g, y, x, t: g * sigmoid(x))
at.wrong("t", "taken as constant", lambda g, y, x, t: 0 * g, "zero")
at.wrong("t", "without its sign", lambda g, y, x, t: g * x, "lost sign")

at = Site(bent_square, 2 * spaced(3, 4), delta=1.3)
at.wrong("d", "as of a square", lambda g, y, d, delta: g * d)
at.wrong("d", "as of a size", lambda g, y, d, delta: g * np.sign(d))
at.wrong("d", "held at 1", lambda g, y, d, delta: g * np.clip(d, -1, 1))
