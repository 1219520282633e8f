"""Losses as modules: `loss(output, target)`. Formulas stand in functional/loss.py."""

from __future__ import annotations

from typing import Any, ClassVar

from minigrad.nn import functional as F
from minigrad.nn.checks import ABOVE_ZERO, FROM_ZERO, SHARE, require, require_int
from minigrad.nn.functional.loss import check_reduction
from minigrad.nn.module import Module
from minigrad.ops.loss import REDUCTIONS


class Loss(Module):
    """What the losses share. reduction: "mean", "sum" or "none", which gives all single losses."""

    reductions: ClassVar[tuple[str, ...]] = REDUCTIONS

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(type(self).__name__, reduction, self.reductions)
        self.reduction = reduction


class MSELoss(Loss):
    """(x − t)². Errors: a ValueError if the shapes differ."""

    def forward(self, input: Any, target: Any) -> Any:
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """|x − t|. Errors: a ValueError if the shapes differ."""

    def forward(self, input: Any, target: Any) -> Any:
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    """d² / 2β for d = |x − t| < β, d − β/2 beyond. Source: Girshick (2015), Fast R-CNN."""

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        require("SmoothL1Loss", "beta", beta, FROM_ZERO)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """d² / 2 for d = |x − t| ≤ δ, δ (d − δ/2) beyond. Source: Huber (1964)."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        require("HuberLoss", "delta", delta, ABOVE_ZERO)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class CrossEntropyLoss(Loss):
    """−log softmax(x)[target], the mean over the samples: for classes, from logits x.

    input (N, C, …) or (C,); target: class indices (N, …) or probabilities in the input's shape.
    weight (C,), a buffer, lets classes count differently; samples of target ignore_index do not
    count; label_smoothing ε mixes the target with the uniform distribution.
    Errors: an IndexError for a target that is no class, a ValueError for shapes that do not fit.
    """

    def __init__(
        self,
        weight: Any = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction=reduction)
        require("CrossEntropyLoss", "label_smoothing", label_smoothing, SHARE)
        self.register_buffer("weight", weight)
        self.ignore_index = require_int("CrossEntropyLoss", "ignore_index", ignore_index)
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(Loss):
    """−x[target], the mean over the samples: for classes, from log-probabilities x.

    Shapes, weight, ignore_index and errors as for CrossEntropyLoss; targets are class indices.
    """

    def __init__(
        self, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = require_int("NLLLoss", "ignore_index", ignore_index)

    def forward(self, input: Any, target: Any) -> Any:
        return F.nll_loss(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class BCELoss(Loss):
    """−(t ln p + (1 − t) ln(1 − p)) for probabilities p; logarithms are held at −100.

    weight, a buffer, multiplies the losses. Errors: a ValueError if p is not between 0 and 1.
    """

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.register_buffer("weight", weight)

    def forward(self, input: Any, target: Any) -> Any:
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(Loss):
    """Sigmoid and BCELoss in one, without overflow: (1 − t) x − (1 + (c − 1) t) ln σ(x).

    weight multiplies the losses, pos_weight c those of positive targets; both are buffers.
    """

    def __init__(
        self, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None
    ) -> None:
        super().__init__(reduction=reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Any, target: Any) -> Any:
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class KLDivLoss(Loss):
    """t (ln t − x): the divergence of the distribution eˣ from t; x are log-probabilities.

    log_target: the target holds ln t. Only reduction "batchmean" is the divergence of the
    definition, averaged over the samples; "mean" divides by the number of entries, as in PyTorch.
    """

    reductions: ClassVar[tuple[str, ...]] = (*REDUCTIONS, "batchmean")

    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)
