"""steps: what each frame tells, and that nothing is changed by telling it."""

import hashlib
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from pictured import (
    GOLDEN,
    after_backward,
    chain,
    fanout,
    matrices,
    network,
    neuron,
    parameter,
    parameters,
    stories,
    tensor_neuron,
)
from test_drawing import groups

import minigrad as mg
from minigrad import nn, optim
from minigrad.graph import topological
from minigrad.recording import inside
from minigrad.value import Value
from minigrad.viz import draw, steps

HERE = Path(__file__).parent


def phases(story) -> list[str]:
    return [frame.phase for frame in story.frames]


def captions(story, phase: str) -> list[str]:
    return [frame.caption for frame in story.frames if frame.phase == phase]


def perceptron() -> mg.Tensor:
    """Two linear layers, tanh, cross-entropy on two samples."""
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 2, rng=1))
    loss = mg.cross_entropy(model(mg.Tensor([[0.5, -1.0], [2.0, 0.3]])), np.array([0, 1]))
    loss.name = "L"
    return loss


GRAPHS = {
    "fanout": lambda: fanout()[0],
    "neuron": neuron,
    "tensor neuron": tensor_neuron,
    "matrices": matrices,
    "network": lambda: network()[0],
    "perceptron": perceptron,
    "elided": lambda: chain(30),
}
OPTIONS = {"elided": {"max_nodes": 6}}


# --- The golden stories ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def golden_stories():
    return stories()


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*_steps.txt")))
def test_golden(name, golden_stories):
    expected = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert f"{golden_stories[name]}\n" == expected


def test_every_story_has_its_golden_text(golden_stories):
    assert sorted(golden_stories) == sorted(path.stem for path in GOLDEN.glob("*_steps.txt"))


def test_the_same_story_in_every_process(golden_stories):
    told = "".join(f"{s}{s.drawing.source}{s.frames}" for s in golden_stories.values())
    code = (
        "import hashlib, pictured; print(hashlib.sha256(''.join(f'{s}{s.drawing.source}{s.frames}' "
        "for s in pictured.stories().values()).encode()).hexdigest())"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{HERE}:{HERE.parent.parent}"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == hashlib.sha256(told.encode()).hexdigest()


# --- What is told ---------------------------------------------------------------------------------


def test_partial_sums_at_a_fan_out():
    story = steps(fanout()[0])
    seen = [frame.visible["mg-n0"][2:] for frame in story.frames]
    assert seen == [()] * 6 + [("grad 3",)] + [("grad 7",)] * 2
    assert captions(story, "backward")[1:] == [
        "backward ×: ∂f/∂x += ∂f/∂v3 · 3 = 1 × 3 = 3",
        "backward ×: ∂f/∂x += ∂f/∂v1 · x + ∂f/∂v1 · x = 1 × 2 + 1 × 2 = 4; so far 3 + 4 = 7",
    ]


def test_captions_of_a_neuron():
    story = steps(tensor_neuron())
    assert captions(story, "forward")[4] == "forward tanh: h = tanh(v8) = tanh(-0.4) = -0.3799"
    assert captions(story, "seed") == ["seed: ∂L/∂L = 1"]
    assert captions(story, "backward")[2] == (
        "backward tanh: ∂L/∂v8 += ∂L/∂h · (1 − tanh² v8) = -2.76 × 0.8556 = -2.361"
    )
    assert captions(story, "done") == ["done: ∂L/∂w1 = -4.723, ∂L/∂w2 = -1.181, ∂L/∂b = -2.361"]


@pytest.mark.parametrize("name", ["fanout", "neuron", "tensor neuron", "matrices"])
def test_one_frame_for_each_op_there_and_back_and_three_more(name):
    root = GRAPHS[name]()
    ops = sum(node.op is not None for node in topological(root))
    story = steps(root)
    assert len(story) == len(story.frames) == 2 * ops + 3
    assert phases(story) == ["start", *["forward"] * ops, "seed", *["backward"] * ops, "done"]


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_every_caption_begins_with_its_phase(name):
    for frame in steps(GRAPHS[name](), **OPTIONS.get(name, {})).frames:
        assert re.match(rf"{frame.phase}\b", frame.caption)


def assert_ends_as_drawn(root, **options):
    story = steps(root, depth=None, **options)
    static = groups(draw(root, depth=None, **options).svg())
    for box, texts in story.frames[-1].visible.items():
        assert list(texts) == static[box]
    others = {box for box in static if re.match("mg-(module|s)", box) or not static[box]}
    assert set(static) - others == set(story.frames[-1].visible)


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_the_last_frame_is_what_draw_draws(name):
    assert_ends_as_drawn(after_backward(GRAPHS[name]()), **OPTIONS.get(name, {}))


@pytest.mark.parametrize("name", ["tensor neuron", "matrices", "network", "perceptron"])
def test_the_last_frame_is_what_draw_draws_with_an_optimizer(name):
    root = after_backward(GRAPHS[name]())
    assert_ends_as_drawn(root, optimizer=optim.Adam(parameters(root), lr=0.1))


@pytest.mark.parametrize("name", ["fanout", "neuron", "tensor neuron"])
def test_at_every_moment_the_products_shown_add_up_to_the_gradients_shown(name):
    root = GRAPHS[name]()
    nodes = topological(root)
    index = {node: i for i, node in enumerate(nodes)}
    last, checked = f"mg-n{len(nodes) - 1}", 0
    for frame in steps(root).frames:
        sums = {last: 1.0} if "grad 1" in frame.visible[last] else {}
        for node in nodes:
            for position, x in enumerate(node.inputs):
                for product in frame.visible.get(f"mg-n{index[node]}-{position}", ()):
                    upstream, local = map(float, product.split(" × "))
                    box = f"mg-n{index[x]}"
                    sums[box] = sums.get(box, 0.0) + upstream * local
        printed = {
            box: float(text.removeprefix("grad "))
            for box, texts in frame.visible.items()
            for text in texts
            if text.startswith("grad ")
        }
        assert printed == pytest.approx(sums, rel=2e-3)
        checked += len(printed)
    assert checked > 15


def test_values_appear_forward_and_gradients_backward():
    story = steps(tensor_neuron())
    h = [frame.visible["mg-n9"] for frame in story.frames]
    assert h[0] == ("tanh", "h")
    assert h[5] == ("tanh", "h", "-0.3799")
    assert h[-1] == ("tanh", "h", "-0.3799", "grad -2.76")
    assert story.frames[0].visible["mg-n0"] == ("w1", "-0.7")
    assert story.frames[0].visible["mg-n9-0"] == ()
    assert story.frames[-1].visible["mg-n9-0"] == ("-2.76 × 0.8556",)


def test_what_shows_never_goes_again():
    for name in sorted(GRAPHS):
        story = steps(GRAPHS[name](), **OPTIONS.get(name, {}))
        for before, after in zip(story.frames, story.frames[1:]):
            for box, cells in before.cells.items():
                there = [cell is not None for cell in cells]
                assert all(
                    b or not a for a, b in zip(there, [c is not None for c in after.cells[box]])
                )


def test_changed_and_highlighted():
    frame = steps(tensor_neuron()).frames[5]
    assert frame.changed == ("mg-n9",)
    assert frame.highlighted == ("mg-n9", "mg-n9-0")
    back = steps(tensor_neuron()).frames[11]
    assert set(back.changed) == {"mg-n8", "mg-n9-0"}
    assert set(back.highlighted) == {"mg-n8", "mg-n9", "mg-n9-0"}


def test_matrices_appear_as_a_whole_and_their_sums_grow():
    x = parameter([[1.0, -2.0]], "x")
    root = (x * x).sum() + (x * 3.0).sum()
    story = steps(root)
    seen = dict.fromkeys(frame.visible["mg-n0"][2:] for frame in story.frames)
    assert list(seen) == [
        ("value", "1", "-2"),
        ("value", "grad", "1", "-2", "3", "3"),
        ("value", "grad", "1", "-2", "5", "-1"),
    ]
    assert captions(story, "backward")[-1].endswith("; the sum so far has norm 5.099")


def test_a_module_is_one_step():
    story = steps(network()[0])
    assert captions(story, "forward")[0] == "forward fc1, 2 ops: v4 = fc1(X), shape (6, 6)"
    assert captions(story, "backward")[-1].startswith(
        "backward fc1, 2 ops: ∂L/∂fc1.bias += an array"
    )


def test_parameters_have_the_names_of_their_modules_in_captions():
    told = "\n".join(captions(steps(perceptron(), depth=None), "backward"))
    assert "∂L/∂0.weight += ∂L/∂v3ᵀ @ v0" in told
    assert "∂L/∂2.weight += ∂L/∂v7ᵀ @ v4" in told


def test_the_rule_of_an_op_is_quoted_where_there_is_no_formula():
    x = mg.Tensor(np.ones((1, 1, 4, 4)), name="X")
    w = parameter(np.ones((2, 1, 2, 2)), "F")
    told = captions(steps(mg.conv2d(x, w).sum()), "backward")[-1]
    assert told.endswith("[∂L/∂F = convolution of X with ∂L/∂O]")


def test_many_inputs_are_counted():
    xs = [Value(float(i), f"x{i}") for i in range(9)]
    told = captions(steps(Value.sum(xs)), "backward")[0].split("\n")
    assert len(told) == 4
    assert told[-1] == "… and 6 more inputs"


# --- The optimizer --------------------------------------------------------------------------------


def test_the_optimizers_step_is_one_frame_more():
    root = after_backward(tensor_neuron())
    story = steps(root, optimizer=optim.SGD(parameters(root), lr=0.1))
    assert phases(story)[-2:] == ["done", "step"]
    assert story.frames[-1].caption == (
        "step SGD, lr 0.1: w1 ← -0.7 + 0.4723 = -0.2277;  w2 ← 1.2 + 0.1181 = 1.318;  "
        "b ← 0.4 + 0.2361 = 0.6361\nL after the step: 0.09879 (before: 1.904)"
    )
    assert "new -0.2277" not in " ".join(story.frames[-2].visible["mg-n0"])
    assert "new -0.2277" in story.frames[-1].visible["mg-n0"]
    assert story.frames[-1].visible["mg-n12"][-1] == "after step 0.09879"


def test_an_optimizer_before_backward_uses_the_gradients_shown():
    root = tensor_neuron()
    story = steps(root, optimizer=optim.SGD(parameters(root), lr=0.1))
    assert "new -0.2277" in story.frames[-1].visible["mg-n0"]
    assert "backward() has not run" in story.drawing.source


def test_accumulated_gradients_are_not_shown_but_used_and_named():
    root = after_backward(after_backward(tensor_neuron()))
    story = steps(root, optimizer=optim.SGD(parameters(root), lr=0.1))
    assert story.frames[-1].visible["mg-n0"][2:4] == ("grad -4.723", "step 0.9446   (SGD, lr 0.1)")
    assert "the gradients in .grad, which are not those shown" in story.drawing.source


# --- Many boxes, many frames ----------------------------------------------------------------------


def test_what_is_not_drawn_is_one_step_and_counted():
    story = steps(chain(30), max_nodes=6)
    assert captions(story, "forward")[0] == "forward through 25 ops not drawn"
    assert captions(story, "backward")[-1] == (
        "backward through 25 ops not drawn: ∂v30/∂x += 26; so far 5 + 26 = 31"
    )
    assert "showing 6 of 31 nodes" in story.drawing.source


def test_at_most_sixty_boxes_and_a_hundred_and_twenty_frames():
    story = steps(chain(500))
    assert story.drawing.boxes == 60
    assert len(story) <= 120
    assert "showing 60 of 501 nodes" in story.drawing.source
    assert "max_frames=120" in story.drawing.source
    assert "max_frames=120" in str(story)


def layers(count: int) -> mg.Tensor:
    """A chain of modules of three ops each."""
    y = parameter(0.5, "x")
    for i in range(count):
        with inside(f"layer{i}"):
            y = (y.tanh() * 2.0).sin()
    return y


@pytest.mark.parametrize(
    "limit, counts, note",
    [
        (40, (15, 15), None),
        (30, (15, 5), "one step back for each module (max_frames=30)"),
        (15, (5, 5), "one step for each module (max_frames=15)"),
        (10, (3, 3), "one step for 5 ops (max_frames=10)"),
    ],
)
def test_too_many_frames_are_grouped_by_module(limit, counts, note):
    story = steps(layers(5), depth=None, max_frames=limit)
    found = phases(story).count("forward"), phases(story).count("backward")
    assert found == counts
    assert len(story) <= limit
    assert (f"({note})" in str(story)) if note else ("max_frames" not in str(story))
    assert story.frames[-1].visible == steps(layers(5), depth=None).frames[-1].visible


def test_without_modules_neighbours_share_the_way_back():
    story = steps(chain(20), max_frames=30)
    assert phases(story).count("forward") == 20
    assert len(story) <= 30
    assert "one step back for 3 ops (max_frames=30)" in str(story)
    assert captions(story, "backward")[0].startswith("backward 3 ops: ")


def test_a_graph_of_ten_thousand_nodes():
    story = steps(chain(10_000))
    assert len(story) <= 120
    assert "showing 60 of 10001 nodes" in story.drawing.source
    assert story.frames[-1].visible["mg-n0"][2] == "grad 10001"


def test_a_module_that_is_used_in_its_middle_comes_first():
    w = parameter([1.0, 2.0], "w")
    with inside("m"):
        a = w * 2.0
        b = a.tanh()
    side = a.sin()
    root = (b * side).sum()
    told = captions(steps(root), "forward")
    assert told[0].startswith("forward m, 2 ops")
    assert told[1].startswith("forward sin")
    assert captions(steps(root), "backward")[-1].startswith("backward m, 2 ops")


# --- Nothing is changed ---------------------------------------------------------------------------


def test_gradients_are_computed_aside():
    root = tensor_neuron()
    steps(root).svgs()
    assert all(x.grad is None for x in parameters(root))
    root.backward()
    root.backward()
    stored = [x.grad.data.copy() for x in parameters(root)]
    assert steps(root).frames[-1].visible["mg-n0"][2] == "grad -4.723"
    for x, before in zip(parameters(root), stored):
        np.testing.assert_array_equal(x.grad.data, before)
    f, x = fanout()
    steps(f)
    assert [node.grad for node in topological(f)] == [0.0] * 5
    assert x.grad == 0.0


def test_data_and_random_state_stay():
    root = perceptron()
    nodes = topological(root)
    before = [(x.order, x.data.tobytes()) for x in nodes]
    random = repr(np.random.get_state()), repr(mg.get_rng_state())
    steps(root, optimizer=optim.Adam(parameters(root))).to_svg()
    assert [(x.order, x.data.tobytes()) for x in nodes] == before
    assert (repr(np.random.get_state()), repr(mg.get_rng_state())) == random


def test_a_story_keeps_the_numbers_of_its_time():
    root = after_backward(matrices())
    story = steps(root)
    told = str(story), story.frames[-1].visible
    optim.SGD(parameters(root), lr=0.1).step()
    assert (str(story), story.frames[-1].visible) == told
    static = groups(story.svgs()[-1])
    for box, texts in told[1].items():
        assert list(texts) == static[box]


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("root", [3.0, [1.0], np.ones(3), None])
def test_other_things_are_refused(root):
    with pytest.raises(TypeError, match="root must be a Tensor or a Value"):
        steps(root)


def test_a_root_that_is_no_number():
    with pytest.raises(ValueError, match=r"root has shape \(2,\), wanted one number"):
        steps(parameter([1.0, 2.0], "w") * 2.0)


def test_a_root_without_history():
    with pytest.raises(RuntimeError, match="root does not require grad"):
        steps(mg.Tensor(2.0) * 3.0)


def test_a_freed_graph():
    root = matrices()
    root.backward(retain_graph=False)
    with pytest.raises(RuntimeError, match="steps: this graph was freed"):
        steps(root)


def test_a_graph_that_was_changed_in_place():
    w = parameter([1.0, 2.0], "w")
    root = (w * w).sum()
    w.data = np.array([5.0, 6.0])
    with pytest.raises(RuntimeError, match="steps: 'w' was changed in place"):
        steps(root)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"theme": "pink"}, "theme must be one of 'light'"),
        ({"max_frames": 9}, "max_frames must be 10 or more, got 9"),
        ({"max_frames": None}, "max_frames must be 10 or more, got None"),
        ({"max_nodes": 0}, "max_nodes must be 1 or more"),
        ({"depth": 0}, "depth must be 1 or more"),
        ({"expand": "fc9"}, "expand='fc9' is no module"),
        ({"optimizer": optim.SGD([mg.Tensor(1.0, requires_grad=True)], lr=1)}, "none of its 1"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        steps(network()[0], **options)


def test_an_optimizer_that_cannot_be_copied():
    root = after_backward(tensor_neuron())
    optimizer = optim.SGD(parameters(root), lr=0.1)
    optimizer.lock = threading.Lock()
    with pytest.raises(RuntimeError, match="cannot be copied"):
        steps(root, optimizer=optimizer)


def test_a_leaf_is_the_shortest_story():
    story = steps(parameter(2.0, "x"))
    assert phases(story) == ["start", "seed", "done"]
    assert story.frames[-1].visible["mg-n0"] == ("x", "2", "grad 1")
