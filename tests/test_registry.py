"""Every public function that is differentiable has samples, and there are many of all kinds."""

from __future__ import annotations

import numpy as np
import pytest
import scores
from registry import ALIASES, NOT_DIFFERENTIABLE, public_functions, samples_of

import minigrad as mg
from minigrad.nn import functional as F

COUNTED = scores.numbers()


@pytest.mark.parametrize("name", samples_of())
def test_every_public_function_has_samples(name):
    assert samples_of()[name], f"write some in tests/ops/samples_*.py or tests/nn for {name}"


def test_there_are_many():
    assert COUNTED["samples"] >= 1500
    assert COUNTED["samples of a function, median"] >= 8
    assert COUNTED["functions without samples"] == 0
    assert COUNTED["functions with samples"] == sum(map(len, public_functions().values()))
    assert COUNTED["cases held"] + COUNTED["cases left out"] == 376


def test_what_is_said_to_have_no_derivative_is_public():
    public = {"mg": mg.__all__, "F": F.__all__, "Tensor": dir(mg.Tensor)}
    for home, names in NOT_DIFFERENTIABLE.items():
        assert set(names) <= set(public[home])


def test_aliases_are_the_same_function():
    for name, other in ALIASES.items():
        assert getattr(mg, name) is getattr(mg, other)


KINDS = {
    "numbers": lambda xs: any(x.ndim == 0 for x in xs),
    "nothing": lambda xs: any(x.size == 0 for x in xs),
    "vectors": lambda xs: any(x.ndim == 1 for x in xs),
    "three axes and more": lambda xs: any(x.ndim >= 3 for x in xs),
    "broadcast": lambda xs: len({x.shape for x in xs}) > 1,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_input_is_among_them(kind):
    found = [s for of_one in samples_of().values() for s in of_one if KINDS[kind](s.inputs)]
    assert len(found) >= 100


def test_inputs_are_float64_so_that_float32_is_made_of_them():
    dtypes = {x.dtype for of_one in samples_of().values() for s in of_one for x in s.inputs}
    assert dtypes == {np.dtype(float), np.dtype(int), np.dtype(bool)}
