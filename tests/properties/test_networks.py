"""Layers, losses and optimizers: what they do not depend on, and what they must agree with."""

import numpy as np
import pytest
from drawing_from import gradients, leaf, normal, repeatable, same, seeds
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn, optim
from minigrad.nn import functional as F

# images, channels, filters, size, kernel, stride, padding, dilation
convolutions = st.tuples(
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(4, 6),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(0, 2),
    st.integers(1, 2),
).filter(lambda c: c[7] * (c[4] - 1) + 1 <= c[3] + 2 * c[6])


def convolved(c, seed):
    """A convolution of random images, and what it is made of."""
    n, channels, filters, size, k, stride, padding, dilation = c
    x, w = normal(seed, n, channels, size, size), normal(seed + 1, filters, channels, k, k)
    sliding = {"stride": stride, "padding": padding, "dilation": dilation}
    return (lambda x, w: F.conv2d(x, w, None, **sliding)), x, w


@repeatable
@given(convolutions, seeds)
def test_convolution_is_linear_in_the_image_and_in_the_filter(c, seed):
    f, x, w = convolved(c, seed)
    z, v = normal(seed + 2, *x.shape), normal(seed + 3, *w.shape)
    same(f(2 * x - z, w), 2 * np.asarray(f(x, w)) - f(z, w))
    same(f(x, 2 * w - v), 2 * np.asarray(f(x, w)) - f(x, v))


@repeatable
@given(convolutions, seeds)
def test_the_gradients_of_a_convolution_are_its_adjoints(c, seed):
    f, x, w = convolved(c, seed)
    u = normal(seed + 2, *np.shape(f(x, w)))
    dx, dw = gradients(f, x, w, u=u)
    same((dx * x).sum(), (u * f(x, w)).sum())
    same((dw * w).sum(), (u * f(x, w)).sum())


@repeatable
@given(convolutions, seeds, st.integers(2, 3))
def test_groups_are_convolutions_side_by_side(c, seed, groups):
    f, x, w = convolved(c, seed)
    many, filters = np.concatenate([x] * groups, axis=1), np.concatenate([w] * groups)
    _, _, _, _, _, stride, padding, dilation = c
    together = F.conv2d(
        many, filters, None, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    same(together, np.concatenate([np.asarray(f(x, w))] * groups, axis=1))


@repeatable
@given(convolutions, seeds, st.randoms(use_true_random=False))
def test_images_of_a_batch_do_not_see_each_other(c, seed, random):
    f, x, w = convolved(c, seed)
    order = random.sample(range(len(x)), len(x))
    u = normal(seed + 2, *np.shape(f(x, w)))
    (dx, dw), (moved, again) = gradients(f, x, w, u=u), gradients(f, x[order], w, u=u[order])
    same(moved, dx[order])
    same(again, dw)


@repeatable
@given(seeds, st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_a_convolution_of_one_pixel_is_a_linear_layer(seed, n, inputs, outputs):
    x, w, b = normal(seed, n, inputs), normal(seed + 1, outputs, inputs), normal(seed + 2, outputs)
    u = normal(seed + 3, n, outputs)

    def as_image(x, w, b):
        y = F.conv2d(x.reshape(n, inputs, 1, 1), w.reshape(outputs, inputs, 1, 1), b)
        return y.reshape(n, outputs)

    found, wanted = (gradients(f, x, w, b, u=u) for f in (as_image, F.linear))
    for got, right in zip(found, wanted):
        same(got, right)


@repeatable
@given(seeds, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_pooling_of_windows_side_by_side_is_a_reduction(seed, n, channels, k):
    x, u = normal(seed, n, channels, 2 * k, 2 * k), normal(seed + 1, n, channels, 2, 2)

    def blocks(x):
        return x.reshape(n, channels, 2, k, 2, k)

    same(
        gradients(lambda x: F.avg_pool2d(x, k), x, u=u)[0],
        gradients(lambda x: blocks(x).mean(axis=(3, 5)), x, u=u)[0],
    )
    same(
        gradients(lambda x: F.max_pool2d(x, k), x, u=u)[0],
        gradients(lambda x: blocks(x).max(axis=(3, 5)), x, u=u)[0],
    )


@pytest.mark.parametrize("norm", ["batch", "layer", "group"])
@repeatable
@given(seeds, st.integers(3, 5), st.floats(0.5, 4), st.floats(-3, 3))
def test_normalisation_is_blind_to_scale_and_shift(norm, seed, n, scale, shift):
    layers = {
        "batch": lambda x: F.batch_norm(x, None, None, training=True, eps=0),
        "layer": lambda x: F.layer_norm(x, (4,), eps=0),
        "group": lambda x: F.group_norm(x, 1, eps=0),
    }
    f, x, u = layers[norm], normal(seed, n, 4), normal(seed + 1, n, 4)
    (g,) = gradients(f, x, u=u)
    same(f(scale * x + shift), f(x), rtol=1e-8)
    axis = 0 if norm == "batch" else 1
    size = np.abs(g).max()
    same(g.sum(axis), 0 * g.sum(axis), rtol=1e-8, scale=size)  # what shifting would change
    same((g * x).sum(axis), 0 * g.sum(axis), rtol=1e-8, scale=size)  # and scaling


@repeatable
@given(seeds, st.integers(1, 5), st.integers(2, 5), st.floats(-50, 50))
def test_softmax_is_blind_to_a_shift(seed, n, classes, shift):
    x, u = normal(seed, n, classes), normal(seed + 1, n, classes)
    (g,) = gradients(lambda x: mg.softmax(x + shift, axis=1), x, u=u)
    same(g, gradients(lambda x: mg.softmax(x, axis=1), x, u=u)[0], rtol=1e-9)
    same(g.sum(1), np.zeros(n), scale=np.abs(u).max())


@repeatable
@given(seeds, st.integers(1, 6), st.integers(2, 5))
def test_the_gradient_of_cross_entropy_is_probability_minus_target(seed, n, classes):
    x = normal(seed, n, classes)
    y = np.random.default_rng(seed).integers(0, classes, n)
    (g,) = gradients(lambda x: F.cross_entropy(x, y), x, u=1.0)
    same(g, (np.asarray(mg.softmax(x, axis=1)) - np.eye(classes)[y]) / n)


LOSSES = {"mse": F.mse_loss, "l1": F.l1_loss, "huber": F.huber_loss, "smooth l1": F.smooth_l1_loss}


@pytest.mark.parametrize("loss", LOSSES)
@repeatable
@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_the_loss_of_a_batch_is_the_mean_over_its_parts(loss, seed, n, m):
    f, x, y = LOSSES[loss], normal(seed, n + m, 3), normal(seed + 1, n + m, 3)
    (whole,) = gradients(lambda x: f(x, y), x, u=1.0)
    first, second = (
        gradients(lambda x, part=part: f(x, y[part]), x[part], u=1.0)[0]
        for part in (slice(n), slice(n, None))
    )
    same(whole, np.concatenate([first * n, second * m]) / (n + m))


@repeatable
@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_gradients_of_two_batches_add_up(seed, n, m):
    model = nn.Sequential(nn.Linear(3, 4, rng=seed), nn.Tanh(), nn.Linear(4, 2, rng=seed + 1))
    model.astype(np.float64)
    x, u = normal(seed, n + m, 3), normal(seed + 1, n + m, 2)
    model(mg.Tensor(x)).backward(u)
    whole = [p.grad.data for p in model.parameters()]
    model.zero_grad()
    for part in (slice(n), slice(n, None)):
        model(mg.Tensor(x[part])).backward(u[part])
    for p, g in zip(model.parameters(), whole):
        same(p.grad.data, g)


@repeatable
@given(seeds, st.floats(0.001, 1), st.floats(0.01, 100))
def test_adaptive_steps_are_blind_to_the_scale_of_the_loss(seed, lr, scale):
    for kind in (optim.Adagrad, optim.RMSprop, optim.Adam):
        moved = []
        for factor in (1.0, scale):
            w = leaf(seed, 5)
            optimizer = kind([w], lr=lr, eps=1e-300)
            for k in range(3):
                w.grad = mg.Tensor(factor * normal(seed + k + 1, 5))
                optimizer.step()
            moved.append(w.data)
        same(*moved, rtol=1e-8)


@repeatable
@given(seeds, st.floats(0.001, 1), st.integers(1, 5))
def test_parameters_in_one_optimizer_move_as_in_several(seed, lr, count):
    def moved(together):
        ws = [leaf(seed + k, k + 1) for k in range(count)]
        groups = [ws] if together else [[w] for w in ws]
        optimizers = [optim.Adam(group, lr=lr) for group in groups]
        for step in range(3):
            for k, w in enumerate(ws):
                w.grad = mg.Tensor(normal(seed + 10 * step + k, k + 1))
            for optimizer in optimizers:
                optimizer.step()
        return np.concatenate([w.data for w in ws])

    np.testing.assert_array_equal(moved(True), moved(False))


@repeatable
@given(seeds, st.integers(1, 30), st.integers(1, 3))
def test_going_downhill_with_a_small_step_lowers_a_smooth_loss(seed, n, layers):
    sizes = [3] * layers
    parts = [layer for s in sizes for layer in (nn.Linear(3, s, rng=seed), nn.Tanh())]
    model = nn.Sequential(*parts).astype(np.float64)
    x, y = mg.Tensor(normal(seed, n, 3)), mg.Tensor(normal(seed + 1, n, 3))
    before = F.mse_loss(model(x), y)
    before.backward()
    optim.GD(model.parameters(), lr=1e-3).step()
    assert F.mse_loss(model(x), y).item() < before.item()
