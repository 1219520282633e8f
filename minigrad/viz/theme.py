"""Colours: which sign has which colour, on light and dark ground and in print.

Blue, orange and yellow are those of Okabe and Ito, which stay apart for every kind of colour
vision; and no colour is the only sign of what it says: borders, shapes and words say it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

SHADES = 4  # steps of tint for the sizes of numbers in a matrix


def mixed(start: str, end: str) -> tuple[str, ...]:
    """Colours on the way from start (left out) to end, in SHADES equal steps."""
    a, b = (bytes.fromhex(colour[1:]) for colour in (start, end))
    return tuple(
        "#" + bytes(x + (y - x) * i // SHADES for x, y in zip(a, b)).hex().upper()
        for i in range(1, SHADES + 1)
    )


@dataclass(frozen=True)
class Theme:
    """One colour for each role; every text on its ground has a contrast of 4.5 or more."""

    background: str = "#FEFEFE"  # not the white of boxes: `auto` maps both
    value: str = "#1A1A1A"
    gradient: str = "#B23C00"
    secondary: str = "#5F5F5F"
    parameter_fill: str = "#D6E8F5"
    parameter_border: str = "#0072B2"
    input_fill: str = "#E4E4E4"
    input_border: str = "#5A5A5A"
    constant_fill: str = "#F5F5F5"
    constant_border: str = "#868686"
    result_fill: str = "#FFFFFF"
    result_border: str = "#6E6E6E"
    header_fill: str = "#F0F0F0"
    root_fill: str = "#FFF2CC"
    root_border: str = "#B77900"
    failure_fill: str = "#FBE3F0"
    failure: str = "#A3206D"
    update: str = "#00664B"
    positive: tuple[str, ...] = mixed("#FFFFFF", "#7FB7DB")
    negative: tuple[str, ...] = mixed("#FFFFFF", "#F3B78F")

    def fill(self, kind: str) -> str:
        """The ground of a kind of box."""
        return str(getattr(self, f"{kind}_fill"))

    def border(self, kind: str) -> str:
        """The border of a kind of box."""
        return str(getattr(self, f"{kind}_border"))

    def tint(self, share: float) -> str:
        """The ground of a number in a matrix; share, in -1…1, is its part of the largest."""
        shade = round(abs(share) * SHADES)
        shades = self.positive if share > 0 else self.negative
        return shades[shade - 1] if shade else self.result_fill


LIGHT = Theme()
DARK = Theme(
    background="#121212",
    value="#F2F2F2",
    gradient="#FF9E5E",
    secondary="#B5B5B5",
    parameter_fill="#12364D",
    parameter_border="#56B4E9",
    input_fill="#333333",
    input_border="#A8A8A8",
    constant_fill="#262626",
    constant_border="#8A8A8A",
    result_fill="#1E1E1E",
    result_border="#9A9A9A",
    header_fill="#2E2E2E",
    root_fill="#4A3B0C",
    root_border="#E69F00",
    failure_fill="#4A1535",
    failure="#F28CC8",
    update="#4CC9A6",
    positive=mixed("#1E1E1E", "#1C5A85"),
    negative=mixed("#1E1E1E", "#7D4116"),
)
WHITE, BLACK = "#FFFFFF", "#000000"
GROUNDS = ("background", "positive", "negative")


def black_on_white(role: str) -> Any:
    """The colour of a role in print: borders and words have to say it all."""
    if role.endswith("_fill") or role in GROUNDS:
        return (WHITE,) * SHADES if role in ("positive", "negative") else WHITE
    return BLACK


PRINT = Theme(**{field.name: black_on_white(field.name) for field in fields(Theme)})
THEMES = {"light": LIGHT, "dark": DARK, "print": PRINT, "auto": LIGHT}


def pairs(before: Theme, after: Theme) -> Iterator[tuple[str, str]]:
    """Each colour of one theme with the colour of the same role in the other."""
    for field in fields(Theme):
        ours: Any = getattr(before, field.name)
        theirs: Any = getattr(after, field.name)
        yield from [(ours, theirs)] if isinstance(ours, str) else zip(ours, theirs)


def switching_style() -> str:
    """An SVG style that turns the light theme into the dark one where the reader prefers dark."""
    return f"<style>{switching_rules()}</style>"


def switching_rules() -> str:
    """The same as CSS."""
    rules = "".join(
        f'[{attribute}="{light}" i]{{{attribute}:{dark}}}'
        for light, dark in pairs(LIGHT, DARK)
        for attribute in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme:dark){{{rules}}}"
