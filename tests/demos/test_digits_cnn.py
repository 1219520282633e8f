"""What the demo claims, measured: 98 % of the test digits, exact gradients, files to look at."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad import data

DEMOS = Path(__file__).parents[2] / "demos"


@pytest.fixture(scope="module")
def demo():
    sys.path.insert(0, str(DEMOS))
    import digits_cnn

    yield digits_cnn
    sys.path.remove(str(DEMOS))
    del sys.modules["digits_cnn"], sys.modules["style"]


def test_it_reads_98_percent_and_its_gradients_are_right(demo, tmp_path, capsys):
    result = demo.main(["--out", str(tmp_path / "out")])
    assert result.accuracy >= 0.98
    assert result.gradient_error < 1e-7
    shown = capsys.readouterr()
    assert f"test accuracy: {100 * result.accuracy:.2f} %" in shown.out
    assert f"worst error {result.gradient_error:.1e}" in shown.out
    assert "100%" in shown.err
    for path in result.files.values():
        assert str(path) in shown.out
        assert path.stat().st_size > 5000
    check_files(demo, result)


def check_files(demo, result):
    """The graph shows every layer with its gradients; the network reads as it did."""
    graph = ElementTree.parse(result.files["graph of one batch"])
    text = " ".join(element.text or "" for element in graph.iter())
    assert all(name in text for name in ("block1.conv", "block2.norm", "classes", "grad"))
    for name in ("loss and accuracy", "right and wrong"):
        assert result.files[name].read_bytes().startswith(b"\x89PNG")
    task = demo.digits()
    net = demo.network(task, np.random.default_rng(99))
    net.load_state_dict(mg.load(result.files["trained network"]))
    images, labels = task.test.arrays
    assert np.mean(net.eval()(images).data.argmax(1) == labels) == result.accuracy


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_98_percent_for_every_seed(demo, seed, tmp_path):
    result = demo.main(["--seed", str(seed), "--out", str(tmp_path)])
    assert result.accuracy >= 0.98
    assert result.gradient_error < 1e-7


@pytest.mark.long
def test_every_entry_of_every_gradient(demo):
    task = demo.digits()
    report = demo.check_gradients(demo.network(task, np.random.default_rng(0)), task, True)
    assert report.worst < 1e-7
    assert sum(row.compared for row in report.rows) == 9978


def test_options(demo, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    options = ["--epochs", "2", "--lr", "0.01", "--batch-size", "200", "--seed", "3"]
    result = demo.main(options)
    assert len(result.history.epoch_loss) == 2
    assert len(result.history.iteration_loss) == 2 * 8
    folder = Path("out") / "digits_cnn"
    assert {path.parent for path in result.files.values()} == {folder}
    assert demo.main([*options, "--out", "again"]).history.epoch_loss == result.history.epoch_loss


def test_mnist(demo, tmp_path, monkeypatch, capsys):
    """The other task: larger images, a deeper network; with made-up images in place of MNIST's."""
    rng = np.random.default_rng(0)

    def made_up(folder, split):
        assert folder == "somewhere"
        images = rng.random((40, 1, 28, 28), np.float32)
        return data.TensorDataset(images, np.arange(40) % 10)

    monkeypatch.setattr(data, "mnist", made_up)
    result = demo.main(["--mnist", "somewhere", "--epochs", "1", "--out", str(tmp_path)])
    assert len(result.history.epoch_loss) == 1
    assert result.gradient_error < 1e-7
    assert "MNIST: 40 images to learn from" in capsys.readouterr().out


def test_a_network_that_makes_no_mistake_has_a_picture_too(demo, tmp_path):
    task = demo.digits()
    images = task.test.arrays[0]
    net = demo.network(task, np.random.default_rng(0)).eval()
    said = net(images).data.argmax(1)
    path = demo.draw_predictions(net, data.TensorDataset(images, said), tmp_path / "all.png")
    assert path.stat().st_size > 5000


def test_without_dot_the_graph_is_written_as_text(demo, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MINIGRAD_DOT", "no-such-program")
    task = demo.digits()
    net = demo.network(task, np.random.default_rng(0))
    before = net.state_dict()
    path = demo.draw_graph(net, task, tmp_path / "graph.svg")
    assert path == tmp_path / "graph.dot"
    assert "block1.conv" in path.read_text()
    assert "no-such-program" in capsys.readouterr().out
    assert all(p.grad is None for p in net.parameters())
    assert all(np.array_equal(before[name], array) for name, array in net.state_dict().items())
