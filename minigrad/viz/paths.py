"""Paths of modules, as nodes carry them: "block1.conv" is conv in block1.

nn records a path with what it knows of its module, see ModulePath; `inside` records a plain text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from minigrad.viz.text import LONGEST_TITLE, visible

LONGEST_PATH = 40
SIZES = re.compile(r"(\w+=)?\d+(, (\w*features=)?\d+)*(?=[,)])")
NAMES = re.compile(r"\w+=")


def enclosing(path: str) -> list[str]:
    """The paths of the modules that path lies in, outermost first; itself is the last one.

    >>> enclosing("block1.conv"), enclosing("")
    (['block1', 'block1.conv'], [])
    """
    found = []
    while path:
        found.append(path)
        path = getattr(path, "outer", path.rpartition(".")[0])
    return found[::-1]


def kind(path: str) -> str:
    """What a module is, such as "Linear(64, 10)"; "" where it is not known.

    Of its settings only the whole numbers in front are told: sizes, as a rule.
    """
    whole = getattr(path, "kind", "")
    name, _, settings = whole.partition("(")
    sizes = SIZES.match(settings)
    short = f"{name}({NAMES.sub('', sizes[0])})" if sizes else whole
    return visible(short, LONGEST_PATH)


def titled(path: str) -> str:
    """A module's path and what it is: "fc: Linear(64, 10)"."""
    return visible(path) + (f": {kind(path)}" if kind(path) else "")


def told(path: str) -> str:
    """The same in full."""
    return visible(f"{path}: {getattr(path, 'kind', '')}", LONGEST_TITLE)


def full_name(name: str, users: Sequence[Any]) -> str:
    """The name of a leaf; that of a module's own parameter with the module's path in front."""
    owners = (user.path for user in users if name in getattr(user.path, "parameters", ()))
    return next((f"{path}.{name}" for path in owners), name)
