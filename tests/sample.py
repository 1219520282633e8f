"""A sample, a function with what it is called with, and what must hold for every one.

The tables of samples stand in ops/samples_*.py, those of nn.functional in nn/function_cases.py.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.check import gradcheck, gradgradcheck

Arrays = tuple[np.ndarray, ...]


@dataclass
class Sample:
    """f(*inputs, **params), where f is an op or a small function of tensors."""

    name: str
    f: Callable[..., Any]
    inputs: Arrays
    params: dict[str, Any] = field(default_factory=dict)
    constant: tuple[int, ...] = ()  # inputs that get no gradient

    def __call__(self, *inputs: Any) -> Any:
        return self.f(*inputs, **self.params)

    @property
    def id(self) -> str:
        shapes = "-".join("x".join(map(str, x.shape)) or "0d" for x in self.inputs)
        params = ",".join(f"{k}={v}" for k, v in self.params.items())
        return f"{self.name}[{shapes}{';' if params else ''}{params}]"[:120]

    @property
    def key(self) -> str:
        """Changes with the sample, so that a recording of another one is never taken for it."""
        content = b"".join(x.tobytes() for x in self.inputs)
        return f"{self.id} {zlib.crc32(content + repr(self.params).encode()):08x}"

    @property
    def free(self) -> list[int]:
        """The places of the inputs that get a gradient."""
        return [i for i in range(len(self.inputs)) if i not in self.constant]

    def function(self) -> tuple[Callable[..., Any], Arrays]:
        """The sample as a function of the inputs that get a gradient, and these inputs."""

        def f(*xs: Any) -> Any:
            arguments = list(self.inputs)
            for i, x in zip(self.free, xs):
                arguments[i] = x
            return self(*arguments)

        return f, tuple(self.inputs[i].astype(float) for i in self.free)

    @property
    def keeps_dtype(self) -> bool:
        """Whether it does not ask for another dtype than that of its inputs."""
        return "dtype" not in self.params

    def tensors(self, arrays: Arrays | None = None) -> list[mg.Tensor]:
        """The inputs, or other arrays in their place, as tensors."""
        arrays = self.inputs if arrays is None else arrays
        return [mg.Tensor(x, i not in self.constant) for i, x in enumerate(arrays)]


def each(samples: list[Sample], of: int = 1) -> pytest.MarkDecorator:
    """A test for every sample; of so many one is run by default, the others with -m long."""
    params = [
        pytest.param(sample, id=sample.id, marks=() if i % of == 0 else pytest.mark.long)
        for i, sample in enumerate(samples)
    ]
    return pytest.mark.parametrize("sample", params)


def cotangent(y: mg.Tensor) -> np.ndarray:
    return np.random.default_rng(7).normal(size=y.shape).astype(y.dtype)


def assert_first_derivative(sample: Sample) -> None:
    """Equal to finite differences."""
    f, inputs = sample.function()
    assert gradcheck(f, inputs, check_kinks=False, rng=1)


def assert_second_derivative(sample: Sample) -> None:
    """Equal to finite differences of the first; of small samples."""
    f, inputs = sample.function()
    if max((x.size for x in inputs), default=0) <= 12:
        assert gradgradcheck(f, inputs, check_kinks=False, rng=1)


def assert_memory(sample: Sample) -> None:
    """Gradients own theirs; nothing else is written to, and the upstream may be read-only."""
    xs = sample.tensors()
    before = [x.data.copy() for x in xs]
    y = sample(*xs)
    value, u = y.data.copy(), cotangent(y)
    u.flags.writeable = False
    y.backward(u)
    grads = [x.grad.data for x in xs if x.requires_grad and x.grad is not None]
    for i, g in enumerate(grads):
        assert g.flags.writeable
        for other in [u, y.data, *(x.data for x in xs), *grads[:i]]:
            assert not np.shares_memory(g, other)
        g[...] = np.nan
    for x, old in zip(xs, before):
        np.testing.assert_array_equal(x.data, old)
    np.testing.assert_array_equal(y.data, value)


def assert_float32(sample: Sample) -> None:
    """float32 in is float32 out and back."""
    arrays = tuple(x.astype(np.float32) if x.dtype == float else x for x in sample.inputs)
    xs = sample.tensors(arrays)
    y = sample(*xs)
    assert y.dtype == np.float32
    y.backward(cotangent(y))
    for x in xs:
        if x.requires_grad and x.grad is not None:
            assert x.grad.dtype == np.float32 and x.grad.shape == x.shape
    double = sample(*sample.tensors())
    np.testing.assert_allclose(y.data, double.data, rtol=2e-4, atol=2e-5)


def in_fortrans_order(x: np.ndarray) -> np.ndarray:
    return np.array(x, order="F")


def every_second(x: np.ndarray) -> np.ndarray:
    return np.repeat(x[..., None], 2, axis=-1)[..., 0] if x.ndim else x


def backwards(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x[::-1])[::-1] if x.ndim else x


def turned(x: np.ndarray) -> np.ndarray:
    """The last two axes change places in memory."""
    return np.ascontiguousarray(x.swapaxes(-1, -2)).swapaxes(-1, -2) if x.ndim > 1 else x


LAYOUTS = (in_fortrans_order, every_second, backwards, turned)


def assert_layouts(sample: Sample) -> None:
    """The same numbers in another order in memory give the same."""
    wanted = run(sample, sample.inputs)
    for layout in LAYOUTS:
        arrays = tuple(layout(x) for x in sample.inputs)
        for got, want in zip(run(sample, arrays), wanted):
            np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-13)


def assert_stride_0(sample: Sample) -> None:
    """Inputs that are one row seen many times: as for a copy of them."""
    arrays = tuple(np.broadcast_to(x[:1], x.shape) if x.ndim else x for x in sample.inputs)
    for got, want in zip(run(sample, arrays), run(sample, tuple(map(np.array, arrays)))):
        np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-13)


def run(sample: Sample, arrays: Arrays) -> list[np.ndarray]:
    """Value and gradients for tensors that share these arrays, strides and all."""
    xs = [mg.from_numpy(x) for x in arrays]
    for i in sample.free:
        xs[i].requires_grad = True
    y = sample(*xs)
    y.backward(np.array(cotangent(y), order="F"))
    return [y.data, *(xs[i].grad.data for i in sample.free if xs[i].grad is not None)]
