"""What goes wrong in backpropagation through time."""

import numpy as np
from planting import Site, inside, normal

from minigrad.ops.recurrent import gru, lstm, rnn

# --- RNN: δ_t = ∂L/∂h_t (1 − h_t²), ∂L/∂h_{t−1} = Wᵀ δ_t + g_{t−1} ------------------------------


def through_time(slope=lambda h, x: 1 - h * h, back=lambda delta, w: delta @ w, local=1):
    """∂L/∂x and all that reaches the states, from the last step to the first."""

    def walk(g, y, x, h, w, **_):
        delta, dhs = np.zeros_like(x), [g[-1]]
        for t in reversed(range(len(x))):
            delta[t] = dhs[0] * slope(y[t + 1], x[t])
            dhs.insert(0, back(delta[t], w) + local * g[t])
        return delta, dhs

    return walk


def of_x(**mistake):
    return lambda *args, **params: through_time(**mistake)(*args, **params)[0]


def of_h(**mistake):
    return lambda *args, **params: through_time(**mistake)(*args, **params)[1][0]


def of_w(states):
    """Σ δ_t h_{t−1}ᵀ, with other states."""

    def rule(g, y, x, h, w, **params):
        delta, _ = through_time()(g, y, x, h, w, **params)
        return np.einsum("tnh,tnk->hk", delta, states(y))

    return rule


at = Site(rnn, normal(3, 2, 4), normal(2, 4), inside(4, 4))
at.wrong("x", "each step by itself", of_x(back=lambda delta, w: 0))
at.wrong("x", "weights not transposed", of_x(back=lambda delta, w: delta @ w.T))
at.wrong("x", "only the last state counts", of_x(local=0))
at.wrong("x", "slope at x", of_x(slope=lambda h, x: 1 - np.tanh(x) ** 2))
at.wrong("x", "no slope", of_x(slope=lambda h, x: 1))
at.spoiled("x", "time not reversed", lambda share: share[::-1], "reversed")
at.wrong("h", "each step by itself", of_h(back=lambda delta, w: 0))
at.wrong("h", "weights not transposed", of_h(back=lambda delta, w: delta @ w.T))
at.wrong("w", "states after the step", of_w(lambda y: y[1:]))
at.spoiled("w", "transposed", np.transpose, "transposed")
at.wrong("w", "last step only", of_w(lambda y: y[:-1] * (np.arange(3) == 2)[:, None, None]))

# --- LSTM and GRU: a gate forgotten, or another one in its place --------------------------------


def without(gate, gates):
    """A share in which one of the gates has nothing."""

    def change(share):
        share = share.copy()
        np.split(share, gates, axis=-1)[gate][...] = 0
        return share

    return change


def exchanged(first, second, gates):
    """A share in which two gates stand in each other's place."""
    order = list(range(gates))
    order[first], order[second] = second, first

    def change(share, axis=-1):
        parts = np.split(share, gates, axis=axis)
        return np.concatenate([parts[i] for i in order], axis=axis)

    return change


at = Site(lstm, normal(3, 2, 12), normal(2, 3), normal(2, 3), inside(12, 3))
for gate, name in enumerate(("input", "forget", "new", "output")):
    at.spoiled("x", f"no {name} gate", without(gate, 4))
at.spoiled("x", "input and forget gate exchanged", exchanged(0, 1, 4))
at.spoiled("x", "last step only", lambda share: share * (np.arange(3) == 2)[:, None, None])
at.wrong("c", "without the forget gate", lambda g, y, x, h, c, w: g[0, :, 3:] + g[1, :, 3:])
at.wrong("h", "first step only", lambda g, y, x, h, c, w: g[0, :, :3])
at.spoiled("w", "order of gates", lambda share: exchanged(0, 3, 4)(share, axis=0))

at = Site(gru, normal(3, 2, 9), normal(2, 3), inside(9, 3), normal(9))
for gate, name in enumerate(("reset", "update", "new")):
    at.spoiled("x", f"no {name} gate", without(gate, 3))
at.spoiled("x", "reset and update gate exchanged", exchanged(0, 1, 3))
at.wrong("h", "without the update gate", lambda g, y, x, h, w, b: g[0] + g[1])
at.spoiled("w", "mean over samples", lambda share: share / 2)
at.spoiled("b", "as for x: no reset gate", lambda share: share * np.repeat([1, 1, 0.5], 3))
