"""One SVG that holds every frame of a story: what is not always there says when it is.

Such an element has `data-from` and `data-to`, the first frame that shows it and the first one that
does no longer. By itself the SVG shows the last frame. The player, the animation and the still
pictures are all made of it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from xml.etree.ElementTree import Element, fromstring

from minigrad.viz.cells import Cell
from minigrad.viz.frames import Frame
from minigrad.viz.theme import Theme

SHAPES = ("polygon", "path", "polyline", "ellipse")
NAMESPACES = {"xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink"}
THICK = "3"  # how lines are brought out
COLORS = {"forward": "update", "seed": "gradient", "backward": "gradient", "step": "update"}


class Run(NamedTuple):
    """What stands in one place from one frame to another, the last one excluded."""

    cell: Cell | None
    start: int
    stop: int


def staged(svg: str, frames: Sequence[Frame], theme: Theme) -> Element:
    """The SVG of the last frame's picture, with all that the others show in its places.

    Errors: RuntimeError if the program that drew it does not write one text for each cell.
    """
    root = parsed(svg)
    groups = {group.get("id"): group for group in root.iter("g")}
    for name in frames[-1].cells:
        history = [frame.cells[name] for frame in frames]
        stage(groups[name], history, theme)
    for name in dict.fromkeys(name for frame in frames for name in frame.highlighted):
        groups[name].extend(list(overlays(groups[name], name, frames, theme)))
    return root


def parsed(svg: str) -> Element:
    """An SVG as a tree whose tags are written as in the file."""
    root = fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for key in [key for key in element.attrib if key.startswith("{")]:
            prefix = "xlink:" if "xlink" in key else "xml:"
            element.attrib[prefix + key.rpartition("}")[2]] = element.attrib.pop(key)
    for box in [group for group in root.iter("g") if group.get("class", "").startswith("node")]:
        open_link(box)
    root.attrib |= NAMESPACES
    return root


def open_link(box: Element) -> None:
    """Take the link off that Graphviz makes of a tooltip, and keep its text as the title."""
    for title, group in zip(box.findall("title"), box.findall("g")):
        (link,) = group
        title.text = link.get("xlink:title")
        box.remove(group)
        box.extend(list(link))


# --- Texts that come, change and go ---------------------------------------------------------------


def stage(group: Element, history: Sequence[Sequence[Cell | None]], theme: Theme) -> None:
    """Give every text of a box or edge its time, with the ground it stands on."""
    found = slots(group)
    if len(found) != len(history[-1]):
        raise RuntimeError(
            f"steps: the picture has {len(found)} texts in {group.get('id')}, "
            f"wanted {len(history[-1])}: this version of Graphviz is not known; set MINIGRAD_DOT"
        )
    for slot, cells in zip(found, zip(*history)):
        times = runs(cells)
        if len(times) == 1 and times[0].cell is not None:
            continue
        place = list(group).index(slot[0])
        for part in slot:
            group.remove(part)
        for run in reversed(times):
            if run.cell is not None:
                group.insert(place, timed(slot, run, times, len(history), theme))


def slots(group: Element) -> list[list[Element]]:
    """Each text; with the ground and the lines before it, where it has both: in a matrix."""
    found: list[list[Element]] = []
    ground: list[Element] = []
    for element in list(group):
        if element.tag in SHAPES:
            ground.append(element)
        elif element.tag == "text":
            framed = found and ground and ground[-1].get("fill") == "none"
            found.append([*ground, element] if framed else [element])
            ground = []
    return found


def runs(cells: Sequence[Cell | None]) -> list[Run]:
    """The same cell in one frame after the other, together."""
    found, start = [], 0
    for cell, same in groupby(cells):
        stop = start + len(list(same))
        found.append(Run(cell, start, stop))
        start = stop
    return found


def timed(
    slot: Sequence[Element], run: Run, times: Sequence[Run], frames: int, theme: Theme
) -> Element:
    """A slot as it looks in one run."""
    group = span(run.start, run.stop, frames)
    final = times[-1].cell
    for element in slot:
        group.append(copy.deepcopy(element))
    if run.cell is not None and run.cell != final:
        dress(group, run.cell, theme)
    return group


def dress(group: Element, cell: Cell, theme: Theme) -> None:
    """Make a slot show another cell than the last one."""
    *ground, text = group
    text.text = cell.text.replace("  ", " \u00a0")
    text.set("fill", cell.color or theme.value)
    if cell.bold:
        text.set("font-weight", "bold")
    else:
        text.attrib.pop("font-weight", None)
    if ground and cell.fill:
        ground[0].set("fill", cell.fill)
    if ground and cell.align == "center":
        xs = [float(point.partition(",")[0]) for point in ground[0].get("points", "").split()]
        text.attrib |= {"x": f"{(min(xs) + max(xs)) / 2:g}", "text-anchor": "middle"}


def span(start: int, stop: int, frames: int) -> Element:
    """A group that is there from one frame to another; the last frame is what is seen at rest."""
    group = Element("g", {"data-from": str(start), "data-to": str(stop)})
    if stop < frames:
        group.attrib |= {"class": "mg-past", "visibility": "hidden"}
    return group


# --- What is brought out --------------------------------------------------------------------------


def overlays(group: Element, name: str, frames: Sequence[Frame], theme: Theme) -> Iterator[Element]:
    """The outline of a box, or the line of an edge, in the phase's colour while it is at work."""
    phases = [frame.phase if name in frame.highlighted else "" for frame in frames]
    start = 0
    for phase, same in groupby(phases):
        stop = start + len(list(same))
        if phase:
            overlay = span(start, stop, len(frames))
            overlay.attrib |= {"class": f"mg-now mg-{phase}", "visibility": "hidden"}
            overlay.extend(bright(group, getattr(theme, COLORS[phase]), phase))
            yield overlay
        start = stop


def bright(group: Element, color: str, phase: str) -> Iterator[Element]:
    """Copies of an outline or of a line and its arrowhead, thick and in a colour."""
    if "edge" not in (group.get("class") or "").split():
        shape = copy.deepcopy(outline(group))
        shape.attrib |= {"fill": "none", "stroke": color, "stroke-width": THICK}
        shape.attrib.pop("stroke-dasharray", None)
        yield shape
        return
    for shape in group.iter():
        if shape.tag == "path":
            line = copy.deepcopy(shape)
            line.attrib |= {"stroke": color, "stroke-width": THICK, "class": "mg-line"}
            if phase != "forward":
                line.set("stroke-dasharray", "6,4")
            yield line
        elif shape.tag == "polygon":
            head = copy.deepcopy(shape)
            head.attrib |= {"fill": color, "stroke": color, "stroke-width": "2"}
            yield head


def outline(group: Element) -> Element:
    """The outermost line of a box."""
    shapes = []
    for element in group:
        if element.tag == "text":
            break
        if element.tag in SHAPES and element.get("stroke") not in (None, "none", "transparent"):
            shapes.append(element)
    return shapes[-1]
