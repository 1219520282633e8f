"""fit: the training loop, in plain sight."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import numpy as np

from minigrad.create import from_numpy
from minigrad.data.arguments import one_of, whole
from minigrad.data.dataset import Dataset
from minigrad.history import History
from minigrad.optim.lr_scheduler import ReduceLROnPlateau
from minigrad.progress import progress_for
from minigrad.recording import no_grad
from minigrad.rng import Rng, drawing_from
from minigrad.scores import Batch, Metric, Score
from minigrad.tensor import Tensor, arrays_of
from minigrad.words import shown


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
    history: History | None = None,
    scheduler_interval: str | None = None,
) -> History:
    """Train: for every batch, output, loss, gradients, step. Returns what happened.

    loader: anything that gives pairs (inputs, targets), once per epoch; validation likewise.
    loss: a function or module of output and targets, with one number as its result.
    scheduler: stepped after every "epoch" or "batch", as scheduler_interval says; without it
        `OneCycleLR` after every batch, all others after every epoch. `ReduceLROnPlateau` gets the
        validation loss, without validation the training loss.
    progress: show a bar (with tqdm), or a line per epoch.
    rng: where dropout and shuffling draw from if they have no generator of their own.
    metric: a function of two arrays, outputs and targets, averaged over the samples; without one
        `accuracy`, if the targets are class indices.
    patience: stop when so many epochs have passed since the best validation loss.
    history: of an earlier `fit`, to go on with: epochs more are added to it.

    Ctrl-C ends the training, not the program: the history up to there is returned, and the model
    keeps what it has learned. A loss that is nan or infinite ends it too, with a warning, before
    anything is learned from it. Afterwards the model is in the mode in which it was before.

    Errors: a ValueError if the loader gives nothing, for patience without validation, and for an
    optimizer that has none of the model's parameters.
    Lecture: "Training the model", "Need of Optimizer".
    """
    check_parts(model, loader, loss, optimizer, validation, scheduler, metric)
    check_belongs(model, optimizer)
    interval = checked(epochs, validation, patience, scheduler, scheduler_interval)
    history = going_on(history)
    done = len(history.epoch_loss)
    with drawing_from(rng), progress_for(progress, loader, done, epochs) as show:
        try:
            for epoch in range(done, done + epochs):
                began, score = perf_counter(), Score(metric, "fit: loader")
                for batch in learning(model, loader, loss, optimizer):
                    score.add(batch)
                    history.iteration_loss.append(batch.loss)
                    if interval == "batch":
                        scheduler.step()
                    show.batch(epoch, score.results())
                history.add(score.results(), perf_counter() - began)
                if validation is not None:
                    judged = evaluated("fit: validation", model, validation, loss, metric)
                    history.add_validation(judged)
                if interval == "epoch":
                    advance(scheduler, history)
                show.epoch(epoch, history.latest())
                if patience is not None and history.epochs_since_best() >= patience:
                    show.note(f"ended by patience={patience}: the validation loss did not improve")
                    break
        except KeyboardInterrupt:
            history.interrupted = True
            show.note(f"ended by Ctrl-C: complete epochs: {len(history.epoch_loss)}")
        except DivergenceError as end:
            history.iteration_loss.append(end.loss)
            warn_of(end, history)
    return history


def learning(
    model: Any, loader: Iterable[Any], loss: Callable[[Any, Any], Any], optimizer: Any
) -> Iterator[Batch]:
    """One epoch: a step for every batch."""
    with mode(model, training=True):
        for x, y in tensors(loader):
            output = model(x)
            cost = finite(loss(output, y))
            optimizer.zero_grad()
            cost.backward(retain_graph=False)
            optimizer.step()
            yield Batch(cost.item(), arrays_of(output), y.data)


@no_grad()
def judging(model: Any, loader: Iterable[Any], loss: Callable[[Any, Any], Any]) -> Iterator[Batch]:
    """The same without learning."""
    with mode(model, training=False):
        for x, y in tensors(loader):
            output = model(x)
            yield Batch(number(loss(output, y)).item(), arrays_of(output), y.data)


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
    return evaluated("evaluate: loader", model, loader, loss, metric)


def evaluated(
    source: str,
    model: Any,
    loader: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    metric: Metric | None,
) -> dict[str, float]:
    """The same; source says in messages where the batches come from."""
    score = Score(metric, source)
    check_batches(source, loader)
    for batch in judging(model, loader, loss):
        score.add(batch)
    return score.results()


@contextmanager
def mode(model: Any, training: bool) -> Iterator[None]:
    """Switch a module to training or evaluation for a while; a plain function has no modes."""
    before = [(m, m.training) for m in model.modules()] if hasattr(model, "modules") else []
    try:
        if before:
            model.train(training)
        yield
    finally:
        for module, was in before:
            module.training = was


def check_batches(source: str, loader: Any) -> None:
    """A TypeError for a dataset, of which no batches have been made."""
    if isinstance(loader, Dataset):
        raise TypeError(
            f"{source} is a {type(loader).__name__}, which gives single samples; wanted "
            "batches: DataLoader(dataset, batch_size=32, shuffle=True)"
        )


def tensors(loader: Iterable[Any]) -> Iterator[tuple[Tensor, Tensor]]:
    """The batches of a loader, with arrays as tensors that share their memory."""
    for batch in loader:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise ValueError(
                f"fit: a batch must be a pair (inputs, targets), got {type(batch).__name__}; "
                "pass a DataLoader or a list of pairs"
            )
        x, y = (v if isinstance(v, Tensor) else from_numpy(np.asarray(v)) for v in batch)
        yield x, y


def number(cost: Any) -> Any:
    """What the loss gave, if it is one number that can be differentiated."""
    if not isinstance(cost, Tensor):
        raise TypeError(
            f"fit: loss gave a {type(cost).__name__}, wanted a Tensor, computed from the output "
            "by minigrad's functions"
        )
    if cost.size != 1:
        raise ValueError(
            f"fit: loss gave a tensor of shape {cost.shape}, wanted one number; take its mean(), "
            "or reduction='mean'"
        )
    return cost


class DivergenceError(ArithmeticError):
    """The loss is no finite number."""

    def __init__(self, loss: float) -> None:
        super().__init__(loss)
        self.loss = loss


def finite(cost: Any) -> Any:
    """What the loss gave, if there is something to learn from it."""
    if not np.isfinite(number(cost).data).all():
        raise DivergenceError(cost.item())
    return cost


def warn_of(end: DivergenceError, history: History) -> None:
    """Say where the training ended, and what one can do."""
    epoch, iteration = len(history.epoch_loss) + 1, len(history.iteration_loss)
    warnings.warn(
        f"fit: the loss is {end.loss} in epoch {epoch}, iteration {iteration}; the training ends "
        "before this step. Look for nan in the data, try a smaller learning rate or "
        "clip_grad_norm_; detect_anomaly() names the op that made the first nan",
        RuntimeWarning,
        stacklevel=3,
    )


def advance(scheduler: Any, history: History) -> None:
    """Step a schedule at the end of an epoch."""
    if isinstance(scheduler, ReduceLROnPlateau):
        latest = history.latest()
        scheduler.step(latest.get("validation loss", latest["loss"]))
    else:
        scheduler.step()


def going_on(history: Any) -> History:
    """The history to add to: a new one, or the one given."""
    if history is None:
        return History()
    if not isinstance(history, History):
        raise TypeError(
            f"fit: history is a {type(history).__name__}, wanted the History of an earlier fit; "
            "its load_state_dict takes what was saved"
        )
    history.interrupted = False
    return history


def check_belongs(model: Any, optimizer: Any) -> None:
    """A ValueError if the optimizer would never move anything of this model."""
    moved = {id(p) for group in getattr(optimizer, "param_groups", []) for p in group["params"]}
    learned = set(map(id, getattr(model, "parameters", list)()))
    if moved and learned and not moved & learned:
        raise ValueError(
            "fit: none of the optimizer's parameters is one of the model's, so nothing would be "
            f"learned; make it anew: {type(optimizer).__name__}(model.parameters(), ...)"
        )


def check_parts(
    model: Any,
    loader: Any,
    loss: Any,
    optimizer: Any,
    validation: Any,
    scheduler: Any,
    metric: Any,
) -> None:
    """A TypeError for an argument of fit that is something else than what it is for."""
    for name, given, fits, wanted in (
        ("model", model, callable(model), "a Module, or a function of the inputs"),
        ("loader", loader, is_iterable(loader), "batches (inputs, targets), as of a DataLoader"),
        ("loss", loss, callable(loss), "a function of output and targets, as F.cross_entropy"),
        ("optimizer", optimizer, hasattr(optimizer, "step"), "an Optimizer"),
        ("validation", validation, validation is None or is_iterable(validation), "batches"),
        ("scheduler", scheduler, scheduler is None or hasattr(scheduler, "step"), "a schedule"),
        ("metric", metric, metric is None or callable(metric), "a function of two arrays"),
    ):
        if isinstance(given, type):
            raise TypeError(
                f"fit: {name} is the class {given.__name__}, wanted {wanted}: call it first, "
                f"{given.__name__}(...)"
            )
        if not fits:
            raise TypeError(f"fit: {name} is {shown(given)}, wanted {wanted}")
        check_batches(f"fit: {name}", given)


def is_iterable(batches: Any) -> bool:
    return hasattr(batches, "__iter__") or hasattr(batches, "__getitem__")


def checked(
    epochs: Any, validation: Any, patience: Any, scheduler: Any, interval: Any
) -> str | None:
    """When the schedule is stepped; an error for arguments of fit that make no sense."""
    whole("fit", "epochs", epochs, least=0)
    if patience is not None:
        whole("fit", "patience", patience)
        if validation is None:
            raise ValueError("fit: patience looks at the validation loss; pass validation too")
    if interval is not None:
        one_of("fit", "scheduler_interval", interval, ("batch", "epoch"))
    if interval == "batch" and isinstance(scheduler, ReduceLROnPlateau):
        raise ValueError(
            "fit: ReduceLROnPlateau looks at the loss of an epoch; leave out scheduler_interval"
        )
    return None if scheduler is None else interval or getattr(scheduler, "interval", "epoch")
