import pytest
from pictured import chain, fanout, matrices, network, parameter

from minigrad.recording import inside
from minigrad.tensor import Tensor
from minigrad.viz.parts import divided, focused, module_of, nearest, stubs
from minigrad.viz.reading import read


def split(root, depth=1, expand=(), **options):
    reading = read(root, **options)
    return divided(reading, depth, expand), reading


def modules(division):
    return [(part.module, len(part.nodes)) for part in division.parts if part.module]


@pytest.mark.parametrize(
    "path, depth, expand, module",
    [
        ("", 1, (), None),
        ("fc", 1, (), "fc"),
        ("fc", None, (), None),
        ("fc", 2, (), None),
        ("block.conv", 1, (), "block"),
        ("block.conv", 2, (), "block.conv"),
        ("block.conv", 1, {"block"}, "block.conv"),
        ("block.conv", 1, {"block", "block.conv"}, None),
        ("blocks.conv", 1, {"block"}, "blocks"),
    ],
)
def test_module_of(path, depth, expand, module):
    assert module_of(path, depth, expand) == module


def test_modules_become_one_box_with_their_parameters():
    division, _ = split(network()[0])
    assert modules(division) == [("fc1", 2), ("fc2", 2)]
    first = next(part for part in division.parts if part.module == "fc1")
    assert [x.name for x in first.folded] == ["fc1.weight", "fc1.bias"]


def test_open_modules_leave_every_op_a_box():
    division, _ = split(network()[0], depth=None)
    assert modules(division) == []
    assert all(not part.collapsed for part in division.parts)


def test_every_node_has_one_home():
    for depth in (1, None):
        division, reading = split(network()[0], depth=depth)
        members = [x for part in division.parts for x in (*part.nodes, *part.folded)]
        assert sorted(map(id, members)) == sorted(map(id, reading.nodes))


def test_a_module_that_runs_twice_is_two_boxes_and_boxes_do_not_depend_on_each_other():
    w = parameter([[2.0]], "m.w")
    x = Tensor([[1.0]], name="x")
    with inside("m"):
        first = (x @ w) + 1.0
    between = first.tanh()
    with inside("m"):
        second = (between @ w) + 1.0
    root = (first + second).sum()
    division, _ = split(root)
    assert modules(division) == [("m", 2), ("m", 2)]
    own = [part for part in division.parts if part.face is w]
    assert len(own) == 1, "a parameter of two boxes has its own"
    assert_no_circle(division)


def test_a_module_left_and_entered_again_makes_no_circle():
    w = parameter([1.0, 2.0], "w")
    with inside("m"):
        a = w * 2.0
    outside = a.tanh()
    with inside("m"):
        root = (a + outside).sum()
    division, _ = split(root)
    assert_no_circle(division)
    assert modules(division) == [("m", 1), ("m", 2)]


def assert_no_circle(division):
    done, waiting = set(), list(division.parts)
    while waiting:
        ready = [part for part in waiting if done.issuperset(division.inputs(part))]
        assert ready, "boxes depend on each other in a circle"
        done.update(ready)
        waiting = [part for part in waiting if part not in done]


def test_numbers_and_small_matrices_are_not_folded():
    for root in (fanout()[0], matrices()):
        division, _ = split(root)
        assert all(not part.folded for part in division.parts)


def test_parameters_of_larger_results_are_folded_where_they_are_used_once():
    x = Tensor([[0.1] * 8] * 4, name="x")
    once, twice = parameter([0.5] * 8, "once"), parameter([0.2] * 8, "twice")
    root = (x * once + twice - twice * 2.0).sum()
    division, _ = split(root)
    assert [leaf.name for part in division.parts for leaf in part.folded] == ["once"]


def test_focus_keeps_its_paths_and_the_leaves_beside_them():
    f, x = fanout()
    other = f * 2.0
    root = other + (x - 1.0).tanh()
    division, reading = split(root, focus=other)
    kept = [part.face for part in focused(division, reading)]
    assert kept[-2] is other
    assert kept[-1] is root
    assert [node.data for node in kept[:-2]] == [2.0]


def test_nearest_is_breadth_first_from_the_root():
    root = chain(30)
    division, reading = split(root)
    division.shown = nearest(division, reading, 4)
    assert [reading.name(part.face) for part in division.shown] == ["x", "v28", "v29", "v30"]


def test_stubs_count_every_hidden_node_behind_a_box():
    root = chain(30)
    division, reading = split(root)
    division.shown = nearest(division, reading, 4)
    counts = stubs(division, reading)
    assert [(reading.name(part.face), n) for part, n in counts.items()] == [("v28", 27)]
    assert len(division.shown) + 27 == len(reading.nodes)


def test_a_node_behind_two_boxes_counts_for_both():
    a = parameter(1.0, "a")
    deep = a.tanh()
    root = deep.exp() * deep.sin()
    division, reading = split(root)
    division.shown = nearest(division, reading, 3)
    assert list(stubs(division, reading).values()) == [2, 2]
