"""The story without a player: an SVG that plays by itself, and one still picture for each step.

Both carry their captions. The animation is CSS only: it runs where an SVG is shown as an image, as
in a README. For print, and for readers who want no motion, it stands still at the last frame.
"""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from minigrad.viz.frames import Frame
from minigrad.viz.theme import Theme

SIZE = 11.0  # of captions, in points, as in the boxes
LEADING = 15.0  # from line to line
MARGIN = 12.0
NARROWEST = 420.0  # points that a caption has at least, whatever the picture's width
LAST = 2.0  # times as long as the others the last frame stays


def captioned(root: Element, frames: Sequence[Frame], theme: Theme) -> Element:
    """A copy of a staged SVG with each frame's caption below the picture, and its number."""
    root = copy.deepcopy(root)
    left, top, wide, high = viewbox(root)
    room = max(wide, NARROWEST) - 2 * MARGIN
    texts = [wrapped(frame, room) for frame in frames]
    below = 2 * MARGIN + LEADING * max(map(len, texts))
    shift = (max(wide, NARROWEST) - wide) / 2  # the picture stays in the middle
    box = left - shift, top, max(wide, NARROWEST), high + below
    root.set("viewBox", " ".join(f"{x:g}" for x in box))
    root.attrib |= {"width": f"{box[2]:g}pt", "height": f"{box[3]:g}pt"}
    root.insert(0, ground(box, theme))
    for i, lines in enumerate(texts):
        group = caption(lines, f"{i + 1} / {len(frames)}", frames[i].phase, theme)
        group.attrib |= {"data-from": str(i), "data-to": str(i + 1)}
        if i + 1 < len(frames):
            group.set("visibility", "hidden")
        move = f"translate({box[0] + MARGIN:g} {top + high + MARGIN + SIZE:g})"
        group.set("transform", move)
        group[-1].set("x", f"{room:g}")
        root.append(group)
    return root


def viewbox(root: Element) -> tuple[float, float, float, float]:
    """Left, top, width, height."""
    left, top, wide, high = map(float, str(root.get("viewBox")).split())
    return left, top, wide, high


def ground(box: Sequence[float], theme: Theme) -> Element:
    """A rectangle behind everything."""
    sides = {name: f"{x:g}" for name, x in zip(("x", "y", "width", "height"), box)}
    return Element("rect", {**sides, "fill": theme.background})


def wrapped(frame: Frame, room: float) -> list[str]:
    """A caption in lines that fit into the room, with a little left for the counter."""
    letters = int((room - 60) / (SIZE * 0.52))
    lines = frame.caption.split("\n")
    return [part for line in lines for part in textwrap.wrap(line, letters) or [""]]


def caption(lines: Sequence[str], count: str, phase: str, theme: Theme) -> Element:
    """Lines of text, the phase in bold; last the counter."""
    group = Element("g")
    for i, line in enumerate(lines):
        text = SubElement(group, "text", look(0, i * LEADING, theme.value))
        if i == 0 and line.startswith(phase):
            word = SubElement(text, "tspan", {"font-weight": "bold"})
            word.text, word.tail = phase, line.removeprefix(phase)
        else:
            text.text = line
    SubElement(group, "text", look(0, 0, theme.secondary) | {"text-anchor": "end"}).text = count
    return group


def look(x: float, y: float, color: str) -> dict[str, str]:
    place = {"x": f"{x:g}", "y": f"{y:g}", "xml:space": "preserve"}
    return {**place, "font-family": "Arial", "font-size": f"{SIZE:g}", "fill": color}


# --- Forms ----------------------------------------------------------------------------------------


def still(root: Element, index: int, style: str = "") -> str:
    """One frame of a captioned SVG by itself, without what it does not show."""
    root = copy.deepcopy(root)
    for parent in list(root.iter()):
        for child in [child for child in parent if "data-from" in child.attrib]:
            start, stop = taken_time(child)
            child.attrib.pop("visibility", None)
            child.attrib.pop("class", None)
            if not start <= index < stop:
                parent.remove(child)
    return written(root, style)


def animated(root: Element, frames: int, seconds: float, style: str = "") -> str:
    """A captioned SVG that shows each frame for some seconds, and begins again."""
    root = copy.deepcopy(root)
    times: dict[tuple[int, int], None] = {}
    for element in root.iter():
        if "data-from" in element.attrib:
            start, stop = taken_time(element)
            element.set("class", f"mg-timed mg-{start}-{stop}")
            times[start, stop] = None
    return written(root, "".join(rules(list(times), frames, seconds)) + style)


def taken_time(element: Element) -> tuple[int, int]:
    """When an element is there; it does not say so any more."""
    return int(element.attrib.pop("data-from")), int(element.attrib.pop("data-to"))


def rules(times: Sequence[tuple[int, int]], frames: int, seconds: float) -> Iterator[str]:
    """The CSS that makes each element come and go in its time."""
    whole = frames - 1 + LAST
    yield "@media screen and (prefers-reduced-motion:no-preference){"
    yield f".mg-timed{{animation:{whole * seconds:g}s step-end infinite}}"
    for start, stop in times:
        seen = {0: "hidden", **{start: "visible"}, **({stop: "hidden"} if stop < frames else {})}
        steps = [f"{100 * at / whole:.4g}%{{visibility:{how}}}" for at, how in seen.items()]
        yield f".mg-{start}-{stop}{{animation-name:mg-{start}-{stop}}}"
        yield f"@keyframes mg-{start}-{stop}{{{''.join(steps)}}}"
    yield "}"


def written(root: Element, style: str = "") -> str:
    """The tree as a file."""
    if style:
        element = Element("style")
        element.text = style
        root.insert(0, element)
    return tostring(root, encoding="unicode")
