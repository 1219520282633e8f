"""How much the forms of lecture and literature differ: f(w) = w², w₀ = 1, lr = 0.1."""

import math

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.optim import (
    DECK,
    GD,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    RMSprop,
)

TABLE = [
    (GD, {}, [0.8, 0.64, 0.512]),
    (SGD, {}, [0.8, 0.64, 0.512]),
    (SGD, {"momentum": 0.9}, [0.8, 0.46, 0.062]),
    (SGD, {"momentum": 0.9, "lr_in_velocity": True}, [0.8, 0.46, 0.062]),
    (SGD, {"momentum": 0.9, "nesterov": True}, [0.62, 0.2224, -0.108352]),
    (SGD, {"momentum": 0.9, "dampening": 0.5}, [0.8, 0.54, 0.252]),
    (SGD, {"weight_decay": 0.5}, [0.75, 0.5625, 0.421875]),
    (Adagrad, {}, [0.900000000005, 0.833103526845, 0.780456181357]),
    (Adagrad, {"lr_decay": 0.5}, [0.900000000005, 0.855402351232, 0.828575038417]),
    (Adagrad, DECK["Adagrad"], [0.900000125000, 0.833103692903, 0.780456368474]),
    (Adagrad, {"eps": 1e-5}, [0.900000499997, 0.833104254920, 0.780457051984]),
    (RMSprop, {}, [0.000000050000, -0.000000000252, 0.000000000003]),
    (RMSprop, DECK["RMSprop"], [0.683777233904, 0.498877216991, 0.369187689308]),
    (
        RMSprop,
        {"alpha": 0.9, "centered": True},
        [0.666666672222, 0.465567681629, 0.323569409729],
    ),
    (
        RMSprop,
        {"alpha": 0.9, "momentum": 0.9},
        [0.683772238983, 0.214265628592, -0.268256739115],
    ),
    (Adadelta, {"lr": 1.0}, [0.996837726293, 0.993598174078, 0.990309045658]),
    (Adadelta, DECK["Adadelta"], [0.683776186756, 0.498875546288, 0.369185733244]),
    (Adam, {}, [0.900000000500, 0.800412228692, 0.701586272946]),
    (Adam, DECK["Adam"], [0.683822226079, 0.270306534588, -0.162005674070]),
    (Adam, {"weight_decay": 0.5}, [0.900000000400, 0.800412228488, 0.701586272634]),
    (AdamW, {}, [0.899000000500, 0.798519027169, 0.698911183158]),
    (AdamW, {"weight_decay": 0.5}, [0.850000000500, 0.708248443360, 0.574973930742]),
]
PRINTED = 5.1e-13  # twelve digits after the point


def descend(optimizer_class, keywords, lrs=(0.1, 0.1, 0.1)):
    w = Tensor(1.0, requires_grad=True)
    optimizer = optimizer_class([w], **{"lr": lrs[0], **keywords})
    path = []
    for lr in lrs:
        if "lr" not in keywords:
            optimizer.param_groups[0]["lr"] = lr
        optimizer.zero_grad()
        (w * w).backward()
        optimizer.step()
        path.append(w.item())
    return path


def numbers_of_the_cases():
    """OPT-01 … OPT-20 are the rows in their order; OPT-38 is the decay of Adam and of AdamW."""
    for row, (optimizer_class, keywords, _) in enumerate(TABLE, 1):
        decay = "_38" if keywords == {"weight_decay": 0.5} and optimizer_class is not SGD else ""
        yield f"OPT_{min(row, 20):02d}{decay}_{optimizer_class.__name__}"


@pytest.mark.parametrize(
    ("optimizer_class", "keywords", "expected"), TABLE, ids=numbers_of_the_cases()
)
def test_three_steps(optimizer_class, keywords, expected):
    np.testing.assert_allclose(descend(optimizer_class, keywords), expected, rtol=0, atol=PRINTED)


def test_adadelta_default_learning_rate_is_one():
    w = Tensor(1.0, requires_grad=True)
    optimizer = Adadelta([w])
    (w * w).backward()
    optimizer.step()
    assert optimizer.param_groups[0]["lr"] == 1.0
    assert w.item() == pytest.approx(0.996837726293, abs=PRINTED)


def test_OPT_21_velocity_with_and_without_learning_rate_differ_once_it_changes():
    lrs = (0.1, 0.1, 0.01, 0.01)
    outside = descend(SGD, {"momentum": 0.9}, lrs)
    inside = descend(SGD, {"momentum": 0.9, "lr_in_velocity": True}, lrs)
    np.testing.assert_allclose(outside, [0.8, 0.46, 0.4202, 0.375976], rtol=0, atol=1e-15)
    np.testing.assert_allclose(inside, [0.8, 0.46, 0.1448, -0.141776], rtol=0, atol=1e-15)


def test_nesterov_with_the_learning_rate_inside_looks_ahead():
    # v ← ρ v + lr g, θ ← θ − (lr g + ρ v)
    path = descend(SGD, {"momentum": 0.9, "nesterov": True, "lr_in_velocity": True}, (0.1, 0.01))
    v = 0.9 * 0.2 + 0.01 * 1.24
    assert path == pytest.approx([0.62, 0.62 - (0.01 * 1.24 + 0.9 * v)], abs=1e-15)


@pytest.mark.parametrize("name", DECK)
def test_deck_gives_the_formula_on_the_slide(name):
    """The lecture's formulas as they stand there, over ten steps."""
    rng = np.random.default_rng(1)
    gradients = rng.standard_normal((10, 4))
    w = Tensor(np.zeros(4), requires_grad=True)
    classes = {c.__name__: c for c in (GD, SGD, Adagrad, RMSprop, Adadelta, Adam)}
    optimizer = classes[name]([w], lr=0.1, **DECK[name])
    theta, m, v = np.zeros(4), np.zeros(4), np.zeros(4)
    for g in gradients:
        w.grad = Tensor(g)
        optimizer.step()
        if name in ("GD", "SGD"):
            theta = theta - 0.1 * g
        elif name == "Adagrad":
            v = v + g**2
            theta = theta - 0.1 / np.sqrt(v + 1e-5) * g
        elif name == "RMSprop":
            v = 0.9 * v + 0.1 * g**2
            theta = theta - 0.1 * g / (np.sqrt(v) + 1e-5)
        elif name == "Adadelta":
            v = 0.9 * v + 0.1 * g**2
            theta = theta - 0.1 / np.sqrt(v + 1e-5) * g
        else:
            m = 0.9 * m + (1 - 0.9) * g
            v = 0.999 * v + (1 - 0.999) * g**2
            theta = theta - 0.1 / (np.sqrt(v) + 1e-5) * m
        np.testing.assert_allclose(w.data, theta, rtol=1e-13)


def test_rmsprop_with_eps_inside():
    w = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = RMSprop([w], lr=0.1, alpha=0.9, eps=1e-2, eps_inside_sqrt=True)
    g = np.array([0.3, -0.01])
    w.grad = Tensor(g)
    optimizer.step()
    np.testing.assert_allclose(w.data, [1, 2] - 0.1 * g / np.sqrt(0.1 * g * g + 1e-2), rtol=1e-15)


def test_uncorrected_adam_steps_are_longer_by_the_factor_in_its_docstring():
    steps = {}
    for corrected in (True, False):
        w = Tensor(0.0, requires_grad=True)
        optimizer = Adam([w], lr=1.0, eps=0, bias_correction=corrected)
        path = [0.0]
        for _ in range(12):
            w.grad = Tensor(1.0)
            optimizer.step()
            path.append(w.item())
        steps[corrected] = -np.diff(path)
    ratio = steps[False] / steps[True]
    t = np.arange(1, 13)
    np.testing.assert_allclose(ratio, (1 - 0.9**t) / np.sqrt(1 - 0.999**t), rtol=1e-12)
    assert ratio[0] == pytest.approx(math.sqrt(10), abs=0.01)
    assert ratio[-1] == pytest.approx(6.57, abs=0.005)


def test_centered_rmsprop_survives_a_constant_gradient():
    # the variance tends to 0, and rounding makes it negative
    w = Tensor([0.0], requires_grad=True)
    optimizer = RMSprop([w], alpha=0.5, centered=True)
    for _ in range(200):
        w.grad = Tensor([0.1])
        optimizer.step()
        assert np.isfinite(w.data).all()


def test_deck_has_the_optimizers_of_the_lecture():
    assert list(DECK) == ["GD", "SGD", "Adagrad", "RMSprop", "Adadelta", "Adam"]
