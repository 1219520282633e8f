"""Hard cases of size: what depends on it is right, and no more work than that is done.

How long they take is measured by the benchmarks, and depends on the machine.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad import Value, nn


@pytest.mark.parametrize(
    ("start", "step", "length"),
    [
        ("mg.Value(1.0)", "y + x", 100_000),
        pytest.param("mg.Value(1.0)", "y + x", 1_000_000, marks=pytest.mark.long),
        ("mg.Tensor(1.0, True)", "y * 1.0", 50_000),
        pytest.param("mg.Tensor(1.0, True)", "y * 1.0", 1_000_000, marks=pytest.mark.long),
    ],
)
def test_LIM_03_a_long_chain_at_the_end_of_the_interpreter(start, step, length):
    code = f"""
import minigrad as mg
x = y = {start}
for _ in range({length}):
    y = {step}
y.backward()
print(y is not x)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


@pytest.mark.parametrize("fan_out", [1_000, 2_000, 4_000, 8_000])
def test_LIM_04_every_rule_is_called_once_for_each_use(fan_out):
    calls = 0

    @mg.primitive()
    def once(x):
        return x * 1

    @once.wrt("x")
    def once_dx(g, y, x):
        nonlocal calls
        calls += 1
        return g

    x = mg.Tensor(1.0, requires_grad=True)
    sum(once(x) for _ in range(fan_out)).backward()
    assert calls == x.grad.item() == fan_out


@pytest.mark.parametrize("count", [30_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_LIM_05_a_wide_and_deep_graph(count):
    """Every node is a mean of three earlier ones; a sweep over an array is the reference."""
    rng = np.random.default_rng(0)
    leaves = 50
    parents = [rng.integers(max(0, n - 1000), n, 3) for n in range(leaves, count)]
    nodes = [Value(x) for x in rng.normal(size=leaves)]
    for a, b, c in parents:
        nodes.append(Value.sum((nodes[a], nodes[b], nodes[c])) * (1 / 3))
    nodes[-1].backward()
    wanted = np.zeros(count)
    wanted[-1] = 1
    for n, places in zip(range(count - 1, leaves - 1, -1), reversed(parents)):
        np.add.at(wanted, places, wanted[n] / 3)
    some = rng.integers(0, count, 2000)
    found = np.array([nodes[n].grad for n in some])
    np.testing.assert_allclose(found, wanted[some], rtol=1e-10, atol=1e-15)


def losses(count):
    layer = nn.Linear(20, 20, rng=0)
    for k in range(count):
        yield layer(np.full((20, 20), k / count, np.float32)).sum()


def held_after(add):
    """Bytes that are in use while a total of 200 losses is."""
    total = 0.0
    gc.collect()
    tracemalloc.start()
    try:
        for loss in losses(200):
            total = add(total, loss)
        return tracemalloc.get_traced_memory()[0], total
    finally:
        tracemalloc.stop()


def test_LIM_07_a_total_of_numbers_keeps_no_graphs_and_one_of_tensors_does():
    numbers, _ = held_after(lambda total, loss: total + loss.item())
    tensors, total = held_after(lambda total, loss: total + loss)
    assert numbers < 100_000 < 200 * 20 * 20 * 4 < tensors
    first = weakref.ref(total.inputs[1])
    del total
    assert first() is None


@pytest.mark.long
def test_LIM_11_more_entries_than_32_bits_can_count():
    """One number seen 2³¹ + 8 times takes no memory, but has all the places."""
    count = 2**31 + 8
    x = mg.from_numpy(np.broadcast_to(np.float16(1), count))
    assert x.size == count
    assert mg.sum(x, dtype=np.float64).item() == count
    assert mg.mean(x, dtype=np.float64).item() == 1
    assert x[2**31 + 3].item() == x[-1].item() == 1
    with pytest.raises(IndexError, match=str(count)):
        x[count]


def test_LIM_13_every_warning_is_an_error(pytestconfig):
    assert pytestconfig.getini("filterwarnings") == ["error"]
    with pytest.raises(RuntimeWarning):
        np.log(np.zeros(1))


def test_LIM_14_pythons_sum_of_100000_tensors():
    x = mg.Tensor(np.ones(2), requires_grad=True)
    total = sum(x * 1.0 for _ in range(100_000))
    total.backward(np.array([1.0, 2.0]))
    assert total.tolist() == [100_000, 100_000]
    assert x.grad.tolist() == [100_000, 200_000]
