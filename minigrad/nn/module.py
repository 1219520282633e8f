"""Module: a layer, or a tree of layers, and what it computes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np

from minigrad.differentiable import Handle
from minigrad.nn import state
from minigrad.nn.summary import Summary, summarized
from minigrad.nn.tree import Tree, path_told
from minigrad.recording import recording
from minigrad.tensor import Tensor
from minigrad.words import shown


class Module(Tree):
    """Derive from it, call `super().__init__()`, assign layers, define `forward`.

    >>> from minigrad import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Linear(2, 8)
    ...         self.out = nn.Linear(8, 1)
    ...
    ...     def forward(self, x):
    ...         return self.out(self.hidden(x).relu())
    >>> [name for name, _ in Net().named_parameters()]
    ['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']

    An assigned Parameter or Module becomes part of the tree; a plain list of modules does not, and
    is warned about (`ModuleList` does). While forward runs, what is recorded carries the module's
    path in the tree, such as "out". `training` is True until `eval()`.

    Errors: an AttributeError if `super().__init__()` was not called first; a TypeError for a plain
    tensor assigned to a parameter's name.
    """

    training: bool = True
    _hooks: dict[int, Any]

    def __init__(self) -> None:
        super().__init__()
        vars(self).update(training=True, _hooks={})

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; each subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} has to define forward(self, ...)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        caller, outer = running.module, recording.path
        try:
            running.module = self
            if outer is not None and caller is not None:  # as `inside(path)`, at less cost
                name = caller._name_of(self)
                recording.path = self._paths.get((outer, name)) or path_told(self, outer, name)
            y = self.forward(*args, **kwargs)
        finally:
            running.module, recording.path = caller, outer
        if not self._hooks:
            return y
        for hook in tuple(self._hooks.values()):
            changed = hook(self, args, y)
            y = y if changed is None else changed
        return y

    def register_forward_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call hook(module, args, output) after each forward; `remove()` of the handle ends it.

        What the hook returns, if not None, replaces the output.
        """
        return Handle(self._hooks, hook)

    def state_dict(self, prefix: str = "") -> dict[str, np.ndarray]:
        """{prefix + path: array} of all parameters and persistent buffers.

        A snapshot: later training does not change it (PyTorch's shares memory). Tied parameters
        have one entry for each of their paths, all with the same array.
        """
        return state.snapshot((prefix + path, tensor) for path, tensor in self._state())

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> state.Keys:
        """Write the arrays (or tensors) of state_dict into parameters and buffers, in place.

        Dtypes stay as they are. For tied parameters one of their paths is enough. Returns
        (missing_keys, unexpected_keys), both empty if strict.
        Errors: a ValueError that lists all entries that are missing, unexpected or do not fit;
        nothing is changed then. strict=False allows for missing and unexpected ones.
        """
        return state.load(type(self).__name__, dict(self._state()), state_dict, strict)

    def summary(
        self, input_shape: Any = None, *, batch_size: int | None = 1, dtype: Any = None
    ) -> Summary:
        """A table of all modules below: path, type, output shape, parameters; and their sums.

        input_shape: without the batch axis, such as (1, 28, 28); for several inputs a list of
            shapes. A batch axis of batch_size goes in front; None adds none. Without an
            input_shape nothing is run, and the outputs are left out.
        dtype: of the input, or a list of one for each; by default that of the parameters.

        The model runs once on zeros, in `eval()`, without a graph and without your hooks, and is
        afterwards as before: mode, running statistics, gradients, generators.

        >>> from minigrad import nn
        >>> nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)).summary(4)
        path     type        output shape  parameters
        ──────────────────────────────────────────────────────
                 input       (1, 4)
        (model)  Sequential  (1, 3)
        0        Linear      (1, 8)                40
        1        ReLU        (1, 8)
        2        Linear      (1, 3)                27
        ──────────────────────────────────────────────────────
        parameters  67  0.27 kB  all trainable
        buffers      0  0.00 kB
        outputs         0.08 kB  of all layers, for this input

        Errors: a ValueError for what is no shape; whatever forward raises.
        """
        return summarized(self, input_shape, batch_size, dtype)

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and below: dropout drops, batch normalisation measures the batch."""
        if not isinstance(mode, bool):
            kind = type(self).__name__
            raise ValueError(f"{kind}.train: mode must be True or False, got {mode!r}")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """train(False): how the module is used once it has learned."""
        return self.train(False)

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call fn on every module below, in order, then on this one; returns self."""
        if not callable(fn):
            raise TypeError(
                f"{type(self).__name__}.apply: fn is {shown(fn)}, wanted a function of a module"
            )
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, or (set_to_none=False) fill them with zeros."""
        for parameter in self.parameters():
            if set_to_none or parameter.grad is None:
                parameter.grad = None
            else:
                parameter.grad = np.zeros_like(parameter.data)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Switch learning on or off for all parameters; returns self."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def astype(self, dtype: Any) -> Self:
        """Convert all floating-point parameters, gradients and buffers in place; returns self."""
        if np.dtype(dtype).kind != "f":
            raise TypeError(f"{type(self).__name__}.astype: {dtype!r} is no floating-point dtype")
        for tensor in (*self.parameters(), *self.buffers()):
            if tensor.dtype.kind == "f":
                grad, tensor.grad = tensor.grad, None
                tensor.data = tensor.data.astype(dtype)
                tensor.grad = None if grad is None else Tensor(grad, dtype=dtype)
        return self

    def float(self) -> Self:
        """astype(np.float32)"""
        return self.astype(np.float32)

    def double(self) -> Self:
        """astype(np.float64)"""
        return self.astype(np.float64)


class Running(threading.local):
    """The module whose forward runs in this thread."""

    module: Module | None = None


running = Running()
