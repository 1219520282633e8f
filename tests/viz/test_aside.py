import numpy as np
import pytest
from pictured import fanout, matrices, neuron, parameter, tensor_neuron

from minigrad.graph import Op, recorded, topological
from minigrad.tensor import Tensor
from minigrad.viz.aside import gradients_aside, local_derivatives, stored_gradients


def leaves(root):
    return [x for x in topological(root) if x.op is None and x.requires_grad]


@pytest.mark.parametrize("graph", [matrices, tensor_neuron])
def test_gradients_of_tensors_are_those_of_backward(graph):
    root = graph()
    aside = gradients_aside(topological(root))
    assert all(x.grad is None for x in leaves(root))
    root.backward()
    for x in leaves(root):
        np.testing.assert_allclose(aside.of[x], x.grad.data, rtol=1e-12)


@pytest.mark.parametrize("graph", [neuron, lambda: fanout()[0]])
def test_gradients_of_values_are_those_of_backward(graph):
    root = graph()
    nodes = topological(root)
    aside = gradients_aside(nodes)
    assert all(node.grad == 0 for node in nodes)
    root.backward()
    for node in nodes:
        if node.requires_grad:
            assert aside.of[node] == pytest.approx(node.grad, rel=1e-12)


def test_shares_add_up_to_the_gradient():
    root = matrices()
    nodes = topological(root)
    aside = gradients_aside(nodes)
    sums = {}
    for node, shares in aside.shares.items():
        for x, share in zip(node.inputs, shares):
            if share is not None:
                sums[x] = sums.get(x, 0) + share
    assert len(sums) == len(aside.of) - 1
    for x, total in sums.items():
        assert total.shape == x.shape
        np.testing.assert_allclose(total, aside.of[x])


def test_one_share_for_each_use():
    x = parameter(3.0, "x")
    y = x * x
    assert [float(s) for s in gradients_aside(topological(y)).shares[y]] == [3.0, 3.0]


def test_an_eager_rule_gives_no_gradient_to_what_wants_none():
    op = Op("eager", lambda a, b: a * b, ["a", "b"])
    op.backward = lambda g, y, a, b, saved, wanted: [g * b, g * a]
    a, b = Tensor(2.0), parameter(5.0, "b")
    y = recorded(a.data * b.data, op, (a, b), "")
    assert gradients_aside(topological(y)).shares[y] == [None, 2.0]


def test_hooks_are_not_called():
    x = parameter(3.0, "x")
    y = x * x
    called = []
    x.register_hook(called.append)
    y.register_hook(called.append)
    gradients_aside(topological(y))
    assert called == []


def test_local_derivatives():
    x, y = parameter(2.0, "x"), parameter(5.0, "y")
    assert [float(d) for d in local_derivatives(x * y)] == [5.0, 2.0]


def test_a_graph_changed_in_place_is_refused():
    w = parameter([1.0, 2.0], "w")
    loss = (w * w).sum()
    w.data = np.array([5.0, 5.0])
    with pytest.raises(RuntimeError, match="changed in place"):
        gradients_aside(topological(loss))


def test_a_freed_graph_is_refused():
    w = parameter([1.0, 2.0], "w")
    inner = (w * w).sum()
    inner.backward(retain_graph=False)
    with pytest.raises(RuntimeError, match="freed"):
        gradients_aside(topological(inner))


def test_stored_gradients_of_values_are_there_after_backward_only():
    f, x = fanout()
    assert stored_gradients(topological(f)) == {}
    f.backward()
    assert stored_gradients(topological(f))[x] == 7.0


def test_stored_gradients_of_tensors():
    w = parameter([1.0, 2.0], "w")
    loss = (w * w).sum()
    assert stored_gradients(topological(loss)) == {}
    loss.backward()
    assert list(stored_gradients(topological(loss))) == [w]
