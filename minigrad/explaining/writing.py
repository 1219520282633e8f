"""A written-out chain rule: what stands left and right of its equals signs, in some notation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from minigrad.explaining.terms import Factor, Made, Symbol, Term
from minigrad.viz.text import number

WIDTH = 100  # of a line of text
LONGEST = 8  # factors of a product that are all written
ENDS = 3  # factors written at either end of a longer one
TOLD = 12  # nodes without a name that are said to be made of what
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Notation(ABC):
    """How symbols, derivatives and numbers are written."""

    dot = "·"
    dots = "…"

    @abstractmethod
    def symbol(self, symbol: Symbol) -> str:
        """F11"""

    @abstractmethod
    def derivative(self, factor: Factor) -> str:
        """∂O11/∂F11"""

    @abstractmethod
    def number(self, x: float) -> str:
        """-0.3799"""

    @abstractmethod
    def rest(self, count: int, total: float) -> str:
        """What is said of the terms that are not written."""

    # --- Four ways to write a term ------------------------------------------------------------

    def derivatives(self, term: Term) -> str:
        """∂L/∂O11·∂O11/∂F11"""
        return self.product([self.derivative(factor) for factor in term.factors])

    def entries(self, term: Term) -> str:
        """∂L/∂O11·X11"""
        return self.product(
            [self.symbol(f.entry) if f.entry else self.derivative(f) for f in term.factors]
        )

    def numbers(self, term: Term) -> str:
        """-3·(-1): negative numbers in parentheses, but for the first"""
        first, *others = (self.number(factor.value) for factor in term.factors)
        return self.product([first, *(f"({n})" if n.startswith("-") else n for n in others)])

    def value(self, term: Term) -> str:
        """3"""
        return self.number(term.value)

    def product(self, factors: Sequence[str]) -> str:
        """The factors; of many those at the two ends."""
        if len(factors) > LONGEST:
            factors = [*factors[:ENDS], self.dots, *factors[-ENDS:]]
        return self.dot.join(factors)

    # --- Sums -----------------------------------------------------------------------------------

    def sides(self, asked: Factor, terms: Sequence[Term], count: int) -> Iterator[list[str]]:
        """What stands right of each equals sign, summand by summand; nothing twice."""
        total = asked.value
        left_out = total - sum(term.value for term in terms)
        rest = [self.rest(count - len(terms), left_out)] if count > len(terms) else []
        before = [self.derivative(asked)]
        for way in (self.derivatives, self.entries, self.numbers, self.value):
            side = [*map(way, terms), *rest]
            if side not in ([], before):
                yield side
            before = side
        if before != [self.number(total)]:
            yield [self.number(total)]


def signed(summands: Sequence[str]) -> list[str]:
    """All but the first with a sign in front.

    >>> signed(["-3·1", "11·2", "-1·1"])
    ['-3·1', '+ 11·2', '- 1·1']
    """
    first, *others = summands
    return [first, *(f"- {s[1:]}" if s.startswith("-") else f"+ {s}" for s in others)]


class Plain(Notation):
    """Text for terminals."""

    def symbol(self, symbol: Symbol) -> str:
        """F11, or F[0, 12] where axes are many or long."""
        if not symbol.index:
            return symbol.name
        if not symbol.on_board:
            return f"{symbol.name}[{', '.join(map(str, symbol.index))}]"
        digits = "".join(str(i + 1) for i in symbol.index)
        return f"{symbol.name}_{digits}" if symbol.name[-1:].isdigit() else symbol.name + digits

    def derivative(self, factor: Factor) -> str:
        use = f"⁽{str(factor.use).translate(RAISED)}⁾" if factor.use else ""
        return f"∂{self.symbol(factor.of)}/∂{self.symbol(factor.by)}{use}"

    def number(self, x: float) -> str:
        return number(x)

    def rest(self, count: int, total: float) -> str:
        return f"({count:,} more, together {number(total)})"

    def text(self, asked: Factor, terms: Sequence[Term], count: int) -> str:
        """The whole chain of equations, each sum on one line if it fits."""
        left = self.derivative(asked)
        indent = " " * len(left)
        lines = []
        for side in self.sides(asked, terms, count):
            summands = signed(side)
            if len(left) + len(" = ") + len(" ".join(summands)) <= WIDTH:
                summands = [" ".join(summands)]
            lines += [f"{left} = {summands[0]}", *(f"{indent}   {s}" for s in summands[1:])]
            left = indent
        return "\n".join(lines)

    def where(self, made: Sequence[Made]) -> str:
        """where v1 = x × x, v2 = tanh(v1); "" if every node has a name"""
        told = [f"{m.name} = {self.made(m)}" for m in made[:TOLD]]
        if len(made) > TOLD:
            told.append(f"… ({len(made) - TOLD} more)")
        lines = [f"where {told[0]}"] if told else []
        for part in told[1:]:
            lines[-1] += ","
            if len(lines[-1]) + len(part) < WIDTH:
                lines[-1] += f" {part}"
            else:
                lines.append(f"      {part}")
        return "\n".join(lines)

    def made(self, made: Made) -> str:
        """x × x, tanh(z), conv2d(X, F)"""
        if made.infix:
            return f" {made.op} ".join(made.inputs)
        return f"{made.op}({', '.join(made.inputs)})"
