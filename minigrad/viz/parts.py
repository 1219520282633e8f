"""What gets a box: folding parameters, collapsing modules, leaving out what is far away.

A graph is divided into parts, and each part becomes one box. Nothing vanishes silently: what has
no box of its own is a row of another one, or is counted in a stub.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from minigrad.viz.reading import Reading


@dataclass(eq=False)
class Part:
    """What one box stands for: a node, or all nodes of a module that is drawn as one box."""

    nodes: list[Any]  # in topological order
    module: str = ""  # its path, if the whole module is one box
    folded: list[Any] = field(default_factory=list)  # leaves that are rows of this box

    @property
    def face(self) -> Any:
        """The node whose value and gradient the box shows: its last one."""
        return self.nodes[-1]

    @property
    def collapsed(self) -> bool:
        """Whether ops are hidden in it."""
        return len(self.nodes) > 1


@dataclass
class Division:
    """A graph divided into parts, and those of them that are drawn."""

    parts: list[Part]
    home: dict[Any, Part]
    shown: list[Part]

    def unseen(self, part: Part, reading: Reading) -> int:
        """How often what a box shows is used by nodes that are not drawn."""
        shown = set(self.shown)
        return sum(self.home[user] not in shown for user in reading.consumers[part.face])

    def inputs(self, part: Part) -> list[Part]:
        """The other parts that a part was made from, in the order of use, without repeats."""
        found = {self.home[x]: None for node in part.nodes for x in node.inputs}
        return [other for other in found if other is not part]


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
    return Division(parts, home, parts)


def module_of(path: str, depth: int | None, expand: Collection[str]) -> str | None:
    """The module whose box an op in the module at path disappears in, if any.

    >>> module_of("block1.conv", 1, ()), module_of("block1.conv", 1, {"block1"})
    ('block1', 'block1.conv')
    """
    if depth is None or not path:
        return None
    names = path.split(".")
    prefixes = (".".join(names[:n]) for n in range(depth, len(names) + 1))
    return next((prefix for prefix in prefixes if prefix not in expand), None)


def runs(nodes: Sequence[Any], modules: dict[Any, str | None]) -> Iterable[list[Any]]:
    """The nodes that go into one box: connected ops of one module; all others are alone.

    A module may run twice, and one run may depend on the other through ops outside. Each node has
    a stage, which grows along every edge that enters a module: with boxes of one module and one
    stage only, no two boxes can depend on each other.
    """
    stage: dict[Any, int] = {}
    run: dict[Any, list[Any]] = {}
    for node in nodes:
        module = modules.get(node)
        inside = {x for x in node.inputs if module and modules.get(x) == module}
        stage[node] = max((stage[x] + (x not in inside) for x in node.inputs), default=0)
        run[node] = [node]
        for x in inside:
            if stage[x] == stage[node] and run[x] is not run[node]:
                join(run, run[x], run[node])
    return {id(group): group for group in run.values()}.values()


def join(run: dict[Any, list[Any]], a: list[Any], b: list[Any]) -> None:
    """Make one run of two; the shorter one moves."""
    small, large = sorted((a, b), key=len)
    large.extend(small)
    run.update(dict.fromkeys(small, large))


def folds(reading: Reading, leaf: Any, user: Part) -> bool:
    """Whether a leaf with one user becomes a row there.

    In a collapsed module all of its own do. An op takes its parameters in, unless this is a graph
    of numbers, or the parameter and the result are so small that both are shown as they are.
    """
    if leaf is reading.focus:
        return False
    if user.collapsed:
        return leaf.requires_grad or reading.kind(leaf) == "constant"
    if not leaf.requires_grad or len(reading.consumers[leaf]) > 1:
        return False
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
    """The parts nearest to the root, breadth first, as many as the limit allows."""
    allowed, root = set(division.shown), division.home[reading.root]
    found, queue = {root}, deque([root])
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
