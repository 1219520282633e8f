"""Tree: an object whose attributes are parameters, buffers and further such objects.

They are ordinary attributes; `_roles` says which name plays which part. So reading `self.weight`
costs nothing, and everything can be inspected with `vars`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.graph import leaf
from minigrad.nn.parameter import Parameter
from minigrad.recording import ModulePath
from minigrad.tensor import Tensor, as_array

PARAMETER, CHILD, BUFFER, TEMPORARY = "parameter", "child module", "buffer", "temporary buffer"
OVERLOOKED = "overlooked"  # a list of modules that the user has been warned of
PLAIN = list | tuple | dict | set | frozenset


class Tree:
    """The half of `Module` that knows what belongs to it, and by which name."""

    _roles: dict[str, str]
    _names: dict[Tree, str]  # the paths of the modules below, found when one is first called
    _paths: dict[tuple[str, str], str]  # of this one, by the path and name it was called at

    def __init__(self) -> None:
        vars(self).update(_roles={}, _names={}, _paths={})

    # --- Attributes -----------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter | Tree):
            check_name(self, name)
            self._enlist(name, value, PARAMETER if isinstance(value, Parameter) else CHILD)
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

        Errors: a KeyError if the name is empty, holds a dot or is taken; a TypeError for what is
        no Parameter.
        """
        self._register(name, param, PARAMETER)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Make an attribute of a tensor or array that belongs to the state but is not learned.

        persistent=False leaves it out of `state_dict()`. Errors as for parameters.
        """
        self._register(name, tensor, BUFFER if persistent else TEMPORARY)

    def add_module(self, name: str, module: Any) -> None:
        """Make module an attribute, also by a name that is no identifier. Errors likewise."""
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

    # --- Modules --------------------------------------------------------------------------------

    def named_modules(
        self, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """(path, module) for this module, whose path is the prefix, and for all below it."""
        seen: set[Tree] = set()
        stack: list[tuple[str, Tree]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if remove_duplicate and module in seen:
                continue
            seen.add(module)
            yield path, module
            children = reversed(module._named(CHILD))
            stack.extend((joined(path, name), child) for name, child in children)

    def modules(self) -> Iterator[Any]:
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """(name, module) of the modules directly below, each once."""
        first = {child: name for name, child in reversed(self._named(CHILD))}
        return ((name, child) for name, child in self._named(CHILD) if first[child] == name)

    def children(self) -> Iterator[Any]:
        """The modules directly below, each once."""
        return (child for _, child in self.named_children())

    def _name_of(self, module: Tree) -> str:
        """The path of a module below this one; "" if it is not there."""
        name = self._names.get(module)
        if name is None:
            self._names.update((below, path) for path, below in self.named_modules())
            name = self._names.setdefault(module, "")
        return name

    # --- Tensors --------------------------------------------------------------------------------

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

    def _state(self) -> Iterator[tuple[str, Any]]:
        """(path, tensor) of all that a state dict holds; tied tensors under each of their paths."""
        return self._tensors((PARAMETER, BUFFER), "", recurse=True, remove_duplicate=False)

    # --- Copies and text ------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_names": {}, "_paths": {}}

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


EXPECTED: dict[Any, tuple[Any, str]] = {
    PARAMETER: (Parameter, "an nn.Parameter"),
    CHILD: (Tree, "an nn.Module"),
    BUFFER: (Tensor | np.ndarray, "a Tensor or an array"),
    TEMPORARY: (Tensor | np.ndarray, "a Tensor or an array"),
}


def joined(path: str, name: str) -> str:
    """The path of what is called name in the module at path."""
    return f"{path}.{name}" if path and name else path or name


def path_told(module: Tree, outer: str, name: str) -> str:
    """The path of a module by its name in the one at outer, with what pictures say of it."""
    path = joined(outer, name)
    if name:  # else it is not below its caller, and has no path of its own
        path = ModulePath(path)
        path.kind, path.outer = kind_of(module), outer
        path.parameters = frozenset(name for name, _ in module._named(PARAMETER))
    module._paths[outer, name] = path
    return path


def kind_of(module: Tree) -> str:
    """The repr in one line, without the children: "Linear(64, 10)", "Sequential"."""
    try:
        settings = module.extra_repr()
    except Exception:  # what pictures say must not end a training
        settings = ""
    return f"{type(module).__name__}({settings})" if settings else type(module).__name__


def check_name(module: Tree, name: str) -> None:
    """Raise KeyError unless state dicts and `module.name` can find what gets this name."""
    kind = type(module).__name__
    if not isinstance(name, str):
        raise TypeError(f"{kind}: a name must be a string, got {name!r}")
    if not name or "." in name:
        raise KeyError(f"{kind}: the name {name!r} must not be empty or contain a dot")
    if hasattr(type(module), name):
        raise KeyError(f"{kind}: attribute {name!r} already exists")


def fitting(module: Tree, name: str, value: Any, role: str | None) -> Any:
    """The value, if an attribute of that role can take it; an array as a tensor."""
    kind, wanted = EXPECTED[role]
    if not isinstance(value, kind):
        raise TypeError(
            f"cannot assign {type(value).__name__} to the {role} {name!r} of "
            f"{type(module).__name__}: wanted {wanted}, or None"
        )
    is_array = isinstance(value, np.ndarray)
    return leaf(as_array(value, None, copy=False)) if is_array else value


def warn_if_overlooked(module: Tree, name: str, value: Any) -> None:
    """Warn of a plain list or dict of modules: their parameters would not be trained."""
    if not isinstance(value, PLAIN):
        return
    found = set(held(value))
    if not found or module._roles.get(name) == OVERLOOKED or found <= belonging(module):
        return
    module._roles[name] = OVERLOOKED
    of_modules = any(isinstance(x, Tree) for x in found)
    what = "modules: their parameters" if of_modules else "parameters: they"
    wanted = "nn.ModuleDict" if isinstance(value, dict) else "nn.ModuleList"
    warnings.warn(
        f"{type(module).__name__}.{name} is a plain {type(value).__name__} of {what} are not "
        f"found, so nothing trains them; use {wanted if of_modules else 'register_parameter'}",
        UserWarning,
        stacklevel=3,
    )


def held(value: Any) -> Iterator[Any]:
    """The modules and parameters in a plain list or dict, and in those inside of it."""
    stack, seen = [value], set()
    while stack:
        x = stack.pop()
        if isinstance(x, Tree | Parameter):
            yield x
        elif isinstance(x, PLAIN) and id(x) not in seen:  # a list may contain itself
            seen.add(id(x))
            stack += x.values() if isinstance(x, dict) else x


def belonging(module: Tree) -> set[Any]:
    """All modules and parameters that are found in a module."""
    return {*module.modules(), *(p for _, p in module.named_parameters())}
