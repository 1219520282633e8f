"""The line of advice on a wrong gradient, word by word."""

import numpy as np
import pytest
from faulty import exp, keep, op

from minigrad.check import gradcheck

LINES = {
    "factor 0.250 everywhere = 1/4": exp(lambda g, y, x: g * y / 4),
    "factor 1.0001 everywhere: right but for a little; is some number written with too few "
    "digits?": exp(lambda g, y, x: 1.0001 * g * y),
    "factor 1/y everywhere, where y is the output: multiply by y?": exp(lambda g, y, x: g),
    "factor 2.000 · x² everywhere, where x is input 0: divide by x²?": exp(
        lambda g, y, x: 2 * g * x * x * y
    ),
    "no known pattern: analytic − numeric = -1.000; is a term left out, or its sign lost?": op(
        lambda x: np.expm1(x), x=lambda g, y, x: g * y
    ),
    "no known pattern: analytic − numeric = 2.000 · y², where y is the output; is a term left "
    "out, or its sign lost?": op(lambda x: np.tanh(x), x=lambda g, y, x: g * (1 + y * y)),
    "no known pattern: wrong only at index 1 of axis 0, right elsewhere; there by the factor "
    "3.000": exp(lambda g, y, x: g * y * np.array([[1], [3], [1]])),
    "no known pattern: wrong only where x < 0, right elsewhere; there it is 0": op(
        lambda x: np.where(x > 0, x, 0.1 * x), x=lambda g, y, x: g * (x > 0)
    ),
    "no known pattern: wrong only where x < 0, right elsewhere; there it must be 0": op(
        lambda x: np.maximum(x, 0), x=lambda g, y, x: g
    ),
    "no known pattern: 0 where there is a slope, and not 0 where there is none: is a mask turned "
    "round?": op(lambda x: np.maximum(x, 0), x=lambda g, y, x: g * (x < 0)),
    "no known pattern: the output does not depend on this input here, so its gradient must be 0": (
        op(lambda x: np.floor(x), x=lambda g, y, x: g)
    ),
    "no known pattern: what an output owes to its own entry is right, what it owes to others is "
    "not; is a sum over the others missing, as in softmax?": op(
        lambda x: np.exp(x) / keep(np.exp(x)), x=lambda g, y, x: g * y * (1 - y)
    ),
    "no known pattern": exp(lambda g, y, x: g * np.sin(x)),
}


@pytest.mark.parametrize("line", LINES)
def test_the_line_of_advice(line):
    x = np.array([[-1.1, 0.7, -0.4, 1.6], [0.3, -0.8, 1.3, -1.7], [0.5, 1.1, -0.6, 0.9]])
    report = gradcheck(LINES[line], x, raise_exception=False)
    assert [said.advice for _, said in report.diagnoses] == [line]
