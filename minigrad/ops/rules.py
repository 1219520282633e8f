"""The parts of an op beside its function: derivatives, a faster backward, a definition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from minigrad.graph import Op, Rule
from minigrad.ops.arguments import VARARGS
from minigrad.words import shown

R = TypeVar("R", bound=Rule)


def set_rule(op: Op, name: str, rule: Rule | None) -> None:
    if name not in op.inputs:
        raise TypeError(f"{op.name} has no input {name!r}; its inputs are {', '.join(op.inputs)}")
    if rule is not None:
        check_rule(op, name, rule)
    op.rules[op.inputs.index(name)] = rule
    if rule is None:
        op.constants |= {name}
    op.reads_values = any(rule is not None and reads_values(rule) for rule in op.rules)


def check_rule(op: Op, name: str, rule: Rule) -> None:
    """A rule is a function that takes g, y and all inputs by position."""
    if not hasattr(rule, "__code__"):
        raise TypeError(
            f"{op.name}: the rule for {name!r} is {shown(rule)} ({type(rule).__name__}), wanted a "
            "function such as lambda g, y, x: ..., or None for an input without a derivative"
        )
    wanted = ("i", "g", "y", f"*{op.inputs[0]}") if op.variadic else ("g", "y", *op.inputs)
    if (
        rule.__code__.co_argcount < len(wanted) - op.variadic
        and not rule.__code__.co_flags & VARARGS
    ):
        raise TypeError(
            f"{op.name}: the rule for {name!r} takes {rule.__code__.co_argcount} arguments, wanted "
            f"{', '.join(wanted)}"
        )


def reads_values(rule: Rule) -> bool:
    """Whether a rule uses more than g: names that it does not use begin with an underscore."""
    code = rule.__code__
    return any(not name.startswith("_") for name in code.co_varnames[1 : code.co_argcount])


def set_rules(op: Op, names: Sequence[str], rule: R) -> R:
    for name in names:
        set_rule(op, name, rule)
    return rule


def set_part(op: Op, part: str, function: R) -> R:
    setattr(op, part, function)
    return function
