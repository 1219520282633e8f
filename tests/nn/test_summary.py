"""summary: the table, the numbers in it, and that nothing is left of the run behind it."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, nn
from minigrad.nn import functional as F


def convolutional():
    return nn.Sequential(
        {
            "block": nn.Sequential(nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU()),
            "flat": nn.Flatten(),
            "out": nn.Linear(4 * 6 * 6, 10),
        }
    )


class Tied(nn.Module):
    """Two inputs, two outputs, a weight that two layers share, a layer that runs twice, and one
    that never does."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(np.ones(1, np.float32))
        self.a, self.b = nn.Linear(5, 5, bias=False), nn.Linear(5, 5)
        self.b.weight = self.a.weight
        self.act, self.unused = nn.Tanh(), nn.Linear(2, 2)
        self.heads = nn.ModuleList([nn.Linear(5, 3), nn.Linear(5, 4)])

    def forward(self, x, y):
        h = self.act(self.b(self.act(self.a(x + y)))) * self.scale
        return {"heads": [head(h) for head in self.heads]}


# --- The table ------------------------------------------------------------------------------


def test_the_table_of_a_convolutional_network():
    net = convolutional()
    net.block.requires_grad_(False)
    assert str(net.summary((1, 8, 8))) == (
        "path     type         output shape  parameters  frozen\n"
        "─────────────────────────────────────────────────────────\n"
        "         input        (1, 1, 8, 8)\n"
        "(model)  Sequential   (1, 10)\n"
        "block    Sequential   (1, 4, 6, 6)\n"
        "block.0  Conv2d       (1, 4, 6, 6)          36      36\n"
        "block.1  BatchNorm2d  (1, 4, 6, 6)           8       8\n"
        "block.2  ReLU         (1, 4, 6, 6)\n"
        "flat     Flatten      (1, 144)\n"
        "out      Linear       (1, 10)            1,450\n"
        "─────────────────────────────────────────────────────────\n"
        "parameters  1,494  5.98 kB  1,450 trainable, 44 frozen\n"
        "buffers         9  0.04 kB\n"
        "outputs            2.34 kB  of all layers, for this input"
    )


def test_the_table_of_tied_unused_and_repeated_layers():
    found = Tied().summary([(5,), (5,)])
    assert (
        repr(found)
        == str(found)
        == (
            "path     type        output shape      parameters  shared\n"
            "─────────────────────────────────────────────────────────\n"
            "         input       (1, 5), (1, 5)\n"
            "(model)  Tied        (1, 3), (1, 4)             1\n"
            "a        Linear      (1, 5)                    25\n"
            "b        Linear      (1, 5)                     5      25\n"
            "act      Tanh        (1, 5) × 2 calls\n"
            "unused   Linear      not called                 6\n"
            "heads    ModuleList\n"
            "heads.0  Linear      (1, 3)                    18\n"
            "heads.1  Linear      (1, 4)                    24\n"
            "─────────────────────────────────────────────────────────\n"
            "parameters  79  0.32 kB  all trainable\n"
            "buffers      0  0.00 kB\n"
            "outputs         0.11 kB  of all layers, for this input"
        )
    )


def test_numbers_are_data_too():
    net = convolutional()
    net.out.bias.requires_grad = False
    found = net.summary((1, 8, 8), batch_size=3)
    assert found.input_shapes == ((3, 1, 8, 8),)
    assert [row.path for row in found.rows] == [path for path, _ in net.named_modules()]
    out = found.rows[-1]
    assert (out.path, out.type, out.calls, out.output_shapes) == ("out", "Linear", 1, ((3, 10),))
    assert (out.parameters, out.frozen, out.shared) == (1450, 10, 0)
    total = found.total
    assert total.parameters == sum(p.size for p in net.parameters()) == 1494
    assert (total.trainable, total.frozen, total.buffers) == (1484, 10, 9)
    assert (total.parameter_bytes, total.buffer_bytes) == (4 * 1494, 4 * 8 + 8)
    assert total.output_bytes == 4 * 3 * (4 * 144 + 10)  # flattening copies images


def test_what_is_shared_counts_once():
    found = Tied().summary([(5,), (5,)])
    rows = {row.path: row for row in found.rows}
    assert (rows["a"].parameters, rows["a"].shared) == (25, 0)
    assert (rows["b"].parameters, rows["b"].shared) == (5, 25)
    assert rows[""].parameters == 1
    assert found.total.parameters == 1 + 25 + 5 + 6 + 18 + 24
    assert (rows["act"].calls, rows["act"].output_bytes) == (2, 2 * 20)
    assert (rows["unused"].calls, rows["unused"].output_shapes) == (0, ())
    assert rows[""].output_shapes == ((1, 3), (1, 4))


def test_without_an_input_the_parameters_are_counted():
    found = nn.Sequential(nn.Linear(4, 8), nn.ReLU()).summary()
    assert str(found) == (
        "path     type        parameters\n"
        "──────────────────────────────────────\n"
        "(model)  Sequential\n"
        "0        Linear              40\n"
        "1        ReLU\n"
        "──────────────────────────────────────\n"
        "parameters  40  0.16 kB  all trainable\n"
        "buffers      0  0.00 kB"
    )
    assert (found.input_shapes, found.total.output_bytes) == ((), 0)


def test_large_models_are_measured_in_megabytes():
    found = nn.Linear(1000, 1000, bias=False).summary(1000)
    assert "parameters  1,000,000  4.00 MB  all trainable" in str(found)


def test_what_shares_memory_takes_none():
    found = nn.Sequential(nn.Flatten(), nn.Identity(), nn.ReLU()).summary((2, 3))
    assert [row.output_bytes for row in found.rows] == [24, 0, 0, 24]


# --- The input ------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "shape"), [
    (4, (1, 4)), ((4,), (1, 4)), ([4], (1, 4)), ([(4,)], (1, 4)), ((3, 4), (1, 3, 4)),
])  # fmt: skip
def test_shapes_go_without_the_batch_axis(given, shape):
    assert nn.Linear(4, 2).summary(given).input_shapes == (shape,)


def test_batch_size():
    assert nn.Linear(4, 2).summary(4, batch_size=7).rows[0].output_shapes == ((7, 2),)
    assert nn.Linear(4, 2).summary((5, 4), batch_size=None).rows[0].output_shapes == ((5, 2),)


def test_the_input_has_the_dtype_of_the_parameters():
    seen = []

    class Watched(nn.Linear):
        def forward(self, x):
            seen.append((x.dtype, x.data.any(), self.training, mg.is_grad_enabled()))
            return super().forward(x)

    Watched(2, 2).double().summary(2)
    Watched(2, 2).summary(2)
    assert [dtype for dtype, *_ in seen] == [np.float64, np.float32]
    assert all(rest == [False, False, False] for _, *rest in seen)


def test_dtypes_of_indices():
    class Lookup(nn.Module):
        def __init__(self):
            super().__init__()
            self.vectors = nn.Parameter(np.ones((6, 3), np.float32))

        def forward(self, index, x):
            return self.vectors[index] * x

    found = Lookup().summary([(4,), (1, 1)], dtype=[np.int64, None])
    assert found.rows[0].output_shapes == ((1, 4, 3),)
    with pytest.raises(ValueError, match="dtype has 1 entries, input_shape 2"):
        Lookup().summary([(4,), (1, 1)], dtype=[int])


@pytest.mark.parametrize("shape", [(-1,), 3.5, (2.0,), (1, None), "ab", [(2,), (None,)]])
def test_what_is_no_shape(shape):
    with pytest.raises(ValueError, match="is no shape; wanted whole numbers"):
        nn.Linear(2, 2).summary(shape)


def test_an_error_of_forward_says_what_it_was_run_on():
    with pytest.raises(ValueError, match="conv2d") as caught:
        convolutional().summary((64, 1, 8, 8))
    note = caught.value.__notes__[-1]
    assert "summary ran Sequential on zeros (1, 64, 1, 8, 8) of float32" in note
    assert "batch_size=None" in note


# --- What is left behind: nothing -----------------------------------------------------------


class Restless(nn.Module):
    """Changes all that forward can change, and may fail at the end."""

    def __init__(self, fails=False):
        super().__init__()
        self.norm, self.drop = nn.BatchNorm1d(3), nn.Dropout(0.5, rng=5)
        self.noise, self.seen, self.runs = np.random.default_rng(3), [], 0
        self.register_buffer("steps", np.zeros(2))
        self.register_buffer("latest", np.zeros(3))
        self.fails = fails

    def forward(self, x):
        self.train()
        x = self.drop(self.norm(x.repeat(2, axis=0)))
        x = x + self.noise.normal(size=3).astype(np.float32) + mg.rand(3, dtype=np.float32)
        x = F.dropout(x)
        self.steps.data[...] += 1
        self.latest = x.detach()
        self.seen.append(x)
        self.runs += 1
        self.late = nn.Linear(3, 3)
        if self.fails:
            raise ZeroDivisionError
        return self.late(x)


def everything(net):
    """All that may differ between before and after."""
    return {
        "attributes": {path: dict(vars(m)) for path, m in net.named_modules()},
        "modes": [m.training for m in net.modules()],
        "state": {name: (id(x), x.data.tobytes()) for name, x in net.named_buffers()},
        "grads": {name: (id(p.grad), p.grad.data.tobytes()) for name, p in net.named_parameters()},
        "generators": [mg.get_rng_state(r) for r in (None, net.noise, net.drop.rng)],
        "lists": list(net.seen),
        "roles": dict(net._roles),
        "hooks": [list(m._hooks) for m in net.modules()],
        "recording": mg.is_grad_enabled(),
    }


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_changed(fails):
    net, calls = Restless(fails), []
    for p in net.parameters():
        p.grad = np.ones(p.shape, np.float32)
    net.drop.eval()
    net.norm.register_forward_hook(lambda m, args, y: calls.append(y))
    before = everything(net)
    if fails:
        with pytest.raises(ZeroDivisionError):
            net.summary(3)
    else:
        assert net.summary(3).rows[0].output_shapes == ((2, 3),)
    assert everything(net) == before
    assert calls == []


def test_a_recorded_graph_stays_valid():
    net = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    loss = (net(Tensor(np.eye(4, 3, dtype=np.float32))) ** 2).sum()
    net.summary(3)
    loss.backward()
    assert net[0].weight.grad is not None
