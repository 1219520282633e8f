"""A line through one input that was judged: what remains of it when it has been looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minigrad.check.findings import Place
from minigrad.check.judge import STRICT
from minigrad.check.lines import Judged
from minigrad.check.looks import Bend
from minigrad.graph import Array


@dataclass(frozen=True)
class Entry:
    """One entry of an input, or a random direction through all of them, and what came out."""

    place: Place
    verdict: str
    analytic: Array  # slopes, one per cotangent
    numeric: Array
    noise: Array
    bend: Bend | None

    @classmethod
    def of(cls, place: Place, judged: Judged) -> Entry:
        """What is kept of a judgement."""
        said = judged.judgement
        return cls(place, said.verdict, judged.analytic, said.look.numeric, said.noise, said.bend)

    @property
    def wrong(self) -> bool:
        return self.verdict == "wrong"

    def error(self, scale: Array) -> Array:
        """The errors relative to the largest slopes; what rounding explains does not count."""
        if self.verdict == "right":
            scale = np.maximum(scale, self.noise / STRICT)
        return relative(np.abs(self.analytic - self.numeric), scale)


def largest_slopes(entries: Sequence[Entry], cotangents: int) -> Array:
    """The largest slope per cotangent: the numeric one, or where all are 0 the analytic one."""
    smooth = [e for e in entries if e.bend is None]
    zeros = [np.zeros(cotangents)]
    numeric = np.max([np.abs(e.numeric) for e in smooth] + zeros, axis=0)
    analytic = np.max([np.abs(e.analytic) for e in smooth] + zeros, axis=0)
    return np.where(numeric > 0, numeric, analytic)


def relative(errors: Array, scale: Array) -> Array:
    """Errors in units of scale; 0 where both are 0."""
    return np.divide(errors, scale, out=(errors > 0).astype(float), where=scale > 0)


def telling(errors: Array) -> int:
    """The first cotangent that shows the error about as clearly as any."""
    return int(np.argmax(errors >= 0.1 * errors.max()))
