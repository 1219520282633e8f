"""nn.functional: PyTorch's names for arguments, padding, classes as vectors."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from function_cases import FUNCTIONS

import minigrad as mg
import minigrad.nn.functional as F
from minigrad import Tensor

X = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
W = np.random.default_rng(1).normal(size=(4, 3, 2, 2))

# The same by keywords of PyTorch, and by ours.
CALLS = [
    (lambda: F.softmax(input=X, dim=1), lambda: mg.softmax(X, axis=1)),
    (lambda: F.softmax(X), lambda: mg.softmax(X, axis=-1)),
    (lambda: F.log_softmax(input=X, dim=0), lambda: mg.log_softmax(X, axis=0)),
    (lambda: F.relu(input=X, inplace=True), lambda: mg.relu(X)),
    (lambda: F.leaky_relu(X, negative_slope=0.2), lambda: mg.leaky_relu(X, 0.2)),
    (lambda: F.elu(X, alpha=0.5), lambda: mg.elu(X, 0.5)),
    (lambda: F.silu(X), lambda: mg.silu(X)),
    (lambda: F.softplus(X, beta=2), lambda: mg.softplus(X, 2)),
    (lambda: F.sigmoid(X), lambda: mg.sigmoid(X)),
    (lambda: F.logsigmoid(X), lambda: mg.logsigmoid(X)),
    (lambda: F.tanh(X), lambda: np.tanh(X)),
    (lambda: F.hardtanh(X, min_val=-0.5), lambda: np.clip(X, -0.5, 1)),
    (lambda: F.linear(input=X, weight=np.eye(5), bias=np.ones(5)), lambda: X + 1),
    (lambda: F.conv2d(X, weight=W, bias=None, stride=2, padding=1),
     lambda: F.conv2d(np.pad(X, [(0, 0), (0, 0), (1, 1), (1, 1)]), W, None, 2)),
    (lambda: F.conv1d(X[:, :, 0], weight=W[:, :, 0], padding=1),
     lambda: F.conv2d(X[:, :, :1], W[:, :, :1], padding=(0, 1))[:, :, 0]),
    (lambda: F.max_pool2d(X, kernel_size=2, stride=2),
     lambda: X[:, :, :, :4].reshape(2, 3, 2, 2, 2, 2).max(axis=(3, 5))),
    (lambda: F.max_pool1d(X[0], kernel_size=2), lambda: X[0, :, :, :4].reshape(3, 4, 2, 2).max(3)),
    (lambda: F.avg_pool2d(X, kernel_size=(4, 5)), lambda: X.mean((2, 3), keepdims=True)),
    (lambda: F.layer_norm(X, normalized_shape=(5,)), lambda: mg.layer_norm(X)),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "same"), CALLS)
def test_keywords(ours, same):
    np.testing.assert_allclose(ours(), same(), rtol=1e-12, atol=1e-14)


def test_conv_transpose2d_keywords():
    options = {"stride": 2, "padding": 1, "output_padding": 1}
    y = F.conv_transpose2d(input=X, weight=W.swapaxes(0, 1), **options)
    assert y.shape == (2, 4, 7, 9)


@pytest.mark.parametrize(("mode", "numpys"), [
    ("constant", "constant"), ("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap"),
])  # fmt: skip
def test_pad_starts_at_the_last_axis(mode, numpys):
    widths = [(0, 0), (0, 0), (0, 3), (1, 2)]
    np.testing.assert_array_equal(F.pad(X, (1, 2, 0, 3), mode=mode), np.pad(X, widths, numpys))
    assert mg.gradcheck(lambda x: F.pad(x, (1, 2, 0, 3), mode=mode), X[:1, :1])


def test_pad_with_a_value():
    assert F.pad(np.ones(2), (1, 0), value=7.0).tolist() == [7, 1, 1]


@pytest.mark.parametrize(("pad", "wanted"), [
    ((-1, 2), [[1, 2, 9, 9], [4, 5, 9, 9]]),
    ((-1, -1), [[1], [4]]),
    ((0, -3, 1, -1), [[], []]),
    ((1, -2, -1, 1), [[9, 3], [9, 9]]),
])  # fmt: skip
def test_negative_widths_cut_off(pad, wanted):
    x = mg.Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    y = F.pad(x, pad, value=9.0)
    np.testing.assert_array_equal(y.data, wanted)
    assert mg.gradcheck(lambda x: F.pad(x, pad, value=9.0), x, rng=1)


@pytest.mark.parametrize(("pad", "mode", "match"), [
    ((1,), "constant", r"got \(1,\)"),
    ((1, 1) * 5, "constant", r"shape \(2, 3, 4, 5\)"),
    ((-1, 1), "reflect", "wanted two widths ≥ 0"),
    ((-3, -3), "constant", r"cuts off more than there is in an input of shape \(2, 3, 4, 5\)"),
    ((-6, 2), "constant", "cuts off more"),
    ((1, 1), "edge", "'edge', wanted one of 'constant', 'reflect'"),
])  # fmt: skip
def test_pad_errors(pad, mode, match):
    with pytest.raises(ValueError, match=match):
        F.pad(X, pad, mode=mode)


def test_one_hot():
    y = F.one_hot(np.array([[0, 2], [1, 0]]), num_classes=4)
    assert isinstance(y, Tensor)
    assert (y.shape, y.dtype) == ((2, 2, 4), np.int64)
    assert y.data.argmax(-1).tolist() == [[0, 2], [1, 0]]
    assert (y.data.sum(-1) == 1).all()
    assert F.one_hot(Tensor([2, 0])).shape == (2, 3)
    assert F.one_hot(np.zeros(0, int)).shape == (0, 0)
    with pytest.raises(IndexError, match=r"class 3 is not in 0 … 2"):
        F.one_hot(np.array([1, 3]), 3)
    with pytest.raises(IndexError, match="class -1"):
        F.one_hot(np.array([-1]))
    with pytest.raises(TypeError, match="integers, got float64"):
        F.one_hot(np.array([1.0]))


@pytest.mark.parametrize("eps", [1e-8, 50.0])
def test_the_gradient_of_an_angle_is_that_of_its_formula(eps):
    """Also of vectors that are shorter than eps."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 3, 4))
    f = partial(F.cosine_similarity, dim=0, eps=eps)
    assert mg.gradcheck(f, (x, y))
    assert mg.gradgradcheck(f, (x, y))
    assert abs(f(x, y)).max() <= 1


def test_a_vector_of_length_0_stays_as_it_is():
    x = Tensor(np.zeros((1, 3)), requires_grad=True)
    y = F.normalize(x, eps=0.5)
    y.backward(np.array([[1.0, 2.0, 3.0]]))
    assert y.tolist() == [[0, 0, 0]]
    assert x.grad.tolist() == [[2, 4, 6]]


@pytest.mark.parametrize("softmax", [F.softmax, F.log_softmax])
def test_softmax_in_another_dtype(softmax):
    x = Tensor(X.astype(np.float32), requires_grad=True)
    y = softmax(x, 1, dtype=np.float64)
    y.backward(X)
    assert (y.dtype, x.grad.dtype) == (np.float64, np.float32)
    np.testing.assert_array_equal(y.data, softmax(x.data.astype(np.float64), 1))


def test_every_public_name_is_there():
    assert [name for name in F.__all__ if not callable(getattr(F, name))] == []


@pytest.mark.parametrize("case", FUNCTIONS, ids=lambda case: case.key)
def test_lists_are_arrays(case):
    def result(inputs):
        return eval(case.expression, {"F": F, "float64": np.float64} | inputs)

    arrays = {name: x.copy() for name, x in case.inputs.items()}
    # The running arrays of BatchNorm are written to, and so have to be arrays.
    lists = {k: x.copy() if k in ("M", "V") else x.tolist() for k, x in arrays.items()}
    if not any(x.size == 0 for x in arrays.values()):  # an empty list has lost its dtype
        np.testing.assert_array_equal(result(lists), result(arrays))
