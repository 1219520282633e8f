"""What occurs again and again, drawn once: layers that are alike, and weights that are shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from minigrad.viz.parts import Division, Part
from minigrad.viz.paths import kind
from minigrad.viz.reading import Reading
from minigrad.viz.text import heading

FEWEST = 3  # siblings that are drawn once


def fold_shared(division: Division, reading: Reading) -> None:
    """Parameters of a module that runs several times become rows in each of its boxes."""
    for leaf in reading.nodes:
        if leaf.op is not None or not leaf.requires_grad:
            continue
        users = list(dict.fromkeys(division.home[user] for user in reading.consumers[leaf]))
        modules = {user.module for user in users}
        alone = leaf is reading.focus or leaf in reading.marks
        if len(users) < 2 or len(modules) > 1 or modules == {""} or alone:
            continue
        division.home[leaf] = users[0]
        division.shared.add(leaf)
        for user in users:
            user.folded.append(leaf)
    division.parts = [part for part in division.parts if part.face not in division.shared]
    division.shown = division.parts


def fold_siblings(division: Division, reading: Reading) -> None:
    """Modules that are alike and numbered, each fed by the one before, become one box."""
    if reading.focus is not None or reading.marks:
        return
    for chain in chains(division, reading):
        first, *others = chain
        first.repeats = [part.module for part in others]
        for part in others:
            members = [*part.nodes, *part.folded]
            division.home.update(dict.fromkeys(members, first))
            division.hidden.update(members)
    division.parts = [part for part in division.parts if part.face not in division.hidden]
    division.shown = division.parts


def chains(division: Division, reading: Reading) -> Iterator[list[Part]]:
    """The longest chains of siblings, none of which has a part in common with another."""
    runs = Counter(part.module for part in division.parts)
    by_path = {str(part.module): part for part in division.parts if runs[part.module] == 1}
    taken: set[Part] = set()
    for path, part in by_path.items():
        if part not in taken:
            found = [chain(parts, division, reading) for parts in numbered(path, by_path)]
            longest = max(found, key=len, default=[])
            if len(longest) >= FEWEST and taken.isdisjoint(longest):
                taken.update(longest)
                yield longest


def numbered(path: str, known: dict[str, Part]) -> Iterator[list[Part]]:
    """The parts of the paths that follow, for each number in a path: a.0.b, a.1.b, a.2.b, …"""
    words = path.split(".")
    for i, word in enumerate(words):
        if word.isdecimal():
            number, parts = int(word), list[Part]()
            while (sibling := ".".join([*words[:i], str(number), *words[i + 1 :]])) in known:
                parts.append(known[sibling])
                number += 1
            yield parts


def chain(siblings: Sequence[Part], division: Division, reading: Reading) -> list[Part]:
    """As many siblings as are alike, each made of the one before and of what all are made of."""
    first, found = siblings[0], [siblings[0]]
    wanted, common = structure(first), set(division.inputs(first))
    for before, part in pairwise(siblings):
        beside = set(division.inputs(part)) - {before}
        if len(found) == 1:
            common &= beside
        alike = beside == common and structure(part) == wanted
        if not alike or not feeds(before, part, division, reading):
            break
        found.append(part)
    return found


def structure(part: Part) -> list[Any]:
    """What is the same in parts that are alike: ops, shapes, and what is made of what."""
    place = {node: i for i, node in enumerate([*part.nodes, *part.folded])}
    ops = [
        (node.op, heading(node), node.shape, [place.get(x) for x in node.inputs])
        for node in part.nodes
    ]
    leaves = [(leaf.shape, leaf.requires_grad) for leaf in part.folded]
    return [kind(part.module), ops, leaves]


def feeds(part: Part, after: Part, division: Division, reading: Reading) -> bool:
    """Whether a part is used by the next one, and by nothing else."""
    users = {division.home[user] for node in part.nodes for user in reading.consumers[node]}
    return users - {part} == {after}
