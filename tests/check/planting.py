"""Wrong rules, planted where the right ones stand: in the ops of the library themselves.

A `Site` is an op with inputs at which its mistakes show; a `Fault` is one mistake there. `planted`
puts it in the place of the op's rule for as long as a test needs it. The faults are listed in the
wrong_*.py beside this file, and all of them stand in CATALOGUE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from minigrad.check import Report, examine, functions, gradcheck
from minigrad.check.diagnosis import UNRECOGNISED
from minigrad.graph import Op

Rule = Callable[..., Any]

CATALOGUE: list[Fault] = []
SITES: list[Site] = []


class Site:
    """op(*inputs, **params), in which the inputs that are not constant vary.

    call: another way to reach the op from these inputs. flat: an op whose derivative is 0
    everywhere, so that no factor or sign can be wrong.
    """

    def __init__(
        self,
        face: Any,
        *inputs: np.ndarray,
        constant: Sequence[int] = (),
        call: Rule | None = None,
        flat: bool = False,
        **params: Any,
    ) -> None:
        self.op: Op = face.op
        self.face, self.arguments, self.params, self.flat = face, inputs, params, flat
        self.free = [i for i in range(len(inputs)) if i not in constant]
        self.call = call or self.called
        SITES.append(self)

    def called(self, *free: Any) -> Any:
        """The op of these inputs and the constant ones."""
        arguments = list(self.arguments)
        for i, x in zip(self.free, free):
            arguments[i] = x
        return self.face(*arguments, **self.params)

    @property
    def inputs(self) -> tuple[np.ndarray, ...]:
        """What varies."""
        return tuple(self.arguments[i] for i in self.free)

    @property
    def names(self) -> Sequence[str]:
        """What the op calls them; all that a variadic op joins have one name, and one rule."""
        return self.op.inputs if self.op.variadic else [self.op.inputs[i] for i in self.free]

    def check(self, **options: Any) -> Report:
        """The report of gradcheck, which is not raised."""
        return gradcheck(self.call, self.inputs, raise_exception=False, **options)

    def wrong(self, name: str, mistake: str, rule: Rule, pattern: str | None = None) -> None:
        """Enter a mistake: a rule for the input of this name, in the place of the right one."""
        CATALOGUE.append(Fault(self, name, mistake, lambda right: rule, pattern))

    def spoiled(self, name: str, mistake: str, change: Rule, pattern: str | None = None) -> None:
        """Enter a mistake: the right share, changed afterwards."""
        CATALOGUE.append(Fault(self, name, mistake, after(change), pattern))


@dataclass(frozen=True)
class Fault:
    """A mistake in an op's rule for one input; make turns the right rule into the wrong one."""

    site: Site
    name: str
    mistake: str
    make: Callable[[Rule], Rule]
    pattern: str | None = None  # what the diagnosis should call it, if there is a word for it

    @property
    def op(self) -> Op:
        return self.site.op

    @property
    def input(self) -> int:
        return self.op.inputs.index(self.name)

    def __str__(self) -> str:
        return f"{self.op.name}, {self.name}: {self.mistake}"


def after(change: Rule) -> Callable[[Rule], Rule]:
    """The right rule, with its share changed."""
    return lambda right: lambda *args, **params: change(right(*args, **params))


def fed(change: Rule, at: int = 0) -> Callable[[Rule], Rule]:
    """The right rule, with its argument number at, the upstream gradient, changed before."""
    return lambda right: (
        lambda *args, **params: right(*args[:at], change(args[at]), *args[at + 1 :], **params)
    )


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """Within, the op's gradient is wrong: in its backward if it has one, else in its rule."""
    op, i = fault.op, fault.input
    rules, backward = op.rules, op.backward
    if backward is not None:
        spoiled = wrong_parts if op.variadic else wrong_backward
        op.backward = spoiled(backward, i, fault.make)
    else:
        op.rules = [*rules[:i], fault.make(rules[i]), *rules[i + 1 :]]
    try:
        yield
    finally:
        op.rules, op.backward = rules, backward


def wrong_backward(backward: Rule, i: int, make: Callable[[Rule], Rule]) -> Rule:
    """backward, with a wrong share for input i."""

    def spoiled(g: Any, y: Any, *inputs: Any, saved: Any, wanted: Any, **params: Any) -> Any:
        def right(g: Any, y: Any, *inputs: Any, **params: Any) -> Any:
            return backward(g, y, *inputs, saved=saved, wanted=wanted, **params)[i]

        shares = list(backward(g, y, *inputs, saved=saved, wanted=wanted, **params))
        if wanted[i]:
            shares[i] = make(right)(g, y, *inputs, **params)
        return shares

    return spoiled


def wrong_parts(backward: Rule, _: int, make: Callable[[Rule], Rule]) -> Rule:
    """backward of an op with one rule (i, g, y, *inputs) for all inputs, and all shares wrong."""

    def spoiled(g: Any, y: Any, *inputs: Any, saved: Any, wanted: Any, **params: Any) -> Any:
        def right(i: int, g: Any, y: Any, *inputs: Any, **params: Any) -> Any:
            return backward(g, y, *inputs, saved=saved, wanted=wanted, **params)[i]

        return [make(right)(i, g, y, *inputs, **params) for i in range(len(inputs))]

    return spoiled


def only_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a check says whether something is wrong, not also where and what.

    That is most of the work once something is, and test_wrong_diagnoses.py is about it.
    """
    monkeypatch.setattr(examine, "diagnose", lambda *_: UNRECOGNISED)
    monkeypatch.setattr(examine, "LOCATED", 0)
    monkeypatch.setattr(functions, "with_blame", lambda report, _: report)


# --- Inputs -----------------------------------------------------------------------------------

RNG = np.random.default_rng(7)


def normal(*shape: int) -> np.ndarray:
    """Random numbers of either sign, none near 0."""
    return RNG.uniform(0.2, 1.8, shape) * RNG.choice([-1.0, 1.0], shape)


def positive(*shape: int) -> np.ndarray:
    return RNG.uniform(0.4, 2.0, shape)


def inside(*shape: int) -> np.ndarray:
    """Between −0.9 and 0.9."""
    return 0.5 * normal(*shape)


def spaced(*shape: int) -> np.ndarray:
    """No two entries near each other, none near 0."""
    n = int(np.prod(shape))
    return RNG.permutation((np.arange(n) - n / 2 + 0.3) * 0.37).reshape(shape)
