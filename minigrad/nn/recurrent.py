"""Recurrent layers: they read a sequence step by step, and carry a state along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from minigrad.nn.checks import require_one_of
from minigrad.nn.recurrent_base import Recurrent, Weights
from minigrad.ops import recurrent
from minigrad.ops.cells import BENDS, gru_steps, lstm_steps, rnn_steps
from minigrad.ops.join import stack
from minigrad.ops.products import linear
from minigrad.rng import Rng


class RNN(Recurrent):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh), or with relu (nonlinearity="relu")

    input (L, N, input_size), (N, L, input_size) if batch_first, or (L, input_size) for a single
    sequence; h_0 (num_layers · D, N, H), zeros if it is not given, without N for a single
    sequence; D = 2 if bidirectional, else 1, and H = hidden_size.
    → output, h_t of the last layer for all t (those of both directions side by side), (L, N, D · H)
    with the axes of the input; and h_n, the states after the last step, in the shape of h_0. The
    reverse direction reads from the end: its last step is the first of the sequence.

    Layer k > 0 reads the output of the layer below; dropout sets entries of it to 0 in training.
    Its parameters are weight_ih_l{k} (H, features), weight_hh_l{k} (H, H), bias_ih_l{k} and
    bias_hh_l{k} (H,), and the same with "_reverse"; all start evenly between ±1 / √H.

    unroll=True records each step by itself, as the graph that backpropagation through time walks
    through: several times slower, for pictures and for reading. The numbers are the same.

    Errors: a ValueError for an input or h_0 of another shape, an empty sequence, settings out of
    range; a TypeError for an h_0 that is no array. Source: Elman, Finding structure in time (1990).

    >>> import numpy as np
    >>> rnn = RNN(3, 4, num_layers=2, rng=0)
    >>> output, h_n = rnn(np.ones((5, 2, 3), np.float32))
    >>> output.shape, h_n.shape
    ((5, 2, 4), (2, 2, 4))
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        unroll: bool = False,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        require_one_of(type(self).__name__, "nonlinearity", nonlinearity, tuple(BENDS))
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            unroll=unroll,
            dtype=dtype,
            rng=rng,
        )
        self.nonlinearity = nonlinearity

    def _run(self, x: Any, state: Sequence[Any], p: Weights) -> tuple[Any, Sequence[Any]]:
        x, (h,) = linear(x, p.weight_ih, p.bias), state
        if self.unroll:
            hs = list(rnn_steps(x, h, p.weight_hh, self.nonlinearity))
            return stack(hs), hs[-1:]
        y = recurrent.rnn(x, h, p.weight_hh, nonlinearity=self.nonlinearity)
        return y[1:], [y[-1]]


class LSTM(Recurrent):
    """c_t = f c_{t−1} + i g and h_t = o tanh(c_t), with

    i = σ(W_ii x_t + b_ii + W_hi h_{t−1} + b_hi), f and o likewise, g with tanh in place of σ.

    The state c is only multiplied by f and added to: along it gradients last. Input, output,
    parameters, unroll and errors as for `RNN`, with two states: hx = (h_0, c_0) → output, (h_n,
    c_n). The weights have 4H rows, in the order i, f, g, o. With proj_size = P > 0 the output is
    h_t = W_hr (o tanh(c_t)), and P takes the place of H in h, but not in c; weight_hr_l{k} (P, H).

    Source: Hochreiter and Schmidhuber, Long short-term memory (1997); Gers, Schmidhuber and
    Cummins (2000) for the forget gate f; Sak, Senior and Beaufays (2014) for the projection.

    >>> import numpy as np
    >>> lstm = LSTM(3, 4, bidirectional=True, batch_first=True, rng=0)
    >>> lstm
    LSTM(3, 4, batch_first=True, bidirectional=True)
    >>> output, (h_n, c_n) = lstm(np.ones((2, 5, 3), np.float32))
    >>> output.shape, h_n.shape, c_n.shape
    ((2, 5, 8), (2, 2, 4), (2, 2, 4))
    """

    gates = 4
    states: ClassVar = ("h_0", "c_0")

    def _run(self, x: Any, state: Sequence[Any], p: Weights) -> tuple[Any, Sequence[Any]]:
        x, (h, c) = linear(x, p.weight_ih, p.bias), state
        if self.unroll:
            hs, cs = zip(*lstm_steps(x, h, c, p.weight_hh, p.weight_hr))
            return stack(hs), (hs[-1], cs[-1])
        y, width = recurrent.lstm(x, h, c, p.weight_hh, p.weight_hr), h.shape[1]
        return y[1:, :, :width], (y[-1, :, :width], y[-1, :, width:])


class GRU(Recurrent):
    """h_t = (1 − z) n + z h_{t−1}, with n = tanh(W_in x_t + b_in + r (W_hn h_{t−1} + b_hn)),

    r = σ(W_ir x_t + b_ir + W_hr h_{t−1} + b_hr) and z likewise.

    Input, output, parameters, unroll and errors as for `RNN`. The weights have 3H rows, in the
    order r, z, n. As in PyTorch, r acts after the product with W_hn, so that one product serves all
    gates; in the paper it acts before, W_hn (r h_{t−1}).

    Source: Cho et al., Learning phrase representations using RNN encoder-decoder (2014).
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        unroll: bool = False,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            unroll=unroll,
            dtype=dtype,
            rng=rng,
        )

    def _run(self, x: Any, state: Sequence[Any], p: Weights) -> tuple[Any, Sequence[Any]]:
        x, (h,) = linear(x, p.weight_ih, p.bias_ih), state
        if self.unroll:
            hs = list(gru_steps(x, h, p.weight_hh, p.bias_hh))
            return stack(hs), hs[-1:]
        y = recurrent.gru(x, h, p.weight_hh, p.bias_hh)
        return y[1:], [y[-1]]
