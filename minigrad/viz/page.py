"""The player: one HTML page that holds a staged SVG and steps through it.

It refers to nothing outside, and its policy lets it load nothing and run no script but its own.
Without JavaScript it shows the last step and the list of all steps.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from string import Template
from xml.etree.ElementTree import Element, tostring

from minigrad.viz.animation import viewbox
from minigrad.viz.frames import Frame
from minigrad.viz.theme import DARK, THEMES, Theme, switching_rules

PIXELS = 4 / 3  # in a point
LARGEST, SMALLEST = 2.0, 0.45  # how much a picture grows or shrinks with the window
BARE = Template(
    '<div style="position:relative;height:${height}px">'
    "<p>Run this cell, or trust the notebook, to see the picture.</p>"
    '<iframe title="$title" sandbox="allow-scripts" srcdoc="$page" '
    'style="position:absolute;inset:0;width:100%;height:100%;border:0"></iframe></div>'
)
WIDE = 900.0  # pixels: how wide a notebook's output is, about
ROOM = 220  # pixels for caption and buttons
HIGHEST = 760


def page(
    root: Element, frames: Sequence[Frame], theme: str, title: str, seconds: float = 2.0
) -> str:
    """A page that steps through a staged SVG; when playing, a step lasts some seconds."""
    style = colors(theme) + part("player.css") + sizes(root, frames)
    script = part("player.js")
    return Template(part("page.html")).substitute(
        policy=policy(style, script),
        title=html.escape(title),
        style=style,
        script=script,
        svg=picture(root, title),
        seconds=f"{seconds:g}",
        count=len(frames),
        phases="".join(f'<span class="{phase}"></span>' for phase, _ in phases(frames)),
        steps="\n".join(item(i, frame) for i, frame in enumerate(frames, start=1)),
    )


@cache
def part(name: str) -> str:
    """A file of the player."""
    return (files("minigrad.viz") / "player" / name).read_text(encoding="utf-8")


def policy(style: str, script: str) -> str:
    """What the page may do: apply this style, run this script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def digest(text: str) -> str:
    """A text's hash as a Content-Security-Policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def picture(root: Element, title: str) -> str:
    """The SVG, as one image for screen readers: the captions tell what is in it."""
    svg = tostring(root, encoding="unicode")
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(title)}" ', 1)


def item(number: int, frame: Frame) -> str:
    """One step in the list, which is also where the player has its captions from."""
    phase, text = html.escape(frame.phase), html.escape(frame.caption)
    told = text.replace(phase, f'<b class="{phase}">{phase}</b>', 1)
    return f'<li><a class="{phase}" href="#{number}">{told}</a></li>'


def phases(frames: Sequence[Frame]) -> list[tuple[str, int]]:
    """The phases with their lengths, in order."""
    return [(phase, len(list(run))) for phase, run in groupby(frames, lambda f: f.phase)]


# --- Style ----------------------------------------------------------------------------------------


def colors(theme: str) -> str:
    """The page in the colours of the picture."""
    if theme != "auto":
        return variables(THEMES[theme])
    dark = f"@media (prefers-color-scheme:dark){{{variables(DARK)}}}"
    return f"{variables(THEMES[theme])}{dark}{switching_rules()}"


def variables(theme: Theme) -> str:
    named = {
        "ground": theme.background,
        "text": theme.value,
        "soft": theme.secondary,
        "line": theme.result_border,
        "bar": theme.header_fill,
        "accent": theme.parameter_border,
        "forward": theme.update,
        "backward": theme.gradient,
    }
    scheme = "dark" if theme is DARK else "light"
    listed = "".join(f"--{name}:{color};" for name, color in named.items())
    return f":root{{color-scheme:{scheme};{listed}}}\n"


def sizes(root: Element, frames: Sequence[Frame]) -> str:
    """What depends on this picture: its size, the height of captions, the lengths of phases."""
    _, _, wide, high = (PIXELS * x for x in viewbox(root))
    limits = {"max": LARGEST, "min": SMALLEST}
    bounds = "".join(
        f"{limit}-width:{wide * scale:.0f}px;{limit}-height:{high * scale:.0f}px;"
        for limit, scale in limits.items()
    )
    lines = max(frame.caption.count("\n") + 1 for frame in frames)
    shares = "".join(
        f"#phases :nth-child({i}){{flex:{count}}}"
        for i, (_, count) in enumerate(phases(frames), start=1)
    )
    return f"#stage svg{{{bounds}}}\n#caption{{min-height:{1.45 * lines:g}em}}\n{shares}\n"


# --- In notebooks ---------------------------------------------------------------------------------


def framed(root: Element, whole: str, title: str) -> str:
    """A page in a frame, over a sentence for where frames are not shown."""
    _, _, wide, high = (PIXELS * x for x in viewbox(root))
    height = min(high * min(1.3, WIDE / wide) + ROOM, HIGHEST)
    return BARE.substitute(
        height=f"{height:.0f}", title=html.escape(title), page=html.escape(whole)
    )
