"""fit: what it computes and shows, and how it ends."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, data, nn, optim
from minigrad.history import History
from minigrad.scores import accuracy
from minigrad.training import evaluate, fit

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


def test_every_module_stays_in_its_mode():
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    model[1].eval()
    for step in (trained, lambda m: evaluate(m, BATCHES, nn.CrossEntropyLoss())):
        step(model)
        assert [m.training for m in model.modules()] == [True, True, False, True]


def test_modes_are_restored_after_an_error():
    model = nn.Sequential(nn.Linear(4, 2)).eval()
    for step in (trained, lambda m: evaluate(m, BATCHES, nn.CrossEntropyLoss())):
        with pytest.raises(ValueError, match="linear"):
            step(model)
        assert not any(m.training for m in model.modules())
        assert mg.is_grad_enabled()


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


def test_a_model_may_give_several_outputs_to_loss_and_metric():
    class Twice(nn.Linear):
        def forward(self, x):
            y = super().forward(x)
            return y, {"again": y}

    def kinds(output, target):
        return float(type(output[0]) is type(target) is np.ndarray)

    model = Twice(3, 2, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    history = fit(
        model, BATCHES, lambda y, t: nn.CrossEntropyLoss()(y[0], t), optimizer,
        epochs=1, progress=False, metric=kinds,
    )  # fmt: skip
    assert history.metrics == {"kinds": [1.0]}


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


def test_the_interval_of_a_schedule_can_be_chosen():
    found = rates(
        lambda o: optim.lr_scheduler.ExponentialLR(o, 0.5), epochs=1, scheduler_interval="batch"
    )
    assert found == [1.0, 0.5, 0.25]
    found = rates(
        lambda o: optim.lr_scheduler.OneCycleLR(o, max_lr=1.0, total_steps=6),
        scheduler_interval="epoch",
    )
    assert len(set(found[:3])) == 1 != len(set(found))


SCHEDULES = {
    "LambdaLR": lambda s, o: s.LambdaLR(o, lambda t: 1 / (1 + t)),
    "StepLR": lambda s, o: s.StepLR(o, 1),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [1]),
    "ConstantLR": lambda s, o: s.ConstantLR(o, 0.5, 1),
    "LinearLR": lambda s, o: s.LinearLR(o),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.5),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 2),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 2),
    "SequentialLR": lambda s, o: s.SequentialLR(o, [s.StepLR(o, 1), s.StepLR(o, 1)], [2]),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler([s.StepLR(o, 1), s.StepLR(o, 1)]),
}


@pytest.mark.parametrize("make", SCHEDULES.values(), ids=SCHEDULES)
def test_every_schedule_moves_once_an_epoch(make):
    found = rates(lambda o: make(optim.lr_scheduler, o))
    assert [len(set(found[:3])), len(set(found[3:])), len(set(found))] == [1, 1, 2]


def test_a_composed_schedule_is_stepped_as_its_parts():
    def composed(o):
        cycle = optim.lr_scheduler.OneCycleLR(o, max_lr=1.0, total_steps=6)
        return optim.lr_scheduler.ChainedScheduler([cycle])

    assert len(set(rates(composed))) == 6


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


INTERRUPTED = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background ignore Ctrl-C
import minigrad as mg
from minigrad import nn, optim
import numpy as np

class Loader:
    def __iter__(self):
        for i in range(10**9):
            if i == 3:
                print("three batches", flush=True)
            yield np.ones((4, 3), np.float32), np.ones(4, np.int64)

model = nn.Linear(3, 2, rng=0).eval()
before = model.weight.data.copy()
optimizer = optim.SGD(model.parameters(), lr=0.1)
history = mg.fit(
    model, Loader(), nn.CrossEntropyLoss(), optimizer, epochs=2, progress=False, rng=0
)
assert history.interrupted and len(history.iteration_loss) >= 3, history
assert (model.weight.data != before).any() and not model.training and mg.is_grad_enabled()
print(history)
"""


def test_a_real_ctrl_c():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "three batches\n"
        process.send_signal(signal.SIGINT)
        shown, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert shown == "<History of 0 epochs, 0.0 s (interrupted)>\n"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_ends_the_training_before_that_step(value):
    model = classifier().eval()
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    seen = []

    def loss(output, target):
        seen.append(model[0].weight.data.copy())
        cost = nn.CrossEntropyLoss()(output, target)
        return cost * value if len(seen) == 5 else cost

    match = rf"the loss is {value} in epoch 2, iteration 5; the training ends before this step"
    with pytest.warns(RuntimeWarning, match=match) as caught:
        history = fit(model, BATCHES, loss, optimizer, epochs=3, progress=False)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(model[0].weight.data, seen[4])
    assert np.isfinite(history.iteration_loss[:4]).all()
    np.testing.assert_equal(history.iteration_loss[4:], [value])
    assert (len(history.epoch_loss), history.interrupted, model.training) == (1, False, False)


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


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937])
def test_a_generator_is_drawn_from_so_that_training_in_two_parts_is_the_same(kind):
    def losses(*parts):
        rng = np.random.Generator(kind(3))
        model = nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 2, rng=0))
        optimizer = optim.SGD(model.parameters(), lr=0.5)
        loader, history = data.DataLoader(list(zip(X, LABELS)), 5, shuffle=True), History()
        for epochs in parts:
            trained(model, optimizer=optimizer, loader=loader, rng=rng, epochs=epochs,
                    history=history)  # fmt: skip
        return history.iteration_loss

    assert losses(4) == losses(1, 3)


def test_the_default_generator_is_back_after_an_error():
    before = mg.get_rng_state()
    with pytest.raises(ValueError, match="gave no batches"):
        trained(classifier(), loader=[], rng=3)
    assert mg.get_rng_state() == before


# --- Errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("options", "error", "match"), [
    ({"loader": []}, ValueError, "gave no batches"),
    ({"loader": iter(BATCHES)}, ValueError, "a generator can be gone through only once"),
    ({"loader": data.xor(4)}, TypeError, r"loader is a TensorDataset.*DataLoader\(dataset"),
    ({"loader": [X]}, ValueError, r"a pair \(inputs, targets\), got ndarray"),
    ({"loader": [(X, LABELS, 1)]}, ValueError, "a pair"),
    ({"epochs": 1.5}, ValueError, "epochs is 1.5"),
    ({"epochs": "3"}, TypeError, "epochs is '3'"),
    ({"epochs": -1}, ValueError, "epochs is -1"),
    ({"patience": 0, "validation": BATCHES}, ValueError, "patience is 0"),
    ({"patience": 1.5, "validation": BATCHES}, ValueError, "patience is 1.5"),
    ({"history": {"epoch_loss": []}}, TypeError, "history is a dict, wanted the History"),
    ({"scheduler_interval": "step"}, ValueError, "scheduler_interval is 'step', wanted one of"),
    ({"rng": "0"}, TypeError, "rng: got '0'"),
])  # fmt: skip
def test_errors(options, error, match):
    with pytest.raises(error, match=match):
        trained(classifier(), **options)


def test_a_plateau_cannot_be_stepped_by_batch():
    optimizer = optim.SGD(classifier().parameters(), lr=0.1)
    plateau = optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    with pytest.raises(ValueError, match="ReduceLROnPlateau looks at the loss of an epoch"):
        trained(classifier(), scheduler=plateau, scheduler_interval="batch")


@pytest.mark.parametrize(("loss", "error", "match"), [
    (lambda y, t: float(y.data.sum()), TypeError, "loss gave a float, wanted a Tensor"),
    (nn.CrossEntropyLoss(reduction="none"), ValueError, r"shape \(8,\), wanted one number"),
])  # fmt: skip
def test_a_loss_that_cannot_be_differentiated(loss, error, match):
    model = classifier()
    before = model.state_dict()
    with pytest.raises(error, match=match):
        fit(model, BATCHES, loss, optim.SGD(model.parameters(), lr=0.1), epochs=1, progress=False)
    with pytest.raises(error, match=match):
        evaluate(model, BATCHES, loss)
    np.testing.assert_array_equal(model[0].weight.data, before["0.weight"])


def test_no_epochs():
    assert trained(classifier(), epochs=0) == History()


# --- What it shows --------------------------------------------------------------------------


def test_a_bar_with_loss_and_metric(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    trained(classifier(), progress=True, validation=BATCHES)
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert shown.count("\r") > 2
    last = shown.rpartition("epoch 2/2")[2]
    assert last.startswith(" 100%|")
    assert "loss 0." in last
    assert ", validation loss 0." in last


def test_in_a_log_file_the_bar_has_a_line_for_every_epoch(capsys):
    history = trained(classifier(), progress=True)
    trained(classifier(), progress=True, history=history, epochs=1)
    shown = capsys.readouterr()
    lines = shown.err.splitlines()
    assert (shown.out, "\r" in shown.err) == ("", False)
    assert [line.partition("|")[0] for line in lines] == [
        "epoch 1/2  50%", "epoch 2/2 100%", "epoch 3/3 100%"
    ]  # fmt: skip
    for line, loss, right in zip(lines, history.epoch_loss, history.metrics["accuracy"]):
        assert line.endswith(f", loss {loss:.3g} accuracy {right:.3g}")


def test_lines_where_tqdm_is_missing(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    history = trained(classifier(), progress=True)
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.splitlines() == [
        f"epoch {i + 1}/2  loss {loss:.3g} accuracy {right:.3g}"
        for i, (loss, right) in enumerate(zip(history.epoch_loss, history.metrics["accuracy"]))
    ]


@pytest.mark.parametrize("bar", [True, False])
def test_why_it_ended_is_said(bar, capsys, monkeypatch):
    if not bar:
        monkeypatch.setitem(sys.modules, "tqdm", None)

    class Impatient(list):
        def __iter__(self):
            yield self[0]
            raise KeyboardInterrupt

    model = classifier()
    optimizer = optim.SGD(model.parameters(), lr=0.0)
    trained(model, optimizer=optimizer, validation=BATCHES, patience=1, progress=True, epochs=9)
    trained(model, loader=Impatient(BATCHES), progress=True)
    shown = capsys.readouterr()
    lines = (shown.err if bar else shown.out).splitlines()
    assert lines[2:] == [
        "ended by patience=1: the validation loss did not improve",
        "ended by Ctrl-C: complete epochs: 0",
    ]  # fmt: skip


def test_silence(capsys):
    trained(classifier(), progress=False)
    assert capsys.readouterr() == ("", "")


def test_a_loader_without_a_length(capsys, monkeypatch):
    class Stream:
        def __iter__(self):
            return iter(BATCHES)

    class Unsure(Stream):
        def __len__(self):
            raise TypeError("a stream has no length")

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for loader in (Stream(), Unsure()):
        assert trained(classifier(), loader=loader, progress=True).iterations == [3, 6]
        assert "epoch 2/2 6 batches, 00:00, loss 0." in capsys.readouterr().err


def test_training_needs_neither_matplotlib_nor_tqdm():
    extras = "{'matplotlib', 'tqdm'}"
    code = f"import sys; from minigrad.training import fit; print({extras} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
