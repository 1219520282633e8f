"""Cross-entropy of one class for each row, the fast path: as with weights of 1, the plain form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.ops import loss

ROWS, CLASSES = 6, 4
EXTREMES = {
    "ordinary": 0.0,
    "large": 1e4,
    "infinite": np.inf,
    "minus infinite": -np.inf,
    "nan": np.nan,
}


def logits(value: float, dtype: Any) -> np.ndarray:
    """Random ones; in one row the value stands at the target, in another beside it."""
    x = np.random.default_rng(0).normal(size=(ROWS, CLASSES)).astype(dtype)
    x[1, 1] = x[2, 0] = value
    return x


def with_gradient(x: np.ndarray, *args: Any, **options: Any) -> list[np.ndarray]:
    t = mg.Tensor(x, requires_grad=True)
    y = mg.cross_entropy(t, *args, **options)
    y.backward(np.linspace(1, 2, y.size).reshape(y.shape))
    return [y.data, t.grad.data]


@pytest.mark.parametrize("value", EXTREMES.values(), ids=EXTREMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_as_with_weights_of_one(reduction, dtype, value):
    x, target = logits(value, dtype), np.arange(ROWS) % CLASSES
    assert loss.one_class_each(x, target, None, -100, 0.0)
    found = with_gradient(x, target, reduction=reduction)
    plain = with_gradient(x, target, np.ones(CLASSES, dtype), reduction=reduction)
    tolerance = 1e-6 if dtype == np.float32 else 1e-14
    for a, b in zip(found, plain):
        assert a.dtype == b.dtype == dtype
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def test_other_cases_take_the_plain_form():
    x, target = logits(0.0, np.float64), np.zeros(ROWS, int)
    taken = [
        (x, target, None, -100, 0.1),
        (x, target, np.ones(CLASSES), -100, 0.0),
        (x, target, None, 0, 0.0),  # class 0 is the one to ignore
        (x, target - 100, None, -100, 0.0),
        (x, target + CLASSES, None, -100, 0.0),
        (x, x, None, -100, 0.0),
        (x[0], target[0], None, -100, 0.0),
        (x[:0], target[:0], None, -100, 0.0),
        (x[..., None], target[:, None], None, -100, 0.0),
    ]
    assert not any(loss.one_class_each(*case) for case in taken)


def test_labels_may_change_before_backward():
    x, target = mg.Tensor(logits(0.0, np.float64), requires_grad=True), np.zeros(ROWS, int)
    y = mg.cross_entropy(x, target)
    target[:] = 1
    y.backward()
    assert (x.grad.data[:, 0] < 0).all()


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u4", "i8", "u8", ">i4"])
def test_labels_of_every_kind_of_integer(kind):
    x, labels = logits(0.0, np.float64), np.arange(ROWS) % CLASSES
    wanted = with_gradient(x, labels)
    for a, b in zip(with_gradient(x, labels.astype(kind)), wanted):
        np.testing.assert_array_equal(a, b)
    labels[1] = CLASSES
    with pytest.raises(IndexError, match=f"target {CLASSES} is no class"):
        mg.cross_entropy(mg.Tensor(x), labels.astype(kind))


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda x: np.repeat(x, 2, 1)[:, ::2]])
def test_logits_of_every_layout(layout):
    x, labels = logits(0.0, np.float64), np.arange(ROWS) % CLASSES
    for a, b in zip(with_gradient(layout(x), labels), with_gradient(x, labels)):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("logits", "targets", "wanted"), [
    ([[1.0, 2.0, 3.0]], [-100], [[0, 0, 0]]),
    ([[0.0, 0.0], [np.nan, 1.0]], [0, -100], [[-0.5, 0.5], [0, 0]]),
])  # fmt: skip
def test_ignored_rows_have_gradient_0_however_it_is_computed(logits, targets, wanted):
    x = mg.Tensor(logits, requires_grad=True)
    y = mg.cross_entropy(x, np.array(targets))
    for create_graph in (False, True):
        (g,) = mg.grad(y, [x], create_graph=create_graph)
        np.testing.assert_array_equal(g.data, wanted)
