"""Samples of sums, products, extremes, spreads and norms along axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sample_rows import normal, row

import minigrad as mg

AXES: list[Any] = [None, 0, -1, (0, 1), (-1, 0), ()]
for f in (mg.sum, mg.mean, mg.prod, mg.max, mg.min, mg.amax, mg.amin, mg.logsumexp, mg.var, mg.std,
          mg.norm):  # fmt: skip
    for axis in AXES:
        if f in (mg.var, mg.std) and axis == ():
            continue
        for keepdims in (False, True):
            if f is mg.norm and axis == ():
                continue
            row(f, normal(3, 4), axis=axis, keepdims=keepdims)
    if f not in (mg.var, mg.std):
        row(f, normal())
        row(f, normal(1))
    row(f, normal(5))
    row(f, normal(2, 3, 2), axis=1)
    row(f, normal(2, 3, 2), axis=(0, 2), keepdims=True)
for f in (mg.sum, mg.prod):
    row(f, normal(0))
    row(f, normal(2, 0, 3), axis=1)
    row(f, normal(2, 0, 3), axis=0)
for f in (mg.var, mg.std):
    row(f, normal(3, 4), axis=0, ddof=1)
    row(f, normal(3, 4), ddof=2, keepdims=True)
row(mg.prod, np.array([2.0, 0.0, 3.0]))
row(mg.prod, np.array([0.0, 0.0, 3.0]))
row(mg.prod, np.array([[2.0, 0.0, 3.0], [1.0, 2.0, 3.0]]), axis=1)
for f in (mg.cumsum, mg.cumprod):
    for axis in (None, 0, 1, -1):
        row(f, normal(3, 4), axis=axis)
    row(f, normal())
    row(f, normal(4))
    row(f, normal(0))
    row(f, normal(2, 3, 2), axis=1)
row(mg.cumprod, np.array([2.0, 0.0, 3.0, 4.0]))
row(mg.cumprod, np.array([0.0, 0.0, 3.0, 4.0]))
for order in (1, 2, 3, 1.5, np.inf, "fro"):
    if order in (1, np.inf, "fro"):
        row(mg.norm, normal(3, 4), ord=order)
    if order != "fro":
        row(mg.norm, normal(5), ord=order)
        row(mg.norm, normal(3, 4), ord=order, axis=1)
        row(mg.norm, normal(3, 4), ord=order, axis=0, keepdims=True)
row(mg.norm, normal(2, 3, 4) ** 3, ord=1, axis=(0, 2))
row(mg.norm, normal(2, 3, 4), ord=np.inf, axis=(2, 0), keepdims=True)
