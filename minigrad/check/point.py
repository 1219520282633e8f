"""The point at which a subject is examined: its outputs there, and its gradients.

Much can make a comparison meaningless before it begins: outputs that differ from call to call or
are not finite, inputs that the function changes, outputs that are cut off. Each has its message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.check.findings import Failure, Place
from minigrad.check.looks import Cotangents, Rules
from minigrad.check.slopes import Outputs, joined, typical
from minigrad.check.subject import Subject
from minigrad.graph import Array

JACOBIAN = 10_000_000  # entries of a Jacobian that is compared one by one, at most
GROUPS = 16  # of outputs that have a cotangent of their own, at most

MUTATED = "{name} changes {what} in place: work on a copy; the caller's array was not touched"
RANDOM = (
    "{name} is not deterministic: two calls with the same inputs gave outputs that differ by "
    "{apart:.3g}; fix its random numbers (rng=, a seed) or switch them off (eval())"
)
RANDOM_BACKWARD = (
    "the gradient of {name} is not deterministic: two backward passes differ by {apart:.3g}; a "
    "rule must not draw random numbers, but use those that forward has drawn and saved"
)
NOT_FINITE = (
    "{name}: output {k} has {bad}: check at a point where it is finite, or keep the function from "
    "leaving its domain"
)
GRADIENT_NOT_FINITE = (
    "{name}: the gradient of {what} has {bad}: has the function no slope there, or does its rule "
    "divide by 0? check at another point, or let the rule give a finite number"
)
CUT = (
    "{name}: no output is connected to an input, so backward cannot reach any: look for detach(), "
    ".data, .item(), no_grad() or plain NumPy on the way (why_no_grad tells where)"
)


@dataclass
class Settings:
    """How to examine: the arguments of gradcheck."""

    rules: Rules = field(default_factory=Rules)
    eps: float | None = None
    fast: bool = False
    single: int | None = None  # inputs with more entries than this are checked in directions
    nondet_tol: float = 0.0
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))


class Point:
    """Outputs, cotangents and gradients at the inputs given; failures says why some are missing."""

    outputs: list[Array]
    center: Outputs
    live: list[bool]  # which outputs are connected to an input
    cotangents: Cotangents
    gradients: list[list[Array]]  # per cotangent and input

    def __init__(self, subject: Subject, settings: Settings, node: Any = None) -> None:
        self.subject, self.settings, self.node = subject, settings, node
        self.failures: list[Failure] = []
        for step in (self.evaluate, self.find_connections, self.differentiate):
            if not self.failures:
                step()

    def fail(self, kind: str, message: str, input: int | None = None) -> None:
        label = "" if input is None else self.subject.inputs[input].label
        place = Place(self.subject.name, input, label, None, self.node)
        self.failures.append(Failure(kind, place, message))

    # --- Outputs ----------------------------------------------------------------------------------

    def evaluate(self) -> None:
        """The outputs: finite, the same in a second call, and the inputs as they were."""
        first = self.unharmed(self.subject.values)
        again = self.unharmed(self.subject.values)
        self.compare(RANDOM, first, again)
        for k, y in enumerate(first):
            if not np.isfinite(y).all():
                message = NOT_FINITE.format(name=self.subject.name, k=k, bad=first_bad(y))
                self.fail("non-finite", message)
        self.outputs, self.center = first, joined(first)

    def unharmed(self, function: Callable[[list[Array]], Any]) -> Any:
        """function(inputs), with a failure for each input that it changes."""
        arrays = copies(self.subject)
        result = function(arrays)
        known = {failure.input for failure in self.failures}
        for k, (x, array) in enumerate(zip(self.subject.inputs, arrays)):
            if k not in known and not np.array_equal(x.array, array):
                self.fail("mutated input", MUTATED.format(name=self.subject.name, what=x.label), k)
        return result

    def compare(self, message: str, first: Sequence[Array], again: Sequence[Array]) -> None:
        """A failure if two lists of arrays are not the same."""
        apart = max([farthest(a, b) for a, b in zip(first, again)], default=0.0)
        if apart > self.settings.nondet_tol:
            self.fail("not deterministic", message.format(name=self.subject.name, apart=apart))

    # --- Gradients --------------------------------------------------------------------------------

    def find_connections(self) -> None:
        self.live = self.subject.connected(copies(self.subject))
        if not any(self.live):
            self.fail("unconnected output", CUT.format(name=self.subject.name))

    def differentiate(self) -> None:
        """The gradients for every cotangent: finite, and the same in a second backward pass."""
        weights = self.weights()
        self.cotangents = Cotangents(weights)
        rows = [self.split(w) for w in (np.eye(self.size) if weights is None else weights)]
        self.gradients = self.unharmed(lambda xs: self.subject.gradients(xs, rows))
        again = self.subject.gradients(copies(self.subject), rows[:1])
        for k, gs in enumerate(zip(*self.gradients)):
            bad = [g for g in gs if not np.isfinite(g).all()]
            if bad:
                names = {"name": self.subject.name, "what": self.subject.inputs[k].label}
                self.fail(
                    "non-finite", GRADIENT_NOT_FINITE.format(bad=first_bad(bad[0]), **names), k
                )
        if rows and not self.failures:
            self.compare(RANDOM_BACKWARD, self.gradients[0], again[0])

    # --- Cotangents -------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """The number of entries of all outputs."""
        return self.center.values.size

    def weights(self) -> Array | None:
        """Random weights in rows: for each output alone, then for all together and much larger.

        A rule that takes no account of the size or sign of g fails the second. None, with
        tolerances: every entry of every output by itself, as PyTorch does it.
        """
        if not (self.settings.rules.strict or self.settings.fast):
            self.refuse_large_jacobian()
            return None
        owner = np.repeat(np.arange(len(self.outputs)), [y.size for y in self.outputs])
        part = np.array(self.live)[owner] * np.concatenate([even(y) for y in self.outputs])
        groups = np.array_split(np.flatnonzero(self.live), min(sum(self.live), GROUPS))
        rows = [np.isin(owner, group) * part * self.signs() for group in groups]
        return np.array([*rows, -100 * part * self.signs()])

    def refuse_large_jacobian(self) -> None:
        entries = sum(x.array.size for x in self.subject.inputs)
        if entries * self.size > JACOBIAN:
            raise ValueError(
                f"gradcheck of {self.subject.name}: with tolerances the whole Jacobian is "
                f"compared, here {self.size} × {entries} entries, more than {JACOBIAN}: pass "
                "fast_mode=True, leave the tolerances out, or check smaller inputs"
            )

    def signs(self) -> Array:
        """Random numbers of either sign, none of them near 0; a single one is 1."""
        rng, n = self.settings.rng, self.size
        return rng.uniform(0.5, 1.5, n) * rng.choice([-1.0, 1.0], n) if n > 1 else np.ones(n)

    def split(self, weights: Array) -> list[Array]:
        """The weights of each output, in its shape."""
        ends = np.cumsum([y.size for y in self.outputs])[:-1]
        return [w.reshape(y.shape) for w, y in zip(np.split(weights, ends), self.outputs)]


def copies(subject: Subject) -> list[Array]:
    return [x.array.copy(order="K") for x in subject.inputs]


def even(y: Array) -> Array:
    """Weights under which no entry of an output drowns the others."""
    usual = typical(y)
    return usual / np.maximum(np.abs(y.ravel()), usual)


def farthest(a: Array, b: Array) -> float:
    """The largest difference of two arrays, infinite if their shapes differ; nan equals nan."""
    if a.shape != b.shape:
        return np.inf
    apart = np.abs(np.subtract(a, b, dtype=np.float64))[~((a == b) | ((a != a) & (b != b)))]
    return float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))


def first_bad(x: Array) -> str:
    """The first non-finite entry of an array, for a message."""
    place = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
    return f"a non-finite value, {x[place]} at {place}"
