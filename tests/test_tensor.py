"""Tensor as an array: creation, NumPy's functions, indexing, dtypes, conversions, messages."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor

# --- Creation ---


def test_ENG_19_tensor_copies_and_from_numpy_shares():
    array = np.ones(2)
    copied, shared = Tensor(array), mg.from_numpy(array)
    array[0] = 5
    assert copied.tolist() == [1, 1] and shared.tolist() == [5, 1]


@pytest.mark.parametrize(
    "made, wanted",
    [
        (mg.zeros(2, 3), np.zeros((2, 3))),
        (mg.zeros((2,)), np.zeros(2)),
        (mg.ones(()), np.ones(())),
        (mg.ones(2, dtype=np.float32), np.ones(2, np.float32)),
        (mg.full((2,), 7), np.full(2, 7)),
        (mg.eye(2), np.eye(2)),
        (mg.eye(2, 3, k=1, dtype=int), np.eye(2, 3, k=1, dtype=int)),
        (mg.arange(4), np.arange(4)),
        (mg.arange(1, 4, 2, dtype=float), np.arange(1, 4, 2.0)),
        (mg.linspace(0, 1, 5), np.linspace(0, 1, 5)),
        (mg.zeros_like(mg.ones(2, dtype=np.float32)), np.zeros(2, np.float32)),
        (mg.ones_like(np.zeros(2, int)), np.ones(2, int)),
        (mg.full_like(mg.ones(2), 3), np.full(2, 3.0)),
        (mg.tensor([1, 2]), np.array([1, 2])),
    ],
)
def test_creation_as_numpy(made, wanted):
    assert isinstance(made, Tensor) and made.dtype == wanted.dtype
    np.testing.assert_array_equal(made.data, wanted)


def test_creation_can_require_grad():
    assert mg.zeros(2, requires_grad=True).requires_grad
    assert mg.randn(2, requires_grad=True, rng=0).requires_grad


def test_random_tensors_follow_rng_and_manual_seed():
    assert mg.randn(3, rng=1).tolist() == mg.randn(3, rng=1).tolist()
    mg.manual_seed(4)
    first = mg.rand(2, 2)
    mg.manual_seed(4)
    assert first.tolist() == mg.rand(2, 2).tolist()
    assert ((first.data >= 0) & (first.data < 1)).all()
    numbers = mg.randint(3, size=100, rng=0)
    assert numbers.dtype == np.int64 and set(numbers.tolist()) == {0, 1, 2}


def test_a_list_of_tensors():
    assert Tensor([Tensor(1.0), Tensor(2.0)]).tolist() == [1, 2]


def test_odd_arrays_come_in_native_and_right():
    assert Tensor(np.arange(3.0)[::-1]).tolist() == [2, 1, 0]
    big = Tensor(np.array([1.5, 2.5], ">f8"))
    assert big.dtype.isnative and big.tolist() == [1.5, 2.5]


@pytest.mark.parametrize("data", ["a", ["a", "b"], 1 + 2j, [1j], None, object(), {"a": 1}])
def test_data_of_the_wrong_kind(data):
    with pytest.raises(TypeError, match="Tensor"):
        Tensor(data)


def test_ragged_and_too_large_data():
    with pytest.raises(ValueError, match="Tensor"):
        Tensor([[1, 2], [3]])
    with pytest.raises(OverflowError, match="Tensor"):
        Tensor([2**63], dtype=np.int64)


# --- Attributes ---


def test_attributes():
    t = Tensor(np.ones((2, 3), np.float32), True, name="t")
    assert (t.shape, t.ndim, t.size, t.dtype, t.name, len(t)) == ((2, 3), 2, 6, "f4", "t", 2)
    assert t.is_leaf and t.op is None and t.inputs == () and t.grad is None
    y = t * t
    assert not y.is_leaf and y.op.name == "multiply" and y.inputs == (t, t)
    assert t.T.shape == (3, 2)


def test_data_can_be_replaced_by_an_array_of_the_same_shape():
    t = Tensor([1.0, 2.0], True)
    t.data = np.array([3.0, 4.0], np.float32)
    assert t.tolist() == [3, 4] and t.dtype == np.float32
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        t.data = np.ones(3)
    with pytest.raises(TypeError, match="floating point"):
        t.data = np.ones(2, int)


def test_ENG_35_grad_can_be_set_if_it_fits():
    t = Tensor([1.0, 2.0], True)
    t.grad = np.array([5.0, 6.0])
    assert isinstance(t.grad, Tensor) and t.grad.tolist() == [5, 6]
    t.grad = None
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        t.grad = Tensor(np.ones(3))
    with pytest.raises(TypeError, match=r"float32.*float64"):
        t.grad = Tensor(np.ones(2, np.float32))


def test_ENG_41_requires_grad_of_a_computed_tensor_cannot_be_switched_off():
    y = Tensor(1.0, True) * 2
    with pytest.raises(RuntimeError, match="leaf"):
        y.requires_grad_(False)


# --- dtypes ---


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("scalar", [2, 2.0, True, np.float64(2), np.float32(2), np.int64(2)])
def test_a_scalar_takes_the_dtype_of_the_tensor(dtype, scalar):
    t = Tensor([1.0, 3.0], True, dtype=dtype)
    for y in (t * scalar, scalar * t, t + scalar, scalar - t, t / scalar, t**scalar, scalar**t):
        assert isinstance(y, Tensor) and y.dtype == dtype
        (g,) = mg.grad(y, t, np.ones(2))
        assert g.dtype == dtype


def test_tensors_are_promoted_as_in_numpy():
    a, b = Tensor([1.0], True, dtype=np.float32), Tensor([2.0], True)
    y = a * b
    y.backward(np.ones(1))
    assert (y.dtype, a.grad.dtype, b.grad.dtype) == (np.float64, np.float32, np.float64)


def test_integers_as_in_numpy():
    t = Tensor([3])
    assert (t / 2).dtype == np.float64 and (t // 2).dtype == np.int64
    assert (t * 1.5).tolist() == [4.5]
    with pytest.raises(ValueError, match="negative integer powers"):
        t**-1


# --- NumPy's functions ---


def test_ENG_31_numpy_functions_are_recorded():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]], True)
    for y in (
        np.exp(t),
        np.sum(t, axis=0),
        np.concatenate([t, np.ones((1, 2))]),
        np.ones((2, 2)) * t,
        np.float64(2) * t,
        np.float32(2) + t,
        np.ones(()) + t,
        np.add(np.ones(2), t),
        np.where(t > 2, t, 0),
        np.einsum("ij->j", t),
        np.linalg.norm(t),
        np.linalg.inv(t),
        np.stack([t, t]),
        np.clip(t, 2, 3),
        np.reshape(t, (4,)),
        np.mean(t, axis=1, keepdims=True),
        np.matmul(t, t),
        np.maximum(t, 2.5),
    ):
        assert isinstance(y, Tensor) and y.requires_grad


def test_every_numpy_function_in_the_table_gives_numpys_numbers():
    """Each unary or binary ufunc of the table, on a tensor and on its array."""
    x, z = np.array([[0.3, 0.7], [0.2, 0.9]]), np.array([[0.5, 0.1], [0.4, 0.6]])
    held = 0
    for function in Tensor.numpy_functions:
        if isinstance(function, np.ufunc) and function.signature is None:
            arrays = (x, z)[: function.nin]
            if function is np.arccosh:
                arrays = (x + 1,)
            result = function(*map(Tensor, arrays))
            np.testing.assert_allclose(result.data, function(*arrays), rtol=1e-14)
            held += 1
    assert held > 40


def test_numpy_functions_without_a_gradient_give_arrays():
    t = Tensor([1.0, np.nan, 3.0], True)
    assert np.isnan(t).tolist() == [False, True, False]
    assert np.argmax(t) == 1 and np.shape(t) == (3,) and np.ndim(t) == 1
    assert np.allclose(t, t, equal_nan=True) and (t > 1).tolist() == [False, False, True]


@pytest.mark.parametrize(
    "call, name",
    [
        (lambda t: np.gradient(t), "gradient"),
        (lambda t: np.fft.fft(t), "fft"),
        (lambda t: np.nextafter(t, t), "nextafter"),
        (lambda t: np.add.reduce(t), r"add\.reduce"),
        (lambda t: np.add(np.ones(2), t, out=np.ones(2)), "add"),
    ],
)
def test_an_uncovered_numpy_function_is_named(call, name):
    with pytest.raises(TypeError, match=name):
        call(Tensor([1.0, 2.0], True))


def test_ENG_32_adding_a_tensor_into_an_array_is_refused():
    array = np.ones(2)
    with pytest.raises(TypeError, match="array = array \\+ tensor"):
        array += Tensor([1.0, 2.0], True)
    assert array.tolist() == [1, 1]


def test_ENG_31_never_an_object_array():
    t = Tensor([1.0, 2.0], True)
    for y in (np.array(t.detach()), np.asarray(t.detach())):
        assert y.dtype == np.float64
    with pytest.raises(RuntimeError, match="detach"):
        np.asarray(t)


# --- Out of the graph ---


def test_ENG_20_numpy_shares_and_asks_for_detach():
    t = Tensor([1.0, 2.0])
    assert np.shares_memory(t.numpy(), t.data)
    with pytest.raises(RuntimeError, match="detach"):
        Tensor([1.0], True).numpy()


@pytest.mark.parametrize("convert", [bool, float, int, Tensor.item])
def test_ENG_29_two_elements_are_no_scalar(convert):
    with pytest.raises(ValueError, match="2 elements"):
        convert(Tensor([1.0, 2.0]))


def test_scalars_convert():
    t = Tensor([[2.5]])
    assert (float(t), int(t), bool(t), t.item(), f"{t:.2f}") == (2.5, 2, True, 2.5, "2.50")
    assert [1, 2, 3][Tensor(1)] == 2
    with pytest.raises(TypeError, match="float64"):
        [1, 2, 3][Tensor(1.0)]


def test_ENG_30_iteration_is_connected_and_ends():
    t = Tensor(np.arange(6.0).reshape(3, 2), True)
    rows = list(t)
    assert len(rows) == 3
    rows[1].sum().backward()
    assert t.grad.tolist() == [[0, 0], [1, 1], [0, 0]]
    a, b = Tensor([1.0, 2.0], True)
    assert (a.item(), b.item()) == (1, 2)
    for call in (iter, len):
        with pytest.raises(TypeError, match="0-d"):
            call(Tensor(1.0))


def test_ENG_28_equality_goes_by_entry_and_hash_by_identity():
    a, b = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    assert (a == b).tolist() == [True, True] and (a != b).tolist() == [False, False]
    assert len({a, b}) == 2 and {a: 1}[a] == 1
    assert 2.0 in a and 3.0 not in a


def test_ENG_33_deepcopy_and_pickle_of_leaves():
    t = Tensor([1.0, 2.0], True, name="w")
    (t * t).sum().backward()
    for other in (copy.deepcopy(t), pickle.loads(pickle.dumps(t))):
        assert other.tolist() == [1, 2] and other.requires_grad and other.name == "w"
        assert other.grad.tolist() == [2, 4]
        assert not np.shares_memory(other.data, t.data)
        assert not np.shares_memory(other.grad.data, t.grad.data)
    twice = copy.deepcopy([t, t])
    assert twice[0] is twice[1]


def test_ENG_34_deepcopy_and_pickle_of_a_computed_tensor():
    y = Tensor([1.0], True) * 2
    for action in (copy.deepcopy, pickle.dumps):
        with pytest.raises(RuntimeError, match="detach"):
            action(y)


def test_subclasses_are_kept_for_leaves_and_give_plain_results():
    class Special(Tensor):
        pass

    s = Special([1.0], True)
    s.note = "kept"
    assert type(s * 2) is Tensor
    other = copy.deepcopy(s)
    assert type(other) is Special and other.note == "kept"


# --- repr ---


def test_repr():
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    assert repr(Tensor([1], dtype=np.int32)) == "Tensor([1], dtype=int32)"
    assert repr(Tensor(1.5, True, name="w")) == "Tensor(1.5, requires_grad=True, name='w')"
    assert repr(Tensor(1.5, True) * 2) == "Tensor(3., op=multiply)"


def test_LIM_16_repr_of_a_huge_tensor_or_graph_is_short():
    assert len(repr(Tensor(np.zeros((1000, 1000)), True))) <= 1000
    deep = Tensor(np.zeros(200), True)
    for _ in range(1000):
        deep = deep + 0
    assert len(repr(deep)) <= 1000
    assert len(repr(Tensor(np.zeros((1,) * 30 + (7,) * 2), name="x" * 5000))) <= 1000


# --- Methods and messages ---


def test_reshape_and_transpose_take_numbers_or_a_tuple():
    t = Tensor(np.arange(6.0), True)
    assert t.reshape(2, 3).shape == t.reshape((2, 3)).shape == t.view(2, -1).shape == (2, 3)
    u = t.reshape(1, 2, 3)
    assert u.transpose(2, 0, 1).shape == u.permute((2, 0, 1)).shape == (3, 1, 2)
    assert u.transpose().shape == u.T.shape == (3, 2, 1)
    assert Tensor([5.0]).reshape(()).shape == ()


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda t: t + Tensor([1.0, 2.0]), ValueError, ["add", "(3,)", "(2,)", "axis -1"]),
        (lambda t: t * "a", TypeError, ["multiply", "'a'", "str"]),
        (lambda t: t + None, TypeError, ["add", "None"]),
        (lambda t: t * 1j, TypeError, ["multiply", "complex"]),
        (lambda t: t @ Tensor([1.0, 2.0]), ValueError, ["matmul", "(3,)", "(2,)"]),
        (lambda t: t @ 2.0, ValueError, ["matmul", "at least 1-D"]),
        (lambda t: t[5], IndexError, ["5", "axis 0", "3"]),
        (lambda t: t["a"], IndexError, ["'a'", "str"]),
        (lambda t: t[1.0], IndexError, ["1.0", "float"]),
        (lambda t: t.reshape(2, 2), ValueError, ["3", "(2, 2)"]),
        (lambda t: t.sum(axis=1), ValueError, ["sum", "axis 1", "-1 to 0"]),
        (lambda t: t.sum(axis=0, keep=True), TypeError, ["keep"]),
        (lambda t: t.sum(0, False, 1, 2), TypeError, ["sum", "at most"]),
        (lambda t: mg.concatenate([]), ValueError, ["concatenate", "non-empty"]),
        (lambda t: mg.concatenate([t, t.reshape(1, 3)]), ValueError, ["array 1", "(1, 3)"]),
        (lambda t: mg.stack([t, t[:2]]), ValueError, ["array 1", "(2,)"]),
        (lambda t: mg.concatenate(3.0), TypeError, ["concatenate", "float"]),
        (lambda t: mg.split(t, 2), ValueError, ["3", "2 equal parts"]),
        (lambda t: mg.linalg.inv(t), ValueError, ["inv", "square", "(3,)"]),
        (lambda t: mg.einsum("ij->i", t), ValueError, ["ij", "1 axes"]),
        (lambda t: mg.einsum(t), TypeError, ["einsum", "Tensor"]),
        (lambda t: mg.norm(t, ord="nuc"), ValueError, ["'nuc'"]),
        (lambda t: mg.norm(t, ord=-1), ValueError, ["-1"]),
        (lambda t: mg.linear(t, Tensor(np.ones((2, 4)))), ValueError, ["linear", "(3,)", "4"]),
    ],
)
def test_wrong_use_names_op_given_and_wanted(call, error, words):
    t = Tensor([1.0, 2.0, 3.0], True)
    with pytest.raises(error) as caught:
        call(t)
    text = str(caught.value) + "".join(getattr(caught.value, "__notes__", []))
    assert all(word in text for word in words), text
