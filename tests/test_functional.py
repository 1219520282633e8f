"""grad, vjp, jvp, jacobian, hessian, hvp; primitive and Function; inspection."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor

A = np.array([[1.0, 2.0], [3.0, 5.0], [-1.0, 0.5]])


def f(x):
    return mg.tanh(mg.matmul(A, x)) * mg.exp(x.sum())


def test_ENG_12_grad_leaves_grad_alone_and_goes_to_any_order():
    x = Tensor(2.0, True)
    y = x**3
    (first,) = mg.grad(y, x, create_graph=True)
    (second,) = mg.grad(first, x, create_graph=True)
    (third,) = mg.grad(second, [x])
    assert [g.item() for g in (first, second, third)] == [12, 12, 6]
    assert x.grad is None


def test_grad_of_several_outputs_is_the_weighted_sum():
    x = Tensor([1.0, 2.0], True)
    ys = (x.sum(), x * x)
    (g,) = mg.grad(ys, x, (2.0, np.array([1.0, 10.0])))
    assert g.tolist() == [2 + 2, 2 + 40]
    (g,) = mg.grad([ys[0], ys[0]], x)
    assert g.tolist() == [2, 2]


def test_grad_at_an_inner_node_is_total():
    x = Tensor(3.0, True)
    h = x * x
    gx, gh = mg.grad(h * x, [x, h])
    assert (gx.item(), gh.item()) == (27, 3)


def test_grad_computes_only_what_leads_to_the_inputs():
    calls = []

    @mg.primitive()
    def watched(x):
        return x * 1

    @watched.wrt("x")
    def watched_dx(g, y, x):
        calls.append(1)
        return g

    x, w = Tensor(1.0, True), Tensor(2.0, True)
    mg.grad(watched(w) * x, x)
    assert calls == []


def test_ENG_11_an_unused_input():
    x, z = Tensor(1.0, True), Tensor(1.0, True)
    with pytest.raises(RuntimeError, match=r"input 0.*allow_unused"):
        mg.grad(2 * x, [z])
    assert mg.grad(2 * x, [z], allow_unused=True) == (None,)
    with pytest.raises(RuntimeError, match="does not require grad"):
        mg.grad(2 * x, Tensor(1.0))
    with pytest.raises(ValueError, match="1 outputs, but 2"):
        mg.grad(2 * x, x, [1.0, 2.0])


def test_create_graph_accumulates_a_graph_in_grad():
    x = Tensor(2.0, True)
    (x**3).backward(create_graph=True)
    assert x.grad.requires_grad
    (g,) = mg.grad(x.grad, x)
    assert g.item() == 12


def test_value_and_grad():
    value, g = mg.value_and_grad(lambda a, b: (a * b).sum())(np.ones(2), np.array([2.0, 3.0]))
    assert value.item() == 5 and g[0].tolist() == [2, 3] and g[1].tolist() == [1, 1]


def test_vjp_jvp_and_jacobian_agree():
    x, rng = np.array([0.1, -0.2]), np.random.default_rng(0)
    u, v = rng.normal(size=3), rng.normal(size=2)
    jac = mg.jacobian(f, x).data
    y, pulled = mg.vjp(f, x, u)
    z, pushed = mg.jvp(f, x, v)
    np.testing.assert_allclose(y.data, z.data)
    np.testing.assert_allclose(pulled.data, u @ jac, rtol=1e-13)
    np.testing.assert_allclose(pushed.data, jac @ v, rtol=1e-13)
    h = 1e-6
    numeric = np.stack([(f(x + e).data if isinstance(f(x + e), Tensor) else f(x + e)) -
                        f(x - e) for e in h * np.eye(2)], axis=-1) / (2 * h)  # fmt: skip
    np.testing.assert_allclose(jac, numeric, rtol=1e-7)


def test_structures_follow_the_inputs():
    def g(a, b):
        return a.sum() * b, b

    a, b = np.ones(2), np.array([2.0, 3.0, 4.0])
    ys, (ga, gb) = mg.vjp(g, (a, b), (np.ones(3), np.ones(3)))
    assert ys[0].shape == (3,) and ga.tolist() == [9, 9] and gb.tolist() == [3, 3, 3]
    jac = mg.jacobian(g, (a, b))
    assert jac[0][0].shape == (3, 2) and jac[0][1].shape == (3, 3)
    assert jac[1][0].data.sum() == 0
    ys, pushed = mg.jvp(g, (a, b), (np.ones(2), np.zeros(3)))
    assert pushed[0].tolist() == [4, 6, 8] and pushed[1].tolist() == [0, 0, 0]


def test_hessian_and_hvp():
    def rosenbrock(x):
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    x = np.array([1.2, 0.7])
    wanted = np.array([[2 - 400 * (0.7 - 3 * 1.44), -480.0], [-480.0, 200.0]])
    np.testing.assert_allclose(mg.hessian(rosenbrock, x).data, wanted)
    v = np.array([1.0, -2.0])
    np.testing.assert_allclose(mg.hvp(rosenbrock, x, v)[1].data, wanted @ v)
    blocks = mg.hessian(lambda a, b: a * a * b, (np.array(2.0), np.array(3.0)))
    assert [[float(e) for e in row] for row in blocks] == [[6, 4], [4, 0]]


def test_linear_functions_have_zero_hessians():
    assert mg.hessian(lambda x: 3 * x.sum(), np.ones(2)).data.tolist() == [[0, 0], [0, 0]]
    assert mg.hvp(lambda x: 3 * x.sum(), np.ones(2), np.ones(2))[1].tolist() == [0, 0]
    assert mg.jvp(lambda x: Tensor([1.0]), np.ones(2), np.ones(2))[1].tolist() == [0]


def test_they_work_inside_no_grad_and_check_their_arguments():
    with mg.no_grad():
        assert mg.vjp(lambda x: x * 2, 1.0)[1].item() == 2
    with pytest.raises(ValueError, match="shapes"):
        mg.jvp(f, np.ones(2), np.ones(3))
    with pytest.raises(TypeError, match="must return a Tensor"):
        mg.vjp(lambda x: 3.0, np.ones(2))


# --- Own ops ---


def test_a_primitive_with_parameters_by_position_and_name():
    @mg.primitive(x=lambda g, y, x, factor=2.0: g * factor)
    def scaled(x, /, factor=2.0):
        return x * factor

    x = Tensor([1.0], True)
    for y in (scaled(x, 3.0), scaled(x, factor=3.0)):
        assert y.item() == 3 and mg.grad(y, x)[0].item() == 3
    assert scaled(x).op.name == "scaled" and scaled(x, 3.0).params == {"factor": 3.0}
    with pytest.raises(TypeError, match="factor given twice"):
        scaled(x, 3.0, factor=2.0)


def test_a_rule_for_an_input_that_does_not_exist():
    with pytest.raises(TypeError, match="no input 'z'; its inputs are x"):
        mg.primitive(z=lambda g, y, x: g)(lambda x: x)


class Cube(mg.Function):
    """y = x³"""

    @staticmethod
    def forward(ctx, x):
        assert not x.requires_grad or not mg.is_grad_enabled()
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x**2


def test_function_can_be_differentiated_twice():
    x = Tensor([2.0, 3.0], True)
    y = Cube.apply(x)
    assert y.tolist() == [8, 27] and y.op.name == "Cube"
    (g,) = mg.grad(y, x, np.ones(2), create_graph=True)
    (h,) = mg.grad(g, x, np.ones(2))
    assert g.tolist() == [12, 27] and h.tolist() == [12, 18]


class TwoOutputs(mg.Function):
    @staticmethod
    def forward(ctx, x, y, factor):
        ctx.save_for_backward(x, y)
        ctx.factor = factor
        return x * y, (x + y).sum() * factor

    @staticmethod
    def backward(ctx, g_product, g_sum):
        x, y = ctx.saved_tensors
        assert g_product.shape == x.shape and g_sum.shape == ()
        both = g_sum * ctx.factor
        return (
            g_product * y + both,
            (g_product * x + both if ctx.needs_input_grad[1] else None),
            None,
        )


def test_ENG_39_function_with_two_outputs_of_which_one_is_used():
    x, y = Tensor([1.0, 2.0], True), Tensor([3.0, 4.0], True)
    _, total = TwoOutputs.apply(x, y, 10.0)
    total.backward()
    assert x.grad.tolist() == [10, 10] and y.grad.tolist() == [10, 10]
    product, total = TwoOutputs.apply(x, Tensor([3.0, 4.0]), 10.0)
    x.zero_grad()
    (product.sum() + total).backward()
    assert x.grad.tolist() == [13, 14]


def test_function_without_gradients_records_nothing():
    y = Cube.apply(Tensor([2.0]))
    assert y.op is None and y.tolist() == [8]


def test_function_with_the_wrong_number_of_gradients():
    class Bad(Cube):
        @staticmethod
        def backward(ctx, g):
            return g, g

    y = Bad.apply(Tensor(2.0, True))
    with pytest.raises(RuntimeError, match=r"Bad\.backward returned 2 gradients.*1 inputs"):
        y.backward()


# --- Inspection ---


def test_backward_steps_of_tensors():
    x = Tensor([1.0, 2.0], True, name="x")
    y = (x * x + 3 * x).sum()
    steps = list(mg.backward_steps(y))
    assert [s.node.op.name for s in steps] == ["sum", "add", "multiply", "multiply"]
    assert steps[-1].sums[x].tolist() == [5, 7]
    partial = [s.sums[x].tolist() for s in steps if x in s.sums]
    assert partial == [[3, 3], [5, 7]]
    assert x.grad is None


def test_backward_steps_of_values():
    x = mg.Value(2.0, label="x")
    y = x * x + 3 * x
    steps = list(mg.backward_steps(y))
    assert steps[0].node is y and steps[-1].sums[x] == 7.0 and x.grad == 0.0


def test_detect_anomaly_forward_names_op_and_line():
    x = Tensor([1.0, 0.0], True)
    message = r"log made 1 of 2.*-inf at \[1\].*test_functional"
    with (
        np.errstate(divide="ignore"),
        mg.detect_anomaly(),
        pytest.raises(RuntimeError, match=message),
    ):
        mg.log(x)
    assert mg.is_grad_enabled()
    with np.errstate(divide="ignore"):
        mg.log(x)


def test_detect_anomaly_backward_names_the_rule():
    x = Tensor([1.0, 0.0], True)
    with np.errstate(divide="ignore"), mg.detect_anomaly():
        y = mg.sqrt(x).sum()
        with pytest.raises(
            RuntimeError, match=r"derivative of sqrt with respect to 'x'.*called at"
        ):
            y.backward()


def test_why_no_grad():
    x = Tensor([1.0, 2.0], True, name="x")
    assert "nothing is cut" in mg.why_no_grad(x, x * 2)
    assert "shares the data of 'x'" in mg.why_no_grad(x, x.detach() * Tensor(1.0, True))
    with mg.no_grad():
        z = x * 2
    assert "no_grad" in mg.why_no_grad(x, z)
    assert "none of them" in mg.why_no_grad(x, z * Tensor(1.0, True))
    frozen = Tensor([1.0], name="frozen")
    assert "requires_grad is False" in mg.why_no_grad(frozen, frozen * x)
