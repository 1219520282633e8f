"""One step of a recurrent layer, composed of recorded ops; and all steps, one after the other.

Each state is made of the one before, always with the same weights. Unrolled like this, a layer is
an ordinary graph, and backpropagation through time is nothing but the walk through it.

x is what the input contributes, W_ih x + b_ih; w and b belong to the state. Gates stand side by
side on the last axis, in PyTorch's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from minigrad.ops.activation import relu, sigmoid
from minigrad.ops.arguments import named
from minigrad.ops.elementwise import tanh
from minigrad.ops.join import split
from minigrad.ops.products import linear

BENDS: dict[str, Callable[..., Any]] = {"tanh": tanh, "relu": relu}


def rnn_step(x: Any, h: Any, w: Any, b: Any = None, nonlinearity: str = "tanh") -> Any:
    """h' = tanh(x + W h + b), or with relu; x (…, H) is the input's share. Source: Elman (1990)."""
    return named(BENDS[nonlinearity](x + linear(h, w, b)), "h")


def lstm_step(x: Any, h: Any, c: Any, w: Any, b: Any = None, r: Any = None) -> tuple[Any, Any]:
    """c' = σ(f) c + σ(i) tanh(g) and h' = σ(o) tanh(c'), where (i, f, g, o) = x + W h + b.

    x (…, 4H) is the input's share; r (P, H), if there is one, projects: h' = R (σ(o) tanh(c')).
    Source: Hochreiter and Schmidhuber (1997); Gers et al. (2000) for f; Sak et al. (2014) for R.
    """
    i, f, g, o = split(x + linear(h, w, b), 4, axis=-1)
    i, f, o = named(sigmoid(i), "i"), named(sigmoid(f), "f"), named(sigmoid(o), "o")
    c = named(f * c + i * named(tanh(g), "g"), "c")
    h = o * tanh(c)
    return named(h if r is None else linear(h, r), "h"), c


def gru_step(x: Any, h: Any, w: Any, b: Any = None) -> Any:
    """h' = (1 − z) n + z h with n = tanh(x_n + r u_n), r = σ(x_r + u_r), z = σ(x_z + u_z).

    x (…, 3H) is the input's share and u = W h + b that of the state, each split into (r, z, n).
    Source: Cho et al. (2014), who reset before the product: W_n (r h) stands there for r u_n.
    """
    x_r, x_z, x_n = split(x, 3, axis=-1)
    u_r, u_z, u_n = split(linear(h, w, b), 3, axis=-1)
    r, z = named(sigmoid(x_r + u_r), "r"), named(sigmoid(x_z + u_z), "z")
    n = named(tanh(x_n + r * u_n), "n")
    return named((1 - z) * n + z * h, "h")


# --- All steps, unrolled --------------------------------------------------------------------


def rnn_steps(x: Any, h: Any, w: Any, nonlinearity: str = "tanh") -> Iterator[Any]:
    """h₁, h₂, … h_T"""
    for t in range(len(x)):
        h = rnn_step(x[t], h, w, None, nonlinearity)
        yield named(h, f"h_{t + 1}")


def lstm_steps(x: Any, h: Any, c: Any, w: Any, r: Any = None) -> Iterator[tuple[Any, Any]]:
    """(h₁, c₁), (h₂, c₂), … (h_T, c_T)"""
    for t in range(len(x)):
        h, c = lstm_step(x[t], h, c, w, None, r)
        yield named(h, f"h_{t + 1}"), named(c, f"c_{t + 1}")


def gru_steps(x: Any, h: Any, w: Any, b: Any = None) -> Iterator[Any]:
    """h₁, h₂, … h_T"""
    for t in range(len(x)):
        h = gru_step(x[t], h, w, b)
        yield named(h, f"h_{t + 1}")
