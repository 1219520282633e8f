"""Module: a layer, or a tree of layers, and the parameters that it learns.

Parameters, buffers and child modules are ordinary attributes; `_roles` says which name plays which
part. So reading `self.weight` costs nothing, and a module can be inspected with `vars`.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import numpy as np

from minigrad.graph import leaf
from minigrad.nn import state
from minigrad.nn.parameter import Parameter
from minigrad.recording import recording
from minigrad.tensor import Handle, Tensor, as_array

PARAMETER, CHILD, BUFFER, TEMPORARY = "parameter", "child module", "buffer", "temporary buffer"
OVERLOOKED = "overlooked"  # a list of modules that the user has been warned of


class Module:
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
    """

    training: bool
    _roles: dict[str, str]
    _names: dict[Module, str]  # paths of modules below this one, found when first called
    _hooks: dict[int, Any]

    def __init__(self) -> None:
        vars(self).update(training=True, _roles={}, _names={}, _hooks={})

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; each subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} has to define forward(self, ...)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        caller, outer = running.module, recording.path
        running.module = self
        if outer is not None:  # as `inside(path)`, which costs more than a small layer may
            recording.path = joined(outer, caller._name_of(self)) if caller is not None else outer
        try:
            y = self.forward(*args, **kwargs)
        finally:
            running.module, recording.path = caller, outer
        if not self._hooks:
            return y
        for hook in tuple(self._hooks.values()):
            changed = hook(self, args, y)
            y = y if changed is None else changed
        return y

    def register_forward_hook(self, hook: Callable[[Module, tuple[Any, ...], Any], Any]) -> Handle:
        """Call hook(module, args, output) after each forward; what it returns, if not None,
        replaces the output. The handle's `remove()` ends it."""
        return Handle(self._hooks, hook)

    # --- The tree -------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        role = PARAMETER if isinstance(value, Parameter) else CHILD
        if isinstance(value, Parameter | Module):
            check_name(self, name)
            self._enlist(name, value, role)
            return
        role = vars(self).get("_roles", {}).get(name)
        if role in EXPECTED and value is not None:
            value = fitting(self, name, value, role)
        object.__setattr__(self, name, value)
        warn_if_overlooked(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self._roles.pop(name, None)
        self._names.clear()

    def __getattr__(self, name: str) -> Any:
        missing_init = "_roles" not in vars(self)
        hint = "; call super().__init__() first in its __init__" if missing_init else ""
        message = f"{type(self).__name__} has no attribute {name!r}{hint}"
        raise AttributeError(message, name=name, obj=self)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make param an attribute; None keeps the name for a parameter that there may be later.

        Errors: a KeyError if the name is empty, holds a dot or is taken; a TypeError otherwise.
        """
        self._register(name, param, PARAMETER)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Make an attribute of a tensor or array that belongs to the state but is not learned.

        persistent=False leaves it out of `state_dict()`. Errors as for parameters.
        """
        self._register(name, tensor, BUFFER if persistent else TEMPORARY)

    def add_module(self, name: str, module: Module | None) -> None:
        """Make module an attribute: for names that are no identifiers. Errors as for parameters."""
        self._register(name, module, CHILD)

    def _register(self, name: str, value: Any, role: str) -> None:
        check_name(self, name)
        taken_as = EXPECTED.get(self._roles.get(name))
        if name in vars(self) and taken_as != EXPECTED[role]:
            raise KeyError(f"{type(self).__name__}: attribute {name!r} already exists")
        self._enlist(name, None if value is None else fitting(self, name, value, role), role)

    def _enlist(self, name: str, value: Any, role: str) -> None:
        self._roles[name] = role
        vars(self)[name] = value
        if role == CHILD:
            self._names.clear()
        elif value is not None and value.name is None:
            value.name = name

    def _named(self, *roles: str) -> list[tuple[str, Any]]:
        """The attributes of these roles, without those that are None."""
        values = vars(self)
        named = ((name, values[name]) for name, role in self._roles.items() if role in roles)
        return [(name, value) for name, value in named if value is not None]

    def _name_of(self, module: Module) -> str:
        """The path of a module below this one; "" if it is not there."""
        name = self._names.get(module)
        if name is None:
            self._names.update((below, path) for path, below in self.named_modules())
            name = self._names.setdefault(module, "")
        return name

    def named_modules(
        self, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """(path, module) for this module and all below it; the path of this one is the prefix."""
        seen: set[Module] = set()
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if remove_duplicate and module in seen:
                continue
            seen.add(module)
            yield path, module
            children = reversed(module._named(CHILD))
            stack.extend((joined(path, name), child) for name, child in children)

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """(name, module) of the modules directly below, each once."""
        first = {child: name for name, child in reversed(self._named(CHILD))}
        return ((name, child) for name, child in self._named(CHILD) if first[child] == name)

    def children(self) -> Iterator[Module]:
        """The modules directly below, each once."""
        return (child for _, child in self.named_children())

    def _tensors(
        self, roles: tuple[str, ...], prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        """(path, tensor) of the tensors with these roles."""
        seen: set[int] = set()
        modules = self.named_modules(prefix, remove_duplicate) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, tensor in module._named(*roles):
                if not (remove_duplicate and id(tensor) in seen):
                    seen.add(id(tensor))
                    yield joined(path, name), tensor

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """(path, parameter); a parameter that is used in two places comes once, with the first."""
        return self._tensors((PARAMETER,), prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """What an optimizer is given: all parameters, each once."""
        for module in self.modules():
            for name, value in vars(module).items():
                warn_if_overlooked(module, name, value)
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """(path, buffer)"""
        return self._tensors((BUFFER, TEMPORARY), prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    # --- The state ------------------------------------------------------------------------------

    def state_dict(self, prefix: str = "") -> dict[str, np.ndarray]:
        """{path: array} of all parameters and persistent buffers.

        A snapshot: later training does not change it (PyTorch's shares memory). Tied parameters
        have one entry for each of their paths, all with the same array.
        """
        return state.snapshot(self._tensors((PARAMETER, BUFFER), prefix, True, False))

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> state.Keys:
        """Write the arrays (or tensors) of state_dict into parameters and buffers, in place.

        Dtypes stay as they are. Returns (missing_keys, unexpected_keys), both empty if strict.
        Errors: a ValueError that lists all entries that are missing, unexpected or do not fit;
        nothing is changed then. strict=False allows for missing and unexpected ones.
        """
        targets = dict(self._tensors((PARAMETER, BUFFER), "", True, False))
        return state.load(type(self).__name__, targets, state_dict, strict)

    # --- Everything at once ---------------------------------------------------------------------

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

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_names": {}}

    def extra_repr(self) -> str:
        """The settings that stand in the module's repr."""
        return ""

    def __repr__(self) -> str:
        name, settings = type(self).__name__, self.extra_repr()
        children = [f"({n}): {child!r}" for n, child in self._named(CHILD)]
        if not children:
            return f"{name}({settings})"
        lines = "\n".join([settings, *children] if settings else children)
        return f"{name}(\n  " + lines.replace("\n", "\n  ") + "\n)"


class Running(threading.local):
    """The module whose forward runs in this thread."""

    module: Module | None = None


running = Running()

EXPECTED: dict[Any, tuple[Any, str]] = {
    PARAMETER: (Parameter, "an nn.Parameter"),
    CHILD: (Module, "an nn.Module"),
    BUFFER: (Tensor | np.ndarray, "a Tensor or an array"),
    TEMPORARY: (Tensor | np.ndarray, "a Tensor or an array"),
}


def joined(path: str, name: str) -> str:
    """The path of what is called name in the module at path."""
    return f"{path}.{name}" if path and name else path or name


def check_name(module: Module, name: str) -> None:
    """Raise KeyError unless state dicts and `module.name` can find what gets this name."""
    kind = type(module).__name__
    if not isinstance(name, str):
        raise TypeError(f"{kind}: a name must be a string, got {name!r}")
    if not name or "." in name:
        raise KeyError(f"{kind}: the name {name!r} must not be empty or contain a dot")
    if hasattr(type(module), name) or name in ("training", "_roles", "_names", "_hooks"):
        raise KeyError(f"{kind}: attribute {name!r} already exists")


def fitting(module: Module, name: str, value: Any, role: str | None) -> Any:
    """The value, if an attribute of that role can take it; an array as a tensor."""
    kind, wanted = EXPECTED[role]
    if not isinstance(value, kind):
        raise TypeError(
            f"cannot assign {type(value).__name__} to the {role} {name!r} of "
            f"{type(module).__name__}: wanted {wanted}, or None"
        )
    is_array = isinstance(value, np.ndarray)
    return leaf(Tensor, as_array(value, None, copy=False)) if is_array else value


def warn_if_overlooked(module: Module, name: str, value: Any) -> None:
    """Warn of a plain list or dict of modules: their parameters would not be trained."""
    if not isinstance(value, list | tuple | dict):
        return
    items = value.values() if isinstance(value, dict) else value
    found = {x for x in items if isinstance(x, Module)}
    if not found or module._roles.get(name) == OVERLOOKED or found <= set(module.modules()):
        return
    module._roles[name] = OVERLOOKED
    wanted = "ModuleDict" if isinstance(value, dict) else "ModuleList"
    warnings.warn(
        f"{type(module).__name__}.{name} is a plain {type(value).__name__} of modules: their "
        f"parameters are not found, so nothing trains them; use nn.{wanted}",
        UserWarning,
        stacklevel=3,
    )
