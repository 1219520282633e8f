"""Hard cases of cross-entropy, batch and layer normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gradients import assert_close, value_and_grads

import minigrad as mg
from minigrad.ops.norm import Moments

inf, nan = np.inf, np.nan


def loss_and_grad(x: Any, target: Any, *args: Any, **options: Any) -> tuple[Any, Any]:
    """The cross-entropy of logits x, and its gradient with respect to them."""
    y, dx = value_and_grads(lambda t: mg.cross_entropy(t, np.asarray(target), *args, **options), x)
    return y, dx


# id, logits, target, options, loss, gradient
CASES: list[tuple[str, Any, Any, dict[str, Any], Any, Any]] = [
    ("LOS_01_sure_and_right", [[1000, 0]], [0], {}, 0, [[0, 0]]),
    ("LOS_01_sure_and_wrong", [[1000, 0]], [1], {}, 1000, [[1, -1]]),
    ("LOS_02_all_ignored_mean", [[1, 0], [0, 1]], [-100, -100], {}, nan, [[0, 0], [0, 0]]),
    ("LOS_02_all_ignored_sum", [[1, 0], [0, 1]], [-100, -100], {"reduction": "sum"}, 0,
     [[0, 0], [0, 0]]),
    ("LOS_02_all_ignored_none", [[1, 0], [0, 1]], [-100, -100], {"reduction": "none"}, [0, 0],
     [[0, 0], [0, 0]]),
    ("LOS_03_one_ignored", [[1, 0], [5, 7]], [0, -100], {}, 0.31326168751822286,
     [[-0.2689414213699951, 0.2689414213699951], [0, 0]]),
    ("LOS_03_own_index", [[1, 0], [5, 7]], [0, 1], {"ignore_index": 1}, 0.31326168751822286,
     [[-0.2689414213699951, 0.2689414213699951], [0, 0]]),
    ("LOS_04_ignored_row_of_minus_inf", [[1, 0], [-inf, -inf]], [0, -100], {}, 0.31326168751822286,
     [[-0.2689414213699951, 0.2689414213699951], [0, 0]]),
    ("LOS_04_ignored_row_of_nan", [[1, 0], [nan, 2]], [0, -100], {}, 0.31326168751822286,
     [[-0.2689414213699951, 0.2689414213699951], [0, 0]]),
    ("LOS_07_label_smoothing", [[1, 0]], [0], {"label_smoothing": 0.1}, 0.3632616875182229,
     [[-0.2189414213699951, 0.2189414213699951]]),
    ("LOS_08_probabilities", [[1, 0]], [[0.3, 0.7]], {}, 1.0132616875182228,
     [[0.4310585786300049, -0.4310585786300049]]),
    ("LOS_08_a_class_that_is_impossible", [[0, -inf]], [[1.0, 0.0]], {}, 0, [[0, 0]]),
    ("LOS_10_empty_batch", np.ones((0, 3)), np.ones(0, int), {}, nan, np.ones((0, 3))),
    ("LOS_10_empty_batch_sum", np.ones((0, 3)), np.ones(0, int), {"reduction": "sum"}, 0,
     np.ones((0, 3))),
]  # fmt: skip


@pytest.mark.parametrize("x, target, options, loss, grad", [c[1:] for c in CASES],
                         ids=[c[0] for c in CASES])  # fmt: skip
def test_value_and_gradient(x, target, options, loss, grad):
    y, dx = loss_and_grad(x, target, **options)
    assert_close(y, loss)
    assert_close(dx, grad)


@pytest.mark.parametrize("target", [2, -1])
def test_LOS_05_a_target_that_is_no_class(target):
    with pytest.raises(IndexError, match=f"target {target} "):
        mg.cross_entropy(mg.Tensor([[1.0, 0.0]]), np.array([target]))


def test_LOS_06_the_mean_divides_by_the_weights_of_the_targets():
    y, _ = loss_and_grad([[1, 0], [1, 0]], [0, 1], np.array([1.0, 3.0]))
    assert_close(y, 1.0632616875182228)


def test_LOS_09_float_class_indices_are_the_wrong_kind():
    with pytest.raises(TypeError, match="float64"):
        mg.cross_entropy(mg.Tensor(np.ones((2, 3))), np.array([0.0, 1.0]))


@pytest.mark.parametrize("target", [np.array([0, 1, 2]), np.ones((3, 3))], ids=["index", "prob"])
def test_LOS_09_another_batch_size(target):
    with pytest.raises(ValueError, match=r"(?=.*\(2, 3\))(?=.*\(3,.*\))"):
        mg.cross_entropy(mg.Tensor(np.ones((2, 3))), target)


def test_LOS_15_an_unknown_reduction():
    with pytest.raises(ValueError, match="'avg'"):
        mg.cross_entropy(mg.Tensor([[1.0, 0.0]]), np.array([0]), reduction="avg")


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 5)], ids=str)
def test_LOS_17_cross_entropy_by_log_softmax_and_by_one_hot_targets(shape):
    rng = np.random.default_rng(0)
    x = 3 * rng.normal(size=shape)
    target = rng.integers(3, size=(shape[0], *shape[2:]))
    one_hot = np.moveaxis(np.eye(3)[target], -1, 1)

    def picked(t):
        return -mg.mean(mg.take_along_axis(mg.log_softmax(t, 1), target[:, None], 1))

    forms = [
        loss_and_grad(x, target),
        loss_and_grad(x, one_hot),
        value_and_grads(picked, x),
        value_and_grads(lambda t: -mg.sum(one_hot * mg.log_softmax(t, 1)) / target.size, x),
    ]
    for y, dx in forms[1:]:
        np.testing.assert_allclose(y, forms[0][0], rtol=1e-14)
        np.testing.assert_allclose(dx, forms[0][1], rtol=1e-13, atol=1e-15)


def test_LOS_18_float32_of_a_million_samples():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1_000_000, 2)).astype(np.float32)
    target = rng.integers(2, size=1_000_000)
    exact = mg.cross_entropy(mg.Tensor(x.astype(float)), target).item()
    y = mg.cross_entropy(mg.Tensor(x), target)
    assert y.dtype == np.float32
    assert y.item() == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("smoothing", [0.1, np.float64(0.1)], ids=["float", "float64"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_LOS_18_float32_stays(reduction, smoothing):
    x = mg.Tensor(np.float32([[1, 2], [3, 1]]), requires_grad=True)
    y = mg.cross_entropy(x, np.array([0, 1]), np.array([1.0, 2.0]), reduction=reduction,
                         label_smoothing=smoothing)  # fmt: skip
    y.backward(np.ones(y.shape))
    assert y.dtype == x.grad.dtype == np.float32


# --- Normalisation ---

COLUMN = np.array([[1.0], [2.0], [3.0], [4.0]])
OUTER, INNER = 1.341635419968927, 0.447211806656309


def test_NRM_01_batch_norm():
    y, _ = value_and_grads(mg.batch_norm, COLUMN)
    assert_close(y.ravel(), [-OUTER, -INNER, INNER, OUTER])


def test_NRM_01_the_moments_are_those_that_running_averages_need():
    _, saved = mg.batch_norm.with_saved(mg.Tensor(COLUMN))
    moments = next(part for part in saved if isinstance(part, Moments))
    assert_close(0.1 * moments.mean, [0.25])
    assert_close(0.9 + 0.1 * moments.var * 4 / 3, [1.0666666666666667])


def test_NRM_02_batch_norm_with_given_moments():
    moments = Moments(np.array([0.25]), np.array([1.0666666666666667]))
    y, _ = value_and_grads(lambda x: mg.batch_norm(x, moments=moments), [[1]])
    assert_close(y, [[0.7261809734485556]])


@pytest.mark.parametrize("shape", [(1, 3), (1, 2, 1), (1, 2, 1, 1)], ids=str)
def test_NRM_03_one_value_per_channel_has_no_spread(shape):
    with pytest.raises(ValueError, match="more than 1 value") as error:
        mg.batch_norm(mg.Tensor(np.ones(shape)))
    assert str(shape) in str(error.value)


def test_NRM_03_several_values_of_one_image_do():
    y, _ = value_and_grads(mg.batch_norm, [[[[1, 2], [3, 4]]]])
    assert_close(y.ravel(), [-OUTER, -INNER, INNER, OUTER])


@pytest.mark.parametrize(
    "mode, grad",
    [("var", [210.81851067789195, -105.40925533894598, -105.40925533894598]),
     ("std", [66666.666666666667, -33333.333333333333, -33333.333333333333])],
)  # fmt: skip
def test_NRM_05_a_constant_channel(mode, grad):
    y, dx = value_and_grads(
        lambda x: mg.batch_norm(x, eps_mode=mode), [[1], [1], [1]], g=[[1], [0], [0]]
    )
    assert_close(y.ravel(), [0, 0, 0])
    assert_close(dx.ravel(), grad)


@pytest.mark.parametrize(
    "mode, grad",
    [("var", [0.4581645834, -0.6872400027, 0.2290754193]),
     ("std", [0.4581633534, -0.6872364589, 0.2290731054])],
)  # fmt: skip
def test_NRM_06_gradients(mode, grad):
    _, dx, dgamma, dbeta = value_and_grads(
        lambda x, gamma, beta: mg.batch_norm(x, gamma, beta, eps_mode=mode),
        [[1], [2], [4]], [2], [0.5], g=[[1], [0], [0]],
    )  # fmt: skip
    np.testing.assert_allclose(dx.ravel(), grad, rtol=0, atol=1e-10)
    by_hand = -4 / 3 / (np.sqrt(14 / 9) + 1e-5)  # (1 − μ) / (σ + ε)
    assert_close(dgamma, [-1.0690415314502977 if mode == "var" else by_hand])
    assert_close(dbeta, [1])


def test_NRM_07_the_lectures_epsilon():
    y, _ = value_and_grads(lambda x: mg.batch_norm(x, eps_mode="std"), COLUMN)
    outer, inner = 1.341628786607204, 0.44720959553573464
    assert_close(y.ravel(), [-outer, -inner, inner, outer])


@pytest.mark.parametrize("value", [1e8, 0.1])
@pytest.mark.parametrize("norm", ["batch_norm", "layer_norm"])
def test_NRM_08_a_constant_in_float32_is_exactly_0(norm, value):
    shape = (7, 2) if norm == "batch_norm" else (2, 7)
    y = getattr(mg, norm)(mg.Tensor(np.full(shape, value, np.float32)))
    assert y.dtype == np.float32 and np.all(y.data == 0)


@pytest.mark.parametrize("norm", ["batch_norm", "layer_norm"])
def test_NRM_09_a_small_spread_about_a_large_mean_in_float32(norm):
    x = np.float32(1e4) + np.arange(3, dtype=np.float32)
    y = getattr(mg, norm)(mg.Tensor(x.reshape((3, 1) if norm == "batch_norm" else (1, 3))))
    np.testing.assert_allclose(y.data.ravel(), [-1.2247357, 0, 1.2247357], rtol=0, atol=1e-6)


def test_NRM_10_another_number_of_features():
    with pytest.raises(ValueError, match=r"(?s)(?=.*4)(?=.*2)"):
        mg.batch_norm(mg.Tensor(np.ones((3, 4))), mg.ones(2))
    with pytest.raises(ValueError, match=r"(?s)(?=.*4)(?=.*2)"):
        mg.layer_norm(mg.Tensor(np.ones((3, 4))), mg.ones(2))


def test_NRM_11_given_moments_do_not_couple_the_samples():
    moments = Moments(np.array([0.0]), np.array([1.0]))
    _, dx = value_and_grads(lambda x: mg.batch_norm(x, moments=moments), [[1], [3]], g=[[1], [0]])
    assert_close(dx, [[0.9999950000374997], [0]])


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 2, 2)], ids=str)
def test_NRM_12_an_empty_batch(shape):
    moments = Moments(np.zeros(3), np.ones(3))
    y, dx, dgamma, dbeta = value_and_grads(
        lambda x, gamma, beta: mg.batch_norm(x, gamma, beta, moments=moments),
        np.ones(shape), np.ones(3), np.ones(3),
    )  # fmt: skip
    assert y.shape == dx.shape == shape
    assert_close(dgamma, [0, 0, 0])
    assert_close(dbeta, [0, 0, 0])


def test_NRM_14_layer_norm():
    y, _ = value_and_grads(mg.layer_norm, [[1, 2, 3, 4]])
    assert_close(y, [[-OUTER, -INNER, INNER, OUTER]])


@pytest.mark.parametrize("norm", [mg.batch_norm, mg.layer_norm], ids=["batch", "layer"])
@pytest.mark.parametrize("eps", [1e-3, np.float64(1e-3)], ids=["float", "float64"])
def test_NRM_09_float32_stays(norm, eps):
    x, gamma, beta = (
        mg.Tensor(v, requires_grad=True)
        for v in (np.float32([[1, 2], [3, 1]]), np.float32([1, 2]), np.float32([0, 1]))
    )
    y = norm(x, gamma, beta, eps=eps)
    y.backward(np.ones((2, 2)))
    assert y.dtype == x.grad.dtype == gamma.grad.dtype == beta.grad.dtype == np.float32
