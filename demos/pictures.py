"""The pictures that the README shows, each with the line that makes it.

    python demos/pictures.py

draws them into demos/pictures. Beside them lies sources.json: for each file a fingerprint of the
text that it was drawn from, and one of the file. A test makes the texts again and compares, so no
picture stays behind what the code draws.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from pathlib import Path

import numpy as np
from convolution_backward import loss_of, unrolled
from digits_cnn import digits, network
from graph_of_an_expression import neuron as neuron_loss

import minigrad as mg
from minigrad import nn, optim
from minigrad.nn import functional as F
from minigrad.viz import Drawing, Steps

FOLDER = Path(__file__).parent / "pictures"
SOURCES = "sources.json"
NOISE = re.compile(r"-?\d+(\.\d+)?e(-09|-[1-9]\d|\+00)\b")  # what rounding left of a zero

# --- One number to a box --------------------------------------------------------------------------


def neuron() -> Drawing:
    """The README's first: L = (tanh(w₁x₁ + w₂x₂ + b) − y)²."""
    return mg.draw(neuron_loss(), legend=True)


def parabola() -> mg.Value:
    """f = x² + 3x at 2: the gradient comes together from three edges."""
    x = mg.Value(2.0, "x")
    a, b = x * x, 3 * x
    f = a + b
    a.label, b.label, f.label = "a", "b", "f"
    f.backward()
    return f


def fan_out() -> Drawing:
    f = parabola()
    return mg.draw(f)


def fan_out_steps() -> Steps:
    f = parabola()
    return mg.steps(f)


def four_paths() -> Drawing:
    """∂L/∂F11 of a convolution: a Value for every entry."""
    loss, corner = unrolled()
    return mg.draw(loss, focus=corner)


def elided() -> Drawing:
    """A network of 10,000 Values, of which the few nearest to the loss are drawn."""
    loss = network_of_values()
    return mg.draw(loss, max_nodes=12)


def network_of_values() -> mg.Value:
    """Two hidden layers of 50 neurons on 16 inputs, each product and each sum a node."""
    rng = np.random.default_rng(0)
    layer = [mg.Value(x, f"x{i}") for i, x in enumerate(rng.normal(size=16), start=1)]
    for width in (50, 50, 1):
        layer = [value_neuron(layer, rng) for _ in range(width)]
    (loss,) = layer
    loss.label = "L"
    loss.backward()
    return loss


def value_neuron(inputs: list[mg.Value], rng: np.random.Generator) -> mg.Value:
    """tanh(b + Σ w x), as micrograd writes it."""
    weights = rng.normal(size=len(inputs)) / np.sqrt(len(inputs))
    total = mg.Value(0.0, "b")
    for i, (w, x) in enumerate(zip(weights, inputs), start=1):
        total = total + mg.Value(w, f"w{i}") * x
    return total.tanh()


# --- Arrays and modules ---------------------------------------------------------------------------


def two_layers() -> tuple[nn.Module, mg.Tensor]:
    """A network for XOR-like points: a hidden layer of 16, two classes."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(200, 2))
    net = nn.Sequential(
        {
            "hidden": nn.Sequential(nn.Linear(2, 16, rng=rng), nn.Tanh()),
            "out": nn.Linear(16, 2, rng=rng),
        }
    ).double()
    labels = mg.Tensor(points.prod(axis=1) > 0, dtype=int, name="labels")
    loss = F.cross_entropy(net(mg.Tensor(points, name="points")), labels)
    loss.name = "L"
    loss.backward()
    return net, loss


def mlp() -> Drawing:
    _, loss = two_layers()
    return mg.draw(loss)


def mlp_whole() -> Drawing:
    _, loss = two_layers()
    return mg.draw(loss, depth=None)


def optimizer_step() -> Drawing:
    """A line through one point, and what Adam is about to do with it."""
    w, b = (mg.Tensor(v, requires_grad=True, name=name) for v, name in ((-0.7, "w"), (0.4, "b")))
    x, y = mg.Tensor(2.0, name="x"), mg.Tensor(1.0, name="y")
    loss = mg.square(w * x + b - y)
    loss.name = "L"
    loss.backward()
    optimizer = optim.Adam([w, b], lr=0.1)
    return mg.draw(loss, optimizer=optimizer)


def cnn() -> Drawing:
    """The network of digits_cnn.py, untrained, on one batch."""
    task = digits()
    net = network(task, np.random.default_rng(0)).double()
    x, y = task.train[:64]
    images, labels = mg.Tensor(x, dtype=float, name="images"), mg.Tensor(y, name="labels")
    loss = F.cross_entropy(net(images), labels)
    loss.name = "L"
    loss.backward()
    return mg.draw(loss, depth=None)


def batch_norm() -> Drawing:
    """The one op opened into what it computes, with three routes back to its input."""
    rng = np.random.default_rng(0)
    net = nn.Sequential({"linear": nn.Linear(8, 32, rng=rng), "norm": nn.BatchNorm1d(32)}).double()
    loss = mg.tanh(net(mg.Tensor(rng.normal(size=(64, 8)), name="x"))).mean()
    loss.name = "L"
    loss.backward()
    return mg.draw(loss, expand={"norm"})


def lstm() -> Drawing:
    """A reader of sequences: LSTM, then one linear layer."""
    rng = np.random.default_rng(0)
    net = LastState(nn.LSTM(3, 8, rng=rng), nn.Linear(8, 2, rng=rng)).double()
    sequences = mg.Tensor(rng.normal(size=(10, 32, 3)), name="sequences")
    loss = F.cross_entropy(net(sequences), mg.Tensor(rng.integers(2, size=32), name="labels"))
    loss.name = "L"
    loss.backward()
    return mg.draw(loss, theme="dark")


class LastState(nn.Module):
    """(T, N, features) → (N, classes): what a recurrent layer remembers at the end."""

    def __init__(self, lstm: nn.LSTM, classes: nn.Linear) -> None:
        super().__init__()
        self.lstm, self.classes = lstm, classes

    def forward(self, x: mg.Tensor) -> mg.Tensor:
        _, (h, _) = self.lstm(x)
        return self.classes(h[-1])


# --- Checks and gradients -------------------------------------------------------------------------


def wrong_rule() -> Drawing:
    """A layer, and a tanh that has lost a square in its derivative."""
    rng = np.random.default_rng(0)
    layer = nn.Linear(2, 3, rng=rng).double()
    x = mg.Tensor(rng.normal(size=(8, 2)), name="x")

    def loss() -> mg.Tensor:
        return squash(layer(x)).sum()

    report = mg.gradcheck(loss, layer, rng=0, raise_exception=False)
    return report.draw()


@mg.primitive(x=lambda g, y, x: g * (1 - y))  # should be g (1 − y²)
def squash(x: np.ndarray) -> np.ndarray:
    """y = tanh x"""
    return np.tanh(x)


def convolution() -> Drawing:
    """The lecture's figure of both gradients of a convolution."""
    x, f, o, _ = loss_of()
    return mg.conv_backward_figure(x, f, o.grad)


# --- All of them ----------------------------------------------------------------------------------

PICTURES = {
    f"{picture.__name__}.svg": picture
    for picture in (
        neuron,
        fan_out,
        fan_out_steps,
        mlp,
        mlp_whole,
        cnn,
        batch_norm,
        wrong_rule,
        convolution,
        four_paths,
        optimizer_step,
        lstm,
        elided,
    )
} | {"neuron.png": neuron}


def source(picture: Drawing | Steps) -> str:
    """The text that a picture is drawn from."""
    if isinstance(picture, Steps):
        return f"{picture.drawing.source}\n{picture}"
    return picture.source


def fingerprint(text: str) -> str:
    """The same on every machine: what rounding left of a zero counts as zero."""
    return digest(NOISE.sub("0", text).encode())


def digest(content: bytes) -> str:
    """A short hash, whatever the line ends of a checkout are."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()[:16]


def write(folder: Path) -> None:
    """Draw all pictures into a folder, and what they were drawn from."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = {}
    for name, make in PICTURES.items():
        picture, path = make(), folder / name
        picture.save(path)
        sources[name] = {"source": fingerprint(source(picture)), "file": digest(path.read_bytes())}
        print(f"{path}  {path.stat().st_size / 1000:.1f} kB")
    (folder / SOURCES).write_text(json.dumps(sources, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=FOLDER)
    write(parser.parse_args().out)
