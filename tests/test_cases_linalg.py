"""Hard cases of products of vectors and matrices, einsum and the functions of square matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradients import assert_close, value_and_grads

import minigrad as mg

# id, function, inputs, value, gradient of its sum with respect to each input
CASES: list[tuple[str, Callable[..., Any], list[Any], Any, list[Any]]] = [
    ("LIN_01_with_itself", lambda x: x @ x, [[1, 2, 3]], 14, [[2, 4, 6]]),
    ("LIN_02_row", lambda a, b: a @ b, [[1, 2], [[1, 2, 3], [4, 5, 6]]], [9, 12, 15],
     [[6, 15], [[1, 1, 1], [2, 2, 2]]]),
    ("LIN_03_column", lambda a, b: a @ b, [[[1, 2, 3], [4, 5, 6]], [1, 2, 3]], [14, 32],
     [[[1, 2, 3], [1, 2, 3]], [5, 7, 9]]),
    ("LIN_07_empty", mg.matmul, [np.ones((2, 0)), np.ones((0, 3))], np.zeros((2, 3)),
     [np.ones((2, 0)), np.ones((0, 3))]),
    ("LIN_07_empty_batch", mg.matmul, [np.ones((2, 2, 0)), np.ones((0, 3))], np.zeros((2, 2, 3)),
     [np.ones((2, 2, 0)), np.ones((0, 3))]),
    ("LIN_09_diagonal", lambda x: mg.einsum("ii->i", x), [[[1, 2], [3, 4]]], [1, 4],
     [[[1, 0], [0, 1]]]),
    ("LIN_09_product", lambda a, b: mg.einsum("ij,ij->", a, b), [[[1, 2]], [[3, 4]]], 11,
     [[[3, 4]], [[1, 2]]]),
    ("LIN_09_repeated_operand", lambda x: mg.einsum("i,i->", x, x), [[1, 2]], 5, [[2, 4]]),
    ("LIN_09_repeated_operand_matrix", lambda x: mg.einsum("ij,jk->ik", x, x), [[[1, 2], [3, 4]]],
     [[7, 10], [15, 22]], [[[7, 11], [9, 13]]]),
    ("LIN_12_no_outputs", mg.linear, [np.ones((2, 3)), np.ones((0, 3)), np.ones(0)],
     np.ones((2, 0)), [np.zeros((2, 3)), np.ones((0, 3)), np.ones(0)]),
    ("LIN_12_no_features", mg.linear, [np.ones((2, 0)), np.ones((3, 0)), [1, 2, 3]],
     [[1, 2, 3], [1, 2, 3]], [np.ones((2, 0)), np.ones((3, 0)), [2, 2, 2]]),
]  # fmt: skip


@pytest.mark.parametrize("f, inputs, value, grads", [c[1:] for c in CASES],
                         ids=[c[0] for c in CASES])  # fmt: skip
def test_value_and_gradient(f, inputs, value, grads):
    y, *found = value_and_grads(f, *inputs)
    assert_close(y, value)
    for got, wanted in zip(found, grads, strict=True):
        assert_close(got, wanted)


def test_LIN_04_batches_are_broadcast():
    rng = np.random.default_rng(0)
    a, b, g = (rng.normal(size=s) for s in ((2, 1, 3, 4), (5, 4, 6), (2, 5, 3, 6)))
    y, da, db = value_and_grads(mg.matmul, a, b, g=g)
    assert_close(y, a @ b)
    np.testing.assert_allclose(da, np.einsum("nbik,bjk->nij", g, b)[:, None], rtol=1e-12)
    np.testing.assert_allclose(db, np.einsum("nij,nbik->bjk", a[:, 0], g), rtol=1e-12)
    assert da.shape == a.shape and db.shape == b.shape


def test_LIN_09_einsum_over_a_batch_is_matmul():
    rng = np.random.default_rng(0)
    a, b, g = (rng.normal(size=s) for s in ((2, 3, 4), (2, 4, 5), (2, 3, 5)))
    found = value_and_grads(lambda a, b: mg.einsum("bij,bjk->bik", a, b), a, b, g=g)
    for got, wanted in zip(found, (a @ b, g @ b.swapaxes(1, 2), a.swapaxes(1, 2) @ g)):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)


def matrix(*shape: int) -> mg.Tensor:
    return mg.Tensor(np.ones(shape), requires_grad=True)


# id, what fails, the error, what its message must name
ERRORS: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("LIN_05_shapes", lambda: matrix(1, 3) @ matrix(1, 2), ValueError, r"\(1, 3\).*\(1, 2\)"),
    ("LIN_05_vectors", lambda: matrix(3) @ matrix(2), ValueError, r"\(3,\).*\(2,\)"),
    ("LIN_06_0d", lambda: matrix() @ matrix(2, 2), ValueError, "at least 1-?D"),
    ("LIN_06_0d_right", lambda: matrix(2, 2) @ 3.0, ValueError, "at least 1-?D"),
    ("LIN_09_operands", lambda: mg.einsum("ij,jk", matrix(2, 2)), ValueError, "2.*1"),
    ("LIN_09_axes", lambda: mg.einsum("ijk->i", matrix(2, 2)), ValueError, "ijk.*2"),
    ("LIN_10_singular", lambda: mg.linalg.inv(mg.Tensor([[1.0, 2.0], [2.0, 4.0]])),
     np.linalg.LinAlgError, "(?i)singular"),
    ("LIN_10_solve", lambda: mg.linalg.solve(mg.zeros(2, 2), mg.ones(2)), np.linalg.LinAlgError,
     "(?i)singular"),
    ("LIN_10_cholesky", lambda: mg.linalg.cholesky(mg.Tensor([[-1.0]])), np.linalg.LinAlgError,
     "(?i)positive definite"),
    ("LIN_10_not_square", lambda: mg.linalg.inv(matrix(2, 3)), ValueError, r"square.*\(2, 3\)"),
    ("LIN_12_features", lambda: mg.linear(matrix(2, 3), matrix(4, 5)), ValueError,
     r"\(2, 3\).*\(4, 5\)"),
    ("LIN_12_bias", lambda: mg.linear(matrix(2, 3), matrix(4, 3), matrix(3)), ValueError,
     r"\(4,\).*\(3,\)"),
]  # fmt: skip


@pytest.mark.parametrize("f, error, names", [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
def test_error(f, error, names):
    with pytest.raises(error, match=names):
        f()


@pytest.mark.parametrize("f", [mg.matmul, mg.dot, mg.inner, mg.outer], ids=lambda f: f.__name__)
def test_LIN_08_float32_with_float64_is_promoted(f):
    a = mg.Tensor(np.float32([[1, 2], [3, 4]]), requires_grad=True)
    b = mg.Tensor([[5.0, 6.0], [7.0, 8.0]], requires_grad=True)
    y = f(a, b)
    y.backward(np.ones(y.shape))
    assert y.dtype == np.float64
    assert a.grad.dtype == np.float32 and b.grad.dtype == np.float64


def test_LIN_10_the_determinant_of_a_singular_matrix_has_a_gradient():
    y, da = value_and_grads(mg.linalg.det, [[1, 2], [2, 4]])
    assert abs(y) < 1e-12
    assert_close(da, [[4, -2], [-2, 1]])


def test_LIN_11_float32_products_are_as_exact_as_they_can_be():
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=s).astype(np.float32) for s in ((256, 4608), (4608, 256)))
    y = mg.matmul(mg.Tensor(a), mg.Tensor(b))
    exact, size = a.astype(float) @ b.astype(float), np.abs(a).astype(float) @ np.abs(b)
    assert y.dtype == np.float32
    assert np.all(np.abs(y.data - exact) <= 4608 * 2.0**-24 * size)
