"""Which parts of a graph are computed in which step of its story, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush
from itertools import groupby
from typing import Any

from minigrad.viz.digraph import Picture
from minigrad.viz.parts import Division, Part
from minigrad.viz.reading import Reading

COARSE = 4  # ops that share a step back at most, before ops share one forward too

Act = list[Part]  # what is computed in one step: as a rule one op or module


def acts(picture: Picture, limit: int) -> tuple[list[Act], list[Act], list[str]]:
    """What is computed forward and backward, step by step, in at most limit steps; and notes.

    Where these are too many, the ops of one module share a step, backward first; if that is not
    enough, neighbours do. Parts that are not drawn never have a step for each.
    """
    shown, shares = set(picture.division.shown), picture.reading.gradients.shares
    order = in_order(picture.division, picture.reading)
    forward = [part for part in order if part.face.op is not None]
    backward = [part for part in reversed(order) if any(node in shares for node in part.nodes)]
    room = limit - 3 - bool(picture.reading.updates.of)  # start, seed, done and step

    def alone(part: Part) -> Any:
        return part if part in shown else None

    def module(part: Part) -> Any:
        return (part.module or part.face.path or part) if part in shown else None

    there, back = runs(forward, alone), runs(backward, alone)
    if len(there) + len(back) <= room:
        return there, back, []
    by_module = runs(forward, module), runs(backward, module)
    if len(there) + len(by_module[1]) <= room:
        return there, by_module[1], [f"one step back for each module (max_frames={limit})"]
    if sum(map(len, by_module)) <= room:
        return *by_module, [f"one step for each module (max_frames={limit})"]
    left = room - len(there)
    if len(back) <= COARSE * left:
        size = -(-len(back) // left)
        return there, joined(back, size), [f"one step back for {size} ops (max_frames={limit})"]
    size = -(-len(there + back) // (room - 1))
    note = f"one step for {size} ops (max_frames={limit})"
    return joined(there, size), joined(back, size), [note]


def in_order(division: Division, reading: Reading) -> list[Part]:
    """All parts, inputs before what is made of them, else in the order of the program."""
    waiting = {part: set(division.inputs(part)) for part in division.parts}
    users: dict[Part, list[Part]] = {part: [] for part in division.parts}
    for part, inputs in waiting.items():
        for other in inputs:
            users[other].append(part)
    number = {part: reading.place[part.face] for part in division.parts}
    by_number = {n: part for part, n in number.items()}
    ready, order = [number[part] for part in waiting if not waiting[part]], []
    heapify(ready)
    while ready:
        part = by_number[heappop(ready)]
        order.append(part)
        for user in users[part]:
            waiting[user].discard(part)
            if not waiting[user]:
                heappush(ready, number[user])
    return order


def runs(parts: Sequence[Part], key: Callable[[Part], Any]) -> list[Act]:
    """Neighbours of one key together."""
    return [list(group) for _, group in groupby(parts, key)]


def joined(acts: Sequence[Act], size: int) -> list[Act]:
    """So many neighbours together."""
    groups = [acts[i : i + size] for i in range(0, len(acts), size)]
    return [[part for act in group for part in act] for group in groups]
