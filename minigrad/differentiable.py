"""The half of a Tensor that has to do with the graph: its gradient, hooks, backward()."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad import walk
from minigrad.graph import Array, Extra, Node, leaf, tick
from minigrad.words import shown

NO_GRADIENT = (
    "this tensor does not require grad, so it gets none: make it with requires_grad=True, or "
    "compute it from one that was"
)


def chosen(inputs: Any) -> list[Any]:
    """The tensors that backward is to reach: one, or several in a list; a TypeError otherwise."""
    alone = isinstance(inputs, Node) or not isinstance(inputs, Iterable)
    several = [inputs] if alone else list(inputs)
    for x in several:
        if not isinstance(x, Node):
            raise TypeError(
                f"backward: inputs has {shown(x)} ({type(x).__name__}) in it, wanted tensors"
            )
    if not several:
        raise ValueError("backward: inputs is empty; leave it out to reach every leaf")
    return several


def floating_point_only(dtype: Any) -> TypeError:
    return TypeError(
        f"only floating point tensors can require a gradient, this one is {dtype}: "
        "make it with dtype=float, or use .astype(float)"
    )


def as_gradient(value: Any, dtype: Any) -> Array:
    """An array for .grad, in the dtype of the tensor."""
    try:
        return np.array(value, dtype)
    except (TypeError, ValueError):
        raise TypeError(
            f"tensor.grad: got {shown(value)} ({type(value).__name__}), wanted a tensor or an "
            "array of real numbers, or None"
        ) from None


class Handle:
    """What register_hook returns."""

    def __init__(self, hooks: dict[int, Any], hook: Callable[[Any], Any]) -> None:
        self.hooks, self.key = hooks, tick()
        hooks[self.key] = hook

    def remove(self) -> None:
        """Take the hook out again; twice does no harm."""
        self.hooks.pop(self.key, None)


class Differentiable(Node):
    """A node as users see it: what it holds, and the derivatives that lead to it."""

    __slots__ = ()

    # --- What it holds ---

    @property
    def data(self) -> Array:
        """The tensor's own array; writing to it is up to you, and not recorded."""
        return self._data

    @data.setter
    def data(self, value: Any) -> None:
        array = np.asarray(value._data if isinstance(value, Node) else value)
        if array.shape != self._data.shape:
            raise ValueError(
                f"tensor.data has shape {self._data.shape}, the new array {array.shape}: they must "
                "be the same; make a new tensor for another shape"
            )
        if self._needs and array.dtype.kind != "f":
            raise floating_point_only(array.dtype)
        self._data = array
        self.touch()

    @property
    def grad(self) -> Any:
        """∂(root)/∂(this), added up over backward passes: a Tensor, or None before the first."""
        if self._grad is None and self.op is not None and not (self._extra and self._extra.retain):
            warnings.warn(
                "the .grad of a tensor that is not a leaf is not kept: call retain_grad() on it "
                "before backward()",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            if not isinstance(value, Node):
                value = leaf(as_gradient(value, self._data.dtype))
            if value._data.shape != self._data.shape:
                raise ValueError(
                    f"a gradient of shape {value._data.shape} does not fit a tensor of shape "
                    f"{self._data.shape}: they must be the same"
                )
            if value._data.dtype != self._data.dtype:
                raise TypeError(
                    f"a gradient of {value._data.dtype} does not fit a tensor of "
                    f"{self._data.dtype}: use gradient.astype(tensor.dtype)"
                )
        self._grad = value

    @property
    def requires_grad(self) -> bool:
        """Whether backward() computes a gradient here."""
        return self._needs

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if not isinstance(flag, bool | np.bool):
            raise TypeError(f"requires_grad is {shown(flag)}, wanted True or False")
        if flag and self._data.dtype.kind != "f":
            raise floating_point_only(self._data.dtype)
        if self.op is not None and not flag:
            raise RuntimeError(
                "requires_grad can be switched off on a leaf only: this tensor was computed; "
                "use detach()"
            )
        self._needs = bool(flag)

    def requires_grad_(self, flag: bool = True) -> Any:
        """Set requires_grad, and return the tensor itself."""
        self.requires_grad = flag
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of every axis."""
        return self._data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of entries."""
        return self._data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries."""
        return self._data.dtype

    # --- Differentiation ---

    def backward(
        self,
        gradient: Any = None,
        *,
        create_graph: bool = False,
        retain_graph: bool = True,
        inputs: Any = None,
    ) -> None:
        """Add ∂self/∂x to x.grad for every leaf x that requires a gradient.

        gradient: ∂L/∂self to start from, in self's shape; may be left out for a scalar.
        create_graph: record the gradients too, so that they can be differentiated again.
        retain_graph: False frees the graph during the walk, which saves memory.
        inputs: accumulate into these tensors only.
        Errors: a RuntimeError if self does not require grad, was freed, or is no scalar and no
        gradient is given; a ValueError for a gradient of another shape. Nothing has changed then.
        """
        walk.backward(
            self,
            gradient,
            create_graph=create_graph,
            retain_graph=retain_graph,
            inputs=None if inputs is None else chosen(inputs),
        )

    def detach(self) -> Any:
        """A leaf that shares the data and has no history."""
        return leaf(self._data)

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self._grad = None

    def retain_grad(self) -> None:
        """Keep the gradient of this tensor too when backward() passes, though it is no leaf."""
        if not self._needs:
            raise RuntimeError(f"retain_grad: {NO_GRADIENT}")
        if self.op is not None:
            self.extra().retain = True

    def register_hook(self, hook: Callable[[Any], Any]) -> Handle:
        """Call hook(gradient) whenever the gradient of this tensor is complete.

        What it returns, if not None, takes the gradient's place. `handle.remove()` undoes it.
        """
        if not self._needs:
            raise RuntimeError(f"register_hook: {NO_GRADIENT}")
        if not callable(hook):
            raise TypeError(f"register_hook: got {shown(hook)}, wanted a function of the gradient")
        return Handle(self.extra().hooks, hook)

    def extra(self) -> Extra:
        """The place for hooks and the like, made when first needed."""
        if self._extra is None:
            self._extra = Extra()
        return self._extra
