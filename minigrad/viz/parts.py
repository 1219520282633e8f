"""What gets a box: folding parameters, collapsing modules, leaving out what is far away.

A graph is divided into parts, and each part becomes one box. Nothing vanishes silently: what has
no box of its own is a row of another one, or is counted in a stub.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from minigrad.viz.marks import fails
from minigrad.viz.paths import enclosing
from minigrad.viz.reading import Reading
from minigrad.viz.runs import runs
from minigrad.viz.text import exponent

Use = tuple[Any, int]  # a node and the position of one of its inputs: an edge


@dataclass(eq=False)
class Part:
    """What one box stands for: a node, or all nodes of a module that is drawn as one box."""

    nodes: list[Any]  # in topological order
    module: str = ""  # its path, if the whole module is one box
    folded: list[Any] = field(default_factory=list)  # leaves that are rows of this box
    repeats: list[str] = field(default_factory=list)  # paths of modules that it stands for too
    unlinked: dict[Use, None] = field(default_factory=dict)  # told in it, in place of an edge

    @property
    def face(self) -> Any:
        """The node whose value and gradient the box shows: its last one."""
        return self.nodes[-1]

    @property
    def collapsed(self) -> bool:
        """Whether ops are hidden in it."""
        return len(self.nodes) > 1


class Division:
    """A graph divided into parts, and those of them that are drawn."""

    def __init__(self, parts: list[Part], home: dict[Any, Part]) -> None:
        self.parts = self.shown = parts
        self.home = home
        self.shared: set[Any] = set()  # leaves that are rows of several boxes
        self.hidden: set[Any] = set()  # nodes for which a box of the same structure stands

    @property
    def shown(self) -> list[Part]:
        """The parts that are drawn."""
        return self._shown

    @shown.setter
    def shown(self, parts: list[Part]) -> None:
        self._shown, self._seen = parts, set(parts)

    def edges(self, nodes: Iterable[Any]) -> Iterator[Use]:
        """The edges that are drawn: one for each use."""
        for node in nodes:
            target = self.home[node]
            if target not in self._seen or node in self.hidden:
                continue
            for position, x in enumerate(node.inputs):
                source = self.home[x]
                if source is target or source not in self._seen or x in self.shared:
                    continue
                if (node, position) not in target.unlinked:
                    yield node, position

    def unseen(self, part: Part, reading: Reading) -> int:
        """How often what a box shows is used where no edge leads."""
        missing, face = 0, part.face
        for user in reading.consumers[face]:
            home = self.home[user]
            missing += home not in self._seen
            if home.unlinked:
                ends = [node.inputs[i] for node, i in home.unlinked if node is user]
                missing += any(x is face for x in ends)
        return missing

    def inputs(self, part: Part) -> list[Part]:
        """The other parts that a part was made from, in the order of use, without repeats."""
        home, shared = self.home, self.shared
        found = {home[x]: None for node in part.nodes for x in node.inputs if x not in shared}
        found.pop(part, None)
        return list(found)


def divided(reading: Reading, depth: int | None, expand: Collection[str]) -> Division:
    """Every node finds its part: a module deeper than depth is one, a leaf may be folded."""
    modules = {n: module_of(n.path, depth, expand) for n in reading.nodes if n.op is not None}
    home = {}
    for run in runs(reading.nodes, modules):
        part = Part(sorted(run, key=reading.place.__getitem__), modules.get(run[0]) or "")
        home.update(dict.fromkeys(run, part))
    for node in reading.nodes:
        users = {home[consumer] for consumer in reading.consumers[node]}
        if node.op is None and len(users) == 1 and folds(reading, node, *users):
            home[node] = next(iter(users))
            home[node].folded.append(node)
    parts = list(dict.fromkeys(home[node] for node in reading.nodes))
    parts.sort(key=lambda part: reading.place[part.face])
    return Division(parts, home)


def module_of(path: str, depth: int | None, expand: Collection[str]) -> str | None:
    """The module whose box an op in the module at path disappears in, if any.

    >>> module_of("block1.conv", 1, ()), module_of("block1.conv", 1, {"block1"})
    ('block1', 'block1.conv')
    """
    if depth is None or not path:
        return None
    return next((around for around in enclosing(path)[depth - 1 :] if around not in expand), None)


def folds(reading: Reading, leaf: Any, user: Part) -> bool:
    """Whether a leaf with one user becomes a row there.

    In the box of a module all of its own do. An op takes its parameters in, unless this is a graph
    of numbers, or the parameter and the result are so small that both are shown as they are; a
    power its exponent. What is marked as a failure has its own box.
    """
    if leaf is reading.focus or fails(reading.marks, [leaf]):
        return False
    if user.collapsed:
        return leaf.requires_grad or reading.kind(leaf) == "constant"
    if len(reading.consumers[leaf]) > 1:
        return False
    if leaf is exponent(user.face):
        return True
    if not leaf.requires_grad:
        return False
    if leaf.name in getattr(user.module, "parameters", ()):
        return True
    plain = ("number", "matrix")
    return not (reading.level(leaf) in plain and reading.level(user.face) in plain)


def focused(division: Division, reading: Reading) -> list[Part]:
    """The parts on a path from the focus to the root, and the leaves beside it."""
    on_path = {reading.focus}
    for node in reading.nodes:
        if any(x in on_path for x in node.inputs):
            on_path.add(node)
    kept = {division.home[node] for node in on_path}
    beside = {x for node in on_path for x in node.inputs if x.op is None}
    kept |= {division.home[x] for x in beside}
    return [part for part in division.parts if part in kept]


def nearest(division: Division, reading: Reading, limit: int) -> list[Part]:
    """The parts nearest to the root, breadth first, as many as the limit allows.

    Parts marked as failures come first: pictures with marks are drawn because of them.
    """
    allowed, root = set(division.shown), division.home[reading.root]
    failures = [part for part in division.shown if fails(reading.marks, part.nodes)]
    start = list(dict.fromkeys([root, *failures]))[:limit]
    found, queue = set(start), deque(start)
    while queue:
        for part in division.inputs(queue.popleft()):
            if part in allowed and part not in found and len(found) < limit:
                found.add(part)
                queue.append(part)
    return [part for part in division.shown if part in found]


def stubs(division: Division, reading: Reading) -> dict[Part, int]:
    """For each box with inputs that are not drawn: how many nodes it hides behind it.

    A node behind two boxes counts for both. Bit i of a node's mask says that it is behind the
    i-th box; the masks are carried from the root backward in one pass.
    """
    shown = set(division.shown)
    bits = {part: 1 << i for i, part in enumerate(division.shown)}
    masks: dict[Any, int] = {}
    for node in reversed(reading.nodes):
        home = division.home[node]
        mask = bits[home] if home in shown else masks.get(node, 0)
        for x in node.inputs:
            if division.home[x] not in shown:
                masks[x] = masks.get(x, 0) | mask
    behind = Counter(masks.values())
    counts = {
        part: sum(n for mask, n in behind.items() if mask & bit) for part, bit in bits.items()
    }
    return {part: count for part, count in counts.items() if count}
