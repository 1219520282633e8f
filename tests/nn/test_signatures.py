"""Every module and function takes PyTorch's arguments, in its order, with its defaults."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from minigrad import nn

RECORDED: dict[str, dict[str, dict[str, str]]] = json.loads(
    Path(__file__).with_name("recorded_signatures.json").read_text()
)
# What PyTorch has given up, and what it needs for its devices and its warnings.
LEFT_OUT = {"size_average", "reduce", "min_value", "max_value", "device", "out", "_stacklevel"}
# PyTorch guesses the axis, and warns.
OTHER_DEFAULTS: dict[tuple[str, str], Any] = {
    ("Softmax", "dim"): -1, ("LogSoftmax", "dim"): -1, ("softmax", "dim"): -1,
    ("log_softmax", "dim"): -1, ("ModuleList", "modules"): (), ("ModuleDict", "modules"): (),
}  # fmt: skip


def pairs(kind: str, home: Any) -> list[Any]:
    recorded = RECORDED[kind].items()
    return [pytest.param(getattr(home, name), args, id=name) for name, args in recorded]


@pytest.mark.parametrize(("ours", "recorded"), pairs("nn", nn) + pairs("F", nn.functional))
def test_arguments_order_and_defaults_are_pytorchs(ours, recorded):
    parameters = inspect.signature(ours).parameters
    for name, text in recorded.items():
        if name in LEFT_OUT:
            continue
        assert name in parameters
        default = parameters[name].default
        if text:
            wanted = OTHER_DEFAULTS.get((ours.__name__, name), ast.literal_eval(text))
            assert default == wanted, name
        else:
            assert default is inspect.Parameter.empty, name
    positional = [k for k, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    theirs = list(recorded)[: len(positional)]
    assert not recorded or positional == theirs


def test_the_recording_has_everything_that_is_not_ours_alone():
    assert set(RECORDED["F"]) == set(nn.functional.__all__)
    classes = {name for name in nn.__all__ if inspect.isclass(getattr(nn, name))}
    assert set(RECORDED["nn"]) == classes
