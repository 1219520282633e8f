"""The half of a Tensor that leads out of the graph: numbers, arrays, text, copies of leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.graph import Array, Node, as_leaf, leaf


def restored(kind: type[Any], state: Any) -> Any:
    """A leaf from its pickled state."""
    tensor: Any = object.__new__(kind)
    tensor.__setstate__(state)
    return tensor


class Convertible(Node):
    """A node that can be turned into plain things, and copied where it is a leaf."""

    __slots__ = ()

    # --- Out of the graph ---

    def numpy(self) -> Array:
        """The array, shared.

        Errors: a RuntimeError if the tensor requires grad: use .detach().numpy() or .data.
        """
        if self._needs:
            raise RuntimeError(
                "numpy() of a tensor that requires grad: use .detach().numpy(), or .data"
            )
        return self._data

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        array = self.numpy()
        return np.array(array, dtype=dtype) if copy else np.asarray(array, dtype=dtype)

    def __dlpack__(self, **options: Any) -> Any:
        return self.numpy().__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._data.__dlpack_device__()

    def item(self) -> Any:
        """The one entry as a Python number."""
        if self._data.size != 1:
            raise ValueError(
                f"a tensor with {self._data.size} elements cannot be converted to a scalar; "
                f"its shape is {self._data.shape}; take one entry, x[0], or reduce it, x.sum()"
            )
        return self._data.item()

    def tolist(self) -> Any:
        """The entries as (nested) lists of Python numbers."""
        return self._data.tolist()

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise ValueError(
                f"the truth value of a tensor with {self._data.size} elements is ambiguous: "
                "use .data.any() or .data.all()"
            )
        return bool(self._data.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iu":
            raise TypeError(
                f"only a tensor of integers can be an index, or stand for a whole number, got "
                f"{self._data.dtype}: use .astype(int)"
            )
        return int(self.item())

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError("len() of a 0-d tensor, which has no axis; it has one entry, .item()")
        return self._data.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self._data.ndim:
            raise TypeError("iteration over a 0-d tensor, which has no axis; use .item()")
        rows: Any = self  # indexed, so that every row is recorded
        return (rows[i] for i in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __repr__(self) -> str:
        text = np.array2string(self._data, prefix="Tensor(", separator=", ", threshold=100)
        notes = [text[:900]]
        if self._data.dtype not in (np.float64, np.int64, np.bool_):
            notes.append(f"dtype={self._data.dtype}")
        if self.op is not None:
            notes.append(f"op={self.op.name}")
        elif self._needs:
            notes.append("requires_grad=True")
        if self.name:
            notes.append(f"name={self.name[:40]!r}")
        return f"Tensor({', '.join(notes)})"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    # --- Copies of leaves ---

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if self.op is not None:
            raise RuntimeError(
                "deepcopy of a tensor that is not a leaf would copy its whole graph: detach() first"
            )
        other = type(self).__new__(type(self))
        memo[id(self)] = other
        other.__setstate__(self.__getstate__())
        return other

    def __copy__(self) -> Any:
        return as_leaf(object.__new__(type(self)), self._data, self._needs, self.name)

    def __reduce__(self) -> Any:
        return restored, (type(self), self.__getstate__())

    def __getstate__(self) -> Any:
        if self.op is not None:
            raise RuntimeError(
                "pickling a tensor that is not a leaf would save its whole graph: detach() first"
            )
        grad = None if self._grad is None else self._grad._data.copy()
        return self._data.copy(), self._needs, self.name, grad, getattr(self, "__dict__", None)

    def __setstate__(self, state: Any) -> None:
        data, needs, name, grad, attributes = state
        as_leaf(self, data, needs, name)
        self._grad = None if grad is None else leaf(grad)
        if attributes:
            self.__dict__.update(attributes)
