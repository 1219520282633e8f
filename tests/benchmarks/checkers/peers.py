"""The checkers, each behind the same function: check(task, vjp, inputs) → its complaint, or None.

A function with a gradient is made a custom op in the way that the library's users do it, and
checked with the library's defaults; only what does not apply to such an op is left out (forward
mode and second derivatives, for which there is no rule).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .task import Arrays, Task, Vjp, shares

Check = Callable[[Task, Vjp, Arrays], str | None]


def complaint(check: Callable[[], Any], told: Callable[[Any], str] = str) -> str | None:
    """What the error that a check raises tells, if it does."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            check()
    except (AssertionError, RuntimeError, ValueError) as error:
        return told(error)
    return None


def minigrad(**options: Any) -> Check:
    import minigrad as mg

    def check(task: Task, vjp: Vjp, inputs: Arrays) -> str | None:
        class Op(mg.Function):
            @staticmethod
            def forward(ctx: Any, *xs: Any) -> Any:
                arrays = [x.data for x in xs]
                y = task.forward(np, *arrays)
                ctx.save_for_backward(y, *arrays)
                return mg.Tensor(y)

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                return shares(vjp, np, g.data, *ctx.saved_tensors)

        Op.__name__ = task.name
        return complaint(partial(mg.gradcheck, Op.apply, inputs, **options), advice)

    return check


def advice(error: Any) -> str:
    """The line in minigrad's report that says what is wrong, not only that something is."""
    lines = [failure.diagnosis for failure in error.report.failures if failure.diagnosis]
    return lines[0] if lines else str(error)


def torch(**options: Any) -> Check:
    import torch

    torch.manual_seed(0)

    def check(task: Task, vjp: Vjp, inputs: Arrays) -> str | None:
        class Op(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, *xs: Any) -> Any:
                y = torch.as_tensor(task.forward(np, *[x.detach().numpy() for x in xs]))
                ctx.save_for_backward(y, *xs)
                return y

            @staticmethod
            @torch.autograd.function.once_differentiable
            def backward(ctx: Any, g: Any) -> Any:
                arrays = [x.detach().numpy() for x in ctx.saved_tensors]
                found = shares(vjp, np, g.numpy(), *arrays)
                return tuple(torch.as_tensor(np.ascontiguousarray(share)) for share in found)

        leaves = tuple(torch.tensor(x, requires_grad=True) for x in inputs)
        return complaint(partial(torch.autograd.gradcheck, Op.apply, leaves, **options))

    return check


def autograd() -> Check:
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    np.random.seed(0)  # that of its random directions

    def check(task: Task, vjp: Vjp, inputs: Arrays) -> str | None:
        @primitive
        def op(*xs: Any) -> Any:
            return task.forward(np, *xs)

        def share(k: int) -> Callable[..., Any]:
            return lambda y, *xs: lambda g: shares(vjp, np, g, y, *xs)[k]

        defvjp(op, *map(share, range(len(inputs))))
        argnums = list(range(len(inputs)))
        return complaint(lambda: check_grads(op, argnums, modes=["rev"], order=1)(*inputs))

    return check


def jax() -> Check:
    import jax
    import jax.numpy as jnp
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)

    def check(task: Task, vjp: Vjp, inputs: Arrays) -> str | None:
        @jax.custom_vjp
        def op(*xs: Any) -> Any:
            return task.forward(jnp, *xs)

        def forward(*xs: Any) -> Any:
            y = op(*xs)
            return y, (y, *xs)

        op.defvjp(forward, lambda saved, g: shares(vjp, jnp, g, *saved))
        return complaint(lambda: check_grads(op, inputs, order=1, modes=["rev"]))

    return check


CHECKERS: dict[str, Callable[[], Check]] = {
    "minigrad": minigrad,
    "minigrad, fast_mode": partial(minigrad, fast_mode=True),
    "PyTorch": torch,
    "PyTorch, fast_mode": partial(torch, fast_mode=True),
    "HIPS autograd": autograd,
    "JAX": jax,
}
