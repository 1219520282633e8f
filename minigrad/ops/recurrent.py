"""Recurrent layers: all time steps of a layer as one op.

Its definition is the composed step of ops/cells.py, unrolled; it is what second derivatives go
through. The op is several times faster: what does not wait for a later step, the local
derivatives, is computed for all steps at once, and backpropagation through time is left with one
product with the weights for each step.

T steps, N samples, H units. x (T, N, gates · H) is what the input contributes to the gates,
W_ih x_t + b_ih: one product for all steps. The result holds T + 1 states, the initial one first.

Source: Werbos, Backpropagation through time: what it does and how to do it (1990).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.graph import Array
from minigrad.ops.cells import gru_steps, lstm_steps, rnn_steps
from minigrad.ops.join import concatenate, stack
from minigrad.ops.primitive import Fused, primitive


@primitive(symbol="RNN", kind=Fused)
def rnn(x: Any, h: Any, w: Any, /, nonlinearity: str = "tanh") -> Any:
    """h_t = tanh(x_t + W h_{t−1})

    x (T, N, H), h (N, H), w (H, H) → h_0 … h_T, (T + 1, N, H).
    """
    y = np.empty((len(x) + 1, *h.shape), np.result_type(x, h, w))
    y[0], across = h, np.ascontiguousarray(w.T)
    for x_t, before, after in zip(x, y, y[1:]):
        np.add(x_t, before.dot(across), out=after)
        if nonlinearity == "tanh":
            np.tanh(after, out=after)
        else:
            np.maximum(after, 0, out=after)
    return y


@rnn.fast
def rnn_backward(
    g: Any,
    y: Any,
    x: Any,
    h: Any,
    w: Any,
    *,
    saved: Any,
    wanted: Sequence[bool],
    nonlinearity: str = "tanh",
) -> Sequence[Any]:
    """From the last step to the first, where g_t is what reaches h_t from outside:

    δ_t = ∂L/∂h_t · (1 − h_t²),   ∂L/∂h_{t−1} = Wᵀ δ_t + g_{t−1},   ∂L/∂W = Σ δ_t h_{t−1}ᵀ
    """
    after = y[1:]
    delta = 1 - after * after if nonlinearity == "tanh" else (after != 0).astype(y.dtype)
    dh = g[-1]
    for t in reversed(range(len(x))):
        delta[t] *= dh
        dh = delta[t].dot(w) + g[t]
    return [delta, dh, sum_of_products(delta, y[:-1])]


@rnn.definition
def rnn_unrolled(x: Any, h: Any, w: Any, /, nonlinearity: str = "tanh") -> Any:
    """Step after step."""
    return stack([h, *rnn_steps(x, h, w, nonlinearity)])


@primitive(symbol="LSTM", kind=Fused, saves=True)
def lstm(x: Any, h: Any, c: Any, w: Any, r: Any = None, /) -> Any:
    """c_t = σ(f) c_{t−1} + σ(i) tanh(g), h_t = σ(o) tanh(c_t)

    where (i, f, g, o) = x_t + W h_{t−1}; x (T, N, 4H), h (N, P), c (N, H), w (4H, P). P = H, unless
    there is an r (P, H) that projects: h_t = R (σ(o) tanh(c_t)).
    → the states side by side, (h_0, c_0) … (h_T, c_T): (T + 1, N, P + H).
    """
    p = h.shape[1]
    y = np.empty((len(x) + 1, len(h), p + c.shape[1]), np.result_type(x, h, c, w))
    hs, cs = y[..., :p], y[..., p:]
    hs[0], cs[0], across = h, c, np.ascontiguousarray(w.T)
    gates = x.astype(y.dtype)
    i, f, new, o = in_gates(gates, 4)
    with np.errstate(over="ignore", under="ignore"):
        for t, a in enumerate(gates):
            a += hs[t].dot(across)
            g = np.tanh(new[t])
            to_sigmoid(a)  # of g too: one large array is quicker than three parts
            new[t] = g
            cs[t + 1] = f[t] * cs[t] + i[t] * g
            top = o[t] * np.tanh(cs[t + 1])
            hs[t + 1] = top if r is None else top.dot(r.T)
    return y, gates


@lstm.fast
def lstm_backward(
    g: Any,
    y: Any,
    x: Any,
    h: Any,
    c: Any,
    w: Any,
    r: Any = None,
    *,
    saved: Any,
    wanted: Sequence[bool],
) -> Sequence[Any]:
    """From the last step to the first, where g_t is what reaches h_t and c_t from outside:

    ∂L/∂c_t     is joined by ∂L/∂h_t · o (1 − tanh² c_t)
    δ_t         = ∂L/∂c_t · (g, c_{t−1}, i) for i, f and g, ∂L/∂h_t · tanh c_t for o, times the
                  slopes of σ and tanh
    ∂L/∂h_{t−1} = Wᵀ δ_t + g_{t−1}
    ∂L/∂c_{t−1} = f ∂L/∂c_t + g_{t−1}: no weights, so along c gradients last
    """
    p, gates = h.shape[1], saved
    hs, cs, tanh_c = y[..., :p], y[..., p:], np.tanh(y[1:, :, p:])
    i, f, new, o = in_gates(gates, 4)
    delta = 1 - gates  # to begin with all that does not wait for a later step
    delta *= gates
    delta_i, delta_f, delta_new, delta_o = by_gate = in_gates(delta, 4)
    delta_i *= new
    delta_f *= cs[:-1]
    delta_new[...] = i * (1 - new * new)
    delta_o *= tanh_c
    from_h = o * (1 - tanh_c * tanh_c)
    dhs = np.empty_like(hs)
    dhs[-1], dc = g[-1, :, :p], g[-1, :, p:]
    for t in reversed(range(len(x))):
        dtop = dhs[t + 1] if r is None else dhs[t + 1].dot(r)
        dc = dc + dtop * from_h[t]
        by_gate[:3, t] *= dc
        delta_o[t] *= dtop
        dhs[t] = delta[t].dot(w) + g[t, :, :p]
        dc = dc * f[t] + g[t, :, p:]
    shares = [delta, dhs[0], dc, sum_of_products(delta, hs[:-1])]
    return shares if r is None else [*shares, sum_of_products(dhs[1:], o * tanh_c)]


@lstm.definition
def lstm_unrolled(x: Any, h: Any, c: Any, w: Any, r: Any = None, /) -> Any:
    """Step after step."""
    states = [(h, c), *lstm_steps(x, h, c, w, r)]
    return stack([concatenate(state, axis=-1) for state in states])


@primitive(symbol="GRU", kind=Fused, saves=True)
def gru(x: Any, h: Any, w: Any, b: Any = None, /) -> Any:
    """h_t = (1 − z) n + z h_{t−1}

    with n = tanh(x_n + r u_n), r = σ(x_r + u_r), z = σ(x_z + u_z) and u = W h_{t−1} + b.
    x (T, N, 3H) in the order r, z, n; h (N, H), w (3H, H), b (3H,) → h_0 … h_T, (T + 1, N, H).
    """
    units = h.shape[1]
    y = np.empty((len(x) + 1, *h.shape), np.result_type(x, h, w))
    y[0], across = h, np.ascontiguousarray(w.T)
    rz, n = x[..., : 2 * units].astype(y.dtype), x[..., 2 * units :].astype(y.dtype)
    u_n, (r, z) = np.empty_like(n), in_gates(rz, 2)
    with np.errstate(over="ignore", under="ignore"):
        for t, a in enumerate(rz):
            u = y[t].dot(across)
            if b is not None:
                u += b
            a += u[:, : 2 * units]
            to_sigmoid(a)
            u_n[t] = u[:, 2 * units :]
            n[t] += r[t] * u_n[t]
            np.tanh(n[t], out=n[t])
            y[t + 1] = n[t] + z[t] * (y[t] - n[t])
    return y, (r, z, n, u_n)


@gru.fast
def gru_backward(
    g: Any,
    y: Any,
    x: Any,
    h: Any,
    w: Any,
    b: Any = None,
    *,
    saved: Any,
    wanted: Sequence[bool],
) -> Sequence[Any]:
    """From the last step to the first, where g_t is what reaches h_t from outside:

    δ_t         = ∂L/∂h_t · (δ_n u_n, h_{t−1} − n, 1 − z) for r, z and n, times the slopes of σ
                  and tanh; for u_t the last part is multiplied by r
    ∂L/∂h_{t−1} = z ∂L/∂h_t + Wᵀ δᵘ_t + g_{t−1}
    """
    r, z, n, u_n = saved
    new = (1 - z) * (1 - n * n)
    delta = np.stack([new * u_n * r * (1 - r), (y[:-1] - n) * z * (1 - z), new], axis=2)
    delta_u = delta.copy()  # (T, N, 3, H), to begin with all that does not wait for a later step
    delta_u[:, :, 2] *= r
    dhs = np.empty_like(y)
    dhs[-1] = g[-1]
    for t in reversed(range(len(x))):
        delta_u[t] *= dhs[t + 1][:, None]
        dhs[t] = z[t] * dhs[t + 1] + delta_u[t].reshape(x.shape[1:]).dot(w) + g[t]
    delta *= dhs[1:, :, None]
    delta_u = delta_u.reshape(x.shape)
    shares = [delta.reshape(x.shape), dhs[0], sum_of_products(delta_u, y[:-1])]
    return shares if b is None else [*shares, delta_u.sum(axis=(0, 1))]


@gru.definition
def gru_unrolled(x: Any, h: Any, w: Any, b: Any = None, /) -> Any:
    """Step after step."""
    return stack([h, *gru_steps(x, h, w, b)])


def in_gates(a: Array, gates: int) -> Array:
    """a (…, gates · H) seen as (gates, …, H)"""
    return np.moveaxis(a.reshape(*a.shape[:-1], gates, a.shape[-1] // gates), -2, 0)


def to_sigmoid(a: Array) -> None:
    """a ← 1 / (1 + e⁻ᵃ) in place; where e⁻ᵃ overflows, this is 0 as it should be."""
    np.negative(a, out=a)
    np.exp(a, out=a)
    a += 1
    np.reciprocal(a, out=a)


def sum_of_products(delta: Array, states: Array) -> Array:
    """Σ δ_t h_{t−1}ᵀ over all steps and samples: (T, N, G), (T, N, P) → (G, P)."""
    rows = len(delta) * delta.shape[1]
    return delta.reshape(rows, delta.shape[2]).T.dot(states.reshape(rows, states.shape[2]))
