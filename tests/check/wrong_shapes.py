"""What goes wrong in the rules of functions that move, copy, pick and join entries."""

import numpy as np
from planting import Site, normal

import minigrad as mg
from minigrad.ops import join, shape

# --- The same entries in another shape ------------------------------------------------------

at = Site(mg.reshape, normal(3, 4), shape=(2, 6))
at.wrong("x", "order of FORTRAN", lambda g, y, x, shape: g.reshape(x.shape, order="F"))
at.wrong("x", "by way of the transpose", lambda g, y, x, shape: g.T.reshape(x.shape))

at = Site(mg.ravel, normal(3, 3))
at.wrong("x", "order of FORTRAN", lambda g, y, x: g.reshape(x.shape, order="F"), "transposed")

at = Site(mg.flatten, normal(2, 3, 4), start_dim=1)
at.wrong("x", "samples last", lambda g, y, x, **_: g.T.reshape(x.shape))
at.wrong("x", "axes exchanged", lambda g, y, x, start_dim: g.reshape(2, 4, 3).swapaxes(1, 2))

at = Site(mg.squeeze, normal(1, 3, 4))
at.wrong("x", "by way of the transpose", lambda g, y, x: g.T.reshape(x.shape))
at.wrong("x", "in reversed order", lambda g, y, x: g[None, ::-1], "reversed")

at = Site(mg.expand_dims, normal(3, 3), axis=1)
at.wrong("x", "axes exchanged", lambda g, y, x, axis: g[:, 0].T, "transposed")

at = Site(mg.transpose, normal(3, 3, 3), axes=(1, 2, 0))
at.wrong("x", "the same order again", lambda g, y, x, axes: g.transpose(axes), "transposed")
at.wrong("x", "not at all", lambda g, y, x, axes: g, "transposed")
at.wrong("x", "all reversed", lambda g, y, x, axes: g.T, "transposed")

at = Site(mg.swapaxes, normal(3, 2, 3), axis1=0, axis2=2)
at.wrong("x", "not back", lambda g, y, x, axis1, axis2: g, "transposed")

at = Site(mg.moveaxis, normal(3, 3, 3), source=0, destination=2)
at.wrong("x", "on again", lambda g, y, x, source, destination: np.moveaxis(g, 0, 2), "transposed")
at.wrong("x", "exchanged", lambda g, y, x, source, destination: g.swapaxes(0, 2), "transposed")

at = Site(mg.flip, normal(3, 4), axis=1)
at.wrong("x", "not back", lambda g, y, x, axis: g, "reversed")
at.wrong("x", "other axis", lambda g, y, x, axis: g[::-1], "reversed")
at.wrong("x", "all axes", lambda g, y, x, axis: np.flip(g), "reversed")

at = Site(mg.roll, normal(3, 5), shift=2, axis=1)
at.wrong("x", "on again", lambda g, y, x, shift, axis: np.roll(g, 2, 1))
at.wrong("x", "not back", lambda g, y, x, shift, axis: g)
at.wrong("x", "other axis", lambda g, y, x, shift, axis: np.roll(g, -2, 0))

at = Site(mg.astype, normal(3, 4), dtype=np.float64)
at.wrong("x", "rounded", lambda g, y, x, dtype: np.round(g, 2))
at.wrong("x", "whole numbers", lambda g, y, x, dtype: g.astype(int).astype(float))

Site(mg.Tensor.clone, normal(3, 4), call=lambda x: x.clone())

# --- Copies ---------------------------------------------------------------------------------

at = Site(mg.broadcast_to, normal(3, 1), shape=(4, 3, 5))
at.wrong("x", "one copy of each", lambda g, y, x, shape: g[0, :, :1])
at.wrong("x", "one column of them", lambda g, y, x, shape: g.sum(0)[:, :1], "broadcast sum missing")
at.wrong("x", "one layer of them", lambda g, y, x, shape: g[0].sum(1, keepdims=True),
         "broadcast sum missing")  # fmt: skip
at.wrong("x", "mean of the copies", lambda g, y, x, shape: g.mean((0, 2))[:, None], "mean for sum")
at.wrong("x", "mean of the layers", lambda g, y, x, shape: g.mean(0).sum(1)[:, None],
         "mean for sum")  # fmt: skip

at = Site(mg.tile, normal(3, 4), reps=(1, 5))
at.wrong("x", "the first copy only", lambda g, y, x, reps: g[:, :4])
at.wrong("x", "the last copy only", lambda g, y, x, reps: g[:, -4:])
at.wrong("x", "as of repeat", lambda g, y, x, reps: g.reshape(3, 4, 5).sum(2))

at = Site(mg.repeat, normal(3, 4), repeats=3, axis=0)
at.wrong("x", "the first copy only", lambda g, y, x, repeats, axis: g[::3])
at.wrong("x", "the last copy only", lambda g, y, x, repeats, axis: g[2::3])
at.wrong("x", "as of tile", lambda g, y, x, repeats, axis: g.reshape(3, 3, 4).sum(0))
at.wrong("x", "mean", lambda g, y, x, repeats, axis: g.reshape(3, 3, 4).mean(1), "mean for sum")

# --- Picking entries, and putting them back -------------------------------------------------


def put(x, index, g):
    """g at these places of zeros like x: of several at one place the last one stays."""
    share = np.zeros_like(x)
    share[index] = g
    return share


at = Site(shape.getitem, normal(5, 3), index=[0, 3, 3, 4, 0])
at.wrong("x", "overwritten", lambda g, y, x, index: put(x, index, g), "overwritten")
at.wrong("x", "the first one kept", lambda g, y, x, index: put(x, index[::-1], g[::-1]))
at.wrong("x", "put in order", lambda g, y, x, index: g)
at.wrong("x", "columns", lambda g, y, x, index: put(x, [0, 1, 2, 3, 4], g))

at = Site(shape.getitem, normal(6, 3), index=slice(1, None, 2))
at.wrong("x", "from the start", lambda g, y, x, index: put(x, slice(0, None, 2), g))
at.wrong("x", "without the step", lambda g, y, x, index: put(x, slice(1, 4), g))
at.wrong("x", "backwards", lambda g, y, x, index: put(x, slice(None, None, -2), g))

PICKED = np.arange(12).reshape(3, 4) % 5 > 1
at = Site(shape.getitem, normal(3, 4), index=PICKED)
at.wrong("x", "mask inverted", lambda g, y, x, index: put(x, ~index, g[: (~index).sum()]))
at.wrong("x", "columns first", lambda g, y, x, index: put(x.T, index.T, g).T)

at = Site(shape.put, normal(4), index=[0, 2, 2, 1], shape=(5,))
at.wrong("g", "without the index", lambda u, y, g, index, shape: u[:4])
at.wrong("g", "averaged", lambda u, y, g, index, shape: u[index] / [1, 2, 2, 1])

at = Site(mg.take, normal(3, 3), indices=[0, 2, 2], axis=1)
at.wrong("x", "overwritten", lambda g, y, x, indices, axis: put(x, np.s_[:, indices], g),
         "overwritten")  # fmt: skip
at.wrong("x", "other axis", lambda g, y, x, indices, axis: put(x, indices, g))
at.wrong("x", "put in order", lambda g, y, x, indices, axis: g)

PLACES = np.array([[0, 2, 1], [0, 1, 1]])
at = Site(mg.take_along_axis, normal(4, 3), indices=PLACES, axis=0)
at.wrong("x", "overwritten", lambda g, y, x, indices, axis: put(x, (indices, np.arange(3)), g),
         "overwritten")  # fmt: skip
at.wrong("x", "first rows", lambda g, y, x, indices, axis: put(x, np.s_[:2], g))

at = Site(mg.tril, normal(4, 4), k=-1)
at.wrong("x", "another diagonal", lambda g, y, x, k: np.tril(g))
at.wrong("x", "the upper half", lambda g, y, x, k: np.triu(g, -k))
at.wrong("x", "all of g", lambda g, y, x, k: g)

at = Site(mg.triu, normal(4, 4), k=1)
at.wrong("x", "another diagonal", lambda g, y, x, k: np.triu(g))
at.wrong("x", "the lower half", lambda g, y, x, k: np.tril(g, -k))

at = Site(mg.diagonal, normal(3, 4), offset=1)
at.wrong("x", "the main diagonal", lambda g, y, x, offset: put(x, (np.arange(3),) * 2, g))
at.wrong("x", "to whole rows", lambda g, y, x, offset: g[:, None] + 0 * x)

at = Site(mg.pad, normal(3, 4), pad_width=((1, 2), (0, 3)))
at.wrong("x", "cut from the corner", lambda g, y, x, pad_width: g[:3, :4])
at.wrong("x", "widths at the end", lambda g, y, x, pad_width: g[2:5, 3:])
at.wrong("x", "widths of the other axis", lambda g, y, x, pad_width: g[:3, 1:5])

at = Site(mg.pad, normal(4, 5), pad_width=((1, 2), (2, 2)), mode="reflect")
at.wrong("x", "border dropped", lambda g, y, x, pad_width, mode: g[1:5, 2:7])

# --- Several as one -------------------------------------------------------------------------


def part(g, start, x):
    return g[:, start : start + x.shape[1]]


at = Site(join.joined, normal(3, 2), normal(3, 2), normal(3, 4), axis=1)
at.wrong("arrays", "always from the start", lambda i, g, y, *xs, axis: part(g, 0, xs[i]))
at.wrong("arrays", "off by one", lambda i, g, y, *xs, axis: part(np.roll(g, 1, 1), 2 * i, xs[i]))
at.wrong("arrays", "in reversed order", lambda i, g, y, *xs, axis: part(g[:, ::-1], 2 * i, xs[i]))

at = Site(join.stacked, normal(3, 3), normal(3, 3), normal(3, 3), axis=1)
at.wrong("arrays", "always the first", lambda i, g, y, *xs, axis: g[:, 0])
at.wrong("arrays", "along another axis", lambda i, g, y, *xs, axis: g[i])
at.wrong("arrays", "the next one", lambda i, g, y, *xs, axis: g[:, (i + 1) % 3])
at.wrong("arrays", "all of them", lambda i, g, y, *xs, axis: g.sum(axis))
