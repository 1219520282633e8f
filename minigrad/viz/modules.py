"""Modules in pictures: which ones an op belongs to, and in whose frame a box stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from minigrad.viz.parts import Division, Part
from minigrad.viz.paths import enclosing
from minigrad.viz.reading import Reading


class Modules:
    """The dashed frames of one picture: a module that has two boxes or more gets one."""

    def __init__(self, reading: Reading, division: Division) -> None:
        self.reading, self.division = reading, division
        self.known = any(node.path for node in reading.nodes)

    def below(self, outer: str, parts: Sequence[Part]) -> dict[Part, str]:
        """The module just below outer that a part is drawn in, where it has two boxes or more."""
        if not self.known:
            return {}
        depth = len(enclosing(outer))
        found: dict[str, list[Part]] = {}
        for part in parts:
            around = enclosing(self.path(part))
            if len(around) > depth:
                found.setdefault(around[depth], []).append(part)
        return {p: path for path, members in found.items() if len(members) > 1 for p in members}

    def path(self, part: Part) -> str:
        """The module that a part is drawn in; its parameters and constants beside their use."""
        if part.module:
            return ["", *enclosing(part.module)][-2]
        node = part.face
        if node.op is not None:
            return cast(str, node.path)
        users = {self.division.home[user]: None for user in self.reading.consumers[node]}
        around = common([self.path(user) for user in users])
        return around if self.belongs(node, around) else ""

    def belongs(self, leaf: Any, path: str) -> bool:
        """Whether a leaf that is used in a module only is part of it, and no input."""
        kind = self.reading.kind(leaf)
        own = kind == "parameter" and leaf.name in getattr(path, "parameters", (leaf.name,))
        return own or kind == "constant"

    def outer(self, parts: Sequence[Part], outer: str = "") -> dict[Part, str]:
        """The module in whose frame each part is drawn."""
        inner = self.below(outer, parts)
        found = {part: outer for part in parts if part not in inner}
        for path in dict.fromkeys(inner.values()):
            found |= self.outer([part for part in parts if inner.get(part) == path], path)
        return found


def common(paths: Sequence[str]) -> str:
    """The innermost module that all paths are in.

    >>> common(["block.conv", "block.bn"]), common(["a", "b"])
    ('block', '')
    """
    found = ""
    for level in zip(*map(enclosing, paths)):
        if len(set(level)) > 1:
            break
        found = level[0]
    return found
