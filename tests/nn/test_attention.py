"""Attention; values are recorded, see test_recorded_sequences.py."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn
from minigrad.graph import topological
from minigrad.nn import functional as F

SDPA = F.scaled_dot_product_attention
FORBIDDEN = np.triu(np.ones((3, 3), bool), 1)  # a query may not look ahead


def normal(*shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def triple(*batch, long=5):
    """Three queries, five keys with 4 features, values with 2."""
    sizes = [(3, 4), (long, 4), (long, 2)]
    return tuple(normal(*batch, *size, seed=i) for i, size in enumerate(sizes))


# --- scaled_dot_product_attention -----------------------------------------------------------


def test_it_is_the_formula_of_the_paper():
    q, k, v = triple(2)
    e = np.exp(np.einsum("nle,nse->nls", q, k) / 2)
    wanted = e / e.sum(-1, keepdims=True) @ v
    np.testing.assert_allclose(SDPA(q, k, v), wanted, rtol=1e-12)
    np.testing.assert_allclose(SDPA(*map(Tensor, (q, k, v))).data, wanted, rtol=1e-12)


def test_masks_of_booleans_and_numbers_say_the_same():
    q, k, v = triple(2)
    sees = normal(3, 5, seed=4) > -0.5
    sees[:, 0] = True
    y = SDPA(q, k, v, sees)
    np.testing.assert_array_equal(y, SDPA(q, k, v, np.where(sees, 0, -np.inf)))
    for i in range(3):
        alone = SDPA(q[:, i : i + 1], k[:, sees[i]], v[:, sees[i]])
        np.testing.assert_allclose(y[:, i], alone[:, 0], rtol=1e-12)


def test_causal_queries_do_not_depend_on_later_keys():
    q, k, v = triple(2)
    y = SDPA(q, k, v, is_causal=True)
    np.testing.assert_array_equal(y, SDPA(q, k, v, np.tri(3, 5, dtype=bool)))
    np.testing.assert_allclose(y[:, 0], v[:, 0], rtol=1e-15)
    k[:, 2:], v[:, 2:] = 9.0, 9.0
    np.testing.assert_allclose(SDPA(q, k, v, is_causal=True)[:, :2], y[:, :2], rtol=1e-12)


def test_a_query_that_sees_nothing_gets_0_and_no_gradient():
    q, k, v = (Tensor(x, True) for x in triple(2))
    y = SDPA(q, k, v, np.array([[True], [False], [True]]))
    assert (y.data[:, 1] == 0).all()
    y.backward(normal(*y.shape, seed=5))
    assert (q.grad.data[:, 1] == 0).all()
    assert (q.grad.data[:, 0] != 0).all()
    assert all(np.isfinite(x.grad.data).all() for x in (k, v))


def test_large_scores_do_not_overflow():
    q, k, v = triple()
    with np.errstate(all="raise"):
        y = SDPA(q * 1e8, k, v)
    np.testing.assert_array_equal(y, v[np.argmax(q @ k.T, axis=-1)])


def test_dropout_drops_weights_and_makes_up_for_them():
    q, k, v = np.zeros((1, 4)), np.zeros((400, 4)), np.eye(400)
    weights = SDPA(q, k, v, dropout_p=0.2, rng=0)
    assert np.mean(weights == 0) == pytest.approx(0.2, abs=0.05)
    np.testing.assert_allclose(weights[weights != 0], 1 / 400 / 0.8)
    np.testing.assert_array_equal(weights, SDPA(q, k, v, dropout_p=0.2, rng=0))
    mg.manual_seed(0)
    np.testing.assert_array_equal(weights, SDPA(q, k, v, dropout_p=0.2))


def test_heads_of_keys_are_shared_by_several_heads_of_queries():
    q, k, v = normal(2, 6, 3, 4), normal(2, 2, 5, 4, seed=1), normal(2, 2, 5, 3, seed=2)
    y = SDPA(q, k, v, enable_gqa=True)
    for head in range(6):
        shared = head // 3
        np.testing.assert_allclose(
            y[:, head], SDPA(q[:, head], k[:, shared], v[:, shared]), rtol=1e-12
        )


@pytest.mark.parametrize("options", [
    pytest.param({}, id="plain"),
    pytest.param({"scale": 0.3, "is_causal": True}, id="causal"),
    pytest.param({"attn_mask": normal(3, 5, seed=6) > -1}, id="mask"),
    pytest.param({"attn_mask": np.array([[True], [False], [True]])}, id="blind"),
    pytest.param({"dropout_p": 0.3, "rng": 3}, id="dropout"),
])  # fmt: skip
def test_finite_differences(options):
    def attention(q, k, v):
        return SDPA(q, k, v, **options)

    assert mg.gradcheck(attention, triple(2), rng=1)
    assert mg.gradgradcheck(attention, triple(2), rng=1)


def test_finite_differences_of_a_mask_that_is_learned():
    def attention(q, k, v, mask):
        return SDPA(q, k, v, mask)

    assert mg.gradcheck(attention, (*triple(2), normal(2, 1, 5, seed=6)), rng=1)
    assert mg.gradgradcheck(attention, (*triple(2), normal(2, 1, 5, seed=6)), rng=1)


def test_a_mask_of_another_float_dtype_takes_that_of_the_query():
    q, k, v = (Tensor(x.astype(np.float32)) for x in triple(2))
    mask = Tensor(normal(3, 5, seed=6), requires_grad=True)
    y = SDPA(q, k, v, mask)
    assert y.dtype == np.float32
    y.sum().backward()
    assert mask.grad.dtype == np.float64
    assert SDPA(q, k, v, mask.data).dtype == np.float32


Q, K, V = triple(2)


@pytest.mark.parametrize(("call", "error", "match"), [
    (lambda: SDPA(Q, K, V, is_causal=True, attn_mask=np.ones((3, 5), bool)), ValueError,
     "is_causal makes the mask; leave out one of it and attn_mask"),
    (lambda: SDPA(Q, K, V, dropout_p=1.5), ValueError, "dropout_p is 1.5, wanted a probability"),
    (lambda: SDPA(Q, K, V, np.ones((3, 5), int)), TypeError, "attn_mask has dtype int64, wanted b"),
    (lambda: SDPA(Q, K, V, np.ones((3, 4), bool)), ValueError,
     r"attn_mask has shape \(3, 4\), wanted one that broadcasts to the scores \(…, L, S\), "
     r"\(2, 3, 5\)"),
    (lambda: SDPA(Q, K, V, np.ones((7, 2, 3, 5), bool)), ValueError, r"shape \(7, 2, 3, 5\)"),
    (lambda: SDPA(Q[0, 0], K, V), ValueError, r"need at least 2 axes, got query \(4,\), key"),
    (lambda: SDPA(Q, K[..., :3], V), ValueError, r"the same E and the same S, got query \(2, 3, 4"),
    (lambda: SDPA(Q, K[:, :4], V), ValueError, r"got .* key \(2, 4, 4\), value \(2, 5, 2\)"),
    (lambda: SDPA(Q, normal(3, 5, 4), V), ValueError, "the axes in front do not broadcast, got q"),
    (lambda: SDPA(normal(4, 3, 4), normal(3, 5, 4), normal(3, 5, 2), enable_gqa=True), ValueError,
     r"\(axis -3\) must be a multiple of those of key and value, got shapes \(4, 3, 4\) and"),
])  # fmt: skip
def test_errors_of_the_function(call, error, match):
    with pytest.raises(error, match=f"scaled_dot_product_attention: .*{match}"):
        call()


# --- MultiheadAttention: parameters ---------------------------------------------------------


def test_names_and_shapes_of_parameters():
    def shapes(**settings):
        state = nn.MultiheadAttention(6, 2, **settings).state_dict()
        return {name: array.shape for name, array in state.items()}

    out = {"out_proj.weight": (6, 6), "out_proj.bias": (6,)}
    packed = {"in_proj_weight": (18, 6), "in_proj_bias": (18,)}
    assert shapes() == packed | out
    assert shapes(kdim=6, vdim=6) == packed | out
    assert shapes(bias=False) == {"in_proj_weight": (18, 6), "out_proj.weight": (6, 6)}
    assert shapes(add_bias_kv=True) == packed | {"bias_k": (1, 1, 6), "bias_v": (1, 1, 6)} | out
    assert shapes(kdim=3, vdim=5) == {
        "q_proj_weight": (6, 6),
        "k_proj_weight": (6, 3),
        "v_proj_weight": (6, 5),
        "in_proj_bias": (18,),
        **out,
    }


def test_how_parameters_start():
    module = nn.MultiheadAttention(64, 4, add_bias_kv=True, rng=0)
    bound = math.sqrt(6 / (64 + 3 * 64))
    assert 0.98 * bound < np.abs(module.in_proj_weight.data).max() <= bound
    assert module.in_proj_weight.data.std() == pytest.approx(bound / math.sqrt(3), rel=0.05)
    assert 0.98 / 8 < np.abs(module.out_proj.weight.data).max() <= 1 / 8
    assert not module.in_proj_bias.data.any() and not module.out_proj.bias.data.any()
    extra = np.stack([module.bias_k.data, module.bias_v.data])
    assert extra.std() == pytest.approx(1 / 8, rel=0.2)
    apart = nn.MultiheadAttention(64, 4, kdim=32, rng=0)
    for weight, bound in (
        (apart.q_proj_weight, math.sqrt(6 / 128)),
        (apart.k_proj_weight, math.sqrt(6 / 96)),
        (apart.v_proj_weight, math.sqrt(6 / 128)),
    ):
        assert 0.98 * bound < np.abs(weight.data).max() <= bound
    assert {p.dtype for p in module.parameters()} == {np.dtype(np.float32)}
    double = nn.MultiheadAttention(4, 2, dtype=np.float64)
    assert {p.dtype for p in double.parameters()} == {np.dtype(np.float64)}


def test_chance_comes_from_rng_or_manual_seed():
    a = nn.MultiheadAttention(4, 2, rng=5)
    mg.manual_seed(5)
    b = nn.MultiheadAttention(4, 2)
    np.testing.assert_array_equal(a.in_proj_weight.data, b.in_proj_weight.data)
    np.testing.assert_array_equal(a.out_proj.weight.data, b.out_proj.weight.data)
    b.reset_parameters(rng=6)
    assert not (a.in_proj_weight.data == b.in_proj_weight.data).any()
    assert not (a.out_proj.weight.data == b.out_proj.weight.data).any()


# --- MultiheadAttention: what it computes ---------------------------------------------------


def attention(*args, **settings):
    return nn.MultiheadAttention(*args, batch_first=True, dtype=np.float64, rng=0, **settings)


def test_heads_are_attention_on_parts_of_the_features():
    module, x = attention(6, 3), normal(2, 4, 6)
    y, weights = module(x, x, x, average_attn_weights=False)
    q, k, v = np.split(x @ module.in_proj_weight.data.T, 3, axis=-1)
    heads = [SDPA(*(part[..., i : i + 2] for part in (q, k, v))) for i in (0, 2, 4)]
    joined = np.concatenate(heads, axis=-1)
    np.testing.assert_allclose(y.data, joined @ module.out_proj.weight.data.T, rtol=1e-10)
    assert weights.shape == (2, 3, 4, 4)
    np.testing.assert_allclose(weights.data.sum(-1), 1)


def test_weights_are_those_of_the_heads_on_average_or_left_out():
    module, x = attention(6, 3), normal(2, 4, 6)
    y, mean = module(x, x, x)
    z, each = module(x, x, x, average_attn_weights=False)
    u, none = module(x, x, x, need_weights=False)
    assert none is None
    np.testing.assert_allclose(mean.data, each.data.mean(1))
    np.testing.assert_array_equal(y.data, z.data)
    np.testing.assert_array_equal(y.data, u.data)


def test_axes_are_only_a_matter_of_order():
    module, x = attention(6, 3), normal(2, 4, 6)
    other = nn.MultiheadAttention(6, 3, dtype=np.float64)
    other.load_state_dict(module.state_dict())
    y, weights = module(x, x, x)
    z, same = other(*[x.swapaxes(0, 1)] * 3)
    np.testing.assert_array_equal(z.data, y.data.swapaxes(0, 1))
    np.testing.assert_array_equal(same.data, weights.data)
    for n in range(2):
        single, alone = module(x[n], x[n], x[n])
        np.testing.assert_allclose(single.data, y.data[n], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(alone.data, weights.data[n], rtol=1e-12)


def test_keys_that_are_hidden_do_not_matter():
    module, x = attention(6, 3), normal(2, 4, 6)
    padding = np.array([[False, False, True, True], [False, True, False, False]])
    y, weights = module(x, x, x, padding)
    assert (weights.data[np.broadcast_to(padding[:, None], (2, 4, 4))] == 0).all()
    other = np.where(padding[..., None], 100.0, x)
    np.testing.assert_allclose(module(x, other, other, padding)[0].data, y.data, rtol=1e-12)
    short = module(x[:1], x[:1, :2], x[:1, :2])[0]
    np.testing.assert_allclose(y.data[0], short.data[0], rtol=1e-12)


def test_a_causal_mask_lets_nobody_look_ahead():
    module, x = attention(4, 2), normal(2, 3, 4)
    y, weights = module(x, x, x, attn_mask=FORBIDDEN, is_causal=True)
    assert (np.triu(weights.data, 1) == 0).all()
    changed = np.concatenate([x[:, :2], 7 * x[:, 2:]], axis=1)
    z, _ = module(*[changed] * 3, attn_mask=FORBIDDEN)
    np.testing.assert_allclose(z.data[:, :2], y.data[:, :2], rtol=1e-12)


def test_a_query_that_may_look_nowhere_is_nan_with_weights_and_only_bias_without():
    module, x = attention(4, 2), normal(2, 3, 4)
    module.out_proj.bias.data[...] = [1, 2, 3, 4]
    nowhere = np.array([[False] * 3, [True] * 3, [False] * 3])
    y, weights = module(x, x, x, attn_mask=nowhere)
    assert np.isnan(y.data[:, 1]).all() and np.isnan(weights.data[:, 1]).all()
    assert np.isfinite(y.data[:, ::2]).all()
    y, _ = module(x, x, x, attn_mask=nowhere, need_weights=False)
    np.testing.assert_array_equal(y.data[:, 1], [[1, 2, 3, 4]] * 2)


def test_keys_and_values_of_its_own():
    x = normal(2, 3, 4)
    module = attention(4, 2, add_bias_kv=True, add_zero_attn=True)
    _, weights = module(x, x, x, np.ones((2, 3), bool), attn_mask=~FORBIDDEN)
    assert weights.shape == (2, 3, 5)
    assert (weights.data[..., :3] == 0).all() and (weights.data[..., 3:] > 0).all()


def test_dropout_in_training_only():
    module, x = attention(4, 2, dropout=0.5), normal(2, 3, 4)
    assert (module(x, x, x)[1].data != module(x, x, x)[1].data).any()
    twin, other = attention(4, 2, dropout=0.5), attention(4, 2, dropout=0.5)
    np.testing.assert_array_equal(twin(x, x, x)[0].data, other(x, x, x)[0].data)
    plain = attention(4, 2)
    np.testing.assert_array_equal(module.eval()(x, x, x)[0].data, plain(x, x, x)[0].data)


def test_float32_stays_float32_whatever_the_mask():
    module = nn.MultiheadAttention(4, 2, add_zero_attn=True, add_bias_kv=True)
    x = Tensor(normal(3, 2, 4, dtype=np.float32), requires_grad=True)
    y, weights = module(x, x, x, np.zeros((2, 3)), attn_mask=np.where(FORBIDDEN, -np.inf, 0.0))
    (y.sum() + weights.sum()).backward()
    found = {t.dtype for t in (y, weights, x.grad, *(p.grad for p in module.parameters()))}
    assert found == {np.dtype(np.float32)}


@pytest.mark.parametrize("settings", [
    {}, {"bias": False, "kdim": 3, "vdim": 2}, {"add_bias_kv": True, "add_zero_attn": True},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("batch", [(), (2,)], ids=str)
def test_finite_differences_of_the_module(settings, batch):
    module = attention(4, 2, **settings)
    sizes = [(3, 4), (3, settings.get("kdim", 4)), (3, settings.get("vdim", 4))]
    inputs = tuple(normal(*batch, *size, seed=i) for i, size in enumerate(sizes))

    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = module

        def forward(self, q, k, v):
            return self.inner(q, k, v, attn_mask=FORBIDDEN)

    for parameter in module.parameters():
        parameter.data[...] = normal(*parameter.shape, seed=parameter.size)
    assert mg.gradcheck(Masked(), inputs, rng=1)
    assert mg.gradgradcheck(Masked(), inputs, rng=1)


def test_ops_carry_paths():
    net = nn.Module()
    net.attention = attention(4, 2)
    net.forward = lambda x: net.attention(x, x, x)[0]
    y = net(normal(2, 3, 4))
    paths = {node.path for node in topological(y) if node.op is not None}
    assert paths == {"attention", "attention.out_proj"}


def test_copies():
    module, x = attention(4, 2, add_bias_kv=True), normal(2, 3, 4)
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        np.testing.assert_array_equal(twin(x, x, x)[0].data, module(x, x, x)[0].data)


def test_repr():
    assert repr(nn.MultiheadAttention(4, 2, bias=False)) == (
        "MultiheadAttention(\n  (out_proj): Linear(in_features=4, out_features=4, bias=False)\n)"
    )


# --- MultiheadAttention: errors -------------------------------------------------------------

X = normal(3, 2, 4)
MHA = nn.MultiheadAttention(4, 2)
FIRST = nn.MultiheadAttention(4, 2, batch_first=True)


@pytest.mark.parametrize(("call", "error", "match"), [
    (lambda: nn.MultiheadAttention(4, 3), ValueError, "embed_dim=4 is not divisible by num_h"),
    (lambda: nn.MultiheadAttention(0, 1), ValueError, "embed_dim must be at least 1, got 0"),
    (lambda: nn.MultiheadAttention(4, 2.0), TypeError, "num_heads must be an int, got 2.0"),
    (lambda: nn.MultiheadAttention(4, 2, kdim=0), ValueError, "kdim must be at least 1, got 0"),
    (lambda: nn.MultiheadAttention(4, 2, 1.5), ValueError, "dropout is 1.5, wanted a probability"),
    (lambda: MHA(X, X, X, is_causal=True), ValueError, r"give the mask too, .* attn_mask=np.triu"),
    (lambda: MHA(X[None], X, X), ValueError, r"query has shape \(1, 3, 2, 4\), wanted \(L, N, 4\)"),
    (lambda: MHA(X[0, 0], X, X), ValueError, r"query has shape \(4,\), wanted \(L, N, 4\)"),
    (lambda: MHA(X, X[..., :3], X), ValueError, r"key has shape \(3, 2, 3\), wanted \(L, N, 4\)"),
    (lambda: MHA(X[0], X[0], X), ValueError, r"value has shape \(3, 2, 4\), wanted \(L, 4\)"),
    (lambda: FIRST(X[..., :2], X, X), ValueError, r"query has shape .* wanted \(N, L, 4\)"),
    (lambda: MHA(X, X[:2], X), ValueError, r"key and value one length; got .* \(2, 2\) and"),
    (lambda: MHA(X, X[:, :1], X[:, :1]), ValueError, r"must have one batch size.* \(2, 3\), \(1"),
    (lambda: MHA(X, X, X, attn_mask=np.ones((3, 2), bool)), ValueError, r"attn_mask has shape "
     r"\(3, 2\), wanted \(L, S\) = \(3, 3\) or \(N · h, L, S\) = \(4, 3, 3\)"),
    (lambda: MHA(X, X, X, np.ones((3, 2), bool)), ValueError, r"key_padding_mask has shape "
     r"\(3, 2\), wanted \(N, S\) = \(2, 3\)"),
    (lambda: MHA(*[X[:, 0]] * 3, np.ones((1, 3), bool)), ValueError, r"wanted \(S,\) = \(3,\)"),
    (lambda: MHA(X, X, X, attn_mask=np.ones((3, 3), int)), TypeError, "attn_mask has dtype int64, "
     "wanted booleans, or numbers of floating point"),
])  # fmt: skip
def test_errors_of_the_module(call, error, match):
    with pytest.raises(error, match=f"MultiheadAttention: .*{match}"):
        call()
