"""Layers whose outputs and gradients are recorded from PyTorch.

A case is an expression that both libraries understand, and what goes in. `record_modules.py`
evaluates it in PyTorch, `test_recorded_modules.py` in minigrad. Losses stand in loss_cases.py,
functions in function_cases.py.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers in −1.5 … 1.5, all different: the same on every machine."""
    n = np.arange(1, math.prod(shape) + 1)
    return (1.5 * np.sin(n * (0.7 + 0.31 * seed) + seed)).reshape(shape)


def shares(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers between 0 and 1, without these."""
    return 0.5 + numbers(*shape, seed=seed) / 3.2


@dataclass(frozen=True)
class Case:
    """An expression after `nn.` (then inputs are what the module is called with) or after `F.`.

    Float inputs get a gradient, unless their name is in capitals.
    """

    expression: str
    inputs: dict[str, np.ndarray]
    options: dict[str, Any] = field(default_factory=dict)  # of the call
    calls: int = 1  # how often the module is called before what is recorded
    training: bool = True

    @property
    def name(self) -> str:
        """The module or function that it is about."""
        return self.expression.partition("(")[0].partition(".")[2].partition(".")[0]

    @property
    def key(self) -> str:
        """Changes with the case, so that a recording of another one is never taken for it."""
        shapes = " ".join(f"{name}{list(x.shape)}" for name, x in self.inputs.items())
        content = zlib.crc32(b"".join(x.round(9).tobytes() for x in self.inputs.values()))
        mode = "" if self.training else " eval"
        options = f" {self.options}" if self.options else ""
        return f"{self.expression}{options}{mode} x{self.calls} of {shapes} {content:08x}"

    def differentiable(self) -> list[str]:
        """Which inputs get a gradient."""
        return [k for k, x in self.inputs.items() if x.dtype.kind == "f" and not k.isupper()]

    def results(
        self, nn: Any, tensor: Callable[[np.ndarray], Any], dtype: type = np.float64
    ) -> dict[str, np.ndarray]:
        """Outputs, gradients, and what the call has changed, by name; in either library."""

        def made(values: Any) -> Any:
            x = np.array(values)
            return tensor(x.astype(dtype) if x.dtype.kind == "f" else x)

        inputs = {name: made(x) for name, x in self.inputs.items()}
        names = {"nn": nn, "F": nn.functional, "tensor": made, "float64": tensor(np.ones(1)).dtype}
        called = self.function if self.expression.startswith("F.") else self.module
        call, state = called(names, inputs, made)
        for name in self.differentiable():
            inputs[name].requires_grad_()
        before = {name: plain(x).copy() for name, x in state.items()}
        y = call()
        outputs = {f"output {i}": x for i, x in enumerate(y if isinstance(y, tuple) else (y,))}
        if outputs["output 0"].requires_grad:
            y = outputs["output 0"]
            y.backward(made(numbers(*y.shape, seed=9)))
        grads = {name: x.grad for name, x in (inputs | state).items() if x.grad is not None}
        after = {
            f"{name} afterwards": x
            for name, x in state.items()
            if not np.allclose(plain(x), before[name])
        }
        return {name: plain(x) for name, x in (outputs | grads | after).items()}

    def function(self, names: Any, inputs: Any, made: Any) -> tuple[Callable[[], Any], Any]:
        """The call of a function, and what it may change."""
        state = {name: x for name, x in inputs.items() if name.isupper()}
        return lambda: eval(self.expression, names | inputs), state

    def module(self, names: Any, inputs: Any, made: Any) -> tuple[Callable[[], Any], Any]:
        """The call of a module with numbers in its parameters that a test can repeat."""
        module = eval(self.expression, names)
        module = module.double() if made(0.5).dtype == names["float64"] else module
        shapes = {name: tuple(p.shape) for name, p in module.named_parameters()}
        values = [made(numbers(*shape, seed=20 + i)) for i, shape in enumerate(shapes.values())]
        module.load_state_dict(dict(zip(shapes, values)), strict=False)
        for _ in range(self.calls - 1):
            module(*inputs.values())
        module.train(self.training)
        state = dict(module.named_parameters()) | dict(module.named_buffers())
        return lambda: module(*inputs.values(), **self.options), state


def plain(x: Any) -> np.ndarray:
    """A tensor of either library as an array."""
    x = x.to_dense() if getattr(x, "is_sparse", False) else x
    return x.detach().numpy()


MODULES: list[Case] = []


def case(
    module: str, *inputs: np.ndarray, calls: int = 1, training: bool = True, **options: Any
) -> None:
    """Add a case of a module; options are keywords of its call."""
    named = {f"input {i}": x for i, x in enumerate(inputs)}
    MODULES.append(Case(f"nn.{module}", named, options, calls, training))


# --- Neurons, and what only arranges --------------------------------------------------------

for shape in ((5, 3), (2, 4, 3), (3,), (0, 3)):
    case("Linear(3, 4)", numbers(*shape))
    case("Linear(3, 2, bias=False)", numbers(*shape))
for lead in ((4,), (), (2, 3), (1,)):
    case("Bilinear(3, 2, 4)", numbers(*lead, 3), numbers(*lead, 2, seed=1))
    case("Bilinear(2, 5, 1, bias=False)", numbers(*lead, 2), numbers(*lead, 5, seed=1))

for options in (
    "", "padding_idx=0", "padding_idx=-2", "max_norm=1.0", "max_norm=0.7, norm_type=1.0",
    "None, 1.2, 3.0", "scale_grad_by_freq=True", "1, None, 2.0, True", "0, None, 2.0, False, True",
):  # fmt: skip
    case(f"Embedding(5, 3, {options})", np.array([[0, 3, 3], [1, 3, 0]]))
case("Embedding(4, 2)", np.array(3))
case("Embedding(4, 1)", np.array([2, 2, 2, 0]))
for freeze in (True, False):
    case(f"Embedding.from_pretrained(tensor([[1.0, 2.0], [3.0, 4.0]]), {freeze}, padding_idx=1)",
         np.array([1, 0, 0]))  # fmt: skip

for dims in ("", "0", "0, -2", "1, 2", "-3, -2", "2, 3", "0, 1", "3", "start_dim=0, end_dim=0"):
    case(f"Flatten({dims})", numbers(2, 3, 2, 2))
for sizes in (
    "1, (3, 2)", "1, [2, -1]", "1, (1, 6)", "1, (2, 3, 1)", "0, (1, 2)", "-1, (-1, 2)", "-2, (-1,)",
    "dim=2, unflattened_size=(2, 2)",
):  # fmt: skip
    case(f"Unflatten({sizes})", numbers(2, 6, 4))
for arguments, shape in (
    ("", (2, 3)), ("", ()), ("", (4,)), ("", (0, 2)), ("54", (2, 3)), ("54, unused=1", (2, 3)),
    ("None", (2, 1, 2)), ("unused=[1, 2]", (1,)),
):  # fmt: skip
    case(f"Identity({arguments})", numbers(*shape))
for hidden in ("Tanh()", "ReLU()", "GELU()", "Softmax(-1)"):
    for shape in ((5, 3), (3,)):
        case(f"Sequential(nn.Linear(3, 4), nn.{hidden}, nn.Linear(4, 2))", numbers(*shape))

# --- Convolution ----------------------------------------------------------------------------

case("Conv1d(2, 3, 3)", numbers(2, 2, 7))
case("Conv1d(2, 3, 3)", numbers(2, 7))
case("Conv1d(4, 6, 3, 2, 2, 2, 2)", numbers(2, 4, 9))
case("Conv1d(4, 4, 2, groups=4, bias=False)", numbers(2, 4, 6))
case("Conv1d(2, 3, 4, padding='same', bias=False)", numbers(2, 2, 7))
case("Conv1d(2, 3, 2, padding='valid', dilation=3)", numbers(2, 2, 7))
for mode in ("reflect", "replicate", "circular"):
    case(f"Conv1d(2, 3, 3, padding=2, padding_mode='{mode}')", numbers(2, 2, 7))
case("Conv2d(2, 3, 3)", numbers(2, 2, 5, 6))
case("Conv2d(2, 3, 3)", numbers(2, 5, 6))
case("Conv2d(4, 6, (3, 2), (2, 1), (1, 2), (1, 2), 2)", numbers(2, 4, 6, 5))
case("Conv2d(2, 3, (2, 3), padding='same', bias=False)", numbers(2, 2, 4, 5))
case("Conv2d(2, 3, 3, padding='valid', dilation=2)", numbers(1, 2, 6, 5))
case("Conv2d(3, 2, 1)", numbers(2, 3, 2, 3))
for mode in ("reflect", "replicate", "circular"):
    case(f"Conv2d(2, 3, 3, padding=(1, 2), padding_mode='{mode}')", numbers(2, 2, 4, 5))
case("Conv2d(2, 3, (2, 4), padding='same', padding_mode='reflect')", numbers(2, 2, 4, 5))
case("ConvTranspose2d(2, 3, 3)", numbers(2, 2, 4, 3))
case("ConvTranspose2d(2, 3, 3)", numbers(2, 4, 3))
case("ConvTranspose2d(4, 6, (3, 2), 3, (1, 2), (2, 1), 2, True, (1, 2))", numbers(2, 4, 4, 3))
case("ConvTranspose2d(2, 3, 2, stride=2, bias=False)", numbers(2, 2, 3, 3))
case("ConvTranspose2d(2, 2, 2, groups=2, dilation=2, padding_mode='zeros')", numbers(1, 2, 3, 3))
case("ConvTranspose2d(1, 1, 3, padding=2)", numbers(1, 1, 5, 4))
for size in ((8, 5), [2, 1, 7, 6]):
    case("ConvTranspose2d(2, 1, 3, 2, 1)", numbers(2, 2, 4, 3), output_size=size)

# --- Pooling --------------------------------------------------------------------------------

for window in (
    "2", "3, 2", "3, 1, 1", "2, stride=3, padding=1", "3, 2, 1, 2, ceil_mode=True", "2, 1, 0, 3",
    "2, None, 0, 1, False, True", "kernel_size=3, dilation=2", "2, return_indices=True",
):  # fmt: skip
    case(f"MaxPool1d({window})", numbers(2, 3, 8))
for window in (
    "2", "3, 2, 1", "(3, 2), (2, 1), (1, 0), (1, 2), ceil_mode=True", "2, 1", "(1, 3)",
    "2, 3, 1, ceil_mode=True", "3, padding=1, dilation=2", "2, 2, 0, 1, True", "(2, 1), (1, 2)",
):  # fmt: skip
    case(f"MaxPool2d({window})", numbers(2, 2, 6, 5))
case("MaxPool1d(2)", numbers(3, 7))
case("MaxPool2d(2, return_indices=True)", numbers(3, 4, 5))
for window in (
    "2", "3, 2, 1", "3, 2, 1, True, False", "2, 1", "(2,), (3,)", "2, padding=1, ceil_mode=True",
    "3, padding=1, count_include_pad=False", "1, 2",
):  # fmt: skip
    case(f"AvgPool1d({window})", numbers(2, 3, 8))
for window in (
    "2", "(3, 2), (2, 1), (1, 0), True, False", "3, 2, 1, divisor_override=5", "2, 1", "(1, 3)",
    "3, 2, 1", "3, 2, 1, ceil_mode=True", "2, stride=3, divisor_override=-2",
):  # fmt: skip
    case(f"AvgPool2d({window})", numbers(2, 2, 6, 5))
case("AvgPool1d(2)", numbers(3, 7))
case("AvgPool2d(2)", numbers(3, 4, 5))
for size in ("1", "3", "(None, None)", "(2, 3)", "(None, 2)", "(3, None)", "(7, 6)", "(8, 1)"):
    case(f"AdaptiveAvgPool2d({size})", numbers(2, 2, 7, 5))
case("AdaptiveAvgPool2d((2, 2))", numbers(2, 4, 3))

# --- Normalisation and dropout --------------------------------------------------------------

for options in ("", ", 0.1, 0.3", ", momentum=None", ", affine=False", ", 1e-5, 0.1, True, False",
                ", bias=False"):  # fmt: skip
    for calls, training in ((1, True), (3, True), (2, False)):
        case(f"BatchNorm1d(3{options})", numbers(5, 3), calls=calls, training=training)
        case(f"BatchNorm2d(3{options})", numbers(2, 3, 2, 3), calls=calls, training=training)
case("BatchNorm1d(3)", numbers(4, 3, 2), calls=2)
for options in ("4", "(3, 4), 0.1", "[4], elementwise_affine=False", "4, bias=False", "(2, 3, 4)",
                "(3, 4), 1e-5, False", "4, 0.01, True, False", "[3, 4], eps=0.5"):  # fmt: skip
    case(f"LayerNorm({options})", numbers(2, 3, 4))
case("LayerNorm(4)", numbers(4))
for groups, options in ((1, ""), (2, ""), (4, ""), (2, ", 0.1"), (2, ", affine=False"),
                        (4, ", 1e-3, False"), (1, ", bias=False")):  # fmt: skip
    for shape in ((3, 4), (2, 4, 3), (2, 4, 2, 3)):
        if shape != (3, 4) or groups < 4:  # one value alone has no spread
            case(f"GroupNorm({groups}, 4{options})", numbers(*shape))
for p, shape, training in (
    (0.5, (3, 4), False), (0.1, (5,), False), (1.0, (2, 3, 2), False), (0.0, (3, 4), True),
    (0.0, (2, 2, 3, 3), True), (1.0, (3, 4), True), (1.0, (), True), (0.9, (0, 2), False),
):  # fmt: skip
    case(f"Dropout({p})", numbers(*shape), training=training)
for p, shape, training in (
    (0.5, (2, 3, 2, 2), False), (0.1, (1, 2, 3, 1), False), (1.0, (2, 1, 2, 2), False),
    (0.0, (2, 3, 2, 2), True), (0.0, (1, 1, 4, 1), True), (1.0, (2, 3, 2, 2), True),
    (1.0, (1, 2, 1, 3), True), (0.9, (0, 2, 2, 2), False),
):  # fmt: skip
    case(f"Dropout2d({p})", numbers(*shape), training=training)

# --- Activations ----------------------------------------------------------------------------

POINTS = [numbers(*shape) for shape in ((), (5,), (3, 4), (2, 3, 2), (0, 3), (1, 2, 1, 2))]
POINTS += [6 * numbers(3, 4, seed=1), 40 * numbers(7, seed=2)]
for name in (
    "ReLU()", "ReLU6()", "LeakyReLU()", "ELU()", "GELU()", "SiLU()", "Mish()", "Hardswish()",
    "Softplus()", "Sigmoid()", "LogSigmoid()", "Tanh()", "Softsign()", "Hardtanh()", "PReLU()",
):  # fmt: skip
    for x in POINTS:
        case(name, x)
for name in (
    "LeakyReLU(0.3)", "ELU(0.5)", "GELU('tanh')", "GELU(approximate='tanh')", "Softplus(3, 2)",
    "Softplus(beta=0.5)", "Hardtanh(-0.5, 0.25)", "PReLU(init=0.1)",
):  # fmt: skip
    case(name, numbers(3, 4))
    case(name, 6 * numbers(2, 3, 2, seed=1))
for shape in ((2, 3), (2, 3, 2), (2, 3, 2, 2)):
    case("PReLU(3)", numbers(*shape))
for name in ("Softmax", "LogSoftmax"):
    for dim, shape in ((0, (3, 4)), (1, (3, 4)), (-1, (3, 4)), (0, (5,)), (1, (2, 3, 2)),
                       (-2, (2, 3, 2)), (2, (2, 3, 2)), (1, (2, 3, 1, 2))):  # fmt: skip
        case(f"{name}({dim})", 6 * numbers(*shape))
