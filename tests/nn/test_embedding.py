"""Embedding: padding, maximal norm, frequencies, indices; values are recorded."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn
from minigrad.nn import functional as F
from minigrad.ops.embedding import embedding

TABLE = np.random.default_rng(0).normal(size=(6, 4))
WORDS = np.array([[0, 3, 3], [5, 3, 0]])


def test_rows_start_normally_distributed():
    values = nn.Embedding(300, 200, padding_idx=4, rng=0).weight.data
    assert (values[4] == 0).all()
    rest = np.delete(values, 4, axis=0)
    assert rest.mean() == pytest.approx(0, abs=0.01)
    assert rest.std() == pytest.approx(1, rel=0.01)
    assert np.mean(np.abs(rest) < 1) == pytest.approx(0.6827, abs=0.005)
    assert np.mean(np.abs(rest) < 2) == pytest.approx(0.9545, abs=0.005)
    assert values.dtype == np.float32
    mg.manual_seed(0)
    np.testing.assert_array_equal(nn.Embedding(300, 200, 4).weight.data, values)


def test_rows_are_taken_and_gradients_add_up():
    weight = Tensor(TABLE, requires_grad=True)
    g = np.random.default_rng(1).normal(size=(2, 3, 4))
    y = F.embedding(WORDS, weight)
    np.testing.assert_array_equal(y.data, TABLE[WORDS])
    y.backward(g)
    wanted = np.zeros_like(TABLE)
    np.add.at(wanted, WORDS, g)
    np.testing.assert_allclose(weight.grad.data, wanted, rtol=1e-15)
    assert (weight.grad.data[[1, 2, 4]] == 0).all()


def test_SHP_26_an_index_may_repeat_and_must_be_a_row():
    weight = Tensor(np.zeros((3, 2)), requires_grad=True)
    F.embedding(np.array([0, 0, 2]), weight).sum().backward()
    assert weight.grad.tolist() == [[2, 2], [0, 0], [1, 1]]
    for index in (3, -1):
        with pytest.raises(IndexError, match=f"{index}"):
            F.embedding(np.array([0, index]), weight)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint64, np.intp])
def test_indices_of_any_whole_kind(kind):
    layer = nn.Embedding(6, 4, dtype=np.float64, rng=0)
    for indices in (WORDS.astype(kind), Tensor(WORDS.astype(kind))):
        np.testing.assert_array_equal(layer(indices).data, layer.weight.data[WORDS])
    assert layer([1, 2]).shape == (2, 4)
    assert layer(3).shape == (4,)
    assert layer([]).shape == (0, 4)


def test_one_row_is_a_copy():
    layer = nn.Embedding(3, 2)
    assert not np.shares_memory(layer(1).data, layer.weight.data)


def test_indices_may_be_written_to_afterwards():
    layer, words = nn.Embedding(6, 4), WORDS.copy()
    y = layer(words)
    words[...] = 1
    y.backward(np.ones(y.shape))
    assert (layer.weight.grad.data[1] == 0).all()
    assert (layer.weight.grad.data[3] == 3).all()


@pytest.mark.parametrize("padding_idx", [3, -3])
def test_padding_starts_as_zeros_and_gets_no_gradient(padding_idx):
    layer = nn.Embedding(6, 4, padding_idx=padding_idx, rng=0)
    assert layer.padding_idx == 3
    assert (layer.weight.data[3] == 0).all()
    assert (layer.weight.data[[0, 1, 2, 4, 5]] != 0).all()
    layer(WORDS).backward(np.ones((2, 3, 4)))
    assert (layer.weight.grad.data[3] == 0).all()
    assert (layer.weight.grad.data[0] == 2).all()
    layer.weight.data[3] = 7
    layer.reset_parameters(rng=1)
    assert (layer.weight.data[3] == 0).all()


def test_frequencies_divide():
    layer = nn.Embedding(6, 4, scale_grad_by_freq=True)
    layer(WORDS).backward(np.ones((2, 3, 4)))
    np.testing.assert_allclose(layer.weight.grad.data[[0, 3, 5]], 1)


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, np.inf])
def test_long_rows_are_shortened_when_they_are_taken(norm_type):
    layer = nn.Embedding(6, 4, max_norm=0.5, norm_type=norm_type, dtype=np.float64)
    layer.weight.data[...] = TABLE
    layer.weight.data[5] *= 1e-3
    y = layer(WORDS)
    lengths = np.linalg.norm(layer.weight.data, norm_type, axis=1)
    np.testing.assert_allclose(lengths[[0, 3]], 0.5, rtol=1e-6)
    np.testing.assert_array_equal(layer.weight.data[[1, 2, 4]], TABLE[[1, 2, 4]])
    np.testing.assert_array_equal(layer.weight.data[5], TABLE[5] * 1e-3)
    np.testing.assert_array_equal(y.data, layer.weight.data[WORDS])


def test_shortening_twice_in_one_graph_is_allowed():
    layer = nn.Embedding(6, 4, max_norm=0.5, rng=0)
    y = layer(WORDS) * layer(WORDS + 0) + layer([1, 1, 1])
    y.backward(np.ones((2, 3, 4)))
    assert (layer.weight.grad.data[[0, 1, 3, 5]] != 0).all()


def test_shortening_under_an_op_that_used_the_weight_is_an_error():
    layer = nn.Embedding(6, 4, max_norm=0.5, rng=0)
    loss = (layer.weight * layer.weight).sum()
    layer(WORDS)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_from_pretrained():
    layer = nn.Embedding.from_pretrained(TABLE, padding_idx=-1, max_norm=9.0)
    assert (layer.num_embeddings, layer.embedding_dim, layer.padding_idx) == (6, 4, 5)
    assert not layer.weight.requires_grad
    np.testing.assert_array_equal(layer.weight.data, TABLE)  # the padding too
    assert not np.shares_memory(layer.weight.data, TABLE)
    learning = nn.Embedding.from_pretrained(Tensor(TABLE), freeze=False)
    assert learning.weight.requires_grad
    before = mg.get_rng_state()
    nn.Embedding.from_pretrained(TABLE)
    assert mg.get_rng_state() == before


def test_state_dict_and_repr():
    layer = nn.Embedding(6, 4, padding_idx=0, max_norm=1.5, norm_type=1.0, sparse=True)
    assert list(layer.state_dict()) == ["weight"]
    assert repr(layer) == "Embedding(6, 4, padding_idx=0, max_norm=1.5, norm_type=1.0, sparse=True)"
    assert repr(nn.Embedding(6, 4)) == "Embedding(6, 4)"


@pytest.mark.parametrize("options", [{}, {"padding_idx": 3}, {"scale_grad_by_freq": True}])
def test_second_derivatives_pass(options):
    weight = Tensor(TABLE, requires_grad=True)
    fixed = {"indices": WORDS, **options}
    y = embedding(weight * weight, **fixed)
    (dw,) = mg.grad(y, [weight], np.ones(y.shape), create_graph=True)
    (ddw,) = mg.grad(dw, [weight], np.ones(dw.shape))
    counts = np.bincount(WORDS.ravel(), minlength=6).astype(float)
    if "scale_grad_by_freq" in options:
        counts = np.minimum(counts, 1)
    if "padding_idx" in options:
        counts[3] = 0
    np.testing.assert_allclose(ddw.data, np.repeat(2 * counts[:, None], 4, axis=1))


def test_a_large_table_learns_what_it_is_shown():
    """The gradient of one batch leaves all other rows alone."""
    rng = np.random.default_rng(0)
    layer, words = nn.Embedding(10_000, 8, rng=0), rng.integers(0, 10_000, 4096)
    layer(words).backward(np.ones((4096, 8), np.float32))
    counts = np.bincount(words, minlength=10_000)
    np.testing.assert_array_equal(layer.weight.grad.data, np.repeat(counts[:, None], 8, axis=1))
    assert layer.weight.grad.dtype == np.float32
