"""draw(loss, optimizer=...): the numbers are those of a real step, and nothing is changed."""

import copy
import re
import threading

import numpy as np
import pytest
from pictured import after_backward, fanout, matrices, network, parameter, parameters, tensor_neuron
from test_drawing import groups

import minigrad as mg
from minigrad import nn, optim
from minigrad.graph import topological
from minigrad.viz import draw
from minigrad.viz.reading import read
from minigrad.viz.text import number
from minigrad.viz.theme import LIGHT

OPTIMIZERS = {
    "GD": lambda ps: optim.GD(ps, lr=0.1),
    "SGD": lambda ps: optim.SGD(ps, lr=0.1, momentum=0.9, weight_decay=0.01),
    "Nesterov": lambda ps: optim.SGD(ps, lr=0.1, momentum=0.9, nesterov=True),
    "Adagrad": lambda ps: optim.Adagrad(ps, lr=0.1),
    "RMSprop": lambda ps: optim.RMSprop(ps, lr=0.1, centered=True, momentum=0.5),
    "Adadelta": lambda ps: optim.Adadelta(ps),
    "Adam": lambda ps: optim.Adam(ps, lr=0.1, amsgrad=True),
    "AdamW": lambda ps: optim.AdamW(ps, lr=0.1),
    "NAdam": lambda ps: optim.NAdam(ps, lr=0.1),
    "RAdam": lambda ps: optim.RAdam(ps, lr=0.1),
    "Adamax": lambda ps: optim.Adamax(ps, lr=0.1),
}


def rows(root, optimizer, **options) -> dict[str, list[str]]:
    """The texts of every box, by name of the node."""
    found = groups(draw(root, optimizer=optimizer, **options).svg())
    nodes = topological(root)
    return {
        nodes[int(name.removeprefix("mg-n"))].name or name: texts
        for name, texts in found.items()
        if re.fullmatch(r"mg-n\d+", name)
    }


def updates(root, optimizer):
    return read(root, optimizer=optimizer).updates


# --- The numbers ----------------------------------------------------------------------------------


def test_gradient_descent_as_on_the_board():
    root = after_backward(tensor_neuron())
    found = rows(root, optim.SGD(parameters(root), lr=0.1))
    assert found["w1"] == [
        "w1",
        "-0.7",
        "grad -4.723",
        "step 0.4723   (SGD, lr 0.1)",
        "new -0.2277",
    ]
    assert found["w2"][-1] == "new 1.318"
    assert found["L"] == ["( )²", "L", "1.904", "grad 1", "after step 0.09879"]
    assert found["x1"] == ["x1", "2"]


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_the_rows_are_what_the_step_then_does(name):
    """Over three steps, so that what is remembered counts."""
    w = parameter([[0.5, -1.0], [2.0, 0.3]], "w")
    b = parameter(0.25, "b")
    optimizer = OPTIMIZERS[name]([w, b])
    for _ in range(3):
        loss = ((w * w).sum() * b).tanh() + (b * b)
        optimizer.zero_grad()
        loss.backward()
        told = updates(loss, optimizer)
        old = w.data.copy()
        optimizer.step()
        np.testing.assert_array_equal(told.of[w].new, w.data)
        np.testing.assert_array_equal(told.of[w].step, w.data - old)
        assert float(told.of[b].new) == float(b.data)
        after = ((w * w).sum() * b).tanh() + (b * b)
        assert told.after == after.item()
        remembered = {k: v for k, v in optimizer.state[w].items() if isinstance(v, np.ndarray)}
        assert len(told.of[w].state) == len(remembered)
        for shown, array in zip(told.of[w].state.values(), remembered.values()):
            np.testing.assert_array_equal(shown, array)


def test_adam_shows_m_and_v_and_the_count_of_steps():
    root = after_backward(tensor_neuron())
    optimizer = optim.Adam(parameters(root), lr=0.1)
    assert rows(root, optimizer)["b"][3:] == [
        "m -0.2361",
        "v 0.005577",
        "step 0.1   (Adam, lr 0.1, t = 1)",
        "new 0.5",
    ]
    optimizer.step()
    again = after_backward(tensor_neuron())
    assert "t = 1" in " ".join(rows(again, optim.Adam(parameters(again), lr=0.1))["b"])


def test_small_arrays_show_step_and_new_value_in_full():
    root = after_backward(matrices())
    texts = rows(root, optim.SGD(parameters(root), lr=0.01, momentum=0.9))["b"]
    assert texts[texts.index("velocity norm 28.16") :] == [
        "velocity norm 28.16",
        "step",
        "new   (SGD, lr 0.01, t = 1)",
        *("-0.03", "0.28", "0.47", "-1.72"),
    ]


def test_folded_parameters_and_modules_show_the_length_of_the_step():
    root = after_backward(network()[0])
    optimizer = optim.SGD(parameters(root), lr=0.1)
    open_ = rows(root, optimizer, depth=None)
    step = 0.1 * np.linalg.norm(root_parameter(root, "fc1.weight").grad.data)
    assert f"step norm {number(step)}   (SGD, lr 0.1)" in open_["mg-n2"]
    closed = rows(root, optimizer)["mg-n4"]
    both = [root_parameter(root, name).grad.data for name in ("fc1.weight", "fc1.bias")]
    length = 0.1 * np.sqrt(sum(np.sum(g * g) for g in both))
    assert closed[-1] == f"step norm {number(length)}   (SGD, lr 0.1)"


def root_parameter(root, name):
    (found,) = [x for x in topological(root) if x.name == name]
    return found


def test_statistics_of_large_arrays():
    w = parameter(np.linspace(-1, 1, 40), "w")
    root = after_backward((w * w).sum() + w.sum())
    texts = rows(root, optim.SGD([w], lr=0.1))["w"]
    assert texts[-2].startswith("step norm ")
    assert texts[-1].startswith("new mean ")


def test_groups_have_their_own_rate_and_what_is_not_optimized_has_no_rows():
    root = after_backward(tensor_neuron())
    w1, w2, _ = parameters(root)
    optimizer = optim.SGD([{"params": [w1]}, {"params": [w2], "lr": 0.5}], lr=0.1)
    found = rows(root, optimizer)
    assert found["w1"][3] == "step 0.4723   (SGD, lr 0.1)"
    assert found["w2"][3].endswith("(SGD, lr 0.5)")
    assert found["b"] == ["b", "0.4", "grad -2.361"]


def test_the_root_after_the_step_through_batch_normalisation_and_float32():
    model = nn.Sequential(
        nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 2, rng=1)
    )
    x, target = mg.Tensor(np.eye(3, dtype=np.float32)), np.array([0, 1, 1])
    loss = after_backward(mg.cross_entropy(model(x), target))
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    running = {name: array.copy() for name, array in model.state_dict().items()}
    told = updates(loss, optimizer).after
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, running[name])
    optimizer.step()
    assert told == mg.cross_entropy(model(x), target).item()


def test_the_root_after_the_step_through_a_function_with_plain_arguments():
    class Scaled(mg.Function):
        @staticmethod
        def forward(ctx, x, factor, *, shift=0.0):
            ctx.factor = factor
            return x * factor + shift

        @staticmethod
        def backward(ctx, g):
            return g * ctx.factor, None

    w = parameter(2.0, "w")
    loss = after_backward(Scaled.apply(w, 3.0, shift=1.0) * w)
    optimizer = optim.SGD([w], lr=0.1)
    told = updates(loss, optimizer).after
    optimizer.step()
    assert told == (Scaled.apply(w, 3.0, shift=1.0) * w).item()


# --- Nothing is changed ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_drawing_leaves_everything_as_it_was(name):
    w, b = parameter([[0.5, -1.0], [2.0, 0.3]], "w"), parameter(0.25, "b")
    optimizer = OPTIMIZERS[name]([w, b])
    after_backward((w * w).sum() * b)
    optimizer.step()  # so that there is something to remember
    loss = after_backward((w * w).sum() * b)
    before = everything(optimizer, loss)
    draw(loss, optimizer=optimizer).svg()
    assert everything(optimizer, loss) == before
    loss.backward()  # the graph does not think that it was changed


def everything(optimizer, loss):
    """All that a step could change, as bytes."""
    nodes, leaves = topological(loss), parameters(loss)
    return (
        [(x.order, x.data.tobytes()) for x in nodes],
        [(x.grad.order, x.grad.data.tobytes()) for x in leaves],
        [
            (id(p), name, np.asarray(value).tobytes())
            for p, entry in optimizer.state.items()
            for name, value in entry.items()
        ],
        copy.deepcopy(
            [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
        ),
        [[id(p) for p in group["params"]] for group in optimizer.param_groups],
        optimizer.steps_taken,
        {key: id(flat) for key, flat in optimizer._flats.items()},
        repr(mg.get_rng_state()),
        repr(np.random.get_state()),
    )


def test_a_first_look_leaves_no_entry_in_the_state():
    root = after_backward(tensor_neuron())
    optimizer = optim.Adam(parameters(root))
    draw(root, optimizer=optimizer)
    assert dict(optimizer.state) == {}


def test_the_picture_keeps_the_numbers_of_its_time():
    root = after_backward(tensor_neuron())
    optimizer = optim.SGD(parameters(root), lr=0.1)
    drawing = draw(root, optimizer=optimizer)
    optimizer.step()
    assert "new -0.2277" in groups(drawing.svg())["mg-n0"]


# --- What the caption says ------------------------------------------------------------------------


def test_without_gradients_the_caption_says_so():
    root = tensor_neuron()
    drawing = draw(root, optimizer=optim.SGD(parameters(root), lr=0.1))
    assert "no step is shown: the parameters have no gradient yet" in str(drawing)
    assert "new " not in drawing.source


def test_gradients_shown_before_backward_serve_for_the_step():
    root = tensor_neuron()
    drawing = draw(root, edges="chain", optimizer=optim.SGD(parameters(root), lr=0.1))
    assert "new -0.2277" in drawing.source
    assert "backward() has not run: the step uses the gradients shown here" in str(drawing)


def test_accumulated_gradients_are_used_and_named():
    root = after_backward(after_backward(tensor_neuron()))
    drawing = draw(root, optimizer=optim.SGD(parameters(root), lr=0.1))
    assert groups(drawing.svg())["mg-n0"][2:4] == ["grad -4.723", "step 0.9446   (SGD, lr 0.1)"]
    assert "the gradients in .grad, which are not those shown here" in str(drawing)
    assert "for w1, w2, b" in str(drawing)


def test_many_parameters_with_other_gradients_are_counted():
    ws = [parameter(float(i), f"w{i}") for i in range(1, 7)]
    loss = ws[0]
    for w in ws[1:]:
        loss = loss * w
    after_backward(after_backward(loss))
    assert "for w1, w2, w3 and 3 more" in str(draw(loss, optimizer=optim.SGD(ws, lr=0.1)))


def test_rounding_makes_no_other_gradient():
    x = mg.Tensor(np.random.default_rng(0).normal(size=(50, 20)).astype(np.float32))
    w = mg.Tensor(np.ones((20, 3), np.float32), requires_grad=True, name="w")
    loss = after_backward((x @ w).tanh().sum() + (x @ w).sum() + (w * w).sum())
    assert updates(loss, optim.SGD([w], lr=0.1)).notes == ()


def test_an_op_that_cannot_run_again_is_named_in_the_caption():
    calls = []

    @mg.primitive(x=lambda g, y, x: g)
    def once(x):
        calls.append(x)
        if len(calls) > 1:
            raise ValueError("only once")
        return x

    w = parameter(2.0, "w")
    loss = after_backward(once(w))
    drawing = draw(loss, optimizer=optim.SGD([w], lr=0.1))
    assert "the root after the step is not known: only once" in str(drawing)
    assert "new 1.9" in drawing.source
    assert "after step" not in drawing.source


def test_a_root_that_is_no_number_has_no_value_after_the_step():
    w = parameter([1.0, 2.0], "w")
    root = w * 3.0
    root.backward(np.array([1.0, 1.0]))
    source = draw(root, optimizer=optim.SGD([w], lr=0.1)).source
    assert "after step" not in source
    assert ">0.7<" in source


def test_values_none_shows_no_rows():
    root = after_backward(network()[0])
    source = draw(root, values="none", optimizer=optim.SGD(parameters(root), lr=0.1)).source
    assert "step norm" not in source


def test_the_table_has_the_new_values():
    root = after_backward(tensor_neuron())
    text = str(draw(root, optimizer=optim.SGD(parameters(root), lr=0.1)))
    assert re.search(r"w1 +parameter +-0.7 +grad -4.723 +new -0.2277", text)


def test_a_step_to_nan_or_inf_is_in_the_style_of_failures():
    root = after_backward(tensor_neuron())
    optimizer = optim.SGD(parameters(root), lr=1e308)
    source = draw(root, optimizer=optimizer).source
    assert f'color="{LIGHT.failure}"><b>step inf' in source
    assert f'color="{LIGHT.failure}"><b>after step' not in source  # tanh of inf is 1


# --- What is refused ------------------------------------------------------------------------------


def test_an_optimizer_of_other_parameters():
    root = after_backward(tensor_neuron())
    other = optim.SGD([parameter(1.0, "other")], lr=0.1)
    with pytest.raises(ValueError, match="none of its 1 parameters is among the 13 nodes"):
        draw(root, optimizer=other)
    with pytest.raises(ValueError, match="none of its 1 parameters is among the 5 nodes"):
        draw(fanout()[0], optimizer=other)


@pytest.mark.parametrize("thing", [0.1, "SGD", optim.SGD, [1]])
def test_no_optimizer(thing):
    with pytest.raises(TypeError, match=r"optimizer: got .* wanted an Optimizer"):
        draw(after_backward(tensor_neuron()), optimizer=thing)


def test_an_optimizer_that_cannot_be_copied():
    root = after_backward(tensor_neuron())
    optimizer = optim.SGD(parameters(root), lr=0.1)
    optimizer.lock = threading.Lock()
    with pytest.raises(RuntimeError, match="SGD cannot be copied, so its step cannot be computed"):
        draw(root, optimizer=optimizer)
