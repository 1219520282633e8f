"""explain: the chain rule for one gradient, as the lecture writes it on the board."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from minigrad.explaining.entries import Index, entry_terms
from minigrad.explaining.latex import Latex
from minigrad.explaining.paths import path_terms
from minigrad.explaining.terms import Factor, Made, Symbols, Term, unnamed
from minigrad.explaining.writing import Plain
from minigrad.graph import topological
from minigrad.viz.aside import gradients_aside
from minigrad.viz.options import check_node
from minigrad.viz.reading import Reading
from minigrad.words import shown


def explain(x: Any, root: Any, *, index: Any = None, max_terms: int = 12) -> Explanation:
    """∂root/∂x as a sum over paths: with symbols, with numbers, and what they add up to.

        ∂L/∂F11 = ∂L/∂O11·∂O11/∂F11 + ∂L/∂O12·∂O12/∂F11 + …

    For numbers the terms are all paths from x to the root, each a product of local derivatives.
    For an entry of an array they are the entries of everything that was made from it, upstream
    gradient × local derivative each; where a local derivative is an entry of another input, as
    X11 for ∂O11/∂F11 in a convolution, it is named too.

    x: a Tensor or a Value that root, a single number, was made from. index: the entry of x, an int
    or a tuple, as in x[index]; a single number needs none. F11 is F[0, 0]: small matrices are
    counted as on a board, others as in Python. max_terms: only the largest are written out; the
    others are counted, and their sum is given. Nothing is changed: no `.grad` is written.

    Errors: TypeError for what is no node; ValueError if root is not one number, x is not in its
    graph, or index is missing; IndexError for an index out of range.
    Lecture: "Expanding the chain rule", "Replacing local gradients of filter".

    >>> from minigrad.value import Value
    >>> x = Value(2.0, label="x")
    >>> y = x * x + 3 * x
    >>> y.label = "y"
    >>> print(explain(x, y))
    ∂y/∂x = ∂y/∂v1·∂v1/∂x⁽¹⁾ + ∂y/∂v1·∂v1/∂x⁽²⁾ + ∂y/∂v3·∂v3/∂x
          = ∂y/∂v1·x + ∂y/∂v1·x + ∂y/∂v3·3
          = 1·2 + 1·2 + 1·3
          = 2 + 2 + 3
          = 7
    where v1 = x × x, v3 = 3 × x
    """
    check_node(x, "x", "explain")
    check_node(root, "root", "explain")
    if not isinstance(max_terms, int) or max_terms < 1:
        raise ValueError(f"explain: max_terms must be 1 or more, got {max_terms!r}")
    nodes = topological(root)
    check_graph_of(x, root, nodes)
    place = checked_index(x, index)
    reading = Reading(nodes, gradients_aside(nodes))
    on_path = between(x, nodes)
    if all(math.prod(node.shape) == 1 for node in on_path):
        symbols = Symbols(reading, [])
        terms, count, total = path_terms(x, reading, on_path, symbols, max_terms)
        asked = Factor(symbols.of(root), symbols.of(x), total)
    else:
        arrays = [x, *reading.consumers[x]]
        symbols = Symbols(reading, [*arrays, *(z for node in arrays for z in node.inputs)])
        terms, count, total = entry_terms(x, place, reading, symbols, max_terms)
        asked = Factor(symbols.of(root), symbols.of(x, place), total)
    return Explanation(asked, terms, count, unnamed(terms, reading))


class Explanation:
    """A gradient written out. str() is text; notebooks show the formula.

    terms: the summands that are written, each with its factors and value. count: how many there
    are in all. total: their sum, which is the gradient. made: what made the nodes that have no
    name of their own.
    """

    def __init__(
        self, asked: Factor, terms: Sequence[Term], count: int, made: Sequence[Made]
    ) -> None:
        self.asked, self.terms, self.count, self.made = asked, tuple(terms), count, tuple(made)

    @property
    def where(self) -> str:
        """What made the nodes that have no name of their own: "where v1 = x × x, v3 = 3 × x"."""
        return Plain().where(self.made)

    @property
    def total(self) -> float:
        """The sum of all terms: the gradient."""
        return self.asked.value

    def __str__(self) -> str:
        text = Plain().text(self.asked, self.terms, self.count)
        return f"{text}\n{self.where}" if self.where else text

    __repr__ = __str__

    def latex(self) -> str:
        """The formula in LaTeX: an `aligned` block, for between dollar signs."""
        return Latex().text(self.asked, self.terms, self.count, self.made)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def between(x: Any, nodes: Sequence[Any]) -> list[Any]:
    """x and all nodes that were made from it, in topological order."""
    found = {x}
    for node in nodes:
        if any(given in found for given in node.inputs):
            found.add(node)
    return [node for node in nodes if node in found]


def check_graph_of(x: Any, root: Any, nodes: Sequence[Any]) -> None:
    """root is one number that was made from x, and has a gradient there."""
    if math.prod(root.shape) != 1:
        raise ValueError(
            f"explain: root has shape {root.shape}, wanted a single number: sum it, or take an "
            "entry of it"
        )
    if x not in set(nodes):
        raise ValueError(
            f"explain: root was not made from x ({called(x)}); why_no_grad(x, root) tells where "
            "the path is cut"
        )
    if not x.requires_grad:
        raise ValueError(f"explain: x ({called(x)}) does not require a gradient, so it has none")


def called(x: Any) -> str:
    """A node by its name, if it has one."""
    return x.name or shown(x)


def checked_index(x: Any, index: Any) -> Index:
    """The index of one entry of x, counted from the front."""
    shape = tuple(x.shape)
    if index is None:
        if math.prod(shape) != 1:
            raise ValueError(
                f"explain: x has shape {shape}: say which entry, for example "
                f"index={(0,) * len(shape)}"
            )
        return (0,) * len(shape)
    given = index if isinstance(index, tuple) else (index,)
    if len(given) != len(shape) or not all(hasattr(i, "__index__") for i in given):
        raise IndexError(
            f"explain: index={index!r} is no entry of x, which has shape {shape}: give "
            f"{len(shape)} whole numbers"
        )
    try:
        return tuple(range(n)[i] for i, n in zip(given, shape))
    except IndexError:
        raise IndexError(f"explain: index={index!r} is out of range for shape {shape}") from None
