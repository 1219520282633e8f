"""History: what it holds, how it goes on, how it is saved, how it looks."""

from __future__ import annotations

import math
import sys

import matplotlib
import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.history import History

matplotlib.use("Agg")

X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
LABELS = (X[:, 0] > 0).astype(np.int64)
BATCHES = [(X[:8], LABELS[:8]), (X[8:16], LABELS[8:16]), (X[16:], LABELS[16:])]


def classifier():
    return nn.Sequential(nn.Linear(3, 2, rng=0))


def trained(model, optimizer=None, **options):
    optimizer = optimizer or optim.SGD(model.parameters(), lr=0.5)
    settings = {"epochs": 2, "progress": False} | options
    return mg.fit(model, BATCHES, nn.CrossEntropyLoss(), optimizer, **settings)


# --- Going on -------------------------------------------------------------------------------


def test_a_history_goes_on():
    once, twice = classifier(), classifier()
    whole = trained(once, epochs=5, validation=BATCHES)
    optimizer = optim.SGD(twice.parameters(), lr=0.5)
    first = trained(twice, optimizer=optimizer, epochs=2, validation=BATCHES)
    assert len(first.epoch_loss) == 2
    second = trained(twice, optimizer=optimizer, epochs=3, validation=BATCHES, history=first)
    assert second is first
    assert first.iteration_loss == whole.iteration_loss
    assert (first.epoch_loss, first.metrics) == (whole.epoch_loss, whole.metrics)
    assert first.iterations == [3, 6, 9, 12, 15]
    assert len(first.seconds) == 5


def test_without_a_history_fit_starts_a_new_one():
    model = classifier()
    assert trained(model).iterations == trained(model).iterations == [3, 6]


def test_going_on_after_ctrl_c():
    history = History(iteration_loss=[1.0, 1.0], interrupted=True)
    trained(classifier(), history=history, epochs=1)
    assert (history.iterations, history.interrupted) == ([5], False)


def test_patience_looks_at_the_whole_history():
    model = classifier()
    optimizer = optim.SGD(model.parameters(), lr=0.0)
    options = {"optimizer": optimizer, "validation": BATCHES, "patience": 3}
    history = trained(model, epochs=2, **options)
    trained(model, epochs=9, history=history, **options)
    assert len(history.epoch_loss) == 4


def test_what_was_not_measured_is_nan():
    model = classifier()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    history = trained(model, optimizer=optimizer, epochs=2)
    trained(model, optimizer=optimizer, epochs=1, validation=BATCHES, history=history)
    trained(model, optimizer=optimizer, epochs=1, history=history)
    assert np.isnan(history.metrics["validation loss"]).tolist() == [True, True, False]
    assert set(history.latest()) == {"loss", "accuracy"}
    trained(model, optimizer=optimizer, epochs=1, validation=BATCHES, history=history)
    assert np.isnan(history.metrics["validation loss"]).tolist() == [True, True, False, True, False]
    assert history.metrics.keys() == history.latest().keys() - {"loss"}


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_a_history_can_be_saved(suffix, tmp_path):
    history = trained(classifier(), validation=BATCHES)
    mg.save(history.state_dict(), tmp_path / f"history.{suffix}")
    other = History()
    other.load_state_dict(mg.load(tmp_path / f"history.{suffix}"))
    assert other == history
    assert {type(x) for x in (*other.iterations, *other.epoch_loss)} == {int, float}
    state = history.state_dict()
    history.epoch_loss.append(0.0)
    other.load_state_dict(state)
    assert len(other.epoch_loss) == 2


def test_a_state_that_is_none_of_a_history_changes_nothing():
    history = History(epoch_loss=[1.0])
    state = history.state_dict() | {"epoch": 3}
    del state["seconds"]
    with pytest.raises(ValueError, match=r"History.load_state_dict: epoch, seconds missing or un"):
        history.load_state_dict(state)
    assert history == History(epoch_loss=[1.0])


def test_a_validation_loss_of_nan_is_never_the_best():
    history = History(metrics={"validation loss": [0.5, math.nan, 0.7]}, epoch_loss=[0.0] * 3)
    assert history.epochs_since_best() == 2


# --- How it looks ---------------------------------------------------------------------------


def test_repr_is_short():
    history = trained(classifier(), validation=BATCHES)
    assert repr(history).startswith("<History of 2 epochs, 0.")
    assert f"validation accuracy {history.metrics['validation accuracy'][1]:.3g}>" in repr(history)
    assert repr(History(interrupted=True)) == "<History of 0 epochs, 0.0 s (interrupted)>"


def test_plot():
    from matplotlib import pyplot

    figure = trained(classifier(), validation=BATCHES).plot()
    loss, right = figure.axes
    assert (loss.get_ylabel(), right.get_ylabel()) == ("loss", "accuracy")
    assert loss.get_yscale() == "log"
    assert [len(line.get_xdata()) for line in loss.lines] == [6, 2, 2]
    assert [list(line.get_xdata()) for line in right.lines] == [[3, 6], [3, 6]]
    labels = [text.get_text() for text in loss.get_legend().get_texts()]
    assert labels == ["training, each batch", "training, mean of epoch", "validation"]
    pyplot.close(figure)


def test_plot_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"History\.plot draws with matplotlib: pip install"):
        History().plot()


def test_plot_of_what_was_measured_in_part():
    from matplotlib import pyplot

    model = classifier()
    history = trained(model)
    trained(model, epochs=1, validation=BATCHES, history=history)
    history.iteration_loss.append(math.nan)
    figure = history.plot()
    figure.canvas.draw()
    loss, _ = figure.axes
    assert [list(line.get_xdata()) for line in loss.lines[1:]] == [[3, 6, 9]] * 2
    assert np.isnan(loss.lines[2].get_ydata()).tolist() == [True, True, False]
    assert loss.get_yscale() == "linear"
    pyplot.close(figure)


def test_plot_of_a_training_that_was_interrupted_at_once():
    from matplotlib import pyplot

    figure = History(iteration_loss=[1.0, 0.0], interrupted=True).plot()
    assert figure.axes[0].get_yscale() == "linear"
    pyplot.close(figure)
