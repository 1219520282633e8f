"""The rules of calculus, for random functions at random points."""

import numpy as np
from drawing_from import gradients, leaf, normal, repeatable, same, seeds, shapes, smooth
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg


@repeatable
@given(smooth, seeds, shapes)
def test_the_gradient_is_linear_in_the_upstream_gradient(f, seed, shape):
    x, u, v = (normal(seed + k, *shape) for k in range(3))
    (both,), (first,), (second,) = (gradients(f, x, u=w) for w in (2 * u - 3 * v, u, v))
    same(both, 2 * first - 3 * second)


@repeatable
@given(smooth, smooth, seeds, shapes)
def test_sum_rule(f, g, seed, shape):
    x, u = normal(seed, *shape), normal(seed + 1, *shape)
    (both,) = gradients(lambda x: f(x) + g(x), x, u=u)
    same(both, gradients(f, x, u=u)[0] + gradients(g, x, u=u)[0])


@repeatable
@given(smooth, smooth, seeds, shapes)
def test_product_rule(f, g, seed, shape):
    x, u = normal(seed, *shape), normal(seed + 1, *shape)
    (both,) = gradients(lambda x: f(x) * g(x), x, u=u)
    df, dg = (gradients(h, x, u=np.ones(shape))[0] for h in (f, g))
    same(both, u * (df * np.asarray(g(x)) + np.asarray(f(x)) * dg))


@repeatable
@given(smooth, smooth, seeds, shapes)
def test_quotient_rule(f, g, seed, shape):
    def below(x):
        return mg.square(g(x)) + 1

    x, u = normal(seed, *shape), normal(seed + 1, *shape)
    (quotient,) = gradients(lambda x: f(x) / below(x), x, u=u)
    df, dg = (gradients(h, x, u=np.ones(shape))[0] for h in (f, below))
    b = np.asarray(below(x))
    same(quotient, u * (df * b - np.asarray(f(x)) * dg) / b**2)


@repeatable
@given(smooth, smooth, seeds, shapes)
def test_chain_rule(f, g, seed, shape):
    x, u = normal(seed, *shape), normal(seed + 1, *shape)
    (whole,) = gradients(lambda x: f(mg.tanh(g(x))), x, u=u)
    (outer,) = gradients(lambda z: f(mg.tanh(z)), np.asarray(g(x)), u=u)
    same(whole, gradients(g, x, u=outer)[0])


@repeatable
@given(seeds, shapes)
def test_a_function_and_its_inverse_cancel(seed, shape):
    x, u = normal(seed, *shape), normal(seed + 1, *shape)
    for there, back in ((mg.exp, mg.log), (mg.tanh, mg.arctanh), (mg.sinh, mg.arcsinh)):
        same(gradients(lambda x, t=there, b=back: b(t(x)), x, u=u)[0], u, rtol=1e-7)


@repeatable
@given(smooth, seeds, shapes)
def test_forward_and_backward_mode_are_adjoint(f, seed, shape):
    x, u, v = (normal(seed + k, *shape) for k in range(3))
    _, jv = mg.jvp(f, mg.Tensor(x), v)
    _, ju = mg.vjp(f, mg.Tensor(x), u)
    same((u * jv.data).sum(), (ju.data * v).sum())


@repeatable
@given(smooth, seeds)
def test_the_hessian_is_symmetric(f, seed):
    w = normal(seed + 1, 3, 3)
    h = mg.hessian(lambda x: f(x @ w).sum() * x.sum(), normal(seed, 3)).data
    same(h, h.T)


@repeatable
@given(smooth, seeds)
def test_a_hessian_times_a_vector_is_the_hessian_times_the_vector(f, seed):
    def loss(x):
        return (f(x) * x).sum() * x.mean()

    x, v = normal(seed, 4), normal(seed + 1, 4)
    product = mg.hvp(loss, x, v)
    found = product[-1] if isinstance(product, tuple) else product
    same(found.data, mg.hessian(loss, x).data @ v)


@repeatable
@given(smooth, seeds)
def test_rows_of_the_jacobian_are_vector_jacobian_products(f, seed):
    def curve(x):
        return f(x) * x.sum()

    x, eye = normal(seed, 3), np.eye(3)
    rows = [gradients(curve, x, u=row)[0] for row in eye]
    same(mg.jacobian(curve, x).data, rows)


@repeatable
@given(smooth, seeds, shapes, st.integers(1, 4))
def test_backward_adds_to_what_is_there(f, seed, shape, times):
    x = leaf(seed, *shape)
    u = normal(seed + 1, *shape)
    for _ in range(times):
        f(x).backward(u)
    same(x.grad.data, times * gradients(f, x.data, u=u)[0])


@repeatable
@given(smooth, seeds, shapes)
def test_recording_the_gradient_changes_no_bit_of_it(f, seed, shape):
    x = leaf(seed, *shape)
    y, u = f(x), normal(seed + 1, *shape)
    (plain,), (recorded,) = mg.grad(y, [x], u), mg.grad(y, [x], u, create_graph=True)
    same(plain.data, recorded.data, rtol=1e-14)


@repeatable
@given(smooth, seeds, shapes)
def test_recording_changes_no_bit_of_the_value(f, seed, shape):
    x = leaf(seed, *shape)
    recorded = f(x)
    with mg.no_grad():
        plain = f(x)
    assert plain.data.tobytes() == recorded.data.tobytes()
    assert not plain.requires_grad
