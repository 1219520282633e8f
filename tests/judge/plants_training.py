"""Bugs of optimizers, state and data."""

from __future__ import annotations

from .plant import Plant

OPTIMIZERS = ("tests/optim/test_optimizer.py", "tests/optim/test_recorded_optim.py")
LECTURE = "minigrad/optim/lecture.py"

PLANTS = [
    Plant(
        60,
        "Adam: no correction of the bias",
        LECTURE,
        (
            (
                '(1 - beta1 ** s["step"], 1 - beta2 ** s["step"]) if h.bias_correction else (1, 1)',
                "(1, 1)",
            ),
        ),
        OPTIMIZERS,
    ),
    Plant(
        61,
        "Adam: ε inside of the root",
        LECTURE,
        (("root(v, h.eps * c2**0.5, out=a)", "root(v, h.eps * c2, inside=True, out=a)"),),
        OPTIMIZERS,
    ),
    Plant(
        62,
        "AdamW: decay through the gradient",
        "minigrad/optim/variants.py",
        (("decoupled_weight_decay=True,", "decoupled_weight_decay=False,"),),
        OPTIMIZERS,
    ),
    Plant(
        63,
        "Nesterov: no look ahead",
        LECTURE,
        (
            (
                "return np.add(g, np.multiply(v, h.momentum, out=a), out=a) if h.nesterov else v",
                "return v",
            ),
        ),
        OPTIMIZERS,
    ),
    Plant(
        64,
        "Adadelta: a step by the average that it has just changed",
        LECTURE,
        (
            (
                '            delta *= root(s["acc_delta"], h.eps, inside=True, out=b)\n',
                "            unscaled = delta.copy()\n"
                '            delta *= root(s["acc_delta"], h.eps, inside=True, out=b)\n',
            ),
            (
                "        delta *= h.lr\n",
                '            delta = unscaled * root(s["acc_delta"], h.eps, inside=True, out=b)\n'
                "        delta *= h.lr\n",
            ),
        ),
        OPTIMIZERS,
    ),
    Plant(
        65,
        "load_state_dict: keeps the arrays it was given",
        "minigrad/nn/state.py",
        (("targets[k].data[...] = array", "targets[k]._data = array"),),
        ("tests/nn/test_state_dicts.py", "tests/nn/test_modules.py"),
    ),
    Plant(
        66,
        "shuffle: draws with replacement",
        "minigrad/data/sampler.py",
        (("[rng.permutation(n) for", "[rng.integers(n, size=n) for"),),
        ("tests/data/test_sampler.py", "tests/data/test_loader.py"),
    ),
]
