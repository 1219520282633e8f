"""Networks for sequences, written once for minigrad's and PyTorch's `nn`, which read the same.

GPT is a decoder-only transformer in the size that nanoGPT takes on a CPU; LSTM reads rows of
features and says at the end what they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import CLASSES, Array

WORDS, LENGTH, FEATURES, HEADS, BLOCKS = 65, 64, 128, 4, 4
SPREAD = 0.08  # of the first weights: evenly between ± this


def first_weights(model: Any) -> dict[str, Array]:
    """The same in every library, for the parameters have the same names, shapes and order."""
    draw = np.random.default_rng(0)
    shapes = {name: tuple(p.shape) for name, p in model.named_parameters()}
    return {name: draw.uniform(-SPREAD, SPREAD, s).astype(np.float32) for name, s in shapes.items()}


@dataclass(frozen=True)
class GPT:
    """Which word comes next, for all words of a text."""

    batch: int

    def data(self) -> tuple[Array, Array]:
        """Texts (batch, LENGTH), and the words that follow, one after the other."""
        text = np.random.default_rng(1).integers(0, WORDS, (self.batch, LENGTH + 1))
        return text[:, :-1], text[:, 1:].reshape(-1)

    def model(self, nn: Any) -> Any:
        """Embedding, blocks of attention and two layers, and the scores of all words."""
        F = nn.functional

        class Block(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.before, self.between = nn.LayerNorm(FEATURES), nn.LayerNorm(FEATURES)
                self.ask, self.answer = (nn.Linear(FEATURES, n * FEATURES) for n in (3, 1))
                self.up = nn.Linear(FEATURES, 4 * FEATURES)
                self.down = nn.Linear(4 * FEATURES, FEATURES)

            def attention(self, x: Any) -> Any:
                by_head = (*x.shape[:2], 3 * HEADS, FEATURES // HEADS)
                each = self.ask(x).reshape(by_head).swapaxes(1, 2)  # (batch, 3 heads, length, …)
                q, k, v = (each[:, i * HEADS : (i + 1) * HEADS] for i in range(3))
                y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
                return self.answer(y.swapaxes(1, 2).reshape(x.shape))

            def forward(self, x: Any) -> Any:
                x = x + self.attention(self.before(x))
                return x + self.down(F.gelu(self.up(self.between(x))))

        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.word = nn.Embedding(WORDS, FEATURES)
                self.place = nn.Embedding(LENGTH, FEATURES)
                self.blocks = nn.Sequential(*(Block() for _ in range(BLOCKS)))
                self.last = nn.LayerNorm(FEATURES)
                self.scores = nn.Linear(FEATURES, WORDS)

            def forward(self, text: Any) -> Any:
                x = self.blocks(self.word(text) + self.place.weight)
                return self.scores(self.last(x)).reshape(-1, WORDS)

        return Model()


@dataclass(frozen=True)
class LSTM:
    """A class for each sequence."""

    batch: int
    length: int
    features: int
    units: int

    def data(self) -> tuple[Array, Array]:
        """Sequences (length, batch, features), and a label for each."""
        draw = np.random.default_rng(1)
        x = draw.normal(size=(self.length, self.batch, self.features)).astype(np.float32)
        return x, draw.integers(0, CLASSES, self.batch)

    def model(self, nn: Any) -> Any:
        """A recurrent layer, and a linear one of its last state."""
        features, units = self.features, self.units

        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.recurrent = nn.LSTM(features, units)
                self.scores = nn.Linear(units, CLASSES)

            def forward(self, x: Any) -> Any:
                return self.scores(self.recurrent(x)[0][-1])

        return Model()
