"""The judgement along one line: is the analytic slope the one that the differences show?

One look with one step can deceive in both directions: near a kink or a pole the step may be too
long, and where outputs are large and slopes small it may be too short. So a slope that agrees is
accepted at once, and one that does not is looked at again with other steps. It is wrong only if
two looks agree with each other and not with it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from minigrad.check.looks import Bend, Cotangents, Judgement, Look, Rules, endless, tidy
from minigrad.check.slopes import Line, Outputs, read
from minigrad.graph import Array

STRICT = 1e-7  # the relative error that is accepted where rounding allows to see it
DETAIL = 1e-8  # errors below this fraction of the largest slope of an input do not count
SHARP = 1e-6  # looks in which rounding hides more than this are repeated with a wider step,
DULL = 1e-5  # and those that would hide this much are not made
BEND = 1e-3  # slopes from left and right that differ by more are called a kink
FACTOR = 8  # from one step to the next
NARROWEST = 2.0**-24  # of the first step
DUST = 1e-12  # smaller fluctuations of a function are rounding errors
SPECK = 1e-12  # and so are terms of this size in a gradient
INERT = 1e-14  # an output that changes by less, relative to its size, does not change
GRAINS = 2.0**-50  # what rounding may add up to in a difference, relative to the numbers rounded
STEEP = 2  # a gap that grows by more from step to step belongs to a jump
TINIEST = np.finfo(float).tiny
SURE = 8  # a miss must be this many times the uncertainty


class Trial:
    """The analytic slopes along a line (one per cotangent) against the differences.

    Or along many lines, one per column, for their first looks; center and scale are columns then.
    """

    def __init__(
        self,
        line: Line,
        center: Outputs,
        cotangents: Cotangents,
        analytic: Array,
        scale: Array,
        rules: Rules,
    ) -> None:
        self.line, self.center, self.cotangents = line, center, cotangents
        self.analytic, self.rules = analytic, rules
        self.start = line.step
        self.scale = scale  # the largest slopes of this input: smaller details matter less

    def judge(self) -> Judgement:
        """Look until the matter is clear; before anything is held against it, from farther away."""
        judgement = self.first_instance()
        clear = judgement.verdict == "right" and judgement.bend is None
        return judgement if clear else self.reconsidered(judgement)

    def at_first_sight(self, suspected: bool) -> list[Judgement | None]:
        """The judgement on each of many lines, if it is clear; wrong only if it is suspected."""
        look = self.look(self.line.step)
        blurred = self.hidden(look, SHARP) & (self.line.step < self.line.widest)
        sees = self.smooth(look) & ~blurred
        right, wrong = sees & self.agrees(look), sees & suspected & self.plainly_wrong(look)
        agreement, denial = self.agreement(look), Judgement("wrong", look)
        return [
            agreement.column(i) if good else denial.column(i) if bad else None
            for i, (good, bad) in enumerate(zip(right, wrong))
        ]

    def first_instance(self) -> Judgement:
        looks = [self.first()]
        self.start = looks[0].reading.step
        while True:
            last = looks[-1]
            if self.smooth(last) and self.agrees(last):
                return self.agreement(last)
            if len(looks) > 1 and self.drowned(*looks[-2:]):
                return Judgement("right", looks[-2], hidden=SURE * self.apart(*looks[-2:]))
            if self.contradicted(looks):
                return Judgement("wrong", last)
            if len(looks) > 1 and not self.worthwhile(last):
                return self.at_last(looks)
            looks.append(self.look(last.reading.step / FACTOR))

    def reconsidered(self, judgement: Judgement) -> Judgement:
        """With wider steps: log(1 + x²) near 0 is a staircase of rounding errors to short ones."""
        step = self.start * FACTOR
        while step <= self.line.widest * FACTOR:
            wider = self.look(step)
            if self.smooth(wider) and self.agrees(wider):
                return self.agreement(wider)
            step *= FACTOR
        return judgement

    # --- Looking ----------------------------------------------------------------------------------

    def look(self, step: float) -> Look:
        r, c = read(self.line, self.center, step), self.cotangents
        with np.errstate(all="ignore"):
            return Look(
                r,
                numeric=c.sum(r.slope),
                size=c.size(r.slope),
                noise=c.size(r.noise),
                gap=c.size(r.bend),
                sides=c.size(np.maximum(np.abs(r.left), np.abs(r.right))),
            )

    def first(self) -> Look:
        """The first look; its step is widened as long as rounding hides too much."""
        look = self.look(self.line.step)
        while self.hidden(look, SHARP) and look.reading.step < self.line.widest:
            wider = self.look(look.reading.step * FACTOR)
            if not (self.smooth(wider) and self.consistent(look, wider)):
                break
            look = wider
        return look

    def hidden(self, look: Look, fraction: float) -> Any:
        """Whether rounding may hide more than a fraction of a slope."""
        lively = (look.size > 0) | (self.analytic != 0)
        limit = fraction * np.maximum(look.size, self.scale)
        return (lively & (look.noise > limit)).any(axis=0)

    def worthwhile(self, look: Look) -> bool:
        """Whether a finer step can show more."""
        if look.reading.step < self.line.step * NARROWEST:
            return False
        return not look.finite or not self.hidden(look, DULL / FACTOR)

    # --- Judging ----------------------------------------------------------------------------------

    def agrees(self, look: Look) -> Any:
        close = self.miss(look) <= self.bound(look)
        return (close | self.nothing(look)).all(axis=0)

    def plainly_wrong(self, look: Look) -> Any:
        """Whether the analytic slope is farther off than the curve within a step explains."""
        return (self.miss(look) > 2 * self.bound(look) + look.gap).any(axis=0)

    def agreement(self, look: Look) -> Judgement:
        """The rule is right; where it says 0, only as far as rounding shows."""
        specks = np.where(self.nothing(look), self.largest(look), 0)
        return Judgement("right", look, hidden=np.maximum(look.noise, specks))

    def nothing(self, look: Look) -> Array:
        """Where a slope is 0 but for rounding errors, those of the rule itself included.

        Either differences show none, and the rule next to none; or the input, varied by all of
        its size, would change the outputs by less than they are rounded.
        """
        rule = np.abs(self.analytic) * np.minimum(self.line.size, 1.0) <= SPECK * self.magnitude()
        unseen = rule & (np.abs(look.numeric) <= look.noise)
        outputs = self.cotangents.size(self.center.values)
        return unseen | (self.largest(look) * self.line.size <= INERT * outputs)

    def largest(self, look: Look) -> Array:
        return np.maximum(np.abs(self.analytic), np.abs(look.numeric))

    def bound(self, look: Look) -> Array:
        """How far the analytic slopes may be from those of a look."""
        if not self.rules.strict:
            return self.rules.absolute + self.rules.relative * np.abs(look.numeric)
        return STRICT * look.size + DETAIL * self.scale + look.noise

    def miss(self, look: Look) -> Array:
        return np.abs(self.analytic - look.numeric)

    def smooth(self, look: Look) -> Any:
        """Whether there is a slope, the same from both sides."""
        if not self.rules.kinks:
            return look.finite
        return look.finite & (look.gap <= self.unnoticed(look)).all(axis=0)

    def unnoticed(self, look: Look) -> Array:
        """The gap between left and right that curvature and rounding explain."""
        return BEND * look.sides + SHARP * self.scale + 4 * look.noise

    def consistent(self, p: Look, q: Look) -> bool:
        limit = p.noise + q.noise + SHARP * np.minimum(p.size, q.size)
        return bool((self.apart(p, q) <= limit).all())

    def apart(self, p: Look, q: Look) -> Array:
        return np.abs(p.numeric - q.numeric)

    def drowned(self, p: Look, q: Look) -> bool:
        """Whether two looks differ from each other, a little, about as much as from the rule.

        So it is when a function rounds more than its outputs show: where large numbers cancel.
        """
        apart = self.apart(p, q)
        little = apart <= SHARP * np.maximum(p.size, self.scale)
        near = self.miss(p) <= self.bound(p) + SURE * apart
        even = p.gap <= self.unnoticed(p) + SURE * apart
        return bool((little & near & (even | (not self.rules.kinks))).all())

    def contradicted(self, looks: list[Look]) -> bool:
        """Whether two looks deny the analytic slope, and agree with each other.

        They may agree by chance where numbers on the way are rounded, as 1 in 1 − tanh²(10): the
        slope then is a staircase. What may be that, is left to a third look.
        """
        last = looks[-1]
        if not self.smooth(last):
            return False
        clear = self.miss(last) * last.reading.step > GRAINS * self.magnitude()
        if len(looks) > 2:
            surprise = np.max([self.surprise(p, q) for p, q in pairwise(looks)], axis=0)
            clear |= self.miss(last) * last.reading.step >= SURE * surprise
        return any(self.smooth(look) and self.deny(look, last, clear) for look in looks[:-1])

    def deny(self, p: Look, q: Look, clear: Array) -> bool:
        denied = (self.miss(p) > self.bound(p)) & (self.miss(q) > self.bound(q)) & clear
        return bool((denied & (self.miss(q) >= SURE * self.apart(p, q))).any())

    def surprise(self, p: Look, q: Look) -> Array:
        """How far outputs went within q's step besides what p's slope says."""
        return self.apart(p, q) * q.reading.step

    # --- When no step gives a clear answer --------------------------------------------------------

    def at_last(self, looks: list[Look]) -> Judgement:
        """A kink, the edge of the domain, or a slope that rounding does not let us see better."""
        defined = [look for look in looks if look.finite]
        if not defined:
            return self.at_edge(looks)
        if self.rules.kinks and len(defined) > 2:
            growth = self.growth(*defined[-3:])
            if growth is not None:
                return self.at_bend(defined[-1], jump=growth > STEEP)
        return self.blurred(defined)

    def growth(self, first: Look, second: Look, third: Look) -> float | None:
        """By what factor the gap between left and right changes from step to step.

        At a kink it stays, at a jump it grows as steps get finer; the factor is the same again.
        None where the gap closes, or changes like noise.
        """
        c = int(np.argmax(third.gap / np.maximum(self.unnoticed(third), TINIEST)))
        gaps = [look.gap[c] for look in (first, second, third)]
        growth, before = gaps[2] / gaps[1], gaps[1] / gaps[0]
        steps = DUST * self.magnitude()[c] / third.reading.step  # a staircase of rounding errors
        floor = self.unnoticed(third)[c] + (steps if growth > STEEP else 0)
        steady = abs(growth - before) <= 0.15 * growth
        return growth if steady and growth > 0.5 and gaps[2] > floor else None

    def at_bend(self, look: Look, jump: bool) -> Judgement:
        """At a kink a value between the two slopes is as good as any other, at a jump any value."""
        r = look.reading
        low, high = self.cotangents.between(r.left, r.right)
        slack = SHARP * look.sides + SURE * look.noise + self.bound(look)
        inside = (low - slack <= self.analytic) & (self.analytic <= high + slack)
        right = jump or inside.all()
        return Judgement("right" if right else "wrong", look, self.bend(look, jump))

    def bend(self, look: Look, jump: bool) -> Bend:
        """The slopes of the output that bends most, and the one that the rule must have taken."""
        weights, r = self.cotangents.weights, look.reading
        w = np.ones_like(r.slope) if weights is None else weights[np.argmax(look.gap)]
        j = int(np.argmax(np.abs(w) * r.bend))
        c = j if weights is None else int(np.argmax(look.gap))
        rest = 0.0 if weights is None else look.numeric[c] - w[j] * r.slope[j]
        left, right, picked = r.left[j], r.right[j], (self.analytic[c] - rest) / w[j]
        unit = min(abs(right - left), max(abs(left), abs(right)))
        if jump:
            left, right = (endless(s, unit) for s in (left, right))
        return Bend(*(float(tidy(s, unit)) for s in (left, right, picked)))

    def at_edge(self, looks: list[Look]) -> Judgement:
        """No look has values on both sides: compare with the slope from the side that there is."""
        last, before = looks[-1], looks[-2]
        for side in ("left", "right"):
            now, then = (self.cotangents.sum(getattr(x.reading, side)) for x in (last, before))
            if np.isfinite(now).all() and np.isfinite(then).all():
                slack = SURE * np.abs(now - then) + BEND * np.abs(now)
                right = np.abs(self.analytic - now) <= slack + np.nan_to_num(last.noise)
                unit = 1e5 * float(np.abs(now - then)[0])
                slope, picked = (tidy(float(s[0]), unit) for s in (now, self.analytic))
                ends = (slope, np.nan) if side == "left" else (np.nan, slope)
                return Judgement("right" if right.all() else "wrong", last, Bend(*ends, picked))
        return Judgement("undefined", last)

    def blurred(self, looks: list[Look]) -> Judgement:
        """Settle for what the two looks say that are surest of each other.

        They may agree by chance. Outputs that flicker by rounding errors blur every slope by as
        much over its step.
        """
        pairs = list(pairwise(looks)) or [(looks[0], looks[0])]
        flickers = [self.flicker(pairs, p) for p, _ in pairs]
        doubts = [
            SURE * np.maximum(self.apart(p, q), flicker / p.reading.step)
            for (p, q), flicker in zip(pairs, flickers)
        ]
        best = int(np.argmin([doubt.sum() for doubt in doubts]))
        p, flicker, unsure = pairs[best][0], flickers[best], doubts[best]
        if (self.miss(p) > self.bound(p) + unsure).any():
            return Judgement("wrong", p)
        much = unsure > SURE * DULL * np.maximum(p.size, self.scale) + self.bound(p)
        rounding = flicker <= DUST * self.magnitude()
        verdict = "right" if (rounding | ~much).all() else "unsettled"
        return Judgement(verdict, p, hidden=np.maximum(unsure, p.noise))

    def flicker(self, pairs: list[tuple[Look, Look]], look: Look) -> Array:
        """By how much outputs move without reason, as looks show that should be the same.

        Two looks at one step of a staircase are the same, and say nothing.
        """
        moves = np.array([self.surprise(p, q) for p, q in pairs])
        between = np.ma.median(np.ma.masked_equal(moves, 0), axis=0).filled(0)
        within = np.maximum(look.gap, look.noise) * look.reading.step
        return np.maximum(between, np.where(within <= DUST * self.magnitude(), within, 0))

    def magnitude(self) -> Array:
        """The size of numbers that a function may have to round on its way."""
        return np.maximum(self.cotangents.size(self.center.values), np.maximum(self.line.size, 1.0))
