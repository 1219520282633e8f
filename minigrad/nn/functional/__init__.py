"""Layers, activations and losses as functions: PyTorch's names, argument names and defaults.

    import minigrad.nn.functional as F

They take tensors or arrays; parameters, where they need some, are arguments.
"""

from minigrad.nn.functional.activation import (
    elu,
    hardtanh,
    leaky_relu,
    log_softmax,
    logsigmoid,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from minigrad.nn.functional.arrange import one_hot, pad
from minigrad.nn.functional.dropout import dropout
from minigrad.nn.functional.loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from minigrad.nn.functional.norm import batch_norm, layer_norm
from minigrad.nn.functional.weights import conv1d, conv2d, conv_transpose2d, linear
