"""There and back: files, states, vectors, samples; and the same computation in two forms."""

import math

import numpy as np
import pytest
from drawing_from import normal, repeatable, same, seeds
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import minigrad as mg
from minigrad import Value, nn
from minigrad.data import DataLoader, TensorDataset, random_split
from minigrad.nn.utils import parameters_to_vector, vector_to_parameters

names = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=8)
any_array = st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_]).flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
)


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_files_give_back_every_bit(ending, tmp_path):
    file = tmp_path / f"any.{ending}"

    @repeatable
    @given(st.dictionaries(names.filter(lambda n: n != "__metadata__"), any_array, max_size=4))
    def check(content):
        mg.save(content, file)
        found = mg.load(file)
        assert set(found) == set(content)
        for name, array in content.items():
            assert np.asarray(found[name]).dtype == array.dtype
            assert np.asarray(found[name]).shape == array.shape
            assert np.asarray(found[name]).tobytes() == array.tobytes()

    check()


@repeatable
@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_a_state_makes_another_network_the_same(seed, inputs, width):
    def network(seed):
        return nn.Sequential(nn.Linear(inputs, width, rng=seed), nn.BatchNorm1d(width), nn.ReLU())

    one, other = network(seed), network(seed + 1)
    x = mg.Tensor(normal(seed, 4, inputs).astype(np.float32))
    one(x)
    other.load_state_dict(one.state_dict())
    np.testing.assert_array_equal(one.eval()(x).data, other.eval()(x).data)


@repeatable
@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_parameters_as_a_vector_and_back(seed, inputs, outputs):
    one, other = (nn.Linear(inputs, outputs, rng=seed + k) for k in range(2))
    vector = parameters_to_vector(one.parameters())
    vector_to_parameters(vector, other.parameters())
    for p, q in zip(one.parameters(), other.parameters()):
        np.testing.assert_array_equal(p.data, q.data)


@repeatable
@given(seeds)
def test_a_state_of_the_generator_repeats_what_follows(seed):
    mg.manual_seed(seed)
    mg.rand(3)
    state = mg.get_rng_state()
    first = mg.randn(5).data
    mg.set_rng_state(state)
    np.testing.assert_array_equal(mg.randn(5).data, first)


@repeatable
@given(seeds, st.integers(1, 30), st.integers(1, 8), st.booleans(), st.booleans())
def test_a_loader_gives_each_sample_once(seed, n, batch_size, shuffle, drop_last):
    data = TensorDataset(np.arange(n), 10 * np.arange(n))
    loader = DataLoader(data, batch_size, shuffle=shuffle, drop_last=drop_last, rng=seed)
    batches = [(np.asarray(x), np.asarray(y)) for x, y in loader]
    seen = np.concatenate([x for x, _ in batches]) if batches else np.array([])
    assert len(batches) == len(loader)
    assert len(set(seen.tolist())) == len(seen)
    assert len(seen) == (n // batch_size * batch_size if drop_last else n)
    assert all((y == 10 * x).all() for x, y in batches)


@repeatable
@given(seeds, st.lists(st.integers(0, 8), min_size=1, max_size=4))
def test_parts_of_a_random_split_are_the_whole(seed, lengths):
    parts = random_split(TensorDataset(np.arange(sum(lengths))), lengths, rng=seed)
    seen = [int(np.asarray(sample[0])) for part in parts for sample in part]
    assert [len(part) for part in parts] == lengths
    assert sorted(seen) == list(range(sum(lengths)))


UNARY = ("tanh", "exp", "sin", "relu", "sigmoid")
STEPS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=25
)


def program(steps, leaves):
    """A random expression graph: it works on Values, on Tensors and on floats alike."""
    values = list(leaves)
    for op, i, j in steps:
        a, b = values[i % len(values)], values[j % len(values)]
        if op < len(UNARY):
            y = tanh(a) if UNARY[op] == "exp" and number(a) > 3 else applied(UNARY[op], a)
        else:
            y = (a + b, a - b, a * b, a / (b * b + 1.0))[op - len(UNARY)]
        values.append(y if abs(number(y)) < 20 else tanh(y))
    return values[-1]


def number(x):
    return float(getattr(x, "data", x))


def tanh(x):
    return applied("tanh", x)


def applied(name, x):
    if isinstance(x, float):
        plain = {"relu": lambda x: max(x, 0.0), "sigmoid": lambda x: 1 / (1 + math.exp(-x))}
        return plain.get(name, getattr(math, name, None))(x)
    return getattr(x, name)() if isinstance(x, Value) else getattr(mg, name)(x)


@repeatable
@given(STEPS, seeds)
def test_VAL_13_a_value_is_a_tensor_of_one_number(steps, seed):
    xs = [float(x) for x in normal(seed, 4)]
    values = [Value(x) for x in xs]
    tensors = [mg.Tensor(x, requires_grad=True) for x in xs]
    y, z = program(steps, values), program(steps, tensors)
    y.backward()
    z.backward()
    same(y.data, z.data)
    same([v.grad for v in values], [0.0 if t.grad is None else t.grad.item() for t in tensors])


@repeatable
@given(STEPS, seeds)
def test_recording_computes_what_python_computes(steps, seed):
    xs = [float(x) for x in normal(seed, 4)]
    same(program(steps, [Value(x) for x in xs]).data, program(steps, xs), rtol=1e-12)


@repeatable
@given(STEPS, seeds)
def test_random_graphs_have_the_slopes_of_finite_differences(steps, seed):
    assert mg.gradcheck(lambda *xs: program(steps, xs), tuple(normal(seed, 4)), rng=seed)
