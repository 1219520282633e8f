"""The examination of a subject: every output, every input, every entry.

For outputs y and random weights u (the cotangent), one backward pass gives the gradient of ⟨u, y⟩
with respect to every entry of every input; differences give the same number at four evaluations
per entry. To pass, a wrong rule would have to cancel under random weights, several times over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from minigrad.check import notes
from minigrad.check.diagnosis import AT_KINKS, AT_TIES, UNRECOGNISED, diagnose
from minigrad.check.entry import Entry, largest_slopes, telling
from minigrad.check.findings import WRONG, Diagnosis, Failure, Kink, Place, Row
from minigrad.check.lines import Judged, Lines
from minigrad.check.locate import wrong_entry
from minigrad.check.point import Point, Settings, copies
from minigrad.check.report import Report
from minigrad.check.shortcut import Shortcut
from minigrad.check.subject import Program, Subject
from minigrad.check.witness import ENTRIES, Slopes, Witness
from minigrad.graph import Array

LARGEST = 100_000  # entries from which on they are not varied one by one
LOCATED = 500  # entries among which the wrong ones are looked for if a direction shows an error
WORTHWHILE = 20  # entries for which a shortcut is looked for

CUT_OUTPUT = (
    "{name}: output {k} depends on the inputs but is not connected to them, so backward does not "
    "see it: look for detach(), .data, .item(), no_grad() or plain NumPy on its way"
)
TOO_MANY = (
    "gradcheck of {name}: the inputs have {count} elements, and each takes 4 evaluations: pass "
    "fast_mode=True, which checks random directions, or smaller inputs"
)
BESIDE = (
    "{owner}: outputs are not finite beside {entry}: it is at the edge of the domain; check at "
    "another point"
)
UNSETTLED = (
    "{owner}: differences do not settle at {entry}: smaller and smaller steps give different "
    "slopes, so nothing can be said; is the function noisy, or does it jump?"
)


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
        self.report.warnings += notes.promoted(self.subject.inputs)
        with self.subject.borrowed(), np.errstate(all="ignore"):
            self.point = Point(self.subject, self.settings, self.node)
            self.report.failures += self.point.failures
            if not self.report.failures:
                self.compare()
        return self.report

    def refuse_too_many(self) -> None:
        count = sum(x.array.size for x in self.subject.inputs)
        if count >= LARGEST:
            raise ValueError(TOO_MANY.format(name=self.subject.name, count=count))

    def compare(self) -> None:
        """Analytic against numeric, input by input."""
        self.arrays = copies(self.subject)
        self.shortcut = self.found_shortcut()
        self.moved = np.zeros(self.point.size, bool)
        self.tied: set[int] = set()  # inputs that are wrong only where several kinks meet
        entries = [self.examined(k) for k in range(len(self.arrays))]
        self.fail_cut_outputs()
        self.add_notes(entries)

    # --- Lines through an input -------------------------------------------------------------------

    def examined(self, k: int) -> list[Entry]:
        """Judge all lines through one input, and enter the results into the report."""
        found = self.looked_at(k)
        entries = [Entry.of(self.place(k, one.index), one) for one in found]
        scale = largest_slopes(entries, len(self.point.gradients))
        errors = [e.error(scale) for e in entries]
        diagnosis = self.diagnosis(k, found)
        for entry, error in zip(entries, errors):
            self.enter(entry, error, diagnosis)
        self.enter_example(k, found, scale, diagnosis)
        self.add_row(k, entries, errors)
        return entries

    def looked_at(self, k: int) -> list[Judged]:
        """Lines in random directions or one for each entry; where one kind is in doubt, both."""
        lines = Lines(self.point, self.arrays, k, self.shortcut)
        if self.many(k):
            found = self.kept(k, lines.directions())
            if self.settings.fast and self.few(k) and any(map(wrong, found)):
                found = self.telling_lines(k, found, self.kept(k, lines.entries()))
        else:
            found = self.kept(k, lines.entries())
            if several_bends(found):
                found = self.telling_lines(k, self.kept(k, lines.directions()), found)
        self.moved |= lines.moved
        return found

    def telling_lines(self, k: int, across: list[Judged], single: list[Judged]) -> list[Judged]:
        """Those that show the mistake: the entries by themselves, or directions through all.

        Where several entries have kinks, each may be paid anything between its two slopes and yet
        all of them too much, as in a tie that every largest entry wins: only directions show that.
        """
        if any(map(wrong, single)) or not any(map(wrong, across)):
            return single
        if several_bends(single):
            self.tied.add(k)
        return across

    def kept(self, k: int, found: Iterable[Judged]) -> list[Judged]:
        """What was found, without the slopes of every output if these are too many."""
        if self.point.size * self.arrays[k].size <= ENTRIES:
            return list(found)
        return [replace(one, judgement=one.judgement.summed) for one in found]

    def few(self, k: int) -> bool:
        """Whether all entries of an input can be looked at to find those that are wrong."""
        size = self.arrays[k].size
        return size <= LOCATED and size * self.point.size <= ENTRIES

    def many(self, k: int) -> bool:
        """Whether an input is checked in random directions, not entry by entry."""
        single = self.settings.single
        return self.settings.fast or (single is not None and self.arrays[k].size > single)

    def place(self, k: int, index: tuple[int, ...] | None) -> Place:
        return Place(self.subject.name, k, self.subject.inputs[k].label, index, self.node)

    def found_shortcut(self) -> Shortcut | None:
        """A faster way to evaluate a program, if there is enough to do."""
        count = sum(x.size for k, x in enumerate(self.arrays) if not self.many(k))
        if count < WORTHWHILE or not isinstance(self.subject, Program):
            return None
        return Shortcut(self.subject, self.arrays, self.settings.eps, self.settings.rng)

    # --- What kind of mistake ---------------------------------------------------------------------

    def diagnosis(self, k: int, found: Sequence[Judged]) -> Diagnosis:
        """What kind of mistake the wrong entries of an input show."""
        faults = [one for one in found if wrong(one)]
        if not faults:
            return UNRECOGNISED
        if k in self.tied:
            return AT_TIES
        if all(one.judgement.bend is not None and one.index is not None for one in faults):
            return AT_KINKS
        return diagnose(self.witness, k, self.slopes(k, found))

    def slopes(self, k: int, found: Sequence[Judged]) -> Slopes | None:
        """The slopes of all outputs along the lines that were looked at, if they were kept."""
        readings = [one.judgement.look.reading for one in found]
        if any(reading is None for reading in readings):
            return None
        return Slopes(
            np.array([reading.slope for reading in readings]).T,
            np.array([reading.noise for reading in readings]).T,
            None if found[0].direction is None else np.array([one.direction for one in found]),
            np.array([one.judgement.bend is None for one in found]),
        )

    @cached_property
    def witness(self) -> Witness:
        return Witness(self.point)

    # --- Results ----------------------------------------------------------------------------------

    def enter(self, entry: Entry, errors: Array, diagnosis: Diagnosis) -> None:
        """Put what is to be said of one line into the report."""
        place, names = entry.place, {"owner": entry.place.owner, "entry": entry.place.entry}
        if entry.bend is not None:
            bend = entry.bend
            self.report.kinks.append(Kink(place, bend.left, bend.right, bend.picked))
        if entry.wrong:
            c = telling(errors)
            numbers = float(entry.analytic[c]), float(entry.numeric[c]), float(errors.max())
            said = diagnosis.pattern, diagnosis.advice
            self.report.failures.append(Failure(WRONG, place, "", *numbers, *said))
        elif entry.verdict == "undefined":
            self.report.failures.append(Failure("non-finite", place, BESIDE.format(**names)))
        elif entry.verdict == "unsettled":
            message = UNSETTLED.format(**names)
            self.report.failures.append(Failure("unsettled differences", place, message))

    def enter_example(
        self, k: int, found: Sequence[Judged], scale: Array, diagnosis: Diagnosis
    ) -> None:
        """Where random directions are wrong, name one entry that is."""
        at = next((one.direction for one in found if wrong(one)), None)
        one = None if at is None else wrong_entry(Lines(self.point, self.arrays, k, None), at)
        if one is not None:
            entry = Entry.of(self.place(k, one.index), one)
            self.enter(entry, entry.error(scale), diagnosis)

    def add_row(self, k: int, entries: Sequence[Entry], errors: Sequence[Array]) -> None:
        """The line of this input in the table."""
        x = self.subject.inputs[k]
        smooth = [(e, float(r.max(initial=0))) for e, r in zip(entries, errors) if e.bend is None]
        at, worst = max(smooth, key=lambda pair: pair[1], default=(None, 0.0))
        wrong = sum(e.verdict != "right" for e in entries)
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

    def add_notes(self, entries: Sequence[Sequence[Entry]]) -> None:
        """What to know besides."""
        report, rules = self.report, self.settings.rules
        if not report.failures and not report.kinks:
            every = [e for some in entries for e in some]
            blind = notes.vacuous(every, rules)
            report.vacuous = blind is not None
            report.warnings += notes.tiny(every) if blind is None else [blind]
        for x, some in zip(self.subject.inputs, entries):
            if rules.strict and not report.vacuous:
                report.warnings += notes.rounded(x.label, some, len(self.point.gradients))
        weighted = self.point.size > 1 and self.point.cotangents.weights is not None
        if weighted and any(failure.kind == WRONG for failure in report.failures):
            report.warnings.append(notes.WEIGHTED)


def several_bends(found: Sequence[Judged]) -> bool:
    """Whether more than one entry has a kink, and all is right."""
    bends = sum(one.judgement.bend is not None for one in found)
    return bends > 1 and not any(map(wrong, found))


def wrong(one: Judged) -> bool:
    return one.judgement.verdict == "wrong"
