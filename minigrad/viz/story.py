"""`steps`: a graph computed and differentiated before the reader's eyes."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from minigrad.viz.acts import acts
from minigrad.viz.animation import animated, captioned, still
from minigrad.viz.composing import Options, composed
from minigrad.viz.digraph import Picture
from minigrad.viz.drawing import Drawing, write_whole
from minigrad.viz.edges import is_number
from minigrad.viz.frames import Frame, Story
from minigrad.viz.notebook import bundle
from minigrad.viz.options import check_node
from minigrad.viz.page import framed, page
from minigrad.viz.stage import staged
from minigrad.viz.stills import roomy, still_picture
from minigrad.viz.text import LONGEST_TITLE, shape, visible
from minigrad.viz.text_table import text_table
from minigrad.viz.theme import switching_rules

FEWEST = 10  # steps that max_frames allows at least
IMAGES = ("svg", "png")
DPI = 192  # of still pictures: sharp on a slide


def steps(
    root: Any,
    *,
    optimizer: Any = None,
    values: str = "auto",
    depth: int | None = 1,
    expand: Collection[str] = (),
    rankdir: str = "auto",
    max_nodes: int = 60,
    max_frames: int = 120,
    theme: str = "light",
    legend: bool = False,
    title: str | None = None,
) -> Steps:
    """How root, one number, was computed and is differentiated, step by step.

    Forward op by op, then ∂root/∂root = 1, then backward op by op: upstream × local derivative on
    each edge, and in each box the gradient so far, which grows wherever paths meet. Nothing moves;
    the last step is the picture that `draw` makes. Gradients are computed aside: `.grad` is
    neither read nor written, and backward() need not have run.

    optimizer: one step more, which shows what its next step does to the parameters and to root:
        from the gradients in .grad, or where there are none from those shown.
    max_nodes: boxes at most. Beyond, modules are collapsed, then the farthest parts left out.
    max_frames: steps at most, 10 or more. Beyond, each module goes back in one step.
    The other options are those of `draw`.

    Errors: TypeError for a root that is no node; ValueError for one that is not one number, or for
    an option out of range; RuntimeError for a root without history, for a graph that was freed or
    changed in place, or for an optimizer that cannot be copied.

    >>> from minigrad.value import Value
    >>> x = Value(2.0, label="x")
    >>> story = steps(x * x + 3 * x)
    >>> len(story)
    9
    >>> print(story.frames[6].caption)
    backward ×: ∂v4/∂x += ∂v4/∂v3 · 3 = 1 × 3 = 3
    >>> print(story.frames[7].caption)
    backward ×: ∂v4/∂x += ∂v4/∂v1 · x + ∂v4/∂v1 · x = 1 × 2 + 1 × 2 = 4; so far 3 + 4 = 7
    """
    check_root(root)
    check_frames(max_frames)
    options = Options(
        values=values,
        depth=depth,
        expand=expand,
        rankdir=rankdir,
        max_nodes=max_nodes,
        theme=theme,
        legend=legend,
        title=title,
        optimizer=optimizer,
        gradients=True,
    )
    picture = composed(root, options)
    if picture.reading.gradients.trouble:
        raise RuntimeError(f"steps: {picture.reading.gradients.trouble}")
    forward, backward, notes = acts(picture, max_frames)
    picture = replace(picture, caption=(*picture.caption, *notes))
    frames = Story(picture).told(forward, backward)
    text = "\n".join([text_table(picture.reading, max_nodes), *(f"({note})" for note in notes)])
    name = visible(title or f"{picture.reading.name(root)}, step by step", LONGEST_TITLE)
    return Steps(roomy(picture, frames), frames, text, theme, name)


def check_root(root: Any) -> None:
    """It is one number that was computed."""
    check_node(root, "root", "steps")
    if not is_number(root):
        raise ValueError(
            f"steps: root has shape {shape(root.shape)}, wanted one number: ∂root/∂root = 1 is "
            "what backward starts from; reduce it first (sum, mean, or an element)"
        )
    if not root.requires_grad:
        raise RuntimeError(
            "steps: root does not require grad, so nothing was recorded: no input of it requires "
            "a gradient, or recording was off (no_grad)"
        )


def check_frames(limit: Any) -> None:
    if not isinstance(limit, int) or limit < FEWEST:
        raise ValueError(f"steps: max_frames must be {FEWEST} or more, got {limit!r}")


class Steps:
    """A graph step by step, as it was when `steps` was called.

    `len()` counts the steps; `frames` holds them as data. Notebooks show a player; print() shows
    the table of the graph and all captions.
    """

    def __init__(
        self, picture: Picture, frames: Sequence[Frame], text: str, theme: str, title: str
    ) -> None:
        self.frames = list(frames)
        self.title = title
        self.theme = theme
        self.text = text
        self.picture = picture
        boxes, whose = len(picture.division.shown), "light" if theme == "auto" else theme
        self.drawing = Drawing(picture.digraph(), text, whose, boxes)

    def __len__(self) -> int:
        return len(self.frames)

    def __repr__(self) -> str:
        captions = [f"{i:3}. {frame.caption}" for i, frame in enumerate(self.frames, start=1)]
        indented = [caption.replace("\n", "\n     ") for caption in captions]
        return "\n".join([self.text, "", *indented])

    def save(
        self, path: str | os.PathLike[str], *, seconds: float = 2.0, images: str = "svg"
    ) -> None:
        """Write a player (.html), an animation (.svg), or a picture for each step (a folder/).

        .html: one file that needs nothing else: slider, buttons, arrow keys; #12 in the address
            opens step 12. For lectures, and for reading at one's own speed.
        .svg: plays by itself, without scripts, where SVG is shown as an image. For a README.
        folder/: 01.svg, 02.svg, … or with images="png" 01.png, …; the folder is made. For slides:
            PowerPoint and Word take SVG; Keynote, Google Slides and LaTeX take PNG.

        seconds: how long a step is shown when it plays. Errors: ValueError for another suffix or an
        option out of range; as for `Drawing.svg`. Files appear when they are complete.
        """
        if not seconds > 0:
            raise ValueError(f"save: seconds must be above 0, got {seconds!r}")
        if images not in IMAGES:
            raise ValueError(f"save: images must be 'svg' or 'png', got {images!r}")
        target = Path(path)
        if str(os.fspath(path)).endswith(("/", os.sep)) or target.is_dir() or not target.suffix:
            self.save_folder(target, images)
        elif target.suffix.lower() == ".html":
            write_whole(target, self.to_html(seconds).encode())
        elif target.suffix.lower() == ".svg":
            write_whole(target, self.to_svg(seconds).encode())
        else:
            raise ValueError(
                f"save: the name of a player ends in .html, of an animation in .svg, of a folder "
                f"in /, got {str(path)!r}"
            )

    def save_folder(self, folder: Path, images: str) -> None:
        """A picture for each step."""
        pictures = self.pngs() if images == "png" else map(str.encode, self.svgs())
        digits = len(str(len(self)))
        folder.mkdir(parents=True, exist_ok=True)
        for i, content in enumerate(pictures, start=1):
            write_whole(folder / f"{i:0{max(2, digits)}}.{images}", content)

    def to_html(self, seconds: float = 2.0) -> str:
        """The player, as a page."""
        return page(self.stage, self.frames, self.theme, self.title, seconds)

    def to_svg(self, seconds: float = 2.0) -> str:
        """The animation."""
        return animated(self.captioned, len(self), seconds, self.style)

    def svgs(self) -> list[str]:
        """A still picture for each step."""
        return [still(self.captioned, i, self.style) for i in range(len(self))]

    def pngs(self) -> Iterator[bytes]:
        """The same as PNG."""
        for i in range(len(self)):
            picture = still_picture(self.picture, self.frames, i)
            yield Drawing(picture.digraph(), self.text, self.theme, self.drawing.boxes).png(DPI)

    @cached_property
    def stage(self) -> Element:
        """One SVG with all steps in it."""
        return staged(self.drawing.svg(), self.frames, self.picture.theme)

    @cached_property
    def captioned(self) -> Element:
        return captioned(self.stage, self.frames, self.picture.theme)

    @property
    def style(self) -> str:
        """What makes still pictures and animations follow the reader's choice of dark or light."""
        return switching_rules() if self.theme == "auto" else ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows: the player in a frame, or text and a hint; never an exception."""
        return bundle(
            repr(self), {"text/html": lambda: framed(self.stage, self.to_html(), self.title)}
        )

    def _repr_html_(self) -> str | None:
        """The player, for front ends that ask for it by this name; None if there is no picture."""
        return self._repr_mimebundle_().get("text/html")
