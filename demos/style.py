"""What all figures of the demos have in common: readable on a slide, for every kind of eyes.

Colours are those of Okabe and Ito, which stay apart for colour-blind people too; wherever a colour
says something, a marker, a dash or a word says it as well.
"""

from __future__ import annotations

from typing import Any

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
SKY, YELLOW, PINK, BLACK = "#56B4E9", "#E69F00", "#CC79A7", "#1A1A1A"

SLIDE: Any = {
    "font.size": 14,
    "axes.grid": True,
    "grid.color": "#D9D9D9",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2,
    "savefig.dpi": 110,
    "savefig.bbox": "tight",
}
