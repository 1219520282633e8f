"""Losses: hard cases, errors, and gradients in the target; values are recorded from PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn
from minigrad.nn import functional as F

LOSSES = [nn.MSELoss, nn.L1Loss, nn.SmoothL1Loss, nn.HuberLoss, nn.BCELoss, nn.BCEWithLogitsLoss,
          nn.KLDivLoss]  # fmt: skip


def value_and_grad(loss, x, *args):
    x = Tensor(x, requires_grad=True, dtype=float)
    y = loss(x, *args)
    y.backward(np.ones(y.shape))
    return y.data, x.grad.data


@pytest.mark.parametrize("loss", LOSSES)
def test_LOS_13_shapes_must_be_equal(loss):
    with pytest.raises(ValueError, match=r"\(4, 1\).*\(4,\)"):
        loss()(np.full((4, 1), 0.5), np.full(4, 0.5))


@pytest.mark.parametrize("loss", [*LOSSES, nn.CrossEntropyLoss, nn.NLLLoss])
def test_LOS_15_an_unknown_reduction(loss):
    with pytest.raises(ValueError, match=rf"{loss.__name__}: reduction is 'avg', wanted.*'mean'"):
        loss(reduction="avg")


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss", "binary_cross_entropy",
                                  "kl_div", "nll_loss", "cross_entropy"])  # fmt: skip
def test_LOS_15_an_unknown_reduction_of_the_function(name):
    with pytest.raises(ValueError, match="'avg'"):
        getattr(F, name)(np.full((2, 2), 0.5), np.zeros(2, int), reduction="avg")


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss, nn.NLLLoss])
def test_LOS_02_all_ignored(loss):
    x, targets = [[1.0, 0], [0, 1]], np.array([-100, -100])
    y, dx = value_and_grad(loss(), x, targets)
    assert np.isnan(y)
    assert (dx == 0).all()
    y, dx = value_and_grad(loss(reduction="sum"), x, targets)
    assert y == 0
    assert (dx == 0).all()


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss, nn.NLLLoss])
def test_LOS_04_an_ignored_sample_may_be_infinite(loss):
    y, dx = value_and_grad(loss(), [[0.5, 0.25], [-np.inf, -np.inf]], np.array([0, -100]))
    assert np.isfinite(y)
    assert dx[0, 0] != 0
    assert (dx[1] == 0).all()


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss, nn.NLLLoss])
@pytest.mark.parametrize("target", [2, -1])
def test_LOS_05_a_target_that_is_no_class(loss, target):
    with pytest.raises(IndexError, match=f"target {target} is no class"):
        loss()(np.ones((1, 2)), np.array([target]))


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss, nn.NLLLoss])
def test_LOS_06_the_mean_divides_by_the_weights(loss):
    x = np.log(np.full((2, 2), 0.5)) if loss is nn.NLLLoss else np.zeros((2, 2))
    y = loss(np.array([1.0, 3.0]))(x, np.array([0, 1]))
    assert float(y) == pytest.approx(np.log(2))


def test_LOS_09_targets_that_are_no_indices():
    with pytest.raises(ValueError, match="float64"):
        F.nll_loss(np.ones((2, 3)), np.zeros(2))
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2,\).*\(3,\)"):
        F.nll_loss(np.ones((2, 3)), np.zeros(3, int))
    with pytest.raises(ValueError, match="axis of classes"):
        F.nll_loss(np.ones(()), np.zeros((), int))


@pytest.mark.parametrize("loss", LOSSES)
def test_LOS_10_an_empty_batch(loss):
    assert np.isnan(loss()(Tensor(np.ones((0, 3))), np.ones((0, 3))).item())
    assert loss(reduction="sum")(Tensor(np.ones((0, 3))), np.ones((0, 3))).item() == 0


def test_LOS_11_bce_where_it_is_certain_and_wrong():
    y, dp = value_and_grad(nn.BCELoss(reduction="none"), [0.0, 1, 0, 1], np.array([1.0, 0, 0, 1]))
    assert y.tolist() == [100, 100, 0, 0]
    np.testing.assert_allclose(dp, [-1e12, 1e12, 0, 0])


@pytest.mark.parametrize("p", [1.5, -0.1, np.nan])
def test_LOS_11_no_probability(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        F.binary_cross_entropy(np.array([0.5, p]), np.array([0.0, 1]))


def test_LOS_12_bce_with_logits_does_not_overflow():
    y, dx = value_and_grad(
        nn.BCEWithLogitsLoss(reduction="none"), [-1000.0, 1000, 1000], np.array([1.0, 0, 1])
    )
    assert y.tolist() == [1000, 1000, 0]
    np.testing.assert_allclose(dx, [-1, 1, 0], atol=1e-300)


def test_LOS_14_kinks_and_corners():
    _, dx = value_and_grad(nn.L1Loss(reduction="sum"), [1.0, 2, 3], np.array([2.0, 2, 2]))
    assert dx.tolist() == [-1, 0, 1]
    zeros = np.zeros(3)
    y = F.smooth_l1_loss(np.array([0.5, 1, 2]), zeros, reduction="none")
    assert y.tolist() == [0.125, 0.5, 1.5]
    y = F.huber_loss(np.array([0.5, 2, 3]), zeros, reduction="none", delta=2.0)
    assert y.tolist() == [0.125, 2, 4]
    with pytest.raises(ValueError, match="delta is 0"):
        F.huber_loss(zeros, zeros, delta=0)
    with pytest.raises(ValueError, match="beta is -1"):
        F.smooth_l1_loss(zeros, zeros, beta=-1)


def test_LOS_16_kl_with_target_0():
    target = Tensor([0.0, 1.0], requires_grad=True)
    y = F.kl_div(Tensor([-1.0, -2.0]), target, reduction="sum")
    y.backward()
    assert y.item() == 2
    assert np.isfinite(target.grad.data).all()


def test_LOS_17_cross_entropy_in_three_ways():
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    a = F.cross_entropy(x, targets)
    assert F.nll_loss(F.log_softmax(x, dim=1), targets) == pytest.approx(float(a), rel=1e-14)
    one_hot = F.one_hot(targets, 4).data.astype(float)
    assert F.cross_entropy(x, one_hot) == pytest.approx(float(a), rel=1e-14)


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss",
                                  "binary_cross_entropy_with_logits"])  # fmt: skip
def test_LOS_18_a_million_samples_in_float32(name):
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(2, 10**6))
    loss = getattr(F, name)
    exact, y = loss(x, np.abs(t) % 1), loss(x.astype(np.float32), (np.abs(t) % 1).astype("f4"))
    assert y.dtype == np.float32
    assert float(y) == pytest.approx(float(exact), rel=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_whole_numbers_as_targets_take_the_inputs_dtype(loss):
    x = Tensor(np.array([0.25, 0.5], np.float32), requires_grad=True)
    y = loss()(x, np.array([0, 1]))
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y.data, loss()(x, np.array([0, 1], np.float32)).data)


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss",
                                  "binary_cross_entropy", "binary_cross_entropy_with_logits",
                                  "kl_div", "cross_entropy"])  # fmt: skip
def test_gradients_in_input_and_target(name):
    rng = np.random.default_rng(0)
    x, target = rng.uniform(0.1, 0.9, (2, 4, 3))
    assert mg.gradcheck(getattr(F, name), (x, target))
    loss = mg.Tensor(x, True), mg.Tensor(target, True)
    assert mg.gradgradcheck(lambda a, b: getattr(F, name)(a, b) ** 2, loss)


def test_gradients_of_weights():
    rng = np.random.default_rng(0)
    x, targets, w = rng.normal(size=(4, 3)), np.array([0, 2, 1, 2]), rng.uniform(1, 2, 3)
    assert mg.gradcheck(lambda x, w: F.nll_loss(x, targets, w), (x, w))
    p, t = rng.uniform(0.1, 0.9, (2, 4, 3))
    assert mg.gradcheck(lambda p, t, w: F.binary_cross_entropy(p, t, w), (p, t, w))


@pytest.mark.parametrize("loss", [F.mse_loss, F.l1_loss, F.huber_loss])
def test_weights_of_single_entries(loss):
    x, t, w = np.array([1.0, 2, 3]), np.zeros(3), np.array([1.0, 0, 3])
    each = loss(x, t, reduction="none")
    np.testing.assert_array_equal(loss(x, t, weight=w, reduction="none"), each * w)
    assert loss(x, t, weight=w, reduction="sum") == (each * w).sum()
    divisor = 3 if loss is F.huber_loss else w.sum()  # as PyTorch has it
    assert loss(x, t, weight=w) == pytest.approx((each * w).sum() / divisor, rel=1e-15)
    assert mg.gradcheck(lambda x, t, w: loss(x, t, weight=w), (x, t, w + 0.1))


def test_batchmean_of_a_single_number():
    assert F.kl_div(np.array(-1.0), np.array(1.0), reduction="batchmean") == 1


def test_weights_are_part_of_the_state():
    loss = nn.CrossEntropyLoss(weight=np.array([1.0, 2.0]))
    assert list(loss.state_dict()) == ["weight"]
    assert list(loss.parameters()) == []
    assert list(nn.CrossEntropyLoss().state_dict()) == []
