"""How much a full check evaluates, and that its shortcuts see nothing else than the function."""

import tracemalloc

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.check import gradcheck, gradgradcheck
from minigrad.check.examine import WORTHWHILE
from minigrad.check.point import copies
from minigrad.check.shortcut import Shortcut, alike
from minigrad.check.slices import Slices
from minigrad.check.subject import bound
from minigrad.ops.primitive import array_of

RNG = np.random.default_rng(3)
IMAGES = RNG.normal(size=(4, 1, 6, 6))
LABELS = np.array([0, 2, 1, 1])
MATRIX = RNG.normal(size=(30, 10))
ROUND = 20  # calls at the point itself, and to find out whether a shortcut is right


class Counted:
    """A function that counts its calls."""

    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *args):
        self.calls += 1
        return self.function(*args)


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, bias=False, rng=0),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 6, 3, rng=1),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(6, 3, rng=2),
    ).double()


def loss(net):
    return mg.cross_entropy(net(IMAGES), LABELS)


def shortcut_of(function, inputs):
    subject = bound(function, inputs)
    return Shortcut(subject, copies(subject), None, np.random.default_rng(0))


def without_shortcut(monkeypatch):
    """From now on every evaluation is a call of the function."""
    monkeypatch.setattr(Shortcut, "trusted", lambda self, wider: False)


# --- How many evaluations ---------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 12, 75, 300])
def test_four_calls_for_a_smooth_entry(size, monkeypatch):
    without_shortcut(monkeypatch)
    function = Counted(lambda x: mg.tanh(x).sum())
    gradcheck(function, RNG.normal(size=size))
    assert 4 * size <= function.calls <= 4 * size + ROUND


@pytest.mark.parametrize("size", [WORTHWHILE, 75, 300, 1200])
def test_calls_do_not_grow_where_ops_can_run_again(size):
    function = Counted(lambda x: mg.tanh(x).sum())
    assert gradcheck(function, RNG.normal(size=size)).rows[0].compared == size
    assert function.calls <= ROUND


def test_more_calls_for_entries_in_doubt_only(monkeypatch):
    x = RNG.normal(size=100)
    x[[7, 60]] = 0
    quick = Counted(lambda x: mg.relu(x).sum())
    assert len(gradcheck(quick, x).kinks) == 2
    without_shortcut(monkeypatch)
    slow = Counted(quick.function)
    assert len(gradcheck(slow, x).kinks) == 2
    assert slow.calls <= 4 * 100 + quick.calls


def counting(counts, name):
    """x² that counts how often it is computed."""

    @mg.primitive(x=lambda g, y, x: 2 * g * x)
    def square(x):
        counts[name] = counts.get(name, 0) + 1
        return x * x

    return square


@pytest.mark.parametrize("size", [20, 60, 180])
def test_only_what_depends_on_an_input_runs_again(size):
    counts = {}
    early, late = counting(counts, "early"), counting(counts, "late")
    a, b = RNG.normal(size=10), RNG.normal(size=size)
    assert gradcheck(lambda a, b: (early(a).sum() * late(b)).sum(), (a, b))
    assert 4 * 10 <= counts["early"] <= 4 * 10 + ROUND
    assert 4 * size <= counts["late"] <= 4 * size + ROUND


def test_many_entries_in_one_run():
    counts = {}
    op = counting(counts, "op")
    assert gradcheck(lambda x: op(x).sum(), RNG.normal(size=(200, 5))).rows[0].compared == 1000
    assert counts["op"] <= 4 * 1000 / 16 + ROUND


@pytest.mark.parametrize("offset", [1e3, 1e7])
def test_steps_that_must_be_wider_are_found_once(offset):
    function = Counted(lambda x: (mg.tanh(x) + offset).sum())
    report = gradcheck(function, RNG.normal(size=600))
    assert report.rows[0].compared == 600
    assert function.calls < 200


def test_memory_does_not_grow_with_the_entries():
    peaks = []
    for size in (300, 1200):
        x = RNG.normal(size=size)
        tracemalloc.start()
        gradcheck(lambda x: mg.tanh(x).sum(), x)
        peaks.append(tracemalloc.get_traced_memory()[1] / size)
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
    assert peaks[1] < 10_000  # bytes for an entry


# --- The same answers -------------------------------------------------------------------------


@mg.primitive(x=lambda g, y, x: g * (1 + y * y))
def wrong_tanh(x):
    """tanh with a wrong sign in its rule"""
    return np.tanh(x)


def attention(x, w):
    q = x @ w
    return mg.softmax(q @ q.T, axis=-1) @ x


def two_outputs(x):
    return mg.tanh(x).sum(axis=0), mg.exp(x[3]) * x.mean()


SAME = {
    "cnn": lambda: (loss, cnn()),
    "images": lambda: (nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.ReLU()).double(), IMAGES),
    "attention": lambda: (attention, (RNG.normal(size=(5, 8)), RNG.normal(size=(8, 8)))),
    "wrong rule": lambda: (lambda x: wrong_tanh(x).sum(), MATRIX),
    "kinks": lambda: (lambda x: np.sum(abs(x), axis=0), np.round(MATRIX)),
    "two outputs": lambda: (two_outputs, MATRIX),
    "lstm": lambda: (lambda net: net(MATRIX.reshape(5, 6, 10))[0], nn.LSTM(10, 4, rng=0).double()),
    "rounding": lambda: (lambda x: np.log(np.exp(x) + 1e9), MATRIX),
    "float32 inside": lambda: (lambda x: np.exp(x.astype(np.float32)).sum(), MATRIX),
    "domain": lambda: (lambda x: np.log(x).sum(), np.abs(MATRIX) + 1e-7),
    "inverse": lambda: (lambda x: mg.linalg.inv(x @ x.T), RNG.normal(size=(5, 6))),
}


TOLERANT, STEP = {"atol": 1e-6, "rtol": 1e-6}, {"eps": 1e-4}


@pytest.mark.parametrize(
    ("name", "options"),
    [*((name, {}) for name in SAME), ("images", TOLERANT), ("kinks", TOLERANT), ("kinks", STEP)],
    ids=str,
)
def test_the_report_is_that_of_calls(name, options, monkeypatch):
    function, inputs = SAME[name]()
    quick = gradcheck(function, inputs, raise_exception=False, **options)
    assert quick == gradcheck(function, inputs, raise_exception=False, **options)
    without_shortcut(monkeypatch)
    slow = gradcheck(function, inputs, raise_exception=False, **options)
    assert [row.verdict for row in quick.rows] == [row.verdict for row in slow.rows]
    assert [f.place for f in quick.failures] == [f.place for f in slow.failures]
    assert quick.kinks == slow.kinks
    assert quick.worst == pytest.approx(slow.worst, rel=0.01, abs=1e-10)


@pytest.mark.parametrize("name", ["cnn", "attention", "two outputs", "lstm"])
def test_shortcuts_are_taken_there(name):
    assert shortcut_of(*SAME[name]()).trusted(1.0)


def test_second_derivatives_take_them_too(monkeypatch):
    def function(x, w):
        return np.tanh(x @ w).sum(axis=0)

    inputs = MATRIX[:6], MATRIX[:10, :4]
    taken = []
    trusted = Shortcut.trusted

    def watched(self, wider):
        taken.append(trusted(self, wider))
        return taken[-1]

    monkeypatch.setattr(Shortcut, "trusted", watched)
    assert gradgradcheck(function, inputs).worst < 1e-8
    assert taken
    assert all(taken)


def test_a_module_is_left_as_it_was():
    net = cnn()
    before = {name: x.copy() for name, x in net.state_dict().items()}
    gradcheck(loss, net)
    assert all(np.array_equal(x, before[name]) for name, x in net.state_dict().items())


@pytest.mark.parametrize("calls", range(1, 11))
def test_a_function_that_raises_at_some_time(calls):
    net = cnn()
    before = [(p, p.data, p.data.tobytes()) for p in net.parameters()]

    def failing(net):
        if function.calls >= calls:
            raise KeyError("boom")
        return loss(net)

    function = Counted(failing)
    with pytest.raises(KeyError, match="boom"):
        gradcheck(function, net)
    assert all(p.data is data and data.tobytes() == bits for p, data, bits in before)


# --- Where a shortcut would be another function -----------------------------------------------


class Detour(nn.Module):
    """A layer that uses its weight once more, around the graph."""

    def __init__(self, way):
        super().__init__()
        self.way, self.weight = way, nn.Parameter(RNG.normal(size=(4, 10)))

    def forward(self, x):
        return mg.linear(x, self.weight) * self.way(self.weight)


def hidden_weight(weight):
    """The weight's mean, by an op that reads it without being told."""

    @mg.primitive(x=lambda g, y, x: g)
    def op(x):
        return x + weight.data.mean()

    return op(mg.Tensor(1.0, requires_grad=True))


def detour(way):
    return Detour(way), MATRIX


AROUND = {
    "numpy": lambda: (lambda x: (x * x.data).sum(), MATRIX),
    "detach": lambda: (lambda x: (x * x.detach()).sum(), MATRIX),
    "one entry": lambda: (lambda x: mg.tanh(x).sum() + 1e-4 * np.sin(x.data[3, 4]), MATRIX),
    "item": lambda: (lambda x: mg.tanh(x).sum() * x[0, 1].item(), MATRIX),
    "no_grad": lambda: (lambda x: (x * mg.no_grad()(np.exp)(x)).sum(), MATRIX),
    "mask": lambda: (lambda x: (x * (1 / (1 + np.exp(-x.data)))).sum(), MATRIX),
    "second operand": lambda: (
        lambda x, w: (x @ w).sum() * w.data.std(),
        (MATRIX, MATRIX.T[:, :3]),
    ),
    "parameter": lambda: detour(lambda weight: weight.data.mean()),
    "parameter in an op": lambda: detour(hidden_weight),
}


@pytest.mark.parametrize("name", AROUND)
def test_a_detour_around_the_graph_is_found(name):
    function, inputs = AROUND[name]()
    assert not shortcut_of(function, inputs).trusted(1.0)
    report = gradcheck(function, inputs, raise_exception=False)
    assert {failure.kind for failure in report.failures} == {"wrong gradient"}


def test_only_the_entry_of_a_detour_is_wrong():
    function, x = AROUND["one entry"]()
    (failure,) = gradcheck(function, x, raise_exception=False).failures
    assert failure.index == (3, 4)


FEW = MATRIX[:4]


def branches(x):
    """2x or 3x: the other one from the point itself on."""
    return (2 * x if x.data.sum() > FEW.sum() else 3 * x).sum()


def relu_by_hand(x):
    return (x * (x.data > 0)).sum()


def largest_by_hand(x):
    return x.ravel()[int(x.data.argmax())] * 2


ZERO = np.where(np.arange(300).reshape(30, 10) % 50 == 7, 0.0, MATRIX)
TIE = np.where(np.arange(300).reshape(30, 10) % 50 == 7, 5.0, MATRIX)


@pytest.mark.parametrize(
    ("function", "x"), [(branches, FEW), (relu_by_hand, ZERO), (largest_by_hand, TIE)]
)
def test_a_branch_that_begins_at_the_point(function, x, monkeypatch):
    assert not shortcut_of(function, x).trusted(1.0)
    quick = gradcheck(function, x, raise_exception=False)
    without_shortcut(monkeypatch)
    assert quick == gradcheck(function, x, raise_exception=False)
    assert quick.kinks


def test_a_branch_that_is_far_away():
    assert shortcut_of(lambda x: mg.tanh(x) if x.data.sum() < 1e3 else -x, MATRIX).trusted(1.0)


def test_data_that_was_changed_on_the_way():
    def function(x):
        hidden = 2 * x
        hidden.data[...] += 1
        return mg.tanh(hidden).sum()

    assert not shortcut_of(function, MATRIX).trusted(1.0)
    assert gradcheck(function, MATRIX)


def test_an_op_that_changes_what_it_is_given():
    @mg.primitive(a=lambda g, y, a, b: g * b, b=lambda g, y, a, b: g * a)
    def op(a, b):
        a += 1
        return a * b

    def function(a, b):
        return op(2 * a, b).sum()

    assert not shortcut_of(function, (MATRIX, MATRIX + 1)).trusted(1.0)
    assert gradcheck(function, (MATRIX, MATRIX + 1))


def test_an_op_that_cannot_run_again():
    inside = []

    @mg.primitive(x=lambda g, y, x: g * y)
    def op(x):
        if not inside:
            raise OSError("only from within")
        return np.exp(x)

    def function(x):
        inside.append(x)
        y = op(x)
        inside.clear()
        return y.sum()

    assert not shortcut_of(function, MATRIX).trusted(1.0)
    assert gradcheck(function, MATRIX)


def test_a_function_with_a_little_noise():
    rng = np.random.default_rng(0)

    def function(x):
        return (x * (1 + 1e-15 * rng.uniform())).sum()

    assert not shortcut_of(function, MATRIX).trusted(1.0)
    assert gradcheck(function, MATRIX, nondet_tol=1e-9)


def test_another_recording_of_the_same_values():
    function = Counted(lambda x: (x * x if function.calls % 2 else np.square(x)).sum())
    assert shortcut_of(function, MATRIX).trusted(1.0)


def test_a_wrong_second_derivative():
    @mg.primitive(x=lambda g, y, x: g * np.cos(array_of(x)))
    def sine(x):
        return np.sin(x)

    report = gradgradcheck(sine, MATRIX[:5], raise_exception=False)
    assert {failure.name for failure in report.failures} == {"input 0"}


# --- Slices -----------------------------------------------------------------------------------


def ops_apart(function, inputs, k=0):
    return [node.op.name for node, _ in Slices(shortcut_of(function, inputs), k).apart]


def test_the_ops_of_a_network_that_take_slices():
    first, _, _, second, _, third, _ = range(7)
    net = cnn()
    assert ops_apart(loss, net, first) == ["conv2d", "batch_norm", "relu", "max_pool2d"]
    assert ops_apart(loss, net, second) == ["conv2d", "tanh", "flatten"]
    assert ops_apart(loss, net, third) == ["linear"]
    net = nn.Sequential(nn.Linear(10, 5, rng=0), nn.Tanh(), nn.Linear(5, 2, rng=1)).double()
    assert ops_apart(net, MATRIX) == ["linear", "tanh", "linear"]  # each sample goes alone


@pytest.mark.parametrize(
    "function",
    [
        lambda x: mg.softmax(x, axis=0),
        lambda x: x - x.max(axis=0),
        lambda x: x - mg.min(x, axis=0, keepdims=True),
        lambda x: x / x.std(),
        lambda x: np.cumsum(x, axis=0),
        lambda x: np.flip(x, axis=0),
        lambda x: np.roll(x, 1, axis=0),
        lambda x: x @ x.T,
        lambda x: x.reshape(10, 30),
        lambda x: x[:30],
        lambda x: np.concatenate([x] * 20),
    ],
)
def test_ops_that_need_all_slices_together(function):
    assert len(ops_apart(function, MATRIX)) < len(shortcut_of(function, MATRIX).plan((0,)))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: mg.softmax(x, axis=1),
        lambda x: np.cumsum(x, axis=1),
        lambda x: x @ MATRIX.T,
        lambda x: mg.tanh(x).T * MATRIX.T,
        lambda x: np.concatenate([x, MATRIX], axis=1).sum(axis=1),
        lambda x: np.exp(x)[:, ::2],
    ],
)
def test_ops_that_take_slices(function):
    assert len(ops_apart(function, MATRIX)) == len(shortcut_of(function, MATRIX).plan((0,)))


@pytest.mark.parametrize("name", ["cnn", "images", "attention", "two outputs", "lstm"])
def test_slices_give_the_same_bits(name):
    shortcut = shortcut_of(*SAME[name]())
    assert shortcut.trusted(1.0)
    for k, x in enumerate(shortcut.arrays):
        if len(x) > 1:
            indices = list(np.ndindex(x.shape))
            steps = RNG.normal(size=len(indices)) * 1e-3
            for index, step, found in zip(
                indices, steps, Slices(shortcut, k).outputs(indices, steps), strict=True
            ):
                moved = x.copy("K")
                moved[index] += step
                assert alike(found, shortcut.values({k: moved}))
