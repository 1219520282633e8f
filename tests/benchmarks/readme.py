"""The README's tables: the figures that matter most, between two marks that stand there.

    python -m tests.benchmarks --markdown

writes them anew from what was measured on this machine, now and earlier. Each is the ratio of
20th percentiles, time ÷ the peer's, below 1 where minigrad is faster.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from . import record
from .harness import ROOT, Outcome
from .marks import between
from .report import geometric_mean, table
from .workloads.apart import LAST
from .workloads.functions import FUNCTIONS
from .workloads.optimizers import FUSED
from .workloads.step import TUNED

README = ROOT / "README.md"
BEGIN, END = "<!-- benchmarks -->", "<!-- end of benchmarks -->"
NONE = "–"


class Row(NamedTuple):
    """What a row is about: a pattern of its workloads' names, or a group of them."""

    label: str
    workload: str
    ours: str = "minigrad"


class Table(NamedTuple):
    """A table: its rows, and in each column the names that a peer may have."""

    corner: str
    columns: dict[str, tuple[str, ...]]
    rows: tuple[Row, ...]


STEPS = Table(
    "training step ÷",
    {
        "PyTorch": ("torch",),
        "PyTorch, tuned": (TUNED,),
        "JAX, jit": ("jax, jit",),
        "JAX": ("jax",),
        "tinygrad, jit": ("tinygrad, jit",),
        "DeZero": ("dezero",),
        "SmallPebble": ("smallpebble",),
        "autograd": ("autograd",),
    },
    (
        Row("MLP 784-256-128-10, batch 1", "(step|peers)/mlp-1(/.*)?"),
        Row("the same, batch 128", "(step|peers)/mlp-128(/.*)?"),
        Row("LeNet-5, 28×28, batch 64", "(step|peers)/lenet-64(/.*)?"),
        Row("CNN 32-64-128 with BatchNorm, 32×32, batch 64", "(step|peers)/cifar-64(/.*)?"),
        Row("transformer, 4 blocks of 128 features, 64 words, batch 12", "step/gpt-12"),
        Row("LSTM of 128 units, 50 steps of 64 features, batch 32", "step/lstm-32"),
    ),
)
PARTS = Table(
    "part of a step ÷",
    {"PyTorch": ("torch",), "PyTorch, tuned": (TUNED, LAST, FUSED, "torch, sliced")},
    (
        Row("convolution, geometric mean of nine layers: forward", "conv/forward"),
        Row("its filter gradient", "conv/filter-gradient"),
        Row("its input gradient", "conv/input-gradient"),
        Row("depthwise convolution, forward", "conv/forward/depthwise"),
        Row("convolution of one image 16×14×14, forward", "conv/forward/batch-1"),
        Row("BatchNorm, forward", "layer/batchnorm/forward"),
        Row("BatchNorm, backward", "layer/batchnorm/backward"),
        Row("ReLU, forward", "layer/relu/forward"),
        Row("ReLU, backward", "layer/relu/backward"),
        Row("max-pooling, forward", "layer/maxpool/forward"),
        Row("max-pooling, backward", "layer/maxpool/backward"),
        Row("dropout, forward", "layer/dropout/forward"),
        Row("cross-entropy, 128×10, forward and backward", "layer/cross-entropy-10/both"),
        Row(f"{len(FUNCTIONS)} other functions, forward and backward, geometric mean", "function"),
        Row("Adam, 20 tensors, 100,000 parameters", "optim/adam-100k"),
        Row("Adam, 1,000,000", "optim/adam-1M"),
        Row("Adam, 10,000,000", "optim/adam-10M"),
        Row("SGD with momentum, 1,000,000", "optim/sgd-1M"),
        Row("memory that the CNN's step adds", "memory/cifar-64"),
        Row("one epoch of MNIST, CNN with BatchNorm", "epoch"),
    ),
)
OPS = Table(
    "small things ÷",
    {
        "PyTorch": ("torch",),
        "autograd": ("autograd",),
        "MyGrad": ("mygrad",),
        "micrograd": ("micrograd",),
    },
    (
        Row("200 ops y·b + c on four numbers, three gradients", "tiny-op/all"),
        Row("the same, one gradient", "tiny-op/input"),
        Row("200 ops sin(tanh(y)) on four numbers", "tiny-op/unary"),
        Row("micrograd's two-moons network in `Value`", "moons"),
        Row("the same, one node per neuron: `Value.dot`", "moons", "minigrad, dot"),
        Row("the same, `compile`d, after the first run", "moons", "minigrad, compiled"),
    ),
)
TABLES = (STEPS, PARTS, OPS)


def block(outcomes: Sequence[Outcome]) -> str:
    """The tables, and where they were measured; a dash where nothing was."""
    there = [f"{name} {v}" for name, v in record.libraries().items() if v != "missing"]
    where = f"Measured with {', '.join(there)} on {record.machine()}; one thread."
    return "\n\n".join([*(written(t, outcomes) for t in TABLES), where])


def written(wanted: Table, outcomes: Sequence[Outcome]) -> str:
    """One of the tables."""
    rows = [
        (row.label, *(cell(row, peers, outcomes) for peers in wanted.columns.values()))
        for row in wanted.rows
    ]
    return table((wanted.corner, *wanted.columns), rows)


def cell(row: Row, peers: Sequence[str], outcomes: Sequence[Outcome]) -> str:
    """The ratio to the first of the peers that was measured."""
    for peer in peers:
        found = [
            o.undisturbed(pair)
            for o in outcomes
            for pair in o.comparisons()
            if belongs(o, row) and (pair.ours, pair.peer) == (row.ours, peer)
        ]
        if found:
            return shown(geometric_mean(found))
    return NONE


def belongs(outcome: Outcome, row: Row) -> bool:
    """Whether the workload is the row's, or of the group that the row is the mean of."""
    group = outcome.workload.group
    names = [outcome.workload.name, *([group.name] if group else [])]
    return any(re.fullmatch(row.workload, name) for name in names)


def shown(ratio: float) -> str:
    """Two figures: 0.0021, 0.65, 1.3."""
    return f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}"


def replaced(text: str, outcomes: Sequence[Outcome]) -> str:
    """The README with new tables between the marks."""
    return between(text, BEGIN, END, block(outcomes))


def form(text: str) -> list[list[str]]:
    """What a block consists of, with the figures left out: rows of cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [[re.sub(r"^(–|[\d.e-]+)$", "·", cell) for cell in row] for row in rows]


def write(outcomes: Sequence[Outcome], path: Path = README) -> None:
    """Write the tables into the README."""
    text = path.read_text(encoding="utf-8")
    path.write_text(replaced(text, outcomes), encoding="utf-8")
