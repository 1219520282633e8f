"""Bugs of functions that work entry by entry."""

from __future__ import annotations

from .plant import Plant

CASES = ("tests/test_cases_elementwise.py", "tests/ops/test_recorded.py")
ELEMENTWISE = "minigrad/ops/elementwise.py"
PIECEWISE = "minigrad/ops/piecewise.py"
ACTIVATION = "minigrad/ops/activation.py"

PLANTS = [
    Plant(
        13,
        "aᵇ: the derivative in a lacks the factor b",
        ELEMENTWISE,
        (("g * (b * power(a, b - (b != 0)))", "g * power(a, b - (b != 0))"),),
        CASES,
    ),
    Plant(
        14,
        "aᵇ: the derivative in b takes ln 0",
        ELEMENTWISE,
        (("np.log(np.where((a == 0) & (b >= 0), 1, a))", "np.log(a)"),),
        CASES,
    ),
    Plant(
        15,
        "a / b: the sign of the derivative in b",
        ELEMENTWISE,
        (("b=lambda g, y, a, b: -g * y / b)", "b=lambda g, y, a, b: g * y / b)"),),
        CASES,
    ),
    Plant(16, "√x: the factor 2", ELEMENTWISE, (("g / (y + y)", "g / y"),), CASES),
    Plant(
        17, "tanh: 1 − x² for 1 − y²", ELEMENTWISE, (("g * (1 - y * y)", "g * (1 - x * x)"),), CASES
    ),
    Plant(
        18,
        "sigmoid: a plain exp(−x)",
        ACTIVATION,
        (
            (
                "small = exp_down(-np.abs(x))\n    return np.maximum(small, x >= 0) / (1 + small)",
                "return 1 / (1 + np.exp(-x))",
            ),
        ),
        CASES,
    ),
    Plant(19, "ReLU: ≥ for >", ACTIVATION, (("kept(g, y != 0)", "kept(g, x >= 0)"),), CASES),
    Plant(
        20,
        "clip: no derivative at the bounds",
        PIECEWISE,
        (("else x >= low", "else x > low"), ("else x <= high", "else x < high")),
        CASES,
    ),
    Plant(
        21,
        "where: both branches get the whole gradient",
        PIECEWISE,
        (("chosen(condition, g, 0)", "g"), ("chosen(condition, 0, g)", "g")),
        CASES,
    ),
    Plant(
        22,
        "maximum: equal ones get the gradient twice",
        PIECEWISE,
        (
            (
                "a=lambda g, y, a, b: unbeaten(g, b > a, b >= a)",
                "a=lambda g, y, a, b: g * (a >= b)",
            ),
            (
                "b=lambda g, y, a, b: unbeaten(g, a > b, a >= b)",
                "b=lambda g, y, a, b: g * (b >= a)",
            ),
        ),
        CASES,
    ),
    Plant(
        23,
        "|x|: the derivative at 0 is 1",
        PIECEWISE,
        (("g * np.sign(x)", "g * np.where(x >= 0, 1, -1)"),),
        CASES,
    ),
    Plant(
        24,
        "softplus: no threshold",
        ACTIVATION,
        (("chosen(steep > threshold, x, smooth)", "smooth"),),
        CASES,
    ),
]
