"""A graph as a story: forward op by op, the seed, backward op by op with every partial sum.

A frame says what each box and edge shows at one moment. Only what is shown changes: each text has
its place in the picture of the last frame, which is the picture that `draw` makes.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.viz.acts import Act
from minigrad.viz.aside import Gradients
from minigrad.viz.boxes import Boxes
from minigrad.viz.captions import Captions, Payment
from minigrad.viz.cells import Cell
from minigrad.viz.digraph import Picture
from minigrad.viz.parts import Part
from minigrad.viz.reading import Reading
from minigrad.viz.updates import Updates

Shown = tuple[Cell | None, ...]  # the cells of one box or edge; None where nothing is shown yet


@dataclass(frozen=True)
class Frame:
    """One step of a story.

    phase is start, forward, seed, backward, done or step (the optimizer's); caption tells it with
    symbols and numbers, its first word is the phase. Boxes and edges go by their ids in the SVG:
    changed are those that show something else than one frame before, highlighted those at work.
    """

    phase: str
    caption: str
    cells: Mapping[str, Shown]
    changed: tuple[str, ...] = ()
    highlighted: tuple[str, ...] = ()

    @property
    def visible(self) -> dict[str, tuple[str, ...]]:
        """The texts that each box and edge shows, from top to bottom."""
        return {
            name: tuple(cell.text for cell in cells if cell is not None)
            for name, cells in self.cells.items()
        }


class Story:
    """Tells a picture frame by frame, and keeps what is known so far."""

    def __init__(self, picture: Picture) -> None:
        self.picture, self.reading, self.division = picture, picture.reading, picture.division
        self.captions = Captions(picture.reading, picture.texts)
        self.shown = set(picture.division.shown)
        self.edges = dict.fromkeys(picture.edges())
        self.outer = picture.outer(picture.division.shown)
        self.full = {part: self.texts(picture.reading, part) for part in picture.division.shown}
        self.sums: dict[Any, Any] = {}  # gradients so far
        self.computed = {part for part in self.shown if part.face.op is None}
        self.stepped = False
        self.cells: dict[str, Shown] = {}
        self.frames: list[Frame] = []

    # --- The phases ---

    def told(self, forward: Sequence[Act], backward: Sequence[Act]) -> list[Frame]:
        """All frames, in order."""
        self.start(sum(len(part.nodes) for act in forward for part in act))
        for act in forward:
            self.forward(act)
        self.seed()
        due = dues(self.reading)
        for act in backward:
            self.backward(act, due)
        self.add("done", self.captions.done())
        if self.reading.updates.of:
            self.step()
        return self.frames

    def start(self, ops: int) -> None:
        first = {self.picture.box_id(part): self.now(part) for part in self.division.shown}
        for node, position in self.edges:
            text = self.picture.edge_text(node, position)
            if text is not None:
                hidden = [None if cell.role else cell for cell in text.texts()]
                first[self.picture.edge_id(node, position)] = tuple(hidden)
        self.cells = first
        self.add("start", self.captions.start(ops))

    def forward(self, act: Act) -> None:
        """The values of an act appear."""
        self.computed.update(act)
        inside = set(act)
        edges = [use for use in self.edges if self.division.home[use[0]] in inside]
        lit = [*self.boxes(act), *(self.picture.edge_id(*use) for use in edges)]
        shown = not self.shown.isdisjoint(act)
        self.add("forward", self.captions.forward(act, shown), act, lit=lit)

    def seed(self) -> None:
        """∂root/∂root = 1."""
        root = self.division.home[self.reading.root]
        self.sums[self.reading.root] = self.reading.gradients.of[self.reading.root]
        self.add("seed", self.captions.seed(), [root], lit=self.boxes([root]))

    def backward(self, act: Act, due: dict[Any, int]) -> None:
        """Each input of an act gets its share, and its gradient grows by that."""
        paid = [payment for part in act for payment in self.payments(part, due)]
        homes = {self.home(p): None for p in paid}
        edges = {self.picture.edge_id(p.node, p.position): (p.node, p.position) for p in paid}
        lit = [*self.boxes([*act, *homes]), *(name for name in edges if self.drawn(*edges[name]))]
        inside = set(act)
        told = [p for p in paid if p.receiver.op is None or self.home(p) not in inside]
        shown = not self.shown.isdisjoint(act)
        caption = self.captions.backward(act, shown, told)
        self.add("backward", caption, [*act, *homes], edges, lit)

    def step(self) -> None:
        """The optimizer's rows appear."""
        self.stepped = True
        moved = {self.division.home[x]: None for x in self.reading.updates.of}
        parts = [*moved, self.division.home[self.reading.root]]
        self.add("step", self.captions.step(), parts, lit=self.boxes(parts))

    def payments(self, part: Part, due: dict[Any, int]) -> Iterator[Payment]:
        """What the nodes of a part pay to their inputs, added to the sums.

        The last payment completes a gradient: it is then what `draw` shows, whatever the order.
        """
        gradients = self.reading.gradients
        for node in reversed(part.nodes):
            for position, share in enumerate(gradients.shares.get(node, ())):
                if share is None:
                    continue
                x = node.inputs[position]
                before = self.sums.get(x)
                yield Payment(node, position, share, before)
                due[x] -= 1
                with np.errstate(all="ignore"):
                    total = share if before is None else before + share
                self.sums[x] = total if due[x] else gradients.of[x]

    # --- What is shown ---

    def add(
        self,
        phase: str,
        caption: str,
        parts: Iterable[Part] = (),
        edges: Mapping[str, tuple[Any, int]] | None = None,
        lit: Sequence[str] = (),
    ) -> None:
        """One frame more, in which these parts and edges may show something new."""
        new = {self.picture.box_id(part): self.now(part) for part in parts if part in self.shown}
        for name, use in (edges or {}).items():
            text = self.picture.edge_text(*use) if name in self.cells else None
            if text is not None:
                new[name] = tuple(text.texts())
        changed = tuple(name for name in new if new[name] != self.cells[name])
        self.cells = self.cells | new
        self.frames.append(Frame(phase, caption, self.cells, changed, tuple(dict.fromkeys(lit))))

    def now(self, part: Part) -> Shown:
        """What a box shows of what is known: draw's box for the gradients so far."""
        moment = copy.copy(self.reading)
        moment.gradients = Gradients(self.sums, self.reading.gradients.shares)
        moment.updates = self.reading.updates if self.stepped else Updates()
        return aligned(self.full[part], self.texts(moment, part), part in self.computed)

    def texts(self, reading: Reading, part: Part) -> list[Cell]:
        unseen = self.division.unseen(part, self.reading)
        boxes = Boxes(reading, self.picture.theme)
        return list(boxes.content(part, self.outer[part], unseen).texts())

    def boxes(self, parts: Iterable[Part]) -> list[str]:
        return [self.picture.box_id(part) for part in parts if part in self.shown]

    def home(self, payment: Payment) -> Part:
        return self.division.home[payment.receiver]

    def drawn(self, node: Any, position: int) -> bool:
        """Whether the edge from an input to a node is there."""
        return (node, position) in self.edges


def aligned(full: Sequence[Cell], now: Sequence[Cell], computed: bool) -> Shown:
    """The cells of one moment in the places of those of the last frame.

    Of each role (value, gradient, update) either all cells are there or none.
    """
    waiting: dict[str, deque[Cell]] = {}
    for cell in now:
        waiting.setdefault(cell.role, deque()).append(cell)
    if not computed:
        waiting.pop("value", None)
    return tuple(waiting[c.role].popleft() if waiting.get(c.role) else None for c in full)


def dues(reading: Reading) -> dict[Any, int]:
    """How many payments make up the gradient of each node."""
    due: dict[Any, int] = {}
    for node, shares in reading.gradients.shares.items():
        for x, share in zip(node.inputs, shares):
            if share is not None:
                due[x] = due.get(x, 0) + 1
    return due
