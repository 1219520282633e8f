"""Bugs of reductions: what is summed, counted, shifted and shared."""

from __future__ import annotations

from .plant import Plant

CASES = ("tests/test_cases_reductions.py", "tests/ops/test_recorded.py")
REDUCE = "minigrad/ops/reduce.py"
COUNT = "math.prod(shape[i] for i in absolute(axis, len(shape)))"

PLANTS = [
    Plant(
        25,
        "sum: the gradient does not get its axis back",
        REDUCE,
        (("broadcast_to(spread(g, x.shape, axis), x.shape)", "broadcast_to(g, x.shape)"),),
        CASES,
    ),
    Plant(
        26,
        "mean: of several axes only one is counted",
        REDUCE,
        ((COUNT, COUNT.replace("axis,", "axis[0] if isinstance(axis, tuple) else axis,")),),
        CASES,
    ),
    Plant(
        27,
        "the count is an np.int64, and float32 becomes float64",
        REDUCE,
        ((COUNT, f"np.int64({COUNT})"),),
        CASES,
    ),
    Plant(
        28,
        "var: N for N − ddof",
        REDUCE,
        (("n = count(x.shape, axis) - ddof", "n = count(x.shape, axis)"),),
        CASES,
    ),
    Plant(
        29,
        "std: 0 / 0 where all entries are equal",
        REDUCE,
        (("((y + (y == 0)) * freedom(x, axis, ddof))", "(y * freedom(x, axis, ddof))"),),
        CASES,
    ),
    Plant(
        30,
        "max: equal ones all get the whole gradient",
        REDUCE,
        (("spread(g, x.shape, axis) * (chosen / ties)", "spread(g, x.shape, axis) * chosen"),),
        CASES,
    ),
    Plant(
        31,
        "prod: divides by entries that may be 0",
        REDUCE,
        (("return left * right", "return np.prod(rows, axis=-1, keepdims=True) / rows"),),
        CASES,
    ),
    Plant(
        32,
        "softmax: without the sum",
        "minigrad/ops/activation.py",
        (("y * (g - inner(g, y, axis))", "y * g"),),
        ("tests/test_cases_losses.py", *CASES),
    ),
    Plant(
        33,
        "log Σ exp: not shifted",
        REDUCE,
        (("top = np.where(np.isfinite(top), top, 0)", "top = np.zeros_like(top)"),),
        CASES,
    ),
    Plant(
        34,
        "cumsum: summed from the same end",
        REDUCE,
        (("np.flip(cumsum(np.flip(g, along), along), along)", "cumsum(g, along)"),),
        CASES,
    ),
]
