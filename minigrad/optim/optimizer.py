"""What all optimizers have in common: parameter groups, the step, saving and loading.

An optimizer knows arrays only. A parameter is any object with `data` (an array), `grad` (None, or
something with `data`), `requires_grad`, and `touch()`, which is called after data was changed in
place: so the graph notices that what it recorded is out of date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np

from minigrad.optim import saving
from minigrad.optim.flat import Array, Block, Flat
from minigrad.optim.groups import as_groups, checked_group
from minigrad.words import shown

Settings = SimpleNamespace  # the hyper-parameters of one group, as plain numbers

Batch = tuple[Settings, Flat, dict[str, float], list[Array]]

COMMON = {"weight_decay": 0.0, "decoupled_weight_decay": False, "maximize": False}


class Optimizer:
    """θ ← θ − update(g), for every parameter θ with a gradient g.

    params: tensors, or (name, tensor) pairs as `named_parameters()` gives them, or groups: dicts
        with "params" and hyper-parameters of their own.
    defaults: the hyper-parameters of groups that do not set them.

    `param_groups` is the list of groups; an entry that is changed there counts from the next step
    on. `state[p]` holds what is remembered about parameter p.

    A kind of optimizer is a subclass with a rule, `update`; one that remembers something names it
    in `arrays` (per entry of a parameter) and `numbers` (per parameter):

    >>> class SignDescent(Optimizer):
    ...     def update(self, g, s, h, a, b):
    ...         return h.lr * np.sign(g)
    >>> from minigrad import Tensor
    >>> w = Tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = SignDescent([w], {"lr": 0.5})
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.5, -1.5]

    Every rule gets g after these steps, where a group asks for them:
    maximize: g ← −g, so that the objective grows;
    weight_decay: g ← g + λ θ, the gradient of a penalty ½ λ ‖θ‖² (L2);
    decoupled_weight_decay: instead, θ ← (1 − lr λ) θ before the update (AdamW).

    Raises TypeError if params is not such an iterable; ValueError if it is empty, holds a tensor
    twice or one that is no leaf, or if a hyper-parameter is out of range.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.steps_taken = 0
        self._flats: dict[tuple[int, ...], Flat] = {}
        self._buffers: dict[np.dtype[Any], tuple[Array, Array, Array]] = {}
        for group in as_groups(type(self).__name__, params):
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Optimize further parameters, with hyper-parameters of their own.

        param_group: "params", and any hyper-parameters; the rest are the optimizer's defaults.

        Raises as the constructor does; the optimizer is then as it was.
        """
        self.param_groups.append(checked_group(self, param_group))

    def check(self, group: dict[str, Any]) -> None:
        """Raise ValueError for hyper-parameters that do not go together. A hook for subclasses."""

    # --- The rule: what a kind of optimizer defines ---

    def arrays(self, h: Settings) -> dict[str, float]:
        """The arrays that are remembered about a parameter, and the value they start from."""
        return {}

    def numbers(self, h: Settings) -> dict[str, float]:
        """The numbers that are remembered about a parameter, and what they start from."""
        return {"step": 0} if self.arrays(h) else {}

    def advance(self, numbers: dict[str, float], h: Settings) -> dict[str, float]:
        """The numbers in the next step; "step" counts from 1."""
        return {name: n + 1 if name == "step" else n for name, n in numbers.items()}

    def update(self, g: Array, s: dict[str, Any], h: Settings, a: Array, b: Array) -> Array:
        """What is subtracted from the parameters.

        g: (n,) gradients, to be read only. s: what is remembered; its arrays (n,) are changed in
        place. h: the hyper-parameters. a, b: (n,) spare arrays to compute in.
        """
        raise NotImplementedError(f"{type(self).__name__} has no rule: define update()")

    # --- The step ---

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient and requires one; the others stay untouched.

        closure: computes the loss and its gradients, and returns the loss; called first. Its
        loss is returned.

        Raises ValueError, before anything is changed, if a gradient does not have the shape of
        its parameter.
        """
        if closure is not None and not callable(closure):
            raise TypeError(
                f"{type(self).__name__}.step: closure is {shown(closure)}, wanted a function that "
                "computes the loss, or nothing"
            )
        loss = None if closure is None else closure()
        batches = [batch for group in self.param_groups for batch in self._batches(group)]
        with np.errstate(all="ignore"):  # inf and nan pass through, as in the network itself
            for batch in batches:
                self._move(*batch)
        self._flats = {flat.key: flat for _, flat, _, _ in batches}  # forget those out of use
        self.steps_taken += 1
        return loss

    def _batches(self, group: dict[str, Any]) -> list[Batch]:
        """The parameters to be moved, those together that have one dtype and one past."""
        h = settings(group)
        start = self.numbers(h)
        alike: dict[Any, tuple[list[Any], list[Array]]] = {}
        for p in group["params"]:
            if not p.requires_grad or (grad := p.grad) is None:
                continue
            data, g = p.data, grad.data
            if g.shape != data.shape:
                raise shape_error(type(self).__name__, data, g)
            past = self.state.get(p, start)
            key = (data.dtype.char, *map(past.get, start, start.values()))
            if key not in alike:
                alike[key] = [], []
            params, grads = alike[key]
            params.append(p)
            grads.append(g)
        return [
            (h, self._flat(params), dict(zip(start, key[1:])), grads)
            for key, (params, grads) in alike.items()
        ]

    def _flat(self, params: list[Any]) -> Flat:
        """The parameters laid end to end: as in the last step, if they are the same."""
        flat = self._flats.get(tuple(map(id, params)))
        return flat if flat is not None and flat.fits() else Flat(params)

    def _move(self, h: Settings, flat: Flat, numbers: dict[str, float], grads: list[Array]) -> None:
        """Apply the rule, block by block."""
        names, now = self.arrays(h), self.advance(numbers, h)
        entries = [self.state[p] for p in flat.params] if names or now else []
        arrays = {name: flat.remember(name, entries, first) for name, first in names.items()}
        lines = [grads[i].reshape(-1) for i in flat.order]
        shrink = 1 - h.lr * h.weight_decay if h.decoupled_weight_decay else 1.0
        spares = self._spares(flat)
        flat.fetch()
        for block in flat.blocks:
            n = block.span.stop - block.span.start
            spare, a, b = [buffer[:n] for buffer in spares]
            g = objective_gradient(flat, block, h, lines, spare, a)
            s = now | {name: array[block.span] for name, array in arrays.items()}
            flat.subtract(block, self.update(g, s, h, a, b), shrink)
        flat.deliver()
        for p in flat.params:
            p.touch()
        for entry in entries:
            entry.update(now)

    def _spares(self, flat: Flat) -> tuple[Array, Array, Array]:
        """Arrays to compute in, long enough for each of its blocks."""
        spares = self._buffers.get(flat.dtype)
        if spares is None or len(spares[0]) < flat.longest:
            spares = self._buffers[flat.dtype] = tuple(np.empty((3, flat.longest), flat.dtype))
        return spares

    # --- Gradients, saving, looking ---

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: None, or with set_to_none False zeros, in the same arrays."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.data[...] = 0

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on later exactly as now; a copy, in plain dicts and arrays.

        {"state": {0: {"step": 7, ...}, ...}, "param_groups": [{"lr": 0.1, ..., "params": [0]}]}:
        parameters are numbered through all groups.
        """
        return saving.saved(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that `state_dict` gave: hyper-parameters and what is remembered.

        Parameters are matched by their order. The state is copied.

        Raises ValueError, before anything is changed, if groups, their sizes or entries, or the
        shapes of arrays do not fit.
        """
        self.param_groups, state = saving.loaded(self, state_dict)
        self.state = defaultdict(dict, state)

    def remembers(self, group: dict[str, Any]) -> tuple[dict[str, float], dict[str, float]]:
        """The arrays and numbers that a parameter of this group has in `state`."""
        h = settings(group)
        return self.arrays(h), self.numbers(h)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_flats": {}, "_buffers": {}}  # both are made anew when needed

    def __repr__(self) -> str:
        lines = []
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([f"{type(self).__name__} (", *lines, ")"])


def objective_gradient(
    flat: Flat, block: Block, h: Settings, lines: list[Array], spare: Array, a: Array
) -> Array:
    """g of a block, after maximize and weight decay."""
    g = flat.read(block, lines, spare)
    if h.maximize:
        g = np.negative(g, out=spare)
    if h.weight_decay and not h.decoupled_weight_decay:
        theta = flat.read(block, flat.lines, a)
        g = np.add(g, np.multiply(theta, h.weight_decay, out=a), out=spare)
    return g


def shape_error(function: str, data: Array, g: Array) -> ValueError:
    return ValueError(
        f"{function}.step: a gradient has shape {g.shape}, its parameter {data.shape}; they must "
        "be the same"
    )


def hyperparameters(arguments: dict[str, Any]) -> dict[str, Any]:
    """What a constructor was given besides params: its locals(), by name."""
    return {k: v for k, v in arguments.items() if k not in ("self", "params", "__class__")}


def settings(group: dict[str, Any]) -> Settings:
    """The hyper-parameters of a group as Python numbers, which leave float32 arrays float32."""
    return Settings(**COMMON | {name: plain(value) for name, value in group.items()})


def plain(value: Any) -> Any:
    """A number as float; a pair of numbers as such; anything else as it is."""
    kind = value.__class__
    if kind is float or kind is bool:
        return value
    if isinstance(value, (int, np.floating, np.integer)):
        return float(value)
    return tuple(map(plain, value)) if isinstance(value, tuple) else value
