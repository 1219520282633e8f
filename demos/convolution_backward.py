"""A convolution and both of its gradients: every expansion of the chain rule, and what they are.

Lecture: "CNN", "Forward Pass", "Backward Pass", "Loss gradient w.r.t filter" (expanding the chain
rule, replacing local gradients of filter), "Rotating filter by 180 degrees", "Summarising Back
Propagation".
The one thing to see: the four sums for ∂L/∂F are a convolution of X with ∂L/∂O, and the nine for
∂L/∂X are a full convolution of ∂L/∂O with the filter turned by 180°.

    python demos/convolution_backward.py
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.ops.conv_lecture import convolution, full_convolution

X = np.array([[[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 1.0, 1.0]]]])
F = np.array([[[[1.0, -1.0], [2.0, 0.5]]]])
TARGET = np.array([[[[1.0, 0.0], [2.0, 1.0]]]])
KINDS = ("svg", "png")


@dataclass(frozen=True)
class Result:
    """What was measured, and where the files are."""

    by_chain_rule: dict[str, np.ndarray]  # ∂L/∂F and ∂L/∂X, entry by entry from the expansions
    by_convolution: dict[str, np.ndarray]  # the same as the summary slide claims it
    by_engine: dict[str, np.ndarray]
    files: dict[str, Path]


def loss_of() -> tuple[mg.Tensor, mg.Tensor, mg.Tensor, mg.Tensor]:
    """X, F, O = X ∗ F, and L = Σ (O − T)², differentiated."""
    x = mg.Tensor(X, requires_grad=True, name="X")
    f = mg.Tensor(F, requires_grad=True, name="F")
    o = mg.conv2d(x, f)
    o.name = "O"
    o.retain_grad()
    loss = ((o - TARGET) ** 2).sum()
    loss.name = "L"
    loss.backward()
    return x, f, o, loss


def expand(tensor: mg.Tensor, loss: mg.Tensor) -> np.ndarray:
    """Print the chain rule for every entry; the sums, in the shape of the tensor."""
    sums = np.empty(tensor.shape)
    for index in np.ndindex(tensor.shape):
        told = mg.explain(tensor, loss, index=index)
        print(f"{told}\n")
        sums[index] = told.total
    return sums


def compare(result: dict[str, dict[str, np.ndarray]]) -> None:
    """A table: each gradient by the chain rule, as a convolution, and by the engine."""
    for name in ("∂L/∂F", "∂L/∂X"):
        print(name)
        for way, gradients in result.items():
            print(f"    {way:16} {gradients[name][0, 0].tolist()}")


def draw(x: Any, f: Any, o: Any, loss: Any, out: Path) -> dict[str, Path]:
    """The lecture's figure, the graph with its numbers, and ∂L/∂F11 as four paths."""
    root, corner = unrolled()
    drawings = {
        "gradients": mg.conv_backward_figure(x, f, o.grad),
        "graph": mg.draw(loss, title="O = X * F, L = Σ (O - T)²"),
        "four_paths": mg.draw(root, focus=corner),
    }
    files = {f"{name}.{kind}": out / f"{name}.{kind}" for name in drawings for kind in KINDS}
    for path in files.values():
        drawings[path.stem].save(path)
    return files


def unrolled() -> tuple[mg.Value, mg.Value]:
    """The same with a Value for every entry, each output a sum of products: L, and F11."""
    x, f = entries("X", X[0, 0]), entries("F", F[0, 0])
    squares = []
    for (i, j), target in np.ndenumerate(TARGET[0, 0]):
        o = mg.Value.sum(f[k, m] * x[i + k, j + m] for k, m in f)
        o.label = f"O{i + 1}{j + 1}"
        squares.append((o - target) ** 2)
    loss = mg.Value.sum(squares)
    loss.label = "L"
    loss.backward()
    return loss, f[0, 0]


def entries(name: str, data: np.ndarray) -> dict[tuple[int, ...], mg.Value]:
    """A Value for every entry of a matrix, named as on a board: X11, X12, …"""
    return {(i, j): mg.Value(v, f"{name}{i + 1}{j + 1}") for (i, j), v in np.ndenumerate(data)}


def run(out: Path) -> Result:
    """Expand, compare, draw; returns every gradient by every way."""
    out.mkdir(parents=True, exist_ok=True)
    x, f, o, loss = loss_of()
    upstream = o.grad.data
    ways = {
        "chain rule": {"∂L/∂F": expand(f, loss), "∂L/∂X": expand(x, loss)},
        "as a convolution": {
            "∂L/∂F": convolution(X, upstream),
            "∂L/∂X": full_convolution(F, upstream),
        },
        "backward()": {"∂L/∂F": f.grad.data, "∂L/∂X": x.grad.data},
    }
    compare(ways)
    files = draw(x, f, o, loss, out)
    for what, path in files.items():
        print(f"{what + ':':24} {path}")
    return Result(*ways.values(), files)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/convolution_backward"))
    run(parser.parse_args().out)
