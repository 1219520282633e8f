"""fit: what it computes, shows, remembers, and how it ends."""

from __future__ import annotations

import subprocess
import sys

import matplotlib
import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, data, nn, optim
from minigrad.history import History
from minigrad.training import accuracy, evaluate, fit

matplotlib.use("Agg")

X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
LABELS = (X[:, 0] > 0).astype(np.int64)
BATCHES = [(X[:8], LABELS[:8]), (X[8:16], LABELS[8:16]), (X[16:], LABELS[16:])]


def classifier(rng=0):
    return nn.Sequential(nn.Linear(3, 2, rng=rng))


def trained(model, **options):
    settings = {"epochs": 2, "progress": False, "loader": BATCHES} | options
    optimizer = settings.pop("optimizer", None) or optim.SGD(model.parameters(), lr=0.5)
    return fit(model, settings.pop("loader"), nn.CrossEntropyLoss(), optimizer, **settings)


# --- What it computes -----------------------------------------------------------------------


def test_it_is_the_loop_that_one_would_write():
    ours, own = classifier(), classifier()
    history = trained(ours)
    optimizer, losses = optim.SGD(own.parameters(), lr=0.5), []
    for _ in range(2):
        for x, y in BATCHES:
            loss = nn.CrossEntropyLoss()(own(Tensor(x)), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert history.iteration_loss == losses
    for a, b in zip(ours.parameters(), own.parameters()):
        np.testing.assert_array_equal(a.data, b.data)


def test_epochs_are_averaged_over_samples():
    model = classifier()
    history = trained(model, optimizer=optim.SGD(model.parameters(), lr=0.0))
    everything = nn.CrossEntropyLoss()(model(X), LABELS).item()
    assert history.epoch_loss == pytest.approx([everything] * 2)
    assert np.mean(history.iteration_loss[:3]) != pytest.approx(everything)
    right = np.mean(model(X).data.argmax(1) == LABELS)
    assert history.metrics == {"accuracy": pytest.approx([right] * 2)}
    assert history.iterations == [3, 6]
    assert len(history.seconds) == 2
    assert min(history.seconds) > 0


def test_validation_is_judged_in_eval_and_without_a_graph():
    seen = []

    class Watched(nn.Linear):
        def forward(self, x):
            seen.append((self.training, mg.is_grad_enabled()))
            return super().forward(x)

    model = Watched(3, 2, rng=0)
    history = trained(model, loader=BATCHES[:1], validation=BATCHES[1:], epochs=1)
    assert seen == [(True, True), (False, False), (False, False)]
    assert model.training
    expected = evaluate(model, BATCHES[1:], nn.CrossEntropyLoss())
    assert history.metrics["validation loss"] == [expected["loss"]]
    assert history.metrics["validation accuracy"] == [expected["accuracy"]]


def test_the_model_stays_in_its_mode():
    model = classifier().eval()
    trained(model)
    assert not model.training
    assert not model[0].training
    evaluate(model.train(), BATCHES, nn.CrossEntropyLoss())
    assert model[0].training


def test_regression_has_no_accuracy_but_any_metric():
    def largest_error(output, target):
        return float(np.abs(output - target).max())

    model = nn.Linear(3, 1, rng=0)
    batches = [(X, X[:, :1] * 2)]
    optimizer = optim.SGD(model.parameters(), lr=0.0)
    history = fit(model, batches, nn.MSELoss(), optimizer, epochs=1, progress=False)
    assert history.metrics == {}
    history = fit(
        model, batches, nn.MSELoss(), optimizer, epochs=1, progress=False, metric=largest_error
    )
    error = float(np.abs(model(X).data - X[:, :1] * 2).max())
    assert history.metrics == {"largest_error": [pytest.approx(error)]}


def test_accuracy():
    assert accuracy(np.array([[1, 2], [4, 3], [0, 9]]), np.array([1, 1, 1])) == pytest.approx(2 / 3)
    images = np.zeros((1, 2, 2, 2))
    images[0, 1, 0] = 1
    assert accuracy(images, np.array([[[1, 0], [0, 0]]])) == 0.75


def test_a_plain_function_can_be_the_model():
    w = Tensor([0.0], requires_grad=True)
    fit(lambda x: x * w, [(np.ones(1), np.full(1, 3.0))], nn.MSELoss(), optim.SGD([w], lr=0.5),
        epochs=1, progress=False)  # fmt: skip
    assert w.item() == 3


def test_tensors_are_taken_as_they_are():
    model, x = classifier(), Tensor(X)
    seen = []
    model.register_forward_hook(lambda m, args, y: seen.append(args[0]))
    trained(model, loader=[(x, Tensor(LABELS))], epochs=1)
    assert seen[0] is x


# --- Schedules and stopping -----------------------------------------------------------------


def rates(scheduler_of, **options):
    """The learning rate that each batch was learned with."""
    model = classifier()
    optimizer = optim.SGD(model.parameters(), lr=1.0, momentum=0.1)
    found = []
    model.register_forward_hook(lambda m, a, y: found.append(optimizer.param_groups[0]["lr"]))
    trained(model, optimizer=optimizer, scheduler=scheduler_of(optimizer), **options)
    return found


def test_a_schedule_moves_after_every_epoch():
    found = rates(lambda o: optim.lr_scheduler.ExponentialLR(o, 0.5), epochs=3)
    assert found == [1.0] * 3 + [0.5] * 3 + [0.25] * 3


def test_one_cycle_moves_after_every_batch():
    found = rates(lambda o: optim.lr_scheduler.OneCycleLR(o, max_lr=1.0, total_steps=6))
    assert len(set(found)) == 6
    assert max(found) == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("options", [{}, {"validation": BATCHES}])
def test_a_plateau_gets_the_loss(options):
    losses = []

    class Spy(optim.lr_scheduler.ReduceLROnPlateau):
        def step(self, metrics):
            losses.append(metrics)
            super().step(metrics)

    model = classifier()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    history = trained(model, optimizer=optimizer, scheduler=Spy(optimizer), **options)
    expected = history.metrics["validation loss"] if options else history.epoch_loss
    assert losses == expected


def test_patience_ends_the_training():
    model = classifier()
    optimizer = optim.SGD(model.parameters(), lr=0.0)
    history = trained(model, optimizer=optimizer, validation=BATCHES, epochs=9, patience=2)
    assert len(history.epoch_loss) == 3
    with pytest.raises(ValueError, match="pass validation too"):
        trained(model, patience=2)


def test_ctrl_c_returns_what_was_learned():
    class Impatient(list):
        def __iter__(self):
            yield self[0]
            yield self[1]
            if len(calls) == 1:
                raise KeyboardInterrupt
            calls.append(1)
            yield self[2]

    calls = []
    model = classifier().eval()
    before = model[0].weight.data.copy()
    history = trained(model, loader=Impatient(BATCHES), epochs=5)
    assert history.interrupted
    assert (len(history.iteration_loss), len(history.epoch_loss)) == (5, 1)
    assert (model[0].weight.data != before).any()
    assert not model.training


# --- Chance ---------------------------------------------------------------------------------


def shuffled(rng):
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 2, rng=0))
    loader = data.DataLoader(data.TensorDataset(X, LABELS), 5, shuffle=True)
    return trained(model, loader=loader, rng=rng).iteration_loss


def test_rng_drives_shuffling_and_dropout():
    assert shuffled(3) == shuffled(3) == shuffled(np.random.default_rng(3))
    assert shuffled(3) != shuffled(4)


def test_the_default_generator_is_afterwards_as_before():
    mg.manual_seed(0)
    expected = mg.rand(3).tolist()
    mg.manual_seed(0)
    shuffled(3)
    assert mg.rand(3).tolist() == expected


def test_a_generator_moves_on():
    rng = np.random.default_rng(3)
    assert shuffled(rng) != shuffled(rng)


# --- Errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("options", "error", "match"), [
    ({"loader": []}, ValueError, "gave no batches"),
    ({"loader": iter(BATCHES)}, ValueError, "a generator can be gone through only once"),
    ({"loader": [X]}, ValueError, r"a pair \(inputs, targets\), got ndarray"),
    ({"loader": [(X, LABELS, 1)]}, ValueError, "a pair"),
    ({"epochs": 1.5}, ValueError, "epochs is 1.5"),
    ({"epochs": "3"}, TypeError, "epochs is '3'"),
    ({"patience": 0, "validation": BATCHES}, ValueError, "patience is 0"),
])  # fmt: skip
def test_errors(options, error, match):
    with pytest.raises(error, match=match):
        trained(classifier(), **options)


def test_no_epochs():
    assert trained(classifier(), epochs=0) == History()


# --- What it shows --------------------------------------------------------------------------


def test_a_bar_with_loss_and_metric(capsys):
    trained(classifier(), progress=True, validation=BATCHES)
    shown = capsys.readouterr().err
    assert "epoch 2/2" in shown
    assert "100%" in shown
    assert "loss 0." in shown.rpartition("epoch 2/2")[2]
    assert ", validation loss 0." in shown.rpartition("epoch 2/2")[2]


def test_lines_where_tqdm_is_missing(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    history = trained(classifier(), progress=True)
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.splitlines() == [
        f"epoch {i + 1}/2  loss {loss:.3g} accuracy {right:.3g}"
        for i, (loss, right) in enumerate(zip(history.epoch_loss, history.metrics["accuracy"]))
    ]


def test_silence(capsys):
    trained(classifier(), progress=False)
    assert capsys.readouterr() == ("", "")


def test_a_loader_without_a_length(capsys):
    class Endless:
        def __iter__(self):
            return iter(BATCHES)

    assert trained(classifier(), loader=Endless(), progress=True).iterations == [3, 6]


def test_training_needs_neither_matplotlib_nor_tqdm():
    extras = "{'matplotlib', 'tqdm'}"
    code = f"import sys; from minigrad.training import fit; print({extras} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


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


def test_plot_of_a_training_that_was_interrupted_at_once():
    from matplotlib import pyplot

    figure = History(iteration_loss=[1.0, 0.0], interrupted=True).plot()
    assert figure.axes[0].get_yscale() == "linear"
    pyplot.close(figure)
