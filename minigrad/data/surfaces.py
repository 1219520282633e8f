"""Test functions on which optimizers can be watched, each with its minima.

    from minigrad.data import surfaces
    surfaces.rosenbrock(1.0, 1.0)       # 0.0
    surfaces.rosenbrock.minima          # ((1.0, 1.0),)

They are arithmetic and a cosine, so numbers, arrays, Values and Tensors go in. `ALL` lists them.
Collections of such functions: Surjanovic and Bingham, "Virtual Library of Simulation Experiments";
Jamil and Yang, "A literature survey of benchmark functions" (2013).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Point = tuple[float, ...]
TAU = 2 * float(np.pi)


@dataclass(frozen=True)
class Surface:
    """A function of one or two variables, and what one has to know to draw and descend it.

    `surface(x, y)` is f(x, y), elementwise for arrays.
    minima: the global minima, () if f is not bounded below; lowest: the value there.
    local_minima: further minima, where they are few. saddles: saddle points, where they are few.
    start: where a descent usually begins. box: (low, high) for each variable, for pictures.
    """

    name: str
    f: Callable[..., Any]
    minima: tuple[Point, ...]
    start: Point
    box: tuple[tuple[float, float], ...]
    formula: str
    lowest: float = 0.0
    local_minima: tuple[Point, ...] = ()
    saddles: tuple[Point, ...] = ()
    source: str = ""

    def __call__(self, *point: Any) -> Any:
        if len(point) != len(self.box):
            raise TypeError(
                f"{self.name}: got {len(point)} arguments, wanted {len(self.box)}, one for each "
                "variable"
            )
        return self.f(*point)


def cos(x: Any) -> Any:
    """cos x, by x's own method where it has one, as Values and Tensors do."""
    return x.cos() if hasattr(x, "cos") else np.cos(x)


bowl = Surface(
    name="bowl",
    formula="x² + y²",
    f=lambda x, y: x**2 + y**2,
    minima=((0.0, 0.0),),
    start=(-4.0, 3.0),
    box=((-5.0, 5.0), (-5.0, 5.0)),
    source="the sphere function",
)

ravine = Surface(
    name="ravine",
    formula="½ x² + 10 y²",
    f=lambda x, y: 0.5 * x**2 + 10 * y**2,
    minima=((0.0, 0.0),),
    start=(-9.0, 1.0),
    box=((-10.0, 10.0), (-2.0, 2.0)),
    source="20 times as steep in y as in x; Sutton, 'Two problems with backpropagation' (1986)",
)

saddle = Surface(
    name="saddle",
    formula="x² − y²",
    f=lambda x, y: x**2 - y**2,
    minima=(),
    lowest=-np.inf,
    start=(-1.5, 0.01),
    box=((-2.0, 2.0), (-2.0, 2.0)),
    saddles=((0.0, 0.0),),
    source="the hyperbolic paraboloid; lecture: saddle points and local minima",
)

rosenbrock = Surface(
    name="rosenbrock",
    formula="(1 − x)² + 100 (y − x²)²",
    f=lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    minima=((1.0, 1.0),),
    start=(-1.2, 1.0),
    box=((-2.0, 2.0), (-1.0, 3.0)),
    source="Rosenbrock, 'An automatic method for finding the greatest or least value' (1960)",
)

beale = Surface(
    name="beale",
    formula="(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
    f=lambda x, y: (
        (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
    ),
    minima=((3.0, 0.5),),
    start=(1.0, 1.0),
    box=((-4.5, 4.5), (-4.5, 4.5)),
    saddles=((0.0, 1.0),),
    source="Beale, 'On an iterative method for finding a local minimum' (1958)",
)

himmelblau = Surface(
    name="himmelblau",
    formula="(x² + y − 11)² + (x + y² − 7)²",
    f=lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.2831859912861696),
        (3.5844283403304917, -1.8481265269644036),
    ),
    start=(0.0, 0.0),
    box=((-5.0, 5.0), (-5.0, 5.0)),
    saddles=(
        (-3.0730257507643897, -0.08135304428796751),
        (-0.12796134673068005, -1.9537149802445766),
        (0.08667750455539634, 2.884254701174776),
        (3.385154183607021, 0.07385187983774928),
    ),
    source="Himmelblau, 'Applied Nonlinear Programming' (1972)",
)

rastrigin = Surface(
    name="rastrigin",
    formula="20 + x² − 10 cos 2πx + y² − 10 cos 2πy",
    f=lambda x, y: 20 + x**2 - 10 * cos(TAU * x) + y**2 - 10 * cos(TAU * y),
    minima=((0.0, 0.0),),
    start=(3.3, -2.7),
    box=((-5.12, 5.12), (-5.12, 5.12)),
    source="Rastrigin, 'Systems of Extremal Control' (1974); a local minimum near each pair of "
    "whole numbers",
)

two_valleys = Surface(
    name="two_valleys",
    formula="x⁴/4 − x³/3 − x²,  with derivative (x + 1) x (x − 2)",
    f=lambda x: x**4 / 4 - x**3 / 3 - x**2,
    minima=((2.0,),),
    lowest=-8 / 3,
    start=(-2.0,),
    box=((-2.2, 3.2),),
    local_minima=((-1.0,),),
    source="a curve on which plain descent from the left stops in the local minimum at −1",
)

ALL = (bowl, ravine, saddle, rosenbrock, beale, himmelblau, rastrigin, two_valleys)
