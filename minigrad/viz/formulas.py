"""Ops and their local derivatives in symbols: h = tanh(z) and ∂h/∂z = 1 − tanh² z.

They are texts for people. The numbers beside them come from the ops themselves, and a test holds
each text against the derivative of its op.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

LISTED = 6  # terms of a sum that are written out


class Written(NamedTuple):
    """An op of inputs a, b, c, and what each of them gets of the gradient; y is the output.

    {a:t} asks for brackets where what stands there would fall apart.
    """

    op: str
    slopes: tuple[str, ...] = ()  # ∂y/∂a, ∂y/∂b: entry by entry, times upstream
    shares: tuple[str, ...] = ()  # ∂L/∂a, ∂L/∂b for g = ∂L/∂y, where it is no such product


WRITTEN = {
    "add": Written("{a} + {b:t}", ("1", "1")),
    "subtract": Written("{a} − {b:t}", ("1", "−1")),
    "multiply": Written("{a} · {b:t}", ("{b}", "{a}")),
    "divide": Written("{a} / {b:t}", ("1 / {b:t}", "−{a:t} / {b:t}²")),
    "power": Written("{a:t}^{b:t}", ("{b:t} · {a:t}^({b} − 1)", "{y} · ln({a})")),
    "negative": Written("−{a:t}", ("−1",)),
    "abs": Written("|{a}|", ("sign({a})",)),
    "square": Written("{a:t}²", ("2 · {a:t}",)),
    "reciprocal": Written("1 / {a:t}", ("−1 / {a:t}²",)),
    "exp": Written("exp({a})", ("exp({a})",)),
    "log": Written("ln({a})", ("1 / {a:t}",)),
    "sqrt": Written("√{a:t}", ("1 / (2 · √{a:t})",)),
    "sin": Written("sin({a})", ("cos({a})",)),
    "cos": Written("cos({a})", ("−sin({a})",)),
    "tanh": Written("tanh({a})", ("1 − tanh² {a:t}",)),
    "sigmoid": Written("σ({a})", ("σ({a}) · (1 − σ({a}))",)),
    "relu": Written("max(0, {a})", ("1 if {a} > 0 else 0",)),
    "softplus": Written("ln(1 + exp({a}))", ("σ({a})",)),
    "sum": Written("Σ {a}", shares=("{g} for every entry",)),
    "mean": Written("mean({a})", shares=("{g} / n for every entry",)),
    "matmul": Written("{a} @ {b:t}", shares=("{g} @ {b:t}ᵀ", "{a:t}ᵀ @ {g}")),
    "linear": Written("{a} @ {b}ᵀ + {c}", shares=("{g} @ {b}", "{g}ᵀ @ {a}", "Σ rows of {g}")),
}


class Term(str):
    """A name or number that is put into a formula."""

    def __format__(self, spec: str) -> str:
        return tight(self) if spec else str(self)


def tight(text: str) -> str:
    """Text in brackets, if it would fall apart beside a sign or a power.

    >>> tight("x"), tight("-2"), tight("1 − h")
    ('x', '(-2)', '(1 − h)')
    """
    return f"({text})" if " " in text or text[:1] in "-−" else text


def op_of(node: Any, names: Sequence[str]) -> str:
    """What made a node, with these names or numbers for its inputs."""
    name = node.op.name
    if name == "sum" and len(names) > 1:
        return joined(names)
    if name == "dot":
        n = len(names) // 2
        products = [f"{w} · {tight(x)}" for w, x in zip(names[:n], names[n:])]
        return joined([*products, names[-1]])
    written = written_for(node)
    if written is None:
        return f"{name}({shortened(names, ', ')})"
    return written.op.format(**places(names))


def slope_of(node: Any, position: int, names: Sequence[str], y: str) -> str:
    """∂node/∂(its input at this position) in symbols, or ""; y is the node's own name."""
    name, n = node.op.name, len(names)
    if name == "sum" and n > 1:
        return "1"
    if name == "dot":
        return "1" if position == n - 1 else names[(position + n // 2) % (n - 1)]
    written = written_for(node)
    if written is None or not written.slopes:
        return ""
    return written.slopes[position].format(**places(names), y=Term(y))


def share_of(node: Any, position: int, names: Sequence[str], y: str, g: str) -> str:
    """What an input gets of the gradient g of a node, in symbols, or ""."""
    slope, written = slope_of(node, position, names, y), written_for(node)
    if slope:
        return f"{g} · {tight(slope)}"
    if written is None:
        return ""
    return written.shares[position].format(**places(names), g=g)


def written_for(node: Any) -> Written | None:
    """The formulas of a node's op, if it is called as they say."""
    written = WRITTEN.get(node.op.name)
    if written is None or node.params:
        return None
    return written if len(node.inputs) == len(written.slopes or written.shares) else None


def places(names: Sequence[str]) -> dict[str, Term]:
    """The names by the letters of the formulas."""
    return dict(zip("abc", map(Term, names)))


def joined(terms: Sequence[str]) -> str:
    """A sum; of a long one the first terms and a count."""
    return shortened([terms[0], *map(tight_sum, terms[1:])], " + ")


def tight_sum(term: str) -> str:
    """A term behind a plus sign: in brackets if it begins with a minus."""
    return f"({term})" if term[:1] in "-−" else term


def shortened(terms: Sequence[str], sign: str) -> str:
    more = [f"… ({len(terms) - LISTED} more)"] if len(terms) > LISTED else []
    return sign.join([*terms[:LISTED], *more])
