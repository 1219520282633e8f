"""A written-out chain rule in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence

from minigrad.explaining.terms import Factor, Made, Symbol, Term
from minigrad.explaining.writing import TOLD, Notation, signed
from minigrad.viz.text import number

GREEK = set(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega".split()
)
SPECIAL = {
    "\\": r"\backslash ",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "^": r"\wedge ",
    "~": r"\sim ",
    " ": r"\ ",
}
SIGNS = {"−": "-", "×": r"\times", "÷": r"\div", "@": r"\mathbin{@}"}
NUMBER = re.compile(r"-?\d+(\.\d+)?")  # a constant, which is its own name
PER_LINE = 4  # summands


class Latex(Notation):
    """Mathematics for papers, slides and notebooks."""

    dot = r" \cdot "
    dots = r"\cdots"

    def symbol(self, symbol: Symbol) -> str:
        """F_{11}; v_{1,23} for the entry 23 of v1"""
        letters, digits = split_name(symbol.name)
        entry = [str(i + symbol.on_board) for i in symbol.index]
        below = [digits, ("" if symbol.on_board else ",").join(entry)]
        written = ",".join(filter(None, below))
        return f"{letters}_{{{written}}}" if written else letters

    def derivative(self, factor: Factor) -> str:
        use = f"^{{({factor.use})}}" if factor.use else ""
        of, by = self.symbol(factor.of), self.symbol(factor.by)
        return rf"\frac{{\partial {of}}}{{\partial {by}{use}}}"

    def number(self, x: float) -> str:
        """1.50e-07 as 1.50 × 10⁻⁷"""
        text = re.sub(r"e([+-]\d+)", lambda m: rf" \times 10^{{{int(m[1])}}}", number(x), count=1)
        return text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")

    def rest(self, count: int, total: float) -> str:
        more = f"{count:,}".replace(",", "{,}")
        return rf"({more}\ \text{{more, together}}\ {self.number(total)})"

    def text(
        self, asked: Factor, terms: Sequence[Term], count: int, made: Sequence[Made] = ()
    ) -> str:
        """An `aligned` block, with a few summands on each line, and what made the rest below."""
        left, lines = self.derivative(asked), []
        for side in self.sides(asked, terms, count):
            summands = signed(side)
            rows = [" ".join(summands[i : i + PER_LINE]) for i in range(0, len(summands), PER_LINE)]
            lines += [f"{left} &= {rows[0]}", *(rf"&\quad {row}" for row in rows[1:])]
            left = ""
        told = [f"{self.symbol(Symbol(m.name))} = {self.made(m)}" for m in made[:TOLD]]
        if len(made) > TOLD:
            told.append(rf"\dots\ \text{{({len(made) - TOLD} more)}}")
        rows = [r",\; ".join(told[i : i + PER_LINE]) for i in range(0, len(told), PER_LINE)]
        starts = [r"&\text{where }", *[r"&\quad "] * (len(rows) - 1)]
        lines += [start + row for start, row in zip(starts, rows)]
        body = " \\\\\n".join(lines)
        return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"

    def made(self, made: Made) -> str:
        r"""x \times x, \mathrm{tanh}(z)"""
        inputs = [self.symbol(Symbol(name)) for name in made.inputs]
        if made.infix:
            return f" {SIGNS.get(made.op, made.op)} ".join(inputs)
        return rf"\mathrm{{{plain(made.op)}}}({', '.join(inputs)})"


def split_name(name: str) -> tuple[str, str]:
    """A name as mathematics, and the digits that go below it.

    >>> split_name("w1"), split_name("sigma"), split_name("fc.weight")
    (('w', '1'), ('\\\\sigma', ''), ('\\\\mathrm{fc.weight}', ''))
    """
    if NUMBER.fullmatch(name):
        return name, ""
    letters = name.rstrip("0123456789")
    digits = name[len(letters) :]
    if letters in GREEK:
        return f"\\{letters}", digits
    if len(letters) == 1 and letters.isalpha():
        return letters, digits
    return f"\\mathrm{{{plain(name)}}}", ""


def plain(text: str) -> str:
    """Any text, so that LaTeX shows it and reads no command in it."""
    return "".join(SPECIAL.get(c, c) for c in text)
