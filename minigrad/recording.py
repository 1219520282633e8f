"""Whether ops are recorded, and on behalf of which module: one answer for each thread."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

GENERATOR = 0x20  # the flag of a generator function in its code object


class Recording(threading.local):
    """Whether ops are recorded in this thread, and on behalf of which module.

    path is the path of the running module ("block1.conv"; "" outside of any) or, while recording
    is off, None: one look tells both.
    """

    path: str | None = ""


recording = Recording()


class ModulePath(str):
    """The path of a module that runs, such as "block1.conv", with what pictures say of it.

    Plain data, so that a graph keeps no module alive: kind is the module's repr in one line,
    parameters the names of those that are its own, outer the path of the module around it.
    """

    __slots__ = ("kind", "outer", "parameters")
    kind: str
    outer: str
    parameters: frozenset[str]


class Mode:
    """Sets recording.path for a `with` block or a decorated function, and restores it after."""

    def __init__(self) -> None:
        self.before: list[str | None] = []  # a stack: one object may be entered again inside

    def path(self, current: str | None) -> str | None:
        """The path while the block runs; current is the one outside."""
        raise TypeError("use no_grad() or enable_grad()")

    def __enter__(self) -> None:
        self.before.append(recording.path)
        recording.path = self.path(recording.path)

    def __exit__(self, *exception: object) -> None:
        recording.path = self.before.pop()

    def __call__(self, function: F) -> F:
        mode = type(self)  # a fresh one for every call: calls may overlap in threads

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            with mode():
                return function(*args, **kwargs)

        @functools.wraps(function)
        def iterated(*args: Any, **kwargs: Any) -> Any:
            steps = function(*args, **kwargs)
            sent = None
            while True:
                with mode():  # only while the generator itself runs, not while it waits
                    try:
                        value = steps.send(sent)
                    except StopIteration as stop:
                        return stop.value
                sent = yield value

        code = getattr(function, "__code__", None)
        return cast(F, iterated if code and code.co_flags & GENERATOR else called)


class no_grad(Mode):
    """Switch recording off: in a `with` block, or in a function decorated by `@no_grad()`.

    Holds for the current thread only; the mode before is restored, also after an exception.

    >>> import minigrad as mg
    >>> x = mg.Tensor(3.0, requires_grad=True)
    >>> with mg.no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """

    def path(self, current: str | None) -> str | None:
        return None


class enable_grad(Mode):
    """Switch recording on again inside of `no_grad`: a `with` block, or a decorator."""

    def path(self, current: str | None) -> str | None:
        return current or ""


class inside(Mode):
    """Record ops as belonging to the module at `module_path`; recording that is off stays off."""

    def __init__(self, module_path: str) -> None:
        super().__init__()
        self.module_path = module_path

    def path(self, current: str | None) -> str | None:
        return None if current is None else self.module_path


def is_grad_enabled() -> bool:
    """Whether ops on tensors are recorded in this thread."""
    return recording.path is not None
