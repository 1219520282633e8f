"""The sentence of each step: which op, by which formula, with which numbers.

forward tanh: h = tanh(z) = tanh(-0.4) = -0.3799
backward tanh: ∂L/∂z += ∂L/∂h · (1 − tanh² z) = -2.76 × 0.8556 = -2.361
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from minigrad.viz.boxes import norm
from minigrad.viz.edges import EdgeTexts, broadcast, is_number
from minigrad.viz.formulas import LISTED, op_of, share_of, shortened, tight, tight_sum
from minigrad.viz.parts import Part
from minigrad.viz.reading import Reading
from minigrad.viz.text import PLAIN_SIGNS, counted, heading, number, shape, slope, visible

LINES = 4  # of one caption


class Payment(NamedTuple):
    """What one input of a node gets of its gradient, and what it had before."""

    node: Any
    position: int
    share: Any
    before: Any  # None, if this is the first

    @property
    def receiver(self) -> Any:
        return self.node.inputs[self.position]


@dataclass(frozen=True)
class Captions:
    """Writes the captions of one story."""

    reading: Reading
    texts: EdgeTexts

    def start(self, ops: int) -> str:
        """What is there before anything was computed."""
        names = [self.name(x) for x in self.reading.nodes if x.op is None]
        return f"start: given are {shortened(names, ', ')}; {counted(ops, 'op')} to go"

    # --- Forward ---

    def forward(self, parts: Sequence[Part], shown: bool) -> str:
        """An op, a module, or several of them at once."""
        if len(parts) > 1 or not shown:
            return f"forward {self.crowd(parts, shown)}"
        (part,) = parts
        node = part.face
        if part.collapsed:
            inside = {*part.nodes, *part.folded}
            inputs = dict.fromkeys(x for n in part.nodes for x in n.inputs if x not in inside)
            module = f"{visible(part.module)}({', '.join(map(self.name, inputs))})"
            ops = counted(len(part.nodes), "op")
            return f"forward {visible(part.module)}, {ops}: {self.made(node, module)}"
        return f"forward {self.op(node)}: {self.made(node, op_of(node, self.names(node)))}"

    def made(self, node: Any, formula: str) -> str:
        """h = tanh(z) = tanh(-0.4) = -0.3799; of an array the shape instead."""
        made = f"{self.name(node)} = {formula}"
        if not is_number(node):
            return f"{made}, shape {shape(node.shape)}"
        if node.op is not None and all(map(is_number, node.inputs)) and len(node.inputs) <= LISTED:
            made += f" = {op_of(node, [number(x.data) for x in node.inputs]).replace('·', '×')}"
        return f"{made} = {number(node.data)}"

    # --- Backward ---

    def seed(self) -> str:
        root = self.name(self.reading.root)
        return f"seed: ∂{root}/∂{root} = 1"

    def backward(self, parts: Sequence[Part], shown: bool, payments: Sequence[Payment]) -> str:
        """What flows on from an op, a module, or several of them, to each of their inputs."""
        alone = len(parts) == 1 and shown and not parts[0].collapsed
        who = self.op(parts[0].face) if alone else self.crowd(parts, shown)
        lines = [self.received(x, paid, alone) for x, paid in by_receiver(payments)]
        if len(lines) > LINES:
            lines[LINES - 1 :] = [f"… and {counted(len(lines) - LINES + 1, 'more input')}"]
        return f"backward {who}: " + ("\n".join(lines) if lines else "nothing flows further")

    def received(self, x: Any, paid: Sequence[Payment], in_full: bool) -> str:
        """∂L/∂z += ∂L/∂h · (1 − tanh² z) = -2.76 × 0.8556 = -2.361"""
        with np.errstate(all="ignore"):
            total = sum((p.share for p in paid[1:]), start=paid[0].share)
        sides, rule = list[str](), ""
        if in_full and len(paid) <= LISTED:
            sides = [*self.symbols(paid), *self.products(paid)]
            rule = "" if sides else rule_of(paid[0].node.op, paid[0].position)
        if is_number(x):
            told = " = ".join([*sides, number(total)])
        else:
            told = f"{' = '.join(sides)}, " if sides else "an array of "
            told += sized(total)
        line = f"{self.slope(x)} += {told}{self.so_far(paid[0].before, total)}"
        return f"{line}   [{rule}]" if rule else line

    def symbols(self, paid: Sequence[Payment]) -> list[str]:
        """∂L/∂h · (1 − tanh² z), if it is known how to write it."""
        terms = [self.share(p.node, p.position) for p in paid]
        return [" + ".join([terms[0], *map(tight_sum, terms[1:])])] if all(terms) else []

    def products(self, paid: Sequence[Payment]) -> list[str]:
        """-2.76 × 0.8556: what stands on the edges."""
        told = [self.texts.of(p.node, p.position) for p in paid]
        terms = [t.text for t in told]
        plus = " + ".join([terms[0], *map(tight_sum, terms[1:])])
        return [plus] if all(t.gradient for t in told) else []

    def share(self, node: Any, position: int) -> str:
        """What an input gets of a node's gradient, in symbols."""
        y, g, x = self.name(node), self.slope(node), node.inputs[position]
        told = share_of(node, position, self.names(node), y, g)
        if not told and is_number(node) and is_number(x):
            return f"{g} · ∂{y}/∂{self.name(x)}"
        how = broadcast(node, x).partition("back: ")[2]
        return f"{told} ({how})" if told and how else told

    def so_far(self, before: Any, share: Any) -> str:
        """The partial sum, where this is not the first contribution."""
        if before is None:
            return ""
        with np.errstate(all="ignore"):
            now = before + share
        if np.size(now) > 1:
            return f"; the sum so far has {sized(now)}"
        return f"; so far {number(before)} + {tight(number(share))} = {number(now)}"

    def done(self) -> str:
        """The gradients of the leaves."""
        found = {x: self.reading.gradient(x) for x in self.reading.nodes if x.op is None}
        told = [
            f"{self.slope(x)}{' = ' if is_number(x) else ' of '}{sized(g)}"
            for x, g in found.items()
            if g is not None
        ]
        return f"done: {shortened(told, ', ')}"

    # --- The optimizer's step ---

    def step(self) -> str:
        """w ← -0.7 + 0.4723 = -0.2277, and what becomes of the root."""
        updates, root = self.reading.updates, self.reading.root
        titles = list(dict.fromkeys(update.title for update in updates.of.values()))
        moved = [self.moved(x) for x in updates.of]
        if len(moved) > LINES:
            moved[LINES - 1 :] = [f"… {counted(len(moved) - LINES + 1, 'more parameter')}"]
        title = titles[0] if len(titles) == 1 else titles[0].partition(",")[0]
        told = f"step {title}: {';  '.join(moved)}"
        if updates.after is None:
            return told
        was, now = number(root.data), number(updates.after)
        return f"{told}\n{self.name(root)} after the step: {now} (before: {was})"

    def moved(self, x: Any) -> str:
        update, name = self.reading.updates.of[x], self.name(x)
        if not is_number(x):
            return f"{name} += a step of {sized(update.step)}"
        step = tight(number(update.step))
        return f"{name} ← {number(x.data)} + {step} = {number(update.new)}"

    # --- Words ---

    def op(self, node: Any) -> str:
        """The op as the header of its box has it."""
        return heading(node)

    def name(self, node: Any) -> str:
        """As in the picture."""
        return self.reading.name(node)

    def names(self, node: Any) -> list[str]:
        return [self.name(x) for x in node.inputs]

    def slope(self, x: Any) -> str:
        return slope(self.name(self.reading.root), self.name(x))

    def crowd(self, parts: Sequence[Part], shown: bool) -> str:
        """Several parts in one step."""
        ops = counted(sum(len(part.nodes) for part in parts), "op")
        if not shown:
            return f"through {ops} not drawn"
        modules = {part.module or part.face.path for part in parts}
        return f"{visible(modules.pop())}, {ops}" if len(modules) == 1 and modules != {""} else ops


def by_receiver(payments: Iterable[Payment]) -> list[tuple[Any, list[Payment]]]:
    """The payments to each input together, in the order of the first."""
    found: dict[Any, list[Payment]] = {}
    for payment in payments:
        found.setdefault(payment.receiver, []).append(payment)
    return list(found.items())


def rule_of(op: Any, position: int) -> str:
    """What an op's rule says of itself: ∂L/∂F = convolution of X with ∂L/∂O."""
    rules = getattr(op, "rules", None)
    if not rules:  # an op of Values
        return ""
    rule = rules[0 if op.variadic else position]
    if rule is None and position == 0:
        rule = op.backward
    told = str(getattr(rule, "__doc__", None) or "").strip().partition("\n")[0]
    return visible(told.rstrip(" .:;").translate(PLAIN_SIGNS), 90) if told[:1] == "∂" else ""


def sized(data: Any) -> str:
    """A number, or the norm of an array."""
    return number(data) if np.size(data) == 1 else f"norm {number(norm([data]))}"
