"""The examination of a subject: every output, every input, every entry.

For outputs y and random weights u (the cotangent), one backward pass gives the gradient of ⟨u, y⟩
with respect to every entry of every input; differences give the same number at four evaluations
per entry. To pass, a wrong rule would have to cancel under random weights, several times over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.check.judge import FACTOR, STRICT, Trial
from minigrad.check.looks import Bend, Judgement
from minigrad.check.point import Point, Settings, copies
from minigrad.check.report import WRONG, Failure, Kink, Place, Report, Row
from minigrad.check.slopes import STEPS, Line, Outputs, joined, power_of_two, typical
from minigrad.check.subject import Subject
from minigrad.graph import Array

LARGEST = 100_000  # entries from which on they are not varied one by one
DIRECTIONS = 6  # through each input in fast mode
WIDEST = 0.02  # step, in sizes of the input
NAMED = 3  # inputs in one note
TINY = 1e-7  # slopes below this escape checks with absolute tolerances
COARSE = 1e-5  # if rounding hides errors of this size, a note says so

CUT_OUTPUT = (
    "{name}: output {k} depends on the inputs but is not connected to them, so backward does not "
    "see it: look for detach(), .data, .item(), no_grad() or plain NumPy on its way"
)
VACUOUS = (
    "the check is vacuous: no slope is larger than what {limit} hides, so a wrong rule would not "
    "be seen; check at another point or with another function of the output"
)
SMALL = (
    "all slopes are tiny, at most {largest:.1e}: with absolute tolerances this check would be "
    "vacuous; errors were judged relative to the slopes"
)


@dataclass(frozen=True)
class Entry:
    """A line through one input that was judged."""

    place: Place
    analytic: Array  # slopes, one per cotangent
    judgement: Judgement

    @property
    def numeric(self) -> Array:
        return self.judgement.look.numeric

    def error(self, scale: Array) -> Array:
        """The errors relative to the largest slopes; what rounding explains does not count."""
        if self.judgement.verdict == "right":
            scale = np.maximum(scale, self.judgement.noise / STRICT)
        return relative(np.abs(self.analytic - self.numeric), scale)

    @property
    def bend(self) -> Bend | None:
        return self.judgement.bend


class Examination:
    """One subject at one point. run() gives the report."""

    def __init__(
        self, subject: Subject, settings: Settings, title: str = "gradcheck", node: Any = None
    ) -> None:
        self.subject, self.settings, self.node = subject, settings, node
        self.report = Report(f"{title} of {subject.name}")

    def run(self) -> Report:
        if not self.settings.fast and self.settings.single is None:
            self.refuse_too_many()
        self.note_dtypes()
        with self.subject.borrowed(), np.errstate(all="ignore"):
            self.point = Point(self.subject, self.settings, self.node)
            self.report.failures += self.point.failures
            if not self.report.failures:
                self.compare()
        return self.report

    def compare(self) -> None:
        """Analytic against numeric, input by input."""
        self.arrays = copies(self.subject)
        self.moved = np.zeros(self.point.size, bool)
        entries = [self.examined(k) for k in range(len(self.arrays))]
        self.fail_cut_outputs()
        if not self.report.failures and not self.report.kinks:
            self.note_vacuous([e for some in entries for e in some])

    # --- Lines through an input -------------------------------------------------------------------

    def examined(self, k: int) -> list[Entry]:
        """Judge all lines through one input, and enter the results into the report."""
        gradients = np.array([gs[k].ravel() for gs in self.point.gradients])
        entries = list(self.directions(k, gradients) if self.many(k) else self.full(k, gradients))
        scale = largest_slopes([e for e in entries if e.bend is None], len(gradients))
        errors = [e.error(scale) for e in entries]
        for entry, error in zip(entries, errors):
            self.enter(entry, error)
        self.add_row(k, entries, errors)
        self.note_rounding(k, entries, scale)
        return entries

    def many(self, k: int) -> bool:
        """Whether an input is checked in random directions, not entry by entry."""
        single = self.settings.single
        return self.settings.fast or (single is not None and self.arrays[k].size > single)

    def full(self, k: int, gradients: Array) -> Iterator[Entry]:
        """One line for each entry of the input."""
        x = self.arrays[k]
        scale = np.abs(gradients).max(axis=1, initial=0.0)
        usual, wider = typical(x), 1.0
        for i, index in enumerate(np.ndindex(x.shape)):
            size = max(abs(float(x[index])), usual)
            line = self.line(self.varied(k, index), power_of_two(size), max(size, 1.0), wider)
            trial = self.trial(line, gradients[:, i], scale)
            yield self.judged(trial, k, index)
            wider = trial.start / line.step * wider

    def directions(self, k: int, gradients: Array) -> Iterator[Entry]:
        """Lines in random directions, each through all entries at once."""
        x = self.arrays[k]
        usual, rng = typical(x), self.settings.rng
        for _ in range(DIRECTIONS if x.size else 0):
            signs = rng.uniform(0.5, 1.5, x.shape) * rng.choice([-1.0, 1.0], x.shape)
            v = signs * (np.maximum(np.abs(x), usual) if self.settings.eps is None else 1.0)
            line = self.line(self.moved_along(k, v), 1.0, max(1.0, 1.0 / usual), 1.0)
            slopes = gradients * v.ravel()
            scale = np.sqrt((slopes * slopes).sum(axis=1))
            yield self.judged(self.trial(line, slopes.sum(axis=1), scale), k, None)

    def line(self, along: Any, unit: float, reach: float, wider: float) -> Line:
        """The line on which t = unit changes the input by its own size."""
        eps = self.settings.eps
        if eps is not None:
            return Line(along, eps, eps, unit)
        return Line(along, STEPS[4] * unit * wider, WIDEST * reach / FACTOR, unit)

    def varied(self, k: int, index: tuple[int, ...]) -> Any:
        """The outputs when t is added to one entry."""

        def along(t: float) -> Outputs:
            x = self.arrays[k].copy(order="K")
            x[index] += t
            return self.outputs(k, x)

        return along

    def moved_along(self, k: int, v: Array) -> Any:
        """The outputs when t v is added."""
        return lambda t: self.outputs(k, self.arrays[k] + t * v)

    def outputs(self, k: int, x: Array) -> Outputs:
        """The outputs with x in the place of input k."""
        return joined(self.subject.values([*self.arrays[:k], x, *self.arrays[k + 1 :]]))

    def trial(self, line: Line, analytic: Array, scale: Array) -> Trial:
        point = self.point
        return Trial(line, point.center, point.cotangents, analytic, scale, self.settings.rules)

    def judged(self, trial: Trial, k: int, index: tuple[int, ...] | None) -> Entry:
        judgement = trial.judge()
        reading = judgement.look.reading
        self.moved |= np.abs(reading.slope) > 4 * reading.noise
        label = self.subject.inputs[k].label
        place = Place(self.subject.name, k, label, index, self.node)
        return Entry(place, trial.analytic, judgement)

    # --- Results ----------------------------------------------------------------------------------

    def enter(self, entry: Entry, errors: Array) -> None:
        """Put what is to be said of one line into the report."""
        verdict, place = entry.judgement.verdict, entry.place
        if entry.bend is not None:
            bend = entry.bend
            self.report.kinks.append(Kink(place, bend.left, bend.right, bend.picked))
        if verdict == "wrong":
            c = telling(errors)
            numbers = float(entry.analytic[c]), float(entry.numeric[c]), float(errors[c])
            self.report.failures.append(Failure(WRONG, place, "", *numbers))
        elif verdict == "undefined":
            what = f"{place.owner}: outputs are not finite beside {place.entry}"
            self.report.failures.append(Failure("non-finite", place, what))
        elif verdict == "unsettled":
            what = f"{place.owner}: differences do not settle at {place.entry}: {UNSETTLED}"
            self.report.failures.append(Failure("unsettled differences", place, what))

    def add_row(self, k: int, entries: Sequence[Entry], errors: Sequence[Array]) -> None:
        """The line of this input in the table."""
        x = self.subject.inputs[k]
        smooth = [(e, float(r.max(initial=0))) for e, r in zip(entries, errors) if e.bend is None]
        at, worst = max(smooth, key=lambda pair: pair[1], default=(None, 0.0))
        wrong = sum(e.judgement.verdict != "right" for e in entries)
        kinks = sum(e.bend is not None for e in entries)
        verdict = f"{wrong} wrong" if wrong else "ok"
        verdict += f", {kinks} not differentiable" if kinks else ""
        place = at.place if at is not None else None
        row = Row(x.label, str(x.array.shape), x.array.size, len(entries), worst, verdict, place)
        self.report.rows.append(row)

    def fail_cut_outputs(self) -> None:
        """A failure for every output that moves with the inputs but has none in its graph."""
        ends = np.cumsum([y.size for y in self.point.outputs])[:-1]
        for k, (moved, live) in enumerate(zip(np.split(self.moved, ends), self.point.live)):
            if moved.any() and not live:
                message = CUT_OUTPUT.format(name=self.subject.name, k=k)
                place = Place(self.subject.name, node=self.node)
                self.report.failures.append(Failure("unconnected output", place, message))

    # --- Notes ------------------------------------------------------------------------------------

    def refuse_too_many(self) -> None:
        count = sum(x.array.size for x in self.subject.inputs)
        if count >= LARGEST:
            raise ValueError(
                f"gradcheck of {self.subject.name}: the inputs have {count} elements, and each "
                "takes 4 evaluations: pass fast_mode=True, which checks random directions, or "
                "smaller inputs"
            )

    def note_dtypes(self) -> None:
        for given in dict.fromkeys(x.given for x in self.subject.inputs):
            labels = [x.label for x in self.subject.inputs if x.given == given]
            if given != np.float64:
                more = f" and {len(labels) - NAMED} more" if len(labels) > NAMED else ""
                what = ", ".join(labels[:NAMED]) + more
                self.report.warnings.append(f"computed in float64, given as {given}: {what}")

    def note_rounding(self, k: int, entries: Sequence[Entry], scale: Array) -> None:
        """Say so if the comparison was less exact than it should be."""
        noise = [relative(e.judgement.noise, scale) for e in entries if e.bend is None]
        worst = max((float(n[n < 1].max(initial=0)) for n in noise), default=0.0)
        if self.settings.rules.strict and worst > COARSE:
            self.report.warnings.append(
                f"{self.subject.inputs[k].label}: rounding hides errors below {worst:.0e} of the "
                "largest slope; does the function compute in float32?"
            )

    def note_vacuous(self, entries: Sequence[Entry]) -> None:
        """Warn if there was nothing to be wrong, or nothing that tolerances of 1e-7 would see."""
        rules = self.settings.rules
        slopes = [np.maximum(np.abs(e.analytic), np.abs(e.numeric)) for e in entries]
        bounds = [e.judgement.noise if rules.strict else rules.absolute for e in entries]
        if all((s <= b).all() for s, b in zip(slopes, bounds)):
            limit = "rounding" if rules.strict else f"atol={rules.absolute:g}"
            self.report.warnings.append(VACUOUS.format(limit=limit))
        elif max(float(s[0]) for s in slopes) <= TINY:
            largest = max(float(s[0]) for s in slopes)
            self.report.warnings.append(SMALL.format(largest=largest))


UNSETTLED = (
    "smaller and smaller steps give different slopes, so nothing can be said; is the function "
    "noisy, or does it jump?"
)


def largest_slopes(entries: Sequence[Entry], cotangents: int) -> Array:
    """The largest slope per cotangent: the numeric one, or where all are 0 the analytic one."""
    zeros = [np.zeros(cotangents)]
    numeric = np.max([np.abs(e.numeric) for e in entries] + zeros, axis=0)
    analytic = np.max([np.abs(e.analytic) for e in entries] + zeros, axis=0)
    return np.where(numeric > 0, numeric, analytic)


def relative(errors: Array, scale: Array) -> Array:
    """Errors in units of scale; 0 where both are 0."""
    return np.divide(errors, scale, out=(errors > 0).astype(float), where=scale > 0)


def telling(errors: Array) -> int:
    """The first cotangent that shows the error about as clearly as any."""
    return int(np.argmax(errors >= 0.1 * errors.max()))
