"""What pictures say of modules: names, settings, frames, and which ops are one call."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
from pictured import after_backward, deep, grid, network, normalised, parameter, unrolled

from minigrad import nn
from minigrad.recording import ModulePath, inside
from minigrad.viz import draw, table
from minigrad.viz.paths import enclosing, full_name, kind, told
from minigrad.viz.reading import read
from minigrad.viz.runs import calls, runs

SVG = "{http://www.w3.org/2000/svg}"


def path(text, kind="", outer="", parameters=()):
    made = ModulePath(text)
    made.kind, made.outer, made.parameters = kind, outer, frozenset(parameters)
    return made


def titles(source):
    """Header left and right of every box."""
    return re.findall(
        r'bgcolor="#F0F0F0"><b>([^<]*)</b></td><td[^>]*>(?:<font[^>]*>)?([^<]*)', source
    )


def tooltips(svg):
    link = "{http://www.w3.org/1999/xlink}title"
    return [a.get(link) for a in ElementTree.fromstring(svg).iter(f"{SVG}a")]


def test_paths_know_what_is_around_them():
    block = path("layers.0")
    assert enclosing(path("layers.0.norm", outer=block)) == ["layers.0", "layers.0.norm"]
    assert enclosing("a.b") == ["a", "a.b"]


def test_of_settings_the_sizes_are_told():
    assert (
        kind(path("fc", "Linear(in_features=64, out_features=10, bias=True)")) == "Linear(64, 10)"
    )
    assert kind(path("c", "Conv2d(1, 16, kernel_size=(3, 3))")) == "Conv2d(1, 16)"
    assert kind(path("d", "Dropout(p=0.5)")) == "Dropout(p=0.5)"
    assert kind(path("r", "ReLU")) == "ReLU"
    assert kind("plain") == ""
    assert (
        told(path("c", "Conv2d(1, 16, kernel_size=(3, 3))"))
        == "c: Conv2d(1, 16, kernel_size=(3, 3))"
    )


def test_a_collapsed_module_says_what_it_is_and_where():
    root = after_backward(deep(3))
    found = titles(draw(root, fold="none").source)
    assert ("Block", "layers.0  (5, 6)") in found and ("Block", "layers.2  (5, 6)") in found
    assert ("x Wᵀ + b", "head  (5, 2)") in found, "a single op keeps its own title"


def test_modules_in_a_list_are_modules_of_their_own():
    """The list does not run: collapsed to depth 1 its members are boxes."""
    source = draw(deep(2)).source
    assert source.count("<b>Block</b>") == 2


def test_boxes_and_frames_have_the_settings_as_tooltips():
    svg = draw(normalised(), expand={"bn1"}).svg()
    found = tooltips(svg)
    assert "fc1: Linear(in_features=3, out_features=4, bias=True)" in found
    assert any(text.startswith("bn1: BatchNorm1d(4, eps=1e-05") for text in found)


def test_hostile_settings_stay_text():
    class Odd(nn.Module):
        def extra_repr(self):
            return '"<b>&amp;\\N\n]'

        def forward(self, x):
            return x * 2.0

    root = nn.Sequential(Odd(), Odd())(parameter([1.0, 2.0], "x"))
    drawing = draw(root.tanh().sum(), depth=None)
    assert '0: Odd("<b>&amp;\\N¶])' in tooltips(drawing.svg())


def test_frames_say_what_they_frame():
    source = draw(after_backward(deep(1)), depth=None).source
    assert ">layers.0: Block<" in source
    assert ">head<" in draw(network()[0], depth=None).source.replace("fc2", "head"), (
        "plain paths too"
    )


def test_parameters_have_the_path_of_their_module():
    root = after_backward(deep(2))
    names = [line.split()[0] for line in table(root).splitlines()]
    assert "embed.weight" in names and "layers.1.linear.bias" in names
    assert "weight" not in names


def test_other_leaves_keep_their_name():
    owner = path("fc", parameters={"weight"})

    class User:
        path = owner

    assert full_name("weight", [User]) == "fc.weight"
    assert full_name("X", [User]) == "X"
    assert full_name("X", []) == "X"


def test_long_names_lose_their_beginning():
    net = nn.Sequential({"a_very_long_name_of_a_module": nn.Linear(2, 2, rng=0)})
    lines = table(net(grid(2, 2)).sum()).splitlines()
    assert any(line.startswith("…name_of_a_module.weight ") for line in lines)


def test_each_call_of_a_recurrent_cell_is_a_box():
    source = draw(after_backward(unrolled(4))).source
    assert source.count("<b>LSTMCell(3, 4)</b>") == 4
    assert source.count("16 ops, 144 shared parameters") == 4


def test_what_one_call_does_several_times_with_a_parameter_stays_one_box():
    net = nn.Sequential(nn.LayerNorm(4), Attention())
    source = draw(net(grid(2, 3, 4)).sum()).source
    assert source.count("<b>Attention</b>") == 1


class Attention(nn.Module):
    """Slices one matrix of weights for queries, keys and values."""

    def __init__(self):
        super().__init__()
        self.inner = nn.MultiheadAttention(4, 2, batch_first=True, rng=0)

    def forward(self, x):
        return self.inner(x, x, x, need_weights=False)[0]


def test_unconnected_ops_of_a_module_are_boxes_of_their_own():
    relu = nn.Sequential(nn.ReLU())
    a, b = parameter([1.0, -1.0], "a"), parameter([2.0, -2.0], "b")
    root = (relu(a) + relu(b)).sum()
    assert draw(root).source.count("<b>ReLU</b>") == 2


def test_calls_are_told_apart_by_their_parameters():
    w = parameter([2.0], "w")
    x = parameter([1.0], "x")
    with inside("m"):
        first = (x * w).tanh()
        second = (first * w).tanh()
    nodes = read(second).nodes
    found = calls(nodes, {node: node.path for node in nodes if node.op})
    assert sorted(call for _, call in found.values()) == [0, 0, 1, 1]


def test_runs_do_not_depend_on_each_other_in_a_circle():
    """Random programs, in and out of modules: boxes can be put in order."""
    rng = np.random.default_rng(0)
    for _ in range(60):
        pool = [parameter(rng.standard_normal(2), f"p{i}") for i in range(3)]
        for _ in range(int(rng.integers(3, 25))):
            with inside(str(rng.choice(["", "m", "n", "m.a"]))):
                a, b = pool[int(rng.integers(len(pool)))], pool[-1]
                pool.append(a * b if rng.random() < 0.5 else (a + b).tanh())
        root = sum((x.sum() for x in pool[3:]), pool[-1].sum())
        nodes = read(root).nodes
        groups = list(runs(nodes, {node: node.path.partition(".")[0] for node in nodes if node.op}))
        assert sorted(id(x) for group in groups for x in group) == sorted(map(id, nodes))
        assert_no_circle(groups)


def assert_no_circle(groups):
    home = {id(node): i for i, group in enumerate(groups) for node in group}
    needs = {
        i: {home[id(x)] for node in group for x in node.inputs} - {i}
        for i, group in enumerate(groups)
    }
    done: set[int] = set()
    while len(done) < len(groups):
        ready = {i for i in needs if i not in done and needs[i] <= done}
        assert ready, "boxes depend on each other in a circle"
        done |= ready
