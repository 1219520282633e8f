"""Bugs of normalisation, dropout and losses."""

from __future__ import annotations

from .plant import Plant

NORM = ("tests/nn/test_batch_norm.py", "tests/nn/test_settings.py")

PLANTS = [
    Plant(
        53,
        "batch norm: ∂L/∂x without γ",
        "minigrad/ops/norm.py",
        (
            (
                "s = saved\n    scale = s if gamma is None else s * gamma",
                "s = saved\n    scale = s",
            ),
        ),
        NORM,
    ),
    Plant(
        54,
        "batch norm: ∂L/∂x without the route through the mean",
        "minigrad/ops/norm.py",
        (("            z -= (sum_g / n)[:, None]\n", ""),),
        NORM,
    ),
    Plant(
        55,
        "batch norm: running_var biased",
        "minigrad/nn/functional/norm.py",
        (("momentum * n / (n - 1) * batch.var", "momentum * batch.var"),),
        NORM,
    ),
    Plant(
        56,
        "batch norm: momentum the other way round",
        "minigrad/nn/functional/norm.py",
        (
            ("mean *= 1 - momentum", "mean *= momentum"),
            ("mean += momentum * batch.mean", "mean += (1 - momentum) * batch.mean"),
        ),
        NORM,
    ),
    Plant(
        57,
        "batch norm: eval() goes by the batch",
        "minigrad/nn/norm.py",
        (("training=self.training or not tracked", "training=True"),),
        NORM,
    ),
    Plant(
        58,
        "dropout: another mask on the way back",
        "minigrad/nn/functional/dropout.py",
        (
            (
                "x=lambda g, y, x, mask: g * mask)",
                "x=lambda g, y, x, mask: g * np.random.default_rng(0).permuted(mask))",
            ),
        ),
        ("tests/nn/test_dropout.py",),
    ),
    Plant(
        59,
        "cross-entropy: the mean counts samples that are ignored",
        "minigrad/ops/loss.py",
        (
            (
                "divisor = float(np.sum(q * column))",
                "divisor = float(np.sum(q * column) + np.sum(~counts))",
            ),
        ),
        ("tests/test_cases_losses.py", "tests/ops/test_fused_loss.py"),
    ),
]
