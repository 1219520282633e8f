"""Fused ops drawn as their definition: the same numbers, and nothing else changed."""

import re

import numpy as np
import pytest
from pictured import after_backward, grid, named, normalised, parameter, standardised

from minigrad import nn
from minigrad.graph import Node, topological
from minigrad.nn import functional as F
from minigrad.ops.activation import softmax
from minigrad.ops.loss import cross_entropy
from minigrad.ops.norm import batch_norm
from minigrad.recording import no_grad
from minigrad.tensor import Tensor
from minigrad.value import Value
from minigrad.viz import Mark, draw
from minigrad.viz.composing import Options, composed
from minigrad.viz.expanding import expandable, expanded


def reading(root, **options):
    return composed(root, Options(gradients=True, **options)).reading


def ops(root, **options):
    return [node.op.name for node in reading(root, **options).nodes if node.op is not None]


def by_name(found):
    return {found.name(node): node for node in found.nodes}


def test_batch_normalisation_is_the_two_steps_of_the_lecture():
    root = standardised()
    assert ops(root) == ["batch_norm", "tanh", "sum"]
    found = reading(root, expand={"batch_norm"})
    assert ops(root, expand={"batch_norm"}) == (
        "mean subtract var add sqrt divide multiply add tanh sum".split()
    )
    nodes = by_name(found)
    assert {"μ", "x − μ", "σ²", "σ", "h_norm"} < set(nodes)
    users = [node.op.name for node in found.consumers[nodes["x"]]]
    assert users == ["mean", "subtract", "var"], "three routes: direct, through μ, through σ"


def test_epsilon_has_its_name_and_stands_with_the_definition():
    x = parameter([[1.0, 2.0], [3.0, 5.0]], "x")
    for given, text in ({}, "1.00e-05"), ({"eps": 0.5}, "0.5"):
        found = reading(batch_norm(x, **given).sum(), expand={"batch_norm"})
        epsilon = by_name(found)["ε"]
        assert found.kind(epsilon) == "constant"
        assert epsilon.path == "batch_norm"
        source = draw(batch_norm(x, **given).sum(), expand={"batch_norm"}).source
        assert f'<b>ε</b></td></tr><tr><td align="left">{text}</td>' in source


@pytest.mark.parametrize("seed", range(3))
def test_gradients_of_the_definition_are_those_of_the_op(seed):
    rng = np.random.default_rng(seed)
    x, gamma, beta = (
        parameter(rng.standard_normal(shape), name)
        for shape, name in (((4, 3, 2, 2), "x"), ((3,), "γ"), ((3,), "β"))
    )
    upstream = rng.standard_normal(x.shape)
    root = (batch_norm(x, gamma, beta) * upstream).sum()
    fused, opened = reading(root), reading(root, expand={"batch_norm"})
    for leaf in (x, gamma, beta):
        np.testing.assert_allclose(opened.gradient(leaf), fused.gradient(leaf), rtol=1e-9)
    assert opened.root.item() == pytest.approx(root.item(), rel=1e-12)


def test_the_graph_itself_stays_as_it_was():
    root = after_backward(standardised())
    before = [(node, node.inputs, node.op, node.name, node.order) for node in topological(root)]
    grads = [x.grad.data.copy() for x in topological(root) if x.op is None and x.requires_grad]
    draw(root, expand={"batch_norm"})
    after = [(node, node.inputs, node.op, node.name, node.order) for node in topological(root)]
    assert all(a is b for one, two in zip(before, after) for a, b in zip(one, two))
    for x, g in zip((x for x in topological(root) if x.op is None and x.requires_grad), grads):
        np.testing.assert_array_equal(x.grad.data, g)


def test_leaves_and_what_does_not_depend_on_the_op_belong_to_both_graphs():
    x, w = parameter(grid(4, 2).data, "x"), parameter([1.0, 2.0], "w")
    other = w * 3.0
    root = (batch_norm(x) * other).sum()
    nodes = topological(root)
    new = expanded(nodes, expandable(nodes, {"batch_norm"}))
    assert {node.op.name for node in new} == {"batch_norm", "multiply", "sum"}
    opened = set(topological(new[root]))
    assert other in opened and x in opened


def test_a_module_that_is_one_op_opens_as_its_definition():
    root = normalised()
    source = draw(root, expand={"bn1"}).source
    assert ">bn1: BatchNorm1d(4)<" in source and ">h_norm  (8, 4)<" in source
    assert "batchnorm" not in source
    assert "batchnorm" in draw(root, expand={"fc1"}).source


def test_a_module_of_several_ops_opens_as_they_are():
    net = nn.Sequential(nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4)))
    root = net(grid(6, 3)).sum()
    assert "batchnorm" in draw(root, expand={"0"}).source
    both = draw(root, expand={"0.1"}).source
    assert ">h_norm  (6, 4)<" in both, "what is around an open module is open too"
    assert ">x Wᵀ + b<" in both


def test_each_use_of_a_function_has_its_own_frame():
    x = parameter(grid(4, 2).data, "x")
    source = draw(batch_norm(batch_norm(x).tanh()).sum(), expand={"batch_norm"}).source
    titles = re.findall(r">(batch_norm[^<]*)<", source)
    assert titles == ["batch_norm: its definition", "batch_norm 2: its definition"]


def test_inside_a_module_the_frame_of_a_function_is_in_that_of_the_module():
    class Scaled(nn.Module):
        def forward(self, x):
            return F.layer_norm(x, x.shape[-1:]) * 2.0

    net = nn.Sequential(Scaled())
    source = draw(net(parameter(grid(4, 3).data, "x")).sum(), expand={"layer_norm"}).source
    assert ">0: Scaled<" in source and ">0.layer_norm: its definition<" in source


@pytest.mark.parametrize(
    "make, op",
    [
        (lambda x: F.layer_norm(x, (6,)), "layer_norm"),
        (lambda x: F.group_norm(x, 2), "group_norm"),
        (lambda x: cross_entropy(x, np.array([0, 5, 2, 1])), "cross_entropy"),
        (lambda x: nn.LSTM(6, 3, rng=0)(x.reshape(4, 1, 6))[0], "lstm"),
        (lambda x: nn.GRU(6, 3, rng=0)(x.reshape(4, 1, 6))[0], "gru"),
        (lambda x: nn.RNN(6, 3, rng=0)(x.reshape(4, 1, 6))[0], "rnn"),
        (lambda x: x.prod(axis=1), "prod"),
        (lambda x: x.cumprod(axis=1), "cumprod"),
        (lambda x: F.batch_norm(x, np.zeros(6), np.ones(6)), "batch_norm"),  # at test time
    ],
)
def test_every_op_with_a_definition_opens(make, op):
    x = parameter(grid(4, 6).data.astype(float) + 2, "x")
    root = (make(x) * 1.5).sum()
    fused, opened = reading(root), reading(root, expand={op})
    assert op in [node.op.name for node in fused.nodes if node.op]
    assert op not in [node.op.name for node in opened.nodes if node.op]
    assert opened.root.item() == pytest.approx(root.item(), rel=1e-6)
    np.testing.assert_allclose(opened.gradient(x), fused.gradient(x), rtol=1e-5, atol=1e-9)
    assert draw(root, expand={op}).svg().startswith("<svg")


def test_the_root_may_be_the_op_itself():
    logits = parameter(grid(3, 4).data, "z")
    root = after_backward(named(cross_entropy(logits, np.array([0, 1, 2])), "L"))
    drawing = draw(root, expand={"cross_entropy"})
    assert ">L<" in drawing.source and ">softmax CE<" not in drawing.source
    assert str(drawing).splitlines()[-1].startswith("L ")


def test_focus_and_marks_move_along():
    root = after_backward(standardised())
    x = topological(root)[0]
    norm, tanh = (n for n in topological(root) if n.op and n.op.name in ("batch_norm", "tanh"))
    focused = draw(root, expand={"batch_norm"}, focus=norm)
    assert "paths from" in focused.source or "∂L/∂" in focused.source
    assert ">h_norm" not in focused.source and ">tanh<" in focused.source
    through = draw(root, expand={"batch_norm"}, focus=x).source
    assert all(f">{name}" in through for name in ("μ", "σ²", "h_norm"))
    marks = {
        norm: Mark("ok", ("looked at",)),
        tanh: Mark("note", ("bends",)),
        (norm, 0): Mark("failure", ("FAIL rule",)),
        (tanh, 0): Mark("note", ("an edge",)),
    }
    source = draw(root, expand={"batch_norm"}, marks=marks).source
    (box,) = [line for line in source.splitlines() if ">looked at<" in line]
    assert "<b>FAIL rule</b>" in box or ">FAIL rule<" in box
    assert 'color="#A3206D"' in box, "a failure stays one"
    assert ">bends<" in source and ">an edge<" in source


def test_what_was_changed_in_place_since_is_noticed():
    x = parameter(grid(4, 2).data, "x")
    root = after_backward((batch_norm(x) * 2.0).sum())
    x.data = x.data + 1
    assert "changed in place" in str(draw(root, expand={"batch_norm"}))


def test_copies_keep_stored_gradients_and_subclasses():
    class Special(Tensor):
        pass

    x = parameter(grid(4, 2).data, "x")
    root = named((batch_norm(x) * 2.0).sum(), "L")
    nodes = topological(root)
    new = expanded(nodes, expandable(nodes, {"batch_norm"}))
    assert type(new[root]) is type(root) and isinstance(new[root], Node)
    assert new[root].name == "L" and new[root] is not root


def test_recording_may_be_off_while_one_draws():
    root = standardised()
    with no_grad():
        source = draw(root, expand={"batch_norm"}).source
    assert ">h_norm  (6, 3)<" in source


def test_what_has_no_definition_is_refused_with_what_there_is():
    x = parameter(grid(4, 2).data, "x")
    root = softmax(batch_norm(x)).sum()
    with pytest.raises(ValueError, match=r"expand='softmax' .* there are: batch_norm"):
        draw(root, expand={"softmax"})
    with pytest.raises(ValueError, match="there are: none"):
        draw(Value(1.0) + 2, expand="fc1")
