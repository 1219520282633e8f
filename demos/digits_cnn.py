"""A convolutional network learns handwritten digits, and shows how.

Lecture: "CNN", "CNN Learning: Intuition", "Batch Normalization",
"ADAM (Adaptive Moment Estimation)".

The one thing to see: all that the lecture derives, put together and first checked against finite
differences, reads 99 of 100 digits that it has never seen, after a few seconds.

    python demos/digits_cnn.py
    python demos/digits_cnn.py --mnist FOLDER

It checks the gradient of every parameter against finite differences, trains, and writes pictures of
the graph, the loss and the predictions, and the trained network. Without --mnist it learns the
1797 digits of 8×8 pixels that come with minigrad; with it the 70,000 of 28×28 from MNIST's files.
"""

from __future__ import annotations

import argparse
import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from style import BLUE, ORANGE, SLIDE

import minigrad as mg
from minigrad import data, nn, optim
from minigrad.nn import functional as F
from minigrad.training import evaluate


@dataclass(frozen=True)
class Task:
    """What is to be learned, and the settings that do it well."""

    name: str
    train: data.TensorDataset
    test: data.TensorDataset
    channels: tuple[int, ...]
    pools: tuple[bool, ...]  # whether each block halves the image
    epochs: int
    lr: float
    batch_size: int

    @property
    def pixels(self) -> int:
        """The height and width of an image."""
        return self.train.arrays[0].shape[-1]


@dataclass(frozen=True)
class Result:
    """What was measured, and where the files are."""

    accuracy: float
    gradient_error: float
    history: mg.History
    files: dict[str, Path]


def digits() -> Task:
    """The embedded digits; a fifth of them is for the test."""
    return Task(
        "digits",
        data.digits("train"),
        data.digits("test"),
        channels=(16, 32),
        pools=(False, True),
        epochs=15,
        lr=3e-3,
        batch_size=64,
    )


def mnist(folder: str) -> Task:
    """MNIST, from its files in a folder."""
    return Task(
        "MNIST",
        data.mnist(folder, "train"),
        data.mnist(folder, "test"),
        channels=(16, 32, 64),
        pools=(True, True, True),
        epochs=5,
        lr=3e-3,
        batch_size=128,
    )


def network(task: Task, rng: np.random.Generator) -> nn.Sequential:
    """Blocks of convolution, batch normalisation and ReLU; then one linear layer."""
    layers: dict[str, nn.Module] = {}
    before, pixels = 1, task.pixels
    for i, (channels, pool) in enumerate(zip(task.channels, task.pools), start=1):
        layers[f"block{i}"] = block(before, channels, pool, rng)
        before, pixels = channels, pixels // 2 if pool else pixels
    layers["flatten"] = nn.Flatten()
    layers["classes"] = nn.Linear(before * pixels * pixels, 10, rng=rng)
    return nn.Sequential(layers)


def block(inputs: int, outputs: int, pool: bool, rng: np.random.Generator) -> nn.Sequential:
    """(N, inputs, H, W) → (N, outputs, H, W), or half of H and W."""
    layers: dict[str, nn.Module] = {
        # Without a bias: the normalisation would take it away again.
        "conv": nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False, rng=rng),
        "norm": nn.BatchNorm2d(outputs),
        "relu": nn.ReLU(),
    }
    if pool:
        layers["pool"] = nn.MaxPool2d(2)
    return nn.Sequential(layers)


def check_gradients(net: nn.Module, task: Task, every_entry: bool) -> mg.Report:
    """Every parameter's gradient on four images, in float64, against finite differences.

    In six random directions through all entries of each parameter, or entry by entry.
    """
    exact = copy.deepcopy(net).double()
    x, y = task.train[:4]
    return mg.gradcheck(lambda: F.cross_entropy(exact(x), y), exact, fast_mode=not every_entry)


def learn(net: nn.Module, task: Task, rng: np.random.Generator) -> mg.History:
    """Adam, with a learning rate that goes up and down once."""
    loader = data.DataLoader(task.train, task.batch_size, shuffle=True, rng=rng)
    optimizer = optim.Adam(net.parameters(), lr=task.lr)
    schedule = optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=task.lr, epochs=task.epochs, steps_per_epoch=len(loader)
    )
    return mg.fit(
        net,
        loader,
        nn.CrossEntropyLoss(),
        optimizer,
        epochs=task.epochs,
        validation=data.DataLoader(task.test, 500),
        scheduler=schedule,
    )


def draw_graph(net: nn.Module, task: Task, path: Path) -> Path:
    """The graph of one batch's loss, with the gradients of all that it was made from."""
    x, y = task.train[: task.batch_size]
    images, labels = mg.Tensor(x, name="images"), mg.Tensor(y, name="labels")
    net = copy.deepcopy(net)  # running a network moves its running statistics
    loss = F.cross_entropy(net(images), labels)
    loss.backward()
    drawing = mg.draw(loss, depth=None, title=f"One batch of {len(y)} images: loss and gradients")
    try:
        drawing.save(path)
    except mg.DotNotFound as error:
        print(error)
        path = path.with_suffix(".dot")
        drawing.save(path)
    return path


def draw_history(history: mg.History, path: Path) -> Path:
    """Loss and accuracy over the iterations."""
    with rc_context(SLIDE):
        figure = history.plot()
        for ax, label in zip(figure.axes, ("cross-entropy (nats)", "accuracy (share of 1)")):
            ax.set_ylabel(label)
        figure.savefig(path)
    return path


def draw_predictions(net: nn.Module, test: data.TensorDataset, path: Path) -> Path:
    """For every digit one image that was read right, and the worst of those read wrong."""
    images, labels = test.arrays
    p = probabilities(net, images)
    said = p.argmax(axis=1)
    right, wrong = np.flatnonzero(said == labels), np.flatnonzero(said != labels)
    one_of_each = [right[labels[right] == k][0] for k in np.unique(labels[right])]
    worst = wrong[np.argsort(p[wrong, labels[wrong]])][:10]
    with rc_context(SLIDE):
        figure = Figure(figsize=(14, 5.2), layout="constrained")
        rows: Any = figure.subfigures(2, 1)
        above, below = rows
        above.suptitle(f"Read right: {len(right)} of {len(said)} test images, such as", color=BLUE)
        show_row(above, one_of_each, images, labels, p, BLUE)
        below.suptitle(
            f"Read wrong: {len(wrong)}" + ", the worst first" * bool(len(wrong)), color=ORANGE
        )
        show_row(below, worst, images, labels, p, ORANGE)
        figure.savefig(path)
    return path


@mg.no_grad()
def probabilities(net: nn.Module, images: np.ndarray) -> np.ndarray:
    """(N, 10): how sure the network is of each digit."""
    parts = np.array_split(images, len(images) // 500 + 1)
    return np.concatenate([F.softmax(net.eval()(mg.Tensor(part))).data for part in parts])


def show_row(
    figure: Any, chosen: Any, images: np.ndarray, labels: np.ndarray, p: np.ndarray, colour: str
) -> None:
    """Up to ten images: above each what the network said and how sure it was, below what it is."""
    for ax in figure.subplots(1, 10).flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(color=colour, linewidth=2.5)
    for ax, i in zip(figure.axes, chosen):
        ax.imshow(images[i, 0], cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(f"says {p[i].argmax()} ({p[i].max():.0%})", fontsize=12)
        ax.set_xlabel(f"is {labels[i]}", fontsize=13)
    for ax in figure.axes[len(chosen) :]:
        ax.set_axis_off()


def run(task: Task, seed: int, out: Path, every_entry: bool = False) -> Result:
    """All of it, with every number that it measured."""
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    print(f"{task.name}: {len(task.train)} images to learn from, {len(task.test)} for the test")
    net = network(task, rng)
    report = check_gradients(net, task, every_entry)
    print(f"\n{report}\n")
    files = {"graph of one batch": draw_graph(net, task, out / "graph.svg")}
    history = learn(net, task, rng)
    score = evaluate(net, data.DataLoader(task.test, 500), nn.CrossEntropyLoss())
    files["loss and accuracy"] = draw_history(history, out / "loss.png")
    files["right and wrong"] = draw_predictions(net, task.test, out / "predictions.png")
    files["trained network"] = out / "network.npz"
    mg.save(net.state_dict(), files["trained network"])
    print(f"\ngradients: worst error {report.worst:.1e}")
    print(f"test accuracy: {100 * score['accuracy']:.2f} %")
    for what, path in files.items():
        print(f"{what + ':':20} {path}")
    return Result(score["accuracy"], report.worst, history, files)


def main(argv: list[str] | None = None) -> Result:
    """Read the command line, and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mnist", metavar="DIR", help="learn MNIST, from its files in DIR")
    parser.add_argument("--epochs", type=int, help="how often to go through all images")
    parser.add_argument("--lr", type=float, help="the largest learning rate")
    parser.add_argument("--batch-size", type=int, help="images per update")
    parser.add_argument("--seed", type=int, default=0, help="of weights and shuffling (0)")
    parser.add_argument(
        "--out", type=Path, default=Path("out/digits_cnn"), help="folder to write to"
    )
    parser.add_argument(
        "--every-entry", action="store_true", help="check gradients entry by entry (some seconds)"
    )
    args = parser.parse_args(argv)
    task = digits() if args.mnist is None else mnist(args.mnist)
    given = {name: getattr(args, name) for name in ("epochs", "lr", "batch_size")}
    task = replace(task, **{name: x for name, x in given.items() if x is not None})
    return run(task, args.seed, args.out, args.every_entry)


if __name__ == "__main__":
    main()
