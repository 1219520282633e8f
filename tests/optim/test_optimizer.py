"""Parameter groups, the step, and what is refused."""

import numpy as np
import pytest

from minigrad import Tensor, Value, optim
from minigrad.optim import GD, SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, NAdam, RAdam, RMSprop

ALL = [GD, SGD, Adagrad, RMSprop, Adadelta, Adam, AdamW, NAdam, RAdam, Adamax]
CONFIGURATIONS = [
    (GD, {}),
    (SGD, {}),
    (SGD, {"momentum": 0.9}),
    (SGD, {"momentum": 0.9, "nesterov": True, "lr_in_velocity": True}),
    (Adagrad, {"lr_decay": 0.1}),
    (RMSprop, {}),
    (RMSprop, {"centered": True, "momentum": 0.9}),
    (Adadelta, {}),
    (Adadelta, {"accumulate_updates": False}),
    (Adam, {}),
    (Adam, {"amsgrad": True}),
    (AdamW, {}),
    (NAdam, {}),
    (RAdam, {"betas": (0.9, 0.8)}),
    (Adamax, {}),
]
each = pytest.mark.parametrize(("cls", "keywords"), CONFIGURATIONS)


def parameter(data, grad=None, dtype=None):
    p = Tensor(data, requires_grad=True, dtype=dtype)
    p.grad = None if grad is None else Tensor(grad, dtype=dtype)
    return p


# --- The step ---


@each
def test_goes_downhill(cls, keywords):
    w = parameter([3.0, -2.0])
    optimizer = cls([w], lr=0.05, **keywords)
    for _ in range(20):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
    assert (np.abs(w.data) < [3.0, 2.0]).all()


@each
def test_OPT_39_maximize_mirrors_minimizing_the_negative(cls, keywords):
    up, down = parameter([1.0, -2.0]), parameter([1.0, -2.0])
    climbing = cls([up], lr=0.1, maximize=True, **keywords)
    falling = cls([down], lr=0.1, **keywords)
    for g in np.random.default_rng(0).standard_normal((5, 2)):
        up.grad, down.grad = Tensor(g), Tensor(-g)
        climbing.step()
        falling.step()
    assert (up.data == down.data).all()
    assert (up.grad.data == g).all()


@each
def test_OPT_27_without_gradient_nothing_happens(cls, keywords):
    decay = {} if cls is GD else {"weight_decay": 0.1}
    a, b = parameter([1.0], [0.5]), parameter([1.0])
    optimizer = cls([a, b], lr=0.1, **keywords, **decay)
    optimizer.step()
    assert a.data != 1 and b.data == 1
    assert b not in optimizer.state
    b.grad = Tensor([0.5])
    optimizer.step()
    if optimizer.state:
        assert optimizer.state[a]["step"] == 2
        assert optimizer.state[b]["step"] == 1


@each
def test_steps_are_counted_for_each_parameter(cls, keywords):
    """A parameter that was left out for a while goes on where it stopped."""
    gradients = np.random.default_rng(4).standard_normal((6, 3))
    alone, beside, other = parameter([1.0] * 3), parameter([1.0] * 3), parameter([2.0] * 3)
    single = cls([alone], lr=0.1, **keywords)
    pair = cls([other, beside], lr=0.1, **keywords)
    for i, g in enumerate(gradients):
        other.grad = Tensor(g)
        beside.grad = Tensor(g) if i % 2 else None
        pair.step()
        if i % 2:
            alone.grad = Tensor(g)
            single.step()
    assert (alone.data == beside.data).all()


@each
def test_OPT_44_frozen_parameters_stay(cls, keywords):
    decay = {} if cls is GD else {"weight_decay": 0.1}
    p = parameter([1.0, 2.0], [0.5, 0.5])
    p.requires_grad = False
    optimizer = cls([p], lr=0.1, **keywords, **decay)
    optimizer.step()
    assert p.tolist() == [1.0, 2.0]
    assert p not in optimizer.state


@each
def test_OPT_28_zero_gradients_move_nothing_at_first(cls, keywords):
    p = parameter([1.0, 2.0], [0.0, 0.0])
    decoupled = {"weight_decay": 0} if cls is AdamW else {}
    cls([p], lr=0.1, **keywords, **decoupled).step()
    assert p.tolist() == [1.0, 2.0]


def test_OPT_28_with_zero_gradients_momentum_and_decay_act():
    p = parameter([1.0], [1.0])
    optimizer = SGD([p], lr=0.1, momentum=0.5)
    optimizer.step()
    p.grad = Tensor([0.0])
    optimizer.step()
    assert p.data == pytest.approx([0.85])
    for cls in (SGD, Adam, AdamW):
        p = parameter([1.0], [0.0])
        cls([p], lr=0.1, weight_decay=0.5).step()
        assert p.data[0] < 1


def test_OPT_36_adam_without_eps_gives_nan_for_a_gradient_of_zero():
    p = parameter([1.0, 1.0], [0.0, 1.0])
    Adam([p], eps=0).step()
    assert np.isnan(p.data[0]) and p.data[1] == pytest.approx(0.999)


@each
def test_OPT_29_float32_stays_float32(cls, keywords):
    p = parameter([1.0, 2.0], [0.1, -0.3], dtype=np.float32)
    numbers = {"lr": np.float64(0.1)}
    if "betas" in keywords or issubclass(cls, Adam):
        numbers["betas"] = (np.float64(0.9), np.float64(0.8))
    optimizer = cls([p], **{**keywords, **numbers})
    optimizer.param_groups[0]["lr"] = np.float64(0.05)
    for _ in range(3):
        optimizer.step()
    assert p.dtype == np.float32
    arrays = [x for x in optimizer.state.get(p, {}).values() if isinstance(x, np.ndarray)]
    assert all(x.dtype == np.float32 for x in arrays)


def test_float32_and_float64_parameters_together():
    a, b = parameter([1.0], [2.0], dtype=np.float32), parameter([1.0], [2.0])
    Adam([a, b], lr=0.5).step()
    assert a.dtype == np.float32 and b.dtype == np.float64
    assert a.tolist() == pytest.approx([0.5]) and b.tolist() == pytest.approx([0.5])


@each
def test_OPT_30_memory_stays_and_views_see_the_update(cls, keywords):
    p = parameter([[1.0, 2.0], [3.0, 4.0]], np.ones((2, 2)))
    data, view = p.data, p.data[0]
    cls([p], lr=0.1, **keywords).step()
    assert p.data is data
    assert (view == data[0]).all() and (view != [1.0, 2.0]).all()


def test_OPT_31_a_step_under_a_graph_makes_its_backward_raise():
    w = parameter([2.0])
    optimizer = GD([w], lr=0.1)
    loss = (w * w).sum()
    loss.backward()
    optimizer.step()
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_an_array_that_was_exchanged_is_found():
    w = parameter([1.0], [1.0])
    optimizer = Adam([w], lr=0.5)
    optimizer.step()
    old, w.data = w.data, np.array([7.0])
    optimizer.step()
    assert old[0] == pytest.approx(0.5) and w.data[0] == pytest.approx(6.5)
    assert optimizer.state[w]["step"] == 2


def test_what_is_remembered_can_be_read_replaced_and_forgotten():
    w = parameter([0.0], [1.0])
    optimizer = SGD([w], lr=1.0, momentum=0.5)
    optimizer.step()
    assert optimizer.state[w]["momentum_buffer"].tolist() == [1.0]
    optimizer.state[w]["momentum_buffer"] = np.array([10.0])
    optimizer.step()
    assert w.tolist() == [-7.0]
    optimizer.state[w]["momentum_buffer"][:] = 2.0
    optimizer.step()
    assert w.tolist() == [-9.0]
    optimizer.state.clear()
    optimizer.step()
    assert w.tolist() == [-10.0]


def test_momentum_that_is_switched_on_later_starts_from_the_gradient():
    w = parameter([0.0], [1.0])
    optimizer = SGD([w], lr=1.0, dampening=0.9)
    optimizer.step()
    optimizer.param_groups[0]["momentum"] = 0.5
    optimizer.step()
    assert w.tolist() == [-2.0]


def test_a_closure_is_called_first_and_its_loss_returned():
    w = parameter([1.0])
    optimizer = GD([w], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 1.0
    assert w.tolist() == [0.8]
    assert optimizer.step() is None


def test_OPT_45_a_closure_that_raises_changes_nothing():
    w = parameter([1.0], [1.0])
    optimizer = Adam([w], lr=0.1)

    def closure():
        raise KeyError("no batch")

    with pytest.raises(KeyError):
        optimizer.step(closure)
    assert w.tolist() == [1.0] and not optimizer.state


def test_a_gradient_of_another_shape_is_refused_before_anything_moves():
    class Loose:
        requires_grad = True

        def __init__(self, data, grad):
            self.data, self.grad = np.array(data), Tensor(grad)

        def touch(self):
            pass

    good, bad = Loose([1.0, 2.0], [1.0, 1.0]), Loose([1.0, 2.0], [1.0])
    optimizer = Adam([{"params": [good]}, {"params": [bad]}])
    with pytest.raises(ValueError, match=r"shape \(1,\), its parameter \(2,\)"):
        optimizer.step()
    assert good.data.tolist() == [1.0, 2.0] and not optimizer.state


def test_a_read_only_array_is_refused_before_anything_moves():
    good, bad = parameter([1.0], [1.0]), parameter([1.0], [1.0])
    bad.data.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        SGD([{"params": good}, {"params": bad}], lr=0.1).step()
    assert good.tolist() == [1.0]


def test_OPT_43_zero_grad():
    w = parameter([1.0, 2.0], [3.0, 4.0])
    optimizer = GD([w], lr=0.1)
    held = w.grad.data
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.data is held and held.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert w.grad is None
    (w * w).sum().backward()
    assert w.grad.tolist() == [2.0, 4.0]


# --- Groups ---


def test_groups_have_hyperparameters_of_their_own():
    a, b = parameter([1.0], [1.0]), parameter([1.0], [1.0])
    optimizer = SGD([{"params": [a]}, {"params": b, "lr": 0.5}], lr=0.1)
    optimizer.step()
    assert a.tolist() == [0.9] and b.tolist() == [0.5]
    optimizer.param_groups[0]["lr"] = 0.2
    optimizer.step()
    assert a.data == pytest.approx([0.7]) and b.tolist() == [0.0]


def test_what_is_changed_in_a_group_counts_from_the_next_step():
    w = parameter([1.0], [1.0])
    optimizer = Adam([w], lr=0.1)
    optimizer.step()
    optimizer.param_groups[0].update(lr=0.2, betas=(0.5, 0.9), amsgrad=True, maximize=True)
    optimizer.step()
    assert set(optimizer.state[w]) == {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"}
    assert w.data[0] > 0.9


def test_add_param_group():
    a, b = parameter([1.0], [1.0]), parameter([1.0], [1.0])
    group = {"params": [b], "lr": 1.0, "name": "head"}
    optimizer = SGD([a], lr=0.1, momentum=0.9)
    optimizer.add_param_group(group)
    assert optimizer.param_groups[1]["momentum"] == 0.9
    assert optimizer.param_groups[1]["name"] == "head"
    assert set(group) == {"params", "lr", "name"}
    optimizer.step()
    assert b.tolist() == [0.0]


def test_parameters_may_come_with_names():
    a, b = parameter([1.0]), parameter([2.0])
    optimizer = Adam(iter([("layer.weight", a), ("layer.bias", b)]))
    assert optimizer.param_groups[0]["param_names"] == ["layer.weight", "layer.bias"]
    assert optimizer.param_groups[0]["params"][1] is b
    assert optimizer.state_dict()["param_groups"][0]["param_names"][0] == "layer.weight"
    with pytest.raises(ValueError, match="some without"):
        Adam([("a", a), b])
    with pytest.raises(ValueError, match="some without"):
        optimizer.add_param_group({"params": [parameter([3.0])]})


def test_ENG_28_parameters_that_look_alike_are_told_apart():
    a, b = parameter([1.0, 1.0], [1.0, 1.0]), parameter([1.0, 1.0], [2.0, 2.0])
    optimizer = Adam([a, b])
    optimizer.step()
    assert len(optimizer.state) == 2


def test_repr_lists_the_hyperparameters():
    text = repr(SGD([{"params": parameter([1.0])}, {"params": parameter([1.0]), "lr": 2}], lr=0.5))
    assert text == (
        "SGD (\n"
        "Parameter Group 0\n"
        "    dampening: 0\n    lr: 0.5\n    lr_in_velocity: False\n    maximize: False\n"
        "    momentum: 0\n    nesterov: False\n    weight_decay: 0\n"
        "Parameter Group 1\n"
        "    dampening: 0\n    lr: 2\n    lr_in_velocity: False\n    maximize: False\n"
        "    momentum: 0\n    nesterov: False\n    weight_decay: 0\n"
        ")"
    )


# --- What is refused ---


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ([], ValueError, "empty"),
        (iter([]), ValueError, "empty"),
        (parameter([1.0]), TypeError, "iterable"),
        (np.ones(2), TypeError, "iterable"),
        (None, TypeError, "iterable"),
        ({parameter([1.0])}, TypeError, "no order"),
        ([1.0], TypeError, "float"),
        ([np.ones(2)], TypeError, "ndarray"),
        ([parameter([1.0]) * 2], ValueError, "non-leaf"),
        ([{"lr": 1.0}], ValueError, "'params'"),
        ([{"params": [parameter([1.0])]}, 3], TypeError, "a group is a dict, got a int"),
    ],
)
def test_OPT_25_parameters_that_are_refused(cls, params, error, message):
    params = list(params) if message == "empty" else params
    with pytest.raises(error, match=message):
        cls(params, lr=0.1)


def test_a_parameter_has_an_array():
    class Scalar:
        data, grad, requires_grad = 1.0, None, True

        def touch(self):
            pass

    with pytest.raises(TypeError, match="parameter 0 has data of type float, wanted an array"):
        SGD([Scalar()], lr=0.1)
    with pytest.raises(TypeError, match="of type Value"):
        SGD([Value(1.0)], lr=0.1)


def test_OPT_26_a_parameter_may_be_there_once():
    w = parameter([1.0])
    with pytest.raises(ValueError, match="in this group already"):
        SGD([w, w], lr=0.1)
    with pytest.raises(ValueError, match="in group 0 already"):
        SGD([{"params": [w]}, {"params": [w]}], lr=0.1)
    optimizer = SGD([w], lr=0.1)
    with pytest.raises(ValueError, match="already"):
        optimizer.add_param_group({"params": [parameter([1.0]), w]})
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize(
    ("cls", "keywords", "argument", "value"),
    [
        *[(cls, {"lr": -1}, "lr", "-1") for cls in ALL],
        *[(cls, {"lr": float("nan")}, "lr", "nan") for cls in ALL],
        *[(cls, {"weight_decay": -0.1}, "weight_decay", "-0.1") for cls in ALL[1:]],
        *[(cls, {"eps": -1e-8}, "eps", "-1e-08") for cls in ALL[2:]],
        *[(cls, {"betas": (1.0, 0.9)}, r"betas\[0\]", "1.0") for cls in ALL[5:]],
        *[(cls, {"betas": (0.9, -0.1)}, r"betas\[1\]", "-0.1") for cls in ALL[5:]],
        (Adam, {"betas": 0.9}, "betas", "0.9"),
        (SGD, {"momentum": -1}, "momentum", "-1"),
        (SGD, {"dampening": float("inf")}, "dampening", "inf"),
        (RMSprop, {"momentum": -1}, "momentum", "-1"),
        (RMSprop, {"alpha": -1}, "alpha", "-1"),
        (RMSprop, {"alpha": 1.5}, "alpha", "1.5"),
        (Adadelta, {"rho": 1.5}, "rho", "1.5"),
        (Adagrad, {"lr_decay": -1}, "lr_decay", "-1"),
        (Adagrad, {"initial_accumulator_value": -1}, "initial_accumulator_value", "-1"),
        (NAdam, {"momentum_decay": -1}, "momentum_decay", "-1"),
    ],
)
def test_OPT_23_hyperparameters_out_of_range(cls, keywords, argument, value):
    with pytest.raises(ValueError, match=f"{cls.__name__}: {argument} is {value}, wanted"):
        cls([parameter([1.0])], **{"lr": 0.1, **keywords})
    with pytest.raises(ValueError, match=argument):
        cls([{"params": [parameter([1.0])], **keywords}], lr=0.1)


@pytest.mark.parametrize("value", ["0.1", None, True, 1j])
def test_hyperparameters_that_are_no_numbers(value):
    with pytest.raises(TypeError, match=r"Adam: lr is .* wanted a finite number"):
        Adam([parameter([1.0])], lr=value)


@pytest.mark.parametrize("keywords", [{}, {"momentum": 0.9, "dampening": 0.1}])
def test_OPT_24_nesterov_needs_momentum_without_dampening(keywords):
    with pytest.raises(ValueError, match="nesterov needs momentum above 0 and dampening 0"):
        SGD([parameter([1.0])], lr=0.1, nesterov=True, **keywords)


def test_OPT_37_adadelta_without_updates_needs_a_learning_rate():
    with pytest.raises(ValueError, match="lr must be given"):
        Adadelta([parameter([1.0])], accumulate_updates=False)
    Adadelta([parameter([1.0])], accumulate_updates=False, lr=1.0)
    Adadelta([{"params": [parameter([1.0])], "lr": 0.1}], accumulate_updates=False)


def test_the_base_class_has_no_rule():
    w = parameter([1.0], [1.0])
    with pytest.raises(NotImplementedError, match="update"):
        optim.Optimizer([w], {"lr": 0.1}).step()


def test_a_users_own_step_works_with_groups_and_state():
    class Own(optim.Optimizer):
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    self.state[p]["seen"] = self.state[p].get("seen", 0) + 1
                    p.data -= group["lr"] * p.grad.data

    w = parameter([1.0], [1.0])
    own = Own([w], {"lr": 0.5})
    own.step()
    own.step()
    assert w.tolist() == [0.0] and own.state[w] == {"seen": 2}
