"""Numbers and names as a picture shows them, and how text gets into markup unharmed.

Names come from anywhere: a file, a web form, another program. Whatever they hold, the picture
shows them as text; they are never read as markup, as a port or as a command.
"""

from __future__ import annotations

import functools
import html
import inspect
import math
import re
import unicodedata
from typing import Any

import numpy as np

LONGEST_NAME = 24
LONGEST_TITLE = 200
NARROW, BROAD = " .,:;-()[]|'fijlrtI", "mwMW@%∂"  # in Arial
NONCHARACTERS = "\ufffe\uffff"  # XML 1.0 forbids them

# Signs that the fonts of graphviz-pure lack, in the formulas of ops.
PLAIN_SIGNS = str.maketrans({"∗": "*", "⊙": "*", "∘": "·", "⋅": "·", "∇": "∂", "∈": "in"})


MARKUP = re.compile(r"""[&<>"'\\]""")  # characters with a meaning in HTML-like labels

# What follows the formula of an op: ", without overflow"; and what is a sentence, and no formula.
REMARK = re.compile(r";|, (?=[a-z]{4,}\b)")
PROSE = re.compile(r"\b[a-z]{3,} [a-z]{2,} [a-z]{2,}\b(?!\()")

# What falls out of a formula where an optional input is missing.
OPTIONAL = {"b": " + b", "gamma": "γ ", "beta": " + β"}
LECTURE = "√(σ² + ε)", "(σ + ε)"  # eps_mode "std"

SHAPED = (
    "keepdims",
    "shape",
    "start_dim",
    "end_dim",
)  # parameters that show in the shape of the result
NAMELESS = {"axis1": "", "axis2": "", "axes": ""}  # whose values say enough


def number(x: Any) -> str:
    """Four significant digits; with an exponent below 1e-3 and from 1e5 on.

    >>> [number(x) for x in (1.0, -0.37994896, 12345.6, 9e-17, float("nan"))]
    ['1', '-0.3799', '12346', '9.00e-17', 'nan']
    """
    return digits(x if type(x) is float else float(np.asarray(x).item()))


@functools.lru_cache(maxsize=10_000)  # a number is written in its box, on edges, in the table
def digits(x: float) -> str:
    if not math.isfinite(x) or x == 0:
        return f"{x + 0:g}"  # adding 0 drops the sign of -0.0
    if not 1e-3 <= abs(x) < 1e5:
        return f"{x:.2e}"
    short = f"{x:.4g}"
    return f"{x:.0f}" if "e" in short else short


def visible(text: str, longest: int = LONGEST_NAME) -> str:
    """Text on one line, without characters that break markup, cut to a length.

    >>> visible("two\\nlines"), visible("bell\\a"), visible("a" * 30)
    ('two¶lines', 'bell\ufffd', 'aaaaaaaaaaaaaaaaaaaaaaa…')
    """
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\n", "¶")
    return "".join("\ufffd" if breaks_markup(c) else c for c in text)


def slope(y: str, x: str) -> str:
    """The derivative of y by x in symbols; y may be one itself.

    >>> slope("L", "w"), slope("∂L/∂w", "x")
    ('∂L/∂w', '∂(∂L/∂w)/∂x')
    """
    return f"∂({y})/∂{x}" if y.startswith("∂") else f"∂{y}/∂{x}"


def visible_path(path: str, longest: int = LONGEST_NAME) -> str:
    """A path on one line; a long one without its beginning, which says least.

    >>> visible_path("encoder.layers.0.attention.weight")
    '…yers.0.attention.weight'
    """
    cut = f"…{path[1 - longest :]}" if len(path) > longest else path
    return visible(cut, longest)


def breaks_markup(character: str) -> bool:
    """Whether XML or DOT does not allow a character: controls, half surrogates, U+FFFE, U+FFFF."""
    return unicodedata.category(character) in ("Cc", "Cs") or character in NONCHARACTERS


def escaped(text: str) -> str:
    """Text for an HTML-like label of DOT, which reads \\N and \\G even there.

    >>> escaped('a < "b" \\\\N')
    'a &lt; &quot;b&quot; \\\\\\\\N'
    """
    return html.escape(text).replace("\\", "\\\\") if MARKUP.search(text) else text


def formula(node: Any) -> str:
    """What a node computes, without remarks on it, in signs that every font has.

    "" where that is prose, or no more than its symbol says.
    """
    op = node.op
    text = REMARK.split(op.formula)[0].rstrip(" .").translate(PLAIN_SIGNS)
    result = text.partition("= ")[2]
    known = result in ("x", "x[index]") or result.lower() == op.symbol.lower()
    return "" if known or PROSE.search(text) else visible(as_used(text, node), 60)


def as_used(text: str, node: Any) -> str:
    """A formula for the inputs and parameters that a node has: no "+ b" without a b."""
    params = node.params
    optional = getattr(node.op, "inputs", ())  # the ops of Values have no such list
    for name in optional[len(node.inputs) :]:
        text = text.replace(OPTIONAL.get(name, " "), " ").strip()
    if params.get("axis") is None:
        text = text.replace(" over axis", "")
    ddof = params.get("ddof", 0)
    text = text.replace("(n − ddof)", f"(n − {ddof})" if ddof else "n")
    return text.replace(*LECTURE) if params.get("eps_mode") == "std" else text


def heading(node: Any) -> str:
    """The op as one writes it on a board, with its parameters: "mean axis 0", "maxpool 2×2".

    Left out is what is off, empty, the op's default or plain from the result's shape, and what is
    no short text (index arrays).
    """
    op, params = node.op, node.params
    if exponent(node) is not None:
        return f"( ){raised(number(exponent(node).data))}"
    if not params:
        return visible(as_used(op.symbol, node), 40)
    if "index" in params and op.symbol == "[ ]":
        return visible(f"[{indices(params['index'])}]", 40)
    usual = inspect.signature(op.forward).parameters
    window = spread(params.get("kernel_size", ()))
    told = [
        f"{NAMELESS.get(key, key)} {short(single(key, value))}".strip()
        for key, value in params.items()
        if short(value)
        and key not in SHAPED
        and not (key in usual and spread(usual[key].default) == spread(value))
        and not (window and (key == "kernel_size" or (key == "stride" and spread(value) == window)))
    ]
    size = "×".join(map(str, window))
    return visible(" ".join(filter(None, [op.symbol, size, ", ".join(told)])), 40)


def exponent(node: Any) -> Any:
    """The constant that a power is raised to, if it is one: the 2 of x². None otherwise."""
    if node.op is None or node.op.symbol != "xʸ":
        return None
    leaf = node.inputs[1]
    constant = leaf.op is None and not (leaf.requires_grad or leaf.name or leaf.shape)
    return leaf if constant else None


def raised(text: str) -> str:
    """An exponent, in small digits where all fonts have them.

    >>> raised("2"), raised("-0.5")
    ('²', '^-0.5')
    """
    return {"2": "²", "3": "³"}.get(text, f"^{text}")


def indices(index: Any) -> str:
    """An index as one writes it: 0, :, 4:8; … for arrays, and for what has many entries."""
    if isinstance(index, tuple):
        return ", ".join(map(indices, index))
    if isinstance(index, slice):
        ends = ["" if end is None else str(end) for end in (index.start, index.stop)]
        return ":".join(ends if index.step is None else [*ends, str(index.step)])
    return str(index) if index is None or isinstance(index, (int, np.integer)) else "…"


def spread(value: Any) -> Any:
    """2 as (2, 2): how windows over images may be given; anything else as it is."""
    return (value, value) if type(value) is int else value


def single(key: str, value: Any) -> Any:
    """(2, 2) as 2, where that says the same of both directions of an image; axis (0,) as 0."""
    if key == "axis" and isinstance(value, tuple) and len(value) == 1:
        return value[0]
    pairs = ("stride", "padding", "dilation", "output_padding")
    same = key in pairs and isinstance(value, tuple) and len(set(value)) == 1
    return value[0] if same else value


def short(value: Any) -> str:
    """A parameter of an op as a few characters; "" for what says nothing in a picture."""
    if value is None or value is False:
        return ""
    if isinstance(value, tuple) and all(isinstance(v, int) for v in value):
        return shape(value)
    if isinstance(value, float):
        return number(value)
    return str(value) if isinstance(value, (int, str)) else ""


def width(text: str, size: float) -> float:
    """About how many points a text is wide in Arial of a size, rather too many than too few.

    >>> round(width("grad -2.361", 11)), round(width("mmm", 10))
    (62, 27)
    """
    return size * sum(0.36 if c in NARROW else 0.9 if c in BROAD else 0.6 for c in text)


def shape(lengths: tuple[int, ...]) -> str:
    """A shape, cut when it has many axes."""
    return visible(str(tuple(map(int, lengths))), 40)


def counted(n: int, thing: str) -> str:
    """A number of things: "1 op", "2 ops"."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"
