"""Sequential, ModuleList, ModuleDict."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import Tensor, nn


def names(module):
    return [name for name, _ in module.named_children()]


def test_sequential_runs_in_order():
    net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU(), nn.Linear(3, 1, rng=1))
    x = Tensor(np.eye(2, dtype=np.float32))
    np.testing.assert_array_equal(net(x).data, net[2](net[1](net[0](x))).data)
    assert nn.Sequential()(x) is x


def test_sequential_by_a_dict():
    net = nn.Sequential({"hidden": nn.Linear(2, 3), "act": nn.ReLU()})
    assert names(net) == ["hidden", "act"]
    assert net.hidden is net[0]
    net.append(nn.Tanh())
    assert names(net) == ["hidden", "act", "2"]


def test_the_same_module_may_stand_twice_in_a_row():
    act = nn.Tanh()
    net = nn.Sequential(act, act)
    assert len(net) == 2
    np.testing.assert_array_equal(net(Tensor([1.0])).data, np.tanh(np.tanh([1.0])))


@pytest.mark.parametrize("kind", [nn.ModuleList, lambda modules: nn.Sequential(*modules)])
def test_like_a_list(kind):
    a, b, c, d = (nn.Linear(1, i + 1) for i in range(4))
    modules = kind([a, b])
    assert modules.append(c) is modules
    assert modules.extend([d]) is modules
    assert list(modules) == [a, b, c, d]
    assert (modules[0], modules[-1], len(modules)) == (a, d, 4)
    assert c in modules
    assert list(modules[1:3]) == [b, c]
    modules[1] = d
    assert list(modules) == [a, d, c, d]
    modules.insert(1, b)
    assert list(modules) == [a, b, d, c, d]
    del modules[2]
    assert list(modules) == [a, b, c, d]
    del modules[::2]
    assert list(modules) == [b, d]
    assert names(modules) == ["0", "1"]
    assert [name for name, _ in modules.named_parameters()] == [
        "0.weight", "0.bias", "1.weight", "1.bias"]  # fmt: skip


def test_SAV_23_a_slice_of_a_sequential_keeps_modules_and_names():
    net = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    part = net[1:]
    assert type(part) is nn.Sequential
    assert (list(part), names(part)) == ([net[1], net[2]], ["1", "2"])
    assert names(part.append(nn.Tanh())) == ["1", "2", "3"]
    assert len(net) == 3


@pytest.mark.parametrize("index", [3, -4])
def test_an_index_out_of_range(index):
    modules = nn.ModuleList([nn.ReLU()] * 3)
    with pytest.raises(IndexError, match=f"ModuleList: index {index} in a list of 3 modules"):
        modules[index]


@pytest.mark.parametrize("make", [
    lambda: nn.Sequential(nn.ReLU(), "tanh"),
    lambda: nn.ModuleList([len]),
    lambda: nn.ModuleDict({"a": 1}),
    lambda: nn.ModuleList([[nn.ReLU()]]),
])  # fmt: skip
def test_what_is_no_module(make):
    with pytest.raises(TypeError, match=r"child module '.*wanted an nn\.Module"):
        make()


def test_like_a_dict():
    a, b = nn.Linear(1, 1), nn.Linear(1, 2)
    modules = nn.ModuleDict({"a": a})
    modules["b"] = b
    assert (list(modules), list(modules.values())) == (["a", "b"], [a, b])
    assert list(modules.items()) == [("a", a), ("b", b)]
    assert modules["b"] is b
    assert "a" in modules
    assert "c" not in modules
    assert len(list(modules.parameters())) == 4
    modules.update([("a", b)])
    assert modules["a"] is b
    del modules["a"]
    assert len(modules) == 1
    with pytest.raises(KeyError, match="no module 'x'; there are b"):
        modules["x"]


def test_a_name_that_a_dict_cannot_hold():
    with pytest.raises(KeyError, match="'keys' already exists"):
        nn.ModuleDict({"keys": nn.ReLU()})
