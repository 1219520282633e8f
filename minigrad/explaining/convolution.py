"""The lecture's picture of both convolution gradients, with the numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minigrad.explaining.writing import signed
from minigrad.graph import Array
from minigrad.ops.arguments import array_of
from minigrad.ops.conv_lecture import (
    convolution,
    filter_gradient,
    framed,
    input_gradient,
    turned,
)
from minigrad.viz.cells import Cell, Row, label, table
from minigrad.viz.drawing import Drawing
from minigrad.viz.options import check_choices
from minigrad.viz.text import number
from minigrad.viz.theme import THEMES, Theme

if TYPE_CHECKING:
    from graphviz import Digraph

Place = tuple[int, int]
UPSTREAM = "∂L/∂O"
LARGEST = 12  # rows and columns of the padded gradient
PER_ROW = 4  # products in one row of a sum
DIGIT = 5  # points that a digit is wide


class Matrix(NamedTuple):
    """Numbers with a title; framed are the entries that the sum below is made of."""

    title: str
    symbol: str  # what its entries are called in the sum
    data: Array
    framed: Collection[Place] = ()
    first: Place = (1, 1)  # how the entry in the upper left is counted: (0, 0) has a row of zeros
    turned: bool = False  # the entry in the upper left is the last one


@dataclass(frozen=True)
class Band:
    """One equation: left ∗ right = result, and the sum of one entry of the result."""

    title: str
    left: Matrix
    right: Matrix
    result: Matrix

    def sums(self) -> tuple[str, list[str], list[str], str]:
        """One entry of the result: its symbol, the sum in symbols and in numbers, its value."""
        first, second = self.left, self.right
        if second.symbol == UPSTREAM:  # as the chain rule has it: upstream × local
            first, second = second, first
        pairs = [
            (i, j)
            for i, j in zip(sorted(first.framed), sorted(second.framed))
            if entry(first, i) and entry(second, j)  # not in the frame of zeros
        ]
        symbols = [f"{entry(first, i)}·{entry(second, j)}" for i, j in pairs]
        numbers = [f"{number(first.data[i])}·{parenthesised(second.data[j])}" for i, j in pairs]
        (place,) = self.result.framed
        total = number(self.result.data[place])
        return entry(self.result, place), signed(symbols), signed(numbers), total


def conv_backward_figure(
    x: Any,
    w: Any,
    grad_out: Any,
    *,
    filter_entry: Place = (0, 0),
    input_entry: Place | None = None,
    theme: str = "light",
) -> Drawing:
    """The forward pass of a convolution and its two gradients, drawn as three equations.

        O = X ∗ F,   ∂L/∂F = X ∗ ∂L/∂O,   ∂L/∂X = (∂L/∂O framed by zeros) ∗ (F turned by 180°)

    In each, the entries that one entry of the result is made of have a frame, and the sum of their
    products is written out. x, w, grad_out: X (H, W), F (KH, KW) and ∂L/∂O (H−KH+1, W−KW+1),
    tensors or arrays; leading axes of length 1 are dropped. filter_entry, input_entry: the entries
    of F and X whose gradients are written out, counted from 0; by default the first of F and the
    middle one of X. theme: as for `draw`.

    Errors: ValueError for shapes that do not fit or are too large to be read; IndexError for an
    entry that is not there. Lecture: "Forward Pass" to "Summarising Back Propagation".

    >>> import numpy as np
    >>> X = np.array([[1.0, 2, 0], [0, 1, 3], [2, 1, 1]])
    >>> F = np.array([[1.0, -1], [2, 0.5]])
    >>> print(conv_backward_figure(X, F, np.array([[-3.0, 11], [3, -1]])))
    O = X * F
    O11 = X11·F11 + X12·F12 + X21·F21 + X22·F22
      = 1·1 + 2·(-1) + 0·2 + 1·0.5 = -0.5
    ∂L/∂F = X * ∂L/∂O
    ∂L/∂F11 = ∂L/∂O11·X11 + ∂L/∂O12·X12 + ∂L/∂O21·X21 + ∂L/∂O22·X22
      = -3·1 + 11·2 + 3·0 - 1·1 = 18
    ∂L/∂X = ∂L/∂O framed by zeros * F turned by 180°
    ∂L/∂X22 = ∂L/∂O11·F22 + ∂L/∂O12·F21 + ∂L/∂O21·F12 + ∂L/∂O22·F11
      = -3·0.5 + 11·2 + 3·(-1) - 1·1 = 16.5
    """
    check_choices({"theme": theme})
    X, F, dO = (plane(name, a) for name, a in (("x", x), ("w", w), ("grad_out", grad_out)))
    check_shapes(X, F, dO)
    of_filter = checked_entry("filter_entry", filter_entry, F)
    middle = (X.shape[0] // 2, X.shape[1] // 2) if input_entry is None else input_entry
    of_input = checked_entry("input_entry", middle, X)
    bands = [forward(X, F), filter_band(X, F, dO, of_filter), input_band(X, F, dO, of_input)]
    colors = THEMES[theme]
    return Drawing(digraph(bands, colors), "\n".join(map(text, bands)), theme, 1)


# --- The three equations --------------------------------------------------------------------------


def forward(X: Array, F: Array) -> Band:
    O = convolution(image(X), image(F))[0, 0]  # noqa: E741 - the lecture's name
    return Band(
        "O = X * F",
        Matrix("X", "X", X, window((0, 0), F)),
        Matrix("F", "F", F, everything(F)),
        Matrix("O", "O", O, [(0, 0)]),
    )


def filter_band(X: Array, F: Array, dO: Array, chosen: Place) -> Band:
    dF = filter_gradient(image(X), image(dO), F.shape)[0, 0]
    return Band(
        "∂L/∂F = X * ∂L/∂O",
        Matrix("X", "X", X, window(chosen, dO)),
        Matrix(UPSTREAM, UPSTREAM, dO, everything(dO)),
        Matrix("∂L/∂F", "∂L/∂F", dF, [chosen]),
    )


def input_band(X: Array, F: Array, dO: Array, chosen: Place) -> Band:
    rows, columns = F.shape[0] - 1, F.shape[1] - 1
    dX = input_gradient(image(dO), image(F), X.shape)[0, 0]
    around = framed(image(dO), rows, columns)[0, 0]
    flipped = turned(image(F))[0, 0]
    return Band(
        "∂L/∂X = ∂L/∂O framed by zeros * F turned by 180°",
        Matrix(
            "∂L/∂O framed by zeros", UPSTREAM, around, window(chosen, F), (1 - rows, 1 - columns)
        ),
        Matrix("F turned by 180°", "F", flipped, everything(F), turned=True),
        Matrix("∂L/∂X", "∂L/∂X", dX, [chosen]),
    )


def window(corner: Place, of: Array) -> list[Place]:
    """The places that an array of this shape covers, with its upper left at the corner."""
    return [(corner[0] + i, corner[1] + j) for i, j in np.ndindex(*of.shape)]


def everything(of: Array) -> list[Place]:
    return window((0, 0), of)


def image(A: Array) -> Array:
    """A matrix as a batch of one image with one channel."""
    return A[None, None]


# --- Writing --------------------------------------------------------------------------------------


def entry(matrix: Matrix, place: Place) -> str:
    """X12, counted from 1 as on a board; "" in the frame of zeros."""
    i, j = place
    if matrix.turned:
        i, j = matrix.data.shape[0] - 1 - i, matrix.data.shape[1] - 1 - j
    row, column = i + matrix.first[0], j + matrix.first[1]
    rows, columns = (n + 2 * (f - 1) for n, f in zip(matrix.data.shape, matrix.first))
    if not (1 <= row <= rows and 1 <= column <= columns):
        return ""
    comma = "," if max(rows, columns) > 9 else ""
    return f"{matrix.symbol}{row}{comma}{column}"


def parenthesised(x: float) -> str:
    text = number(x)
    return f"({text})" if text.startswith("-") else text


def text(band: Band) -> str:
    asked, symbols, numbers, total = band.sums()
    return f"{band.title}\n{asked} = {' '.join(symbols)}\n  = {' '.join(numbers)} = {total}"


# --- Drawing --------------------------------------------------------------------------------------


def digraph(bands: Sequence[Band], theme: Theme) -> Digraph:
    """One box that holds it all."""
    import graphviz

    dot = graphviz.Digraph("minigrad", graph_attr={"bgcolor": theme.background})
    dot.attr("node", shape="plain", fontname="Arial", fontsize="11", fontcolor=theme.value)
    rows = [row for band in bands for row in band_rows(band, theme)]
    dot.node("n0", label(table(rows, padding=4)), id="mg-n0")
    return dot


def band_rows(band: Band, theme: Theme) -> Iterator[Row]:
    """Title, equation, sum."""
    yield [Cell(band.title, fill=theme.header_fill, bold=True)]
    parts = [matrix_cell(band.left, theme), sign("*"), matrix_cell(band.right, theme)]
    yield [*parts, sign("="), matrix_cell(band.result, theme)]
    asked, symbols, numbers, total = band.sums()
    rows = [*sum_rows(f"{asked} =", symbols, theme), *sum_rows("=", numbers, theme)]
    yield [
        Cell(
            inner=table([*rows, [Cell("=", align="right"), Cell(total, theme.gradient, bold=True)]])
        )
    ]


def sum_rows(lead: str, summands: Sequence[str], theme: Theme) -> Iterator[Row]:
    """A sum, a few products to a row."""
    for i in range(0, len(summands), PER_ROW):
        some = " ".join(summands[i : i + PER_ROW])
        yield [Cell(lead if i == 0 else " ", align="right"), Cell(some, theme.gradient)]


def sign(text: str) -> Cell:
    return Cell(text, bold=True, align="center")


def matrix_cell(matrix: Matrix, theme: Theme) -> Cell:
    """A matrix under its title."""
    largest = float(np.abs(matrix.data).max(initial=0)) or 1.0
    width = DIGIT * max(len(number(x)) for x in matrix.data.flat) + 8
    rows = [
        [number_cell(matrix, (i, j), largest, width, theme) for j in range(matrix.data.shape[1])]
        for i in range(matrix.data.shape[0])
    ]
    title = Cell(matrix.title, theme.secondary, small=True, align="center")
    return Cell(
        inner=table([[title], [Cell(inner=table(rows, padding=3, lines=theme.result_border))]])
    )


def number_cell(matrix: Matrix, place: Place, largest: float, width: int, theme: Theme) -> Cell:
    """A number; the frame of zeros in grey, what the sum is made of with a thick border."""
    x, inside = float(matrix.data[place]), bool(entry(matrix, place))
    return Cell(
        number(x),
        color="" if inside else theme.secondary,
        fill=theme.tint(x / largest) if inside else theme.constant_fill,
        small=True,
        align="center",
        width=width,
        frame=theme.gradient if place in matrix.framed else "",
    )


# --- Checking -------------------------------------------------------------------------------------


def plane(name: str, a: Any) -> Array:
    """An argument as a matrix in float64."""
    data = np.asarray(array_of(a), float)
    if data.ndim < 2 or math.prod(data.shape[:-2]) != 1 or data.size == 0:
        raise ValueError(
            f"conv_backward_figure: {name} has shape {data.shape}; wanted one matrix, such as "
            "(3, 3) or (1, 1, 3, 3): choose an image and a channel, a[0, 0]"
        )
    return data.reshape(data.shape[-2:])


def check_shapes(X: Array, F: Array, dO: Array) -> None:
    fitting = tuple(n - k + 1 for n, k in zip(X.shape, F.shape))
    if dO.shape != fitting or min(fitting) < 1:
        raise ValueError(
            f"conv_backward_figure: for x {X.shape} and w {F.shape} grad_out must have shape "
            f"{fitting}, the output's; got {dO.shape}"
        )
    if max(n + k - 1 for n, k in zip(X.shape, F.shape)) > LARGEST:
        raise ValueError(
            f"conv_backward_figure: x {X.shape} and w {F.shape} are too large to be read: at most "
            f"{LARGEST} rows and columns with the frame of zeros; take a part of x"
        )


def checked_entry(name: str, place: Any, of: Array) -> Place:
    inside = (
        isinstance(place, tuple)
        and len(place) == 2
        and all(hasattr(i, "__index__") and 0 <= i < n for i, n in zip(place, of.shape))
    )
    if not inside:
        raise IndexError(
            f"conv_backward_figure: {name}={place!r} is no entry of an array of shape {of.shape}"
        )
    return int(place[0]), int(place[1])
