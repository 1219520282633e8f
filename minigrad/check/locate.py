"""Finding a wrong entry among very many: halving a random direction again and again."""

from __future__ import annotations

import numpy as np

from minigrad.check.lines import Judged, Lines
from minigrad.check.slopes import STEPS, read
from minigrad.graph import Array


def wrong_entry(lines: Lines, direction: Array) -> Judged | None:
    """An entry that has a large part in the error along a direction, if it is wrong by itself.

    The error of one half of a direction, and that of the other, add up to the error of the whole:
    so each step costs the four evaluations of one half, and n entries take log₂ n steps.
    """
    error = errors(lines, direction)
    c = int(np.argmax(np.abs(error) / np.maximum(lines.scale, np.finfo(float).tiny)))
    some, whole = np.flatnonzero(direction), float(error[c])
    while some.size > 1:
        halves = some[: some.size // 2], some[some.size // 2 :]
        first = float(errors(lines, only(direction, halves[0]))[c])
        parts = first, whole - first
        larger = int(abs(parts[1]) > abs(parts[0]))
        some, whole = halves[larger], parts[larger]
    judged = lines.entry(int(some[0]))
    return judged if judged.judgement.verdict == "wrong" else None


def errors(lines: Lines, direction: Array) -> Array:
    """Analytic minus numeric slope, per cotangent."""
    line = lines.direction_line(direction.reshape(lines.x.shape))
    point = lines.point
    numeric = point.cotangents.sum(read(line, point.center, STEPS[4]).slope)
    return lines.gradients @ direction - numeric


def only(direction: Array, some: Array) -> Array:
    """The part of a direction that lies along some entries."""
    part = np.zeros_like(direction)
    part[some] = direction[some]
    return part
