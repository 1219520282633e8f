"""Layers that are alike, drawn once; weights that are shared; and when they are not."""

import re

import numpy as np
import pytest
from pictured import Block, Deep, after_backward, deep, grid, loss_of, parameters, unrolled

from minigrad import nn
from minigrad.optim import SGD
from minigrad.tensor import Tensor
from minigrad.viz import Mark, draw


def edges(source):
    return re.findall(r"^\t*(n\d+ -> n\d+)", source, re.MULTILINE)


def mask():
    return Tensor(np.ones(6, np.float32), name="mask")


def test_twelve_layers_are_one_box():
    drawing = draw(after_backward(deep(12)))
    assert "<b>× 12, the first shown</b>" in drawing.source
    assert ">layers.0  … layers.11  (5, 6)<" in drawing.source
    assert drawing.source.count("<b>Block</b>") == 1
    assert drawing.boxes == draw(deep(3)).boxes == draw(deep(30)).boxes


def test_what_goes_in_and_out_is_drawn_once():
    apart, folded = draw(deep(4), fold="none").source, draw(deep(4)).source
    assert len(edges(apart)) - len(edges(folded)) == 3 * 3, "x twice and the mask, for three layers"
    assert len(edges(folded)) == len(edges(draw(deep(8)).source))


def test_the_table_lists_all():
    assert "layers.4.linear.weight" in str(draw(deep(5)))


def test_two_are_drawn_as_they_are_and_so_is_everything_on_request():
    assert "the first shown" not in draw(deep(2)).source
    assert draw(deep(5), fold="none").source.count("<b>Block</b>") == 5
    assert "the first shown" not in draw(deep(5), depth=None).source


def test_an_open_layer_parts_the_rest():
    source = draw(deep(9), expand={"layers.4"}).source
    assert source.count("<b>× 4, the first shown</b>") == 2
    assert ">layers.4: Block<" in source


def test_layers_of_a_sequential_are_folded_by_their_numbers():
    net = nn.Sequential(*[nn.Sequential(nn.Linear(3, 3, rng=i), nn.Tanh()) for i in range(6)])
    source = draw(loss_of(net, grid(4, 3))).source
    assert "× 6, the first shown" in source and ">0  … 5  (4, 3)<" in source


class Uneven(Deep):
    """One of the layers is another one."""

    def __init__(self, change):
        super().__init__(7)
        change(self.layers)


def widened(layers):
    layers[3].linear = nn.Linear(6, 6, bias=False, rng=0)


def another_kind(layers):
    class Other(Block):
        pass

    layers[3] = Other(6, 0)


def frozen(layers):
    layers[3].requires_grad_(False)


@pytest.mark.parametrize("change", [widened, another_kind, frozen])
def test_layers_that_differ_are_not_folded(change):
    source = draw(loss_of(Uneven(change), grid(5, 3), mask())).source
    assert source.count("<b>× 3, the first shown</b>") == 2


class Listened(Deep):
    """The result of one of the layers is used elsewhere."""

    def forward(self, x, mask):
        x = heard = self.embed(x)
        for i, layer in enumerate(self.layers):
            x = layer(x, mask)
            heard = x if i == 2 else heard
        return self.head(x) + self.head(heard)


def test_a_layer_that_others_listen_to_ends_the_chain():
    source = draw(loss_of(Listened(7), grid(5, 3), mask())).source
    assert "× 7" not in source and "<b>× 4, the first shown</b>" in source


class Masked(Deep):
    """Every layer has a mask of its own."""

    def forward(self, x, mask):
        x = self.embed(x)
        for i, layer in enumerate(self.layers):
            x = layer(x, Tensor(np.full(6, i, np.float32), name=f"mask{i}"))
        return self.head(x)


def test_layers_with_inputs_of_their_own_are_not_folded():
    source = draw(loss_of(Masked(4), grid(5, 3), mask())).source
    assert "the first shown" not in source and "mask3" in source


def test_nothing_is_folded_where_somebody_looks():
    root = deep(4)
    weight = next(x for x in parameters(root) if x.shape == (6, 6))
    assert "the first shown" not in draw(root, focus=weight).source
    assert "the first shown" not in draw(root, marks={weight: Mark("ok", ("fine",))}).source


def test_an_optimizer_steps_in_the_layer_that_is_shown():
    root = after_backward(deep(4))
    source = draw(root, optimizer=SGD(parameters(root), lr=0.1)).source
    assert "the first shown" in source and "step norm" in source


def test_shared_weights_are_rows_of_every_box():
    root = after_backward(unrolled(3))
    folded, apart = draw(root).source, draw(root, fold="none").source
    assert folded.count("144 shared parameters") == 3 and "cell.weight_hh" not in folded
    assert apart.count("<b>cell.weight_hh</b>") == 1
    assert len(edges(folded)) == len(edges(apart)) - 3 * 4


def test_a_layer_that_is_used_twice_says_so():
    layer = nn.Linear(3, 3, rng=0)

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = layer

        def forward(self, x):
            return self.layer(self.layer(x).tanh())

    source = draw(after_backward(loss_of(Twice(), grid(9, 3)))).source
    assert source.count(">weight (shared)<") == 2
