"""What all figures of the demos have in common: readable on a slide, for every kind of eyes.

Colours are those of Okabe and Ito, which stay apart for colour-blind people too; wherever a colour
says something, a marker, a dash or a word says it as well. For slides with a dark ground:

    DEMOS_STYLE=dark python demos/all.py
"""

from __future__ import annotations

import os
from typing import Any

DARK = os.environ.get("DEMOS_STYLE") == "dark"
GROUND, GRID = ("#121212", "#3A3A3A") if DARK else ("#FFFFFF", "#D9D9D9")
ORANGE, GREEN = "#D55E00", "#009E73"
BLUE = "#3A9BD9" if DARK else "#0072B2"  # the blue of Okabe and Ito is too dim on a dark ground
SKY, YELLOW, PINK = "#56B4E9", "#E69F00", "#CC79A7"
BLACK = "#F2F2F2" if DARK else "#1A1A1A"  # the ink: what stands out from the ground

WRITTEN = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
SLIDE: Any = {
    "font.size": 14,
    "figure.facecolor": GROUND,
    "axes.facecolor": GROUND,
    "savefig.facecolor": GROUND,
    "axes.grid": True,
    "grid.color": GRID,
    **dict.fromkeys(WRITTEN, BLACK if DARK else "black"),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2,
    "savefig.dpi": 110,
    "savefig.bbox": "tight",
}
