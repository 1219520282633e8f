"""Composing a picture: from a root and options to what is drawn, and how."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from minigrad.graph import topological
from minigrad.viz.digraph import Picture
from minigrad.viz.edges import EdgeTexts, fitting_mode, is_number
from minigrad.viz.expanding import expandable, expanded, moved
from minigrad.viz.marks import Marks
from minigrad.viz.options import (
    CHOICES,
    check_chain,
    check_choices,
    check_counts,
    check_expand,
    check_focus,
    check_marks,
    check_node,
)
from minigrad.viz.parts import Division, divided, focused, nearest
from minigrad.viz.paths import enclosing
from minigrad.viz.reading import Reading, read
from minigrad.viz.repeats import fold_shared, fold_siblings
from minigrad.viz.spans import direction, ranks, unlink_far
from minigrad.viz.text import number, slope
from minigrad.viz.theme import THEMES


@dataclass(frozen=True)
class Options:
    """The options of `draw`, which explains them, and of what else draws graphs."""

    edges: str = "auto"
    values: str = "auto"
    depth: int | None = 1
    expand: Collection[str] = ()
    fold: str = "none"
    focus: Any = None
    rankdir: str = "auto"
    max_nodes: int = 120
    theme: str = "light"
    legend: bool = False
    title: str | None = None
    marks: Marks | None = None
    optimizer: Any = None
    gradients: bool = False  # also before backward()

    def wants_gradients(self, root: Any) -> bool:
        """Whether they are shown even if backward() has not run."""
        marked = self.marks is not None and is_number(root)
        return self.gradients or self.edges == "chain" or marked


def composed(root: Any, options: Options) -> Picture:
    """The picture of all that root was made from. Errors: as for `draw`, before anything else."""
    given = {name: getattr(options, name) for name in CHOICES}
    check_choices(given)
    check_counts(options.depth, options.max_nodes)
    check_node(root, "root", "draw")
    root, options, opened = with_definitions(root, options)
    slopes = options.wants_gradients(root)
    reading = read(root, options.values, options.focus, slopes, options.marks, options.optimizer)
    check_marks(reading)
    if options.focus is not None:
        check_focus(reading)
        opened = opened.union(enclosing(options.focus.path))
    division, caption = divided_to_fit(reading, options, opened)
    rank = ranks(division)
    caption += unlink_far(division, reading, rank)
    drawn = [node for part in division.shown for node in (*part.nodes, *part.folded)]
    check_chain(options.edges, drawn)
    texts = EdgeTexts(reading, fitting_mode(reading, drawn, options.edges), drawn)
    caption += [note for note in (*reading.notes(), texts.trouble) if note]
    title = options.title or ""
    if options.title is None and options.focus is not None:
        title = path_sum(reading, texts)
    theme = THEMES[options.theme]
    rankdir = direction(rank) if options.rankdir == "auto" else options.rankdir
    return Picture(reading, division, texts, theme, rankdir, title, tuple(caption), options.legend)


def with_definitions(root: Any, options: Options) -> tuple[Any, Options, set[str]]:
    """The graph to draw, in which fused ops may be opened; and the modules that are open."""
    if not options.expand:
        return root, options, set()
    nodes = topological(root)
    wanted = check_expand(nodes, options.expand)
    chosen = expandable(nodes, wanted)
    opened = {around for path in (*wanted, *chosen.values()) for around in enclosing(path)}
    if not chosen:
        return root, options, opened
    new = expanded(nodes, chosen)
    marks = moved(options.marks, new, chosen) if options.marks else options.marks
    focus = new.get(options.focus, options.focus)
    return new[root], replace(options, marks=marks, focus=focus), opened


def divided_to_fit(
    reading: Reading, options: Options, expand: Collection[str]
) -> tuple[Division, list[str]]:
    """The parts to draw, as many as the limit allows; and what the caption says of the others."""
    depth, limit = options.depth, options.max_nodes
    deepest = max((len(enclosing(node.path)) for node in reading.nodes), default=0)
    tried = [depth, *range(min(depth or deepest + 1, deepest + 1) - 1, 0, -1)]
    for level in tried:
        division = divided(reading, level, expand)
        if options.fold == "auto" and level is not None:
            fold_shared(division, reading)
            fold_siblings(division, reading)
        if reading.focus is not None:
            division.shown = focused(division, reading)
        if len(division.shown) <= limit:
            break
    told = [] if level == depth else [f"modules collapsed to depth {level} (max_nodes={limit})"]
    if len(division.shown) > limit:
        whole = len(division.shown)
        division.shown = nearest(division, reading, limit)
        told.append(
            f"showing {limit} of {whole} nodes, the ones nearest to "
            f"{reading.name(reading.root)} (max_nodes={limit})"
        )
    return division, told


def path_sum(reading: Reading, texts: EdgeTexts) -> str:
    """The chain rule at the focus, in numbers: ∂L/∂w = -3 × 1 + 11 × 2 = 19."""
    focus, terms = reading.focus, []
    for node in dict.fromkeys(reading.consumers[focus]):
        for position, x in enumerate(node.inputs):
            told = texts.of(node, position)
            if x is focus and told.gradient:
                terms.append(told.text)
    root, name = reading.name(reading.root), reading.name(focus)
    if not terms:
        return f"paths from {name} to {root}"
    return f"{slope(root, name)} = {' + '.join(terms)} = {number(reading.gradient(focus))}"
