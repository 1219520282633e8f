"""fit: the training loop, in plain sight, and the history of what happened in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from minigrad.create import from_numpy
from minigrad.data.arguments import whole
from minigrad.graph import Array
from minigrad.history import History
from minigrad.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau
from minigrad.progress import progress_for
from minigrad.recording import no_grad
from minigrad.rng import Rng, generator, get_state, manual_seed, set_state
from minigrad.tensor import Tensor

Metric = Callable[[Array, Array], float]


def fit(
    model: Any,
    loader: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    optimizer: Any,
    *,
    epochs: int,
    validation: Iterable[Any] | None = None,
    scheduler: Any = None,
    progress: bool = True,
    rng: Rng = None,
    metric: Metric | None = None,
    patience: int | None = None,
) -> History:
    """Train: for every batch, output, loss, gradients, step. Returns what happened.

    loader: anything that gives pairs (inputs, targets), once per epoch; validation likewise.
    loss: a function or module of output and targets, with one number as its result.
    scheduler: stepped after every epoch; `ReduceLROnPlateau` gets the validation loss (without
        validation the training loss), `OneCycleLR` is stepped after every batch.
    progress: show a bar (with tqdm), or a line per epoch.
    rng: where dropout and shuffling draw from if they have no generator of their own.
    metric: a function of two arrays, outputs and targets, averaged over the samples; without one
        `accuracy`, if the targets are class indices.
    patience: stop when so many epochs have passed since the best validation loss.

    Ctrl-C ends the training, not the program: the history up to there is returned, and the model
    keeps what it has learned. Afterwards the model is in the mode in which it was before.

    Errors: a ValueError if the loader gives nothing, or for patience without validation.
    Lecture: "Training the model", "Need of Optimizer".
    """
    check(epochs, validation, patience)
    history, was_training = History(), getattr(model, "training", True)
    each_batch = isinstance(scheduler, OneCycleLR)
    with drawing_from(rng), progress_for(progress, loader, epochs) as show:
        try:
            for epoch in range(epochs):
                began, score = perf_counter(), Score(metric)
                for batch in learning(model, loader, loss, optimizer):
                    score.add(batch)
                    history.iteration_loss.append(batch.loss)
                    if each_batch:
                        scheduler.step()
                    show.batch(epoch, score.results())
                history.add(score.results(), perf_counter() - began)
                if validation is not None:
                    history.add_validation(evaluate(model, validation, loss, metric=metric))
                if scheduler is not None and not each_batch:
                    advance(scheduler, history)
                show.epoch(epoch, history.latest())
                if patience is not None and history.epochs_since_best() >= patience:
                    break
        except KeyboardInterrupt:
            history.interrupted = True
        finally:
            set_mode(model, was_training)
    return history


def learning(
    model: Any, loader: Iterable[Any], loss: Callable[[Any, Any], Any], optimizer: Any
) -> Iterator[Batch]:
    """One epoch: a step for every batch."""
    set_mode(model, True)
    for x, y in tensors(loader):
        output = model(x)
        cost = loss(output, y)
        optimizer.zero_grad()
        cost.backward(retain_graph=False)
        optimizer.step()
        yield Batch(cost.item(), output.data, y.data)


@no_grad()
def judging(model: Any, loader: Iterable[Any], loss: Callable[[Any, Any], Any]) -> Iterator[Batch]:
    """The same without learning."""
    was_training = getattr(model, "training", True)
    set_mode(model, False)
    try:
        for x, y in tensors(loader):
            output = model(x)
            yield Batch(loss(output, y).item(), output.data, y.data)
    finally:
        set_mode(model, was_training)


def evaluate(
    model: Any,
    loader: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    *,
    metric: Metric | None = None,
) -> dict[str, float]:
    """{"loss": …, "accuracy": …}: both averaged over the samples, in `eval()` and without a graph.

    metric as for `fit`. Errors: a ValueError if the loader gives nothing.
    """
    score = Score(metric)
    for batch in judging(model, loader, loss):
        score.add(batch)
    return score.results()


def accuracy(output: Array, target: Array) -> float:
    """The share of samples of which the largest output is the target's: (N, C, …) and (N, …)."""
    return float(np.mean(output.argmax(axis=1) == target))


class Batch(NamedTuple):
    """What came out for one batch."""

    loss: float
    output: Array
    target: Array


class Score:
    """Averages over the samples of an epoch."""

    def __init__(self, metric: Metric | None) -> None:
        self.metric = metric
        self.sums: dict[str, float] = {}
        self.samples = 0

    def add(self, batch: Batch) -> None:
        """Count in one batch."""
        n = len(batch.target) if batch.target.ndim else 1
        values = {"loss": batch.loss}
        metric = self.metric or (accuracy if is_classification(batch) else None)
        if metric is not None:
            values[getattr(metric, "__name__", "metric")] = float(
                metric(batch.output, batch.target)
            )
        self.samples += n
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + n * value

    def results(self) -> dict[str, float]:
        """{"loss": …} and the metric."""
        if not self.samples:
            raise ValueError(
                "fit: the loader gave no batches; a generator can be gone through only once: pass "
                "a DataLoader or a list"
            )
        return {name: total / self.samples for name, total in self.sums.items()}


def is_classification(batch: Batch) -> bool:
    """Whether the targets are class indices, and the outputs have an axis of classes."""
    output, target = batch.output, batch.target
    return (
        target.dtype.kind in "iu"
        and output.ndim == target.ndim + 1
        and output.shape[:1] + output.shape[2:] == target.shape
    )


def tensors(loader: Iterable[Any]) -> Iterator[tuple[Tensor, Tensor]]:
    """The batches of a loader, with arrays as tensors that share their memory."""
    for batch in loader:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise ValueError(
                f"fit: a batch must be a pair (inputs, targets), got {type(batch).__name__}"
            )
        x, y = (v if isinstance(v, Tensor) else from_numpy(np.asarray(v)) for v in batch)
        yield x, y


def set_mode(model: Any, training: bool) -> None:
    """Switch a module to training or evaluation; a plain function has no modes."""
    if hasattr(model, "train"):
        model.train(training)


def advance(scheduler: Any, history: History) -> None:
    """Step a schedule at the end of an epoch."""
    if isinstance(scheduler, ReduceLROnPlateau):
        latest = history.latest()
        scheduler.step(latest.get("validation loss", latest["loss"]))
    else:
        scheduler.step()


@contextmanager
def drawing_from(rng: Rng) -> Iterator[None]:
    """Let the default generator follow rng for a while; afterwards it is as it was."""
    if rng is None:
        yield
        return
    before = get_state()
    manual_seed(int(generator(rng).integers(2**63)))
    try:
        yield
    finally:
        set_state(before)


def check(epochs: Any, validation: Any, patience: Any) -> None:
    """Raise for arguments of fit that make no sense, before anything is trained."""
    whole("fit", "epochs", epochs, least=0)
    if patience is not None:
        whole("fit", "patience", patience)
        if validation is None:
            raise ValueError("fit: patience looks at the validation loss; pass validation too")
