"""Samples of reordering, repeating, joining, cutting and indexing."""

from __future__ import annotations

from typing import Any

import numpy as np
from sample_rows import normal, row

import minigrad as mg
from minigrad.ops import embedding, shape

row(mg.reshape, normal(2, 6), shape=(3, -1))
row(mg.reshape, normal(4), shape=(2, 1, 2))
row(mg.reshape, normal(), shape=(1, 1))
row(mg.reshape, normal(0, 3), shape=(3, 0))
row(mg.ravel, normal(2, 3))
row(mg.ravel, normal())
row(mg.flatten, normal(2, 3, 4))
row(mg.flatten, normal(2, 3, 4), start_dim=1)
row(mg.flatten, normal(2, 3, 4), start_dim=0, end_dim=1)
row(mg.flatten, normal())
row(mg.squeeze, normal(1, 3, 1))
row(mg.squeeze, normal(1, 3, 1), axis=2)
row(mg.squeeze, normal(1, 3, 1), axis=(0, -1))
row(mg.expand_dims, normal(2, 3), axis=1)
row(mg.expand_dims, normal(2, 3), axis=(0, -1))
row(mg.transpose, normal(2, 3, 4))
row(mg.transpose, normal(2, 3, 4), axes=(2, 0, 1))
row(mg.transpose, normal(2, 3, 4), axes=(-1, 0, 1))
row(mg.transpose, normal())
row(mg.swapaxes, normal(2, 3, 4), axis1=0, axis2=-1)
row(mg.moveaxis, normal(2, 3, 4), source=0, destination=2)
row(mg.moveaxis, normal(2, 3, 4), source=(0, 1), destination=(-1, 0))
row(mg.flip, normal(2, 3))
row(mg.flip, normal(2, 3), axis=1)
row(mg.flip, normal(2, 3, 2), axis=(0, 2))
row(mg.roll, normal(5), shift=2)
row(mg.roll, normal(2, 3), shift=1)
row(mg.roll, normal(3, 4), shift=(1, -2), axis=(0, 1))
row(mg.roll, normal(3, 4), shift=1, axis=1)
row(mg.broadcast_to, normal(3), shape=(2, 3))
row(mg.broadcast_to, normal(2, 1, 3), shape=(4, 2, 5, 3))
row(mg.broadcast_to, normal(), shape=(2, 2))
row(mg.broadcast_to, normal(1), shape=(0,))
row(mg.tile, normal(2, 3), reps=2)
row(mg.tile, normal(2, 3), reps=(2, 1, 3))
row(mg.tile, normal(2, 3), reps=(3, 2))
row(mg.tile, normal(), reps=(2, 2))
row(mg.tile, normal(2), reps=0)
row(mg.repeat, normal(2, 3), repeats=2)
row(mg.repeat, normal(2, 3), repeats=2, axis=1)
row(mg.repeat, normal(2, 3), repeats=[1, 0, 2], axis=-1)
row(mg.take, normal(5), indices=[0, 0, 2, -1])
row(mg.take, normal(3, 4), indices=[[0, 2], [2, 2]], axis=1)
row(mg.take, normal(3, 4), indices=[1, 5, 5])
row(mg.take, normal(3, 4), indices=1, axis=0)
row(mg.take_along_axis, normal(3, 4), indices=np.array([[0, 3], [1, 1], [2, 0]]), axis=1)
row(mg.take_along_axis, normal(3, 4), indices=np.array([[0, 2, 0, 1]]), axis=0)
row(mg.tril, normal(3, 4))
row(mg.tril, normal(2, 3, 3), k=-1)
row(mg.triu, normal(3, 4), k=1)
row(mg.triu, normal(2, 3, 3))
row(mg.diagonal, normal(3, 4))
row(mg.diagonal, normal(2, 3, 4), offset=1, axis1=1, axis2=2)
row(mg.diagonal, normal(3, 2, 4), offset=-1, axis1=0, axis2=2)
row(mg.pad, normal(2, 3), pad_width=1)
row(mg.pad, normal(2, 3), pad_width=((1, 2), (0, 3)))
row(mg.pad, normal(2, 3), pad_width=((1, 2), (0, 3)), constant_values=1.5)
row(mg.pad, normal(4, 5), pad_width=((1, 2), (2, 3)), mode="reflect")
row(mg.pad, normal(3, 4), pad_width=((1, 2), (2, 3)), mode="edge")
row(mg.pad, normal(3, 4), pad_width=(2, 1), mode="wrap")
row(mg.pad, normal(3, 4), pad_width=2, mode="symmetric")
for axis in (0, 1, -1, None):
    row(lambda a, b, axis: mg.concatenate([a, b], axis=axis),
        normal(2, 3), normal(2, 3), name="concatenate", axis=axis)  # fmt: skip
row(lambda a, b, c: mg.concatenate((a, b, c)), normal(2), normal(3), normal(0), name="concatenate")
row(lambda a: mg.concatenate([a, a]), normal(2, 3), name="concatenate")
for axis in (0, 1, -1):
    row(lambda a, b, axis: mg.stack([a, b, a], axis=axis),
        normal(2, 3), normal(2, 3), name="stack", axis=axis)  # fmt: skip
row(lambda a, b: mg.stack([a, b]), normal(), normal(), name="stack")
row(lambda x: mg.split(x, 3)[1], normal(6), name="split")
row(lambda x: mg.split(x, [1, 3], axis=1)[1] * mg.split(x, [1, 3], axis=1)[2][:, :1],
    normal(2, 5), name="split")  # fmt: skip
row(lambda x: mg.array_split(x, 3)[0], normal(7), name="array_split")

INDICES: list[tuple[str, Any]] = [
    ("int", 1),
    ("negative", -1),
    ("slice", slice(1, None)),
    ("reversed", slice(None, None, -1)),
    ("empty", slice(2, 2)),
    ("ellipsis", (Ellipsis, 0)),
    ("none", (None, slice(None), None)),
    ("steps", (slice(None, None, 2), slice(3, 0, -2))),
    ("array", [0, 0, 2]),
    ("arrays", ([0, 2, 0], [1, 1, 1])),
    ("mixed", (0, slice(None), [1, 1])),
    ("array_slice", (slice(1), [3, 3, 0])),
    ("mask", np.array([True, False, True])),
    ("mask_all", np.arange(12).reshape(3, 4) % 5 == 0),
    ("grid", np.ix_([0, 2], [1, 3, 3])),
]
for label, index in INDICES:
    x = normal(3, 4, 2) if label == "mixed" else normal(3, 4)
    row(lambda x, index: x[index], x, name=f"getitem_{label}", index=index)
row(lambda x: x[...], normal(), name="getitem_0d")
row(shape.put, normal(3), index=[0, 2, 2], shape=(4,))
for indices in ([0, 3, 3, 1], [[1], [0]], 1, np.array([], int)):
    row(embedding.embedding, normal(4, 2), indices=indices)
    row(embedding.embedding, normal(4, 2), indices=indices, padding_idx=2)  # which is not taken
for indices in ([[1], [0]], [3, 0, 1]):  # each once: else it is no longer the derivative
    row(embedding.embedding, normal(4, 2), indices=indices, scale_grad_by_freq=True)
row(shape.put, normal(2, 2), index=(slice(None), slice(1, 3)), shape=(2, 5))

# --- More shapes of the same: numbers, size 0, negative axes ---

for size, to in (((), ()), ((1,), ()), ((2, 3), -1), ((2, 0, 3), (0, 5)), ((3, 1, 2), (2, -1))):
    row(mg.reshape, normal(*size), shape=to)
for size in ((4,), (0,), (1, 1), (2, 0, 3), (3, 1, 2), (2, 2, 2)):
    row(mg.ravel, normal(*size))
    row(mg.flatten, normal(*size))
for size, axis in (((1,), None), ((), None), ((1, 0), 0), ((2, 1), -1), ((1, 1, 3), (-3, 1))):
    row(mg.squeeze, normal(*size), axis=axis)
for size, axis in (((), 0), ((), (0, 1)), ((0,), -1), ((3,), 0), ((2, 3), -2), ((2, 3), (1, 3))):
    row(mg.expand_dims, normal(*size), axis=axis)
for size, axes in (((3,), None), ((2, 3), None), ((2, 0, 3), (1, 2, 0)), ((2, 1, 3), (1, 0, 2))):
    row(mg.transpose, normal(*size), axes=axes)
for size, a, b in (((2, 3), 0, 1), ((2, 3), -1, -2), ((3,), 0, 0), ((2, 0, 3), 0, 1),
                   ((2, 3, 2, 1), 1, 3), ((1, 4, 2), 1, -1), ((2, 2, 3), 2, 0)):  # fmt: skip
    row(mg.swapaxes, normal(*size), axis1=a, axis2=b)
for size, a, b in (((2, 3), 0, 1), ((2, 3), -1, 0), ((3,), 0, 0), ((2, 0, 3), 2, 0),
                   ((2, 3, 2, 1), (0, 3), (2, 1)), ((2, 3, 4), [2, 1], [0, 2])):  # fmt: skip
    row(mg.moveaxis, normal(*size), source=a, destination=b)
for size, axis in (((), None), ((4,), 0), ((0, 2), 0), ((2, 0, 3), None), ((3, 1, 2), (-1, 0))):
    row(mg.flip, normal(*size), axis=axis)
for size, shift, axis in (((), 1, None), ((0,), 3, 0), ((4,), -5, 0), ((2, 3), (1, 1), (0, 0))):
    row(mg.roll, normal(*size), shift=shift, axis=axis)
for size, to in (((0, 3), (0, 3)), ((1, 3), (0, 3)), ((1, 1), (2, 3, 4)), ((2, 3), (2, 3))):
    row(mg.broadcast_to, normal(*size), shape=to)
for size, reps in (((0, 2), 2), ((3,), (1, 1)), ((2, 1, 2), (1, 3, 1))):
    row(mg.tile, normal(*size), reps=reps)
for size, repeats, axis in (((), 3, None), ((3,), 0, 0), ((0, 2), 2, 1), ((2, 3), [2, 1], 0),
                            ((2, 1, 3), 2, -2)):  # fmt: skip
    row(mg.repeat, normal(*size), repeats=repeats, axis=axis)
for size, indices, axis in (((5,), 3, None), ((3, 4), [], 0), ((2, 3, 2), [[-1], [0]], 1),
                            ((4,), [[1, 1], [1, 0]], 0)):  # fmt: skip
    row(mg.take, normal(*size), indices=np.array(indices, int), axis=axis)
for size, indices, axis in (((4,), [0, 0, 3], 0), ((3, 2), [[-1, 0]], 0), ((2, 3), [[2], [2]], -1),
                            ((0, 3), np.zeros((0, 2), int), 1), ((2, 1, 3), [[[0, 0]]] * 2, 2),
                            ((2, 2), [[0, 1], [1, 0]], 0)):  # fmt: skip
    row(mg.take_along_axis, normal(*size), indices=np.array(indices), axis=axis)
for f in (mg.tril, mg.triu):
    for size, k in (((3, 3), 0), ((3, 3), 2), ((2, 4), -1), ((4, 2), 1), ((2, 0, 3), 0),
                    ((2, 1, 3, 2), 0)):  # fmt: skip
        row(f, normal(*size), k=k)
for size, options in (((3, 3), {}), ((3, 3), {"offset": -2}), ((2, 0), {}), ((4, 2), {"offset": 1}),
                      ((2, 2, 3), {"axis1": -1, "axis2": 0})):  # fmt: skip
    row(mg.diagonal, normal(*size), **options)
for size, width in (((), ()), ((0, 2), 1), ((3,), (2, 0)), ((2, 1, 2), ((0, 0), (1, 1), (2, 0)))):
    row(mg.pad, normal(*size), pad_width=width or 0)
row(lambda a, b: mg.concatenate([a, b], axis=1), normal(2, 0), normal(2, 3), name="concatenate")
row(lambda a, b: mg.concatenate([a, b, b], axis=-2), normal(2, 1, 3), normal(2, 2, 3),
    name="concatenate")  # fmt: skip
row(lambda a, b: mg.stack([a, b], axis=1), normal(2, 0), normal(2, 0), name="stack")
row(lambda a: mg.stack([a]), normal(3), name="stack")
row(lambda a, b, c: mg.stack((a, b, c), axis=-2), normal(2, 3), normal(2, 3), normal(2, 3),
    name="stack")  # fmt: skip
row(lambda a: mg.stack([a, a * a], axis=2), normal(1, 3), name="stack")
for size, cuts, axis, part in (
    ((6,), 2, 0, 0), ((6,), [2, 2], 0, 1), ((2, 4), 2, 1, 1), ((4, 2), [1], 0, 1),
    ((2, 3, 4), 4, -1, 2), ((0, 2), 2, 1, 0),
):  # fmt: skip
    row(lambda x, cuts, axis, part: mg.split(x, cuts, axis)[part], normal(*size), name="split",
        cuts=cuts, axis=axis, part=part)  # fmt: skip
for size, cuts, axis, part in (
    ((7,), 3, 0, 2), ((7,), [3], 0, 1), ((2, 5), 2, 1, 0), ((5, 2), 4, 0, 3),
    ((2, 3, 4), 3, -1, 1), ((2,), 3, 0, 2), ((0, 2), 2, 0, 1),
):  # fmt: skip
    row(lambda x, cuts, axis, part: mg.array_split(x, cuts, axis)[part], normal(*size),
        name="array_split", cuts=cuts, axis=axis, part=part)  # fmt: skip
for f in (mg.atleast_1d, mg.atleast_2d, mg.atleast_3d):
    for size in ((), (1,), (3,), (0,), (2, 3), (0, 3), (2, 1, 3), (1, 2, 1, 2)):
        row(f, normal(*size))
for size, axis, n in (((4,), -1, 1), ((4,), 0, 2), ((1,), 0, 1), ((3, 4), 0, 1), ((3, 4), 1, 3),
                      ((2, 0), 0, 1), ((2, 3, 3), 1, 2), ((3,), 0, 0)):  # fmt: skip
    row(mg.diff, normal(*size), n=n, axis=axis)
for name, a, b in (
    *(("vstack", a, a) for a in ((), (3,), (2, 3), (2, 1, 3))),
    *(("hstack", a, a) for a in ((), (3,), (2, 3), (2, 1, 3))),
    *(("dstack", a, a) for a in ((), (3,), (2, 3), (2, 1, 3))),
    *(("column_stack", a, a) for a in ((3,), (2, 3), (0,), (1, 1))),
    ("vstack", (0, 2), (2, 2)), ("vstack", (2,), (3, 2)), ("vstack", (1, 2), (2,)),
    ("vstack", (2, 2, 2), (1, 2, 2)), ("hstack", (0,), (2,)), ("hstack", (2, 1), (2, 2)),
    ("hstack", (1, 0), (1, 2)), ("hstack", (2, 1, 2), (2, 3, 2)), ("dstack", (0,), (0,)),
    ("dstack", (2, 2), (2, 2, 3)), ("dstack", (1, 3), (3,)), ("dstack", (2, 1, 1), (2, 1)),
    ("column_stack", (3,), (3, 2)), ("column_stack", (2, 2), (2,)),
    ("column_stack", (2, 0), (2, 1)), ("column_stack", (1, 3), (1, 2)),
):  # fmt: skip
    row(lambda a, b, name=name: getattr(mg, name)((a, b)), normal(*a), normal(*b), name=name)
for a, b in (((), ()), ((), (3,)), ((3,), (3,)), ((2, 1), (1, 3)), ((1,), (2, 2)), ((0,), (1,)),
             ((2, 1, 3), (4, 1)), ((1, 2), (2, 1))):  # fmt: skip
    row(lambda a, b: mg.multiply(*mg.broadcast_arrays(a, b)), normal(*a), normal(*b),
        name="broadcast_arrays")  # fmt: skip

# --- Methods with names of PyTorch's ---

for size in ((), (1,), (3,), (0,), (2, 3), (0, 2), (2, 1, 3), (1, 2, 1, 2)):
    row(lambda x: x.clone(), normal(*size), name="clone")
for size, to in (((), (1,)), ((4,), (2, 2)), ((2, 3), (-1,)), ((2, 3), (3, -1)), ((0,), (0, 3)),
                 ((1, 4), (4,)), ((2, 3, 2), (6, 2)), ((2, 2), (1, 2, 1, 2))):  # fmt: skip
    row(lambda x, to: x.view(*to), normal(*size), name="view", to=to)
for size, axes in (((3,), (0,)), ((2, 3), (1, 0)), ((2, 3), (-1, 0)), ((2, 0, 3), (1, 2, 0)),
                   ((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (0, 2, 1)), ((1, 2, 3), (1, -1, 0)),
                   ((2, 1, 3, 2), (3, 1, 0, 2))):  # fmt: skip
    row(lambda x, axes: x.permute(*axes), normal(*size), name="permute", axes=axes)
for size, axis in (((), 0), ((3,), 0), ((3,), -1), ((0,), 1), ((2, 3), 1), ((2, 3), -3),
                   ((2, 0, 3), 2), ((2, 1, 3), -2)):  # fmt: skip
    row(lambda x, axis: x.unsqueeze(axis), normal(*size), name="unsqueeze", axis=axis)
