"""Gradients of gradients: drawn, used for Newton's method, and as a penalty.

Lecture: "Need of optimizer" (gradient against distance), "Optimizer".
The one thing to see: a gradient computed with create_graph=True is a graph like any other. It can
be drawn, checked and differentiated again.

    python demos/gradient_of_a_gradient.py
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from style import BLUE, ORANGE, SLIDE

import minigrad as mg
from minigrad import data, nn, optim
from minigrad.data import surfaces

STEPS = 10_000  # of gradient descent, at most
CLOSE = 1e-8  # distance from the minimum that counts as reached


@dataclass(frozen=True)
class Result:
    """What was measured, and where the files are."""

    second: float  # tanh'' at 0.5, by differentiating twice
    newton: list[float]  # distance from the minimum after every step
    descent: list[float]
    slopes: dict[str, float]  # mean |∂output/∂input|, without and with the penalty
    accuracies: dict[str, float]
    files: dict[str, Path]


# --- The graph of a second derivative ------------------------------------------------------------


def second_derivative() -> tuple[mg.Tensor, mg.Tensor]:
    """x, and the graph of d/dx tanh x = 1 − tanh² x."""
    x = mg.Tensor(0.5, requires_grad=True, name="x")
    y = mg.tanh(x)
    (slope,) = mg.grad(y, x, create_graph=True)
    slope.name = "dy/dx"
    slope.backward()
    return x, slope


# --- Newton's method ------------------------------------------------------------------------------


def valley(theta: Any) -> Any:
    """Rosenbrock's function of a vector."""
    return surfaces.rosenbrock(theta[0], theta[1])


def newton(f: Any, start: np.ndarray, minimum: np.ndarray) -> list[float]:
    """θ ← θ − H⁻¹ g: the curvature tells how far to go in each direction."""
    theta, distances = start.copy(), []
    for _ in range(STEPS):
        distances.append(float(np.linalg.norm(theta - minimum)))
        if distances[-1] < CLOSE:
            break
        _, g = mg.value_and_grad(f)(theta)
        h = mg.hessian(f, theta)
        theta -= np.linalg.solve(h.data, g.data)
    return distances


def descent(f: Any, start: np.ndarray, minimum: np.ndarray, lr: float) -> list[float]:
    """θ ← θ − lr · g"""
    theta = mg.Tensor(start, requires_grad=True)
    optimizer, distances = optim.GD([theta], lr=lr), []
    for _ in range(STEPS):
        distances.append(float(np.linalg.norm(theta.data - minimum)))
        if distances[-1] < CLOSE:
            break
        optimizer.zero_grad()
        f(theta).backward()
        optimizer.step()
    return distances


# --- A penalty on the gradient --------------------------------------------------------------------


def learn(penalty: float) -> tuple[float, float]:
    """Train on two moons with loss + penalty · mean ‖∂loss/∂x‖²; mean slope, and accuracy.

    The penalty is itself a gradient, so backward() differentiates through the first one.
    """
    rng = np.random.default_rng(0)
    x, y = data.moons(400, noise=0.2, rng=0).arrays
    net = nn.Sequential(nn.Linear(2, 32, rng=rng), nn.Tanh(), nn.Linear(32, 2, rng=rng))
    optimizer = optim.Adam(net.parameters(), lr=0.02)
    points = mg.Tensor(x, requires_grad=True)
    for _ in range(200):
        loss = mg.cross_entropy(net(points), y)
        (slopes,) = mg.grad(loss, points, create_graph=True)
        total = loss + penalty * len(x) * (slopes**2).sum()
        optimizer.zero_grad()
        total.backward(inputs=list(net.parameters()))
        optimizer.step()
    output = net(points)
    (slopes,) = mg.grad((output[:, 1] - output[:, 0]).sum(), points)
    right = float(np.mean(output.data.argmax(axis=1) == y))
    return float(np.linalg.norm(slopes.data, axis=1).mean()), right


# --- All of it ------------------------------------------------------------------------------------


def draw_distances(paths: dict[str, list[float]], path: Path) -> Path:
    """The distance from the minimum, both axes logarithmic."""
    with rc_context(SLIDE):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        ax = figure.subplots()
        for (name, distances), colour, marker in zip(paths.items(), (BLUE, ORANGE), "os"):
            steps = np.arange(1, len(distances) + 1)
            ax.loglog(steps, distances, color=colour, marker=marker, markevery=0.1, label=name)
        ax.set(
            xlabel="points visited", ylabel="distance from the minimum", title="Rosenbrock's valley"
        )
        figure.legend(loc="outside lower center", ncols=2)
        figure.savefig(path)
    return path


def run(out: Path) -> Result:
    """Draw, minimise, penalise; returns every number."""
    out.mkdir(parents=True, exist_ok=True)
    x, slope = second_derivative()
    files = {"the graph of tanh'": out / "second_derivative.svg"}
    drawing = mg.draw(slope, title="dy/dx of y = tanh(x), and its own gradient")
    drawing.save(files["the graph of tanh'"])
    drawing.save(out / "second_derivative.png")
    print(f"tanh''(0.5) = {x.grad.item():.10f}")
    assert mg.gradgradcheck(mg.tanh, x)

    start, minimum = np.array([-1.2, 1.0]), np.array(*surfaces.rosenbrock.minima)
    paths = {
        "Newton's method": newton(valley, start, minimum),
        "gradient descent": descent(valley, start, minimum, lr=1e-3),
    }
    print(f"\nRosenbrock's valley from {start.tolist()}:")
    for name, distances in paths.items():
        print(f"    {name:18} {len(distances) - 1:4} steps, distance {distances[-1]:.1e}")
    files["both paths"] = draw_distances(paths, out / "newton.png")

    slopes, accuracies = {}, {}
    print("\ntwo moons, slope of the output at the samples, and accuracy:")
    for name, penalty in (("no penalty", 0.0), ("gradient penalty", 0.1)):
        slopes[name], accuracies[name] = learn(penalty)
        print(f"    {name:18} {slopes[name]:6.2f} {100 * accuracies[name]:8.1f} %")
    for what, path in files.items():
        print(f"{what + ':':22} {path}")
    return Result(x.grad.item(), *paths.values(), slopes, accuracies, files)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/gradient_of_a_gradient"))
    run(parser.parse_args().out)
