"""Parameter: a tensor that a module learns."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.tensor import Tensor


class Parameter(Tensor):
    """A leaf that requires a gradient, and that a module lists once it is its attribute.

    data is copied and keeps its dtype. Without a name of its own it takes the attribute's.

    >>> import numpy as np
    >>> Parameter(np.ones(2, np.float32))
    Parameter containing:
    Tensor([1., 1.], dtype=float32, requires_grad=True)

    Errors: a TypeError for integers, which cannot require a gradient.
    """

    __slots__ = ()

    def __init__(
        self,
        data: Any,
        requires_grad: bool = True,
        *,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(data, requires_grad, dtype=dtype, name=name)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


def unfilled(*shape: int, dtype: Any = None) -> Parameter:
    """A parameter that is still to be filled; float32 unless another dtype is wanted."""
    return Parameter(np.zeros(shape, np.float32 if dtype is None else dtype))
