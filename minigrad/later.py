"""Names that are imported when they are first used, so that the face stays quick to load."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import Any


def imported_later(package: str, modules: dict[str, str]) -> Callable[[str], Any]:
    """A package's __getattr__: modules tells which names come from which of its modules.

    "" stands for modules of the package themselves. Whoever asks for a name a second time gets it
    directly, since it is then an attribute of the package.
    """
    home = {name: module for module, names in modules.items() for name in names.split()}

    def find(name: str) -> Any:
        if name not in home:
            near = get_close_matches(name, [*home, *vars(import_module(package))], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise AttributeError(f"{package} has no attribute {name!r}{hint}")
        if home[name]:
            value = getattr(import_module(f"{package}.{home[name]}"), name)
        else:
            value = import_module(f"{package}.{name}")
        setattr(import_module(package), name, value)
        return value

    return find


def listed(package: str) -> Callable[[], list[str]]:
    """A package's __dir__: its public names, those too that were not used yet.

    These are what a notebook offers after `mg.` and Tab.
    """

    def names() -> list[str]:
        found = vars(import_module(package))
        return sorted({*found["__all__"], *(name for name in found if name.startswith("__"))})

    return names
