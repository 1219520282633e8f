"""NumPy's functions on tensors: np.exp(t) is recorded, np.argmax(t) gives a plain array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import create
from minigrad.ops import elementwise, join, linalg, piecewise, products, reduce, shape, stacking
from minigrad.tensor import Tensor

# Functions of NumPy whose results have no gradient: they see the arrays.
PLAIN = """
    equal not_equal less less_equal greater greater_equal logical_and logical_or logical_not
    logical_xor isnan isinf isfinite signbit isclose allclose array_equal array_equiv any all
    count_nonzero nonzero argwhere flatnonzero argmax argmin argsort argpartition searchsorted
    digitize bincount histogram histogram2d histogramdd histogram_bin_edges unique shape ndim size
    result_type can_cast min_scalar_type common_type iscomplexobj isrealobj array_repr array_str
    array2string shares_memory may_share_memory
""".split()

# Functions that NumPy and minigrad have under one name.
RECORDED = {
    elementwise: """
        add subtract multiply divide negative positive power square reciprocal remainder fmod
        exp exp2 expm1 log log1p log2 log10 sqrt cbrt logaddexp hypot
        sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh arcsinh arccosh arctanh
    """,
    piecewise: "abs maximum minimum clip where sign floor ceil trunc round floor_divide",
    reduce: """
        sum mean var std prod max min amax amin argmax argmin cumsum cumprod
    """,
    shape: """
        reshape ravel squeeze expand_dims transpose swapaxes moveaxis flip roll broadcast_to tile
        repeat take take_along_axis tril triu diagonal pad astype
    """,
    join: "concatenate stack split array_split",
    stacking: """
        atleast_1d atleast_2d atleast_3d broadcast_arrays vstack hstack dstack column_stack diff
    """,
    products: "matmul dot inner outer tensordot einsum trace",
    create: "zeros_like ones_like full_like",
}

# Where NumPy's name is not ours.
RENAMED: dict[Any, Callable[..., Any]] = {
    np.absolute: piecewise.abs,
    np.fabs: piecewise.abs,
    np.true_divide: elementwise.divide,
    np.rint: piecewise.round,
    np.linalg.norm: reduce.norm,
    np.linalg.inv: linalg.inv,
    np.linalg.solve: linalg.solve,
    np.linalg.det: linalg.det,
    np.linalg.slogdet: linalg.slogdet,
    np.linalg.cholesky: linalg.cholesky,
    np.linalg.matmul: products.matmul,
    np.linalg.trace: products.trace,
    np.linalg.outer: products.outer,
    np.copy: Tensor.clone,
}


Tensor.numpy_functions = {
    getattr(np, name): getattr(module, name)
    for module, names in RECORDED.items()
    for name in names.split()
    if hasattr(np, name)  # np.astype came with NumPy 2.1
} | RENAMED
Tensor.numpy_plain = frozenset(getattr(np, name) for name in PLAIN)
