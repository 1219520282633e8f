"""Numbers and names as a picture shows them, and how text gets into markup unharmed.

Names come from anywhere: a file, a web form, another program. Whatever they hold, the picture
shows them as text; they are never read as markup, as a port or as a command.
"""

from __future__ import annotations

import html
import inspect
import math
import unicodedata
from typing import Any

import numpy as np

LONGEST_NAME = 24
LONGEST_TITLE = 200
NONCHARACTERS = "\ufffe\uffff"  # XML 1.0 forbids them

# Signs that the fonts of graphviz-pure lack, in the formulas of ops.
PLAIN_SIGNS = str.maketrans({"∗": "*", "⊙": "*", "∘": "·", "⋅": "·", "∇": "∂", "∈": "in"})


def number(x: Any) -> str:
    """Four significant digits; with an exponent below 1e-3 and from 1e5 on.

    >>> [number(x) for x in (1.0, -0.37994896, 12345.6, 9e-17, float("nan"))]
    ['1', '-0.3799', '12346', '9.00e-17', 'nan']
    """
    x = float(np.asarray(x).item())
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
    text = text.replace("\r\n", "\n").replace("\n", "¶")
    return "".join("\ufffd" if breaks_markup(c) else c for c in text)


def breaks_markup(character: str) -> bool:
    """Whether XML or DOT does not allow a character: controls, half surrogates, U+FFFE, U+FFFF."""
    return unicodedata.category(character) in ("Cc", "Cs") or character in NONCHARACTERS


def escaped(text: str) -> str:
    """Text for an HTML-like label of DOT, which reads \\N and \\G even there.

    >>> escaped('a < "b" \\\\N')
    'a &lt; &quot;b&quot; \\\\\\\\N'
    """
    return html.escape(text).replace("\\", "\\\\")


def formula(op: Any) -> str:
    """What an op computes, without remarks on it, in signs that every font has."""
    return visible(op.formula.partition(";")[0].rstrip(" .").translate(PLAIN_SIGNS), 60)


def heading(op: Any, params: dict[str, Any]) -> str:
    """The op as one writes it on a board, with its parameters: "mean axis 0", "maxpool 2×2".

    Left out is what is off, empty or the op's default, and what is no short text (index arrays).
    """
    usual = inspect.signature(op.forward).parameters if params else {}
    window = spread(params.get("kernel_size", ()))
    told = [
        f"{key} {short(single(key, value))}"
        for key, value in params.items()
        if short(value)
        and not (key in usual and spread(usual[key].default) == spread(value))
        and not (window and (key == "kernel_size" or (key == "stride" and spread(value) == window)))
    ]
    size = "×".join(map(str, window))
    return visible(" ".join(filter(None, [op.symbol, size, ", ".join(told)])), 40)


def spread(value: Any) -> Any:
    """2 as (2, 2): how windows over images may be given; anything else as it is."""
    return (value, value) if type(value) is int else value


def single(key: str, value: Any) -> Any:
    """(2, 2) as 2, where that says the same of both directions of an image."""
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


def shape(lengths: tuple[int, ...]) -> str:
    """A shape, cut when it has many axes."""
    return visible(str(tuple(map(int, lengths))), 40)


def counted(n: int, thing: str) -> str:
    """A number of things: "1 op", "2 ops"."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"
