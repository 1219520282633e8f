"""Recurrent layers and attention whose outputs and gradients are recorded from PyTorch.

A case is a call that both libraries understand, and so is its evaluation: `record_sequences.py`
hands it PyTorch's `nn`, `test_recorded_sequences.py` minigrad's.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from module_cases import numbers


@dataclass(frozen=True)
class Case:
    """A module or function after `nn.`, and what it is called with: arrays, pairs of them, None."""

    name: str
    inputs: tuple[Any, ...]
    options: dict[str, Any]
    training: bool

    @property
    def key(self) -> str:
        """Changes with the case, so that a recording of another one is never taken for it."""
        arrays = [x for _, x in leaves((*self.inputs, self.options))]
        content = zlib.crc32(b"".join((x + 0.0).round(9).tobytes() for x in arrays))
        given = [described(x) for x in self.inputs]
        given += [f"{name}={described(x)}" for name, x in self.options.items()]
        mode = "" if self.training else " eval"
        return f"{self.name}{mode} of {' '.join(given)} {content:08x}"

    def results(
        self, nn: Any, tensor: Callable[[np.ndarray], Any], dtype: type = np.float64
    ) -> dict[str, np.ndarray]:
        """All outputs, and the gradients of inputs and parameters, by name.

        Numbers that a test can repeat stand in the parameters; each output has its own cotangent.
        """
        given = {}

        def made(x: Any, path: str) -> Any:
            """The argument with tensors for arrays; those of floating point get a gradient."""
            if isinstance(x, tuple):
                return tuple(made(part, f"{path}.{i}") for i, part in enumerate(x))
            if not isinstance(x, np.ndarray):
                return x
            is_float = x.dtype.kind == "f"
            x = tensor(x.astype(dtype) if is_float else x)
            if is_float:
                given[path] = x.requires_grad_()
            return x

        call = eval(f"nn.{self.name}", {"nn": nn})
        if not self.name.startswith("functional."):
            call = filled(call.double() if dtype is np.float64 else call, tensor, dtype)
            call.train(self.training)
        inputs = [made(x, f"input {i}") for i, x in enumerate(self.inputs)]
        y = call(*inputs, **{k: made(x, k) for k, x in self.options.items()})
        outputs = {f"output{path}": x for path, x in leaves(y)}
        upstream = [numbers(*x.shape, seed=9 + i) for i, x in enumerate(outputs.values())]
        products = [x * tensor(u.astype(dtype)) for x, u in zip(outputs.values(), upstream)]
        sum(product.sum() for product in products).backward()
        if not self.name.startswith("functional."):
            given |= dict(call.named_parameters())
        grads = {name: x.grad for name, x in given.items() if x.grad is not None}
        return {name: x.detach().numpy() for name, x in (outputs | grads).items()}


def leaves(x: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The arrays or tensors in nested tuples and dicts, with their places: ".0", ".1.0"."""
    if isinstance(x, tuple | dict):
        for name, part in x.items() if isinstance(x, dict) else enumerate(x):
            yield from leaves(part, f"{path}.{name}")
    elif hasattr(x, "shape"):
        yield path, x


def described(x: Any) -> str:
    """Shapes for arrays, anything else as it is."""
    if isinstance(x, tuple):
        return "+".join(map(described, x))
    return "x".join(map(str, x.shape)) if hasattr(x, "shape") else str(x)


def filled(module: Any, tensor: Callable[[np.ndarray], Any], dtype: type) -> Any:
    """The module with numbers in its parameters that a test can repeat."""
    shapes = {name: tuple(p.shape) for name, p in module.named_parameters()}
    values = [numbers(*shape, seed=20 + i) for i, shape in enumerate(shapes.values())]
    module.load_state_dict({name: tensor(x.astype(dtype)) for name, x in zip(shapes, values)})
    return module


CASES: list[Case] = []


def case(name: str, *inputs: Any, training: bool = True, **options: Any) -> None:
    CASES.append(Case(name, inputs, options, training))


# --- Recurrent layers: the input, and where it is given the initial state ---------------------


def start(kind: str, *shape: int, width: int | None = None) -> Any:
    """Initial states of this shape; for an LSTM two, h with another width if there is one."""
    h = numbers(*shape[:-1], width or shape[-1], seed=3)
    return (h, numbers(*shape, seed=4)) if kind.startswith("LSTM") else h


for kind in ("RNN", "LSTM", "GRU"):
    case(f"{kind}(3, 4)", numbers(5, 2, 3))
    case(f"{kind}(3, 4)", numbers(5, 2, 3), start(kind, 1, 2, 4))
    case(f"{kind}(3, 4)", numbers(5, 3), start(kind, 1, 4))
    case(f"{kind}(3, 4, batch_first=True)", numbers(5, 3))
    case(f"{kind}(3, 4)", numbers(1, 2, 3), start(kind, 1, 2, 4))
    case(f"{kind}(1, 1)", numbers(4, 1, 1))
    case(f"{kind}(3, 4, bias=False)", numbers(5, 2, 3), start(kind, 1, 2, 4))
    case(f"{kind}(3, 4, batch_first=True)", numbers(2, 5, 3), start(kind, 1, 2, 4))
    case(f"{kind}(3, 4, bidirectional=True)", numbers(5, 2, 3), start(kind, 2, 2, 4))
    case(f"{kind}(3, 4, 3)", numbers(5, 2, 3), start(kind, 3, 2, 4))
    case(f"{kind}(3, 2, 2, bidirectional=True, batch_first=True)", numbers(2, 4, 3),
         start(kind, 4, 2, 2))  # fmt: skip
    case(f"{kind}(3, 2, 2, bidirectional=True, bias=False)", numbers(4, 3), start(kind, 4, 2))
    case(f"{kind}(3, 4, 2, dropout=0.5)", numbers(5, 2, 3), training=False)
    case(f"{kind}(3, 4, 2, dropout=1.0)", numbers(5, 2, 3))
    case(f"{kind}(3, 4)", numbers(5, 0, 3))
    case(f"{kind}Cell(3, 4)", numbers(2, 3))
    case(f"{kind}Cell(3, 4)", numbers(2, 3), start(kind, 2, 4))
    case(f"{kind}Cell(3, 4, False)", numbers(3), start(kind, 4))
case("RNN(3, 4, 2, 'relu')", numbers(5, 2, 3), start("RNN", 2, 2, 4))
case("RNN(3, 4, 1, 'relu', False, True, 0.0, True)", numbers(2, 5, 3), start("RNN", 2, 2, 4))
case("RNNCell(3, 4, True, 'relu')", numbers(2, 3), start("RNN", 2, 4))
case("LSTM(3, 4, proj_size=2)", numbers(5, 2, 3), start("LSTM", 1, 2, 4, width=2))
case("LSTM(3, 4, proj_size=2)", numbers(5, 3), start("LSTM", 1, 4, width=2))
case("LSTM(3, 4, 2, False, True, 0.0, True, 3)", numbers(2, 4, 3), start("LSTM", 4, 2, 4, width=3))

# --- Scaled dot-product attention: query, key, value ------------------------------------------

ATTENTION = "functional.scaled_dot_product_attention"
SOME = numbers(3, 5, seed=7) > -0.4  # a mask in which every query sees a key
BLIND = SOME & np.array([[True], [False], [True]])  # and one in which the second sees none


def triple(*batch: int, lengths: tuple[int, int] = (3, 5)) -> tuple[np.ndarray, ...]:
    """Queries and keys with 4 features, values with 2."""
    long, short = lengths[1], lengths[0]
    return (
        numbers(*batch, short, 4),
        numbers(*batch, long, 4, seed=1),
        numbers(*batch, long, 2, seed=2),
    )


for batch in ((), (2,), (2, 3)):
    case(ATTENTION, *triple(*batch))
    case(ATTENTION, *triple(*batch), is_causal=True)
    case(ATTENTION, *triple(*batch), attn_mask=SOME)
    case(ATTENTION, *triple(*batch), attn_mask=numbers(3, 5, seed=7))
    case(ATTENTION, *triple(*batch), attn_mask=BLIND)
case(ATTENTION, *triple(2, lengths=(5, 3)), is_causal=True, scale=0.3)
case(ATTENTION, *triple(2, 3), attn_mask=numbers(2, 1, 1, 5), scale=2.0)
case(ATTENTION, *triple(2), attn_mask=np.where(BLIND, numbers(3, 5), -math.inf))
case(ATTENTION, *triple(2, lengths=(1, 1)))
case(ATTENTION, *triple(2, lengths=(3, 0)))
case(ATTENTION, *triple(2, lengths=(0, 5)))
case(ATTENTION, *triple(2), dropout_p=1.0)
case(ATTENTION, triple(2, 6)[0], *triple(2, 3)[1:], enable_gqa=True)
case(ATTENTION, triple(2)[0], *triple(1)[1:])

# --- Multi-head attention: query, key, value --------------------------------------------------


def inputs(*batch: int, wide: tuple[int, int, int] = (4, 4, 4)) -> tuple[np.ndarray, ...]:
    """Three queries and five keys and values, the batch beside their lengths."""
    return tuple(
        numbers(length, *batch, features, seed=i)
        for i, (length, features) in enumerate(zip((3, 5, 5), wide))
    )


def batch_first(arrays: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    return tuple(np.swapaxes(x, 0, 1).copy() for x in arrays)


HIDDEN = ~SOME
PADDING = np.array([[False, True, False, False, True], [False, False, True, False, False]])
PER_HEAD = numbers(4, 3, 5, seed=5)
CAUSAL = np.triu(np.ones((5, 5), bool), 1)
SELF = (numbers(5, 2, 4),) * 3

for need in (True, False):
    case("MultiheadAttention(4, 2)", *inputs(2), need_weights=need)
    case("MultiheadAttention(4, 1)", *inputs(), need_weights=need)
    case("MultiheadAttention(4, 2)", *inputs(2), attn_mask=HIDDEN, need_weights=need)
    case("MultiheadAttention(4, 2)", *inputs(2), attn_mask=PER_HEAD, need_weights=need)
    case("MultiheadAttention(4, 2)", *inputs(2), PADDING, need, HIDDEN)
    case("MultiheadAttention(4, 2)", *inputs(2), PADDING * -2.0, need, PER_HEAD)
    case("MultiheadAttention(4, 2)", *inputs(2), attn_mask=~BLIND, need_weights=need)
    case("MultiheadAttention(4, 2)", *inputs(2), ~PADDING & [[True], [False]], need)
    case("MultiheadAttention(4, 2)", *SELF, attn_mask=CAUSAL, is_causal=True, need_weights=need)
    case("MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True)", *inputs(2), PADDING,
         need, PER_HEAD > 0)  # fmt: skip
    case("MultiheadAttention(4, 2, add_zero_attn=True)", *inputs(), PADDING[0], need,
         PER_HEAD[:2] > 0)  # fmt: skip
    case("MultiheadAttention(4, 2, dropout=1.0)", *inputs(2), need_weights=need)
case("MultiheadAttention(4, 4, batch_first=True)", *batch_first(inputs(2)), PADDING)
case("MultiheadAttention(4, 2, batch_first=True)", *inputs(), PADDING[1])
case("MultiheadAttention(4, 2)", *inputs(2), average_attn_weights=False)
case("MultiheadAttention(4, 2)", *inputs(), average_attn_weights=False)
case("MultiheadAttention(4, 2, 0.5, False)", *inputs(2), training=False)
case("MultiheadAttention(4, 2, kdim=3)", *inputs(2, wide=(4, 3, 4)))
case("MultiheadAttention(4, 2, bias=False, kdim=3, vdim=5)", *inputs(2, wide=(4, 3, 5)))
case("MultiheadAttention(4, 2, add_bias_kv=True, vdim=6)", *inputs(2, wide=(4, 4, 6)), PADDING)
case("MultiheadAttention(4, 2, add_bias_kv=True)", *inputs())
case("MultiheadAttention(4, 2)", *(x[:1] for x in inputs(2)))
case("MultiheadAttention(4, 2)", inputs(2)[0][:0], *inputs(2)[1:])
case("MultiheadAttention(4, 2)", inputs(2)[0], *(x[:0] for x in inputs(2)[1:]))
