"""Functions of nn.functional recorded from PyTorch: see module_cases.py.

Inputs whose names are in capitals get no gradient; what a function writes into them is recorded.
"""

from __future__ import annotations

import itertools

import numpy as np
from module_cases import POINTS, Case, numbers, shares

FUNCTIONS: list[Case] = []


def case(expression: str, **inputs: np.ndarray) -> None:
    """Add a case: an expression after `F.` with the inputs by their names."""
    FUNCTIONS.append(Case(f"F.{expression}", inputs))


def positive(*shape: int, seed: int = 0) -> np.ndarray:
    return 0.5 + shares(*shape, seed=seed)


# --- Activations ----------------------------------------------------------------------------

for name in ("relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "mish", "hardswish", "softplus",
             "sigmoid", "logsigmoid", "tanh", "softsign", "hardtanh"):  # fmt: skip
    for x in POINTS:
        case(f"{name}(x)", x=x)
for call in (
    "relu(input=x, inplace=False)", "leaky_relu(x, 0.3)", "elu(x, alpha=0.5)",
    "gelu(x, approximate='none')", "gelu(x, approximate='tanh')", "softplus(x, 3, 2)",
    "hardtanh(x, -0.5, 0.25)", "hardtanh(x, min_val=0, max_val=2)",
):  # fmt: skip
    case(call, x=6 * numbers(3, 4, seed=1))
for shape, slopes in (((3, 4), 1), ((2, 3), 3), ((2, 3, 2), 3), ((2, 3, 2, 2), 3), ((4,), 1),
                      ((2, 1, 3), 1), ((), 1), ((0, 3), 3)):  # fmt: skip
    case("prelu(x, w)", x=numbers(*shape), w=shares(slopes, seed=1))
for name in ("softmax", "log_softmax"):
    for arguments, shape in (
        ("dim=1", (3, 4)), ("0", (5,)), ("-1", (2, 3, 2)), ("dim=1, dtype=float64", (2, 3, 2)),
        ("-2", (3, 4)), ("0", (1, 4)), ("dim=-1", (2, 1, 3)), ("2", (2, 2, 1, 3)),
    ):  # fmt: skip
        case(f"{name}(x, {arguments})", x=6 * numbers(*shape))

# --- Layers with weights --------------------------------------------------------------------

for lead in ((), (4,), (2, 3), (1, 1, 2)):
    case("linear(x, w)", x=numbers(*lead, 3), w=numbers(2, 3, seed=1))
    case("linear(x, w, b)", x=numbers(*lead, 3), w=numbers(2, 3, seed=1), b=numbers(2, seed=2))
    pair = {"x": numbers(*lead, 3), "y": numbers(*lead, 2, seed=1)}
    case("bilinear(x, y, w)", **pair, w=numbers(4, 3, 2, seed=2))
    case("bilinear(x, y, w, b)", **pair, w=numbers(4, 3, 2, seed=2), b=numbers(4, seed=3))
for options in ("", ", padding_idx=1", ", padding_idx=-1", ", scale_grad_by_freq=True",
                ", 3, None, 2.0, True"):  # fmt: skip
    case(f"embedding(I, w{options})", I=np.array([[0, 1, 1], [3, 1, 0]]), w=numbers(4, 2))
for options in ("1.0", "0.8, 1.0", "1.0, float('inf')"):
    case(f"embedding(I, W, None, {options})", I=np.array([1, 0, 1]), W=numbers(3, 4))
WEIGHTS = {"w": numbers(4, 2, 3, seed=1), "b": numbers(4, seed=2)}
for options in ("", ", 2, 1", ", padding='same', dilation=2", ", stride=3, padding=2",
                ", padding='valid'", ", 1, (3,)", ", (2,), 0, (3,)"):  # fmt: skip
    case(f"conv1d(x, w, b{options})", x=numbers(2, 2, 7), **WEIGHTS)
case("conv1d(x, w, None, 1, 1, 1, 2)", x=numbers(4, 6), w=numbers(4, 2, 3, seed=1))
WEIGHTS = {"w": numbers(4, 2, 3, 2, seed=1), "b": numbers(4, seed=2)}
for options in ("", ", 2, 1", ", padding='same'", ", (2, 1), (0, 1), (1, 2)", ", padding='valid'",
                ", stride=3, padding=(2, 1)", ", dilation=2"):  # fmt: skip
    case(f"conv2d(x, w, b{options})", x=numbers(2, 2, 5, 4), **WEIGHTS)
case("conv2d(x, w, groups=2)", x=numbers(4, 5, 4), w=numbers(4, 2, 3, 2, seed=1))
for options in ("", ", None, 2, 1, 1", ", stride=3", ", dilation=(1, 2), padding=1",
                ", padding=(1, 0)", ", stride=(2, 3), output_padding=(1, 2)",
                ", groups=2"):  # fmt: skip
    case(f"conv_transpose2d(x, w{options})", x=numbers(2, 4, 3, 2), w=numbers(4, 2, 3, 2, seed=1))
case("conv_transpose2d(x, w, b, groups=2)", x=numbers(4, 3, 2), w=numbers(4, 1, 2, 2, seed=1),
     b=numbers(2, seed=2))  # fmt: skip

# --- Pooling --------------------------------------------------------------------------------

for window in ("2", "3, 2, 1", "2, 1, 0, 2", "3, 2, 1, 1, True", "2, return_indices=True", "4, 1",
               "2, 3", "3, padding=1, return_indices=True"):  # fmt: skip
    case(f"max_pool1d(x, {window})", x=numbers(2, 2, 8))
    case(f"max_pool2d(x, {window})", x=numbers(2, 2, 6, 5))
for window in ("2", "3, 2, 1", "2, 1, 0, True", "3, 2, 1, True, False", "4, 1", "2, 3",
               "2, ceil_mode=True", "3, padding=1, count_include_pad=False"):  # fmt: skip
    case(f"avg_pool1d(x, {window})", x=numbers(2, 2, 8))
    case(f"avg_pool2d(x, {window})", x=numbers(2, 2, 6, 5))
case("avg_pool2d(x, (2, 1), divisor_override=3)", x=numbers(2, 4, 5))
for size in (
    "1",
    "(2, 3)",
    "(None, 2)",
    "output_size=(8, 1)",
    "4",
    "[5, 5]",
    "(1, None)",
    "(7, 5)",
):
    case(f"adaptive_avg_pool2d(x, {size})", x=numbers(2, 2, 7, 5))

# --- Normalisation, dropout, arranging ------------------------------------------------------

AFFINE = {"w": numbers(3, seed=1), "b": numbers(3, seed=2)}
for shape in ((5, 3), (2, 3, 2, 2)):
    moving = {"M": numbers(3, seed=3), "V": positive(3, seed=4)}
    case("batch_norm(x, M, V)", x=numbers(*shape), **moving)
    case("batch_norm(x, M, V, w, b, True, 0.3, 0.01)", x=numbers(*shape), **moving, **AFFINE)
    case("batch_norm(x, M, V, w, training=True)", x=numbers(*shape), **moving, w=AFFINE["w"])
    case("batch_norm(x, None, None, w, b, training=True)", x=numbers(*shape), **AFFINE)
    case("batch_norm(x, M, V, None, b, False, eps=0.1)", x=numbers(*shape), **moving,
         b=AFFINE["b"])  # fmt: skip
for shape in ((5, 3), (2, 3, 2, 2), (4, 6)):
    inner = numbers(*shape[1:], seed=1)
    case(f"layer_norm(x, {list(shape[1:])})", x=numbers(*shape))
    case(f"layer_norm(x, {shape[1:]}, w, eps=0.01)", x=numbers(*shape), w=inner)
    case(f"layer_norm(x, {shape[1:]}, None, b)", x=numbers(*shape), b=inner)
for groups, shape in ((1, (4, 6)), (3, (2, 6, 2)), (2, (2, 6, 2, 2)), (6, (1, 6, 3))):
    pair = {"w": numbers(6, seed=1), "b": numbers(6, seed=2)}
    case(f"group_norm(x, {groups})", x=numbers(*shape))
    case(f"group_norm(x, {groups}, w, b, 0.01)", x=numbers(*shape), **pair)
    case(f"group_norm(x, {groups}, weight=w)", x=numbers(*shape), w=pair["w"])
for options in ("0.0", "1.0", "0.3, False", "p=0.5, training=False, inplace=False"):
    for shape in ((2, 3, 2, 2), (1, 2, 1, 3)):
        case(f"dropout(x, {options})", x=numbers(*shape))
        case(f"dropout2d(x, {options})", x=numbers(*shape))
for pad, mode in (
    ("(1, 2)", ""), ("(0, 1, 2, 0)", ", value=1.5"), ("[1, 1, 0, 2]", ", 'constant', -1"),
    ("(1, 2)", ", 'reflect'"), ("(2, 1)", ", mode='replicate'"), ("(1, 2)", ", 'circular'"),
    ("(0, 0, 1, 1, 0, 2)", ""), ("(3, 3)", ", mode='reflect'"),
):  # fmt: skip
    case(f"pad(x, {pad}{mode})", x=numbers(2, 3, 4))
for call, indices in (
    ("one_hot(I)", [0, 2, 1]), ("one_hot(I, 4)", [[0, 2], [3, 3]]),
    ("one_hot(I, num_classes=2)", 1), ("one_hot(I, -1)", [3]), ("one_hot(I, 1)", [0, 0]),
    ("one_hot(I)", [[[2]]]), ("one_hot(I, 5)", [4]), ("one_hot(I, 3)", np.zeros((0, 2), int)),
):  # fmt: skip
    case(call, I=np.array(indices))

# --- Vectors --------------------------------------------------------------------------------

for options in ("", ", 1.0, 0", ", 3.0, -1", ", p=float('inf'), dim=1", ", dim=(0, 1)",
                ", 2.0, 1, 5.0", ", 1.5", ", dim=0, eps=0.1"):  # fmt: skip
    case(f"normalize(x{options})", x=numbers(3, 4))
for options, a, b in (
    ("", (3, 4), (3, 4)), (", dim=0", (4,), (4,)), (", -1, 0.01", (2, 3), (3,)),
    ("", (2, 3, 2), (2, 3, 2)), (", dim=2", (2, 1, 3), (4, 3)), (", eps=0.1", (3, 2), (3, 2)),
    (", -2", (3, 4), (3, 1)), (", 0", (1,), (1,)),
):  # fmt: skip
    case(f"cosine_similarity(x, y{options})", x=numbers(*a), y=numbers(*b, seed=1))

# --- Losses ---------------------------------------------------------------------------------

for reduction, shape in itertools.product(("mean", "sum", "none"), ((4, 3), (2, 3, 2))):
    r, near = f"reduction='{reduction}'", {"x": numbers(*shape), "t": numbers(*shape, seed=1)}
    for name in ("mse_loss", "l1_loss", "huber_loss"):
        case(f"{name}(x, t, {r})", **near)
        case(f"{name}(x, t, {r}, weight=w)", **near, w=positive(*shape, seed=2))
    case(f"smooth_l1_loss(x, t, {r})", **near)
    case(f"smooth_l1_loss(x, t, {r}, beta=0.3)", **near)
    pair = {"x": shares(*shape), "t": shares(*shape, seed=1)}
    case(f"binary_cross_entropy(x, t, {r})", **pair)
    case(f"binary_cross_entropy(x, t, W, {r})", **pair, W=positive(*shape))
    pair["x"] = 4 * numbers(*shape)
    case(f"binary_cross_entropy_with_logits(x, t, {r})", **pair)
    case(f"binary_cross_entropy_with_logits(x, t, W, {r}, pos_weight=P)", **pair,
         W=positive(shape[0], *[1] * (len(shape) - 1)), P=positive(shape[-1]))  # fmt: skip
for reduction in ("mean", "sum", "none"):
    r = f"reduction='{reduction}'"
    case(f"huber_loss(x, t, '{reduction}', 0.4)", x=numbers(4, 3), t=numbers(4, 3, seed=1))
    target = np.array([0, 2, 1, 2])
    case(f"cross_entropy(x, I, {r})", x=numbers(4, 3), I=target)
    case(f"cross_entropy(x, I, W, ignore_index=1, {r}, label_smoothing=0.1)", x=numbers(4, 3),
         I=target, W=positive(3))  # fmt: skip
    case(f"nll_loss(x, I, {r})", x=numbers(2, 3, 4), I=target.reshape(1, 4) * np.ones((2, 1), int))
    case(f"nll_loss(x, I, weight=W, ignore_index=0, {r})", x=numbers(4, 3), I=target, W=positive(3))
for reduction in ("mean", "sum", "none", "batchmean"):
    case(f"kl_div(x, t, reduction='{reduction}')", x=numbers(4, 3), t=shares(4, 3, seed=1))
    case(f"kl_div(x, t, reduction='{reduction}', log_target=True)", x=numbers(4, 3),
         t=numbers(4, 3, seed=1))  # fmt: skip
case("nll_loss(x, I)", x=numbers(5), I=np.array(3))
case("nll_loss(x, I)", x=numbers(2, 4), I=np.array([3, 1]))
case("cross_entropy(x, I)", x=numbers(3), I=np.array(2))
case("cross_entropy(x, t, label_smoothing=0.2)", x=numbers(4, 3), t=shares(4, 3, seed=1))
