"""Borders around arrays, and classes as vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.nn.checks import require_int, require_one_of
from minigrad.ops import shape
from minigrad.ops.arguments import array_of, operand
from minigrad.tensor import Tensor

# What PyTorch calls them: what NumPy calls them.
MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """The input with a border: pad = (left, right, top, bottom, …), from the last axis forwards.

    mode: "constant" (value, 0 by default), "reflect", "replicate" or "circular".
    With "constant" a width may be negative: so many entries are cut off.
    Errors: a ValueError for another mode, an odd number of widths, a negative one where it may not
    be, or if more is cut off than there is.

    >>> pad(np.array([[1, 2]]), (1, 2)).tolist()
    [[0, 1, 2, 0, 0]]
    >>> pad(np.array([[1, 2]]), (-1, 1)).tolist()
    [[2, 0]]
    """
    require_one_of("pad", "mode", mode, tuple(MODES))
    input = operand("pad", input)
    before, after = pad[::2], pad[1::2]
    cuts = min(pad, default=0) < 0
    if len(pad) % 2 or len(before) > input.ndim or (cuts and mode != "constant"):
        raise ValueError(
            f"pad: got {tuple(pad)} for an input of shape {input.shape}; wanted two widths ≥ 0, "
            "before and after, for each axis from the last one on (negative ones cut off, with "
            "mode='constant' only)"
        )
    widths = [*zip(before, after)][::-1]
    widths = [(0, 0)] * (input.ndim - len(widths)) + widths
    if cuts:
        kept = [slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(input.shape, widths)]
        if any(entries.start > entries.stop for entries in kept):
            raise ValueError(
                f"pad: {tuple(pad)} cuts off more than there is in an input of shape {input.shape}"
            )
        input, widths = input[tuple(kept)], [(max(a, 0), max(b, 0)) for a, b in widths]
    return shape.pad(input, widths, mode=MODES[mode], constant_values=value or 0)


def one_hot(tensor: Any, num_classes: int = -1) -> Tensor:
    """1 at the class of each entry, 0 elsewhere: integers (…) → (…, num_classes) int64.

    num_classes −1 counts up to the largest class that occurs.

    >>> one_hot(np.array([0, 2])).tolist()
    [[1, 0, 0], [0, 0, 1]]

    Errors: a TypeError for what are no integers, an IndexError for a class out of range, a
    ValueError for another number of classes below 1.
    """
    classes = array_of(operand("one_hot", tensor))
    if classes.dtype.kind not in "iu":
        raise TypeError(f"one_hot: classes must be integers, got {classes.dtype}")
    if num_classes != -1 and require_int("one_hot", "num_classes", num_classes) < 1:
        raise ValueError(f"one_hot: num_classes is {num_classes}, wanted 1 or more, or -1")
    count = int(classes.max(initial=-1)) + 1 if num_classes == -1 else num_classes
    outside = classes[(classes < 0) | (classes >= count)]
    if outside.size:
        raise IndexError(f"one_hot: class {outside[0]} is not in 0 … {count - 1}")
    return Tensor(classes[..., None] == np.arange(count), dtype=np.int64)
