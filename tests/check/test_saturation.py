"""Where functions saturate, their slopes are staircases of rounding errors: no cause for alarm.

1 − tanh²(10) is 8e-9, computed from numbers that are rounded to 1e-16: seen with fine steps it
stands still, and then jumps. A rule that is wrong there is still found out.
"""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F

POINTS = np.linspace(-15, 15, 31)
FUNCTIONS = {
    "tanh": mg.tanh,
    "1 − tanh": lambda x: 1 - mg.tanh(x),
    "sigmoid": mg.sigmoid,
    "softplus": F.softplus,
    "silu": F.silu,
    "gelu": F.gelu,
    "mish": F.mish,
    "elu": F.elu,
    "a gate": lambda x: mg.sigmoid(x) * mg.tanh(x),
    "exp − 1": lambda x: mg.exp(x) - 1,
    "log(1 + exp)": lambda x: mg.log(1 + mg.exp(x)),
}


@pytest.mark.parametrize("check", [mg.gradcheck, mg.gradgradcheck])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_right_rules_pass_one_point_at_a_time(name, check):
    for x in POINTS:
        assert check(FUNCTIONS[name], [mg.Tensor([x, 0.3], requires_grad=True)], rng=1), x


@pytest.mark.parametrize("x", [-29.7, -27.9, -18.4, -12.0, 17.3])
def test_a_naive_softplus_passes_where_it_has_lost_its_digits(x):
    assert mg.gradcheck(FUNCTIONS["log(1 + exp)"], mg.Tensor([x], requires_grad=True), rng=1)


@pytest.mark.parametrize("x", [-12.0, -10.0, 9.5])
@pytest.mark.parametrize("factor", [0.0, 0.99, -1.0, 2.0])
def test_wrong_rules_are_found_out_there(x, factor):
    """1 − tanh²(x), with a rule that is off by a factor."""

    class Slope(mg.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(np.tanh(x))
            return 1 - np.tanh(x) ** 2

        @staticmethod
        def backward(ctx, g):
            (y,) = ctx.saved_tensors
            return g * -2 * y * (1 - y * y) * factor

    point = mg.Tensor([x], requires_grad=True)
    assert not mg.gradcheck(Slope.apply, point, rng=1, raise_exception=False)
