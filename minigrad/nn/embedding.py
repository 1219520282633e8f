"""Embedding: a vector for each word, class or player, learned like any weight."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.checks import ABOVE_ZERO, FROM_ZERO, require
from minigrad.nn.functional.embedding import padding_row
from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter, unfilled
from minigrad.ops.arguments import array_of
from minigrad.ops.window import whole_numbers
from minigrad.rng import Rng


class Embedding(Module):
    """y = weight[x]: for each index a row of a table

    x (…) whole numbers 0 … num_embeddings − 1 → (…, embedding_dim). weight (num_embeddings,
    embedding_dim) starts normally distributed with mean 0 and standard deviation 1.
    padding_idx: a row that starts as 0 and gets no gradient, for places without a word.
    max_norm: rows longer than that, by the norm of order norm_type, are shortened to it when they
    are taken. scale_grad_by_freq: the gradient of a row is divided by how often it was taken.
    sparse is accepted as in PyTorch; gradients are whole arrays all the same.
    Errors: an IndexError for an index without a row; a TypeError for what is no whole number.

    >>> words = Embedding(10, 3, padding_idx=0, rng=0)
    >>> words(np.array([[1, 5, 0]])).shape
    (1, 3, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        *,
        dtype: Any = None,
        rng: Rng = None,
    ) -> None:
        super().__init__()
        (self.num_embeddings,) = whole_numbers("Embedding", "num_embeddings", num_embeddings, 1, 0)
        (self.embedding_dim,) = whole_numbers("Embedding", "embedding_dim", embedding_dim, 1, 0)
        self.padding_idx = padding_row("Embedding", padding_idx, self.num_embeddings)
        if max_norm is not None:
            require("Embedding", "max_norm", max_norm, FROM_ZERO)
        require("Embedding", "norm_type", norm_type, ABOVE_ZERO)
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        if _weight is None:
            self.weight = unfilled(self.num_embeddings, self.embedding_dim, dtype=dtype)
            self.reset_parameters(rng)
        else:
            self.weight = Parameter(self._table(_weight), dtype=dtype)
        self.weight.requires_grad = not _freeze

    def _table(self, weight: Any) -> Any:
        """The weight given, if it has the right shape."""
        table, wanted = np.asarray(array_of(weight)), (self.num_embeddings, self.embedding_dim)
        if table.shape != wanted:
            raise ValueError(f"Embedding: _weight has shape {table.shape}, wanted {wanted}")
        return table

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """A layer with a copy of this table (V, D) as weight; freeze: it is not to be learned.

        >>> Embedding.from_pretrained(np.array([[1.0, 2.3], [4.0, 5.1]]))(np.array([1])).tolist()
        [[4.0, 5.1]]
        """
        table = np.asarray(array_of(embeddings))
        if table.ndim != 2:
            raise ValueError(
                f"Embedding.from_pretrained: wanted a table (rows, features), got {table.shape}"
            )
        rows, features = table.shape
        return cls(
            rows,
            features,
            padding_idx=padding_idx,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
            _weight=table,
            _freeze=freeze,
        )

    def reset_parameters(self, rng: Rng = None) -> None:
        """Draw all rows anew, but the padding is 0."""
        init.normal_(self.weight, rng=rng)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0

    def forward(self, x: Any) -> Any:
        return F.embedding(
            x,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.sparse,
        )

    def extra_repr(self) -> str:
        settings = {
            "padding_idx": self.padding_idx,
            "max_norm": self.max_norm,
            "norm_type": self.norm_type if self.norm_type != 2 else None,
            "scale_grad_by_freq": self.scale_grad_by_freq or None,
            "sparse": self.sparse or None,
        }
        told = [f"{name}={value}" for name, value in settings.items() if value is not None]
        return ", ".join([f"{self.num_embeddings}, {self.embedding_dim}", *told])
