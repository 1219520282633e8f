"""What is recorded of the module that runs: its path, and what pictures say of it."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

from minigrad import nn
from minigrad.graph import topological
from minigrad.nn.module import running
from minigrad.recording import ModulePath, recording
from minigrad.tensor import Tensor

X = Tensor(np.ones((2, 3), np.float32), name="X")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(3, 3, rng=0), nn.Tanh())])
        self.out = nn.Linear(3, 2, rng=0)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.out(x) * 2.0


def paths(root):
    return [node.path for node in topological(root) if node.op is not None]


def test_a_path_is_a_text_that_knows_its_module():
    inner, bend, out, outside = paths(Net()(X))
    assert (inner, bend, out, outside) == ("blocks.0.0", "blocks.0.1", "out", "")
    assert isinstance(inner, ModulePath) and not isinstance(outside, ModulePath)
    assert inner.kind == "Linear(in_features=3, out_features=3, bias=True)"
    assert bend.kind == "Tanh" and bend.parameters == frozenset()
    assert inner.parameters == {"weight", "bias"}
    assert (inner.outer, inner.outer.kind, inner.outer.outer) == ("blocks.0", "Sequential", "")


def test_every_call_records_the_same_object():
    net = Net()
    assert all(a is b for a, b in zip(paths(net(X)), paths(net(X))))


def test_one_layer_in_two_places_has_two_paths():
    layer = nn.Linear(3, 3, rng=0)
    first, second = nn.Sequential({"one": layer}), nn.Sequential({"two": layer})
    assert paths(first(X)) == ["one"] and paths(second(X)) == ["two"] and paths(first(X)) == ["one"]
    outer = nn.Sequential({"a": first, "b": second})
    assert paths(outer(X)) == ["a.one", "b.two"]


def test_a_renamed_layer_is_found_by_its_new_name():
    net = Net()
    net(X)
    net.head = net.out
    del net.out
    net.forward = lambda x: net.head(x)
    assert paths(net(X)) == ["head"]


def test_a_layer_that_is_not_below_its_caller_records_the_callers_path():
    stranger = nn.Linear(3, 3, rng=0)

    class Borrowing(nn.Module):
        def forward(self, x):
            return stranger(x)

    (path,) = paths(nn.Sequential({"b": Borrowing()})(X))
    assert path == "b" and path.kind == "Borrowing"
    assert paths(stranger(X)) == [""]


def test_a_repr_that_fails_ends_no_training():
    class Unfinished(nn.Module):
        def extra_repr(self):
            raise KeyError("size")

        def forward(self, x):
            return self.inner(x)

    model = Unfinished()
    model.inner = nn.Linear(3, 1, rng=0)
    holder = nn.Sequential({"m": model})
    (path,) = paths(holder(X))
    assert path.outer.kind == "Unfinished"


def test_a_graph_keeps_no_module_alive():
    net = Net()
    root = net(X)
    gone = [weakref.ref(module) for module in net.modules()]
    del net
    gc.collect()
    assert [ref() for ref in gone] == [None] * len(gone)
    assert paths(root)[0].kind.startswith("Linear(")


def test_copies_and_pickles_do_not_carry_paths():
    net = nn.Sequential(nn.Linear(3, 3, rng=0))
    net(X)
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert other[0]._paths == {}
        assert paths(other(X)) == ["0"]


@pytest.mark.parametrize("fails", [False, True])
def test_the_path_is_restored(fails):
    class Failing(nn.Module):
        def forward(self, x):
            if fails:
                raise ValueError("no")
            return x

    before = recording.path
    try:
        nn.Sequential(Failing())(X)
    except ValueError:
        assert fails
    assert recording.path == before


def test_ctrl_c_before_forward_leaves_no_module_behind(monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(nn.Sequential, "_name_of", pressed)
    before = recording.path
    with pytest.raises(KeyboardInterrupt):
        nn.Sequential(nn.ReLU())(X)
    assert running.module is None and recording.path == before
