"""Settings that make no sense: each message names the setting, what was given, what was wanted."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from minigrad import nn
from minigrad.nn import functional as F

NAMES: dict[str, Any] = {
    "nn": nn,
    "F": F,
    "np": np,
    "ones": lambda *shape: np.ones(shape),
    "X": np.ones((2, 3)),
    "W": np.ones((4, 3)),  # a weight or a table
    "I": np.ones((2, 4, 5, 5)),  # images
    "K": np.ones((2, 4, 3, 3)),  # filters
    "T": np.array([0, 1]),  # classes
}

MODULES = """
nn.Linear(-1, 2) | Linear: in_features must be at least 0, got -1
nn.Bilinear(0, 2, 3) | Bilinear: in1_features must be at least 1, got 0
nn.Bilinear(2, -1, 3) | Bilinear: in2_features must be at least 0, got -1
nn.Embedding(-1, 2) | Embedding: num_embeddings must be at least 0, got -1
nn.Embedding(3, 2, padding_idx=3) | Embedding: padding_idx is 3, wanted one of the rows -3 … 2
nn.Embedding(3, 2, padding_idx=-4) | Embedding: padding_idx is -4, wanted one of the rows -3 … 2
nn.Embedding(3, 2, max_norm=-1) | Embedding: max_norm is -1, wanted a number of 0 or more
nn.Embedding(3, 2, norm_type=0) | Embedding: norm_type is 0, wanted a number above 0
nn.Embedding(3, 2, _weight=X) | Embedding: _weight has shape (2, 3), wanted (3, 2)
nn.Embedding.from_pretrained(ones(3)) | Embedding.from_pretrained: wanted a table (rows
nn.Flatten(2, 1)(I) | flatten: start_dim=2 comes after end_dim=1 in x of shape (2, 4, 5, 5)
nn.Flatten(4)(I) | Flatten: start_dim is 4, wanted an axis of x of shape (2, 4, 5, 5), -4 to 3
nn.Flatten(0, 7)(I) | Flatten: end_dim is 7, wanted an axis of x of shape (2, 4, 5, 5), -4 to 3
nn.Unflatten(1, ()) | Unflatten: unflattened_size is (), wanted one or more lengths of at least -1
nn.Unflatten(1, (-1, -1)) | Unflatten: unflattened_size is (-1, -1), of which only one length may
nn.Unflatten(1, (-2, 2)) | Unflatten: unflattened_size is (-2, 2), wanted one or more lengths of
nn.Unflatten(5, (2, 2))(I) | Unflatten: dim is 5, wanted an axis of x of shape (2, 4, 5, 5)
nn.Unflatten(1, (3, 2))(I) | Unflatten: unflattened_size=(3, 2) does not make up axis 1 of x of
nn.Conv1d(0, 2, 3) | Conv1d: in_channels must be at least 1, got 0
nn.Conv1d(2, 2, 3, stride=0) | Conv1d: stride must be at least 1, got 0
nn.Conv1d(2, 2, (3, 3)) | Conv1d: kernel_size must be an int, got (3, 3)
nn.Conv2d(2, 2, 0) | Conv2d: kernel_size must be at least 1, got 0
nn.Conv2d(2, -2, 3) | Conv2d: out_channels must be at least 1, got -2
nn.Conv2d(2, 2, 3, padding=-1) | Conv2d: padding must be at least 0, got -1
nn.Conv2d(2, 2, 3, padding="full") | Conv2d: padding is 'full', wanted ints, 'same' or 'valid'
nn.Conv2d(2, 2, 3, padding="same", stride=2) | Conv2d: padding='same' needs stride 1
nn.Conv2d(2, 2, 3, dilation=0) | Conv2d: dilation must be at least 1, got 0
nn.Conv2d(3, 4, 3, groups=2) | Conv2d: groups=2 does not divide in_channels=3
nn.Conv2d(4, 3, 3, groups=2) | Conv2d: groups=2 does not divide out_channels=3
nn.Conv2d(4, 4, 3, groups=0) | Conv2d: groups must be at least 1, got 0
nn.Conv2d(2, 2, 3, padding_mode="mirror") | Conv2d: padding_mode is 'mirror', wanted one of
nn.ConvTranspose2d(2, 2, 3, padding_mode="reflect") | ConvTranspose2d pads with a number of zeros
nn.ConvTranspose2d(2, 2, 3, stride=2, output_padding=2) | ConvTranspose2d: output_padding=2 must
nn.ConvTranspose2d(2, 2, 3, output_padding=-1) | ConvTranspose2d: output_padding must be at least
nn.ConvTranspose2d(2, 2, 3, groups=3) | ConvTranspose2d: groups=3 does not divide in_channels=2
nn.MaxPool1d(0) | MaxPool1d: kernel_size must be at least 1, got 0
nn.MaxPool1d((2, 2)) | MaxPool1d: kernel_size must be an int, got (2, 2)
nn.MaxPool2d(2, 0) | MaxPool2d: stride must be at least 1, got 0
nn.MaxPool2d(2, padding=2) | MaxPool2d: padding must be at most half of the kernel
nn.MaxPool2d(2, padding=-1) | MaxPool2d: padding must be at least 0, got -1
nn.MaxPool2d(2, dilation=0) | MaxPool2d: dilation must be at least 1, got 0
nn.AvgPool1d(-1) | AvgPool1d: kernel_size must be at least 1, got -1
nn.AvgPool1d(3, padding=2) | AvgPool1d: padding must be at most half of the kernel
nn.AvgPool2d(0) | AvgPool2d: kernel_size must be at least 1, got 0
nn.AvgPool2d(2, divisor_override=0) | AvgPool2d: divisor_override must not be zero
nn.AvgPool2d((2, 2, 2)) | AvgPool2d: kernel_size must be an int or 2 ints, got (2, 2, 2)
nn.AdaptiveAvgPool2d(0) | AdaptiveAvgPool2d: output_size must be at least 1, got 0
nn.AdaptiveAvgPool2d((2, -1)) | AdaptiveAvgPool2d: output_size must be at least 1, got -1
nn.AdaptiveAvgPool2d((1, 2, 3)) | AdaptiveAvgPool2d: output_size must be (rows, columns), got (1
nn.BatchNorm1d(-1) | BatchNorm1d: num_features must be at least 0, got -1
nn.BatchNorm1d(2, eps=-1) | BatchNorm1d: eps is -1, wanted a number of 0 or more
nn.BatchNorm1d(2, momentum=2) | BatchNorm1d: momentum is 2, wanted a number between 0 and 1
nn.BatchNorm2d(2, eps_mode="sd") | BatchNorm2d: eps_mode is 'sd', wanted one of 'var', 'std'
nn.LayerNorm(()) | LayerNorm: normalized_shape is (), wanted one or more lengths of at least 1
nn.LayerNorm((2, 0)) | LayerNorm: normalized_shape is (2, 0), wanted one or more lengths of at
nn.LayerNorm(2, eps=-1e-5) | LayerNorm: eps is -1e-05, wanted a number of 0 or more
nn.GroupNorm(0, 4) | GroupNorm: num_groups must be at least 1, got 0
nn.GroupNorm(3, 4) | GroupNorm: num_groups=3 does not divide num_channels=4
nn.GroupNorm(2, -2) | GroupNorm: num_channels must be at least 0, got -2
nn.GroupNorm(2, 4)(X) | GroupNorm: expected x of shape (N, 4, ...), got (2, 3)
nn.GroupNorm(2, 4)(ones(4)) | GroupNorm: expected x of shape (N, 4, ...), got (4,)
nn.Dropout(1.5) | Dropout: p is 1.5, wanted a probability between 0 and 1
nn.Dropout2d(-0.1) | Dropout2d: p is -0.1, wanted a probability between 0 and 1
nn.LeakyReLU(float("nan")) | LeakyReLU: negative_slope is nan, wanted a number
nn.GELU("tan") | GELU: approximate is 'tan', wanted one of 'none', 'tanh'
nn.Softplus(0) | Softplus: beta is 0, wanted a number other than 0
nn.Hardtanh(1, 1) | Hardtanh: max_val must be larger than min_val, got 1 and 1
nn.PReLU(0) | PReLU: num_parameters must be at least 1, got 0
nn.PReLU(2)(X) | prelu: weight has shape (2,), but the input of shape (2, 3) has 3 channels
nn.Softmax(2)(X) | softmax: dim is 2, wanted an axis of x of shape (2, 3), -2 to 1
nn.MSELoss(reduction="avg") | MSELoss: reduction is 'avg', wanted one of 'mean', 'sum', 'none'
nn.L1Loss(reduction=None) | L1Loss: reduction is None, wanted one of 'mean', 'sum', 'none'
nn.SmoothL1Loss(beta=-1) | SmoothL1Loss: beta is -1, wanted a number of 0 or more
nn.HuberLoss(delta=0) | HuberLoss: delta is 0, wanted a number above 0
nn.HuberLoss("max") | HuberLoss: reduction is 'max', wanted one of 'mean', 'sum', 'none'
nn.CrossEntropyLoss(label_smoothing=1.5) | CrossEntropyLoss: label_smoothing is 1.5
nn.NLLLoss(weight=ones(2))(X, T) | nll_loss: weight has shape (2,), the input of shape (2
nn.CrossEntropyLoss(weight=ones(2))(X, T) | cross_entropy: weight has shape (2,), x of shape (2
nn.BCELoss(reduction="batchmean") | BCELoss: reduction is 'batchmean', wanted one of 'mean'
nn.BCELoss(weight=ones(2))(X / 2, X) | binary_cross_entropy: weight has shape (2,)
nn.BCEWithLogitsLoss(reduction="") | BCEWithLogitsLoss: reduction is '', wanted one of 'mean'
nn.BCEWithLogitsLoss(pos_weight=ones(2))(X, X) | binary_cross_entropy_with_logits
nn.KLDivLoss(reduction="batch") | KLDivLoss: reduction is 'batch', wanted one of 'mean', 'sum'
"""

FUNCTIONS = """
F.gelu(X, approximate="x") | gelu: approximate is 'x', wanted 'none' or 'tanh'
F.softplus(X, beta=0) | softplus: beta is 0, wanted a number other than 0
F.hardtanh(X, 2, 1) | hardtanh: max_val must be larger than min_val, got 1 and 2
F.prelu(X, ones(2)) | prelu: weight has shape (2,), but the input of shape (2, 3) has 3 channels
F.softmax(X, dim=2) | softmax: dim is 2, wanted an axis of x of shape (2, 3), -2 to 1
F.linear(X, ones(2, 4)) | linear: x of shape (2, 3) does not fit the weight (2, 4)
F.linear(X, W, ones(3)) | linear: the bias must have shape (4,), got (3,)
F.bilinear(X, X, ones(2, 3, 4)) | bilinear: inputs of shape (2, 3) and (2, 3) do not fit the
F.bilinear(X, ones(3, 3), ones(2, 3, 3)) | bilinear: inputs of shape (2, 3) and (3
F.bilinear(X, X, ones(3, 3)) | bilinear: inputs of shape (2, 3) and (2, 3) do not fit the weight
F.bilinear(X, X, ones(2, 3, 3), ones(3)) | bilinear: the bias must have shape (2,), got (3,)
F.embedding([0, 4], W) | embedding: there is no row 4: the table has 4, numbered from 0
F.embedding([-1], W) | embedding: there is no row -1: the table has 4, numbered from 0
F.embedding([0], ones(3)) | embedding: the weight must be a table (rows, features)
F.embedding([0], W, padding_idx=4) | embedding: padding_idx is 4, wanted one of the rows -4 … 3
F.embedding([0], W, max_norm=-1) | embedding: max_norm is -1, wanted a number of 0 or more
F.embedding([0], W, max_norm=1, norm_type=-1) | embedding: norm_type is -1, wanted a number above 0
F.conv1d(ones(1, 2, 5), ones(1, 2, 3), stride=0) | conv1d: stride must be at least 1, got 0
F.conv2d(I, K, padding="full") | conv2d: padding must be ints, 'same' or 'valid', got 'full'
F.conv2d(I, K, padding="same", stride=2) | conv2d: padding='same' needs stride 1, got stride=(2
F.conv2d(I, ones(2, 4, 9, 9)) | conv2d: kernel (9 x 9) larger than the padded input (5 x 5)
F.conv2d(I, K, ones(3)) | conv2d: the bias has shape (3,), but there are 2 filters
F.conv_transpose2d(I, ones(4, 1, 2, 2), output_padding=1) | conv_transpose2d: output_padding must
F.max_pool1d(X, 0) | max_pool1d: kernel_size must be at least 1, got 0
F.max_pool2d(I, 2, padding=2) | max_pool2d: padding must be at most half of the kernel
F.avg_pool1d(X, 2, stride=-1) | avg_pool1d: stride must be at least 1, got -1
F.avg_pool2d(I, 2, divisor_override=0) | avg_pool2d: divisor_override must not be zero
F.avg_pool2d(X, 2) | avg_pool2d: x must have shape (N, C, H, W), or (C, H, W) for a single one
F.adaptive_avg_pool2d(I, 0) | adaptive_avg_pool2d: output_size must be at least 1, got 0
F.adaptive_avg_pool2d(I, (1, 2, 3)) | adaptive_avg_pool2d: output_size must be (rows, columns)
F.batch_norm(X, None, None) | batch_norm: outside of training running_mean
F.batch_norm(X, None, None, training=True, eps=-1) | batch_norm: eps is -1, wanted a number of 0
F.batch_norm(X, ones(2), ones(2)) | batch_norm: running_mean has shape (2,), but the input
F.batch_norm(X, None, None, training=True, eps_mode="sd") | batch_norm: eps_mode must be 'var' or
F.batch_norm(X, None, None, W[0, :2], training=True) | batch_norm: gamma (weight) has shape (2,)
F.layer_norm(X, (2,)) | layer_norm: the input of shape (2, 3) must end in the axes (2,) of
F.layer_norm(X, (3,), ones(2)) | layer_norm: gamma (weight) has shape (2,)
F.layer_norm(X, (3,), eps=-1) | layer_norm: eps is -1, wanted a number of 0 or more
F.group_norm(X, 2) | group_norm: num_groups=2 does not divide the 3 channels of x of shape (2, 3)
F.group_norm(X, 0) | group_norm: num_groups must be at least 1, got 0
F.group_norm(ones(3), 1) | group_norm needs x of shape (N, C, ...), got (3,)
F.group_norm(X, 3, ones(2)) | group_norm: gamma (weight) has shape (2,), but x of shape (2
F.group_norm(X, 3, eps=-1) | group_norm: eps is -1, wanted a number of 0 or more
F.dropout(X, 1.5) | dropout: p is 1.5, wanted a probability between 0 and 1
F.dropout2d(I, -1) | dropout2d: p is -1, wanted a probability between 0 and 1
F.dropout2d(X, 0.5) | dropout2d: wanted x of shape (N, C, H, W), or (N, C, L); got (2, 3)
F.pad(X, (1,)) | pad: got (1,) for an input of shape (2, 3)
F.pad(X, (1, -4)) | pad: (1, -4) cuts off more than there is in an input of shape (2, 3)
F.pad(X, (1, 1), "edge") | pad: mode is 'edge', wanted one of 'constant', 'reflect', 'replicate'
F.one_hot(np.array([3]), 3) | one_hot: class 3 is not in 0 … 2
F.one_hot(np.array([0]), 0) | one_hot: num_classes is 0, wanted 1 or more, or -1
F.one_hot(np.array([0]), -2) | one_hot: num_classes is -2, wanted 1 or more, or -1
F.normalize(X, p=0) | normalize: p is 0, wanted a number above 0
F.normalize(X, eps=-1) | normalize: eps is -1, wanted a number of 0 or more
F.normalize(X, dim=2) | normalize: dim is 2, wanted an axis of x of shape (2, 3), -2 to 1
F.cosine_similarity(X, ones(2, 2)) | cosine_similarity: shapes (2, 3) and (2, 2) do not broadcast
F.cosine_similarity(X, X, eps=-1) | cosine_similarity: eps is -1, wanted a number of 0 or more
F.mse_loss(X, X, reduction="avg") | mse_loss: reduction is 'avg', wanted one of 'mean', 'sum'
F.mse_loss(X, X[0]) | mse_loss: the input has shape (2, 3), the target (3,); they must be the same
F.mse_loss(X, X, weight=ones(3)) | mse_loss: weight has shape (3,)
F.l1_loss(X, X, weight=ones(3)) | l1_loss: weight has shape (3,)
F.smooth_l1_loss(X, X, beta=-1) | smooth_l1_loss: beta is -1, wanted a number of 0 or more
F.huber_loss(X, X, delta=0) | huber_loss: delta is 0, wanted a number above 0
F.huber_loss(X, X, weight=ones(3)) | huber_loss: weight has shape (3,)
F.cross_entropy(X, T, reduction="avg") | cross_entropy: reduction must be one of ('mean', 'sum'
F.cross_entropy(X, T, label_smoothing=2) | cross_entropy: label_smoothing must lie in 0…1, got 2
F.cross_entropy(X, np.array([0, 3])) | cross_entropy: target 3 is no class: x has 3 classes
F.nll_loss(X, T, reduction="avg") | nll_loss: reduction is 'avg', wanted one of 'mean', 'sum'
F.nll_loss(X, T, ones(2)) | nll_loss: weight has shape (2,), the input of shape (2
F.binary_cross_entropy(X * 2, X) | binary_cross_entropy: the input must be between 0 and 1
F.binary_cross_entropy(X, X, ones(2)) | binary_cross_entropy: weight has shape (2,)
F.binary_cross_entropy_with_logits(X, X, pos_weight=ones(2)) | binary_cross_entropy_with_logits
F.kl_div(X, X, reduction="avg") | kl_div: reduction is 'avg', wanted one of 'mean', 'sum', 'none'
"""

KINDS = """
F.leaky_relu(X, "a") | leaky_relu: negative_slope is 'a', wanted a number
F.elu(X, alpha=None) | elu: alpha is None, wanted a number
F.softmax(X, dim="a") | softmax: dim is 'a', wanted an int
F.log_softmax(X, dim=None) | log_softmax: dim is None, wanted an int
F.embedding([0.5], W) | embedding: indices must be integers, got float64
F.batch_norm(X, None, None, training=True, momentum=None) | batch_norm: momentum is None
F.group_norm(X, 1.5) | group_norm: num_groups must be an int, got 1.5
F.dropout(X, None) | dropout: p is None, wanted a probability between 0 and 1
F.one_hot(np.array([1.5])) | one_hot: classes must be integers, got float64
"""


def rows(text: str) -> list[Any]:
    """Call and message."""
    return [pytest.param(*line.split(" | "), id=line) for line in text.strip().splitlines()]


@pytest.mark.parametrize(("call", "message"), rows(MODULES) + rows(FUNCTIONS))
def test_values(call, message):
    with pytest.raises((ValueError, IndexError)) as error:
        eval(call, NAMES)
    assert message in str(error.value)


@pytest.mark.parametrize(("call", "message"), rows(KINDS))
def test_kinds(call, message):
    with pytest.raises(TypeError) as error:
        eval(call, NAMES)
    assert message in str(error.value)


# Arguments with which each layer can be made; those left out need none.
CONV = {"in_channels": 2, "out_channels": 2, "kernel_size": 3}
POOL = {"kernel_size": 2}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "Linear": {"in_features": 2, "out_features": 2},
    "Bilinear": {"in1_features": 2, "in2_features": 2, "out_features": 2},
    "Embedding": {"num_embeddings": 2, "embedding_dim": 2, "max_norm": 1.0},
    "Unflatten": {"dim": 1, "unflattened_size": (2, 2)},
    "Conv1d": CONV, "Conv2d": CONV, "ConvTranspose2d": CONV,
    "MaxPool1d": POOL, "MaxPool2d": POOL, "AvgPool1d": POOL, "AvgPool2d": POOL,
    "BatchNorm1d": {"num_features": 2}, "BatchNorm2d": {"num_features": 2},
    "LayerNorm": {"normalized_shape": 2},
    "GroupNorm": {"num_groups": 2, "num_channels": 4},
}  # fmt: skip
# True or False, arrays, and what NumPy itself complains of.
ANY = set("bias inplace ceil_mode return_indices count_include_pad affine elementwise_affine "
          "track_running_stats scale_grad_by_freq sparse log_target _freeze weight pos_weight "
          "_weight dtype rng".split())  # fmt: skip
ELSEWHERE = {"Module", "ModuleList", "ModuleDict", "Sequential", "Identity"} | {
    "RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell", "MultiheadAttention",
}  # fmt: skip


def settings() -> list[tuple[str, str]]:
    """All settings of all layers and losses that are numbers, sizes or names of something."""
    classes = {name: getattr(nn, name) for name in nn.__all__}
    modules = [k for k, v in classes.items() if inspect.isclass(v) and issubclass(v, nn.Module)]
    return [
        (name, setting)
        for name in modules
        if name not in ELSEWHERE
        for setting in inspect.signature(classes[name]).parameters
        if setting not in ANY
    ]


@pytest.mark.parametrize(("name", "setting"), settings())
def test_a_word_is_no_number_and_no_known_name(name, setting):
    arguments = {**ARGUMENTS.get(name, {}), setting: "many"}
    with pytest.raises((TypeError, ValueError), match=rf"{name}.*{setting}.*'many'"):
        getattr(nn, name)(**arguments)
