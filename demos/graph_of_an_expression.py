"""Graphs of expressions: the forward pass, the chain rule on every edge, and the order of the walk.

Lecture: "CNN Learning: Intuition" (forward pass, backward pass), "Loss gradient by chain rule".
The one thing to see: on each edge stands upstream gradient × local derivative, what leaves a box
adds up to its gradient, and a box may pay its inputs only once it has been paid in full.

    python demos/graph_of_an_expression.py

writes the pictures of a neuron and of micrograd's expression, their backward passes step by step,
and what happens to a walk that does not wait.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from style import BLUE, ORANGE, SLIDE

from minigrad import Value, draw, explain, steps

DEPTHS = range(2, 17, 2)


@dataclass(frozen=True)
class Result:
    """What was measured, and where the files are."""

    loss: Value
    gradient: float  # of the graph in which order matters
    impatient: float  # the same by a walk that does not wait
    visits: dict[str, list[int]]  # by walk, for chains of DEPTHS squares
    files: dict[str, Path]


# --- Two expressions ------------------------------------------------------------------------------


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


def expression() -> Value:
    """The expression that micrograd's page opens with, its steps named."""
    a, b = Value(-4.0, "a"), Value(2.0, "b")
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    for value, name in ((c, "c"), (d, "d"), (e, "e"), (f, "f"), (g, "g")):
        value.label = name
    g.backward()
    return g


# --- Why topological order ------------------------------------------------------------------------


def fan_out() -> tuple[Value, Value]:
    """x and L = a + b with a = 2x and b = 3a: a is used twice, once directly by the root."""
    x = Value(1.0, "x")
    a = 2 * x
    a.label = "a"
    b = 3 * a
    b.label = "b"
    loss = a + b
    loss.label = "L"
    return x, loss


def impatient(root: Value) -> tuple[dict[Value, float], int]:
    """Breadth first, each node once, as soon as it is reached: wrong where paths differ in length.

    A node may pay its inputs before all that was made from it has paid in; what comes later is
    never passed on.
    """
    grads, queue, seen = {root: 1.0}, [root], {root}
    for node in queue:
        for x, slope in edges(node):
            grads[x] = grads.get(x, 0.0) + grads[node] * slope
            if x not in seen:
                seen.add(x)
                queue.append(x)
    return grads, len(queue)


def every_path(root: Value) -> tuple[dict[Value, float], int]:
    """Each path on its own: right, but there may be 2ⁿ of them."""
    grads: dict[Value, float] = {}
    stack, visits = [(root, 1.0)], 0
    while stack:
        node, product = stack.pop()
        visits += 1
        grads[node] = grads.get(node, 0.0) + product
        stack += [(x, product * slope) for x, slope in edges(node)]
    return grads, visits


def in_order(root: Value) -> tuple[dict[Value, float], int]:
    """Topological order: a node comes after all that was made from it. Right, and n visits."""
    order = topological(root)
    grads = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in reversed(order):
        for x, slope in edges(node):
            grads[x] += grads[node] * slope
    return grads, len(order)


def edges(node: Value) -> Iterator[tuple[Value, float]]:
    """The inputs of a node, one for each use, with the local derivatives."""
    return zip(node.inputs, node.local_derivatives)


def topological(root: Value) -> list[Value]:
    """Inputs before what was made from them: a node is listed once all of its inputs are."""
    order: list[Value] = []
    seen: set[Value] = set()

    def visit(node: Value) -> None:
        if node not in seen:
            seen.add(node)
            for x in node.inputs:
                visit(x)
            order.append(node)

    visit(root)
    return order


def squares(depth: int) -> Value:
    """x squared again and again, y = y · y: two ways back through each, 2ⁿ paths in all."""
    y = Value(1.0, "x")
    for _ in range(depth):
        y = y * y
    return y


WALKS = {"every path": every_path, "in topological order": in_order}


def count_visits() -> dict[str, list[int]]:
    """How many nodes each of the walks that are right goes to."""
    return {name: [walk(squares(n))[1] for n in DEPTHS] for name, walk in WALKS.items()}


def show_order(visits: dict[str, list[int]]) -> float:
    """Print what each walk says of the fan-out, and what it costs; the impatient one's answer."""
    x, loss = fan_out()
    print("\nL = a + b, a = 2x, b = 3a: which ∂L/∂x?")
    found = {name: walk(loss)[0][x] for name, walk in ({"impatient": impatient} | WALKS).items()}
    for name, gradient in found.items():
        print(f"    {name:22} {gradient:g}{'  wrong' if gradient != found[IN_ORDER] else ''}")
    print("visits for a chain of n squares:")
    print("    n" + " " * 19 + "".join(f"{n:8}" for n in DEPTHS))
    for name, counts in visits.items():
        print(f"    {name:20}" + "".join(f"{n:8}" for n in counts))
    return found["impatient"]


IN_ORDER = "in topological order"


def draw_visits(visits: dict[str, list[int]], path: Path) -> Path:
    """The visits on a logarithmic scale: 2ⁿ is a straight line, n a flat one."""
    with rc_context(SLIDE):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        ax = figure.subplots()
        for (name, counts), colour, marker in zip(visits.items(), (ORANGE, BLUE), "so"):
            ax.semilogy(DEPTHS, counts, marker=marker, color=colour, label=name)
        ax.set(
            xlabel="squares in the chain", ylabel="nodes visited", title="The cost of a gradient"
        )
        figure.legend(loc="outside lower center", ncols=2)
        figure.savefig(path)
    return path


# --- All of it ------------------------------------------------------------------------------------


def run(out: Path) -> Result:
    """Draw, explain and count, into a folder; returns what was measured."""
    out.mkdir(parents=True, exist_ok=True)
    loss, g = neuron(), expression()
    files = draw_graphs({"neuron": loss, "expression": g}, out)
    print(draw(loss))
    w1 = next(x for x in topological(loss) if x.label == "w1")
    print(f"\n{explain(w1, loss)}")
    began = perf_counter()
    visits = count_visits()
    wrong = show_order(visits)
    x, fan = fan_out()
    fan.backward()
    files["cost of the walks"] = draw_visits(visits, out / "visits.png")
    files["fan-out, step by step"] = out / "fan_out.html"
    steps(fan).save(files["fan-out, step by step"])
    print(f"\n(all walks: {perf_counter() - began:.1f} s)")
    for what, path in files.items():
        print(f"{what + ':':28} {path}")
    return Result(loss, x.grad, wrong, visits, files)


def draw_graphs(graphs: dict[str, Any], out: Path) -> dict[str, Path]:
    """Each graph as SVG and PNG, and step by step as a page and as a moving picture."""
    files = {}
    for name, root in graphs.items():
        drawing, story = draw(root, legend=name == "neuron"), steps(root)
        for kind, thing in (("svg", drawing), ("png", drawing), ("html", story)):
            files[f"{name}, {kind}"] = out / f"{name}.{kind}"
            thing.save(files[f"{name}, {kind}"])
        files[f"{name}, moving"] = out / f"{name}_steps.svg"
        story.save(files[f"{name}, moving"])
    return files


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/graph_of_an_expression"))
    run(parser.parse_args().out)
