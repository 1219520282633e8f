"""Recorded cases: elementwise functions, reductions, shape and indexing, linear algebra."""

from __future__ import annotations

import itertools

import numpy as np
from recorded_case import Table, numbers, positive

inf, nan = np.inf, np.nan

FUNCTIONS = Table()
case = FUNCTIONS.add

# --- Elementwise ----------------------------------------------------------------------------

EDGES = [0.0, -0.0, 1, -1, 0.5, -3, 20, 21, 1000, -1000, 1e-20, inf, -inf, nan]
# Where a gradient at nan or ±inf is a matter of taste, or PyTorch's is a slip, it is left out.
LEFT_OUT = {
    "abs": [nan], "sign": [nan], "elu": [nan], "hardtanh": [nan],
    "softsign": [inf, -inf], "remainder": [inf, -inf],
    "x ** 0.5": [-0.0, -inf],
}  # fmt: skip


def edges(name: str, given: list[float] | None = None) -> list[float]:
    return [x for x in given or EDGES if str(x) not in map(str, LEFT_OUT.get(name, []))]


EVERYWHERE = """
    abs negative positive exp exp2 expm1 sin cos tan arctan sinh cosh tanh arcsinh square
    sign floor ceil trunc round sigmoid relu erf erfc
""".split()
SOMEWHERE = "log log2 log10 log1p sqrt reciprocal".split()
ACTIVATIONS = {
    "softplus": ("", "beta=2.5, threshold=3.0"),
    "logsigmoid": ("",),
    "leaky_relu": ("", "negative_slope=0.3"),
    "elu": ("", "alpha=0.7"),
    "silu": ("",),
    "hardtanh": ("", "min_val=-0.5, max_val=0.8"),
    "gelu": ("", "approximate='tanh'"),
}

for name in EVERYWHERE:
    case(f"mg.{name}(x)", x=numbers(3, 4))
    case(f"mg.{name}(x)", x=edges(name), edge=True)
for name in SOMEWHERE:
    case(f"mg.{name}(x)", x=positive(3, 4))
    case(f"mg.{name}(x)", x=EDGES, edge=True)
for name in ("arcsin", "arccos", "arctanh"):
    case(f"mg.{name}(x)", x=numbers(3, 4) * 0.48)
    case(f"mg.{name}(x)", x=EDGES, edge=True)
case("mg.arccosh(x)", x=positive(3, 4) + 1)
case("mg.arccosh(x)", x=EDGES, edge=True)
case("mg.cbrt(x)", "torch.sign(x) * torch.abs(x) ** (1 / 3)", x=numbers(3, 4))
for name, options in ACTIVATIONS.items():
    for option in options:
        arguments = f"x, {option}" if option else "x"
        case(f"mg.{name}({arguments})", f"F.{name}({arguments})", x=numbers(3, 4) * 3)
        case(f"mg.{name}({arguments})", f"F.{name}({arguments})", x=edges(name), edge=True)

for name in ("mish", "hardswish", "softsign"):
    case(f"activation.{name}(x)", f"F.{name}(x)", x=numbers(3, 4) * 3)
    case(f"activation.{name}(x)", f"F.{name}(x)", x=edges(name), edge=True)

POINTS = [0.0, -0.0, 1, 2, -2, -0.5, 1000, inf, -inf, nan]


def pairs(name: str) -> dict[str, np.ndarray]:
    """All pairs of points as two inputs, a and b."""
    a, b = np.array(list(itertools.product(edges(name, POINTS), repeat=2))).T
    return {"a": a, "b": b}


for name in ("add", "subtract", "multiply", "divide", "maximum", "minimum", "arctan2", "hypot",
             "logaddexp", "fmod", "remainder"):  # fmt: skip
    case(f"mg.{name}(a, b)", a=numbers(3, 4), b=numbers(3, 4, seed=1))
    case(f"mg.{name}(a, b)", a=numbers(2, 1, 3), b=numbers(4, 1, seed=1))
    case(f"mg.{name}(a, b)", **pairs(name), edge=True)
case("mg.floor_divide(a, b)", "torch.floor(a / b)", a=numbers(3, 4), b=numbers(4, seed=1))
case("mg.power(a, b)", "torch.pow(a, b)", a=positive(3, 4), b=numbers(3, 4))
case("mg.power(a, b)", "torch.pow(a, b)", a=positive(3, 1), b=numbers(4))
case("mg.power(a, b)", "torch.pow(a, b)", **pairs("power"), edge=True)
for k in ("0", "1", "2", "3", "-1", "-2", "0.5", "-1.5", "2.5"):
    case(f"x ** {k}", x=positive(4))
    case(f"x ** {k}", x=edges(f"x ** {k}"), edge=True)
for k in ("0", "2", "0.5", "-2"):
    case(f"{k} ** x", x=EDGES, edge=True)
for text in ("2 - x", "2 / x", "x / 2", "x % 1.5", "-x", "x * 3 + 1", "1.5 ** x"):
    case(text, x=numbers(4))
case("mg.clip(x, -0.7, 0.8)", "torch.clamp(x, -0.7, 0.8)", x=numbers(3, 4))
case("mg.clip(x, -1, 1)", "torch.clamp(x, -1, 1)", x=EDGES, edge=True)
case("mg.clip(x, min=0)", "torch.clamp(x, min=0)", x=EDGES, edge=True)
case("mg.clip(x, max=1)", "torch.clamp(x, max=1)", x=EDGES, edge=True)
case("mg.where(C, a, b)", C=numbers(3, 4) > 0, a=numbers(3, 4), b=numbers(4, seed=1))
case("mg.where(x > 0, mg.sqrt(mg.where(x > 0, x, 1.0)), x)", x=EDGES, edge=True)
case("mg.where(x <= 0, mg.exp(x), 1 + x)", x=EDGES, edge=True)

# --- Reductions -----------------------------------------------------------------------------

for axis, keepdims in itertools.product([0, -1, (0, 2), (-1, 0), (0, 1, 2)], [False, True]):
    for name in ("sum", "mean", "amax", "amin", "logsumexp"):
        case(f"mg.{name}(x, axis={axis}, keepdims={keepdims})", x=numbers(2, 3, 4))
    for name, ddof in itertools.product(("var", "std"), (0, 1)):
        case(f"mg.{name}(x, axis={axis}, ddof={ddof}, keepdims={keepdims})",
             f"torch.{name}(x, dim={axis}, correction={ddof}, keepdim={keepdims})",
             x=numbers(2, 3, 4))  # fmt: skip
for axis in (0, 1, -1):
    for name in ("cumsum", "cumprod"):
        case(f"mg.{name}(x, axis={axis})", x=numbers(2, 3, 4))
    for keepdims in (False, True):
        case(f"mg.prod(x, axis={axis}, keepdims={keepdims})", x=numbers(2, 3, 4))
for name in ("sum", "mean", "prod", "amax", "amin", "max", "min", "var", "std"):
    extra = ", correction=0" if name in ("var", "std") else ""
    case(f"mg.{name}(x)", f"torch.{name}(x{extra})", x=numbers(3, 4))
TIES = [[1.0, 3, 3, 2], [2, 2, 2, 2], [1, 1, 3, 0]]
for name in ("amax", "amin"):
    for axis in (0, 1, (0, 1)):
        case(f"mg.{name}(x, axis={axis})", x=TIES)
case("mg.max(x)", x=TIES)
case("mg.min(x)", x=TIES)
for zeros in ([2.0, 0, 3, 4], [0, 2, 0, 4], [5, 2, 3, 0], [0, 0, 0, 0], [0, 1, 1, 1]):
    case("mg.prod(x)", x=np.array(zeros, float))
    case("mg.cumprod(x, axis=0)", x=np.array(zeros, float))
for ord in ("1", "2", "3", "1.5", "inf"):
    case(f"mg.norm(x, {ord}, axis=1)", f"torch.linalg.vector_norm(x, {ord}, dim=1)",
         x=numbers(3, 4))  # fmt: skip
case("mg.norm(x)", "torch.linalg.vector_norm(x)", x=numbers(2, 3, 4))
case("mg.norm(x, 'fro', axis=(0, 1), keepdims=True)",
     "torch.linalg.matrix_norm(x, 'fro', dim=(0, 1), keepdim=True)", x=numbers(3, 4))  # fmt: skip
case("mg.norm(x, 1)", "torch.linalg.matrix_norm(x, 1)", x=numbers(3, 4))
case("mg.norm(x, inf)", "torch.linalg.matrix_norm(x, inf)", x=numbers(3, 4))
for x in ([0.0, 0, 0], [0.0, -3, 0], [3.0, -3, 1], [1000.0, 1000, -1000]):
    for ord in ("0.5", "1", "1.5", "2", "3", "inf"):
        case(f"mg.norm(x, {ord})", f"torch.linalg.vector_norm(x, {ord})", x=np.array(x))
for x in ([1000.0, 1000], [-inf, 0], [-inf, -inf], [nan, 0], [-1000.0, -1001], [0, 1e4]):
    for name in ("logsumexp", "softmax", "log_softmax"):
        case(f"mg.{name}(x, axis=0)", x=np.array(x), edge=True)
for axis in (0, 1):
    for name in ("logsumexp", "softmax", "log_softmax"):
        case(f"mg.{name}(x, axis={axis})", x=np.zeros((0, 2)))

# --- Shape and indexing ---------------------------------------------------------------------

for text in ("x[[0, 0, 2]]", "x[-1]", "x[1:, None, ::2]", "x[..., 1]", "x[[0, 2], [1, 1]]",
             "x[[[0, 1], [1, 1]], 2]", "x[:, [3, 3, 0]]", "x[x > 0.5]", "x[2:2]",
             "x[[True, False, True]]", "mg.tril(x)", "mg.triu(x, 1)", "mg.tril(x, -1)",
             "mg.diagonal(x)", "mg.diagonal(x, 1)", "mg.diagonal(x, -1)", "mg.ravel(x)",
             "x.reshape(2, 6)", "mg.tile(x, (2, 1))", "mg.tile(x, (2, 1, 2))", "x.T.reshape(2, 6)",
             "mg.concatenate([x, x])"):  # fmt: skip
    case(text, x=numbers(3, 4))
INDEX = np.array([[0, 0, 3], [1, 1, 1], [2, 0, 2]])
case("mg.take_along_axis(x, INDEX, 1)", "torch.gather(x, 1, INDEX)", x=numbers(3, 4), INDEX=INDEX)
case("mg.take_along_axis(x, INDEX % 3, 0)", "torch.gather(x, 0, INDEX % 3)", x=numbers(3, 3),
     INDEX=INDEX)  # fmt: skip
case("mg.take(x, INDEX)", "torch.take(x, INDEX)", x=numbers(3, 4), INDEX=INDEX)
case("mg.take(x, INDEX[0], 1)", "torch.index_select(x, 1, INDEX[0])", x=numbers(3, 4), INDEX=INDEX)
case("mg.transpose(x, (2, 0, 1))", "torch.permute(x, (2, 0, 1))", x=numbers(2, 3, 4))
case("mg.moveaxis(x, (0, 2), (1, 0))", "torch.movedim(x, (0, 2), (1, 0))", x=numbers(2, 3, 4))
case("mg.swapaxes(x, 0, -1)", x=numbers(2, 3, 4))
case("mg.flip(x, (0, 2))", x=numbers(2, 3, 4))
case("mg.roll(x, 2)", x=numbers(3, 4))
case("mg.roll(x, (1, -2), (0, 1))", x=numbers(3, 4))
case("mg.repeat(x, 2, 1)", "torch.repeat_interleave(x, 2, 1)", x=numbers(3, 4))
case("mg.repeat(x, 3)", "torch.repeat_interleave(x, 3)", x=numbers(2, 2))
case("mg.repeat(x, R, 0)", "torch.repeat_interleave(x, R, 0)", x=numbers(3, 4), R=[2, 0, 3])
case("mg.diagonal(x, 1, 0, 2)", x=numbers(2, 3, 4))
case("mg.broadcast_to(x, (4, 2, 3))", x=numbers(2, 1))
case("mg.squeeze(x, 1)", x=numbers(3, 1, 2))
case("mg.expand_dims(x, 1)", "torch.unsqueeze(x, 1)", x=numbers(3, 2))
case("mg.flatten(x, 1, 2)", x=numbers(2, 3, 2, 2))
case("mg.concatenate([a, b, a], axis=1)", a=numbers(2, 3), b=numbers(2, 1, seed=1))
case("mg.stack([a, b, a], axis=1)", a=numbers(2, 3), b=numbers(2, 3, seed=1))
case("mg.split(x, [1, 3], 1)[1]", "torch.split(x, [1, 2, 2], 1)[1]", x=numbers(2, 5))
case("mg.array_split(x, 3)[1]", "torch.tensor_split(x, 3)[1]", x=numbers(7, 2))
case("mg.pad(x, ((1, 2), (0, 3)))", "F.pad(x, (0, 3, 1, 2))", x=numbers(2, 3))
case("mg.pad(x, 2, constant_values=1.5)", "F.pad(x, (2, 2, 2, 2), value=1.5)", x=numbers(2, 3))
for ours, torchs in (("reflect", "reflect"), ("edge", "replicate"), ("wrap", "circular")):
    case(f"mg.pad(x, ((0, 0), (2, 1)), '{ours}')", f"F.pad(x, (2, 1), '{torchs}')",
         x=numbers(2, 4))  # fmt: skip
    case(f"mg.pad(x, ((0, 0), (1, 2), (3, 0)), '{ours}')", f"F.pad(x, (3, 0, 1, 2), '{torchs}')",
         x=numbers(2, 3, 4))  # fmt: skip

# --- Linear algebra -------------------------------------------------------------------------


def matrices(*shape: int) -> np.ndarray:
    """Square matrices that are far from singular."""
    return numbers(*shape) * 0.5 + 3 * np.eye(shape[-1])


for a, b in [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)),
             ((2, 3), (5, 3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)), ((2, 1, 3, 4), (5, 4, 2)),
             ((2, 0), (0, 3))]:  # fmt: skip
    case("a @ b", a=numbers(*a), b=numbers(*b, seed=1))
case("x @ x.T", x=numbers(3, 4))
case("mg.dot(a, b)", a=numbers(4), b=numbers(4, seed=1))
case("mg.inner(a, b)", a=numbers(2, 3), b=numbers(4, 3, seed=1))
case("mg.outer(a, b)", a=numbers(2), b=numbers(3, seed=1))
case("mg.trace(x)", x=numbers(3, 4))
for shape in ((3,), (2, 3), (2, 5, 3)):
    case("mg.linear(x, w, b)", "F.linear(x, w, b)", x=numbers(*shape), w=numbers(4, 3, seed=1),
         b=numbers(4, seed=2))  # fmt: skip
for axes, a, b in [("1", (2, 3), (3, 4)), ("2", (2, 3, 4), (3, 4, 5)), ("0", (2, 3), (4,)),
                   ("([0, 2], [1, 0])", (2, 3, 4), (4, 2, 5)),
                   ("([2, 0, 1], [0, 2, 1])", (2, 3, 4), (4, 3, 2))]:  # fmt: skip
    case(f"mg.tensordot(a, b, {axes})", a=numbers(*a), b=numbers(*b, seed=1))
for text, *shapes in [
    ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ij,ij->", (2, 3), (2, 3)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)), ("ii->i", (3, 3)), ("ii", (3, 3)), ("ij->ji", (2, 3)),
    ("ij->", (2, 3)), ("ij->j", (2, 3)), ("i,j->ij", (2,), (3,)), ("i,i,i->i", (3,), (3,), (3,)),
    ("...ij,...jk->...ik", (5, 2, 3), (3, 4)), ("ij,kl->il", (2, 3), (4, 2)),
    ("abc,abd->cd", (2, 3, 4), (2, 3, 5)), ("ijj,jk->ik", (2, 3, 3), (3, 2)),
    ("ba", (2, 3)), ("ij,j->i", (2, 1), (3,)),
]:  # fmt: skip
    names = "abc"[: len(shapes)]
    case(f"mg.einsum('{text}', {', '.join(names)})",
         **{k: numbers(*s, seed=i) for i, (k, s) in enumerate(zip(names, shapes))})  # fmt: skip
case("mg.einsum('ij,kj->ik', x, x)", x=numbers(2, 3))
for shape in ((1, 1), (3, 3), (2, 3, 3)):
    for name in ("inv", "det"):
        case(f"mg.linalg.{name}(x)", x=matrices(*shape))
    case("mg.linalg.slogdet(x)[1]", x=matrices(*shape))
    case("mg.linalg.slogdet(-x)[1]", x=matrices(*shape))
    case("mg.linalg.cholesky(x @ mg.swapaxes(x, -1, -2))", x=matrices(*shape))
    case("mg.linalg.solve(x, b)", x=matrices(*shape), b=numbers(*shape[:-1], 2, seed=1))
case("mg.linalg.solve(x, b)", x=matrices(3, 3), b=numbers(3, seed=1))
case("mg.linalg.solve(x, b)", x=matrices(3, 3), b=numbers(2, 3, 2, seed=1))
case("mg.linalg.det(x)", x=numbers(4, 4))
