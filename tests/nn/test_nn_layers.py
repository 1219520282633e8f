"""Linear, convolution and pooling layers: settings, parameters, errors; values are recorded."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn

LAYERS = [
    (nn.Linear, (8, 5), (5, 8), 8),
    (nn.Conv1d, (4, 6, 3), (6, 4, 3), 12),
    (nn.Conv2d, (4, 6, (3, 2)), (6, 4, 3, 2), 24),
    (nn.ConvTranspose2d, (4, 6, (3, 2)), (4, 6, 3, 2), 36),
]


@pytest.mark.parametrize(("kind", "args", "shape", "fan_in"), LAYERS)
def test_parameters(kind, args, shape, fan_in):
    layer = kind(*args, rng=0)
    assert layer.weight.shape == shape
    assert layer.bias.shape == (args[1],)
    assert {p.dtype for p in layer.parameters()} == {np.dtype(np.float32)}
    assert kind(*args, dtype=np.float64).weight.dtype == np.float64
    assert kind(*args, bias=False).bias is None


@pytest.mark.parametrize(("kind", "args", "shape", "fan_in"), LAYERS)
def test_they_start_between_plus_and_minus_one_over_root_fan_in(kind, args, shape, fan_in):
    layers = [kind(*args, rng=seed) for seed in range(40)]
    bound = 1 / math.sqrt(fan_in)
    for name in ("weight", "bias"):
        values = np.concatenate([getattr(layer, name).data.ravel() for layer in layers])
        assert 0.98 * bound < np.abs(values).max() <= bound
        assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.08)


@pytest.mark.parametrize(("kind", "args", "shape", "fan_in"), LAYERS)
def test_chance_comes_from_rng_or_manual_seed(kind, args, shape, fan_in):
    a = kind(*args, rng=5).state_dict()
    mg.manual_seed(5)
    b = kind(*args)
    np.testing.assert_array_equal(a["weight"], b.weight.data)
    np.testing.assert_array_equal(a["bias"], b.bias.data)
    b.reset_parameters(rng=6)
    assert not (a["weight"] == b.weight.data).any()
    b.reset_parameters(rng=5)
    np.testing.assert_array_equal(a["weight"], b.weight.data)


def test_bilinear_starts_between_plus_and_minus_one_over_root_of_its_first_features():
    layers = [nn.Bilinear(9, 3, 5, rng=seed) for seed in range(40)]
    assert (layers[0].weight.shape, layers[0].bias.shape) == ((5, 9, 3), (5,))
    for name in ("weight", "bias"):
        values = np.concatenate([getattr(layer, name).data.ravel() for layer in layers])
        assert 0.98 / 3 < np.abs(values).max() <= 1 / 3
        assert values.std() == pytest.approx(1 / 3 / math.sqrt(3), rel=0.08)
    mg.manual_seed(7)
    np.testing.assert_array_equal(nn.Bilinear(9, 3, 5).weight.data, layers[7].weight.data)
    assert {p.dtype for p in layers[0].parameters()} == {np.dtype(np.float32)}
    assert nn.Bilinear(2, 3, 4, bias=False, dtype=np.float64).bias is None


def test_bilinear_is_a_sum_over_all_pairs():
    layer = nn.Bilinear(4, 3, 2, dtype=np.float64)
    rng = np.random.default_rng(0)
    x1, x2 = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    wanted = np.einsum("ni,kij,nj->nk", x1, layer.weight.data, x2) + layer.bias.data
    np.testing.assert_allclose(layer(x1, x2).data, wanted, rtol=1e-13)
    y = layer(x1.astype(np.float32), mg.Tensor(x2.astype(np.float32)))
    assert y.dtype == np.float64


def test_prelu_starts_with_its_init():
    assert nn.PReLU().weight.tolist() == [0.25]
    layer = nn.PReLU(3, init=-0.5)
    assert (layer.weight.tolist(), layer.weight.dtype) == ([-0.5] * 3, np.float32)
    layer.weight.data[...] = 2
    layer.reset_parameters()
    assert layer.weight.tolist() == [-0.5] * 3


def test_conv_transpose_reaches_every_size_that_a_strided_convolution_shrinks_to_it():
    layer, x = nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1), np.ones((1, 2, 4, 5), np.float32)
    assert layer(x).shape == (1, 3, 7, 9)
    for size in ((7, 9), (8, 10), [1, 3, 7, 10]):
        y = layer(x, output_size=size)
        assert y.shape[2:] == tuple(size[-2:])
        assert nn.Conv2d(3, 2, 3, stride=2, padding=1)(y).shape == x.shape
    for size in ((6, 9), (9, 10), (7,), (1, 7, 9)):
        with pytest.raises(ValueError, match=r"output_size is .* from \(7, 9\) to \(8, 10\)"):
            layer(x, size)


def test_max_pool_says_where_the_largest_entries_stood():
    x = np.random.default_rng(0).normal(size=(2, 3, 6, 7))
    y, at = nn.MaxPool2d(2, return_indices=True)(mg.Tensor(x, requires_grad=True))
    np.testing.assert_array_equal(np.take_along_axis(x.reshape(6, 42), at.data.reshape(6, 9), 1),
                                  y.data.reshape(6, 9))  # fmt: skip
    assert y.requires_grad and at.dtype == np.int64


def test_one_generator_gives_layers_that_differ():
    rng = np.random.default_rng(0)
    assert not (nn.Linear(3, 3, rng=rng).weight.data == nn.Linear(3, 3, rng=rng).weight.data).any()


@pytest.mark.parametrize(("kind", "args", "shape", "fan_in"), LAYERS)
def test_float32_in_float32_out_and_in_gradients(kind, args, shape, fan_in):
    layer = kind(*args)
    x = np.ones((2, args[0], 4, 5)[: len(shape)], np.float32)
    x = Tensor(x, requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert {t.dtype for t in (y, x.grad, layer.weight.grad, layer.bias.grad)} == {
        np.dtype(np.float32)
    }


@pytest.mark.parametrize(("module", "text"), [
    (nn.Linear(3, 2, bias=False), "Linear(in_features=3, out_features=2, bias=False)"),
    (nn.Conv1d(1, 2, 3, padding="same"),
     "Conv1d(1, 2, kernel_size=(3,), stride=(1,), padding=same)"),
    (nn.Conv2d(2, 4, (3, 5), stride=2, dilation=2, groups=2, bias=False),
     "Conv2d(2, 4, kernel_size=(3, 5), stride=(2, 2), dilation=(2, 2), groups=2, bias=False)"),
    (nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect"),
     "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), padding_mode=reflect)"),
    (nn.ConvTranspose2d(2, 3, 3, output_padding=1, stride=2),
     "ConvTranspose2d(2, 3, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1))"),
    (nn.Bilinear(2, 3, 4),
     "Bilinear(in1_features=2, in2_features=3, out_features=4, bias=True)"),
    (nn.AvgPool1d(2), "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))"),
    (nn.AdaptiveAvgPool2d((None, 3)), "AdaptiveAvgPool2d(output_size=(None, 3))"),
    (nn.PReLU(), "PReLU(num_parameters=1)"),
    (nn.GELU("tanh"), "GELU(approximate='tanh')"),
    (nn.ReLU6(), "ReLU6()"),
    (nn.MaxPool1d(2), "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)"),
    (nn.AvgPool2d(2, 1), "AvgPool2d(kernel_size=2, stride=1, padding=0)"),
    (nn.BatchNorm2d(3),
     "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)"),
    (nn.BatchNorm1d(3, eps_mode="std"), "BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, "
     "bias=True, track_running_stats=True, eps_mode='std')"),
    (nn.LayerNorm(3), "LayerNorm((3,), eps=1e-05, elementwise_affine=True, bias=True)"),
    (nn.Flatten(), "Flatten(start_dim=1, end_dim=-1)"),
    (nn.Unflatten(1, (2, 3)), "Unflatten(dim=1, unflattened_size=(2, 3))"),
    (nn.LeakyReLU(0.2), "LeakyReLU(negative_slope=0.2)"),
    (nn.ELU(), "ELU(alpha=1.0)"),
    (nn.Softplus(), "Softplus(beta=1.0, threshold=20.0)"),
    (nn.Hardtanh(), "Hardtanh(min_val=-1.0, max_val=1.0)"),
    (nn.Softmax(1), "Softmax(dim=1)"),
    (nn.LogSoftmax(1), "LogSoftmax(dim=1)"),
    (nn.Identity(), "Identity()"),
])  # fmt: skip
def test_repr_as_in_pytorch(module, text):
    assert repr(module) == text


def test_settings_are_attributes():
    layer = nn.Conv2d(4, 6, 3, stride=(2, 1), padding="valid", groups=2)
    assert (layer.in_channels, layer.out_channels, layer.groups) == (4, 6, 2)
    assert (layer.kernel_size, layer.stride, layer.padding) == ((3, 3), (2, 1), "valid")


@pytest.mark.parametrize(("call", "error", "match"), [
    (lambda: nn.Linear(2.5, 1), TypeError, "Linear: in_features must be an int, got 2.5"),
    (lambda: nn.Linear(2, -1), ValueError, "Linear: out_features must be at least 0, got -1"),
    (lambda: nn.Linear(2, 1)(np.ones((3, 4))), ValueError, r"\(3, 4\) does not fit.*\(1, 2\)"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "groups=2 does not divide in_channels=3"),
    (lambda: nn.Conv2d(2, 3, 3, groups=2), ValueError, "groups=2 does not divide out_channels=3"),
    (lambda: nn.Conv2d(2, 3, 0), ValueError, "kernel_size must be at least 1, got 0"),
    (lambda: nn.Conv2d(2, 3, (3, 3, 3)), ValueError, "an int or 2 ints"),
    (lambda: nn.Conv1d(2, 3, "3"), TypeError, "Conv1d: kernel_size must be an int, got '3'"),
    (lambda: nn.Conv2d(2, 3, 3, padding="some"), ValueError, "padding is 'some'.*'same'"),
    (lambda: nn.Conv2d(2, 3, 3, padding_mode="mirror"), ValueError, "'mirror'.*'reflect'"),
    (lambda: nn.ConvTranspose2d(2, 3, 3, padding_mode="reflect"), ValueError, "zeros only"),
    (lambda: nn.Conv2d(2, 3, 3)(np.ones((1, 1, 5, 5))), ValueError, "x has 1 channels"),
    (lambda: nn.Hardtanh(1, 1), ValueError, "max_val must be larger"),
])  # fmt: skip
def test_CNV_09_18_LIN_12_errors(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_a_layer_without_inputs_gives_its_bias():
    layer = nn.Linear(0, 2)
    np.testing.assert_array_equal(layer(np.ones((3, 0), np.float32)).data, np.zeros((3, 2)))


@pytest.mark.parametrize("make", [
    lambda: (nn.Linear(3, 2), (4, 3)),
    lambda: (nn.Conv1d(2, 2, 3, stride=2, padding=1), (2, 2, 5)),
    lambda: (nn.Conv2d(2, 2, 2, padding=1, padding_mode="circular"), (2, 2, 3, 3)),
    lambda: (nn.ConvTranspose2d(2, 2, 2, stride=2), (2, 2, 2, 2)),
    lambda: (nn.BatchNorm1d(3), (5, 3)),
    lambda: (nn.BatchNorm1d(3, eps_mode="std"), (5, 3)),
    lambda: (nn.BatchNorm2d(2).eval(), (3, 2, 2, 2)),
    lambda: (nn.LayerNorm((2, 3)), (4, 2, 3)),
    lambda: (nn.GroupNorm(2, 4), (3, 4, 2)),
    lambda: (nn.AdaptiveAvgPool2d((2, 3)), (2, 1, 3, 4)),
    lambda: (nn.AvgPool1d(3, 2, 1), (2, 1, 5)),
    lambda: (nn.GELU(), (7,)),
    lambda: (nn.GELU("tanh"), (7,)),
    lambda: (nn.Mish(), (7,)),
    lambda: (nn.Softsign(), (7,)),
    lambda: (nn.PReLU(3), (2, 3, 2)),
])  # fmt: skip
def test_first_and_second_derivatives(make):
    module, shape = make()
    rng = np.random.default_rng(0)
    for p in module.parameters():
        p.data[...] = rng.normal(size=p.shape)
    x = rng.normal(size=shape)
    assert mg.gradcheck(module, x, rng=1)
    assert mg.gradgradcheck(module.double(), x, rng=1)
