"""A student's BatchNorm learns, and yet its backward pass is wrong: gradcheck finds the mistake.

    ∂L/∂x = s (h − mean(h) − x̂ mean(h x̂)),   h = γ ∂L/∂y,   s = 1 / √(σ² + ε),   x̂ = s (x − μ)

Lecture: "Batch Normalization", "Normalization of the Input", "Rescaling of Offsetting",
"Backward Pass".
The one thing to see: a falling loss proves nothing. With γ forgotten or σ taken for a constant the
network learns nearly as well; one line of gradcheck says that the gradient is wrong, where, and
which path is missing.

    python demos/find_the_bug.py
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
from claims import INDENT, show_files
from find_the_bug_pictures import draw_learning

import minigrad as mg
from minigrad import data, nn, optim

EPS = 1e-5


@dataclass(frozen=True)
class Found:
    """What one version of the backward pass led to."""

    ok: bool  # what gradcheck says
    advice: str  # what it says of the mistake
    losses: list[float]  # of a training with it
    accuracy: float  # on the test digits


@dataclass(frozen=True)
class Result:
    """What was measured, and where the files are."""

    found: dict[str, Found]  # by version
    report: mg.Report  # of one layer, with σ taken for a constant
    in_network: mg.Report  # of every op of a network in which it stands
    files: dict[str, Path]


# --- The layer, and five ways to write its backward pass ------------------------------------------


def normalized(x: Any) -> tuple[Any, Any]:
    """x̂ and s, over the batch."""
    z = x - mg.mean(x, axis=0, keepdims=True)
    s = 1 / mg.sqrt(mg.mean(z * z, axis=0, keepdims=True) + EPS)
    return z * s, s


def right(g: Any, y: Any, x: Any, gamma: Any, beta: Any) -> Any:
    """Three paths: through x itself, through μ, and through σ."""
    n, s = normalized(x)
    h = g * gamma
    return s * (h - mg.mean(h, axis=0) - n * mg.mean(h * n, axis=0))


def sigma_constant(g: Any, y: Any, x: Any, gamma: Any, beta: Any) -> Any:
    """Without the path through σ."""
    _, s = normalized(x)
    h = g * gamma
    return s * (h - mg.mean(h, axis=0))


def mu_constant(g: Any, y: Any, x: Any, gamma: Any, beta: Any) -> Any:
    """Without the path through μ."""
    n, s = normalized(x)
    h = g * gamma
    return s * (h - n * mg.mean(h * n, axis=0))


def both_constant(g: Any, y: Any, x: Any, gamma: Any, beta: Any) -> Any:
    """As if μ and σ were numbers."""
    _, s = normalized(x)
    return s * g * gamma


def gamma_forgotten(g: Any, y: Any, x: Any, gamma: Any, beta: Any) -> Any:
    """All paths, but of g instead of γ g."""
    n, s = normalized(x)
    return s * (g - mg.mean(g, axis=0) - n * mg.mean(g * n, axis=0))


VERSIONS: dict[str, Callable[..., Any]] = {
    "right": right,
    "σ constant": sigma_constant,
    "μ constant": mu_constant,
    "μ and σ constant": both_constant,
    "γ forgotten": gamma_forgotten,
}


def batch_norm_with(dx: Callable[..., Any]) -> Any:
    """The student's op: one formula forward, three backward, of which dx is the hard one."""

    @mg.primitive(
        x=dx,
        gamma=lambda g, y, x, gamma, beta: mg.sum(g * normalized(x)[0], axis=0),
        beta=lambda g, y, x, gamma, beta: mg.sum(g, axis=0),
    )
    def student_norm(x: Any, gamma: Any, beta: Any) -> Any:
        """γ x̂ + β"""
        return gamma * normalized(x)[0] + beta

    return student_norm


class StudentNorm(nn.Module):
    """The op as a layer."""

    def __init__(self, features: int, dx: Callable[..., Any]) -> None:
        super().__init__()
        self.norm = batch_norm_with(dx)
        self.weight = nn.Parameter(np.linspace(0.5, 1.5, features))  # not 1, or γ might hide
        self.bias = nn.Parameter(np.zeros(features))

    def forward(self, x: Any) -> Any:
        return self.norm(x, self.weight, self.bias)


# --- It learns ------------------------------------------------------------------------------------


def network(dx: Callable[..., Any], width: int = 32, outputs: int = 10) -> nn.Sequential:
    """64 → (linear, the student's norm, ReLU) twice → 10, the same start every time."""
    rng = np.random.default_rng(0)
    layers = {
        "flatten": nn.Flatten(),
        "linear1": nn.Linear(64, width, rng=rng),
        "norm1": StudentNorm(width, dx),
        "relu1": nn.ReLU(),
        "linear2": nn.Linear(width, width, rng=rng),
        "norm2": StudentNorm(width, dx),
        "relu2": nn.ReLU(),
        "classes": nn.Linear(width, outputs, rng=rng),
    }
    return nn.Sequential(layers).double()


def learn(dx: Callable[..., Any], epochs: int) -> tuple[list[float], float]:
    """Train on the digits; the losses, and the accuracy on the test, as one batch."""
    net = network(dx)
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    losses = []
    for _ in range(epochs):
        for x, y in data.DataLoader(data.digits("train"), 64, shuffle=True, rng=0):
            loss = mg.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward(retain_graph=False)
            optimizer.step()
            losses.append(loss.item())
    x, y = data.digits("test").arrays
    with mg.no_grad():
        return losses, float(np.mean(net(x).data.argmax(axis=1) == y))


# --- It is wrong ----------------------------------------------------------------------------------


def check(dx: Callable[..., Any]) -> mg.Report:
    """The one line that finds it: the op, and a point at which to look."""
    rng = np.random.default_rng(0)
    x, gamma, beta = rng.normal(size=(6, 3)), rng.uniform(0.5, 2, 3), rng.normal(size=3)
    return mg.gradcheck(batch_norm_with(dx), (x, gamma, beta), raise_exception=False)


def check_network(dx: Callable[..., Any]) -> mg.Report:
    """Every op of a small network's graph, each where it stands."""
    x, y = (array[:8] for array in data.digits("train").arrays)
    net = network(dx, width=4)
    images, labels = mg.Tensor(x.astype(float), name="images"), mg.Tensor(y, name="labels")
    return mg.check_graph(lambda: mg.cross_entropy(net(images), labels))


# --- All of it ------------------------------------------------------------------------------------


def examine(dx: Callable[..., Any], epochs: int) -> Found:
    """Check and train one version."""
    report, (losses, accuracy) = check(dx), learn(dx, epochs)
    advice = "; ".join(diagnosis.advice for _, diagnosis in report.diagnoses)
    return Found(report.ok, advice, losses, accuracy)


def show(result: Result) -> None:
    """What training says, what gradcheck says, and its report."""
    print("Training says: the last loss, and the accuracy on the test digits")
    for name, one in result.found.items():
        print(f"    {name:17} {np.mean(one.losses[-20:]):8.3f} {one.accuracy:8.1%}")
    print("\nGradcheck says:")
    for name, one in result.found.items():
        print(f"    {name:17} {'ok' if one.ok else 'FAILED'}")
        if one.advice:
            print(fill(one.advice, 96, initial_indent=INDENT, subsequent_indent=INDENT))
    print(f"\nIts report on “σ constant”:\n\n{result.report}")
    print(f"\nIts report on a network in which that layer stands twice:\n\n{result.in_network}\n")


def run(out: Path, epochs: int = 5) -> Result:
    """Train and check every version, draw where the mistake is."""
    out.mkdir(parents=True, exist_ok=True)
    found = {name: examine(dx, epochs) for name, dx in VERSIONS.items()}
    report, in_network = check(sigma_constant), check_network(sigma_constant)
    files = {"it learns all the same": draw_learning(found, out / "learning.png")}
    for name, one in (("one layer", report), ("where it is", in_network)):
        for kind in ("svg", "png"):
            files[f"{name}, {kind}"] = out / f"{name.replace(' ', '_')}.{kind}"
            one.draw().save(files[f"{name}, {kind}"])
    result = Result(found, report, in_network, files)
    show(result)
    show_files(files)
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/find_the_bug"))
    run(parser.parse_args().out)
