"""Hard cases of indexing, broadcasting, joining, cutting and reordering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradients import assert_close, value_and_grads
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import minigrad as mg

SIX = np.arange(1.0, 7).reshape(2, 3)


def parts(t: Any) -> Any:
    a, b = t
    return a * b


def transposed_then(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: f(mg.transpose(x))


# id, function, inputs, upstream gradient, value, gradient with respect to each input
CASES: list[tuple[str, Callable[..., Any], list[Any], Any, Any, list[Any]]] = [
    ("SHP_01_repeats", lambda x: x[[0, 0, 2]], [[1, 2, 3]], 1, [1, 1, 3], [[2, 0, 1]]),
    ("SHP_02_gather", lambda x: mg.take_along_axis(x, np.array([0, 0]), 0), [[0.1]], [0.2, 0.3],
     [0.1, 0.1], [[0.5]]),
    ("SHP_02_take", lambda x: mg.take(x, [0, 0]), [[0.1]], [0.2, 0.3], [0.1, 0.1], [[0.5]]),
    ("SHP_03_last", lambda x: x[-1], [[1, 2, 3]], 1, 3, [[0, 0, 1]]),
    ("SHP_04_mask", lambda x: x[x > 1.5], [[1, 2, 3]], 1, [2, 3], [[0, 1, 1]]),
    ("SHP_05_empty", lambda x: x[2:2], [[1, 2, 3]], 1, [], [[0, 0, 0]]),
    ("SHP_06_reversed", lambda x: x[::-1], [[1, 2, 3]], [1, 10, 100], [3, 2, 1], [[100, 10, 1]]),
    ("SHP_13_broadcast_to", lambda x: mg.broadcast_to(x, (2, 3)), [[1, 2, 3]], 1,
     [[1, 2, 3], [1, 2, 3]], [[2, 2, 2]]),
    ("SHP_15_row_times_column", mg.multiply, [[[1], [2]], [[3, 4, 5]]], 1,
     [[3, 4, 5], [6, 8, 10]], [[[12], [12]], [[3, 3, 3]]]),
    ("SHP_16_0d_times_row", mg.multiply, [2, [[3, 4]]], 1, [[6, 8]], [7, [[2, 2]]]),
    ("SHP_18_concatenate", lambda x: mg.concatenate([x, x]), [[5, 6]], [1, 2, 3, 4],
     [5, 6, 5, 6], [[4, 6]]),
    ("SHP_20_array_split", lambda x: mg.array_split(x, 2)[1], [[1, 2, 3]], 1, [3], [[0, 0, 1]]),
    ("SHP_20_split_at", lambda x: mg.split(x, [2])[1], [[1, 2, 3]], 1, [3], [[0, 0, 1]]),
    ("SHP_22_flatten", transposed_then(mg.flatten), [SIX], [1, 2, 3, 4, 5, 6],
     [1, 4, 2, 5, 3, 6], [[[1, 3, 5], [2, 4, 6]]]),
    ("SHP_22_view", transposed_then(lambda x: x.view(2, 3)), [SIX], SIX, [[1, 4, 2], [5, 3, 6]],
     [[[1, 3, 5], [2, 4, 6]]]),
    ("SHP_22_ravel", transposed_then(mg.ravel), [SIX], [1, 2, 3, 4, 5, 6],
     [1, 4, 2, 5, 3, 6], [[[1, 3, 5], [2, 4, 6]]]),
    ("SHP_23_pad_to_nothing", lambda x: mg.pad(x, ((0, 0), (1, 2)))[:, :1], [np.ones((0, 2))], 1,
     np.ones((0, 1)), [np.ones((0, 2))]),
    ("SHP_24_repeat", lambda x: mg.repeat(x, 2), [[7, 8]], [1, 2, 3, 4], [7, 7, 8, 8], [[3, 7]]),
    ("SHP_24_repeat_unevenly", lambda x: mg.repeat(x, [0, 3]), [[7, 8]], [1, 2, 3], [8, 8, 8],
     [[0, 6]]),
    ("SHP_24_tile", lambda x: mg.tile(x, 2), [[7, 8]], [1, 2, 3, 4], [7, 8, 7, 8], [[4, 6]]),
    ("SHP_24_tile_rows", lambda x: mg.tile(x, (2, 1)), [[7, 8]], [[1, 2], [3, 4]],
     [[7, 8], [7, 8]], [[4, 6]]),
    ("SHP_24_roll", lambda x: mg.roll(x, 1), [[7, 8, 9]], [1, 2, 3], [9, 7, 8], [[2, 3, 1]]),
    ("SHP_24_roll_axis", lambda x: mg.roll(x, -1, axis=1), [SIX], SIX * 10,
     [[2, 3, 1], [5, 6, 4]], [[[30, 10, 20], [60, 40, 50]]]),
    ("SHP_24_flip", lambda x: mg.flip(x, 0), [SIX], SIX * 10, [[4, 5, 6], [1, 2, 3]],
     [[[40, 50, 60], [10, 20, 30]]]),
    ("SHP_24_tril", lambda x: mg.tril(x), [SIX], SIX * 10, [[1, 0, 0], [4, 5, 0]],
     [[[10, 0, 0], [40, 50, 0]]]),
    ("SHP_24_triu", lambda x: mg.triu(x, 1), [SIX], SIX * 10, [[0, 2, 3], [0, 0, 6]],
     [[[0, 20, 30], [0, 0, 60]]]),
    ("SHP_24_diagonal", lambda x: mg.diagonal(x, 1), [SIX], [1, 2], [2, 6],
     [[[0, 1, 0], [0, 0, 2]]]),
    ("SHP_27_unpacking", parts, [[3, 5]], 1, 15, [[5, 3]]),
    ("SHP_27_iteration", lambda x: sum(row * k for k, row in enumerate(x, 1)), [SIX], [1, 2, 3],
     [9, 12, 15], [[[1, 2, 3], [2, 4, 6]]]),
]  # fmt: skip


@pytest.mark.parametrize("f, inputs, g, value, grads", [c[1:] for c in CASES],
                         ids=[c[0] for c in CASES])  # fmt: skip
def test_value_and_gradient(f, inputs, g, value, grads):
    y, *found = value_and_grads(f, *inputs, g=g)
    assert_close(y, value)
    for got, wanted in zip(found, grads, strict=True):
        assert_close(got, wanted)


X3 = mg.Tensor([1.0, 2.0, 3.0])
X23 = mg.Tensor(SIX)
X234 = mg.Tensor(np.arange(24.0).reshape(2, 3, 4))

# id, what fails, the error, what its message must name
ERRORS: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("SHP_03_index", lambda: X3[5], IndexError, r"index 5 .*axis 0 .*size 3"),
    ("SHP_03_negative_index", lambda: X3[-4], IndexError, r"index -4 .*axis 0 .*size 3"),
    ("SHP_07_float", lambda: X3[1.0], IndexError, "float"),
    ("SHP_07_str", lambda: X3["a"], IndexError, "str"),
    ("SHP_07_float_array", lambda: X3[np.array([1.0])], IndexError, "float|integer"),
    ("SHP_09_mask", lambda: X3[np.array([True, False])], IndexError, r"(?s)3.*2|2.*3"),
    ("SHP_10_size", lambda: X3.reshape(2, 2), ValueError, r"3.*\(2,\s*2\)"),
    ("SHP_10_two_unknown", lambda: X3.reshape(-1, -1), ValueError, "only .*one"),
    ("SHP_10_unknown_of_nothing", lambda: mg.Tensor([]).reshape(-1, 0), ValueError,
     r"ambiguous|\(-1,\s*0\)"),
    ("SHP_12_axis_twice", lambda: mg.transpose(X23, (0, 0)), ValueError, "repeated|duplicate"),
    ("SHP_12_axis_too_large", lambda: mg.swapaxes(X23, 0, 5), IndexError, r"5.*2"),
    ("SHP_12_axis_too_large_permute", lambda: mg.transpose(X23, (0, 5)), IndexError, r"5.*2"),
    ("SHP_13_broadcast_to", lambda: mg.broadcast_to(X3, (2, 4)), ValueError,
     r"(?s)(?=.*3)(?=.*4)(?=.*axis (1|-1))"),
    ("SHP_14_add", lambda: X3 + mg.Tensor([1.0, 2.0]), ValueError,
     r"(?s)(?=.*3)(?=.*2)(?=.*axis (0|-1))"),
    ("SHP_19_concatenate", lambda: mg.concatenate([mg.ones(1, 2), mg.ones(1, 3)]), ValueError,
     r"array 1 .*\(1, 3\).*\(1, 2\)"),
    ("SHP_19_concatenate_nothing", lambda: mg.concatenate([]), ValueError, "non-empty"),
    ("SHP_19_stack", lambda: mg.stack([mg.ones(2), mg.ones(1)]), ValueError,
     r"array 1 .*\(1,\).*\(2,\)"),
    ("SHP_19_stack_nothing", lambda: mg.stack([]), ValueError, "non-empty"),
    ("SHP_20_split", lambda: mg.split(X3, 2), ValueError, r"3.*2"),
    ("SHP_21_squeeze", lambda: mg.squeeze(X3, 0), ValueError, "size|length"),
    ("SHP_23_pad_negative", lambda: mg.pad(X3, (-1, 0)), ValueError, r"(?s)(?=.*pad)(?=.*-1)"),
]  # fmt: skip


@pytest.mark.parametrize("f, error, names", [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
def test_error(f, error, names):
    with pytest.raises(error, match=names):
        f()


@pytest.mark.parametrize(
    "index, shape",
    [((0, [1, 1], None), (2, 1, 4)), ((0, slice(None), [1, 1]), (2, 3))],
    ids=["together", "apart"],
)
def test_SHP_08_mixed_indices_have_numpys_shape(index, shape):
    x = np.arange(24.0).reshape(2, 3, 4)
    g = np.random.default_rng(0).normal(size=shape)
    y, dx = value_and_grads(lambda t: t[index], x, g=g)
    wanted = np.zeros_like(x)
    np.add.at(wanted, index, g)
    assert_close(y, x[index])
    assert_close(dx, wanted)


@pytest.mark.parametrize("axes", [(2, 0, 1), (1, 2, 0), (-1, 0, -2), (0, 2, 1), None], ids=str)
def test_SHP_11_transpose_goes_back_by_the_inverse_permutation(axes):
    x = np.arange(24.0).reshape(2, 3, 4)
    y = x.transpose(axes)
    g = np.random.default_rng(0).normal(size=y.shape)
    order = list(range(3))[::-1] if axes is None else [a % 3 for a in axes]
    got, dx = value_and_grads(lambda t: mg.transpose(t, axes), x, g=g)
    assert_close(got, y)
    for i in np.ndindex(*g.shape):
        back = [0, 0, 0]
        for place, axis in enumerate(order):
            back[axis] = i[place]
        assert dx[tuple(back)] == g[i]


@pytest.mark.parametrize(
    "a, b", [((5,), (2, 3, 5)), ((1,), (2, 3)), ((3, 1, 1), (1, 4, 1)), ((), (1,)), ((0,), (1, 1))]
)
def test_SHP_17_gradients_have_the_shapes_of_the_inputs(a, b):
    assert_broadcasting_undone(a, b)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_SHP_17_all_pairs_that_broadcast(data):
    shapes = data.draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, min_side=0))
    assert_broadcasting_undone(*shapes.input_shapes)


def assert_broadcasting_undone(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    """The gradient of a·b: for every entry of a, Σ g·b over the places it was copied to."""
    rng = np.random.default_rng(1)
    x, z = rng.normal(size=a), rng.normal(size=b)
    g = rng.normal(size=np.broadcast_shapes(a, b))
    y, dx, dz = value_and_grads(mg.multiply, x, z, g=g)
    assert_close(y, x * z)
    for grad, own, other in ((dx, x, z), (dz, z, x)):
        places = np.broadcast_to(np.arange(own.size).reshape(own.shape), g.shape)
        wanted = np.zeros(own.size)
        np.add.at(wanted, places, g * other)
        assert grad.shape == own.shape
        np.testing.assert_allclose(grad, wanted.reshape(own.shape), rtol=1e-12, atol=1e-13)


def test_SHP_25_a_leaf_that_requires_grad_cannot_be_written_to():
    x = mg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf"):
        x[1:] = 5.0
    assert x.tolist() == [1, 2, 3]


def test_SHP_25_a_tensor_in_a_graph_cannot_be_written_to():
    x = mg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    with pytest.raises(RuntimeError, match="in-place"):
        y[0] = 7.0
    assert y.tolist() == [2, 4, 6]
    y.backward(np.ones(3))
    assert x.grad.tolist() == [2, 2, 2]


def test_SHP_27_the_parts_are_connected_tensors():
    x = mg.Tensor([3.0, 5.0], requires_grad=True)
    a, b = x
    assert a.shape == b.shape == () and a.requires_grad and b.requires_grad
    with pytest.raises(ValueError):
        a, b = mg.Tensor([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    "join",
    [
        lambda a, b: mg.concatenate([a, b]),
        lambda a, b: mg.stack([a, b]),
        lambda a, b: mg.where(np.array([True, False]), a, b),
    ],
    ids=["concatenate", "stack", "where"],
)
def test_SHP_28_float32_beside_float64(join):
    a = mg.Tensor(np.float32([1, 2]), requires_grad=True)
    b = mg.Tensor([3.0, 4.0], requires_grad=True)
    y = join(a, b)
    y.backward(np.ones(y.shape))
    assert y.dtype == np.float64
    assert a.grad.dtype == np.float32 and b.grad.dtype == np.float64


@pytest.mark.parametrize(
    "array",
    [np.arange(3.0)[::-1], np.array([2, 1, 0], ">f8"), np.array([2, 9, 1, 9, 0.0])[::2]],
    ids=["backwards", "big_endian", "strided"],
)
def test_SHP_29_arrays_of_any_kind(array):
    for x in (mg.Tensor(array, requires_grad=True), mg.from_numpy(array).requires_grad_()):
        assert x.tolist() == [2, 1, 0]
        assert x.dtype == np.float64 and x.dtype.isnative
        y = x * np.array([1.0, 10.0, 100.0])
        y.backward(np.ones(3))
        assert y.tolist() == [2, 10, 0] and x.grad.tolist() == [1, 10, 100]


def test_SHP_30_T_reverses_all_axes():
    x = np.arange(24.0).reshape(2, 3, 4)
    g = np.random.default_rng(0).normal(size=(4, 3, 2))
    y, dx = value_and_grads(lambda t: t.T, x, g=g)
    assert_close(y, x.T)
    assert_close(dx, g.T)
    assert "reversed" in mg.Tensor.T.__doc__
