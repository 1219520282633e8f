"""Samples of functions that work entry by entry."""

from __future__ import annotations

import numpy as np
from sample_rows import inside, normal, positive, row

import minigrad as mg
from minigrad.ops import activation, erf

SHAPES = [(), (1,), (4,), (2, 3), (2, 1, 3), (0,), (2, 0, 3), (3, 1, 1, 2)]
PAIRS = [
    ((), ()),
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (1, 3)),
    ((), (2, 2)),
    ((2, 3), ()),
    ((4, 1, 2), (3, 1)),
    ((0,), (1,)),
    ((2, 0), (2, 1)),
]

for f in (mg.negative, mg.positive, mg.square, mg.exp, mg.exp2, mg.expm1, mg.sin, mg.cos, mg.tan,
          mg.arctan, mg.sinh, mg.cosh, mg.tanh, mg.arcsinh, mg.abs, mg.sign, mg.floor, mg.ceil,
          mg.trunc, mg.round, mg.relu, mg.sigmoid, mg.softplus, mg.logsigmoid, mg.leaky_relu,
          mg.elu, mg.silu, mg.hardtanh, mg.gelu, mg.erf, mg.erfc, erf.normal_cdf, erf.bell,
          activation.mish, activation.hardswish, activation.softsign):  # fmt: skip
    for s in SHAPES:
        row(f, normal(*s) * 0.7)
for f in (mg.log, mg.log2, mg.log10, mg.log1p, mg.sqrt, mg.cbrt, mg.reciprocal):
    for s in SHAPES:
        row(f, positive(*s))
for f in (mg.arcsin, mg.arccos, mg.arctanh):
    for s in SHAPES:
        row(f, inside(*s))
for s in SHAPES:
    row(mg.arccosh, positive(*s) + 1)
row(mg.cbrt, -positive(3))
row(mg.softplus, normal(5), beta=2.5, threshold=3.0)
row(mg.leaky_relu, normal(5), negative_slope=0.3)
row(mg.elu, normal(5), alpha=0.7)
row(mg.hardtanh, normal(6), min_val=-0.5, max_val=0.9)
for s in SHAPES:
    row(mg.gelu, normal(*s), approximate="tanh")
for f in (mg.gelu, mg.erf, mg.erfc, erf.normal_cdf, erf.bell, activation.mish,
          activation.hardswish, activation.softsign):  # fmt: skip
    row(f, normal(3, 4) * 3.1)
row(erf.bell, normal(6), rate=0.5)
row(mg.round, normal(6) * 3, decimals=1)

for f in (mg.add, mg.subtract, mg.multiply, mg.divide, mg.maximum, mg.minimum, mg.arctan2,
          mg.hypot, mg.logaddexp, mg.fmod, mg.remainder, mg.floor_divide):  # fmt: skip
    for a, b in PAIRS:
        row(f, normal(*a), normal(*b) * 0.8 + 0.013)
for a, b in PAIRS:
    row(mg.power, positive(*a), normal(*b))
    row(activation.prelu, normal(*a), normal(*b))
for k in (0, 1, 2, 3, -1, -2, 0.5):
    row(lambda x, k: x**k, positive(3), name="power", k=k)
row(lambda x: x**3, normal(4), name="power")
row(lambda x: x**2, normal(4), name="power")
row(lambda x: 2**x, normal(4), name="power")
row(lambda x: 1.5 - x, normal(4), name="subtract")
row(lambda x: 1.5 / x, normal(4), name="divide")
for a, b in PAIRS:
    row(lambda a, b: mg.where(np.arange(2) > 0.5 if a.shape == (2, 2) else a.data > 0, a, b),
        normal(*a), normal(*b), name="where")  # fmt: skip
row(mg.where, np.array([True, False, True]), normal(3), normal(2, 3), constant=(0,))
row(lambda x: mg.where(np.array([1, 0]), x, 0.0), normal(2), name="where")
row(mg.clip, normal(6), a_min=-0.7, a_max=0.8)
row(mg.clip, normal(6), min=-0.7)
row(mg.clip, normal(6), a_max=0.5)
row(mg.clip, normal(2, 3), a_min=np.float32([-0.5, 0.0, 0.25]), a_max=1.1)
row(mg.clip, normal(), a_min=-0.5)
row(mg.clip, normal(2, 0), a_max=0.5)
row(mg.clip, normal(2, 1, 3), a_min=np.float32([-0.9, -0.4, 0.1]), a_max=np.float32([[0.2], [1.0]]))
row(mg.clip, normal(3), min=np.float32(-0.5), max=np.float32(0.5))
for shape in ((3,), (), (2, 3), (0, 2)):
    row(mg.astype, normal(*shape), dtype=np.float64)
for k in (2, 0.5, -1.5):
    row(lambda x, k: mg.power(x, k), positive(2, 3), name="power", k=k)
    row(lambda x, k: mg.power(k, x), normal(2, 3), name="power", k=abs(k))
for k in (0, 1, 2, 3, -1, -2, 0.5, 2.5):
    row(lambda x, k: x.pow(k), positive(2, 3), name="pow", k=k)
