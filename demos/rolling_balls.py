"""The lecture's last figure of the optimizers: balls that roll down a surface with two hollows.

Lecture: "Conclusion": GD (cyan), SGD+momentum (magenta), AdaGrad (white), RMSProp (green), Adam
(blue). The surface is a wide bowl with a shallow hollow on the way and a deep one behind it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from figures import palette_of
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LightSource, LinearSegmentedColormap
from matplotlib.figure import Figure
from optimizers_pictures import COLOURS, NIGHT
from PIL import Image

BALLS = ("GD", "momentum", "AdaGrad", "RMSProp", "Adam")
START, RATE, STEPS = (2.4, 0.7), 0.07, 120
LOCAL, GLOBAL = (0.92, 0.0), (-1.22, -0.19)  # where the two hollows are deepest
NAMED = (("local minimum", LOCAL, 1.25), ("global minimum", GLOBAL, 1.5))
BOX = ((-2.7, 2.7), (-1.9, 1.9))
SLATE = LinearSegmentedColormap.from_list("slate", ["#16202B", "#3C4F61", "#8296A8", "#C9D3DB"])


def hollows(x: Any, y: Any) -> Any:
    """0.15 (x² + y²) − exp(−((x − 1)² + y²) / 0.4) − 2.2 exp(−((x + 1.3)² + (y + 0.2)²) / 0.8)"""
    shallow = np.exp(-((x - 1) ** 2 + y**2) / 0.4)
    deep = np.exp(-((x + 1.3) ** 2 + (y + 0.2) ** 2) / 0.8)
    return 0.15 * (x**2 + y**2) - shallow - 2.2 * deep


def place(point: np.ndarray) -> str:
    """Where a ball is."""
    for name, hollow, _ in NAMED:
        if np.linalg.norm(point - hollow) < 0.15:
            return name
    return "on the way"


class Scene:
    """The surface, drawn once, and the balls, drawn anew for every frame."""

    def __init__(self, paths: dict[str, np.ndarray]) -> None:
        self.paths = {name: np.column_stack([p, hollows(*p.T) + 0.05]) for name, p in paths.items()}
        self.figure = Figure(figsize=(6.4, 4.2), dpi=100)
        self.canvas = FigureCanvasAgg(self.figure)
        self.ax: Any = self.figure.add_axes((-0.2, -0.2, 1.4, 1.34), projection="3d")
        self.draw_surface()
        self.balls = {name: self.ball(name) for name in paths}
        self.count = self.figure.text(0.98, 0.94, "", ha="right", animated=True)
        self.legend()
        self.canvas.draw()
        self.background = self.canvas.copy_from_bbox(self.figure.bbox)

    def draw_surface(self) -> None:
        """In slate, lit from the left."""
        x, y = np.meshgrid(*(np.linspace(*side, 140) for side in BOX))
        z = hollows(x, y)
        light = LightSource(azdeg=300, altdeg=50)
        shade = light.shade(z, SLATE, blend_mode="soft", vert_exag=0.4, vmin=-2.2, vmax=1.4)
        self.ax.computed_zorder = False
        self.ax.plot_surface(
            x, y, z, facecolors=shade, rstride=1, cstride=1, linewidth=0, antialiased=False
        )
        self.ax.view_init(elev=54, azim=-72)
        self.ax.set_box_aspect((5.4, 3.8, 2.0))
        self.ax.set_axis_off()
        for text, (px, py), depth in NAMED:
            self.ax.text(px, py - depth, hollows(px, py - depth), text, ha="center", fontsize=10)

    def ball(self, name: str) -> tuple[Any, Any]:
        """A trail and a ball; not part of the background."""
        look = {"color": COLOURS[name], "animated": True}
        (trail,) = self.ax.plot([], [], [], linewidth=1.6, **look)
        edge = {"markeredgecolor": "black", "markeredgewidth": 1.2}
        (ball,) = self.ax.plot([], [], [], "o", markersize=13, **edge, **look)
        return trail, ball

    def legend(self) -> None:
        """What is rolling, under the surface."""
        handles = [ball for _, ball in self.balls.values()]
        self.figure.legend(
            handles,
            list(self.balls),
            loc="lower center",
            ncols=5,
            frameon=False,
            handletextpad=0.1,
            columnspacing=1.6,
        )

    def frame(self, step: int) -> Image.Image:
        """The picture after some steps: all trails, and above them all balls."""
        self.canvas.restore_region(self.background)
        for name, (trail, _) in self.balls.items():
            trail.set_data_3d(*self.paths[name][: step + 1].T)
            self.ax.draw_artist(trail)
        for name, (_, ball) in self.balls.items():
            ball.set_data_3d(*self.paths[name][[step]].T)
            self.ax.draw_artist(ball)
        self.count.set_text(f"step {step}, learning rate {RATE} for all")
        self.figure.draw_artist(self.count)
        return Image.fromarray(np.asarray(self.canvas.buffer_rgba())[..., :3].copy())


def draw_balls(paths: dict[str, np.ndarray], moving: Path, still: Path) -> tuple[Path, Path]:
    """The animation as a GIF, and its last picture as a PNG."""
    with rc_context(NIGHT | {"font.size": 11}):
        scene = Scene(paths)
        frames = [scene.frame(step) for step in range(0, STEPS + 1, 2)]
    palette = palette_of(frames[-1], [COLOURS[name] for name in BALLS])
    flat = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    durations = [700] + [80] * (len(flat) - 2) + [2500]
    flat[0].save(moving, save_all=True, append_images=flat[1:], duration=durations, loop=0)
    frames[-1].save(still)
    return moving, still
