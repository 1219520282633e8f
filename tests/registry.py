"""Every public function that is differentiable, and the samples that there are of it.

The tables stand in ops/samples_*.py and, for nn.functional, in nn/function_cases.py and
nn/sequence_cases.py. What is public and not listed in NOT_DIFFERENTIABLE must have samples.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from statistics import median

import minigrad as mg
from minigrad.nn import functional as F

sys.path.extend(str(Path(__file__).parent / folder) for folder in ("", "ops", "nn"))

import function_samples
import samples
from sample import Sample

NOT_DIFFERENTIABLE = {
    "mg": """
        DotNotFound Drawing Function GradcheckError History LoadError Report Steps Tensor Value
        arange argmax argmin backward_steps check_graph compile conv_backward_figure
        detect_anomaly draw enable_grad explain eye find_dot fit from_numpy full full_like
        get_rng_state grad gradcheck gradgradcheck hessian hvp is_grad_enabled jacobian jvp linspace
        load manual_seed no_grad numerical_gradient numerical_jacobian ones ones_like primitive
        rand randint randn save set_rng_state steps table tensor value_and_grad vjp why_no_grad
        zeros zeros_like
    """.split(),
    "F": ["one_hot"],
    "Tensor": """
        argmax argmin backward detach item numpy register_hook requires_grad_ retain_grad tolist
        touch zero_grad
    """.split(),
}

ALIASES = {"amax": "max", "amin": "min"}  # two names of one function


def public_functions() -> dict[str, list[str]]:
    """The names of what can be differentiated, by where it is found."""
    methods = [name for name in vars(mg.Tensor) if not name.startswith("_")]
    found = {
        "mg": [name for name in mg.__all__ if callable(getattr(mg, name))],
        "linalg": list(mg.linalg.__all__),
        "F": list(F.__all__),
        "Tensor": [name for name in methods if callable(getattr(mg.Tensor, name))],
    }
    for home, others in NOT_DIFFERENTIABLE.items():
        found[home] = [name for name in found[home] if name not in others]
    return found


@cache
def samples_of() -> dict[str, list[Sample]]:
    """The samples of each public function, by where it is found and its name: mg.exp, F.relu.

    A function, a method and NumPy's function of one name are one, and have one table.
    """
    return {
        f"{home}.{name}": [s for s in tables(home) if s.name == ALIASES.get(name, name)]
        for home, names in public_functions().items()
        for name in names
    }


def tables(home: str) -> list[Sample]:
    return function_samples.SAMPLES if home == "F" else samples.SAMPLES


def numbers() -> dict[str, int]:
    """How many there are, by what is counted."""
    counts = [len(found) for found in samples_of().values()]
    return {
        "samples": len(samples.SAMPLES) + len(function_samples.SAMPLES),
        "functions with samples": sum(count > 0 for count in counts),
        "functions without samples": sum(count == 0 for count in counts),
        "samples of a function, median": int(median(counts)),
    }
