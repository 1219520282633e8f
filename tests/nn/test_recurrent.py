"""RNN, LSTM, GRU and their cells; values are recorded, see test_recorded_sequences.py."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn
from minigrad.graph import topological

LAYERS = {"RNN": 1, "LSTM": 4, "GRU": 3}  # and their gates
by_kind = pytest.mark.parametrize("kind", LAYERS)
SETTINGS = [
    {},
    {"num_layers": 3},
    {"bidirectional": True, "num_layers": 2},
    {"bias": False, "batch_first": True},
]


def layer(kind, *args, rng=0, **settings):
    return getattr(nn, kind)(*args, rng=rng, **settings)


def normal(*shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def flat(y):
    """Output and final states as one tuple of tensors."""
    output, ends = y
    return (output, *ends) if isinstance(ends, tuple) else (output, ends)


def states(module, batch=2, single=False):
    """Initial states, as they are passed: one, or a pair."""
    count = module.num_layers * (2 if module.bidirectional else 1)
    sizes = [module.proj_size or module.hidden_size, module.hidden_size]
    shapes = [(count, n) if single else (count, batch, n) for n in sizes]
    given = [Tensor(normal(*s, seed=i), True) for i, s in enumerate(shapes)]
    return tuple(given) if isinstance(module, nn.LSTM) else given[0]


# --- Parameters -----------------------------------------------------------------------------


@by_kind
def test_names_and_shapes_of_parameters(kind):
    rows = 5 * LAYERS[kind]
    module = layer(kind, 3, 5, 2, bidirectional=True)
    assert {name: array.shape for name, array in module.state_dict().items()} == {
        f"{name}_l{k}{way}": shape
        for k, features in ((0, 3), (1, 10))
        for way in ("", "_reverse")
        for name, shape in {
            "weight_ih": (rows, features),
            "weight_hh": (rows, 5),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
        }.items()
    }
    assert list(layer(kind, 3, 5, bias=False).state_dict()) == ["weight_ih_l0", "weight_hh_l0"]


def test_a_projection_has_weights_too():
    module = nn.LSTM(3, 5, 2, proj_size=2)
    shapes = {name: array.shape for name, array in module.state_dict().items()}
    assert shapes["weight_hr_l0"] == shapes["weight_hr_l1"] == (2, 5)
    assert shapes["weight_hh_l0"] == shapes["weight_ih_l1"] == (20, 2)


@pytest.mark.parametrize("kind", [*LAYERS, "RNNCell", "LSTMCell", "GRUCell"])
def test_parameters_start_between_plus_and_minus_one_over_root_hidden_size(kind):
    module = layer(kind, 30, 64)
    for parameter in module.parameters():
        assert parameter.dtype == np.float32
        assert 0.9 / 8 < np.abs(parameter.data).max() <= 1 / 8
        assert parameter.data.std() == pytest.approx(1 / 8 / math.sqrt(3), rel=0.2)
    assert {p.dtype for p in layer(kind, 2, 3, dtype=np.float64).parameters()} == {np.dtype(float)}


@pytest.mark.parametrize("kind", [*LAYERS, "RNNCell", "LSTMCell", "GRUCell"])
def test_chance_comes_from_rng_or_manual_seed(kind):
    a = layer(kind, 3, 4, rng=5).state_dict()
    mg.manual_seed(5)
    module = layer(kind, 3, 4, rng=None)
    for name, array in module.state_dict().items():
        np.testing.assert_array_equal(array, a[name])
    module.reset_parameters(rng=6)
    assert not any((array == a[name]).any() for name, array in module.state_dict().items())
    module.reset_parameters(rng=5)
    for name, array in module.state_dict().items():
        np.testing.assert_array_equal(array, a[name])


def test_flatten_parameters_is_there_for_programs_that_call_it():
    module = nn.GRU(2, 3)
    before = module.state_dict()
    module.flatten_parameters()
    assert module.state_dict().keys() == before.keys()


# --- What they compute ----------------------------------------------------------------------


@by_kind
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_unrolled_the_numbers_are_the_same(kind, settings):
    results = []
    for unroll in (False, True):
        module = layer(kind, 3, 4, **settings, unroll=unroll).double()
        x, hx = Tensor(normal(5, 2, 3), True), states(module, 5 if module.batch_first else 2)
        outputs = flat(module(x, hx))
        loss = sum((y * normal(*y.shape, seed=7)).sum() for y in outputs)
        loss.backward()
        given = [x, *(hx if isinstance(hx, tuple) else [hx]), *module.parameters()]
        results.append([y.data for y in outputs] + [t.grad.data for t in given])
    for fused, unrolled in zip(*results):
        np.testing.assert_allclose(fused, unrolled, rtol=1e-11, atol=1e-14)


def test_unrolled_every_step_is_in_the_graph():
    module = nn.RNN(3, 4, unroll=True)
    y, _ = module(normal(5, 2, 3, dtype=np.float32))
    names = [node.op.name for node in topological(y) if node.op is not None]
    assert names.count("tanh") == 5
    y, _ = nn.RNN(3, 4)(normal(5, 2, 3, dtype=np.float32))
    names = [node.op.name for node in topological(y) if node.op is not None]
    assert sorted(names) == ["add", "getitem", "linear", "rnn"]


@by_kind
def test_a_cell_in_a_loop_is_a_layer(kind):
    module, cell = layer(kind, 3, 4, dtype=np.float64), layer(f"{kind}Cell", 3, 4, dtype=float)
    names = {name: name.removesuffix("_l0") for name in module.state_dict()}
    cell.load_state_dict({names[name]: array for name, array in module.state_dict().items()})
    x, hx = Tensor(normal(5, 2, 3)), states(module)
    state = tuple(h[0] for h in hx) if kind == "LSTM" else hx[0]
    outputs = []
    for t in range(5):
        state = cell(x[t], state)
        outputs.append(state[0] if kind == "LSTM" else state)
    y, *ends = flat(module(x, hx))
    np.testing.assert_allclose(y.data, [h.data for h in outputs], rtol=1e-13)
    for end, last in zip(ends, state if kind == "LSTM" else [state]):
        np.testing.assert_allclose(end.data[0], last.data, rtol=1e-13)


@by_kind
def test_a_sequence_can_be_read_in_two_parts(kind):
    module, x = layer(kind, 3, 4, 2, dtype=np.float64), normal(5, 2, 3)
    whole, *ends = flat(module(x))
    first, state = module(x[:2])
    second, *rest = flat(module(x[2:], state))
    np.testing.assert_array_equal(whole.data, np.concatenate([first.data, second.data]))
    for end, other in zip(ends, rest):
        np.testing.assert_array_equal(end.data, other.data)


@by_kind
def test_the_reverse_direction_reads_from_the_end(kind):
    both = layer(kind, 3, 4, bidirectional=True, dtype=np.float64)
    one = layer(kind, 3, 4, dtype=np.float64)
    state, x = both.state_dict(), normal(5, 2, 3)
    one.load_state_dict({name: state[f"{name}_reverse"] for name in one.state_dict()})
    y, *ends = flat(both(x))
    z, *others = flat(one(x[::-1].copy()))
    np.testing.assert_array_equal(y.data[..., 4:], z.data[::-1])
    for end, other in zip(ends, others):
        np.testing.assert_array_equal(end.data[1], other.data[0])


@by_kind
def test_the_last_output_is_the_final_state(kind):
    y, h, *_ = flat(layer(kind, 3, 4, 2)(normal(5, 2, 3, dtype=np.float32)))
    assert (y.shape, h.shape) == ((5, 2, 4), (2, 2, 4))
    np.testing.assert_array_equal(y.data[-1], h.data[-1])


@by_kind
def test_samples_do_not_see_each_other(kind):
    module, x = layer(kind, 3, 4, 2, bidirectional=True, dtype=np.float64), normal(5, 3, 3)
    y, _ = module(x)
    for n in range(3):
        single, _ = module(x[:, n])
        np.testing.assert_allclose(single.data, y.data[:, n], rtol=1e-12)


@pytest.mark.parametrize("kind", [*LAYERS, "RNNCell", "LSTMCell", "GRUCell"])
def test_states_not_given_are_zeros(kind):
    module, x = layer(kind, 3, 4, dtype=np.float64), normal(2, 3)
    zero = np.zeros((1, 4) if kind in LAYERS else (2, 4))
    hx = (zero, zero) if kind.startswith("LSTM") else zero
    y, z = module(x), module(x, hx)
    if not isinstance(y, tuple):
        y, z = (y,), (z,)
    np.testing.assert_array_equal(y[0].data, z[0].data)


def test_states_not_given_have_names_in_pictures():
    y, _ = nn.LSTM(3, 4, 2)(normal(5, 2, 3, dtype=np.float32))
    names = {node.name for node in topological(y) if node.op is None}
    assert {"h_0", "c_0"} <= names


# --- Dropout --------------------------------------------------------------------------------


@by_kind
def test_dropout_acts_between_layers_in_training(kind):
    x = normal(5, 2, 3, dtype=np.float32)
    module = layer(kind, 3, 40, 2, dropout=0.5, rng=3)
    twin = layer(kind, 3, 40, 2, rng=3)
    a, b = module(x)[0], module(x)[0]
    assert (a.data != b.data).any()
    np.testing.assert_array_equal(module.eval()(x)[0].data, twin(x)[0].data)
    again = layer(kind, 3, 40, 2, dropout=0.5, rng=3)
    np.testing.assert_array_equal(again(x)[0].data, a.data)
    np.testing.assert_array_equal(copy.deepcopy(again)(x)[0].data, b.data)


@by_kind
def test_dropout_of_everything_leaves_the_last_layer_nothing_to_read(kind):
    module = layer(kind, 3, 4, 2, dropout=1.0)
    y, _ = module(normal(5, 2, 3, dtype=np.float32))
    z, _ = module(normal(5, 2, 3, seed=1, dtype=np.float32))
    np.testing.assert_array_equal(y.data, z.data)


def test_dropout_with_one_layer_is_warned_about():
    with pytest.warns(UserWarning, match=r"GRU: dropout=0.5 acts between layers.*nn.Dropout"):
        nn.GRU(3, 4, dropout=0.5)


# --- Derivatives ----------------------------------------------------------------------------


def checked(module, *inputs):
    """First and second derivatives of all outputs, in inputs and parameters."""

    class Flat(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = module.double()

        def forward(self, x, *hx):
            y = self.inner(x, hx if len(hx) > 1 else hx[0])
            return flat(y) if isinstance(y, tuple) else y

    assert mg.gradcheck(Flat(), inputs, rng=1)
    assert mg.gradgradcheck(Flat(), inputs, rng=1)


@by_kind
@pytest.mark.parametrize("settings", [{}, {"bidirectional": True}, {"bias": False}], ids=str)
def test_finite_differences_of_a_layer(kind, settings):
    module = layer(kind, 2, 2, **settings)
    hx = states(module)
    checked(module, normal(3, 2, 2), *(hx if isinstance(hx, tuple) else [hx]))


def test_finite_differences_of_a_projection_and_of_relu():
    module = nn.LSTM(2, 3, proj_size=2, rng=0)
    checked(module, normal(3, 2, 2), *states(module))
    module = nn.RNN(2, 3, nonlinearity="relu", rng=0)
    checked(module, normal(3, 2, 2), states(module))


@by_kind
def test_finite_differences_of_layers_on_layers(kind):
    module = layer(kind, 2, 2, 2, batch_first=True, dtype=np.float64)
    assert mg.gradcheck(lambda x: module(x)[0], normal(2, 3, 2), rng=1)
    assert mg.gradcheck(lambda module: module(normal(2, 3, 2))[0], module, rng=1)


@by_kind
def test_finite_differences_of_a_cell(kind):
    cell = layer(f"{kind}Cell", 2, 3)
    checked(cell, normal(2, 2), *(normal(2, 3, seed=i) for i in range(2 if kind == "LSTM" else 1)))


# --- Arrays, dtypes, copies -------------------------------------------------------------------


@by_kind
def test_float32_stays_float32(kind):
    module = layer(kind, 3, 4, 2, bidirectional=True)
    x = Tensor(normal(5, 2, 3, dtype=np.float32), True)
    outputs = flat(module(x))
    sum(y.sum() for y in outputs).backward()
    found = {t.dtype for t in (*outputs, x.grad, *(p.grad for p in module.parameters()))}
    assert found == {np.dtype(np.float32)}


@by_kind
def test_large_inputs_do_not_overflow(kind):
    module = layer(kind, 3, 4)
    with np.errstate(all="raise"):
        y, _ = module(Tensor(normal(5, 2, 3, dtype=np.float32) * 1e4))
    assert np.isfinite(y.data).all()


@by_kind
def test_without_recording_there_is_no_graph(kind):
    with mg.no_grad():
        y, *ends = flat(layer(kind, 3, 4)(normal(5, 2, 3)))
    assert not any(t.requires_grad for t in (y, *ends))


@by_kind
def test_ops_carry_the_path_of_the_layer(kind):
    net = nn.Sequential({"rnn": layer(kind, 3, 4), "last": Last(), "out": nn.Linear(4, 1)})
    y = net(normal(5, 2, 3, dtype=np.float32))
    paths = {node.path for node in topological(y) if node.op is not None}
    assert paths == {"rnn", "last", "out"}


class Last(nn.Module):
    """The output of a recurrent layer at the last step."""

    def forward(self, y):
        return y[0][-1]


@by_kind
def test_copies_and_state_dicts(kind):
    module, x = layer(kind, 3, 4, 2), normal(5, 2, 3, dtype=np.float32)
    other = layer(kind, 3, 4, 2, rng=1)
    other.load_state_dict(module.state_dict())
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module)), other):
        np.testing.assert_array_equal(twin(x)[0].data, module(x)[0].data)
        assert twin.weight_hh_l0 is not module.weight_hh_l0


@pytest.mark.parametrize(("module", "text"), [
    (nn.LSTM(3, 4), "LSTM(3, 4)"),
    (nn.RNN(3, 4, 2, "relu"), "RNN(3, 4, num_layers=2)"),
    (nn.LSTM(3, 4, 2, False, True, 0.5, True, 2), "LSTM(3, 4, proj_size=2, num_layers=2, "
     "bias=False, batch_first=True, dropout=0.5, bidirectional=True)"),
    (nn.GRU(3, 4, unroll=True), "GRU(3, 4, unroll=True)"),
    (nn.RNNCell(3, 4), "RNNCell(3, 4)"),
    (nn.RNNCell(3, 4, False, "relu"), "RNNCell(3, 4, bias=False, nonlinearity=relu)"),
    (nn.LSTMCell(3, 4), "LSTMCell(3, 4)"),
    (nn.GRUCell(3, 4, bias=False), "GRUCell(3, 4, bias=False)"),
])  # fmt: skip
def test_repr_as_in_pytorch(module, text):
    assert repr(module) == text


# --- Errors ---------------------------------------------------------------------------------

X, H = normal(5, 2, 3), np.zeros((1, 2, 4))


@pytest.mark.parametrize(("call", "error", "match"), [
    (lambda: nn.RNN(0, 4), ValueError, "RNN: input_size must be at least 1, got 0"),
    (lambda: nn.GRU(3, 4.5), TypeError, "GRU: hidden_size must be an int, got 4.5"),
    (lambda: nn.LSTM(3, 4, 0), ValueError, "LSTM: num_layers must be at least 1, got 0"),
    (lambda: nn.LSTM(3, 4, bias="no"), TypeError, "LSTM: bias is 'no', wanted True or False"),
    (lambda: nn.RNN(3, 4, 2, True), ValueError, "RNN: nonlinearity is True, wanted one"),
    (lambda: nn.RNN(3, 4, nonlinearity="gelu"), ValueError, "'gelu', wanted one of 'tanh', 'relu'"),
    (lambda: nn.RNNCell(3, 4, nonlinearity="x"), ValueError, "RNNCell: nonlinearity is 'x'"),
    (lambda: nn.GRU(3, 4, 2, dropout=1.5), ValueError, "GRU: dropout is 1.5, wanted a prob"),
    (lambda: nn.GRU(3, 4, 2, dropout=True), TypeError, "GRU: dropout is True"),
    (lambda: nn.GRU(3, 4, 2, dropout="0.5"), TypeError, "GRU: dropout is '0.5'"),
    (lambda: nn.LSTM(3, 4, proj_size=4), ValueError, "proj_size=4 must be smaller than hidden_s"),
    (lambda: nn.LSTM(3, 4, proj_size=-1), ValueError, "proj_size must be at least 0, got -1"),
    (lambda: nn.GRU(3, 4, proj_size=2), TypeError, "proj_size"),
    (lambda: nn.RNN(3, 4)(X[0, 0]), ValueError, r"RNN: the input has shape \(3,\), wanted \(L, N"),
    (lambda: nn.RNN(2, 4)(X), ValueError, r"shape \(5, 2, 3\), wanted \(L, N, 2\) or, for a"),
    (lambda: nn.GRU(2, 4, batch_first=True)(X), ValueError, r"wanted \(N, L, 2\) or"),
    (lambda: nn.LSTM(3, 4)(X[:0]), ValueError, "LSTM: the sequence has length 0, wanted at least"),
    (lambda: nn.LSTM(3, 4, batch_first=True)(X[:, :0]), ValueError, "the sequence has length 0"),
    (lambda: nn.RNN(3, 4)(X, H[:, :1]), ValueError,
     r"RNN: h_0 has shape \(1, 1, 4\), wanted \(1, 2, 4\), which is \(layers · directions, N, f"),
    (lambda: nn.RNN(3, 4)(X[:, 0], H), ValueError, r"wanted \(1, 4\), which is \(layers · direc"),
    (lambda: nn.LSTM(3, 4)(X, (H, H[..., :2])), ValueError, r"LSTM: c_0 has shape \(1, 2, 2\)"),
    (lambda: nn.LSTM(3, 4, proj_size=2)(X, (H, H)), ValueError, r"h_0 has .* wanted \(1, 2, 2\)"),
    (lambda: nn.LSTM(3, 4)(X, H), TypeError, r"LSTM: hx must be a pair \(h_0, c_0\) of tensors or "
     "arrays, got ndarray"),
    (lambda: nn.LSTM(3, 4)(X, (H,)), TypeError, "hx must be a pair"),
    (lambda: nn.GRU(3, 4)(X, (H, H)), TypeError, "GRU: hx must be one tensor or array, got tuple"),
    (lambda: nn.LSTMCell(3, 4)(X), ValueError, r"LSTMCell: the input has shape .* wanted \(N, 3\)"),
    (lambda: nn.GRUCell(3, 4)(X[0], H[0, 0]), ValueError, r"GRUCell: h has shape \(4,\), wanted "
     r"\(2, 4\), which is \(N, hidden_size\)"),
    (lambda: nn.LSTMCell(3, 4)(X[0], H[0]), TypeError, r"hx must be a pair \(h, c\)"),
])  # fmt: skip
def test_errors(call, error, match):
    with pytest.raises(error, match=match):
        call()
