"""Samples of products of vectors and matrices, and of square matrices."""

from __future__ import annotations

import numpy as np
from sample_rows import normal, row

import minigrad as mg
from minigrad.ops import linalg

for a, b in [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)),
             ((2, 3), (5, 3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)), ((2, 1, 3, 4), (5, 4, 6)),
             ((2, 0), (0, 3)), ((0, 2), (2, 3)), ((1, 1), (1, 1))]:  # fmt: skip
    row(mg.matmul, normal(*a), normal(*b))
row(lambda x: x @ x, normal(3), name="matmul")
row(lambda x: x @ x.T, normal(2, 3), name="matmul")
for a, b in [
    ((), (3,)),
    ((3,), (3,)),
    ((2, 3), (3, 2)),
    ((2, 3), (4, 3, 2)),
    ((2, 2, 3), (2, 3, 2)),
]:
    row(mg.dot, normal(*a), normal(*b))
for a, b in [((3,), (3,)), ((2, 3), (4, 3)), ((), (2,)), ((2, 2, 3), (3,))]:
    row(mg.inner, normal(*a), normal(*b))
row(mg.outer, normal(2), normal(3))
row(mg.outer, normal(2, 2), normal())
row(mg.tensordot, normal(2, 3, 4), normal(3, 4, 5))
row(mg.tensordot, normal(2, 3, 4), normal(4, 2, 5), axes=((0, 2), (1, 0)))
row(mg.tensordot, normal(2, 3, 4), normal(4, 3, 2), axes=([2, 0, 1], [0, 2, 1]))
row(mg.tensordot, normal(2, 3), normal(4), axes=0)
row(mg.tensordot, normal(2, 3), normal(5, 3), axes=(-1, -1))
row(mg.linear, normal(2, 3), normal(4, 3), normal(4))
row(mg.linear, normal(2, 3), normal(4, 3))
row(mg.linear, normal(3), normal(4, 3), normal(4))
row(mg.linear, normal(2, 5, 3), normal(4, 3), normal(4))
row(mg.linear, normal(0, 3), normal(4, 3), normal(4))
for text, shapes in [
    ("ij,jk->ik", ((2, 3), (3, 4))),
    ("ij,jk", ((2, 3), (3, 4))),
    ("ij,ij->", ((2, 3), (2, 3))),
    ("bij,bjk->bik", ((2, 3, 4), (2, 4, 2))),
    ("ii->i", ((3, 3),)),
    ("ii", ((3, 3),)),
    ("ij->ji", ((2, 3),)),
    ("ij->", ((2, 3),)),
    ("ij->j", ((2, 3),)),
    ("i,j->ij", ((2,), (3,))),
    ("ijj,jk->ik", ((2, 3, 3), (3, 2))),
    ("...ij,...jk->...ik", ((5, 2, 3), (3, 4))),
    ("...i->...", ((2, 3),)),
    ("i,i,i->i", ((3,), (3,), (3,))),
    ("ij,kl->il", ((2, 3), (4, 2))),
    ("abc,abd->cd", ((2, 3, 4), (2, 3, 5))),
    ("ij,j->i", ((2, 1), (3,))),
]:
    row(lambda *xs, text: mg.einsum(text, *xs), *(normal(*s) for s in shapes),
        name="einsum", text=text)  # fmt: skip
row(lambda x: mg.einsum("ij,kj->ik", x, x), normal(2, 3), name="einsum")
row(mg.trace, normal(3, 4))
row(mg.trace, normal(2, 3, 3), offset=1, axis1=1, axis2=2)


def well_conditioned(*shape: int) -> np.ndarray:
    return normal(*shape) * 0.4 + 2 * np.eye(shape[-1])


for s in ((1, 1), (3, 3), (2, 3, 3)):
    row(mg.linalg.inv, well_conditioned(*s))
    row(mg.linalg.det, well_conditioned(*s))
    row(linalg.logabsdet, well_conditioned(*s))
    row(lambda a: mg.linalg.slogdet(a)[1], well_conditioned(*s), name="slogdet")
    row(lambda a: mg.linalg.cholesky(a @ mg.swapaxes(a, -1, -2)), well_conditioned(*s),
        name="cholesky")  # fmt: skip
    row(mg.linalg.solve, well_conditioned(*s), normal(*s[:-1], 2))
row(mg.linalg.solve, well_conditioned(3, 3), normal(3))
row(mg.linalg.solve, well_conditioned(3, 3), normal(2, 3, 2))
row(mg.linalg.det, np.array([[1.0, 2.0], [2.0, 4.0]]))
row(mg.linalg.det, np.zeros((2, 2)) + np.eye(2)[:, :1])

# --- More shapes of the same ---

for a, b in (((), ()), ((3,), ()), ((2, 0), (0, 2))):
    row(mg.dot, normal(*a), normal(*b))
for a, b in (((), ()), ((3,), (2, 3)), ((2, 0), (3, 0)), ((1, 3), (3,))):
    row(mg.inner, normal(*a), normal(*b))
for a, b in (((), ()), ((1,), (3,)), ((0,), (2,)), ((3,), ()), ((2, 1), (2, 2)), ((1, 1), (0,))):
    row(mg.outer, normal(*a), normal(*b))
for a, b, axes in (((3,), (3,), 1), ((2, 0), (0, 3), 1), ((2, 2), (2, 2), ([0, 1], [1, 0]))):
    row(mg.tensordot, normal(*a), normal(*b), axes=axes)
row(mg.linear, normal(1, 1, 2, 3), normal(1, 3), normal(1))
row(mg.linear, normal(2, 0), normal(3, 0), normal(3))
row(mg.linear, normal(2, 3), normal(0, 3))
for shape, options in (
    ((3, 3), {}), ((2, 4), {"offset": 2}), ((4, 2), {"offset": -1}), ((1, 1), {}), ((3, 2, 2), {}),
    ((2, 2, 3), {"axis1": 2, "axis2": 0}),
):  # fmt: skip
    row(mg.trace, normal(*shape), **options)
for s in ((2, 2), (4, 4), (1, 2, 2), (2, 1, 2, 2), (0, 2, 2)):
    row(mg.linalg.inv, well_conditioned(*s))
    row(lambda a: mg.linalg.slogdet(a)[1], well_conditioned(*s), name="slogdet")
    row(lambda a: mg.linalg.cholesky(a @ mg.swapaxes(a, -1, -2)), well_conditioned(*s),
        name="cholesky")  # fmt: skip
for s in ((2, 2), (4, 4), (0, 2, 2)):
    row(mg.linalg.det, well_conditioned(*s))
    row(mg.linalg.solve, well_conditioned(*s), normal(*s[:-1], 1))
