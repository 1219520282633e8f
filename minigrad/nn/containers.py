"""Modules that hold modules: in a row, in a list, in a dict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any, Self

from minigrad.nn.checks import require_int
from minigrad.nn.module import Module
from minigrad.nn.tree import CHILD


class Ordered(Module):
    """Children that are numbered like the items of a list; what Sequential and ModuleList share."""

    def append(self, module: Module) -> Self:
        """Add a module at the end; returns self."""
        return self.extend([module])

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end; returns self."""
        if isinstance(modules, Module) or not isinstance(modules, Iterable):
            raise TypeError(
                f"{type(self).__name__}: got a {type(modules).__name__}, wanted a list of modules"
            )
        free = (str(i) for i in count(len(self)) if str(i) not in self._roles)
        for module in list(modules):
            self.add_module(next(free), module)
        return self

    def insert(self, index: int, module: Module) -> Self:
        """Put a module before the one at index, and number all anew; returns self."""
        modules = list(self)
        modules.insert(index, module)
        return self._hold(modules)

    def _hold(self, modules: Iterable[Module]) -> Self:
        """Hold these modules, numbered from 0, and no other."""
        for name, _ in self._named(CHILD):
            delattr(self, name)
        return self.extend(modules)

    def _at(self, index: Any) -> tuple[str, Any]:
        """(name, module) at an index, which may be negative."""
        i, n = require_int(type(self).__name__, "the index", index), len(self)
        if not -n <= i < n:
            raise IndexError(f"{type(self).__name__}: index {i} in a list of {n} modules")
        return self._named(CHILD)[i]

    def __len__(self) -> int:
        return len(self._named(CHILD))

    def __iter__(self) -> Iterator[Any]:
        return iter([module for _, module in self._named(CHILD)])

    def __getitem__(self, index: Any) -> Any:
        return self._at(index)[1]

    def __setitem__(self, index: int, module: Module) -> None:
        self.add_module(self._at(index)[0], module)

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self)
        del modules[index]
        self._hold(modules)


class Sequential(Ordered):
    """y = fₙ(… f₂(f₁(x))): modules one after the other, named "0", "1", … or by a dict.

    >>> from minigrad import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )

    An index gives a module, a slice a Sequential of the same modules with the same names.
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self.add_module(name, module)
        else:
            for given in modules:
                check_module(given)
            self.extend(modules)  # type: ignore[arg-type]  # add_module refuses what is no module

    def forward(self, x: Any) -> Any:
        for module in self:
            x = module(x)
        return x

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Sequential(dict(self._named(CHILD)[index]))
        return super().__getitem__(index)


def check_module(module: Any) -> None:
    """A TypeError that says what to do for what beginners put among the modules."""
    if isinstance(module, type):
        raise TypeError(
            f"Sequential: got the class {module.__name__}, wanted a module: call it, "
            f"{module.__name__}(...)"
        )
    if isinstance(module, list | tuple):
        raise TypeError(
            f"Sequential: got a {type(module).__name__} of {len(module)}, wanted the modules one "
            "by one: Sequential(*modules)"
        )


class ModuleList(Ordered):
    """A list of modules whose parameters are found; it computes nothing itself.

    >>> from minigrad import nn
    >>> layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
    >>> len(layers), len(list(layers.parameters()))
    (3, 6)
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return ModuleList(list(self)[index])
        return super().__getitem__(index)


class ModuleDict(Module):
    """A dict of modules whose parameters are found; it computes nothing itself.

    >>> from minigrad import nn
    >>> heads = nn.ModuleDict({"digit": nn.Linear(8, 10), "parity": nn.Linear(8, 2)})
    >>> list(heads)
    ['digit', 'parity']
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        super().__init__()
        self.update(modules)

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add or replace modules: a dict, or (name, module) pairs."""
        for name, module in dict(modules).items():
            self[name] = module

    def keys(self) -> list[str]:
        """The names."""
        return [name for name, _ in self._named(CHILD)]

    def values(self) -> list[Any]:
        """The modules."""
        return [module for _, module in self._named(CHILD)]

    def items(self) -> list[tuple[str, Any]]:
        """(name, module) pairs."""
        return self._named(CHILD)

    def __getitem__(self, name: str) -> Any:
        self._require(name)
        return getattr(self, name)

    def __setitem__(self, name: str, module: Module) -> None:
        self.add_module(name, module)

    def __delitem__(self, name: str) -> None:
        self._require(name)
        delattr(self, name)

    def _require(self, name: str) -> None:
        if name not in self:
            raise KeyError(f"ModuleDict: no module {name!r}; there are {', '.join(self)}")

    def __len__(self) -> int:
        return len(self.items())

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __contains__(self, name: object) -> bool:
        return name in self.keys()
