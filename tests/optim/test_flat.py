"""Flat arrays and blocks: whatever the layout, the result is that of the plain formula."""

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.optim import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, RMSprop
from minigrad.optim import flat as layout

# The formulas as one writes them on a board; s holds what is remembered.


def plain_sgd(theta, g, s, t):
    s["v"] = 0.9 * s["v"] + g
    return theta - 0.01 * s["v"]


def plain_adagrad(theta, g, s, t):
    s["v"] = s["v"] + g**2
    return theta - 0.01 / (1 + (t - 1) * 0.1) * g / (np.sqrt(s["v"]) + 1e-10)


def plain_rmsprop(theta, g, s, t):
    s["v"] = 0.99 * s["v"] + 0.01 * g**2
    s["m"] = 0.99 * s["m"] + 0.01 * g
    s["buf"] = 0.9 * s["buf"] + g / (np.sqrt(s["v"] - s["m"] ** 2) + 0.1)
    return theta - 0.01 * s["buf"]


def plain_adadelta(theta, g, s, t):
    s["v"] = 0.9 * s["v"] + 0.1 * g**2
    delta = np.sqrt(s["m"] + 1e-6) / np.sqrt(s["v"] + 1e-6) * g
    s["m"] = 0.9 * s["m"] + 0.1 * delta**2
    return theta - delta


def plain_adam(theta, g, s, t):
    g = -g + 0.1 * theta
    s["m"] = 0.9 * s["m"] + 0.1 * g
    s["v"] = 0.999 * s["v"] + 0.001 * g**2
    m, v = s["m"] / (1 - 0.9**t), s["v"] / (1 - 0.999**t)
    return theta - 0.001 * m / (np.sqrt(v) + 1e-8)


def plain_adamw(theta, g, s, t):
    theta = theta - 0.001 * 0.2 * theta
    s["m"] = 0.9 * s["m"] + 0.1 * g
    s["v"] = 0.999 * s["v"] + 0.001 * g**2
    m, v = s["m"] / (1 - 0.9**t), s["v"] / (1 - 0.999**t)
    return theta - 0.001 * m / (np.sqrt(v) + 1e-8)


def plain_adamax(theta, g, s, t):
    s["m"] = 0.9 * s["m"] + 0.1 * g
    s["v"] = np.maximum(0.999 * s["v"], np.abs(g) + 1e-8)
    return theta - 0.002 / (1 - 0.9**t) * s["m"] / s["v"]


PLAIN = [
    (SGD, {"lr": 0.01, "momentum": 0.9}, plain_sgd),
    (Adagrad, {"lr_decay": 0.1}, plain_adagrad),
    (RMSprop, {"centered": True, "momentum": 0.9, "eps": 0.1}, plain_rmsprop),
    (Adadelta, {}, plain_adadelta),
    (Adam, {"weight_decay": 0.1, "maximize": True}, plain_adam),
    (AdamW, {"weight_decay": 0.2}, plain_adamw),
    (Adamax, {}, plain_adamax),
]

LARGE = layout.BLOCK * 2 + 5
LAYOUTS = {
    "one": [(3,)],
    "scalars": [(), (), (1,)],
    "small": [(5,), (2, 3), (), (4, 1, 2)],
    "a bias between weights": [(300, 200), (200,), (200, 300), (7,)],
    "larger than a block": [(11,), (LARGE,), (2, 2)],
    "empty ones": [(0,), (3,), (2, 0)],
    "just as large": [(layout.LARGE,), (layout.LARGE + 1,), (layout.BLOCK,), (1,)],
    "many that fill blocks": [(layout.LARGE - 3,)] * 9,
}


@pytest.mark.parametrize("shapes", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(("cls", "keywords", "plain"), PLAIN)
def test_three_steps_of_the_plain_formula(cls, keywords, plain, shapes):
    rng = np.random.default_rng(0)
    thetas = [rng.standard_normal(shape) for shape in shapes]
    remembered = [dict.fromkeys(("m", "v", "buf"), np.zeros(shape)) for shape in shapes]
    params = [Tensor(theta, requires_grad=True) for theta in thetas]
    optimizer = cls(params, **keywords)
    for t in (1, 2, 3):
        for i, p in enumerate(params):
            g = rng.standard_normal(p.shape)
            p.grad = Tensor(g)
            thetas[i] = plain(thetas[i], g, remembered[i], t)
        optimizer.step()
    for p, theta in zip(params, thetas):
        np.testing.assert_allclose(p.data, theta, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("shapes", LAYOUTS.values(), ids=LAYOUTS)
def test_blocks_cover_everything_once(shapes):
    sizes = sorted((int(np.prod(shape)) for shape in shapes), reverse=True)
    starts = np.cumsum([0, *sizes])
    covered = []
    for block in layout.cut(sizes):
        entries = [
            start + np.arange(size)[block.own]
            for start, size in zip(starts[block.members], sizes[block.members])
        ]
        assert np.concatenate(entries).tolist() == list(range(block.span.start, block.span.stop))
        assert block.span.stop - block.span.start <= layout.BLOCK
        covered += range(block.span.start, block.span.stop)
    assert covered == list(range(sum(sizes)))


@pytest.mark.parametrize("size", [12, LARGE])
@pytest.mark.parametrize("cls", [SGD, AdamW])
def test_arrays_with_gaps_and_in_other_orders(cls, size):
    """A parameter may be any view: what lies in its gaps stays."""
    rng = np.random.default_rng(2)
    whole = rng.standard_normal((size // 2, 2, 3))
    views = [whole[:, :, 0], whole[::2, 0, 1], whole[:, :, 2].T, np.asfortranarray(whole[0])]
    expected = whole.copy()
    params, twins = [], []
    for view in views:
        p = Tensor(view, requires_grad=True)
        twins.append(Tensor(view, requires_grad=True))
        p.data = view
        params.append(p)
    ours, theirs = cls(params, lr=0.1, weight_decay=0.1), cls(twins, lr=0.1, weight_decay=0.1)
    for _ in range(2):
        for p, twin in zip(params, twins):
            g = rng.standard_normal(p.shape)
            p.grad, twin.grad = Tensor(g), Tensor(g)
            p.grad.data = g.T.copy().T
        ours.step()
        theirs.step()
    for view, p, twin in zip(views, params, twins):
        assert p.data is view
        assert (view == twin.data).all()
    expected[:, :, 0], expected[::2, 0, 1], expected[:, :, 2] = views[0], views[1], views[2].T
    assert (whole == expected).all()


def test_a_layout_is_kept_as_long_as_it_fits():
    params = [Tensor(np.ones(n), requires_grad=True) for n in (2, 5, 3)]
    optimizer = Adam(params)
    for p in params:
        p.grad = Tensor(np.ones(p.shape))
    optimizer.step()
    average = optimizer.state[params[0]]["exp_avg"]
    assert average.base is optimizer.state[params[1]]["exp_avg"].base
    optimizer.step()
    assert optimizer.state[params[0]]["exp_avg"] is average
    params[1].grad = None
    optimizer.step()
    assert optimizer.state[params[0]]["exp_avg"] is not average
    assert [optimizer.state[p]["step"] for p in params] == [3, 2, 3]


def test_what_is_computed_in_is_no_longer_than_the_parameters():
    optimizer = Adam([Tensor(np.ones(n), requires_grad=True) for n in (2, 5)])
    for n in (3, 7, 4):
        more = Tensor(np.ones(n), requires_grad=True)
        optimizer.add_param_group({"params": [more]})
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = Tensor(np.ones(p.shape))
        optimizer.step()
    assert [len(spare) for spare in optimizer._buffers[np.dtype(float)]] == [7, 7, 7]


def test_rules_never_write_to_gradients():
    for cls, keywords, _ in PLAIN:
        params = [Tensor(np.ones(n), requires_grad=True) for n in (3, layout.LARGE + 1)]
        for p in params:
            p.grad = Tensor(np.full(p.shape, 0.5))
        optimizer = cls(params, **keywords)
        optimizer.step()
        optimizer.step()
        assert all((p.grad.data == 0.5).all() for p in params)
