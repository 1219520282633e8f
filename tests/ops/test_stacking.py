"""vstack and its kin: NumPy's results, and gradients that come back to where they belong."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg

RNG = np.random.default_rng(0)
A, B, C = RNG.normal(size=3), RNG.normal(size=(2, 3)), RNG.normal(size=(2, 3, 2))

CASES = [
    ("atleast_1d", lambda f, x: f(x), (np.array(1.5),)),
    ("atleast_1d", lambda f, x: f(x), (B,)),
    ("atleast_2d", lambda f, x: f(x), (A,)),
    ("atleast_3d", lambda f, x: f(x), (A,)),
    ("atleast_3d", lambda f, x: f(x), (B,)),
    ("atleast_2d", lambda f, x, y: f(x, y)[0] * f(x, y)[1], (np.array(2.0), A)),
    ("broadcast_arrays", lambda f, x, y: f(x, y)[0] * f(x, y)[1], (A, B)),
    ("vstack", lambda f, x, y: f([x, y]), (A, B)),
    ("hstack", lambda f, x, y: f([x, y]), (A, A[:2])),
    ("hstack", lambda f, x, y: f((x, y)), (B, B[:, :1])),
    ("hstack", lambda f, x, y: f((x, y)), (np.array(1.0), A)),
    ("dstack", lambda f, x, y: f([x, y]), (B, C)),
    ("column_stack", lambda f, x, y: f([x, y]), (A, RNG.normal(size=(3, 2)))),
    ("column_stack", lambda f, x, y: f([x, y]), (np.array(1.0), np.array(2.0))),
    ("diff", lambda f, x: f(x), (B,)),
    ("diff", lambda f, x: f(x, 2, axis=0), (RNG.normal(size=(4, 2)),)),
    ("diff", lambda f, x: f(x, n=0), (A,)),
]


@pytest.mark.parametrize(("name", "call", "arrays"), CASES, ids=[name for name, *_ in CASES])
def test_as_numpy_and_differentiable(name, call, arrays):
    ours, theirs = getattr(mg, name), getattr(np, name)
    wanted = call(theirs, *arrays)
    tensors = [mg.Tensor(x, requires_grad=True) for x in arrays]
    for function in (ours, theirs):
        found = call(function, *tensors)
        assert isinstance(found, mg.Tensor)
        np.testing.assert_array_equal(found.data, wanted)
    np.testing.assert_array_equal(call(ours, *arrays), wanted)
    assert mg.gradcheck(lambda *xs: call(ours, *xs), tuple(arrays), rng=1)


def test_several_arrays_give_a_tuple():
    found = np.atleast_1d(mg.Tensor(1.0), mg.Tensor([2.0, 3.0]))
    assert type(found) is tuple
    assert [x.shape for x in found] == [(1,), (2,)]


def test_what_is_no_tensor_is_broadcast_beside_it():
    x, words = np.broadcast_arrays(mg.Tensor([1.0, 2.0]), ["a"])
    assert isinstance(x, mg.Tensor)
    assert words.tolist() == ["a", "a"]


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: mg.vstack([]), ValueError, "vstack needs a non-empty list"),
    (lambda: mg.hstack(3), TypeError, "hstack takes a list"),
    (lambda: mg.vstack([np.ones(2), np.ones(3)]), ValueError, r"array 1 has shape \(1, 3\)"),
    (lambda: mg.diff(A, -1), ValueError, "diff: n is -1"),
    (lambda: mg.diff(np.array(1.0)), ValueError, "diff: x is a single number"),
    (lambda: mg.broadcast_arrays(A, np.ones(2)), ValueError, "broadcast_arrays: .* do not"),
])  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_counts_are_plain():
    x = mg.Tensor([0.0, 1.0], requires_grad=True)
    counts, *edges = np.histogram2d(x, x, bins=2)
    assert counts.tolist() == [[1, 0], [0, 1]]
    assert all(type(part) is np.ndarray for part in (counts, *edges))
