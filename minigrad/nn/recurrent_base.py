"""What recurrent layers share: layers on layers, in one direction or two, and their states."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.checks import PROBABILITY, require
from minigrad.nn.module import Module
from minigrad.nn.parameter import unfilled
from minigrad.ops.arguments import operand
from minigrad.ops.join import concatenate, stack
from minigrad.ops.shape import expand_dims, flip, squeeze, swapaxes
from minigrad.ops.window import whole_numbers
from minigrad.rng import Rng, generator, own
from minigrad.tensor import Tensor


class Weights(NamedTuple):
    """The parameters of one layer in one direction; None for those that it has not."""

    weight_ih: Any  # (gates · H, features of the input)
    weight_hh: Any  # (gates · H, features of the state)
    bias_ih: Any  # (gates · H,)
    bias_hh: Any
    weight_hr: Any  # (proj_size, H)

    @property
    def bias(self) -> Any:
        """b_ih + b_hh, where only their sum matters."""
        return None if self.bias_ih is None else self.bias_ih + self.bias_hh


class Recurrent(Module):
    """The same step, with the same weights, at all times; each layer reads the one below it."""

    gates: ClassVar[int]  # blocks of hidden_size rows in the weights
    states: ClassVar[tuple[str, ...]] = ("h_0",)  # what is carried from step to step

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        unroll: bool = False,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        (self.input_size,) = whole_numbers(kind, "input_size", input_size, 1, least=1)
        (self.hidden_size,) = whole_numbers(kind, "hidden_size", hidden_size, 1, least=1)
        (self.num_layers,) = whole_numbers(kind, "num_layers", num_layers, 1, least=1)
        (self.proj_size,) = whole_numbers(kind, "proj_size", proj_size, 1, least=0)
        self.bias, self.batch_first, self.bidirectional = bias, batch_first, bidirectional
        self.dropout, self.unroll, self.rng = dropout, unroll, own(rng)
        self._check()
        for layer in range(self.num_layers):
            for way in self._ways:
                for name, shape in self._shapes(layer).items():
                    setattr(self, f"{name}_l{layer}{way}", unfilled(*shape, dtype=dtype))
        self.reset_parameters(self.rng)

    def _check(self) -> None:
        """Raise an error for settings of the wrong kind, or that do not fit together."""
        kind, dropout = type(self).__name__, self.dropout
        for name in ("bias", "batch_first", "bidirectional", "unroll"):
            if not isinstance(vars(self)[name], bool):
                raise TypeError(f"{kind}: {name} is {vars(self)[name]!r}, wanted True or False")
        require(kind, "dropout", dropout, PROBABILITY)
        if self.proj_size >= self.hidden_size:
            raise ValueError(
                f"{kind}: proj_size={self.proj_size} must be smaller than hidden_size="
                f"{self.hidden_size}, the size of what is projected; 0 is no projection"
            )
        if dropout and self.num_layers == 1:
            warnings.warn(
                f"{kind}: dropout={dropout} acts between layers, and with num_layers=1 there is "
                "nothing between: use more layers, or nn.Dropout on the output",
                UserWarning,
                stacklevel=3,
            )

    @property
    def _ways(self) -> tuple[str, ...]:
        """The directions, as the names of parameters end."""
        return ("", "_reverse") if self.bidirectional else ("",)

    @property
    def _widths(self) -> tuple[int, ...]:
        """How many features each state has."""
        return (self.proj_size or self.hidden_size, self.hidden_size)[: len(self.states)]

    def _shapes(self, layer: int) -> dict[str, tuple[int, ...]]:
        """The parameters of one layer in one direction."""
        rows, width = self.gates * self.hidden_size, self._widths[0]
        features = width * len(self._ways) if layer else self.input_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, features),
            "weight_hh": (rows, width),
        }
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes |= {"weight_hr": (width, self.hidden_size)}
        return shapes

    def reset_parameters(self, rng: Rng = None) -> None:
        """Draw all parameters anew, evenly between ±1 / √hidden_size."""
        start(self, rng)

    def flatten_parameters(self) -> None:
        """Does nothing: PyTorch's lays the parameters side by side for a GPU."""

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        input = operand(type(self).__name__, input)
        x = self._in_order(input)
        before = self._initial(hx, x.shape[1], single=input.ndim == 2)
        after: list[Sequence[Any]] = []
        for layer in range(self.num_layers):
            if layer:
                x = F.dropout(x, self.dropout, self.training, rng=self.rng)
            outputs = []
            for way in self._ways:
                y, state = self._read(x, [s[len(after)] for s in before], layer, way)
                outputs.append(y)
                after.append(state)
            x = concatenate(outputs, axis=-1) if self.bidirectional else outputs[0]
        return self._as_given(x, [stack(states) for states in zip(*after)], input.ndim == 2)

    def _in_order(self, x: Any) -> Any:
        """The input as (L, N, input_size), checked."""
        kind, axes = type(self).__name__, "N, L" if self.batch_first else "L, N"
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            raise ValueError(
                f"{kind}: the input has shape {x.shape}, wanted ({axes}, {self.input_size}) or, "
                f"for a single sequence, (L, {self.input_size}): input_size={self.input_size}"
            )
        if x.ndim == 2:
            x = expand_dims(x, 1)
        elif self.batch_first:
            x = swapaxes(x, 0, 1)
        if len(x) == 0:
            raise ValueError(f"{kind}: the sequence has length 0, wanted at least one step")
        return x

    def _initial(self, hx: Any, batch: int, single: bool) -> Sequence[Any]:
        """The initial states, each (N, features) for every layer and direction; zeros if None."""
        count = self.num_layers * len(self._ways)
        if hx is None:
            dtype, named = self.weight_hh_l0.dtype, zip(self.states, self._widths)
            zeros = [Tensor(np.zeros((batch, n)), dtype=dtype, name=name) for name, n in named]
            return [[state] * count for state in zeros]
        if single:
            wanted = [(count, width) for width in self._widths]
            given = checked_states(self, hx, wanted, "(layers · directions, features)")
            return [expand_dims(state, 1) for state in given]
        shapes = [(count, batch, width) for width in self._widths]
        return checked_states(self, hx, shapes, "(layers · directions, N, features)")

    def _read(
        self, x: Any, state: Sequence[Any], layer: int, way: str
    ) -> tuple[Any, Sequence[Any]]:
        """One layer in one direction: its output at all times, and its states at the end."""
        p = Weights(*(vars(self).get(f"{name}_l{layer}{way}") for name in Weights._fields))
        if not way:
            return self._run(x, state, p)
        y, end = self._run(flip(x, axis=0), state, p)
        return flip(y, axis=0), end

    def _run(self, x: Any, state: Sequence[Any], p: Weights) -> tuple[Any, Sequence[Any]]:
        """The same from the first step to the last; each kind of layer defines it."""
        raise NotImplementedError(f"{type(self).__name__} has to define _run(self, x, state, p)")

    def _as_given(self, y: Any, ends: Sequence[Any], single: bool) -> tuple[Any, Any]:
        """Output and final states with the axes that the input had."""
        if single:
            y, ends = squeeze(y, axis=1), [squeeze(state, axis=1) for state in ends]
        elif self.batch_first:
            y = swapaxes(y, 0, 1)
        return y, tuple(ends) if len(ends) > 1 else ends[0]

    def extra_repr(self) -> str:
        defaults = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False,
                    "dropout": 0, "bidirectional": False, "unroll": False}  # fmt: skip
        changed = {k: vars(self)[k] for k, v in defaults.items() if vars(self)[k] != v}
        settings = [f"{name}={value}" for name, value in changed.items()]
        return ", ".join([str(self.input_size), str(self.hidden_size), *settings])


def start(module: Any, rng: Rng) -> None:
    """All parameters evenly between ±1 / √hidden_size, as PyTorch starts recurrent layers."""
    rng, bound = generator(rng), 1 / math.sqrt(module.hidden_size)
    for parameter in module.parameters():
        init.uniform_(parameter, -bound, bound, rng=rng)


def checked_states(
    module: Any, hx: Any, shapes: Sequence[tuple[int, ...]], axes: str
) -> Sequence[Any]:
    """The states given to a module, if they are tensors or arrays of these shapes."""
    kind, names = type(module).__name__, module.states
    given = (hx,) if len(names) == 1 else hx
    is_sequence = isinstance(given, tuple | list) and len(given) == len(names)
    if not is_sequence or not all(isinstance(x, Tensor | np.ndarray) for x in given):
        pair = f"a pair ({', '.join(names)}) of tensors or arrays"
        wanted = pair if len(names) > 1 else "one tensor or array"
        raise TypeError(f"{kind}: hx must be {wanted}, got {type(hx).__name__}")
    for name, state, shape in zip(names, given, shapes):
        if state.shape != shape:
            raise ValueError(
                f"{kind}: {name} has shape {state.shape}, wanted {shape}, which is {axes}"
            )
    return given
