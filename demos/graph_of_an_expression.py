"""One neuron as a graph: the forward pass, and the chain rule on every edge.

Lecture: "CNN Learning: Intuition" (forward pass, backward pass). The thing to see: on each edge
stands upstream gradient × local derivative, and what leaves a box adds up to its gradient.

    python demos/graph_of_an_expression.py
"""

from __future__ import annotations

import argparse
from pathlib import Path

from minigrad import Value, draw


def neuron() -> Value:
    """L = (tanh(w₁x₁ + w₂x₂ + b) − y)², differentiated."""
    x1, w1 = Value(2.0, "x1"), Value(-0.7, "w1")
    x2, w2 = Value(0.5, "x2"), Value(1.2, "w2")
    b, y = Value(0.4, "b"), Value(1.0, "y")
    z = w1 * x1 + w2 * x2 + b
    z.label = "z"
    h = z.tanh()
    h.label = "h"
    loss = (h - y) ** 2
    loss.label = "L"
    loss.backward()
    return loss


def run(out: Path) -> Value:
    """Draw the neuron into a folder, and return its loss."""
    loss = neuron()
    drawing = draw(loss, legend=True)
    print(drawing)
    out.mkdir(parents=True, exist_ok=True)
    for name in ("neuron.svg", "neuron.png"):
        drawing.save(out / name)
        print(f"wrote {out / name}")
    return loss


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/graph_of_an_expression"))
    run(parser.parse_args().out)
