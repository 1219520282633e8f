"""Arrays: broadcasting is copying, and whatever moves entries moves their gradients along."""

import numpy as np
import pytest
from drawing_from import gradients, matrix_sizes, normal, repeatable, same, seeds, shapes, smooth
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import minigrad as mg

pairs = mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3)
BINARY = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / (b * b + 1),
    "maximum": mg.maximum,
    "power": lambda a, b: (a * a + 1) ** b,
    "hypot": mg.hypot,
    "logaddexp": mg.logaddexp,
}


def summed_to(g, shape):
    """The gradient of copies, added up where they came from."""
    lead = g.ndim - len(shape)
    g = g.sum(tuple(range(lead)))
    return g.sum(tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


@pytest.mark.parametrize("name", BINARY)
@repeatable
@given(pairs, seeds)
def test_broadcasting_equals_explicit_copies(name, pair, seed):
    a, b = (normal(seed + k, *shape) for k, shape in enumerate(pair.input_shapes))
    u = normal(seed + 2, *pair.result_shape)
    copies = [np.broadcast_to(x, pair.result_shape).copy() for x in (a, b)]
    for got, whole, x in zip(
        gradients(BINARY[name], a, b, u=u), gradients(BINARY[name], *copies, u=u), (a, b)
    ):
        same(got, summed_to(whole, x.shape))


@repeatable
@given(smooth, seeds, shapes, st.randoms(use_true_random=False))
def test_permuted_axes_have_permuted_gradients(f, seed, shape, random):
    axes = random.sample(range(len(shape)), len(shape))
    x, u = normal(seed, *shape), normal(seed + 1, *shape)
    (moved,) = gradients(lambda x: f(x).transpose(axes), x, u=u.transpose(axes))
    same(moved, gradients(f, x, u=u)[0])


@repeatable
@given(smooth, seeds, shapes)
def test_the_shape_does_not_matter_entry_by_entry(f, seed, shape):
    x, u = normal(seed, *shape), normal(seed + 1, *shape)
    (flat,) = gradients(f, x.ravel(), u=u.ravel())
    same(flat.reshape(shape), gradients(lambda x: f(x.reshape(-1)).reshape(shape), x, u=u)[0])


@repeatable
@given(smooth, seeds, st.integers(1, 6), st.integers(1, 4), st.randoms(use_true_random=False))
def test_a_permuted_batch_has_permuted_gradients(f, seed, n, width, random):
    def network(x):
        return mg.softmax(f(x) @ w, axis=1)

    w, x, u = normal(seed, width, 3), normal(seed + 1, n, width), normal(seed + 2, n, 3)
    order = random.sample(range(n), n)
    (moved,) = gradients(network, x[order], u=u[order])
    same(moved, gradients(network, x, u=u)[0][order])


@repeatable
@given(smooth, seeds, st.integers(1, 6), st.data())
def test_an_entry_that_is_not_picked_gets_nothing(f, seed, n, data):
    picked = data.draw(st.lists(st.integers(-n, n - 1), max_size=8))
    x, u = normal(seed, n), normal(seed + 1, len(picked))
    (found,) = gradients(lambda x: f(x)[np.array(picked, int)], x, u=u)
    wanted = np.zeros(n)
    np.add.at(wanted, np.array(picked, int), u)
    same(found, wanted * gradients(f, x, u=np.ones(n))[0])


@repeatable
@given(smooth, seeds, st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_what_is_joined_has_the_joined_gradients(f, seed, lengths):
    parts = [normal(seed + k, n, 2) for k, n in enumerate(lengths)]
    u = normal(seed + 9, sum(lengths), 2)
    found = gradients(lambda *parts: f(mg.concatenate(parts)), *parts, u=u)
    same(np.concatenate(found), gradients(f, np.concatenate(parts), u=u)[0])


@repeatable
@given(smooth, seeds, st.integers(1, 5), st.integers(1, 4))
def test_splitting_and_joining_is_nothing(f, seed, n, parts):
    x, u = normal(seed, n, 3), normal(seed + 1, n, 3)
    (there_and_back,) = gradients(lambda x: mg.concatenate(mg.array_split(f(x), parts)), x, u=u)
    same(there_and_back, gradients(f, x, u=u)[0])


@repeatable
@given(seeds, shapes)
def test_sums_over_one_axis_after_another_are_the_sum(seed, shape):
    x, w = normal(seed, *shape), normal(seed + 1, *shape)

    def one_by_one(x):
        y = x * w
        while y.ndim:
            y = y.sum(axis=-1)
        return y

    same(gradients(one_by_one, x, u=2.0)[0], gradients(lambda x: (x * w).sum(), x, u=2.0)[0])


@repeatable
@given(seeds, shapes)
def test_the_largest_entry_gets_all_that_comes_down(seed, shape):
    x, u = normal(seed, *shape), 1.7
    for reduce in (mg.max, mg.min, mg.mean, mg.sum, mg.logsumexp):
        total = gradients(lambda x, f=reduce: f(x), x, u=u)[0].sum()
        same(total, u * (x.size if reduce is mg.sum else 1))


@repeatable
@given(seeds, st.integers(2, 5), st.integers(1, 4))
def test_a_spread_is_blind_to_a_shift(seed, n, width):
    x, u = normal(seed, n, width), normal(seed + 1, width)
    for spread in (mg.var, mg.std):
        (g,) = gradients(lambda x, f=spread: f(x, axis=0), x, u=u)
        same(g.sum(0), np.zeros(width), scale=np.abs(g).max())
        same(gradients(lambda x, f=spread: f(x + 5, axis=0), x, u=u)[0], g)


@repeatable
@given(seeds, matrix_sizes)
def test_products_of_matrices_associate(seed, sizes):
    i, j, k, n = sizes
    a, b, c = normal(seed, i, j), normal(seed + 1, j, k), normal(seed + 2, k, n)
    left = gradients(lambda a, b, c: (a @ b) @ c, a, b, c, seed=seed)
    right = gradients(lambda a, b, c: a @ (b @ c), a, b, c, seed=seed)
    for x, y in zip(left, right):
        same(x, y)


@repeatable
@given(seeds, matrix_sizes)
def test_a_transposed_product_is_the_product_of_the_transposed(seed, sizes):
    i, j, k, _ = sizes
    a, b, u = normal(seed, i, j), normal(seed + 1, j, k), normal(seed + 2, k, i)
    for x, y in zip(
        gradients(lambda a, b: (a @ b).T, a, b, u=u), gradients(lambda a, b: b.T @ a.T, a, b, u=u)
    ):
        same(x, y)


@repeatable
@given(seeds, matrix_sizes)
def test_einsum_is_the_product_it_spells(seed, sizes):
    i, j, k, n = sizes
    a, b, u = normal(seed, n, i, j), normal(seed + 1, n, j, k), normal(seed + 2, n, i, k)
    for x, y in zip(
        gradients(lambda a, b: mg.einsum("nij,njk->nik", a, b), a, b, u=u),
        gradients(lambda a, b: a @ b, a, b, u=u),
    ):
        same(x, y)
