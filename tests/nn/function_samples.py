"""The recorded cases of nn.functional as samples: functions of the inputs that get a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import sequence_cases
from function_cases import FUNCTIONS
from module_cases import Case
from sample import Sample

from minigrad.nn import functional as F


def sample_of(case: Case) -> Sample:
    """Inputs in capitals are constants, of which every call gets a copy: some are written to."""
    free = case.differentiable()

    def f(*xs: Any) -> Any:
        constants = {k: np.array(v) for k, v in case.inputs.items() if k not in free}
        names = {"F": F, "float64": np.float64, **constants, **dict(zip(free, xs))}
        y = eval(case.expression, names)
        return y[0] if isinstance(y, tuple) else y

    return Sample(case.name, f, tuple(case.inputs[k] for k in free))


def attention_of(case: sequence_cases.Case) -> Sample:
    def f(*xs: Any) -> Any:
        return F.scaled_dot_product_attention(*xs, **case.options)

    return Sample("scaled_dot_product_attention", f, case.inputs)


SAMPLES = [
    *(sample_of(case) for case in FUNCTIONS if case.differentiable()),
    *(attention_of(c) for c in sequence_cases.CASES if c.name == sequence_cases.ATTENTION),
]
