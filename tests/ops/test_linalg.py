"""The gradient of a determinant: by singular values, as by cofactors one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.ops.linalg import cofactors, det, product_of_others


def of_rank(rank, n, batch=(), dtype=float):
    rng = np.random.default_rng(n + rank)
    product = rng.normal(size=(*batch, n, rank)) @ rng.normal(size=(*batch, rank, n))
    return product.astype(dtype)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("lost", [0, 1, 2])
@pytest.mark.parametrize("batch", [(), (3,), (2, 2)])
def test_as_by_cofactors(n, lost, batch):
    a = of_rank(max(n - lost, 0), n, batch)
    g = np.random.default_rng(0).normal(size=batch)
    (found,) = det.op.backward(g, det(a), a, saved=None, wanted=[True])
    wanted = g[..., None, None] * cofactors(a)
    assert found.shape == a.shape
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-11 * (1 + np.abs(wanted).max()))


@pytest.mark.parametrize("n", [2, 3])
def test_whatever_the_sign_of_the_determinant(n):
    for a in (np.eye(n), -np.eye(n), np.eye(n)[::-1], np.diag([2.0, *[-1.0] * (n - 1)])):
        (found,) = det.op.backward(np.array(1.0), det(a), a, saved=None, wanted=[True])
        np.testing.assert_allclose(found, cofactors(a), atol=1e-14)


def test_what_is_not_finite_spoils_only_what_depends_on_it():
    for bad in (np.nan, np.inf):
        a = np.array([np.eye(3), [[bad, 1, 0], [0, 1, 0], [0, 0, 1]]])
        with np.errstate(invalid="ignore"):
            (found,) = det.op.backward(np.ones(2), det(a), a, saved=None, wanted=[True])
            np.testing.assert_array_equal(found, cofactors(a))
        assert np.isfinite(found[0]).all()


def test_float32_stays():
    a = of_rank(3, 3, dtype=np.float32)
    (found,) = det.op.backward(np.float32(2), det(a), a, saved=None, wanted=[True])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, 2 * cofactors(a), rtol=1e-4, atol=1e-5)


def test_products_of_all_others():
    assert product_of_others(np.array([2.0, 3.0, 5.0])).tolist() == [15, 10, 6]
    assert product_of_others(np.array([[2.0, 0.0], [0.0, 0.0]])).tolist() == [[0, 2], [0, 0]]
    assert product_of_others(np.array([7.0])).tolist() == [1]
