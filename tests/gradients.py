"""What the tests of single cases share: a function's value and gradients, and how to compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg


def value_and_grads(f: Callable[..., Any], *inputs: Any, g: Any = None) -> tuple[Any, ...]:
    """(y, ∂/∂x for every input x): arrays, for the upstream gradient g (ones where it is None).

    Inputs become float64 tensors that require a gradient; an array of another float dtype keeps
    it. An input that f does not use has the gradient None.
    """
    arrays = [x if isinstance(x, np.ndarray) else np.array(x, float) for x in inputs]
    tensors = [mg.Tensor(x, requires_grad=True) for x in arrays]
    y = f(*tensors)
    upstream = np.ones(y.shape) if g is None else np.broadcast_to(np.asarray(g, float), y.shape)
    y.backward(upstream)
    return y.data, *(x.grad if x.grad is None else x.grad.data for x in tensors)


def assert_close(got: Any, wanted: Any, rtol: float = 1e-12) -> None:
    """Equal in shape and, to rtol of each entry, in value; inf, nan and a wanted −0 as they are."""
    got, wanted = np.asarray(got), np.asarray(wanted, float)
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=rtol, atol=0)
    minus = np.signbit(wanted) & (wanted == 0)
    assert np.all(np.signbit(got[minus])), f"wanted −0 in {wanted}, got {got}"
