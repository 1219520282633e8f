"""Models of which PyTorch wrote files: expressions that both libraries understand."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Model(NamedTuple):
    """An expression in nn, and what goes in; dtype is that of PyTorch's file."""

    expression: str
    inputs: tuple[np.ndarray, ...]
    dtype: str = "float64"

    @property
    def precision(self) -> str:
        """What it is computed in: half of it is for files only."""
        return "float64" if self.dtype == "float64" else "float32"

    def given(self) -> list[np.ndarray]:
        """The inputs in that precision; indices as they are."""
        return [x.astype(self.precision) if x.dtype.kind == "f" else x for x in self.inputs]


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


CNN = """nn.Sequential(
    nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(4, 6, 3, groups=2), nn.BatchNorm2d(6, affine=False), nn.GELU(),
    nn.Flatten(), nn.Dropout(0.3), nn.Linear(24, 5), nn.BatchNorm1d(5),
)"""
IMAGES = (numbers(4, 1, 8, 8),)

MODELS = {
    "cnn": Model(CNN, IMAGES),
    "cnn_float32": Model(CNN, IMAGES, "float32"),
    "cnn_float16": Model(CNN, IMAGES, "float16"),
    "cnn_bfloat16": Model(CNN, IMAGES, "bfloat16"),
    "transposed": Model(
        """nn.Sequential(
            nn.ConvTranspose2d(3, 4, 3, 2, 1, 1, groups=1), nn.GroupNorm(2, 4),
            nn.LayerNorm([4, 6, 6]), nn.Flatten(2), nn.Conv1d(4, 2, 5, stride=3),
        )""",
        (numbers(2, 3, 3, 3),),
    ),
    "rnn": Model("nn.RNN(3, 4, nonlinearity='relu', bias=False)", (numbers(5, 2, 3),)),
    "lstm": Model(
        "nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)", (numbers(2, 5, 3),)
    ),
    "gru": Model("nn.GRU(3, 4, num_layers=2)", (numbers(5, 2, 3),)),
    "attention": Model(
        "nn.MultiheadAttention(8, 2, batch_first=True)",
        (numbers(2, 3, 8), numbers(2, 4, 8, seed=1), numbers(2, 4, 8, seed=2)),
    ),
    "attention_other_sizes": Model(
        "nn.MultiheadAttention(8, 2, kdim=5, vdim=3, bias=False)",
        (numbers(3, 2, 8), numbers(4, 2, 5, seed=1), numbers(4, 2, 3, seed=2)),
    ),
    "embedding": Model(
        "nn.Sequential(nn.Embedding(7, 3, padding_idx=0), nn.Flatten(), nn.Linear(6, 2))",
        (np.array([[1, 0], [6, 3]]),),
    ),
    "bilinear": Model("nn.Bilinear(3, 2, 4)", (numbers(5, 3), numbers(5, 2, seed=1))),
}


def arrays_in(output: Any) -> list[Any]:
    """The tensors of an output, also of one in nested tuples."""
    if isinstance(output, tuple | list):
        return [x for part in output for x in arrays_in(part)]
    return [output]


def tied(nn: Any) -> Any:
    """A model with one weight for two layers."""
    model = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 5, bias=False)).double()
    model[1].weight = model[0].weight
    return model


WORDS = np.array([[0, 4, 2]])
