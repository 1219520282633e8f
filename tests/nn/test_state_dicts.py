"""State dicts: out, in, and what happens when they do not fit."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn, optim


def network(rng=0):
    generator = np.random.default_rng(rng)
    return nn.Sequential(
        nn.Linear(3, 4, rng=generator), nn.BatchNorm1d(4), nn.Linear(4, 2, rng=generator)
    )


KEYS = ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
        "1.num_batches_tracked", "2.weight", "2.bias"]  # fmt: skip


def test_keys_and_arrays():
    net = network()
    state = net.state_dict()
    assert list(state) == KEYS
    assert all(type(array) is np.ndarray for array in state.values())
    np.testing.assert_array_equal(state["2.weight"], net[2].weight.data)
    assert list(net.state_dict(prefix="net.")) == [f"net.{key}" for key in KEYS]


def test_a_temporary_buffer_is_left_out():
    module = nn.Module()
    module.register_buffer("kept", np.ones(1))
    module.register_buffer("scratch", np.ones(1), persistent=False)
    assert list(module.state_dict()) == ["kept"]


def test_SAV_09_a_state_dict_is_a_snapshot():
    net = network()
    state = net.state_dict()
    before = {name: array.copy() for name, array in state.items()}
    net(Tensor(np.eye(4, 3, dtype=np.float32)))
    for p in net.parameters():
        p.data += 1
    for name, array in state.items():
        np.testing.assert_array_equal(array, before[name])


def test_SAV_10_loading_writes_in_place_so_an_optimizer_stays_attached():
    net, other = network(0), network(1)
    optimizer = optim.SGD(net.parameters(), lr=1.0)
    parameters, arrays = list(net.parameters()), [p.data for p in net.parameters()]
    assert net.load_state_dict(other.state_dict()) == ([], [])
    assert all(a is b for a, b in zip(net.parameters(), parameters))
    assert all(p.data is a for p, a in zip(net.parameters(), arrays))
    net[0].weight.grad = np.ones((4, 3), np.float32)
    optimizer.step()
    np.testing.assert_allclose(net[0].weight.data, other[0].weight.data - 1)


def test_SAV_08_dtypes_of_the_module_stay():
    net = network()
    state = {name: array.astype(np.float64) for name, array in network(1).state_dict().items()}
    state["1.num_batches_tracked"] = np.array(3)
    net.load_state_dict(state)
    assert {p.dtype for p in net.parameters()} == {np.dtype(np.float32)}
    assert net[1].num_batches_tracked.item() == 3


def test_tensors_and_lists_can_be_loaded():
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": [[1.0, 2.0]], "bias": Tensor([3.0])})
    assert (layer.weight.tolist(), layer.bias.tolist()) == ([[1.0, 2.0]], [3.0])


def test_SAV_05_and_06_all_that_is_wrong_is_named_at_once_and_nothing_changes():
    net = network()
    before = net.state_dict()
    state = network(1).state_dict()
    del state["2.bias"]
    state["0.weight"] = np.zeros((3, 4))
    state["more"] = np.zeros(5)
    state["1.num_batches_tracked"] = np.array(1.5)
    with pytest.raises(ValueError, match="nothing loaded") as error:
        net.load_state_dict(state)
    message = str(error.value)
    for part in (
        "wrong shape: '0.weight' is (3, 4), the module has (4, 3)",
        "wrong dtype: '1.num_batches_tracked' is float64, the module has int64",
        "missing: '2.bias' (2,)",
        "unexpected: 'more' (5,)",
    ):
        assert part in message
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_SAV_07_not_strict():
    net, other = network(), network(1)
    state = other.state_dict()
    del state["2.bias"]
    state["more"] = np.zeros(5)
    keys = net.load_state_dict(state, strict=False)
    assert (keys.missing_keys, keys.unexpected_keys) == (["2.bias"], ["more"])
    np.testing.assert_array_equal(net[0].weight.data, other[0].weight.data)
    with pytest.raises(ValueError, match="wrong shape"):
        net.load_state_dict({"0.weight": np.zeros(3)}, strict=False)


def test_what_is_no_dict_or_no_number():
    with pytest.raises(TypeError, match="wanted a dict of arrays, got list"):
        network().load_state_dict([1, 2])
    with pytest.raises(ValueError, match="wrong dtype: 'weight' is <U1"):
        nn.Linear(1, 1, bias=False).load_state_dict({"weight": [["x"]]})


def test_SAV_11_tied_parameters():
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    net[1].weight = net[0].weight
    state = net.state_dict()
    assert len(list(net.parameters())) == 1
    assert list(state) == ["0.weight", "1.weight"]
    assert state["0.weight"] is state["1.weight"]
    net.load_state_dict({"0.weight": np.eye(2), "1.weight": np.eye(2)})
    assert net[1].weight is net[0].weight
    np.testing.assert_array_equal(net[0].weight.data, np.eye(2))


@pytest.mark.parametrize("given", ["0.weight", "1.weight"])
def test_one_path_of_a_tied_parameter_is_enough(given):
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    net[1].weight = net[0].weight
    assert net.load_state_dict({given: np.eye(2)}) == ([], [])
    np.testing.assert_array_equal(net[0].weight.data, np.eye(2))
    with pytest.raises(ValueError, match=r"missing: '0.weight' \(2, 2\)\n  missing: '1.weight'"):
        net.load_state_dict({})


def test_a_whole_checkpoint_is_no_state_dict():
    net = network()
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    state = {
        "model": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "losses": [[1], [1, 2]],
    }
    with pytest.raises(ValueError, match="nothing loaded") as error:
        net.load_state_dict(state)
    for name, what in (("model", "dict"), ("optimizer", "dict"), ("losses", "list")):
        assert f"unexpected: {name!r} {what}" in str(error.value)


def test_a_damaged_file_of_a_network_is_a_load_error_and_leaves_it_as_it_is(tmp_path):
    net, rng = network(), np.random.default_rng(0)
    before = net.state_dict()
    for suffix in (".npz", ".safetensors"):
        path = tmp_path / f"net{suffix}"
        mg.save(network(1).state_dict(), path)
        whole = path.read_bytes()
        for _ in range(60):
            damaged = bytearray(whole)
            damaged[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
            path.write_bytes(damaged)
            try:
                net.load_state_dict(mg.load(path))
            except mg.LoadError:
                continue
            except ValueError as error:
                assert "nothing loaded" in str(error)  # a name was damaged
                continue
            after = net.state_dict()  # what was damaged did not matter: a date, say
            assert {k: x.tobytes() for k, x in after.items()} == {
                k: x.tobytes() for k, x in network(1).state_dict().items()
            }
            net.load_state_dict(before)
        for cut in rng.integers(len(whole), size=20):
            path.write_bytes(whole[:cut])
            with pytest.raises(mg.LoadError):
                mg.load(path)
        assert all((before[k] == x).all() for k, x in net.state_dict().items())


def test_loading_makes_recorded_graphs_out_of_date():
    layer = nn.Linear(2, 2)
    loss = (layer(Tensor(np.ones((1, 2), np.float32))) ** 2).sum()
    layer.load_state_dict(nn.Linear(2, 2).state_dict())
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()
