"""Module: what belongs to it, by which name, and what running it leaves behind."""

from __future__ import annotations

import copy
import pickle
import threading
import warnings

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn, optim
from minigrad.graph import topological
from minigrad.nn import functional as F


class Net(nn.Module):
    """Two layers, one of them in a list, and a buffer."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 3, rng=0)
        self.others = nn.ModuleList([nn.Linear(3, 3, rng=1), nn.Linear(3, 1, rng=2)])
        self.scale = nn.Parameter([2.0])
        self.register_buffer("count", np.zeros(2))
        self.register_buffer("scratch", np.zeros(1), persistent=False)

    def forward(self, x):
        x = F.relu(self.first(x))
        for layer in self.others:
            x = layer(x)
        return x * self.scale


class Plain(nn.Module):
    """Nothing but what a test assigns."""


PATHS = ["scale", "first.weight", "first.bias", "others.0.weight", "others.0.bias",
         "others.1.weight", "others.1.bias"]  # fmt: skip


# --- The tree -------------------------------------------------------------------------------


def test_parameters_are_found_in_the_order_of_the_tree():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == PATHS
    assert [name for name, _ in net.named_parameters("net")] == [f"net.{p}" for p in PATHS]
    assert [name for name, _ in net.named_parameters(recurse=False)] == ["scale"]
    assert list(map(id, net.parameters())) == [id(p) for _, p in net.named_parameters()]


def test_modules_children_and_buffers():
    net = Net()
    names = [name for name, _ in net.named_modules()]
    assert names == ["", "first", "others", "others.0", "others.1"]
    assert [name for name, _ in net.named_children()] == ["first", "others"]
    assert list(net.children()) == [net.first, net.others]
    assert next(net.modules()) is net
    assert [name for name, _ in net.named_buffers()] == ["count", "scratch"]
    assert list(net.buffers()) == [net.count, net.scratch]


def test_what_is_shared_comes_once():
    tied = Plain()
    tied.a = tied.b = nn.Linear(2, 2)
    tied.c = nn.Linear(2, 2)
    tied.c.weight = tied.a.weight
    assert [name for name, _ in tied.named_parameters()] == ["a.weight", "a.bias", "c.bias"]
    assert [name for name, _ in tied.named_children()] == ["a", "c"]
    everything = [name for name, _ in tied.named_parameters(remove_duplicate=False)]
    assert everything == ["a.weight", "a.bias", "b.weight", "b.bias", "c.weight", "c.bias"]


def test_a_parameter_that_is_none_is_not_listed_and_can_be_set_later():
    layer = nn.Linear(2, 2, bias=False)
    assert layer.bias is None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    layer.bias = nn.Parameter([1.0, 2.0])
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    layer.bias = None
    assert len(list(layer.parameters())) == 1


def test_a_deleted_attribute_is_no_longer_part_of_it():
    net = Net()
    del net.others
    assert [name for name, _ in net.named_children()] == ["first"]
    assert not hasattr(net, "others")


def test_a_parameter_takes_its_attributes_name_unless_it_has_one():
    module = Plain()
    module.w = nn.Parameter([1.0])
    module.v = nn.Parameter([1.0], name="velocity")
    assert (module.w.name, module.v.name) == ("w", "velocity")


def test_parameter_keeps_the_dtype_of_its_data_and_copies_it():
    for dtype in (np.float16, np.float32, np.float64):
        data = np.ones(2, dtype)
        parameter = nn.Parameter(data)
        assert (parameter.dtype, parameter.requires_grad) == (dtype, True)
        assert not np.shares_memory(parameter.data, data)
    assert not nn.Parameter([1.0], requires_grad=False).requires_grad
    with pytest.raises(TypeError, match="floating point"):
        nn.Parameter(np.arange(3))


# --- Assignments that would go wrong --------------------------------------------------------


@pytest.mark.parametrize("value", [nn.Parameter([1.0]), nn.ReLU()])
def test_SAV_20_assigning_before_init(value):
    class Hasty(nn.Module):
        def __init__(self):
            self.part = value
            super().__init__()

    with pytest.raises(AttributeError, match=r"super\(\).__init__\(\)"):
        Hasty()


def test_plain_values_may_be_assigned_before_init():
    class Early(nn.Module):
        def __init__(self):
            self.width = 3
            super().__init__()

    assert Early().width == 3


def test_SAV_21_a_plain_tensor_is_no_parameter():
    layer = nn.Linear(2, 2)
    before = layer.weight
    with pytest.raises(TypeError, match=r"Tensor.*parameter 'weight'.*nn\.Parameter"):
        layer.weight = Tensor(np.ones((2, 2)))
    assert layer.weight is before
    net = Net()
    with pytest.raises(TypeError, match=r"str.*buffer 'count'"):
        net.count = "many"
    with pytest.raises(TypeError, match=r"float.*child module 'first'"):
        net.first = 1.0


def test_an_array_assigned_to_a_buffer_becomes_its_tensor():
    net = Net()
    net.count = np.array([4.0, 5.0])
    assert isinstance(net.count, Tensor)
    assert dict(net.named_buffers())["count"].tolist() == [4.0, 5.0]


@pytest.mark.parametrize("name", ["", "a.b"])
def test_SAV_04_names_that_state_dicts_cannot_hold(name):
    module = Plain()
    with pytest.raises(KeyError, match=repr(name)):
        module.register_parameter(name, nn.Parameter([1.0]))
    with pytest.raises(KeyError, match=repr(name)):
        module.register_buffer(name, np.ones(1))
    with pytest.raises(KeyError, match=repr(name)):
        module.add_module(name, nn.ReLU())
    assert list(module.named_parameters()) == []


def test_names_that_are_taken():
    module = Plain()
    module.width = 3
    with pytest.raises(KeyError, match="'width' already exists"):
        module.register_buffer("width", np.ones(1))
    with pytest.raises(KeyError, match="'forward' already exists"):
        module.forward = nn.ReLU()
    with pytest.raises(TypeError, match="a name must be a string, got 3"):
        module.register_buffer(3, np.ones(1))
    with pytest.raises(TypeError, match=r"list.*parameter 'w'"):
        module.register_parameter("w", [1.0])


@pytest.mark.parametrize(("kind", "wanted"), [(list, "ModuleList"), (tuple, "ModuleList")])
def test_SAV_19_a_plain_list_of_modules_is_warned_about(kind, wanted):
    module = Plain()
    with pytest.warns(UserWarning, match=rf"Plain\.layers is a plain {kind.__name__}.*{wanted}"):
        module.layers = kind([nn.ReLU(), nn.ReLU()])
    assert list(module.parameters()) == []  # and does not warn twice


def test_SAV_19_a_plain_dict_of_modules_is_warned_about():
    with pytest.warns(UserWarning, match=r"heads.*ModuleDict"):
        Plain().heads = {"a": nn.ReLU()}


@pytest.mark.parametrize("make", [
    lambda x: [[x], [x]], lambda x: ([x],), lambda x: {"a": [x]}, lambda x: [{"a": (x,)}],
    lambda x: {x}, lambda x: [1, "a", {"b": None, "c": x}],
])  # fmt: skip
def test_SAV_19_also_deep_inside(make):
    with pytest.warns(UserWarning, match=r"Plain\.layers is a plain .* of modules.*nn\.Module"):
        Plain().layers = make(nn.ReLU())
    with pytest.warns(UserWarning, match=r"Plain\.scales is a plain .* of parameters.*register"):
        Plain().scales = make(nn.Parameter([1.0]))
    module = Plain()
    module.act, module.scale = nn.ReLU(), nn.Parameter([1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module.again, module.scales = make(module.act), make(module.scale)


def test_a_list_may_contain_itself():
    module, ring = Plain(), [1]
    ring.append(ring)
    module.ring = ring
    assert list(module.parameters()) == []


def test_SAV_19_a_list_that_is_filled_later_is_warned_about_when_parameters_are_wanted():
    module = Plain()
    module.layers = []
    module.layers.append(nn.Linear(1, 1))
    with pytest.warns(UserWarning, match="layers"):
        assert list(module.parameters()) == []


def test_a_list_of_modules_that_are_registered_too_is_fine():
    module = Plain()
    module.a, module.b = nn.ReLU(), nn.ReLU()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module.order = [module.b, module.a]
        module.sizes = [1, 2]


def test_an_unknown_attribute():
    with pytest.raises(AttributeError, match="Linear has no attribute 'wieght'"):
        _ = nn.Linear(2, 2).wieght


def test_a_module_without_forward():
    with pytest.raises(NotImplementedError, match="Plain has to define forward"):
        Plain()(1)


# --- Running --------------------------------------------------------------------------------


def paths(root):
    return {node.op.name: node.path for node in topological(root) if node.op is not None}


def test_ops_carry_the_path_of_the_module_that_ran():
    net = Net()
    y = net(Tensor(np.ones((4, 2), np.float32)))
    linears = [node.path for node in topological(y) if node.op and node.op.name == "linear"]
    assert linears == ["first", "others.0", "others.1"]
    assert paths(y)["relu"] == ""
    assert paths(y)["multiply"] == ""


def test_paths_go_on_from_the_caller():
    outer = nn.Sequential({"body": Net(), "act": nn.Tanh()})
    found = paths(outer(Tensor(np.ones((4, 2), np.float32))))
    assert (found["linear"], found["multiply"], found["tanh"]) == ("body.others.1", "body", "act")


def test_a_slice_and_its_whole_both_name_their_own_modules():
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Tanh()), nn.Sigmoid())
    x = Tensor(np.ones((1, 2), np.float32))
    assert paths(net[1:](net[0](x)))["tanh"] == "1.0"
    assert paths(net(x)) == {"linear": "0", "tanh": "1.0", "sigmoid": "2"}


def test_a_module_outside_of_the_tree_runs_on_behalf_of_its_caller():
    helper = nn.Tanh()

    class Caller(nn.Module):
        def forward(self, x):
            return helper(x)

    net = nn.Sequential(Caller())
    assert paths(net(Tensor([1.0], requires_grad=True)))["tanh"] == "0"


def test_the_path_is_restored_after_an_exception_and_is_one_per_thread():
    class Broken(nn.Module):
        def forward(self, x):
            raise ZeroDivisionError

    net = nn.Sequential(Broken())
    with pytest.raises(ZeroDivisionError):
        net(Tensor([1.0], requires_grad=True))
    assert paths(nn.Tanh()(Tensor([1.0], requires_grad=True))) == {"tanh": ""}

    class Waiting(nn.Module):
        def forward(self, x):
            thread = threading.Thread(target=lambda: seen.append(paths(nn.Tanh()(x))))
            thread.start()
            thread.join()
            return x

    seen = []
    nn.Sequential(Waiting())(Tensor([1.0], requires_grad=True))
    assert seen == [{"tanh": ""}]


def test_no_grad_holds_inside_of_modules():
    with mg.no_grad():
        y = Net()(Tensor(np.ones((4, 2), np.float32)))
    assert not y.requires_grad


def test_forward_takes_keywords():
    class Scaled(nn.Module):
        def forward(self, x, *, by):
            return x * by

    assert Scaled()(Tensor([2.0]), by=3.0).tolist() == [6.0]


def test_forward_hooks_see_and_change_the_output():
    layer, seen = nn.Tanh(), []
    handle = layer.register_forward_hook(lambda m, args, y: seen.append((m, args, y)))
    x = Tensor([0.5])
    y = layer(x)
    assert seen == [(layer, (x,), y)]
    handle.remove()
    layer(x)
    assert len(seen) == 1
    layer.register_forward_hook(lambda m, args, y: y * 0)
    assert layer(x).tolist() == [0.0]


# --- Everything at once ---------------------------------------------------------------------


def test_SAV_23_train_and_eval_reach_all_modules():
    net = Net()
    assert all(m.training for m in net.modules())
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    net.others.train()
    assert [m.training for m in net.modules()] == [False, False, True, True, True]
    with pytest.raises(ValueError, match="mode must be True or False, got 1"):
        net.train(1)


def test_apply_goes_from_below_upwards_in_order():
    net, seen = Net(), []
    assert net.apply(seen.append) is net
    assert seen == [net.first, net.others[0], net.others[1], net.others, net]


def test_zero_grad():
    net = Net()
    net(Tensor(np.ones((4, 2), np.float32))).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad(set_to_none=False)
    assert all((p.grad.data == 0).all() for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_requires_grad():
    net = Net()
    assert net.requires_grad_(False) is net
    assert not net(Tensor(np.ones((4, 2), np.float32))).requires_grad
    assert all(p.requires_grad for p in net.requires_grad_().parameters())


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_astype_converts_parameters_gradients_and_buffers(dtype):
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    net(Tensor(np.eye(2, dtype=np.float32))).sum().backward()
    before, parameters = net.state_dict(), list(net.parameters())
    assert net.astype(dtype) is net
    assert list(map(id, net.parameters())) == list(map(id, parameters))
    assert all(p.dtype == p.grad.dtype == dtype for p in net.parameters())
    assert net[1].running_mean.dtype == dtype
    assert net[1].num_batches_tracked.dtype == np.int64
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name].astype(array.dtype))
    y = net(Tensor(np.ones((2, 2), dtype)))
    assert y.dtype == dtype
    with pytest.raises(TypeError, match="no floating-point dtype"):
        net.astype(int)


def test_float_and_double():
    layer = nn.Linear(2, 2)
    assert layer.double().weight.dtype == np.float64
    assert layer.float().weight.dtype == np.float32


# --- Copies ---------------------------------------------------------------------------------


def copies(module):
    return [copy.deepcopy(module), pickle.loads(pickle.dumps(module))]


def test_SAV_22_copies_have_parameters_of_their_own_and_keep_ties():
    net = Net()
    net.others[1].bias = net.scale
    x = Tensor(np.ones((4, 2), np.float32))
    net(x).sum().backward()
    for other in copies(net):
        assert other.others[1].bias is other.scale
        assert other.scale is not net.scale
        np.testing.assert_array_equal(other.scale.grad.data, net.scale.grad.data)
        assert not np.shares_memory(other.scale.data, net.scale.data)
        assert type(other.scale) is nn.Parameter
        assert paths(other(x))["linear"] == "others.1"
        np.testing.assert_array_equal(other(x).data, net(x).data)
        other.first.weight.data[...] = 7
        assert not (net.first.weight.data == 7).any()


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_of_a_tied_model_learns_by_itself_and_stays_tied(duplicate):
    net = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Dropout(0.5, rng=1), nn.Linear(2, 2, rng=2))
    net[2].weight = net[0].weight
    x = np.eye(2, dtype=np.float32)
    other = duplicate(net)
    before = net[0].weight.data.copy()
    optimizer = optim.SGD(other.parameters(), lr=0.5)
    other(x).sum().backward()
    optimizer.step()
    assert other[2].weight is other[0].weight
    assert len(list(other.parameters())) == 3
    assert (other[0].weight.data != before).any()
    np.testing.assert_array_equal(net[0].weight.data, before)
    assert net[0].weight.grad is None
    assert mg.get_rng_state(net[1].rng) != mg.get_rng_state(other[1].rng)
    assert other.double()[2].weight.dtype == np.float64
    assert net[2].weight.dtype == np.float32


def test_repr_is_a_tree():
    net = nn.Sequential({"body": nn.Sequential(nn.Linear(2, 3), nn.ReLU()), "out": nn.Dropout(0.1)})
    assert repr(net) == (
        "Sequential(\n"
        "  (body): Sequential(\n"
        "    (0): Linear(in_features=2, out_features=3, bias=True)\n"
        "    (1): ReLU()\n"
        "  )\n"
        "  (out): Dropout(p=0.1)\n"
        ")"
    )


def test_repr_with_settings_and_children():
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.act = nn.ReLU()

        def extra_repr(self):
            return "width=3"

    assert repr(Both()) == "Both(\n  width=3\n  (act): ReLU()\n)"
