"""One table of test cases for every op: what is called, with which inputs and parameters.

Every op is checked on all of its rows: first and second derivative, dtype, layouts, aliasing.
A test fails if a public differentiable function has no row. Inputs are away from kinks; ties and
kinks have tests of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.ops import activation, embedding, erf, linalg, shape

Arrays = tuple[np.ndarray, ...]


@dataclass
class Sample:
    """f(*inputs, **params), where f is an op or a small function of tensors."""

    name: str
    f: Callable[..., Any]
    inputs: Arrays
    params: dict[str, Any] = field(default_factory=dict)
    constant: tuple[int, ...] = ()  # inputs that get no gradient

    def __call__(self, *inputs: Any) -> Any:
        return self.f(*inputs, **self.params)

    @property
    def id(self) -> str:
        shapes = "-".join("x".join(map(str, x.shape)) or "0d" for x in self.inputs)
        params = ",".join(f"{k}={v}" for k, v in self.params.items())
        return f"{self.name}[{shapes}{';' if params else ''}{params}]"[:120]


SAMPLES: list[Sample] = []
rng = np.random.default_rng(20240229)


def normal(*shape: int) -> np.ndarray:
    """Random numbers away from 0 and from each other: no kink or tie within reach."""
    x = rng.permutation(np.linspace(-2, 2, int(np.prod(shape)) + 1)[1:] + rng.uniform(0, 0.01))
    x = np.where(np.abs(x) < 0.05, x + 0.11, x)
    return np.asarray(x[: int(np.prod(shape))]).reshape(shape)


def positive(*shape: int) -> np.ndarray:
    return np.abs(normal(*shape)) + 0.2


def inside(*shape: int) -> np.ndarray:
    """Strictly between −1 and 1."""
    return normal(*shape) * 0.45


def row(
    f: Callable[..., Any],
    *inputs: np.ndarray,
    name: str = "",
    constant: tuple[int, ...] = (),
    **params: Any,
) -> None:
    label = name or f.__name__
    SAMPLES.append(Sample(label, f, tuple(map(np.asarray, inputs)), params, constant))


SHAPES = [(), (1,), (4,), (2, 3), (2, 1, 3), (0,), (2, 0, 3)]
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

# --- Elementwise ---

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
row(mg.astype, normal(3), dtype=np.float64)

# --- Reductions ---

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
row(mg.norm, normal(2, 3, 4), ord=1, axis=(0, 2))
row(mg.norm, normal(2, 3, 4), ord=np.inf, axis=(2, 0), keepdims=True)

# --- Shape ---

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

# --- Linear algebra ---

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

# --- Softmax, norms, losses ---

for f in (mg.softmax, mg.log_softmax):
    for s, axis in [((3,), -1), ((2, 3), 1), ((2, 3), 0), ((2, 3, 4), 1), ((1,), 0)]:
        row(f, normal(*s), axis=axis)
for mode in ("var", "std"):
    for s in ((4, 3), (3, 2, 4), (2, 3, 2, 2), (5, 1)):
        c = s[1]
        row(mg.batch_norm, normal(*s), positive(c), normal(c), eps_mode=mode, eps=1e-2)
        row(mg.batch_norm, normal(*s), eps_mode=mode, eps=1e-3)
        moments = mg.ops.norm.Moments(normal(c), positive(c))
        row(mg.batch_norm, normal(*s), positive(c), normal(c), eps_mode=mode, eps=1e-2,
            moments=moments)  # fmt: skip
for s, n in [((2, 3), 1), ((2, 3, 4), 2), ((2, 3, 4), 1), ((4,), 1)]:
    inner = s[len(s) - n :]
    row(mg.layer_norm, normal(*s), positive(*inner), normal(*inner), ndim=n, eps=1e-3)
    row(mg.layer_norm, normal(*s), positive(*inner), ndim=n)
    row(mg.layer_norm, normal(*s), ndim=n)
for s, n in [((3, 4), 1), ((3, 4), 2), ((2, 4, 3), 2), ((2, 4, 2, 2), 2), ((1, 3, 4), 3)]:
    row(mg.group_norm, normal(*s), positive(s[1]), normal(s[1]), num_groups=n, eps=1e-3)
    row(mg.group_norm, normal(*s), positive(s[1]), num_groups=n, eps=1e-2)
    row(mg.group_norm, normal(*s), num_groups=n, eps=1e-3)
for reduction in ("mean", "sum", "none"):
    for smoothing in (0.0, 0.1):
        opts: dict[str, Any] = {"reduction": reduction, "label_smoothing": smoothing}
        target = np.array([0, 2, 1, 2])
        row(mg.cross_entropy, normal(4, 3), target, constant=(1,), **opts)
        row(mg.cross_entropy, normal(4, 3), target, positive(3), constant=(1, 2), **opts)
        row(mg.cross_entropy, normal(4, 3), target, constant=(1,), ignore_index=2, **opts)
        row(mg.cross_entropy, normal(4, 3), np.abs(normal(4, 3)), **opts)
        row(
            mg.cross_entropy, normal(4, 3), np.abs(normal(4, 3)), positive(3), constant=(2,), **opts
        )
        row(
            mg.cross_entropy, normal(2, 3, 4), np.arange(8).reshape(2, 4) % 3, constant=(1,), **opts
        )
row(mg.cross_entropy, normal(3), np.array(1), constant=(1,))
