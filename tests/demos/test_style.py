"""The figures' style: on light and on dark ground everything can be told apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DEMOS = Path(__file__).parents[2] / "demos"
PROGRAM = """
import style
from matplotlib.colors import to_rgb

def brightness(color):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

def contrast(a, b):
    low, high = sorted((brightness(a), brightness(b)))
    return (high + 0.05) / (low + 0.05)

print(contrast(style.BLACK, style.GROUND))
for color in (style.BLUE, style.ORANGE, style.GREEN, style.SKY, style.YELLOW, style.PINK):
    print(contrast(color, style.GROUND))
"""


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_lines_and_text_stand_out_from_the_ground(ground):
    shown = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=DEMOS,
        env={"DEMOS_STYLE": ground, "PYTHONPATH": str(DEMOS)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    ink, *lines = map(float, shown.split())
    assert ink >= 7
    assert min(lines) >= (3 if ground == "dark" else 2)
