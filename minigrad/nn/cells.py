"""Cells: one step of a recurrent layer as a module, to write the loop over time oneself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from minigrad.nn.checks import require_one_of
from minigrad.nn.module import Module
from minigrad.nn.parameter import unfilled
from minigrad.nn.recurrent_base import checked_states, start
from minigrad.ops.arguments import operand
from minigrad.ops.cells import BENDS, gru_step, lstm_step, rnn_step
from minigrad.ops.products import linear
from minigrad.ops.window import whole_numbers
from minigrad.rng import Rng


class Cell(Module):
    """What the cells share: parameters, and states that are zeros where none are given."""

    gates: ClassVar[int]  # blocks of hidden_size rows in the weights
    states: ClassVar[tuple[str, ...]] = ("h",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        (self.input_size,) = whole_numbers(kind, "input_size", input_size, 1, least=1)
        (self.hidden_size,) = whole_numbers(kind, "hidden_size", hidden_size, 1, least=1)
        self.bias, rows = bias, self.gates * self.hidden_size
        self.weight_ih = unfilled(rows, self.input_size, dtype=dtype)
        self.weight_hh = unfilled(rows, self.hidden_size, dtype=dtype)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, unfilled(rows, dtype=dtype) if bias else None)
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Rng = None) -> None:
        """Draw all parameters anew, evenly between ±1 / √hidden_size."""
        start(self, rng)

    def _taken(self, x: Any, hx: Any) -> tuple[Any, Sequence[Any]]:
        """W_ih x + b_ih, and the states to go on from; both checked."""
        kind, features = type(self).__name__, self.input_size
        x = operand(kind, x)
        if x.ndim not in (1, 2) or x.shape[-1] != features:
            raise ValueError(
                f"{kind}: the input has shape {x.shape}, wanted (N, {features}) or, for a single "
                f"sample, ({features},): input_size={features}"
            )
        shapes = [(*x.shape[:-1], self.hidden_size)] * len(self.states)
        if hx is None:
            states: Any = [np.zeros(shape, self.weight_hh.dtype) for shape in shapes]
        else:
            axes = "(N, hidden_size)" if x.ndim == 2 else "(hidden_size,)"
            states = checked_states(self, hx, shapes, axes)
        return linear(x, self.weight_ih, self.bias_ih), states

    def extra_repr(self) -> str:
        no_bias = "" if self.bias else ", bias=False"
        return f"{self.input_size}, {self.hidden_size}{no_bias}"


class RNNCell(Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or with relu (nonlinearity="relu")

    x (N, input_size) or (input_size,), h (N, hidden_size) or (hidden_size,), zeros if None → h'.
    weight_ih (H, input_size), weight_hh (H, H), bias_ih and bias_hh (H,), all evenly between
    ±1 / √H at first, where H = hidden_size.
    Errors: a ValueError for another shape, a TypeError for a state that is no array.

    >>> import numpy as np
    >>> cell, h = RNNCell(3, 4, rng=0), None
    >>> for x in np.ones((5, 2, 3), np.float32):  # five steps, two samples
    ...     h = cell(x, h)
    >>> h.shape
    (2, 4)
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        require_one_of(type(self).__name__, "nonlinearity", nonlinearity, tuple(BENDS))
        super().__init__(input_size, hidden_size, bias, dtype=dtype, rng=rng)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        x, (h,) = self._taken(input, hx)
        return rnn_step(x, h, self.weight_hh, self.bias_hh, self.nonlinearity)

    def extra_repr(self) -> str:
        bend = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + bend


class LSTMCell(Cell):
    """c' = f c + i g and h' = o tanh(c'), with

    i = σ(W_ii x + b_ii + W_hi h + b_hi), f and o likewise, g with tanh in place of σ.

    hx = (h, c) → (h', c'). The weights have 4H rows, in the order i, f, g, o; all else as for
    `RNNCell`. Source: Hochreiter and Schmidhuber (1997); Gers et al. (2000) for f.
    """

    gates = 4
    states: ClassVar = ("h", "c")

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        x, (h, c) = self._taken(input, hx)
        return lstm_step(x, h, c, self.weight_hh, self.bias_hh)


class GRUCell(Cell):
    """h' = (1 − z) n + z h, with n = tanh(W_in x + b_in + r (W_hn h + b_hn)),

    r = σ(W_ir x + b_ir + W_hr h + b_hr) and z likewise.

    The weights have 3H rows, in the order r, z, n; all else as for `RNNCell`. In the paper r acts
    before the product with W_hn, here after it, as in PyTorch. Source: Cho et al. (2014).
    """

    gates = 3

    def forward(self, input: Any, hx: Any = None) -> Any:
        x, (h,) = self._taken(input, hx)
        return gru_step(x, h, self.weight_hh, self.bias_hh)
