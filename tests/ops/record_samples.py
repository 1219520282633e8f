"""Record what PyTorch gives for every sample, in float64: values and gradients.

    pip install torch==2.13.0
    PYTHONPATH=tests python tests/ops/record_samples.py

writes recorded_samples.npz beside this file. Where PyTorch has no such function, its formula
stands here in PyTorch's functions; indexing, which PyTorch does not have backwards, is NumPy's.
The tests do not need PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from recorded_case import numbers
from recordings import record
from sample import Sample
from samples import SAMPLES, TABLES

FILE = Path(__file__).with_name("recorded_samples.npz")
Function = Callable[..., Any]


def tensor(x: Any) -> torch.Tensor:
    return torch.as_tensor(np.asarray(x))


def all_axes(x: Any, axis: Any) -> Any:
    """A tuple of all axes for None, which most functions of PyTorch do not take."""
    return tuple(range(x.ndim)) if axis is None else axis


def reduction(f: Function) -> Function:
    """axis and keepdims in PyTorch's words; () leaves every entry by itself."""

    def reduced(x: Any, axis: Any = None, keepdims: bool = False, **more: Any) -> Any:
        return x * 1 if axis == () else f(x, dim=all_axes(x, axis), keepdim=keepdims, **more)

    return reduced


def spread(f: Function) -> Function:
    """var and std, whose ddof is called correction."""
    return reduction(lambda x, ddof=0, **axes: f(x, correction=ddof, **axes))


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axes = all_axes(x, axis)
    for i in sorted((a % x.ndim for a in np.atleast_1d(np.array(axes, int))), reverse=True):
        x = torch.prod(x, dim=i, keepdim=keepdims)
    return x * 1


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    axes = all_axes(x, axis) if ord is None or np.ndim(axis) or axis is None else (axis,)
    axes = axes if isinstance(axes, tuple) else (axes,)
    if len(axes) == 2 and ord is not None:
        return torch.linalg.matrix_norm(x, ord, dim=axes, keepdim=keepdims)
    return torch.linalg.vector_norm(x, 2 if ord is None else ord, dim=axes, keepdim=keepdims)


def along(f: Function) -> Function:
    """cumsum and cumprod: of the flat array for None."""

    def accumulated(x: Any, axis: int | None = None) -> Any:
        return f(x.reshape(-1), 0) if axis is None else f(x, axis)

    return accumulated


def by_index(x: torch.Tensor, take: Callable[[np.ndarray], np.ndarray]) -> torch.Tensor:
    """y = the entries of x that stand where NumPy's function puts their places."""
    places = take(np.arange(x.numel()).reshape(tuple(x.shape)))
    return x.reshape(-1)[tensor(np.ascontiguousarray(places).astype(np.int64))]


def rearranged(f: Function) -> Function:
    """A function of NumPy that only puts entries to other places."""
    return lambda x, *args, **params: by_index(x, lambda places: f(places, *args, **params))


def padded(x: Any, pad_width: Any, mode: str = "constant", constant_values: float = 0) -> Any:
    if mode != "constant":
        return by_index(x, lambda places: np.pad(places, pad_width, mode))
    border = np.pad(np.zeros(tuple(x.shape)), pad_width, constant_values=constant_values)
    inner = np.pad(np.ones(tuple(x.shape), bool), pad_width)
    return tensor(border).masked_scatter(tensor(inner), x)


def differences(x: Any, n: int, axis: int) -> Any:
    return torch.diff(x, n=n, dim=axis) if n else x * 1


def clip(x: Any, a_min: Any = None, a_max: Any = None, min: Any = None, max: Any = None) -> Any:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    bounds = [None if b is None else tensor(np.float64(b)) for b in (low, high)]
    shape = np.broadcast_shapes(x.shape, *(b.shape for b in bounds if b is not None))
    return torch.clamp(x.expand(shape), *bounds)


def where(c: Any, a: Any, b: Any) -> Any:
    return torch.where(torch.as_tensor(c).bool(), a, torch.as_tensor(b, dtype=torch.float64))


def batch_norm(
    x: Any, w: Any = None, b: Any = None, eps_mode: str = "var", eps: float = 1e-5,
    moments: Any = None,
) -> Any:  # fmt: skip
    """Written out, since PyTorch does not have σ + ε."""
    axes, shape = (0, *range(2, x.ndim)), (1, -1, *[1] * (x.ndim - 2))
    if moments is None:
        mean, var = x.mean(axes), x.var(axes, correction=0)
    else:
        mean, var = tensor(moments.mean), tensor(moments.var)
    root = torch.sqrt(var + eps) if eps_mode == "var" else torch.sqrt(var) + eps
    y = (x - mean.reshape(shape)) / root.reshape(shape)
    y = y if w is None else y * w.reshape(shape)
    return y if b is None else y + b.reshape(shape)


def layer_norm(x: Any, w: Any = None, b: Any = None, ndim: int = 1, eps: float = 1e-5) -> Any:
    return F.layer_norm(x, x.shape[x.ndim - ndim :], w, b, eps)


def group_norm(x: Any, w: Any = None, b: Any = None, num_groups: int = 1, eps: float = 1e-5) -> Any:
    return F.group_norm(x, num_groups, w, b, eps)


def cross_entropy(x: Any, t: Any, w: Any = None, **options: Any) -> Any:
    return F.cross_entropy(x, t, w, **options)


def embedding(w: Any, indices: Any, **options: Any) -> Any:
    return F.embedding(tensor(indices), w, **options)


def put(x: Any, index: Any, shape: Any) -> Any:
    flat = np.arange(np.prod(shape)).reshape(shape)[index]
    places = tuple(tensor(i) for i in np.unravel_index(flat, shape))
    return torch.zeros(shape, dtype=x.dtype).index_put(places, x, accumulate=True)


def parts(f: Function) -> Function:
    """split and array_split."""

    def made(x: Any, cuts: Any, axis: int = 0) -> list[Any]:
        count = len(f(np.zeros(tuple(x.shape)), cuts, axis))
        return [by_index(x, lambda places, i=i: f(places, cuts, axis)[i]) for i in range(count)]

    return made


def joined(f: Function) -> Function:
    """A function of NumPy that joins arrays: all their entries, put to other places."""

    def made(arrays: Any, **params: Any) -> Any:
        starts = np.cumsum([0, *(x.numel() for x in arrays)])
        places = [s + np.arange(x.numel()).reshape(tuple(x.shape)) for s, x in zip(starts, arrays)]
        entries = torch.cat([x.reshape(-1) for x in arrays])
        return by_index(entries, lambda _: f(places, **params))

    return made


def rounded(x: Any, decimals: int = 0) -> Any:
    return torch.round(x, decimals=decimals)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    return torch.tensordot(a, b, axes if isinstance(axes, int) else [
        np.atleast_1d(of_one).tolist() for of_one in axes
    ])  # fmt: skip


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return torch.diagonal(x, offset, axis1, axis2).sum(-1)


def dot(a: Any, b: Any) -> Any:
    """NumPy's: the last axis of a with the last but one of b."""
    if not (a.ndim and b.ndim):
        return a * b
    return torch.tensordot(a, b, dims=[[a.ndim - 1], [max(b.ndim - 2, 0)]])


def det(x: Any) -> Any:
    """PyTorch's; of small matrices by the formula, since its gradient is wrong where det x = 0."""
    if x.shape != (2, 2):
        return torch.linalg.det(x)
    return x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0]


def bell(x: Any, rate: float = 1.0) -> Any:
    return torch.exp(-rate * x * x)


SAME = """
    negative positive square exp exp2 expm1 sin cos tan arctan sinh cosh tanh arcsinh abs sign
    floor ceil trunc relu sigmoid erf erfc log log2 log10 log1p sqrt reciprocal arcsin arccos
    arctanh arccosh add subtract multiply divide maximum minimum arctan2 hypot logaddexp fmod
    remainder inner matmul einsum
""".split()
OF_F = """
    softplus logsigmoid leaky_relu elu silu hardtanh gelu mish hardswish softsign linear
    conv1d conv2d conv_transpose2d max_pool1d max_pool2d avg_pool1d avg_pool2d adaptive_avg_pool2d
""".split()
REARRANGED = """
    squeeze expand_dims transpose swapaxes moveaxis flip roll broadcast_to tile repeat take
    take_along_axis diagonal ravel reshape atleast_1d atleast_2d atleast_3d
""".split()
JOINED = "concatenate stack vstack hstack dstack column_stack".split()
SQUARE = "inv cholesky solve slogdet".split()

EQUALS: dict[str, Function] = {
    **{name: getattr(torch, name) for name in SAME},
    **{name: getattr(F, name) for name in OF_F},
    **{name: rearranged(getattr(np, name)) for name in REARRANGED},
    **{name: joined(getattr(np, name)) for name in JOINED},
    **{name: getattr(torch.linalg, name) for name in SQUARE},
    **{name: reduction(getattr(torch, name)) for name in ("sum", "mean", "amax", "amin")},
    "max": reduction(torch.amax),
    "min": reduction(torch.amin),
    "logsumexp": reduction(torch.logsumexp),
    "prod": prod,
    "var": spread(torch.var),
    "std": spread(torch.std),
    "norm": norm,
    "cumsum": along(torch.cumsum),
    "cumprod": along(torch.cumprod),
    "softmax": lambda x, axis: F.softmax(x, axis),
    "log_softmax": lambda x, axis: F.log_softmax(x, axis),
    "pad": padded,
    "split": parts(np.split),
    "array_split": parts(np.array_split),
    "broadcast_arrays": torch.broadcast_tensors,
    "flatten": lambda x, **dims: torch.flatten(x, **dims),
    "diff": differences,
    "clip": clip,
    "where": where,
    "power": torch.pow,
    "round": rounded,
    "astype": lambda x, dtype: x * 1,
    "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
    "floor_divide": lambda a, b: torch.floor(a / b),
    "normal_cdf": torch.special.ndtr,
    "bell": bell,
    "prelu": lambda x, w: torch.where(x > 0, x, w * x),
    "tril": lambda x, k=0: torch.tril(x, k),
    "triu": lambda x, k=0: torch.triu(x, k),
    "outer": lambda a, b: torch.outer(a.reshape(-1), b.reshape(-1)),
    "tensordot": tensordot,
    "trace": trace,
    "dot": dot,
    "det": det,
    "logabsdet": lambda x: torch.linalg.slogdet(x)[1],
    "put": put,
    "embedding": embedding,
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "group_norm": group_norm,
    "cross_entropy": cross_entropy,
}


class Torch:
    """Stands for `mg` in the small functions of the tables."""

    def __getattr__(self, name: str) -> Any:
        return self if name == "linalg" else EQUALS[name]


def value(sample: Sample, inputs: list[torch.Tensor]) -> torch.Tensor:
    """The sample in PyTorch."""
    if sample.name.startswith("getitem"):
        index = sample.params.get("index", ...)
        return by_index(*inputs, lambda places: places[index])
    if sample.f.__name__ == "<lambda>":
        return sample.f(*inputs, **sample.params)
    return EQUALS[sample.name](*inputs, **sample.params)


def results(sample: Sample) -> list[np.ndarray]:
    """The value, then the gradient of each differentiable input."""
    inputs = [torch.from_numpy(np.array(x)) for x in sample.inputs]
    wanted = [inputs[i].requires_grad_() for i in sample.free]
    y = value(sample, inputs)
    upstream = torch.from_numpy(numbers(*y.shape, seed=9))
    grads = torch.autograd.grad(y, wanted, upstream, allow_unused=True, materialize_grads=True)
    assert all(x.dtype == torch.float64 for x in (y, *grads))
    return [x.detach().numpy() for x in (y, *grads)]


if __name__ == "__main__":
    for table in TABLES:
        table.mg = Torch()
    record(FILE, ((sample.key, results(sample)) for sample in SAMPLES))
